/* SPDX-License-Identifier: MIT */
/* `satchel show` and `satchel top`: one message, or its beginning, on the standard output. Refuses to change anything. */
#define _POSIX_C_SOURCE 200809L

#include "cli/cli.h"
#include "cli/look.h"
#include "cli/terminal.h"

#include <stdio.h>
#include <unistd.h>

static int write_raw(void *context, const void *octets, size_t n) {
    (void)context;
    return fwrite(octets, 1, n, stdout) != n;
}

/* R-OUT-01: on a terminal a message must not command it. */
static int write_page(void *context, const void *octets, size_t n) {
    return !terminal_write(context, octets, n);
}

/*
 * Never QUIT: some servers remove, or hide, what was read in a session that ends with it, and nothing is stored here
 * (R-1939-25, Q-11).
 */
static int show(struct look *look) {
    const struct look_options *options = &look->options;
    struct terminal_page page = {.count = 0};
    bool terminal = isatty(STDOUT_FILENO) != 0;
    pop3_client_sink_fn *sink = terminal ? write_page : write_raw;
    pop3_client_class result;
    int code = look_log_in(look);

    if (code != EX_OK) {
        return code;
    }
    result = options->command == LOOK_TOP ? pop3_client_top(look->client, options->message, options->lines, sink, &page)
                                          : pop3_client_retr(look->client, options->message, sink, &page);
    (void)terminal_end(&page);
    if (result == POP3_CLIENT_SINK) {
        return look_flush(look);
    }
    code = look_flush(look);
    return code == EX_OK ? look_judge(look, result) : code;
}

int cli_show(int argc, char **argv) {
    return look_run(LOOK_SHOW, argc, argv, show);
}

int cli_top(int argc, char **argv) {
    return look_run(LOOK_TOP, argc, argv, show);
}
