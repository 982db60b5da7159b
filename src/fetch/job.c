/* SPDX-License-Identifier: MIT */
/* One account's run from the locks to the note for `satchel status`. */
#define _POSIX_C_SOURCE 200809L

#include "fetch/job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

/* ---- The handle ---- */

static bool make_client(struct fetch_job *job) {
    pop3_client_options options;
    pop3_client_error error;

    account_client_options(job->account, job->options.credentials, &options);
    options.trace = job->options.trace;
    options.trace_context = job->options.trace_context;
    if (job->memory.pipelining_off && options.pipelining == POP3_CLIENT_PIPELINING_AUTO) {
        options.pipelining = POP3_CLIENT_PIPELINING_OFF; /* */
    }
    job->client = pop3_client_new(&options, &error);
    return job->client != NULL ||
           fetch_fail(job, account_exit_code(&error, false, job->account->name == NULL), error.hint, "%s", error.what);
}

struct fetch_job *fetch_job_new(const struct fetch_options *options, struct fetch_outcome *outcome) {
    struct fetch_job *job = calloc(1, sizeof *job);

    *outcome = (struct fetch_outcome){.exit_code = EX_OK};
    if (job == NULL) {
        outcome->exit_code = EX_OSERR;
        (void)snprintf(outcome->what, sizeof outcome->what, "out of memory");
        return NULL;
    }
    job->options = *options;
    job->account = options->account;
    job->outcome = outcome;
    job->identity_size = account_identity(job->account, job->identity);
    if (!fetch_stores_open(job) || !make_client(job)) {
        fetch_job_free(job);
        return NULL;
    }
    return job;
}

void fetch_job_free(struct fetch_job *job) {
    if (job != NULL) {
        pop3_client_free(job->client);
        fetch_stores_close(job);
        free(job);
    }
}

void fetch_job_cancel(struct fetch_job *job) {
    atomic_store(&job->cancelled, true);
    pop3_client_cancel(job->client);
}

/* ---- A session ---- */

static bool may_log_in(struct fetch_job *job) {
    int64_t wait = job->memory.not_before_s - fetch_now();

    return wait <= 0 ||
           fetch_fail(job, EX_TEMPFAIL, "", "the server asks to wait %" PRId64 " s more before the next login", wait);
}

static void warn_of_server(struct fetch_job *job) {
    uint32_t days = pop3_client_expire(job->client);

    if (days == 0 && job->account->keep.kind != ACCOUNT_KEEP_NONE) {
        fetch_warn(job, "the server says that it deletes what was fetched (EXPIRE 0), whatever keep says");
    } else if (days != UINT32_MAX && job->account->keep.kind != ACCOUNT_KEEP_NONE) {
        fetch_warn(job, "the server deletes messages after %" PRIu32 " days", days);
    }
}

static bool remember_delay(struct fetch_job *job) {
    uint32_t delay = pop3_client_login_delay(job->client);
    struct state_error error;

    if (job->state == NULL || job->options.dry_run || delay == 0) {
        return true;
    }
    job->memory.not_before_s = fetch_now() + delay;
    return state_memory_set(job->state, &job->memory, &error) || fetch_fail_state(job, &error);
}

static uint64_t planned_deletions(const struct fetch_job *job) {
    uint64_t count = job->plan.actions[PLAN_DELETE];

    for (size_t i = 0; i < job->listing.count; i++) {
        count += (job->listing.entries[i].flags & PLAN_THEN_DELETE) != 0;
    }
    return count;
}

/* D-28: asks once; from then on the account is known as one whose runs delete. */
static bool confirm_deleting(struct fetch_job *job) {
    uint64_t deletions = job->memory.deleting ? 0 : planned_deletions(job);
    struct state_error error;

    if (deletions == 0) {
        return true;
    }
    if (job->options.confirm != NULL && !job->options.confirm(job->options.observer_context, deletions)) {
        return fetch_fail(job, EX_TEMPFAIL, "--keep all fetches and deletes nothing; --yes does not ask",
                          "nothing was fetched and nothing deleted: the answer was no");
    }
    job->memory.deleting = true;
    return state_memory_set(job->state, &job->memory, &error) || fetch_fail_state(job, &error);
}

static bool log_in(struct fetch_job *job) {
    if (!may_log_in(job)) {
        return false;
    }
    if (pop3_client_open(job->client) != POP3_CLIENT_OK) {
        return fetch_fail_client(job);
    }
    fetch_tell(job, FETCH_CONNECTED);
    warn_of_server(job);
    return remember_delay(job);
}

static void forget_session(struct fetch_job *job) {
    state_survey_free(job->survey);
    job->survey = NULL;
    listing_free(&job->listing);
    free(job->removals);
    job->removals = NULL;
    free(job->recognised);
    job->recognised = NULL;
    free(job->recognised_content);
    job->recognised_content = NULL;
    job->removal_count = job->recognised_count = 0;
}

static bool session(struct fetch_job *job) {
    if (!log_in(job) || !fetch_survey(job)) {
        return false;
    }
    if (job->options.dry_run) {
        return pop3_client_quit(job->client) == POP3_CLIENT_OK || fetch_fail_client(job);
    }
    job->removals = calloc(job->plan.actions[PLAN_FETCH] + job->plan.actions[PLAN_DELETE] + 1, sizeof *job->removals);
    if (job->removals == NULL) {
        return fetch_fail(job, EX_OSERR, "", "out of memory");
    }
    job->pipelined = job->account->pipelining == POP3_CLIENT_PIPELINING_AUTO && !job->memory.pipelining_off &&
                     (pop3_client_capabilities(job->client) & POP3_CAPABILITY_PIPELINING) != 0;
    return confirm_deleting(job) && fetch_verify(job) && fetch_receive(job) && fetch_remove_and_quit(job);
}

/* Broken off before the first message came whole, with commands on their way: perhaps pipelining is too much for it. */
static bool pipelining_may_be_the_cause(const struct fetch_job *job) {
    pop3_client_class result = pop3_client_last_error(job->client)->class_;

    return job->pipelined && job->received == 0 && !atomic_load(&job->cancelled) &&
           (result == POP3_CLIENT_CLOSED || result == POP3_CLIENT_TIMEOUT || result == POP3_CLIENT_PROTOCOL);
}

/* R-2449-15: once more without pipelining; where that goes well, it stays off for the account. */
static void session_unpipelined(struct fetch_job *job) {
    struct state_error error;

    fetch_warn(job, "%s; once more, without pipelining", job->outcome->what);
    forget_session(job);
    *job->outcome = (struct fetch_outcome){.exit_code = EX_OK};
    job->totals = (struct fetch_totals){.fetched = job->totals.fetched};
    if (session(job)) {
        job->memory.pipelining_off = true;
        if (!state_memory_set(job->state, &job->memory, &error)) {
            (void)fetch_fail_state(job, &error);
        }
    }
}

/* ---- The run ---- */

static void note_run(struct fetch_job *job) {
    struct state_run run = {.started_s = job->started_s,
                            .ended_s = fetch_now(),
                            .exit_code = job->outcome->exit_code,
                            .fetched = job->totals.fetched,
                            .octets = job->totals.octets,
                            .deleted = job->totals.deleted,
                            .failed = job->totals.failed,
                            .waiting = job->totals.waiting};
    struct state_error error;

    (void)snprintf(run.text, sizeof run.text, "%.255s", job->outcome->what);
    if (!state_run_note(job->state, &run, &error)) {
        (void)fetch_fail_state(job, &error);
    }
}

void fetch_job_run(struct fetch_job *job, struct fetch_outcome *outcome) {
    *outcome = (struct fetch_outcome){.exit_code = EX_OK};
    job->outcome = outcome;
    job->started_s = fetch_now();
    if (fetch_recover(job) && !session(job) && pipelining_may_be_the_cause(job)) {
        session_unpipelined(job);
    }
    pop3_client_close(job->client);
    forget_session(job);
    if (job->totals.failed > 0) {
        (void)fetch_fail(job, EX_TEMPFAIL, "they are tried again by the next two runs",
                         "the server did not give %" PRIu64 " of %" PRIu64 " messages", job->totals.failed,
                         job->totals.wanted);
    }
    if (job->place != 0) {
        note_run(job);
    }
    outcome->totals = job->totals;
}
