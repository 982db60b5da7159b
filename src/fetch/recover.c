/* SPDX-License-Identifier: MIT */
/* What an earlier run left between S3 and S6 is finished where it was begun (D-06), before anything is fetched. */
#define _POSIX_C_SOURCE 200809L

#include "fetch/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The rows of one batch. */
struct slice {
    const struct state_intent *rows;
    size_t count;
};

static void to_pending(const struct state_intent *row, struct deliver_pending *pending) {
    (void)snprintf(pending->facts.name, sizeof pending->facts.name, "%s", row->name);
    pending->facts.size = row->message.content.size;
    memcpy(pending->facts.digests.content, row->message.content.digest, DELIVER_DIGEST_SIZE);
    memcpy(pending->facts.digests.header, row->message.content.header_digest, DELIVER_DIGEST_SIZE);
}

/* Rows without an outcome stay as they are. */
static bool journal(struct fetch_job *job, const struct slice *slice, const struct deliver_pending *pending) {
    struct state_key *there = calloc(slice->count, sizeof *there);
    struct state_key *absent = calloc(slice->count, sizeof *absent);
    struct state_changes changes = {.now_s = fetch_now(), .delivered = there, .dropped = absent};
    struct state_error error = {.problem = STATE_MEMORY, .text = "out of memory"};
    bool good = there != NULL && absent != NULL;

    for (size_t i = 0; i < slice->count && good; i++) {
        if (pending[i].outcome == DELIVER_THERE) {
            there[changes.delivered_count++] = slice->rows[i].message.key;
        } else if (pending[i].outcome == DELIVER_ABSENT) {
            absent[changes.dropped_count++] = slice->rows[i].message.key;
        }
    }
    good = good && state_commit(job->state, &changes, &error);
    job->totals.fetched += good ? changes.delivered_count : 0;
    free(there);
    free(absent);
    return good || fetch_fail_state(job, &error);
}

/* The target of an earlier destination, if that is not the one of today; NULL: it cannot be opened. */
static struct deliver_target *target_of(struct fetch_job *job, const struct state_place *place,
                                        struct deliver_error *error) {
    struct deliver_config config = {.kind = strcmp(place->kind, "mbox") == 0 ? DELIVER_MBOX : DELIVER_MAILDIR,
                                    .path = place->path,
                                    .spool = job->spool,
                                    .secret = state_secret(job->state),
                                    .owner = job->owner,
                                    .run = state_run_number(job->state)};

    return deliver_open(&config, error);
}

static bool same_boot(const struct fetch_job *job, const struct slice *slice) {
    bool same = job->boot_id[0] != '\0';

    for (size_t i = 0; i < slice->count; i++) {
        same = same && strcmp(slice->rows[i].boot_id, job->boot_id) == 0;
    }
    return same;
}

static bool recover_at(struct fetch_job *job, struct deliver_target *target, const struct slice *slice,
                       struct deliver_pending *pending) {
    struct deliver_error error;

    if (!deliver_recover(target, slice->rows[0].batch, slice->rows[0].offset, same_boot(job, slice), pending,
                         slice->count, &error)) {
        fetch_warn(job, "deliveries of an earlier run wait: %s", error.text);
    }
    return journal(job, slice, pending);
}

static bool is_unfinished(void *context, const char *batch) {
    const struct state_intents *intents = context;

    for (size_t i = 0; i < intents->count; i++) {
        if (strcmp(intents->rows[i].batch, batch) == 0) {
            return true;
        }
    }
    return false;
}

/* What no row names is of no use, once the rows that recovery settled are gone. */
static bool clean(struct fetch_job *job, struct deliver_target *target) {
    struct state_intents left;
    struct state_error error;
    struct deliver_error unreadable;
    bool good;

    if (!state_unfinished(job->state, &left, &error)) {
        return fetch_fail_state(job, &error);
    }
    good = deliver_clean(target, is_unfinished, &left, &unreadable);
    state_intents_free(&left);
    return good || fetch_fail_deliver(job, &unreadable);
}

/* Today's destination, be it that the folder was moved since. */
static bool is_here(const struct fetch_job *job, int64_t id, const struct state_place *place) {
    struct deliver_place here = deliver_where(job->target);

    return id == job->place || (place->inode != 0 && place->inode == here.inode && place->device == here.device);
}

/* A place that is away keeps its rows waiting; the rest goes on. */
static bool recover_batch(struct fetch_job *job, const struct slice *slice) {
    struct deliver_pending *pending = calloc(slice->count, sizeof *pending);
    struct deliver_target *other = NULL;
    struct state_place place;
    struct state_error error = {.problem = STATE_MEMORY, .text = "out of memory"};
    struct deliver_error away;
    bool good = true;

    if (pending == NULL || !state_place_get(job->state, slice->rows[0].message.place, &place, &error)) {
        free(pending);
        return fetch_fail_state(job, &error);
    }
    for (size_t i = 0; i < slice->count; i++) {
        to_pending(&slice->rows[i], &pending[i]);
    }
    if (is_here(job, slice->rows[0].message.place, &place)) {
        good = recover_at(job, job->target, slice, pending);
    } else {
        other = target_of(job, &place, &away);
        if (other == NULL) {
            fetch_warn(job, "deliveries of an earlier run wait: %s", away.text);
        } else {
            good = recover_at(job, other, slice, pending) && clean(job, other);
        }
    }
    deliver_close(other);
    free(pending);
    return good;
}

bool fetch_recover(struct fetch_job *job) {
    struct state_intents intents;
    struct state_error error;
    bool good = true;

    if (job->options.dry_run) {
        return true;
    }
    if (!state_unfinished(job->state, &intents, &error)) {
        return fetch_fail_state(job, &error);
    }
    for (size_t first = 0; first < intents.count && good;) {
        struct slice slice = {.rows = &intents.rows[first], .count = 1};

        while (first + slice.count < intents.count && strcmp(slice.rows[slice.count].batch, slice.rows[0].batch) == 0) {
            slice.count++;
        }
        good = recover_batch(job, &slice);
        first += slice.count;
    }
    state_intents_free(&intents);
    return good && clean(job, job->target);
}
