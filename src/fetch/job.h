/* SPDX-License-Identifier: MIT */
/* What the parts of src/fetch share: one account's run. */
#ifndef SATCHEL_FETCH_JOB_H
#define SATCHEL_FETCH_JOB_H

#include "deliver/deliver.h"
#include "fetch/fetch.h"

#include <stdatomic.h>

struct committer;

struct fetch_job {
    struct fetch_options options;
    const struct account *account;
    pop3_client *client;
    atomic_bool cancelled;
    struct fetch_outcome *outcome;
    struct fetch_totals totals;
    char identity[ACCOUNT_IDENTITY_MOST];
    size_t identity_size;

    /* Stores. */
    struct state *state; /* NULL in a dry run without database */
    struct state_memory memory;
    struct deliver_target *target;
    int64_t place;
    char owner[20];
    char spool[STATE_PATH];
    char boot_id[64];
    unsigned batches; /* made in this run */
    int64_t started_s;

    /* This session. */
    bool pipelined;
    uint32_t announced; /* messages, by STAT */
    size_t received;    /* messages that came whole */
    struct listing listing;
    struct plan plan;
    struct state_survey *survey;
    struct committer *committer;
    uint32_t *removals; /* indices into the listing: to be deleted once all is durable */
    size_t removal_count;
    uint32_t *recognised; /* indices: delivered before, the journal learns it now */
    struct state_content *recognised_content;
    size_t recognised_count;
    bool check_copies; /* a message may be a copy of a delivered one of the same uid (D-08) */
};

/* problem.c: the first failure of a run is its outcome. All return false. */
bool fetch_fail(struct fetch_job *job, int exit_code, const char *hint, const char *what, ...)
    __attribute__((format(printf, 4, 5)));
bool fetch_fail_client(struct fetch_job *job);
bool fetch_fail_deliver(struct fetch_job *job, const struct deliver_error *error);
bool fetch_fail_state(struct fetch_job *job, const struct state_error *error);

/* events.c */
void fetch_tell(const struct fetch_job *job, enum fetch_event_kind kind);
void fetch_tell_message(const struct fetch_job *job, enum fetch_event_kind kind, const struct listing_entry *entry,
                        const char *text);
void fetch_warn(const struct fetch_job *job, const char *text, ...) __attribute__((format(printf, 2, 3)));

/* stores.c: state, destination, and what an earlier run left between S3 and S6. */
bool fetch_stores_open(struct fetch_job *job);
void fetch_stores_close(struct fetch_job *job);
struct state_key fetch_key(const struct listing *listing, const struct listing_entry *entry);
void fetch_message_id(const struct fetch_job *job, const struct listing_entry *entry, uint8_t id[DELIVER_ID_SIZE]);
int64_t fetch_now(void);

/* recover.c */
bool fetch_recover(struct fetch_job *job);

/* survey.c: listing and plan. */
bool fetch_survey(struct fetch_job *job);

/* verify.c: is what the plan deletes what was delivered (D-14)? */
bool fetch_verify(struct fetch_job *job);

/* receive.c: RETR of all that the plan fetches, into batches. */
bool fetch_receive(struct fetch_job *job);

/* remove.c: DELE, QUIT, and the journal of it. */
bool fetch_remove_and_quit(struct fetch_job *job);

#endif
