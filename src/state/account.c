/* SPDX-License-Identifier: MIT */
/* The account of a handle: who it is, its lock, its memory and its last run. Refuses to know of messages. */
#include "state/internal.h"

#include <stdio.h>
#include <string.h>

#include "state/parts.h"

bool state_identity_make(struct state_identity *identity, const char *host, const char *user, uint16_t port) {
    size_t host_size = strlen(host);
    size_t user_size = strlen(user);
    int port_size;

    host_size -= host_size > 0 && host[host_size - 1] == '.';
    if (host_size == 0 || host_size >= STATE_IDENTITY || user_size >= STATE_IDENTITY ||
        host_size + user_size + sizeof "..65535" > STATE_IDENTITY) {
        return false;
    }
    for (size_t i = 0; i < host_size; i++) {
        bool upper = host[i] >= 'A' && host[i] <= 'Z';

        identity->octets[i] = (uint8_t)(upper ? host[i] - 'A' + 'a' : host[i]);
    }
    identity->octets[host_size] = '\0';
    memcpy(identity->octets + host_size + 1, user, user_size + 1);
    identity->size = host_size + user_size + 2;
    port_size = snprintf((char *)identity->octets + identity->size, STATE_IDENTITY - identity->size, "%u",
                         port == 110 ? 995U : (unsigned)port);
    identity->size += (size_t)port_size;
    return true;
}

/* 0: there is none. */
static bool find_account(struct state *state, const struct state_identity *identity, int64_t *id,
                         struct state_error *error) {
    struct query query = state_query(state, SQL_ACCOUNT_ID);

    state_bind_octets(&query, identity->octets, identity->size);
    *id = state_next_row(&query) ? sqlite3_column_int64(query.statement, 0) : 0;
    return state_query_end(&query, error);
}

static bool add_account(struct state *state, const struct state_identity *identity, struct state_error *error) {
    if (!state_write_begin(state, error)) {
        return false;
    }
    struct query query = state_query(state, SQL_ACCOUNT_ADD);

    state_bind_octets(&query, identity->octets, identity->size);
    return state_write_end(state, state_query_run(&query, NULL, error), error);
}

bool state_account_exists(struct state *state, int64_t id, bool *exists, struct state_error *error) {
    struct query query = state_query(state, SQL_ACCOUNT_EXISTS);

    state_bind_number(&query, id);
    *exists = state_next_row(&query);
    return state_query_end(&query, error);
}

/* Between finding the account and locking it somebody may have made or forgotten it: look until both are true. */
static bool hold_account(struct state *state, const struct state_identity *identity, struct state_error *error) {
    for (;;) {
        bool exists;
        int64_t id;

        if (!find_account(state, identity, &id, error)) {
            return false;
        }
        if (id == 0) {
            if (!add_account(state, identity, error)) {
                return false;
            }
            continue;
        }
        if (!state_lock_account(state, id, &state->holder, error)) {
            return false;
        }
        if (!state_account_exists(state, id, &exists, error)) {
            return false;
        }
        if (exists) {
            state->account = id;
            return true;
        }
        state_lock_close(&state->holder);
    }
}

bool state_account_name_set(struct state *state, int64_t id, const char *name, int64_t *changed,
                            struct state_error *error) {
    if (!state_write_begin(state, error)) {
        return false;
    }
    struct query query = state_query(state, SQL_ACCOUNT_NAME);

    state_bind_number(&query, id);
    state_bind_text(&query, name);
    return state_write_end(state, state_query_run(&query, changed, error), error);
}

void state_read_account(struct query *query, struct state_account *account) {
    sqlite3_stmt *row = query->statement;
    struct state_run *run = &account->run;

    account->memory.pipelining_off = sqlite3_column_int(row, 1) != 0;
    account->memory.not_before_s = sqlite3_column_int64(row, 2);
    account->memory.deleting = sqlite3_column_int(row, 3) != 0;
    state_column_text(query, 4, account->name, sizeof account->name);
    run->started_s = sqlite3_column_int64(row, 5);
    run->ended_s = sqlite3_column_int64(row, 6);
    run->exit_code = sqlite3_column_int(row, 7);
    run->fetched = (uint64_t)sqlite3_column_int64(row, 8);
    run->octets = (uint64_t)sqlite3_column_int64(row, 9);
    run->deleted = (uint64_t)sqlite3_column_int64(row, 10);
    run->failed = (uint64_t)sqlite3_column_int64(row, 11);
    run->waiting = (uint64_t)sqlite3_column_int64(row, 12);
    state_column_text(query, 13, run->text, sizeof run->text);
}

/* What is stored of the account itself; all zero where there is none. */
static bool load(struct state *state, struct state_account *account, struct state_error *error) {
    struct query query = state_query(state, SQL_ACCOUNT_STATE);
    int64_t runs = 0;

    memset(account, 0, sizeof *account);
    state_bind_number(&query, state->account);
    if (state_next_row(&query)) {
        runs = sqlite3_column_int64(query.statement, 0);
        state_read_account(&query, account);
    }
    if (!state->run_stored) {
        state->run = (uint32_t)(runs + 1);
    }
    return state_query_end(&query, error);
}

static bool use(struct state *state, const struct state_identity *identity, const char *name,
                struct state_error *error) {
    struct state_account account;

    if (state->use == STATE_READ) {
        return find_account(state, identity, &state->account, error) && load(state, &account, error);
    }
    if (!hold_account(state, identity, error) || !load(state, &account, error)) {
        return false;
    }
    state->account_is_new = state->run == 1;
    return name == NULL || strcmp(name, account.name) == 0 ||
           state_account_name_set(state, state->account, name, NULL, error);
}

bool state_account_use(struct state *state, const struct state_identity *identity, const char *name,
                       struct state_error *error) {
    bool good;

    if (!state_enter(state, error)) {
        return false;
    }
    if (state->account != 0 || (name != NULL && strlen(name) >= STATE_NAME)) {
        good = state_fail(error, STATE_ARGUMENT, "the handle has an account, or the name is too long");
    } else {
        good = use(state, identity, name, error);
    }
    state_leave(state);
    return good;
}

bool state_account_is_new(const struct state *state) {
    return state->account_is_new;
}

uint32_t state_run_number(const struct state *state) {
    return state->run;
}

bool state_memory_get(struct state *state, struct state_memory *memory, struct state_error *error) {
    struct state_account account;
    bool good;

    if (!state_enter(state, error)) {
        return false;
    }
    good = load(state, &account, error);
    *memory = account.memory;
    state_leave(state);
    return good;
}

static bool same_memory(const struct state_memory *a, const struct state_memory *b) {
    return a->pipelining_off == b->pipelining_off && a->not_before_s == b->not_before_s && a->deleting == b->deleting;
}

static bool store_memory(struct state *state, const struct state_memory *memory, struct state_error *error) {
    if (!state_write_begin(state, error)) {
        return false;
    }
    struct query query = state_query(state, SQL_ACCOUNT_MEMORY);

    state_bind_number(&query, state->account);
    state_bind_number(&query, memory->pipelining_off);
    state_bind_number(&query, memory->not_before_s);
    state_bind_number(&query, memory->deleting);
    return state_write_end(state, state_query_run(&query, NULL, error), error);
}

bool state_memory_set(struct state *state, const struct state_memory *memory, struct state_error *error) {
    struct state_account account;
    bool good;

    if (!state_enter_account(state, error)) {
        return false;
    }
    good = load(state, &account, error) && (same_memory(&account.memory, memory) || store_memory(state, memory, error));
    state_leave(state);
    return good;
}

static bool store_run(struct state *state, const struct state_run *run, struct state_error *error) {
    if (!state_write_begin(state, error)) {
        return false;
    }
    struct query query = state_query(state, SQL_ACCOUNT_RUN);

    state_bind_number(&query, state->account);
    state_bind_number(&query, run->started_s);
    state_bind_number(&query, run->ended_s);
    state_bind_number(&query, run->exit_code);
    state_bind_number(&query, (int64_t)run->fetched);
    state_bind_number(&query, (int64_t)run->octets);
    state_bind_number(&query, (int64_t)run->deleted);
    state_bind_number(&query, (int64_t)run->failed);
    state_bind_number(&query, (int64_t)run->waiting);
    state_bind_text(&query, run->text);
    return state_write_end(state, state_query_run(&query, NULL, error), error);
}

static bool nothing_new(const struct state_run *run, const struct state_run *last) {
    return run->fetched == 0 && run->deleted == 0 && run->failed == 0 && last->started_s != 0 &&
           run->exit_code == last->exit_code && run->waiting == last->waiting && strcmp(run->text, last->text) == 0;
}

bool state_run_note(struct state *state, const struct state_run *run, struct state_error *error) {
    struct state_account account;
    bool good;

    if (!state_enter_account(state, error)) {
        return false;
    }
    good = load(state, &account, error) && (nothing_new(run, &account.run) || store_run(state, run, error));
    state_leave(state);
    return good;
}
