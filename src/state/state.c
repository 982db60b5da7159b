/* SPDX-License-Identifier: MIT */
/* The handle: opening, closing, taking turns. Refuses to know what is stored. */
#include "state/internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool state_enter(struct state *state, struct state_error *error) {
    (void)pthread_mutex_lock(&state->turn);
    if (state->broken.problem == STATE_FINE) {
        return true;
    }
    *error = state->broken;
    state_leave(state);
    return false;
}

bool state_enter_to_write(struct state *state, struct state_error *error) {
    if (state->use == STATE_READ) {
        return state_fail(error, STATE_ARGUMENT, "the state was opened for reading");
    }
    return state_enter(state, error);
}

bool state_enter_account(struct state *state, struct state_error *error) {
    if (!state_enter_to_write(state, error)) {
        return false;
    }
    if (state->account != 0) {
        return true;
    }
    state_leave(state);
    return state_fail(error, STATE_ARGUMENT, "no account is in use");
}

void state_leave(struct state *state) {
    (void)pthread_mutex_unlock(&state->turn);
}

/* What SQLite leaves beside a database that somebody removed would be taken for a part of the new one. */
static bool check_remains(struct state *state, struct state_error *error) {
    static const char *const remains[] = {STATE_DATABASE "-wal", STATE_DATABASE "-journal"};

    for (size_t i = 0; i < sizeof remains / sizeof remains[0]; i++) {
        int64_t size;

        if (!state_file_size(state, remains[i], &size, error)) {
            return false;
        }
        if (size > 0) {
            return state_fail(error, STATE_DAMAGED, "%s/%s is gone, but %s is still there", state->folder,
                              STATE_DATABASE, remains[i]);
        }
    }
    return true;
}

static bool make_if_missing(struct state *state, struct state_error *error) {
    int64_t database;
    int64_t locks;

    if (!state_file_size(state, STATE_DATABASE, &database, error)) {
        return false;
    }
    if (database >= 0) {
        return true;
    }
    if (!check_remains(state, error)) {
        return false;
    }
    if (state->use == STATE_READ) {
        return state_fail(error, STATE_MISSING, "there is no state yet: no file %s/%s", state->folder, STATE_DATABASE);
    }
    if (!state_file_size(state, "lock", &locks, error)) {
        return false;
    }
    state->lost = locks >= 0;
    return state_database_make(state, error);
}

/* All that other processes must not do at the same time. */
static bool open_locked(struct state *state, struct state_error *error) {
    return make_if_missing(state, error) && state_file_check(state, STATE_DATABASE, error) &&
           (state->use == STATE_READ || state_subfolder_make(state, "lock", error)) &&
           state_database_open(state, error);
}

static bool open_all(struct state *state, const char *folder, struct state_error *error) {
    bool good;

    if (!state_folder_open(state, folder, error)) {
        return false;
    }
    if (state->use == STATE_READ && !state->alone) {
        return open_locked(state, error);
    }
    if (!state_lock_open(state, "state.writer", &state->writer, error) || !state_lock_writer(state, error)) {
        return false;
    }
    good = open_locked(state, error);
    state_unlock_writer(state);
    return good;
}

struct state *state_open(const char *folder, enum state_use use, struct state_error *error) {
    struct state *state = calloc(1, sizeof *state);

    *error = (struct state_error){.problem = STATE_FINE};
    if (state == NULL) {
        (void)state_fail(error, STATE_MEMORY, "no memory for the state");
        return NULL;
    }
    (void)pthread_mutex_init(&state->turn, NULL); /* without attributes it cannot fail on Linux */
    state->use = use;
    state->folder_file = -1;
    state->writer.file = -1;
    state->holder.file = -1;
    if (!open_all(state, folder, error)) {
        state_close(state);
        return NULL;
    }
    return state;
}

void state_close(struct state *state) {
    if (state == NULL) {
        return;
    }
    state_database_close(state);
    state_lock_close(&state->holder);
    state_lock_close(&state->writer);
    if (state->folder_file >= 0) {
        (void)close(state->folder_file);
    }
    (void)pthread_mutex_destroy(&state->turn);
    free(state);
}

const char *state_folder(const struct state *state) {
    return state->folder;
}

bool state_was_lost(const struct state *state) {
    return state->lost;
}

const uint8_t *state_secret(const struct state *state) {
    return state->secret;
}
