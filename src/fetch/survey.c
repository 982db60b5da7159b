/* SPDX-License-Identifier: MIT */
/* The listing, what is known of it, and the plan. */
#include "fetch/job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#define DAY_S (INT64_C(24) * 60 * 60)
#define HOPELESS 3 /* sessions that failed to get a message (D-24) */

static int take_size(void *context, uint32_t number, uint64_t octets) {
    struct fetch_job *job = context;

    return listing_add_size(&job->listing, number, octets) ? 0 : -1;
}

static int take_uid(void *context, uint32_t number, const char *uid) {
    struct fetch_job *job = context;

    return listing_add_uid(&job->listing, number, uid) ? 0 : -1;
}

/* One of the three was refused: without sizes and uids nothing is sure. */
static bool refused(struct fetch_job *job) {
    bool announced = (pop3_client_capabilities(job->client) & POP3_CAPABILITY_UIDL) != 0;

    (void)fetch_fail_client(job);
    job->outcome->exit_code = announced ? EX_TEMPFAIL : EX_PROTOCOL; /* */
    (void)snprintf(job->outcome->hint, sizeof job->outcome->hint, "%s",
                   announced ? "the server offers it usually: run again later"
                             : "without UIDL nobody can tell which messages were fetched before: nothing is fetched");
    return false;
}

static bool ask(struct fetch_job *job) {
    uint32_t count = 0;
    pop3_client_class result = pop3_client_survey(job->client, &count, NULL, take_size, take_uid, job);

    if (job->listing.out_of_memory) {
        return fetch_fail(job, EX_OSERR, "", "out of memory");
    }
    if (result == POP3_CLIENT_REFUSED) {
        return refused(job);
    }
    if (result == POP3_CLIENT_PROTOCOL && job->listing.count > 0) {
        job->listing.flawed = true;
        fetch_warn(job, "the server's listing has lines that cannot be read; nothing is deleted by it");
    } else if (result != POP3_CLIENT_OK) {
        return fetch_fail_client(job);
    }
    job->announced = count;
    return true;
}

/* `flawed` forbids deletions; a listing that shows less than there is forbids only to forget. */
static bool complete(struct fetch_job *job) {
    static const uint8_t no_secret[STATE_SECRET] = {0};

    if (!listing_complete(&job->listing, job->state != NULL ? state_secret(job->state) : no_secret, STATE_SECRET)) {
        return fetch_fail(job, EX_OSERR, "", "out of memory");
    }
    job->totals.listed = job->listing.count;
    return true;
}

static uint8_t known_of(struct fetch_job *job, const struct listing_entry *entry) {
    unsigned seen = entry->uid_size > 0 ? state_survey_see(job->survey, fetch_key(&job->listing, entry)) : 0;
    uint8_t known = 0;
    struct state_row row;
    struct state_error error;

    known |= (seen & STATE_SEEN_UNFINISHED) != 0 ? PLAN_UNFINISHED : 0;
    known |= (seen & STATE_SEEN_DELIVERED) != 0 ? PLAN_DELIVERED : 0;
    known |= (seen & STATE_SEEN_DUE) != 0 ? PLAN_DUE : 0;
    if ((seen & STATE_SEEN_FAILED) != 0 && state_find(job->state, fetch_key(&job->listing, entry), &row, &error) &&
        row.failed >= HOPELESS) {
        known |= PLAN_HOPELESS;
    }
    return known;
}

/* In an account whose runs delete all, what vanished was deleted by them, be it that no reply to QUIT came (R-1939-23). */
static bool uids_reset(const struct fetch_job *job, const struct state_counts *counts) {
    bool deleting = job->memory.deleting && job->account->keep.kind == ACCOUNT_KEEP_NONE;

    return !deleting && !job->options.accept_uid_reset &&
           plan_uids_reset(counts->known, counts->vanished, counts->fresh);
}

static bool look_up(struct fetch_job *job, uint8_t *known) {
    const struct account_keep *keep = &job->account->keep;
    int64_t due_s = keep->kind == ACCOUNT_KEEP_DAYS ? fetch_now() - (int64_t)keep->n * DAY_S : INT64_MIN;
    struct state_error error;
    struct state_counts counts;

    job->survey = state_survey_begin(job->state, due_s, &error);
    if (job->survey == NULL) {
        return fetch_fail_state(job, &error);
    }
    for (size_t i = 0; i < job->listing.count; i++) {
        known[i] = known_of(job, &job->listing.entries[i]);
    }
    state_survey_counts(job->survey, &counts);
    job->check_copies = counts.vanished > 0;
    if (uids_reset(job, &counts)) {
        return fetch_fail(job, EX_TEMPFAIL,
                          "if the mailbox was moved or emptied, --accept-uid-reset fetches all that is there",
                          "%zu of %zu messages known here are gone at once, and %zu are new: the server seems to have "
                          "given new uids, and all mail would come again",
                          counts.vanished, counts.known, counts.fresh);
    }
    return true;
}

static void make_plan(struct fetch_job *job, const uint8_t *known) {
    static const enum plan_keep keeps[] = {[ACCOUNT_KEEP_ALL] = PLAN_KEEP_ALL,
                                           [ACCOUNT_KEEP_NONE] = PLAN_KEEP_NONE,
                                           [ACCOUNT_KEEP_DAYS] = PLAN_KEEP_DAYS,
                                           [ACCOUNT_KEEP_NEWEST] = PLAN_KEEP_NEWEST};
    const struct account *account = job->account;
    struct plan_options options = {.keep = keeps[account->keep.kind],
                                   .newest = account->keep.n,
                                   .max_octets = account->max_message_octets,
                                   .max_messages = account->max_messages,
                                   .newest_first = account->order == ACCOUNT_NEWEST_FIRST};

    plan_make(&job->plan, &job->listing, known, &options);
    job->totals.wanted = job->plan.actions[PLAN_FETCH];
    job->totals.wanted_size = job->plan.octets;
    job->totals.waiting = job->plan.actions[PLAN_LATER] + job->plan.actions[PLAN_TOO_LARGE] +
                          job->plan.actions[PLAN_FAILING] + job->plan.actions[PLAN_NO_UID] +
                          job->plan.actions[PLAN_WAITING];
}

static void tell_plan(struct fetch_job *job) {
    fetch_tell(job, FETCH_PLANNED);
    for (size_t i = 0; i < job->listing.count; i++) {
        const struct listing_entry *entry = &job->listing.entries[i];

        if (job->options.dry_run) {
            fetch_tell_message(job, FETCH_MESSAGE, entry, "");
        } else if (entry->action >= PLAN_NO_UID && entry->action != PLAN_LATER) {
            fetch_tell_message(job, FETCH_SKIPPED, entry, "");
        }
    }
}

bool fetch_survey(struct fetch_job *job) {
    uint8_t *known;
    bool good;

    if (!ask(job) || !complete(job)) {
        return false;
    }
    known = calloc(job->listing.count + 1, 1);
    if (known == NULL) {
        return fetch_fail(job, EX_OSERR, "", "out of memory");
    }
    good = job->state == NULL || look_up(job, known);
    if (good) {
        make_plan(job, known);
        tell_plan(job);
    }
    free(known);
    return good;
}
