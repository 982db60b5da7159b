/* SPDX-License-Identifier: MIT */
/* One way to say what went wrong. Knows no command. */
#include "cli/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

static void print(const char *command, const char *what, const char *server, const char *hint) {
    (void)fflush(stdout);
    (void)fprintf(stderr, "satchel %s: %s\n", command, what);
    if (server[0] != '\0') {
        (void)fprintf(stderr, "  the server said: %s\n", server);
    }
    if (hint[0] != '\0') {
        (void)fprintf(stderr, "  what to do: %s\n", hint);
    }
}

void report_client(const char *command, const pop3_client_error *error) {
    print(command, error->what, error->server, error->hint);
    if (error->retry_s != 0) {
        (void)fprintf(stderr, "  not before %lu seconds have passed\n", (unsigned long)error->retry_s);
    }
}

void report_account(const char *command, const struct account_error *error) {
    print(command, error->what, "", error->hint);
}

void report_config(const struct account_config *config) {
    for (size_t i = 0; i < config->problem_count; i++) {
        const struct account_problem *problem = &config->problems[i];
        if (problem->line != 0) {
            (void)fprintf(stderr, "%s:%u: %s\n", config->path, problem->line, problem->text);
        } else {
            (void)fprintf(stderr, "%s: %s\n", config->path, problem->text);
        }
    }
}

/* Who the server is cannot be trusted: 77 as for credentials. What it speaks is wrong: 76. */
static int tls_code(int failure) {
    switch (failure) {
    case POP3_CLIENT_TLS_CERTIFICATE:
    case POP3_CLIENT_TLS_EXPIRED:
    case POP3_CLIENT_TLS_IDENTITY:
    case POP3_CLIENT_TLS_PIN:
    case POP3_CLIENT_TLS_CLIENT: return EX_NOPERM;
    default: return EX_PROTOCOL;
    }
}

int report_client_code(const pop3_client_error *error, bool reached, bool from_url) {
    switch (error->class_) {
    case POP3_CLIENT_OK: return EX_OK;
    case POP3_CLIENT_ARG: return from_url ? EX_USAGE : EX_CONFIG;
    case POP3_CLIENT_NAME: return EX_NOHOST;
    case POP3_CLIENT_CONNECT: return EX_UNAVAILABLE;
    case POP3_CLIENT_TIMEOUT: return reached ? EX_TEMPFAIL : EX_UNAVAILABLE;
    case POP3_CLIENT_TLS: return tls_code(error->code);
    case POP3_CLIENT_CREDENTIALS: return EX_NOPERM;
    case POP3_CLIENT_BUSY:
    case POP3_CLIENT_CLOSED: return EX_TEMPFAIL;
    case POP3_CLIENT_REFUSED:
    case POP3_CLIENT_PROTOCOL: return EX_PROTOCOL;
    case POP3_CLIENT_SINK: return EX_IOERR;
    case POP3_CLIENT_MEMORY:
    case POP3_CLIENT_SYSTEM: return EX_OSERR;
    case POP3_CLIENT_STATE:
    case POP3_CLIENT_CANCELLED: break;
    }
    return EX_SOFTWARE;
}

int report_account_code(const struct account_error *error, bool from_url) {
    switch (error->fault) {
    case ACCOUNT_FINE: return EX_OK;
    case ACCOUNT_WRONG: return from_url ? EX_USAGE : EX_CONFIG;
    case ACCOUNT_NO_CREDENTIALS: return EX_NOPERM;
    case ACCOUNT_SYSTEM: return EX_OSERR;
    case ACCOUNT_INTERRUPTED: break;
    }
    return EX_SOFTWARE;
}

const char *report_variable(size_t i) {
    static const char *const names[REPORT_VARIABLES] = {"SSL_CERT_FILE", "SSL_CERT_DIR", "OPENSSL_CONF"};

    return getenv(names[i]) != NULL ? names[i] : NULL; /* NOLINT(concurrency-mt-unsafe): there are no threads */
}
