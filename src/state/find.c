/* SPDX-License-Identifier: MIT */
/* What is known of one message, and what is unfinished. Refuses to change anything. */
#include "state/internal.h"

#include <stdlib.h>
#include <string.h>

/* Six columns: generation, list_size, place, size, digest, header_digest. */
static void read_content(struct query *query, struct state_row *row) {
    row->generation = (uint32_t)sqlite3_column_int64(query->statement, 0);
    row->list_size = (uint64_t)sqlite3_column_int64(query->statement, 1);
    row->place = sqlite3_column_int64(query->statement, 2);
    row->content.size = (uint64_t)sqlite3_column_int64(query->statement, 3);
    state_column_digest(query, 4, row->content.digest);
    state_column_digest(query, 5, row->content.header_digest);
}

static bool find_intent(struct state *state, struct state_key key, struct state_row *row, struct state_error *error) {
    struct query query = state_query(state, SQL_INTENT_FIND);

    state_bind_key(&query, key);
    if (state_next_row(&query)) {
        row->stage = STATE_UNFINISHED;
        read_content(&query, row);
    }
    return state_query_end(&query, error);
}

static bool find_msg(struct state *state, struct state_key key, struct state_row *row, struct state_error *error) {
    struct query query = state_query(state, SQL_MSG_FIND);

    state_bind_key(&query, key);
    if (state_next_row(&query)) {
        read_content(&query, row);
        row->stage = sqlite3_column_int(query.statement, 6) == STATE_DELETED ? STATE_DELETED : STATE_DELIVERED;
        row->delivered_s = sqlite3_column_int64(query.statement, 7);
    }
    return state_query_end(&query, error);
}

static bool find_failed(struct state *state, struct state_key key, struct state_row *row, struct state_error *error) {
    struct query query = state_query(state, SQL_FAILED_FIND);

    state_bind_key(&query, key);
    if (state_next_row(&query)) {
        row->failed = (uint32_t)sqlite3_column_int64(query.statement, 0);
    }
    return state_query_end(&query, error);
}

static bool find(struct state *state, struct state_key key, struct state_row *row, struct state_error *error) {
    if (!state_key_valid(key)) {
        return state_fail(error, STATE_ARGUMENT, "a uid has 1 to %d octets", STATE_UID);
    }
    return find_failed(state, key, row, error) && find_intent(state, key, row, error) &&
           (row->stage == STATE_UNFINISHED || find_msg(state, key, row, error));
}

bool state_find(struct state *state, struct state_key key, struct state_row *row, struct state_error *error) {
    bool good;

    memset(row, 0, sizeof *row);
    if (!state_enter(state, error)) {
        return false;
    }
    good = find(state, key, row, error);
    state_leave(state);
    return good;
}

bool state_find_copy(struct state *state, const void *uid, size_t uid_size, const struct state_content *content,
                     uint32_t *k, struct state_error *error) {
    bool found;

    if (!state_enter(state, error)) {
        return false;
    }
    struct query query = state_query(state, SQL_MSG_FIND_COPY);

    state_bind_number(&query, state->account);
    state_bind_octets(&query, uid, uid_size);
    state_bind_octets(&query, content->digest, STATE_DIGEST);
    found = state_next_row(&query);
    if (found) {
        *k = (uint32_t)sqlite3_column_int64(query.statement, 0);
    }
    error->problem = STATE_FINE;
    found = state_query_end(&query, error) && found;
    state_leave(state);
    return found;
}

/* ---- Unfinished messages: rows, and behind them the octets that they point to, in one piece of memory ---- */

static const char *keep(char **next, struct query *query, int column, size_t *size) {
    const char *kept = *next;

    *size = (size_t)sqlite3_column_bytes(query->statement, column);
    if (*size > 0) {
        memcpy(*next, sqlite3_column_blob(query->statement, column), *size);
    }
    (*next)[*size] = '\0';
    *next += *size + 1;
    return kept;
}

static void read_intent(struct query *query, struct state_intent *intent, char **next) {
    struct state_message *message = &intent->message;
    struct state_row row;
    size_t size;

    read_content(query, &row);
    message->generation = row.generation;
    message->list_size = row.list_size;
    message->place = row.place;
    message->content = row.content;
    message->key.uid = keep(next, query, 6, &message->key.uid_size);
    message->key.k = (uint32_t)sqlite3_column_int64(query->statement, 7);
    intent->batch = keep(next, query, 8, &size);
    intent->name = keep(next, query, 9, &size);
    intent->boot_id = keep(next, query, 10, &size);
    intent->offset = (uint64_t)sqlite3_column_int64(query->statement, 11);
}

static bool sizes(struct state *state, size_t *count, size_t *octets, struct state_error *error) {
    struct query query = state_query(state, SQL_INTENT_SIZES);

    *count = 0;
    *octets = 0;
    state_bind_number(&query, state->account);
    if (state_next_row(&query)) {
        *count = (size_t)sqlite3_column_int64(query.statement, 0);
        *octets = (size_t)sqlite3_column_int64(query.statement, 1);
    }
    return state_query_end(&query, error);
}

static bool list(struct state *state, struct state_intents *intents, struct state_error *error) {
    size_t most;
    size_t octets;

    if (!sizes(state, &most, &octets, error)) {
        return false;
    }
    if (most == 0) {
        return true;
    }
    octets += most; /* the NUL behind each uid */
    intents->memory = malloc(most * sizeof *intents->rows + octets);
    if (intents->memory == NULL) {
        return state_fail(error, STATE_MEMORY, "no memory for %zu unfinished messages", most);
    }
    char *next = (char *)intents->memory + most * sizeof *intents->rows;
    struct query query = state_query(state, SQL_INTENT_LIST);

    intents->rows = intents->memory;
    state_bind_number(&query, state->account);
    while (intents->count < most && state_next_row(&query)) {
        read_intent(&query, &intents->rows[intents->count++], &next);
    }
    return state_query_end(&query, error);
}

bool state_unfinished(struct state *state, struct state_intents *intents, struct state_error *error) {
    bool good;

    *intents = (struct state_intents){.count = 0};
    if (!state_enter(state, error)) {
        return false;
    }
    good = state_read_begin(state, error) && state_read_end(state, list(state, intents, error), error);
    if (!good) {
        state_intents_free(intents);
    }
    state_leave(state);
    return good;
}

void state_intents_free(struct state_intents *intents) {
    free(intents->memory);
    *intents = (struct state_intents){.count = 0};
}
