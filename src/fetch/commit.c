/* SPDX-License-Identifier: MIT */
/*
 * The order of S2 to S6 (requirements.md section 4.2). The D-records of a batch share a transaction with the I-records of the
 * next one; its spool folder stays until then, for it is the proof that recovery asks for (D-06).
 */
#define _POSIX_C_SOURCE 200809L

#include "fetch/commit.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct committer {
    struct state *state;
    struct deliver_target *target;
    int64_t place;
    const char *boot_id;

    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct commit_batch *given; /* a list: not yet taken by the thread */
    struct commit_batch *last_given;
    bool busy; /* the thread works, or has D-records to write */
    bool ending;
    bool failed;
    size_t delivered;

    /* Of the thread alone. */
    struct commit_batch *published; /* S5 is done, S6 is not */
    struct deliver_error files_error;
    struct state_error journal_error;
};

void commit_batch_abandon(struct commit_batch *batch) {
    if (batch != NULL) {
        if (batch->files != NULL) {
            deliver_batch_abandon(batch->files);
        }
        free(batch);
    }
}

/* Files stay as they are, for recovery. */
static void leave(struct commit_batch *batch) {
    if (batch != NULL) {
        deliver_batch_leave(batch->files);
        free(batch);
    }
}

/* ---- S3 and S6: one transaction ---- */

static void make_intents(const struct committer *committer, const struct commit_batch *batch,
                         struct state_intent *intents) {
    for (size_t i = 0; i < batch->count; i++) {
        struct state_intent *intent = &intents[i];

        *intent = (struct state_intent){.message = batch->messages[i],
                                        .batch = batch->id,
                                        .name = batch->facts[i].name,
                                        .boot_id = committer->boot_id,
                                        .offset = deliver_batch_offset(batch->files)};
        intent->message.place = committer->place;
        intent->message.content.size = batch->facts[i].size;
        memcpy(intent->message.content.digest, batch->facts[i].digests.content, STATE_DIGEST);
        memcpy(intent->message.content.header_digest, batch->facts[i].digests.header, STATE_DIGEST);
    }
}

/* How many messages wait for their D-records, and which. */
static size_t published_keys(const struct committer *committer, struct state_key keys[COMMIT_MESSAGES]) {
    size_t count = committer->published != NULL ? committer->published->count : 0;

    for (size_t i = 0; i < count; i++) {
        keys[i] = committer->published->messages[i].key;
    }
    return count;
}

/* D-records of what is published, I-records of `next` (NULL: none). */
static bool journal(struct committer *committer, const struct commit_batch *next) {
    struct state_intent *intents = calloc(COMMIT_MESSAGES, sizeof *intents);
    struct state_key keys[COMMIT_MESSAGES];
    struct state_changes changes = {.now_s = (int64_t)time(NULL), .intents = intents, .delivered = keys};
    bool good;

    if (intents == NULL) {
        committer->journal_error = (struct state_error){.problem = STATE_MEMORY, .text = "out of memory"};
        return false;
    }
    if (next != NULL) {
        make_intents(committer, next, intents);
        changes.intent_count = next->count;
    }
    changes.delivered_count = published_keys(committer, keys);
    good = state_commit(committer->state, &changes, &committer->journal_error);
    free(intents);
    return good;
}

/* After S6 of the published batch. */
static void settle(struct committer *committer) {
    if (committer->published != NULL) {
        (void)pthread_mutex_lock(&committer->lock);
        committer->delivered += committer->published->count;
        (void)pthread_mutex_unlock(&committer->lock);
        deliver_batch_end(committer->published->files);
        free(committer->published);
        committer->published = NULL;
    }
}

static bool commit(struct committer *committer, struct commit_batch *batch) {
    if (!deliver_batch_sync(batch->files, &committer->files_error)) {
        commit_batch_abandon(batch);
        return false;
    }
    if (!journal(committer, batch)) {
        leave(batch); /* whether the I-records are there is not known now */
        return false;
    }
    settle(committer);
    if (!deliver_batch_publish(batch->files, &committer->files_error)) {
        leave(batch);
        return false;
    }
    committer->published = batch;
    return true;
}

static bool finish(struct committer *committer) {
    if (committer->published != NULL && !journal(committer, NULL)) {
        return false;
    }
    settle(committer);
    return true;
}

/* ---- The thread ---- */

static void *run(void *context) {
    struct committer *committer = context;

    (void)pthread_mutex_lock(&committer->lock);
    for (;;) {
        struct commit_batch *batch = committer->given;
        bool good;

        if (batch == NULL && committer->busy && !committer->failed) {
            (void)pthread_mutex_unlock(&committer->lock);
            good = finish(committer);
            (void)pthread_mutex_lock(&committer->lock);
            committer->failed = !good;
            committer->busy = committer->given != NULL;
            (void)pthread_cond_broadcast(&committer->changed);
            continue;
        }
        if (batch == NULL || committer->failed) {
            if (committer->ending) {
                break;
            }
            (void)pthread_cond_wait(&committer->changed, &committer->lock);
            continue;
        }
        committer->given = batch->next;
        (void)pthread_cond_broadcast(&committer->changed);
        (void)pthread_mutex_unlock(&committer->lock);
        good = commit(committer, batch);
        (void)pthread_mutex_lock(&committer->lock);
        committer->failed = !good;
        (void)pthread_cond_broadcast(&committer->changed);
    }
    (void)pthread_mutex_unlock(&committer->lock);
    return NULL;
}

struct committer *committer_new(struct state *state, struct deliver_target *target, int64_t place,
                                const char *boot_id) {
    struct committer *committer = calloc(1, sizeof *committer);
    pthread_condattr_t monotonic;

    if (committer == NULL) {
        return NULL;
    }
    committer->state = state;
    committer->target = target;
    committer->place = place;
    committer->boot_id = boot_id;
    (void)pthread_mutex_init(&committer->lock, NULL);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&committer->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    if (pthread_create(&committer->thread, NULL, run, committer) != 0) {
        free(committer);
        return NULL;
    }
    return committer;
}

bool committer_give(struct committer *committer, struct commit_batch *batch) {
    bool good;

    (void)pthread_mutex_lock(&committer->lock);
    good = !committer->failed;
    if (good) {
        *(committer->given != NULL ? &committer->last_given->next : &committer->given) = batch;
        committer->last_given = batch;
        committer->busy = true;
        (void)pthread_cond_broadcast(&committer->changed);
    }
    (void)pthread_mutex_unlock(&committer->lock);
    if (!good) {
        commit_batch_abandon(batch);
    }
    return good;
}

size_t committer_delivered(struct committer *committer) {
    size_t n;

    (void)pthread_mutex_lock(&committer->lock);
    n = committer->delivered;
    (void)pthread_mutex_unlock(&committer->lock);
    return n;
}

static bool has_reached(const struct committer *committer, enum committer_end end) {
    return end == COMMITTER_LAST ? committer->given == NULL : !committer->busy;
}

bool committer_wait(struct committer *committer, enum committer_end end, unsigned ms) {
    struct timespec until;
    int result = 0;
    bool done;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    (void)pthread_mutex_lock(&committer->lock);
    while (!has_reached(committer, end) && !committer->failed && result != ETIMEDOUT) {
        result = pthread_cond_timedwait(&committer->changed, &committer->lock, &until);
    }
    done = has_reached(committer, end) && !committer->failed;
    (void)pthread_mutex_unlock(&committer->lock);
    return done;
}

bool committer_failed(struct committer *committer) {
    bool failed;

    (void)pthread_mutex_lock(&committer->lock);
    failed = committer->failed;
    (void)pthread_mutex_unlock(&committer->lock);
    return failed;
}

void committer_free(struct committer *committer, struct deliver_error *files, struct state_error *journal_error) {
    if (committer == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&committer->lock);
    committer->ending = true;
    (void)pthread_cond_broadcast(&committer->changed);
    (void)pthread_mutex_unlock(&committer->lock);
    (void)pthread_join(committer->thread, NULL);
    while (committer->given != NULL) {
        struct commit_batch *batch = committer->given;

        committer->given = batch->next;
        commit_batch_abandon(batch);
    }
    leave(committer->published);
    *files = committer->files_error;
    *journal_error = committer->journal_error;
    (void)pthread_cond_destroy(&committer->changed);
    (void)pthread_mutex_destroy(&committer->lock);
    free(committer);
}
