/* SPDX-License-Identifier: MIT */
/* Opening, making and closing the database, and its transactions, by D-29. Refuses to know what the rows mean. */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700

#include "state/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FRESH "state.new"
#define BUSY_MS 10000 /* for programs that know nothing of state.writer: sqlite3, backups */

bool state_execute(struct state *state, const char *text, struct state_error *error) {
    int code = sqlite3_exec(state->database, text, NULL, NULL, NULL);

    return code == SQLITE_OK || state_fail_sqlite(state, code, error);
}

static bool configure(struct state *state, struct state_error *error) {
    sqlite3 *database = state->database;
    int code;

    (void)sqlite3_extended_result_codes(database, 1);
    (void)sqlite3_busy_timeout(database, BUSY_MS);
    (void)sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    if (state->use == STATE_READ) {
        (void)sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    }
    code = state_survey_functions(state);
    if (code != SQLITE_OK) {
        return state_fail_sqlite(state, code, error);
    }
    /* None of it reads the file yet: exclusive mode must come before the first access. EXTRA is FULL where a transaction is
     * done when its journal is gone: the folder is synced too. */
    return state_execute(state,
                         state->alone ? "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = EXTRA"
                                      : "PRAGMA synchronous = FULL",
                         error);
}

bool state_connect(struct state *state, const char *name, struct state_error *error) {
    int mode = state->use == STATE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    char path[STATE_FILE];
    int code;

    (void)snprintf(path, sizeof path, "%s/%s", state->folder, name);
    code = sqlite3_open_v2(path, &state->database, mode | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK) {
        return state_fail_sqlite(state, code, error);
    }
    return configure(state, error);
}

static void disconnect(struct state *state) {
    state_finalize(state);
    (void)sqlite3_close(state->database);
    state->database = NULL;
}

static bool touch_fresh(struct state *state, struct state_error *error) {
    static const char *const remains[] = {FRESH, FRESH "-journal", FRESH "-wal", FRESH "-shm"};
    int file;
    bool good;

    for (size_t i = 0; i < sizeof remains / sizeof remains[0]; i++) {
        (void)unlinkat(state->folder_file, remains[i], 0);
    }
    file = openat(state->folder_file, FRESH, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    good = file >= 0 && fchmod(file, S_IRUSR | S_IWUSR) == 0;
    if (!good) {
        (void)state_fail_errno(error, errno, "cannot make", state->folder, FRESH);
    }
    if (file >= 0) {
        (void)close(file);
    }
    return good;
}

static bool store_secret(struct state *state, struct state_error *error) {
    sqlite3_stmt *statement = NULL;
    int code =
        sqlite3_prepare_v2(state->database, "INSERT INTO meta (secret, digest) VALUES (?1, ?2)", -1, &statement, NULL);

    if (code == SQLITE_OK) {
        (void)sqlite3_bind_blob(statement, 1, state->secret, STATE_SECRET, SQLITE_STATIC);
        (void)sqlite3_bind_text(statement, 2, STATE_DIGEST_ALGORITHM, -1, SQLITE_STATIC);
        code = sqlite3_step(statement);
    }
    (void)sqlite3_finalize(statement);
    return code == SQLITE_DONE || state_fail_sqlite(state, code, error);
}

static bool set_journal(struct state *state, struct state_error *error) {
    return state_execute(state, state->alone ? "PRAGMA journal_mode = DELETE" : "PRAGMA journal_mode = WAL", error);
}

/* It gets its name when it is whole: an empty state.db is never one that nobody has filled yet. */
bool state_database_make(struct state *state, struct state_error *error) {
    bool good = state_random(state->secret, STATE_SECRET, error) && touch_fresh(state, error) &&
                state_connect(state, FRESH, error) && state_schema_migrate(state, 0, error) &&
                store_secret(state, error) && set_journal(state, error);

    disconnect(state);
    if (good && renameat(state->folder_file, FRESH, state->folder_file, STATE_DATABASE) != 0) {
        good = state_fail_errno(error, errno, "cannot name", state->folder, STATE_DATABASE);
    }
    return good && state_folder_sync(state, error);
}

static bool load_secret(struct state *state, struct state_error *error) {
    struct query query = state_query(state, SQL_SECRET);
    bool found;

    state_bind_text(&query, STATE_DIGEST_ALGORITHM);
    found = state_next_row(&query) && sqlite3_column_bytes(query.statement, 0) == STATE_SECRET;
    if (found) {
        memcpy(state->secret, sqlite3_column_blob(query.statement, 0), STATE_SECRET);
    }
    if (!state_query_end(&query, error)) {
        return false;
    }
    return found || state_fail(error, STATE_DAMAGED, "the database %s/%s has lost the key of its digests",
                               state->folder, STATE_DATABASE);
}

bool state_database_open(struct state *state, struct state_error *error) {
    int version;

    if (!state_connect(state, STATE_DATABASE, error) || !state_schema_check(state, &version, error)) {
        return false;
    }
    if (state->use == STATE_WRITE) {
        if (sqlite3_db_readonly(state->database, "main") != 0) {
            return state_fail(error, STATE_READ_ONLY, "%s/%s can only be read", state->folder, STATE_DATABASE);
        }
        if (!set_journal(state, error) || !state_schema_migrate(state, version, error)) {
            return false;
        }
    }
    return load_secret(state, error);
}

void state_database_close(struct state *state) {
    struct state_error error;

    if (state->database == NULL) {
        return;
    }
    if (state->use == STATE_WRITE && !state_lock_writer(state, &error)) {
        (void)sqlite3_db_config(state->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    }
    disconnect(state);
    state_unlock_writer(state);
}

/* Whether a transaction that failed will be there at the next opening is not known before it. Always false. */
static bool give_up(struct state *state, const struct state_error *error) {
    if (error->problem != STATE_ARGUMENT && error->problem != STATE_HELD) {
        state->broken = *error;
    }
    state_unlock_writer(state);
    return false;
}

bool state_write_begin(struct state *state, struct state_error *error) {
    if (!state_lock_writer(state, error)) {
        return give_up(state, error);
    }
    struct query query = state_query(state, SQL_BEGIN);

    return state_query_run(&query, NULL, error) || give_up(state, error);
}

bool state_write_end(struct state *state, bool good, struct state_error *error) {
    if (good) {
        struct query query = state_query(state, SQL_COMMIT);

        good = state_query_run(&query, NULL, error);
    }
    if (!good) {
        struct state_error second; /* the first tells more; SQLite may have rolled back already */
        struct query query = state_query(state, SQL_ROLLBACK);

        (void)state_query_run(&query, NULL, &second);
        return give_up(state, error);
    }
    state_unlock_writer(state);
    return true;
}

bool state_read_begin(struct state *state, struct state_error *error) {
    struct query query = state_query(state, SQL_READ);

    return state_query_run(&query, NULL, error);
}

bool state_read_end(struct state *state, bool good, struct state_error *error) {
    struct state_error second;
    struct query query = state_query(state, good ? SQL_COMMIT : SQL_ROLLBACK);

    return state_query_run(&query, NULL, good ? error : &second) && good;
}
