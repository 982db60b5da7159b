/* SPDX-License-Identifier: MIT */
/*
 * A message that is to be deleted without being fetched in this session must be the one that was delivered: same size in the
 * listing, same header by TOP (D-14). What is not proven is fetched and compared whole.
 */
#include "fetch/job.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

struct check {
    struct fetch_job *job;
    uint32_t *indices; /* into the listing */
    uint32_t *numbers;
    size_t count;
    struct deliver_content *content;
    bool begun;
};

static void fetch_instead(struct fetch_job *job, struct listing_entry *entry) {
    entry->action = PLAN_FETCH;
    entry->flags |= PLAN_COMPARE | PLAN_THEN_DELETE;
    job->totals.wanted++;
    job->totals.wanted_size += entry->size != LISTING_SIZE_UNKNOWN ? entry->size : 0;
}

static int take_header(void *context, size_t index, const void *octets, size_t n) {
    struct check *check = context;
    uint8_t out[4096 + DELIVER_CONTENT_ROOM];
    const uint8_t *at = octets;

    (void)index;
    if (!check->begun) {
        deliver_content_begin(check->content);
        check->begun = true;
    }
    while (n > 0) {
        size_t some = n < 4096 ? n : 4096;

        (void)deliver_content_take(check->content, at, some, out);
        at += some;
        n -= some;
    }
    return 0;
}

static int compare_header(void *context, size_t index, const pop3_client_error *result) {
    struct check *check = context;
    struct fetch_job *job = check->job;
    struct listing_entry *entry = &job->listing.entries[check->indices[index]];
    struct deliver_digests digests;
    struct state_row row;
    struct state_error error;
    uint8_t last;

    if (!check->begun) {
        deliver_content_begin(check->content);
    }
    check->begun = false;
    (void)deliver_content_end(check->content, &last, &digests);
    if (result->class_ != POP3_CLIENT_OK || !state_find(job->state, fetch_key(&job->listing, entry), &row, &error) ||
        row.stage < STATE_DELIVERED || memcmp(row.content.header_digest, digests.header, DELIVER_DIGEST_SIZE) != 0) {
        fetch_instead(job, entry);
    } else {
        job->removals[job->removal_count++] = check->indices[index];
    }
    return 0;
}

/* Those whose size speaks for them; the others are fetched at once. False: the journal cannot be read. */
static bool choose(struct check *check) {
    struct fetch_job *job = check->job;

    for (size_t i = 0; i < job->listing.count; i++) {
        struct listing_entry *entry = &job->listing.entries[i];
        struct state_row row;
        struct state_error error;

        if (entry->action != PLAN_DELETE) {
            continue;
        }
        if (!state_find(job->state, fetch_key(&job->listing, entry), &row, &error)) {
            return fetch_fail_state(job, &error);
        }
        if (row.stage < STATE_DELIVERED) {
            entry->action = PLAN_FETCH; /* two uids met in the survey's fingerprints */
            job->totals.wanted++;
        } else if (entry->size == LISTING_SIZE_UNKNOWN || row.list_size != entry->size) {
            fetch_instead(job, entry);
        } else {
            check->indices[check->count] = (uint32_t)i;
            check->numbers[check->count++] = entry->number;
        }
    }
    return true;
}

static bool verify(struct check *check) {
    struct fetch_job *job = check->job;
    pop3_client_class result;

    if (!choose(check)) {
        return false;
    }
    if (check->count == 0) {
        return true;
    }
    result = pop3_client_top_many(job->client, check->numbers, check->count, 0, take_header, compare_header, check);
    return result == POP3_CLIENT_OK || result == POP3_CLIENT_REFUSED || result == POP3_CLIENT_BUSY ||
           fetch_fail_client(job);
}

bool fetch_verify(struct fetch_job *job) {
    size_t most = job->plan.actions[PLAN_DELETE] + 1;
    struct check check = {.job = job,
                          .indices = calloc(most, sizeof *check.indices),
                          .numbers = calloc(most, sizeof *check.numbers),
                          .content = deliver_content_new(state_secret(job->state))};
    bool good = check.indices != NULL && check.numbers != NULL && check.content != NULL
                    ? verify(&check)
                    : fetch_fail(job, EX_OSERR, "", "out of memory");

    free(check.indices);
    free(check.numbers);
    deliver_content_free(check.content);
    return good;
}
