/* SPDX-License-Identifier: MIT */
/* Failures of the rooms below become the outcome of a run, and exit codes (D-26). The first one counts. */
#include "fetch/job.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* ...of a run that a signal ended; the command turns it into 128 and the signal's number. */
#define INTERRUPTED 130

bool fetch_fail(struct fetch_job *job, int exit_code, const char *hint, const char *what, ...) {
    struct fetch_outcome *outcome = job->outcome;
    va_list arguments;

    if (outcome->exit_code != EX_OK) {
        return false;
    }
    outcome->exit_code = exit_code;
    va_start(arguments, what);
    (void)vsnprintf(outcome->what, sizeof outcome->what, what, arguments);
    va_end(arguments);
    (void)snprintf(outcome->hint, sizeof outcome->hint, "%s", hint);
    return false;
}

static int exit_code_of_tls(int code) {
    return code == POP3_CLIENT_TLS_HANDSHAKE || code == POP3_CLIENT_TLS_NO_STLS || code == POP3_CLIENT_TLS_ALPN
               ? EX_PROTOCOL
               : EX_NOPERM;
}

int fetch_exit_code(const pop3_client_error *error) {
    switch (error->class_) {
    case POP3_CLIENT_OK: return EX_OK;
    case POP3_CLIENT_ARG: return EX_CONFIG;
    case POP3_CLIENT_NAME: return EX_NOHOST;
    case POP3_CLIENT_CONNECT: return EX_UNAVAILABLE;
    case POP3_CLIENT_TLS: return exit_code_of_tls(error->code);
    case POP3_CLIENT_STATE:
    case POP3_CLIENT_CREDENTIALS: return EX_NOPERM;
    case POP3_CLIENT_TIMEOUT:
    case POP3_CLIENT_BUSY:
    case POP3_CLIENT_CLOSED: return EX_TEMPFAIL;
    case POP3_CLIENT_REFUSED:
    case POP3_CLIENT_PROTOCOL: return EX_PROTOCOL;
    case POP3_CLIENT_SINK: return EX_IOERR;
    case POP3_CLIENT_CANCELLED: return INTERRUPTED;
    case POP3_CLIENT_MEMORY:
    case POP3_CLIENT_SYSTEM: break;
    }
    return EX_OSERR;
}

bool fetch_fail_client(struct fetch_job *job) {
    const pop3_client_error *error = pop3_client_last_error(job->client);

    if (job->outcome->exit_code == EX_OK) {
        (void)fetch_fail(job, fetch_exit_code(error), error->hint, "%s", error->what);
        (void)snprintf(job->outcome->server, sizeof job->outcome->server, "%s", error->server);
    }
    return false;
}

bool fetch_fail_deliver(struct fetch_job *job, const struct deliver_error *error) {
    return fetch_fail(job, error->code == ENOMEM ? EX_OSERR : EX_IOERR, "", "%s", error->text);
}

static int exit_code_of_state(enum state_problem problem) {
    switch (problem) {
    case STATE_HELD: return EX_TEMPFAIL;
    case STATE_MEMORY: return EX_OSERR;
    case STATE_ARGUMENT: return EX_SOFTWARE;
    case STATE_NEWER:
    case STATE_PERMISSION: return EX_CONFIG;
    default: return EX_IOERR;
    }
}

bool fetch_fail_state(struct fetch_job *job, const struct state_error *error) {
    return fetch_fail(job, exit_code_of_state(error->problem), error->hint, "%s", error->text);
}
