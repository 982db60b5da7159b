/* SPDX-License-Identifier: MIT */
/* One way to say what went wrong. Knows no command. */
#include "cli/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

void report_failure(const char *command, const char *account, const char *what, const char *server, const char *hint) {
    (void)fflush(stdout);
    (void)fprintf(stderr, "satchel %s: %s%s%s\n", command, account, account[0] != '\0' ? ": " : "", what);
    if (server[0] != '\0') {
        (void)fprintf(stderr, "  the server said: %s\n", server);
    }
    if (hint[0] != '\0') {
        (void)fprintf(stderr, "  what to do: %s\n", hint);
    }
}

void report_client(const char *command, const pop3_client_error *error) {
    report_failure(command, "", error->what, error->server, error->hint);
    if (error->retry_s != 0) {
        (void)fprintf(stderr, "  not before %lu seconds have passed\n", (unsigned long)error->retry_s);
    }
}

void report_account(const char *command, const struct account_error *error) {
    report_failure(command, "", error->what, "", error->hint);
}

int report_state(const char *command, const struct state_error *error) {
    report_failure(command, "", error->text, "", error->hint);
    return fetch_state_exit_code(error->problem);
}

int report_output(const char *command, int code) {
    if (fflush(stdout) == 0 && ferror(stdout) == 0) {
        return code;
    }
    (void)fprintf(stderr, "satchel %s: the standard output cannot be written to\n", command);
    return EX_IOERR;
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
