/* SPDX-License-Identifier: MIT */
/* For `satchel state` and `satchel status`: all accounts, another name, forgetting. Refuses to touch one that is in use. */
#include "state/internal.h"

#include "state/parts.h"

#include <stdlib.h>
#include <string.h>

/* The parts of an identity; false where it is none. */
static bool read_identity(struct query *query, int column, struct state_account *account) {
    char text[STATE_IDENTITY + 1];
    const char *user;
    const char *port;
    size_t size = (size_t)sqlite3_column_bytes(query->statement, column);

    state_column_text(query, column, text, sizeof text);
    user = text + strlen(text) + 1;
    if (size > STATE_IDENTITY || user >= text + size) {
        return false;
    }
    port = user + strlen(user) + 1;
    if (port >= text + size) {
        return false;
    }
    memcpy(account->host, text, (size_t)(user - text));
    memcpy(account->user, user, (size_t)(port - user));
    account->port = (uint16_t)strtoul(port, NULL, 10);
    return true;
}

static bool read_account(struct query *query, struct state_account *account) {
    memset(account, 0, sizeof *account);
    state_read_account(query, account);
    account->id = sqlite3_column_int64(query->statement, 14);
    account->delivered = (uint64_t)sqlite3_column_int64(query->statement, 16);
    account->deleted = (uint64_t)sqlite3_column_int64(query->statement, 17);
    account->absent = (uint64_t)sqlite3_column_int64(query->statement, 18);
    account->unfinished = (uint64_t)sqlite3_column_int64(query->statement, 19);
    state_read_place(query, 20, &account->place);
    state_lock_look(query->state, account->id, &account->looked_s, &account->held);
    return read_identity(query, 15, account);
}

bool state_accounts(struct state *state, state_account_fn *each, void *context, struct state_error *error) {
    struct state_account account;
    bool good = true;

    if (!state_enter(state, error)) {
        return false;
    }
    struct query query = state_query(state, SQL_ACCOUNT_LIST);

    while (good && state_next_row(&query)) {
        if (!read_account(&query, &account)) {
            good = state_fail(error, STATE_DAMAGED, "the database %s/%s names an account that is none", state->folder,
                              STATE_DATABASE);
        } else if (!each(context, &account)) {
            break;
        }
    }
    good = state_query_end(&query, error) && good;
    state_leave(state);
    return good;
}

static bool fail_unknown(struct state_error *error) {
    return state_fail(error, STATE_ARGUMENT, "there is no such account");
}

bool state_rename(struct state *state, int64_t account, const char *name, struct state_error *error) {
    int64_t renamed = 0;
    bool good;

    if (strlen(name) >= STATE_NAME) {
        return state_fail(error, STATE_ARGUMENT, "the name is longer than %d octets", STATE_NAME - 1);
    }
    if (!state_enter_to_write(state, error)) {
        return false;
    }
    good = state_account_name_set(state, account, name, &renamed, error) && (renamed == 1 || fail_unknown(error));
    state_leave(state);
    return good;
}

struct forgetting {
    int64_t account;
    const void *uid; /* NULL: all */
    size_t uid_size;
};

static bool run(struct state *state, enum statement statement, const struct forgetting *what, int64_t *count,
                struct state_error *error) {
    struct query query = state_query(state, statement);

    state_bind_number(&query, what->account);
    if (what->uid != NULL) {
        state_bind_octets(&query, what->uid, what->uid_size);
    }
    return state_query_run(&query, count, error);
}

static bool forget_rows(struct state *state, const struct forgetting *what, int64_t *count, struct state_error *error) {
    int64_t delivered = 0;
    int64_t intended = 0;
    bool good = what->uid == NULL ? run(state, SQL_MSG_FORGET_ALL, what, &delivered, error) &&
                                        run(state, SQL_INTENT_FORGET_ALL, what, &intended, error) &&
                                        run(state, SQL_ACCOUNT_FORGET, what, NULL, error)
                                  : run(state, SQL_MSG_FORGET_UID, what, &delivered, error) &&
                                        run(state, SQL_INTENT_FORGET_UID, what, &intended, error) &&
                                        run(state, SQL_FAILED_FORGET_UID, what, NULL, error);

    *count = delivered + intended;
    return good;
}

static bool forget(struct state *state, const struct forgetting *what, int64_t *count, struct state_error *error) {
    bool exists;

    if (!state_account_exists(state, what->account, &exists, error)) {
        return false;
    }
    if (!exists) {
        return fail_unknown(error);
    }
    return state_write_begin(state, error) && state_write_end(state, forget_rows(state, what, count, error), error);
}

bool state_forget(struct state *state, int64_t account, const void *uid, size_t uid_size, uint64_t *count,
                  struct state_error *error) {
    struct forgetting what = {account, uid, uid_size};
    struct state_lock lock;
    int64_t forgotten = 0;
    bool good;

    if (!state_enter_to_write(state, error)) {
        return false;
    }
    good = state_lock_account(state, account, &lock, error);
    if (good) {
        good = forget(state, &what, &forgotten, error);
        state_lock_close(&lock);
    }
    *count = (uint64_t)forgotten;
    state_leave(state);
    return good;
}
