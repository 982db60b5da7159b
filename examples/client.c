/* SPDX-License-Identifier: MIT */
/* Prints the sizes of a maildrop's messages, or one of them: POP_PASSWORD=... client USER HOST [NUMBER [PORT]] */
#include <inttypes.h>
#include <satchel/pop3_client.h>
#include <stdio.h>
#include <stdlib.h>

static int print_size(void *context, uint32_t number, uint64_t octets) {
    (void)context;
    return printf("%" PRIu32 " %" PRIu64 "\n", number, octets) < 0;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        return 64;
    }
    pop3_client_options options = {
        .size = sizeof options, .user = argv[1], .host = argv[2], .password = getenv("POP_PASSWORD")};
    pop3_client_error error;
    if (argc > 4) { /* no TLS: for trials with a server on this machine */
        options.port = (uint16_t)strtoul(argv[4], NULL, 10);
        options.tls = POP3_TLS_OFF;
    }
    uint32_t number = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
    pop3_client *client = pop3_client_new(&options, &error);
    if (client != NULL) {
        if (pop3_client_open(client) == POP3_CLIENT_OK &&
            (number != 0 ? pop3_client_retr_fd(client, number, 1) : pop3_client_list(client, 0, print_size, NULL)) ==
                POP3_CLIENT_OK) {
            (void)pop3_client_quit(client);
        }
        error = *pop3_client_last_error(client);
        pop3_client_free(client);
    }
    if (error.class_ != POP3_CLIENT_OK) {
        fprintf(stderr, "%s. %s\n%s\n", error.what, error.server, error.hint);
    }
    return error.class_ != POP3_CLIENT_OK;
}
