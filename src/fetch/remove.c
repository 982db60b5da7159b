/* SPDX-License-Identifier: MIT */
/* S7 and S8: DELE of what is durable, QUIT, and the journal of what the server confirmed. */
#include "fetch/job.h"

#include <stdlib.h>
#include <sysexits.h>

struct removal {
    struct fetch_job *job;
    bool *marked;
};

static int take_result(void *context, size_t index, const pop3_client_error *result) {
    struct removal *removal = context;
    struct fetch_job *job = removal->job;

    if (index < job->removal_count && result->class_ == POP3_CLIENT_OK) {
        removal->marked[index] = true;
        fetch_tell_message(job, FETCH_DELETED, &job->listing.entries[job->removals[index]], "");
    }
    return 0;
}

static bool journal(struct removal *removal) {
    struct fetch_job *job = removal->job;
    struct state_key *keys = calloc(job->removal_count + 1, sizeof *keys);
    struct state_changes changes = {.now_s = fetch_now(), .deleted = keys};
    struct state_error error = {.problem = STATE_MEMORY, .text = "out of memory"};
    bool good = keys != NULL;

    for (size_t i = 0; i < job->removal_count && good; i++) {
        if (removal->marked[i]) {
            keys[changes.deleted_count++] = fetch_key(&job->listing, &job->listing.entries[job->removals[i]]);
        }
    }
    good = good && (changes.deleted_count == 0 || state_commit(job->state, &changes, &error));
    job->totals.deleted += good ? changes.deleted_count : 0;
    free(keys);
    return good || fetch_fail_state(job, &error);
}

static bool remove_and_quit(struct removal *removal, uint32_t *numbers) {
    struct fetch_job *job = removal->job;
    pop3_client_class result;

    for (size_t i = 0; i < job->removal_count; i++) {
        numbers[i] = job->listing.entries[job->removals[i]].number;
    }
    result = pop3_client_dele_quit(job->client, numbers, job->removal_count, take_result, removal);
    if (result != POP3_CLIENT_OK) {
        return fetch_fail_client(job);
    }
    return journal(removal);
}

/* The listing was whole, not empty, and the session good: what vanished is noted (D-09). */
static bool end_survey(struct fetch_job *job) {
    struct state_error error;

    return job->listing.flawed || job->listing.count == 0 || job->listing.count < job->announced ||
           state_survey_commit(job->survey, fetch_now(), &error) || fetch_fail_state(job, &error);
}

bool fetch_remove_and_quit(struct fetch_job *job) {
    struct removal removal = {.job = job, .marked = calloc(job->removal_count + 1, sizeof *removal.marked)};
    uint32_t *numbers = calloc(job->removal_count + 1, sizeof *numbers);
    bool good = removal.marked != NULL && numbers != NULL ? remove_and_quit(&removal, numbers)
                                                          : fetch_fail(job, EX_OSERR, "", "out of memory");

    free(removal.marked);
    free(numbers);
    return good && end_survey(job);
}
