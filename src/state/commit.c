/* SPDX-License-Identifier: MIT */
/* The one transaction that changes what is known of messages (S3, S6, S8). Refuses to do half of it. */
#include "state/internal.h"

#include <string.h>

bool state_key_valid(struct state_key key) {
    return key.uid_size > 0 && key.uid_size <= STATE_UID;
}

static bool fail_key(struct state_error *error, const char *what) {
    return state_fail(error, STATE_ARGUMENT, "a message to be recorded %s", what);
}

static bool text_fits(const char *text) {
    return strlen(text) <= 255;
}

/* A statement that needs nothing but the key. */
static bool run_key(struct state *state, enum statement statement, struct state_key key, struct state_error *error) {
    struct query query = state_query(state, statement);

    state_bind_key(&query, key);
    return state_query_run(&query, NULL, error);
}

static bool run_keys(struct state *state, enum statement statement, const struct state_key *keys, size_t count,
                     struct state_error *error) {
    for (size_t i = 0; i < count; i++) {
        if (!state_key_valid(keys[i])) {
            return fail_key(error, "has no uid, or one that is too long");
        }
        if (!run_key(state, statement, keys[i], error)) {
            return false;
        }
    }
    return true;
}

static bool deliver(struct state *state, struct state_key key, int64_t now_s, struct state_error *error) {
    struct query query = state_query(state, SQL_INTENT_DELIVER);
    int64_t delivered;

    state_bind_key(&query, key);
    state_bind_number(&query, now_s);
    if (!state_query_run(&query, &delivered, error)) {
        return false;
    }
    if (delivered == 0) {
        return fail_key(error, "as delivered was never intended");
    }
    return run_key(state, SQL_INTENT_DROP, key, error) && run_key(state, SQL_FAILED_DROP, key, error);
}

static bool deliver_all(struct state *state, const struct state_changes *changes, struct state_error *error) {
    for (size_t i = 0; i < changes->delivered_count; i++) {
        if (!deliver(state, changes->delivered[i], changes->now_s, error)) {
            return false;
        }
    }
    return true;
}

static bool recognise(struct state *state, const struct state_message *message, int64_t now_s,
                      struct state_error *error) {
    struct query query = state_query(state, SQL_MSG_ADD);

    state_bind_key(&query, message->key);
    state_bind_number(&query, now_s);
    state_bind_message(&query, message);
    return state_query_run(&query, NULL, error) && run_key(state, SQL_FAILED_DROP, message->key, error);
}

static bool recognise_all(struct state *state, const struct state_changes *changes, struct state_error *error) {
    for (size_t i = 0; i < changes->recognised_count; i++) {
        if (!state_key_valid(changes->recognised[i].key)) {
            return fail_key(error, "has no uid, or one that is too long");
        }
        if (!recognise(state, &changes->recognised[i], changes->now_s, error)) {
            return false;
        }
    }
    return true;
}

static bool intend(struct state *state, const struct state_intent *intent, struct state_error *error) {
    struct query query = state_query(state, SQL_INTENT_ADD);

    state_bind_key(&query, intent->message.key);
    state_bind_message(&query, &intent->message);
    state_bind_text(&query, intent->batch);
    state_bind_text(&query, intent->name);
    state_bind_text(&query, intent->boot_id);
    state_bind_number(&query, (int64_t)intent->offset);
    if (state_query_run(&query, NULL, error)) {
        return true;
    }
    return error->problem == STATE_ARGUMENT ? fail_key(error, "is unfinished already") : false;
}

static bool intend_all(struct state *state, const struct state_changes *changes, struct state_error *error) {
    for (size_t i = 0; i < changes->intent_count; i++) {
        const struct state_intent *intent = &changes->intents[i];

        if (!state_key_valid(intent->message.key) || !text_fits(intent->batch) || !text_fits(intent->name) ||
            !text_fits(intent->boot_id)) {
            return fail_key(error, "has no uid, or a text of it is too long");
        }
        if (!intend(state, intent, error)) {
            return false;
        }
    }
    return true;
}

static bool store_run_number(struct state *state, struct state_error *error) {
    struct query query = state_query(state, SQL_ACCOUNT_RUN_NUMBER);

    state_bind_number(&query, state->account);
    state_bind_number(&query, state->run);
    return state_query_run(&query, NULL, error);
}

static bool apply(struct state *state, const struct state_changes *changes, struct state_error *error) {
    return (state->run_stored || store_run_number(state, error)) &&
           run_keys(state, SQL_INTENT_DROP, changes->dropped, changes->dropped_count, error) &&
           deliver_all(state, changes, error) && recognise_all(state, changes, error) &&
           intend_all(state, changes, error) &&
           run_keys(state, SQL_MSG_DELETED, changes->deleted, changes->deleted_count, error) &&
           run_keys(state, SQL_FAILED_ADD, changes->failed, changes->failed_count, error);
}

static bool nothing_in(const struct state_changes *changes) {
    return changes->intent_count + changes->delivered_count + changes->recognised_count + changes->dropped_count +
               changes->deleted_count + changes->failed_count ==
           0;
}

static bool commit(struct state *state, const struct state_changes *changes, struct state_error *error) {
    if (nothing_in(changes)) {
        return true;
    }
    if (!state_write_begin(state, error) || !state_write_end(state, apply(state, changes, error), error)) {
        return false;
    }
    state->run_stored = true;
    return true;
}

bool state_commit(struct state *state, const struct state_changes *changes, struct state_error *error) {
    bool good;

    if (!state_enter_account(state, error)) {
        return false;
    }
    good = commit(state, changes, error);
    state_leave(state);
    return good;
}
