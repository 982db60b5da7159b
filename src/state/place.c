/* SPDX-License-Identifier: MIT */
/* Destinations, and whether one is another than before (D-27). Refuses to look at the destination itself. */
#include "state/internal.h"

#include "state/parts.h"

#include <string.h>

void state_read_place(struct query *query, int column, struct state_place *place) {
    state_column_text(query, column, place->kind, sizeof place->kind);
    state_column_text(query, column + 1, place->path, sizeof place->path);
    place->device = (uint64_t)sqlite3_column_int64(query->statement, column + 2);
    place->inode = (uint64_t)sqlite3_column_int64(query->statement, column + 3);
}

static bool current_place(struct state *state, struct state_place *place, int64_t *id, struct state_error *error) {
    struct query query = state_query(state, SQL_PLACE_CURRENT);

    memset(place, 0, sizeof *place);
    *id = 0;
    state_bind_number(&query, state->account);
    if (state_next_row(&query)) {
        state_read_place(&query, 0, place);
        *id = sqlite3_column_int64(query.statement, 4);
    }
    return state_query_end(&query, error);
}

static void bind_place(struct query *query, const struct state_place *place) {
    state_bind_number(query, query->state->account);
    state_bind_text(query, place->kind);
    state_bind_text(query, place->path);
    state_bind_number(query, (int64_t)place->device);
    state_bind_number(query, (int64_t)place->inode);
}

/* 0: there is no such row. */
static bool find_place(struct state *state, const struct state_place *place, int64_t *id, struct state_error *error) {
    struct query query = state_query(state, SQL_PLACE_FIND);

    bind_place(&query, place);
    *id = state_next_row(&query) ? sqlite3_column_int64(query.statement, 0) : 0;
    return state_query_end(&query, error);
}

static bool add_place(struct state *state, const struct state_place *place, int64_t *id, struct state_error *error) {
    struct query query = state_query(state, SQL_PLACE_ADD);
    bool good;

    bind_place(&query, place);
    good = state_query_run(&query, NULL, error);
    *id = good ? sqlite3_last_insert_rowid(state->database) : 0;
    return good;
}

static bool make_current(struct state *state, int64_t id, struct state_error *error) {
    struct query query = state_query(state, SQL_ACCOUNT_PLACE);

    state_bind_number(&query, state->account);
    state_bind_number(&query, id);
    return state_query_run(&query, NULL, error);
}

static bool forget_delivered(struct state *state, struct state_error *error) {
    struct query query = state_query(state, SQL_MSG_FORGET_ALL);

    state_bind_number(&query, state->account);
    return state_query_run(&query, NULL, error);
}

static bool change_place(struct state *state, const struct state_place *place, bool forget, int64_t *id,
                         struct state_error *error) {
    bool good;

    if (!state_write_begin(state, error)) {
        return false;
    }
    good = (!forget || forget_delivered(state, error)) && find_place(state, place, id, error) &&
           (*id != 0 || add_place(state, place, id, error)) && make_current(state, *id, error);
    return state_write_end(state, good, error);
}

static bool same_facts(const struct state_place *a, const struct state_place *b) {
    return strcmp(a->kind, b->kind) == 0 && strcmp(a->path, b->path) == 0 && a->device == b->device &&
           a->inode == b->inode;
}

static bool same_destination(const struct state_place *a, const struct state_place *b) {
    bool moved = a->inode != 0 && a->inode == b->inode && a->device == b->device;

    return strcmp(a->kind, b->kind) == 0 && (moved || strcmp(a->path, b->path) == 0);
}

static bool use_place(struct state *state, const struct state_place *place, bool again, int64_t *id,
                      struct state_place *conflict, struct state_error *error) {
    struct state_place before;
    bool other;

    if (!current_place(state, &before, id, error)) {
        return false;
    }
    if (*id != 0 && same_facts(&before, place)) {
        return true;
    }
    other = *id != 0 && !same_destination(&before, place);
    *id = 0;
    if (other && !again) {
        *conflict = before;
        return true;
    }
    return state->use == STATE_READ || change_place(state, place, other, id, error);
}

bool state_place_use(struct state *state, const struct state_place *place, bool again, int64_t *id,
                     struct state_place *conflict, struct state_error *error) {
    bool good;

    memset(conflict, 0, sizeof *conflict);
    *id = 0;
    if (!(state->use == STATE_READ ? state_enter(state, error) : state_enter_account(state, error))) {
        return false;
    }
    good = use_place(state, place, again, id, conflict, error);
    state_leave(state);
    return good;
}

bool state_place_current(struct state *state, struct state_place *place, struct state_error *error) {
    int64_t id;
    bool good;

    memset(place, 0, sizeof *place);
    if (!state_enter(state, error)) {
        return false;
    }
    good = current_place(state, place, &id, error);
    state_leave(state);
    return good;
}

bool state_place_get(struct state *state, int64_t id, struct state_place *place, struct state_error *error) {
    bool found;
    bool good;

    memset(place, 0, sizeof *place);
    if (!state_enter(state, error)) {
        return false;
    }
    struct query query = state_query(state, SQL_PLACE_GET);

    state_bind_number(&query, id);
    found = state_next_row(&query);
    if (found) {
        state_read_place(&query, 0, place);
    }
    good = state_query_end(&query, error) &&
           (found || state_fail(error, STATE_ARGUMENT, "there is no destination with that number"));
    state_leave(state);
    return good;
}
