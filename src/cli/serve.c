/* SPDX-License-Identifier: MIT */
/* `satchel serve`: credentials, facts on stdout, port file, signals. Refuses to speak POP3. */
#define _POSIX_C_SOURCE 200809L

#include "cli/cli.h"
#include "cli/serve_options.h"
#include "cli/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int stop_pipe[2] = {-1, -1};

static void end_server(void) {
    (void)!write(stop_pipe[1], "", 1);
}

static bool catch_signals(void) {
    if (pipe(stop_pipe) != 0 || fcntl(stop_pipe[1], F_SETFL, O_NONBLOCK) != 0) {
        return false;
    }
    stop_on_signals(end_server);
    return true;
}

/* What was told stays; what was not is random, or RFC 1939's with --sample. */
static bool complete_credentials(struct serve_options *options) {
    static char password[SERVE_RANDOM_TEXT];
    static char secret[SERVE_RANDOM_TEXT];
    struct serve_config *config = &options->config;

    if (config->password != NULL || config->apop_secret != NULL) {
        return true;
    }
    if (options->sample) {
        config->password = "mvan99";
        config->apop_secret = "tanstaaf";
        return true;
    }
    config->password = password;
    config->apop_secret = secret;
    return serve_random_text(password) && serve_random_text(secret);
}

static void print_facts(const struct serve_options *options, const struct net_listener *where) {
    const struct serve_config *config = &options->config;
    bool v6 = strchr(where->address, ':') != NULL;

    (void)printf("address     %s%s%s:%u\n", v6 ? "[" : "", where->address, v6 ? "]" : "", (unsigned)where->port);
    (void)printf("user        %s\n", config->user);
    if (config->password != NULL) {
        (void)printf("password    %s\n", config->password);
    }
    if (config->apop_secret != NULL) {
        (void)printf("apop-secret %s\n", config->apop_secret);
    }
    if (config->sasl.token != NULL) {
        (void)printf("token       %s\n", config->sasl.token);
    }
    if (config->tls_mode != SERVE_TLS_OFF) {
        (void)printf("tls         %s\n", config->tls_mode == SERVE_TLS_STLS ? "stls" : "implicit");
    }
    if (options->tls.ca_out != NULL) {
        (void)printf("ca-file     %s\n", options->tls.ca_out);
    }
    (void)fflush(stdout);
}

/* Appears whole or not at all: scripts wait for it. */
static bool write_port_file(const char *path, unsigned port) {
    size_t size = strlen(path) + sizeof ".new";
    char *fresh = malloc(size);
    FILE *file;
    bool good;

    if (fresh == NULL) {
        return false;
    }
    (void)snprintf(fresh, size, "%s.new", path);
    file = fopen(fresh, "w");
    good = file != NULL && fprintf(file, "%u\n", port) > 0;
    good = (file == NULL || fclose(file) == 0) && good && rename(fresh, path) == 0;
    free(fresh);
    return good;
}

static int run(const struct serve_options *options, struct serve_server *server) {
    const struct net_listener *where = serve_where(server);
    int error;

    if (!where->loopback && options->config.tls_mode != SERVE_TLS_IMPLICIT) {
        (void)fprintf(stderr,
                      "satchel serve: warning: %s can be reached from other machines; "
                      "passwords and mail travel in clear text\n",
                      where->address);
    }
    if (!options->quiet) {
        print_facts(options, where);
    }
    if (options->port_file != NULL && !write_port_file(options->port_file, where->port)) {
        (void)fprintf(stderr, "satchel serve: %s: %s\n", options->port_file, strerror(errno));
        return EX_CANTCREAT;
    }
    error = serve_run(server, stop_pipe[0]);
    if (options->port_file != NULL) {
        (void)unlink(options->port_file);
    }
    if (error != 0) {
        (void)fprintf(stderr, "satchel serve: %s\n", strerror(error));
        return EX_OSERR;
    }
    return stop_exit_code(EX_OK);
}

static int report(const struct serve_config *config, enum serve_problem problem, int error) {
    switch (problem) {
    case SERVE_NO_MAILDIR:
        (void)fprintf(stderr, "satchel serve: %s is no Maildir that can be read: %s\n", config->maildir,
                      strerror(error));
        return EX_NOINPUT;
    case SERVE_NO_LISTENER:
        (void)fprintf(stderr, "satchel serve: cannot listen on %s port %u: %s\n", config->address,
                      (unsigned)config->port, error == EINVAL ? "no numeric address" : strerror(error));
        return EX_UNAVAILABLE;
    case SERVE_FINE:
    case SERVE_NO_MEMORY: break;
    }
    (void)fputs("satchel serve: out of memory\n", stderr);
    return EX_OSERR;
}

/* False after a message. */
static bool open_tls(struct serve_options *options, struct net_tls_server **tls) {
    struct serve_config *config = &options->config;
    struct net_error error;

    config->tls_mode = (enum serve_tls_mode)options->tls.mode;
    if (config->tls_mode == SERVE_TLS_OFF) {
        return true;
    }
    *tls = serve_tls_new(&options->tls, config->address, config->name, &error);
    if (*tls == NULL) {
        (void)fprintf(stderr, "satchel serve: %s\n", error.text);
        return false;
    }
    config->tls = *tls;
    return true;
}

static int open_and_run(const struct serve_options *options) {
    struct serve_server *server = NULL;
    int error;
    enum serve_problem problem = serve_open(&server, &options->config, &error);

    if (problem != SERVE_FINE) {
        return report(&options->config, problem, error);
    }
    int code = run(options, server);

    serve_close(server);
    return code;
}

int cli_serve(int argc, char **argv) {
    struct serve_options options = {.config = {.address = "127.0.0.1",
                                               .user = "mrose",
                                               .name = "",
                                               .autologout_s = 600,
                                               .sasl = {.iterations = 4096},
                                               .faults = {.split_pause_ms = 1}}};
    struct net_tls_server *tls = NULL;
    int code;

    if (!serve_options_read(&options, argc, argv)) {
        return EX_USAGE;
    }
    if (options.help) {
        serve_options_help(stdout);
        return EX_OK;
    }
    if (options.trace || options.config.trace.secrets || options.config.trace.numbers) {
        options.config.trace.file = stderr;
    }
    if (!complete_credentials(&options) || !catch_signals()) {
        (void)fputs("satchel serve: no randomness or no pipe to be had\n", stderr);
        return EX_OSERR;
    }
    if (options.port_file != NULL) {
        (void)unlink(options.port_file); /* one of an earlier run would tell a wrong port */
    }
    if (!open_tls(&options, &tls)) {
        return EX_NOINPUT;
    }
    code = open_and_run(&options);
    net_tls_server_free(tls);
    return code;
}
