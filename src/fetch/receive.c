/* SPDX-License-Identifier: MIT */
/*
 * S1: RETR of all that the plan wants, pipelined, into one batch after the other; full batches go to the committer. Refuses to
 * wait for the network while a batch could be given, and to end the session by QUIT (R-1939-25).
 */
#include "fetch/commit.h"
#include "fetch/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

#define BATCH_OCTETS (UINT64_C(64) << 20) /* a batch ends behind so many, too */
#define SPACE_LEFT (UINT64_C(64) << 20)   /* L-05 */
#define SPACE_CHECK (UINT64_C(16) << 20)  /* octets between two looks */
#define KEEP_ALIVE_MS 10000               /* */
#define CALL_BATCHES 8                    /* the most that one call asks for */
#define ACCOUNTS 16                       /* that share the process's open files */
#define OPEN_BATCHES 3                    /* of an account: filled, waiting, synced */

struct receive {
    struct fetch_job *job;
    uint32_t *indices;
    uint32_t *numbers;
    size_t count;
    size_t asked; /* by earlier calls */

    struct commit_batch *batch;
    size_t batch_most; /* messages */
    uint64_t batch_octets;
    struct deliver_message *message; /* that is being received */
    uint64_t message_octets;
    uint64_t unchecked; /* octets since the last look at the space */
    size_t answered;    /* messages of which the whole reply came: the next one is being waited for */
    bool too_large;     /* the message behind them is larger than max-message */
    uint64_t delivered; /* as told so far */
};

/* ---- Batches ---- */

static bool begin_batch(struct receive *receive) {
    struct fetch_job *job = receive->job;
    struct deliver_error error;

    receive->batch = calloc(1, sizeof *receive->batch);
    if (receive->batch == NULL) {
        (void)fetch_fail(job, EX_OSERR, "", "out of memory");
        return false;
    }
    (void)snprintf(receive->batch->id, sizeof receive->batch->id, "%s.%u.%u", job->owner,
                   (unsigned)state_run_number(job->state), ++job->batches);
    receive->batch->files = deliver_batch_new(job->target, receive->batch->id, &error);
    receive->batch_octets = 0;
    if (receive->batch->files == NULL) {
        commit_batch_abandon(receive->batch);
        receive->batch = NULL;
        (void)fetch_fail_deliver(job, &error);
        return false;
    }
    return true;
}

/* The committer's failure is told when it ends. */
static bool give_batch(struct receive *receive) {
    struct commit_batch *batch = receive->batch;

    receive->batch = NULL;
    if (batch != NULL && batch->count == 0) {
        commit_batch_abandon(batch);
        return true;
    }
    return batch == NULL || committer_give(receive->job->committer, batch);
}

static void tell_delivered(struct receive *receive) {
    struct fetch_job *job = receive->job;
    uint64_t delivered = committer_delivered(job->committer);

    if (delivered > receive->delivered) {
        job->totals.fetched += delivered - receive->delivered;
        receive->delivered = delivered;
        fetch_tell(job, FETCH_DELIVERED);
    }
}

/* ---- A message's octets ---- */

static bool has_space(struct receive *receive) {
    uint64_t left;
    uint64_t all;

    receive->unchecked = 0;
    if (!deliver_space(receive->job->target, &left, &all)) {
        return true;
    }
    if (left >= SPACE_LEFT && left >= all / 20) {
        return true;
    }
    return fetch_fail(receive->job, EX_IOERR, "make room there and run again",
                      "%s: only %llu MiB are free, less than 5 %% or 64 MiB", receive->job->account->to.path,
                      (unsigned long long)(left >> 20));
}

static bool begin_message(struct receive *receive, size_t index) {
    struct fetch_job *job = receive->job;
    const struct listing_entry *entry = &job->listing.entries[receive->indices[index]];
    uint8_t id[DELIVER_ID_SIZE];
    struct deliver_error error;

    if (receive->batch == NULL && !begin_batch(receive)) {
        return false;
    }
    fetch_message_id(job, entry, id);
    receive->message = deliver_begin(receive->batch->files, id, &error);
    receive->message_octets = 0;
    return receive->message != NULL || fetch_fail_deliver(job, &error);
}

static int take_content(void *context, size_t index, const void *octets, size_t n) {
    struct receive *receive = context;
    struct fetch_job *job = receive->job;
    struct deliver_error error;

    index += receive->asked;
    if (receive->message == NULL && !begin_message(receive, index)) {
        return -1;
    }
    receive->message_octets += n;
    receive->unchecked += n;
    job->totals.octets += n;
    if (receive->message_octets > job->account->max_message_octets) {
        receive->too_large = true;
        (void)fetch_fail(job, EX_TEMPFAIL, "raise max-message, or let the message stay on the server",
                         "message %u is larger than max-message, and larger than the server says",
                         (unsigned)job->listing.entries[receive->indices[index]].number);
        return -1;
    }
    if (receive->unchecked >= SPACE_CHECK && !has_space(receive)) {
        return -1;
    }
    if (!deliver_write(receive->message, octets, n, &error)) {
        (void)fetch_fail_deliver(job, &error);
        return -1;
    }
    fetch_tell(job, FETCH_PROGRESS);
    return 0;
}

/* ---- A complete message ---- */

static void mark_removal(struct receive *receive, size_t index) {
    struct fetch_job *job = receive->job;

    if ((job->listing.entries[receive->indices[index]].flags & PLAN_THEN_DELETE) != 0) {
        job->removals[job->removal_count++] = receive->indices[index];
    }
}

static void to_content(const struct deliver_facts *facts, struct state_content *content) {
    content->size = facts->size;
    memcpy(content->digest, facts->digests.content, STATE_DIGEST);
    memcpy(content->header_digest, facts->digests.header, STATE_DIGEST);
}

/* The journal is to learn of it without an intent. */
static void note_recognised(struct fetch_job *job, size_t index, const struct deliver_facts *facts) {
    to_content(facts, &job->recognised_content[job->recognised_count]);
    job->recognised[job->recognised_count++] = (uint32_t)index;
    job->totals.known++;
}

/* Exactly this content is delivered under the uid, be it as another copy of it (D-08, D-14). */
static bool is_known(struct receive *receive, const struct listing_entry *entry, const struct deliver_facts *facts,
                     uint32_t *generation, bool *known) {
    struct fetch_job *job = receive->job;
    struct state_key key = fetch_key(&job->listing, entry);
    struct state_content content;
    struct state_row row;
    struct state_error error;
    uint32_t k;

    *known = false;
    *generation = 0;
    to_content(facts, &content);
    if ((entry->flags & PLAN_COMPARE) != 0) {
        if (!state_find(job->state, key, &row, &error)) {
            return fetch_fail_state(job, &error);
        }
        *generation = row.generation + 1;
    }
    if ((entry->flags & PLAN_COMPARE) != 0 || entry->copies || job->check_copies) {
        *known = state_find_copy(job->state, key.uid, key.uid_size, &content, &k, &error);
        if (!*known && error.problem != STATE_FINE) {
            return fetch_fail_state(job, &error);
        }
    }
    return true;
}

/* It is delivered already: the spool forgets it, the journal learns of the key. */
static void drop_copy(struct receive *receive, size_t index, const struct deliver_facts *facts) {
    struct fetch_job *job = receive->job;

    deliver_drop(receive->batch->files);
    note_recognised(job, receive->indices[index], facts);
    mark_removal(receive, index);
}

/* New mail under an old uid (D-14): its age counts from now (D-13). */
static void forget_age(const struct fetch_job *job, struct listing_entry *entry) {
    if ((entry->flags & PLAN_COMPARE) != 0 && job->account->keep.kind == ACCOUNT_KEEP_DAYS) {
        entry->flags &= (uint8_t)~PLAN_THEN_DELETE;
    }
}

static bool take_message(struct receive *receive, size_t index) {
    struct fetch_job *job = receive->job;
    struct listing_entry *entry = &job->listing.entries[receive->indices[index]];
    struct deliver_facts facts;
    struct deliver_error error;
    uint32_t generation;
    bool known;

    if (!deliver_end(receive->message, &facts, &error)) {
        receive->message = NULL;
        return fetch_fail_deliver(job, &error);
    }
    receive->message = NULL;
    job->received++;
    if (!is_known(receive, entry, &facts, &generation, &known)) {
        return false;
    }
    if (known) {
        drop_copy(receive, index, &facts);
        return true;
    }
    struct commit_batch *batch = receive->batch;

    batch->facts[batch->count] = facts;
    batch->messages[batch->count++] = (struct state_message){
        .key = fetch_key(&job->listing, entry), .generation = generation, .list_size = entry->size};
    receive->batch_octets += facts.size;
    forget_age(job, entry);
    mark_removal(receive, index);
    fetch_tell_message(job, FETCH_RECEIVED, entry, "");
    tell_delivered(receive);
    return (batch->count < receive->batch_most && receive->batch_octets < BATCH_OCTETS) || give_batch(receive);
}

/* ---- A message that did not come ---- */

static bool note_failed(struct fetch_job *job, uint32_t index) {
    struct state_key key = fetch_key(&job->listing, &job->listing.entries[index]);
    struct state_changes changes = {.now_s = fetch_now(), .failed = &key, .failed_count = 1};
    struct state_error error;

    return state_commit(job->state, &changes, &error) || fetch_fail_state(job, &error);
}

static int take_result(void *context, size_t index, const pop3_client_error *result) {
    struct receive *receive = context;
    struct fetch_job *job = receive->job;

    index += receive->asked;
    receive->answered = index + 1;
    if (result->class_ == POP3_CLIENT_OK) {
        if (receive->message == NULL && !begin_message(receive, index)) {
            return -1;
        }
        return take_message(receive, index) && !atomic_load(&job->cancelled) ? 0 : -1;
    }
    if (receive->message != NULL) {
        deliver_abort(receive->message);
        receive->message = NULL;
    }
    fetch_tell_message(job, FETCH_REFUSED, &job->listing.entries[receive->indices[index]], result->server);
    job->totals.failed++;
    return result->class_ == POP3_CLIENT_BUSY || note_failed(job, receive->indices[index]) ? 0 : -1;
}

/* The message at which the session broke down; what this machine lacks is no failure of the server's. */
static void note_broken(struct receive *receive, pop3_client_class result) {
    bool of_server = result == POP3_CLIENT_CLOSED || result == POP3_CLIENT_TIMEOUT || result == POP3_CLIENT_PROTOCOL;

    if ((of_server || receive->too_large) && receive->answered < receive->count) {
        receive->job->totals.failed++;
        (void)note_failed(receive->job, receive->indices[receive->answered]);
    }
}

/* ---- What is known to be delivered without an intent ---- */

/* `compared`: whole, with what the server has now; otherwise nothing is deleted by the size that it lists now (D-14). */
static bool journal_recognised(struct fetch_job *job, bool compared) {
    struct state_message *messages = calloc(job->recognised_count + 1, sizeof *messages);
    struct state_changes changes = {
        .now_s = fetch_now(), .recognised = messages, .recognised_count = job->recognised_count};
    struct state_error error = {.problem = STATE_MEMORY, .text = "out of memory"};
    bool good = messages != NULL;

    for (size_t i = 0; i < job->recognised_count && good; i++) {
        const struct listing_entry *entry = &job->listing.entries[job->recognised[i]];

        messages[i] = (struct state_message){.key = fetch_key(&job->listing, entry),
                                             .list_size = compared ? entry->size : LISTING_SIZE_UNKNOWN,
                                             .place = job->place,
                                             .content = job->recognised_content[i]};
    }
    good = good && (job->recognised_count == 0 || state_commit(job->state, &changes, &error));
    free(messages);
    job->recognised_count = 0;
    return good || fetch_fail_state(job, &error);
}

/* Not fetched, if the destination has it by its name. */
static bool recognise_one(struct fetch_job *job, size_t index) {
    struct listing_entry *entry = &job->listing.entries[index];
    uint64_t *count = entry->action == PLAN_FETCH ? &job->totals.wanted : &job->totals.waiting;
    uint8_t id[DELIVER_ID_SIZE];
    struct deliver_facts facts;
    struct deliver_error error;
    bool found;

    fetch_message_id(job, entry, id);
    if (!deliver_find(job->target, id, &found, &facts, &error)) {
        return fetch_fail_deliver(job, &error);
    }
    if (found) {
        note_recognised(job, index, &facts);
        entry->action = PLAN_KEEP;
        --*count;
    }
    return true;
}

/*
 * The loss of the journal alone does not duplicate (D-07). Once something is in it nobody looks again: so all that is listed
 * is looked for, wanted in this run or in a later one, and recorded before the first message is fetched.
 */
static bool recognise(struct fetch_job *job) {
    if (!state_account_is_new(job->state) || job->options.again) {
        return true;
    }
    for (size_t i = 0; i < job->listing.count; i++) {
        uint8_t action = job->listing.entries[i].action;

        if ((action == PLAN_FETCH || action == PLAN_LATER || action == PLAN_TOO_LARGE) && !recognise_one(job, i)) {
            return false;
        }
    }
    return journal_recognised(job, false);
}

/* ---- All of them ---- */

static void choose(struct receive *receive) {
    struct fetch_job *job = receive->job;
    bool newest_first = job->account->order == ACCOUNT_NEWEST_FIRST;

    for (size_t i = 0; i < job->listing.count; i++) {
        size_t index = newest_first ? job->listing.count - 1 - i : i;

        if (job->listing.entries[index].action == PLAN_FETCH) {
            receive->indices[receive->count] = (uint32_t)index;
            receive->numbers[receive->count++] = job->listing.entries[index].number;
        }
    }
}

/* Keeps the session alive if the disk is slow. False: session or disk failed; the disk was waited for in any case. */
static bool wait_for_disk(struct receive *receive, enum committer_end end) {
    struct fetch_job *job = receive->job;
    bool alive = job->outcome->exit_code == EX_OK;

    while (!committer_wait(job->committer, end, KEEP_ALIVE_MS) && !committer_failed(job->committer)) {
        alive = alive && (pop3_client_noop(job->client) == POP3_CLIENT_OK || fetch_fail_client(job));
    }
    tell_delivered(receive);
    return alive && !committer_failed(job->committer);
}

static size_t clamp(size_t n, size_t most) {
    return n < 1 ? 1 : n > most ? most : n;
}

/* Files that may be open in this process. */
static size_t open_files(void) {
    struct rlimit files;

    return getrlimit(RLIMIT_NOFILE, &files) == 0 ? (size_t)files.rlim_cur : 0;
}

/*
 * How many messages the next call asks for. The session cannot be kept alive during a call, so nothing waits for the disk
 * meanwhile: what has come lies open until the committer takes it. That is bounded, and leaves files to other accounts.
 */
static size_t next_call(const struct receive *receive) {
    const struct listing *listing = &receive->job->listing;
    size_t most = clamp(open_files() / ACCOUNTS / COMMIT_MESSAGES, CALL_BATCHES) * receive->batch_most;
    uint64_t octets = 0;
    size_t n = 0;

    while (n < most && receive->asked + n < receive->count && octets < CALL_BATCHES * BATCH_OCTETS) {
        uint64_t size = listing->entries[receive->indices[receive->asked + n++]].size;

        octets += size == LISTING_SIZE_UNKNOWN ? 0 : size;
    }
    return n;
}

static bool retrieve_some(struct receive *receive) {
    struct fetch_job *job = receive->job;
    size_t n = next_call(receive);
    pop3_client_class result =
        pop3_client_retr_many(job->client, receive->numbers + receive->asked, n, take_content, take_result, receive);

    if (result == POP3_CLIENT_OK || result == POP3_CLIENT_REFUSED || result == POP3_CLIENT_BUSY) {
        receive->asked += n;
        return true;
    }
    if (receive->message != NULL) {
        deliver_abort(receive->message);
        receive->message = NULL;
    }
    if (!committer_failed(job->committer)) {
        (void)fetch_fail_client(job);
    }
    note_broken(receive, result);
    return false;
}

static bool retrieve(struct receive *receive) {
    bool good = true;

    while (good && receive->asked < receive->count) {
        good = retrieve_some(receive) && wait_for_disk(receive, COMMITTER_LAST);
    }
    good = give_batch(receive) && good;
    return wait_for_disk(receive, COMMITTER_ALL) && good;
}

static void end_committer(struct fetch_job *job) {
    struct deliver_error files;
    struct state_error journal;
    bool failed = committer_failed(job->committer);

    committer_free(job->committer, &files, &journal);
    job->committer = NULL;
    if (failed && files.text[0] != '\0') {
        (void)fetch_fail_deliver(job, &files);
    } else if (failed) {
        (void)fetch_fail_state(job, &journal);
    }
}

static bool receive_all(struct receive *receive) {
    struct fetch_job *job = receive->job;
    bool good;

    if (!recognise(job)) {
        return false;
    }
    choose(receive);
    job->committer = committer_new(job->state, job->target, job->place, job->boot_id);
    if (job->committer == NULL) {
        return fetch_fail(job, EX_OSERR, "", "out of memory");
    }
    good = retrieve(receive);
    end_committer(job);
    commit_batch_abandon(receive->batch);
    return good && journal_recognised(job, true);
}

bool fetch_receive(struct fetch_job *job) {
    size_t most = job->plan.actions[PLAN_FETCH] + job->plan.actions[PLAN_DELETE] + 1;
    size_t later = job->plan.actions[PLAN_LATER] + job->plan.actions[PLAN_TOO_LARGE];
    struct receive receive = {.job = job,
                              .batch_most = clamp(open_files() / ACCOUNTS / OPEN_BATCHES, COMMIT_MESSAGES),
                              .indices = calloc(most, sizeof *receive.indices),
                              .numbers = calloc(most, sizeof *receive.numbers)};
    bool good;

    job->recognised = calloc(most + later, sizeof *job->recognised);
    job->recognised_content = calloc(most + later, sizeof *job->recognised_content);
    good =
        receive.indices != NULL && receive.numbers != NULL && job->recognised != NULL && job->recognised_content != NULL
            ? receive_all(&receive)
            : fetch_fail(job, EX_OSERR, "", "out of memory");
    free(receive.indices);
    free(receive.numbers);
    return good;
}
