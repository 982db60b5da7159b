/* SPDX-License-Identifier: MIT */
/*
 * Mail of one account to its destination, each message exactly once (requirements.md section 4). Refuses to print, to ask and
 * to know the command line: what happens is told to an observer, what went wrong is the outcome.
 *
 *     job = fetch_job_new(&options, &outcome)          locks the account, opens the journal and the destination; NULL: outcome tells
 *     fetch_job_run(job, &outcome)                     once: recover, connect, deliver, delete
 *     fetch_job_free(job)
 *
 * Jobs share nothing and may run side by side, each in a thread of its own.
 */
#ifndef SATCHEL_FETCH_FETCH_H
#define SATCHEL_FETCH_FETCH_H

#include "account/account.h"
#include "fetch/plan.h"
#include "state/state.h"

/* ---- What is told while it goes on ---- */

struct fetch_totals {
    uint64_t listed;      /* messages that the server has */
    uint64_t wanted;      /* of these, to be fetched in this run */
    uint64_t wanted_size; /* their octets, by LIST */
    uint64_t fetched;     /* delivered by this run */
    uint64_t octets;      /* received of them */
    uint64_t known;       /* turned out to be delivered already */
    uint64_t deleted;     /* on the server */
    uint64_t failed;      /* the server did not give them */
    uint64_t waiting;     /* listed, and left for another run */
};

enum fetch_event_kind {
    FETCH_WARNING,   /* text */
    FETCH_CONNECTED, /* text: how the login went */
    FETCH_PLANNED,   /* totals: listed, wanted, waiting */
    FETCH_MESSAGE,   /* of a dry run: number, uid, octets, action, then_delete */
    FETCH_PROGRESS,  /* totals.octets grew */
    FETCH_RECEIVED,  /* number, uid, octets: complete, not yet durable */
    FETCH_DELIVERED, /* totals.fetched grew: durable */
    FETCH_SKIPPED,   /* number, uid, octets, action: not fetched, and its user should know */
    FETCH_REFUSED,   /* number, uid, text: the server did not give it */
    FETCH_DELETED    /* number, uid: marked for deletion, which QUIT makes */
};

struct fetch_event {
    enum fetch_event_kind kind;
    const struct account *account;
    const struct fetch_totals *totals;
    uint32_t number;
    const char *uid; /* uid_size octets of any value: not safe to print */
    size_t uid_size;
    uint64_t octets; /* LISTING_SIZE_UNKNOWN: not known */
    enum plan_action action;
    bool then_delete;
    const char *text; /* safe to print */
};

/* Called by the thread that runs the job; texts are valid during the call. */
typedef void fetch_observer(void *context, const struct fetch_event *event);

/* Before the first run that deletes (D-28): may so many messages be deleted on the server? Called like the observer. */
typedef bool fetch_confirm(void *context, uint64_t deletions);

/* ---- The job ---- */

#define FETCH_TEXT 1024

struct fetch_outcome {
    int exit_code; /* D-26; 0: good */
    struct fetch_totals totals;
    char what[FETCH_TEXT]; /* without a full stop, or "" */
    char server[512];      /* the server's own words, or "" */
    char hint[FETCH_TEXT]; /* what to do, or "" */
};

/* All are borrowed until the job is freed. */
struct fetch_options {
    const struct account *account; /* checked */
    const struct account_credentials *credentials;
    const char *state_folder; /* absolute */
    bool dry_run;             /* nothing is changed, here or there */
    bool again;               /* a new destination may take everything once more (D-27) */
    bool accept_uid_reset;    /* */
    pop3_client_trace *trace; /* NULL: none */
    void *trace_context;
    fetch_observer *observer; /* NULL: none */
    fetch_confirm *confirm;   /* NULL: they may */
    void *observer_context;   /* of both */
};

struct fetch_job;

struct fetch_job *fetch_job_new(const struct fetch_options *options, struct fetch_outcome *outcome);
void fetch_job_run(struct fetch_job *job, struct fetch_outcome *outcome);
void fetch_job_free(struct fetch_job *job);

/* Ends the run at the next safe point: what is complete is delivered. From any thread or signal handler. */
void fetch_job_cancel(struct fetch_job *job);

/* The exit code of a failure of the database (D-26). */
int fetch_state_exit_code(enum state_problem problem);

#endif
