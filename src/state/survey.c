/* SPDX-License-Identifier: MIT */
/* What is known of an account as a table of fingerprints, and what a listing says about it (D-09, D-30, Q-09, Q-10).
 * Refuses to write where nothing vanished, came back or grew old. */
#include "state/internal.h"

#include <stdlib.h>
#include <string.h>

/* A slot is a fingerprint with these in place of its lowest octet; 0 is an empty one. */
enum { SEEN = 0x1F, ABSENT = 0x20, LISTED = 0x40, FLAGS = 0xFF };

#define FIRST_BITS 10U

struct state_survey {
    struct state *state;
    uint64_t *slots;
    unsigned bits; /* of the number of slots */
    size_t used;
    uint8_t key[16];
    int64_t due_s;
    int64_t oldest_absent_s;
    struct state_counts counts;
};

/* ---- The table: linear probing, the upper bits are the place ---- */

static uint64_t fingerprint(const struct state_survey *survey, struct state_key key) {
    uint8_t octets[STATE_UID + sizeof key.k];

    memcpy(octets, key.uid, key.uid_size);
    memcpy(octets + key.uid_size, &key.k, sizeof key.k);
    return state_siphash(survey->key, octets, key.uid_size + sizeof key.k) & ~(uint64_t)FLAGS;
}

static size_t place_of(const struct state_survey *survey, uint64_t print) {
    size_t last = ((size_t)1 << survey->bits) - 1;
    size_t place = (size_t)(print >> (64 - survey->bits));

    while (survey->slots[place] != 0 && (survey->slots[place] & ~(uint64_t)FLAGS) != print) {
        place = (place + 1) & last;
    }
    return place;
}

static bool grow(struct state_survey *survey) {
    struct state_survey larger = *survey;
    size_t count = (size_t)1 << survey->bits;

    larger.bits++;
    larger.slots = calloc(count * 2, sizeof *larger.slots);
    if (larger.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (survey->slots[i] != 0) {
            larger.slots[place_of(&larger, survey->slots[i] & ~(uint64_t)FLAGS)] = survey->slots[i];
        }
    }
    free(survey->slots);
    survey->slots = larger.slots;
    survey->bits = larger.bits;
    return true;
}

/* False: no memory. */
static bool mark(struct state_survey *survey, struct state_key key, unsigned flags) {
    uint64_t print = fingerprint(survey, key);
    size_t place = place_of(survey, print);

    if (survey->slots[place] == 0) {
        if ((survey->used + 1) * 5 > ((size_t)4 << survey->bits)) { /* four in five at most */
            if (!grow(survey)) {
                return false;
            }
            place = place_of(survey, print);
        }
        survey->used++;
    }
    survey->slots[place] |= print | flags;
    return true;
}

/* ---- SQL functions: rows reach the table without leaving SQLite's loop, which is half of the time of stepping ---- */

static struct state_survey *survey_of(sqlite3_context *context) {
    const struct state *state = sqlite3_user_data(context);

    return state->survey;
}

static bool key_of(sqlite3_value **values, struct state_key *key) {
    *key = (struct state_key){.uid = sqlite3_value_blob(values[0]),
                              .uid_size = (size_t)sqlite3_value_bytes(values[0]),
                              .k = (uint32_t)sqlite3_value_int64(values[1])};
    return state_key_valid(*key);
}

static void mark_key(sqlite3_context *context, sqlite3_value **values, unsigned flags) {
    struct state_key key;

    if (!key_of(values, &key)) {
        sqlite3_result_error_code(context, SQLITE_CORRUPT);
    } else if (!mark(survey_of(context), key, flags)) {
        sqlite3_result_error_nomem(context);
    }
}

/* remember(uid, k, stage, delivered_s, absent_s) */
static void remember_step(sqlite3_context *context, int count, sqlite3_value **values) {
    struct state_survey *survey = survey_of(context);
    bool deleted = sqlite3_value_int(values[2]) == STATE_DELETED;
    bool absent = sqlite3_value_type(values[4]) != SQLITE_NULL;
    unsigned flags = STATE_SEEN_DELIVERED;

    (void)count;
    if (deleted) {
        flags |= STATE_SEEN_DELETED;
    }
    if (sqlite3_value_int64(values[3]) < survey->due_s) {
        flags |= STATE_SEEN_DUE;
    }
    if (absent) {
        int64_t absent_s = sqlite3_value_int64(values[4]);

        flags |= ABSENT;
        survey->oldest_absent_s = absent_s < survey->oldest_absent_s ? absent_s : survey->oldest_absent_s;
    }
    survey->counts.known += !deleted && !absent;
    mark_key(context, values, flags);
}

/* mark(uid, k, flags) */
static void mark_step(sqlite3_context *context, int count, sqlite3_value **values) {
    (void)count;
    mark_key(context, values, (unsigned)sqlite3_value_int(values[2]));
}

static void no_result(sqlite3_context *context) {
    (void)context;
}

/* listed(uid, k): what is not in the table was committed after it was filled, and out of this listing. */
static void listed(sqlite3_context *context, int count, sqlite3_value **values) {
    const struct state_survey *survey = survey_of(context);
    struct state_key key;
    uint64_t slot;

    (void)count;
    if (!key_of(values, &key)) {
        sqlite3_result_error_code(context, SQLITE_CORRUPT);
        return;
    }
    slot = survey->slots[place_of(survey, fingerprint(survey, key))];
    sqlite3_result_int(context, slot == 0 || (slot & LISTED) != 0);
}

int state_survey_functions(struct state *state) {
    const int kind = SQLITE_UTF8 | SQLITE_DIRECTONLY;
    sqlite3 *database = state->database;
    int code = sqlite3_create_function_v2(database, "remember", 5, kind, state, NULL, remember_step, no_result, NULL);

    if (code == SQLITE_OK) {
        code = sqlite3_create_function_v2(database, "mark", 3, kind, state, NULL, mark_step, no_result, NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_create_function_v2(database, "listed", 2, kind, state, listed, NULL, NULL, NULL);
    }
    return code;
}

/* ---- A survey's life ---- */

static bool run_for_account(struct state *state, enum statement statement, struct state_error *error) {
    struct query query = state_query(state, statement);

    state_bind_number(&query, state->account);
    return state_query_run(&query, NULL, error);
}

static bool load(struct state *state, struct state_survey *survey, struct state_error *error) {
    bool good;

    if (!state_read_begin(state, error)) {
        return false;
    }
    state->survey = survey;
    good = run_for_account(state, SQL_MSG_LOAD, error) && run_for_account(state, SQL_INTENT_KEYS, error) &&
           run_for_account(state, SQL_FAILED_KEYS, error);
    state->survey = NULL;
    return state_read_end(state, good, error);
}

struct state_survey *state_survey_begin(struct state *state, int64_t due_s, struct state_error *error) {
    struct state_survey *survey = calloc(1, sizeof *survey);
    bool good;

    if (survey != NULL) {
        *survey =
            (struct state_survey){.state = state, .bits = FIRST_BITS, .due_s = due_s, .oldest_absent_s = INT64_MAX};
        survey->slots = calloc((size_t)1 << FIRST_BITS, sizeof *survey->slots);
    }
    if (survey == NULL || survey->slots == NULL) {
        state_survey_free(survey);
        (void)state_fail(error, STATE_MEMORY, "no memory for what is known of the account");
        return NULL;
    }
    good = state_random(survey->key, sizeof survey->key, error) && state_enter(state, error);
    if (good) {
        good = load(state, survey, error);
        state_leave(state);
    }
    if (!good) {
        state_survey_free(survey);
        return NULL;
    }
    return survey;
}

unsigned state_survey_see(struct state_survey *survey, struct state_key key) {
    struct state_counts *counts = &survey->counts;
    uint64_t *slot;

    if (!state_key_valid(key)) {
        return 0;
    }
    slot = &survey->slots[place_of(survey, fingerprint(survey, key))];
    if (*slot == 0) {
        counts->fresh++;
        return 0;
    }
    if ((*slot & (STATE_SEEN_DELIVERED | STATE_SEEN_DELETED | LISTED)) == STATE_SEEN_DELIVERED) {
        counts->seen += (*slot & ABSENT) == 0;
        counts->returned += (*slot & ABSENT) != 0;
    }
    *slot |= LISTED;
    return (unsigned)(*slot & SEEN);
}

void state_survey_counts(const struct state_survey *survey, struct state_counts *counts) {
    *counts = survey->counts;
    counts->vanished = counts->known - counts->seen;
}

/* What the listing changes in the database. */
struct findings {
    bool gone; /* deleted, and not listed any more */
    bool vanished;
    bool returned;
    bool old;
    bool failed;
};

static struct findings look(const struct state_survey *survey, int64_t now_s) {
    struct findings findings = {.old = survey->oldest_absent_s <= now_s - STATE_GRACE_S};

    for (size_t i = 0; i < (size_t)1 << survey->bits; i++) {
        uint64_t slot = survey->slots[i];
        bool is_listed = (slot & LISTED) != 0;

        if ((slot & STATE_SEEN_DELIVERED) != 0) {
            findings.gone |= !is_listed && (slot & STATE_SEEN_DELETED) != 0;
            findings.vanished |= !is_listed && (slot & ABSENT) == 0;
            findings.returned |= is_listed && (slot & ABSENT) != 0;
        }
        findings.failed |= !is_listed && (slot & STATE_SEEN_FAILED) != 0;
    }
    return findings;
}

static bool run_with_time(struct state *state, enum statement statement, int64_t time_s, struct state_error *error) {
    struct query query = state_query(state, statement);

    state_bind_number(&query, state->account);
    state_bind_number(&query, time_s);
    return state_query_run(&query, NULL, error);
}

static bool store(struct state *state, struct findings findings, int64_t now_s, struct state_error *error) {
    return (!findings.gone || run_for_account(state, SQL_MSG_GONE, error)) &&
           (!findings.returned || run_for_account(state, SQL_MSG_RETURNED, error)) &&
           (!findings.vanished || run_with_time(state, SQL_MSG_VANISHED, now_s, error)) &&
           (!findings.old || run_with_time(state, SQL_MSG_PRUNE, now_s - STATE_GRACE_S, error)) &&
           (!findings.failed || run_for_account(state, SQL_FAILED_GONE, error));
}

static bool commit(struct state_survey *survey, int64_t now_s, struct state_error *error) {
    struct findings findings = look(survey, now_s);
    struct state *state = survey->state;
    bool good;

    if (!findings.gone && !findings.vanished && !findings.returned && !findings.old && !findings.failed) {
        return true;
    }
    if (!state_write_begin(state, error)) {
        return false;
    }
    state->survey = survey;
    good = store(state, findings, now_s, error);
    state->survey = NULL;
    return state_write_end(state, good, error);
}

bool state_survey_commit(struct state_survey *survey, int64_t now_s, struct state_error *error) {
    bool good;

    if (!state_enter_account(survey->state, error)) {
        return false;
    }
    good = commit(survey, now_s, error);
    state_leave(survey->state);
    return good;
}

void state_survey_free(struct state_survey *survey) {
    if (survey != NULL) {
        free(survey->slots);
        free(survey);
    }
}
