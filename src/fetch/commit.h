/* SPDX-License-Identifier: MIT */
/*
 * S2 to S6 of one batch after the other, in a thread of its own, while the next batch is received (D-31). Refuses to know where
 * messages come from.
 */
#ifndef SATCHEL_FETCH_COMMIT_H
#define SATCHEL_FETCH_COMMIT_H

#include "deliver/deliver.h"
#include "state/state.h"

#define COMMIT_MESSAGES 256 /* of a batch */

struct commit_batch {
    struct commit_batch *next; /* of the committer */
    struct deliver_batch *files;
    char id[DELIVER_BATCH_SIZE];
    size_t count;
    struct deliver_facts facts[COMMIT_MESSAGES];
    struct state_message messages[COMMIT_MESSAGES]; /* keys point to what outlives the committer */
};

struct committer;

/* Borrows all of it. NULL: no memory, or no thread. */
struct committer *committer_new(struct state *state, struct deliver_target *target, int64_t place, const char *boot_id);

/* Takes the batch, at once. False: an earlier one failed, and this one is gone. */
bool committer_give(struct committer *committer, struct commit_batch *batch);

/* Messages that are durable so far (S6). */
size_t committer_delivered(struct committer *committer);

/* What is waited for: the last batch is being worked on, or all are durable (S6). */
enum committer_end { COMMITTER_LAST, COMMITTER_ALL };

/* Waits up to `ms`. False: it goes on, or failed. */
bool committer_wait(struct committer *committer, enum committer_end end, unsigned ms);

bool committer_failed(struct committer *committer);

/* Ends the thread after what was given. Which of the two failures there was: its text is not "". */
void committer_free(struct committer *committer, struct deliver_error *files, struct state_error *journal_error);

/* A batch that is not given. */
void commit_batch_abandon(struct commit_batch *batch);

#endif
