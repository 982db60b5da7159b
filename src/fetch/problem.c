/* SPDX-License-Identifier: MIT */
/* Failures of the rooms below become the outcome of a run, and exit codes (D-26). The first one counts. */
#include "fetch/job.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

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

bool fetch_fail_client(struct fetch_job *job) {
    const pop3_client_error *error = pop3_client_last_error(job->client);

    if (atomic_load(&job->cancelled)) {
        return fetch_fail(job, ACCOUNT_EXIT_CANCELLED, "another run goes on where this one ended",
                          "interrupted; what had come whole is delivered");
    }
    if (job->outcome->exit_code == EX_OK) {
        bool reached = pop3_client_address(job->client)[0] != '\0';
        int code = account_exit_code(error, reached, job->account->name == NULL);

        (void)fetch_fail(job, code, error->hint, "%s", error->what);
        (void)snprintf(job->outcome->server, sizeof job->outcome->server, "%s", error->server);
    }
    return false;
}

bool fetch_fail_deliver(struct fetch_job *job, const struct deliver_error *error) {
    return fetch_fail(job, error->code == ENOMEM ? EX_OSERR : EX_IOERR, "", "%s", error->text);
}

int fetch_state_exit_code(enum state_problem problem) {
    switch (problem) {
    case STATE_FINE: return EX_OK;
    case STATE_HELD: return EX_TEMPFAIL;
    case STATE_MISSING: return EX_NOINPUT;
    case STATE_MEMORY: return EX_OSERR;
    case STATE_ARGUMENT: return EX_SOFTWARE;
    case STATE_NEWER:
    case STATE_PERMISSION: return EX_CONFIG;
    default: return EX_IOERR;
    }
}

bool fetch_fail_state(struct fetch_job *job, const struct state_error *error) {
    return fetch_fail(job, fetch_state_exit_code(error->problem), error->hint, "%s", error->text);
}
