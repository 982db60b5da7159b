/* SPDX-License-Identifier: MIT */
/* The tables, and how an older database becomes one of this version. Refuses to touch a newer one or anybody else's.
 * A step is never changed once it was released: whatever differs is a new step. */
#include "state/internal.h"

#define APPLICATION 0x53746368 /* "Stch" */

/* PRAGMA takes no parameters: each step states the version that it leads to itself. */
static const char *const steps[] = {
    "PRAGMA application_id = 0x53746368;"
    "CREATE TABLE meta ("
    "  secret BLOB NOT NULL,"
    "  digest TEXT NOT NULL" /* the algorithm of all digests here */
    ") STRICT;"

    "CREATE TABLE account ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT," /* never used twice: the lock's file bears it */
    "  identity BLOB NOT NULL UNIQUE,"
    "  name TEXT NOT NULL DEFAULT '',"
    "  place INTEGER,"
    "  runs INTEGER NOT NULL DEFAULT 0,"
    "  pipelining_off INTEGER NOT NULL DEFAULT 0,"
    "  not_before_s INTEGER NOT NULL DEFAULT 0,"
    "  deleting INTEGER NOT NULL DEFAULT 0,"
    "  run_started_s INTEGER NOT NULL DEFAULT 0,"
    "  run_ended_s INTEGER NOT NULL DEFAULT 0,"
    "  run_exit INTEGER NOT NULL DEFAULT 0,"
    "  run_fetched INTEGER NOT NULL DEFAULT 0,"
    "  run_octets INTEGER NOT NULL DEFAULT 0,"
    "  run_deleted INTEGER NOT NULL DEFAULT 0,"
    "  run_failed INTEGER NOT NULL DEFAULT 0,"
    "  run_waiting INTEGER NOT NULL DEFAULT 0,"
    "  run_text TEXT NOT NULL DEFAULT ''"
    ") STRICT;"

    "CREATE TABLE place ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
    "  kind TEXT NOT NULL,"
    "  path TEXT NOT NULL,"
    "  device INTEGER NOT NULL,"
    "  inode INTEGER NOT NULL,"
    "  UNIQUE (account, kind, path, device, inode)"
    ") STRICT;"

    /* Without rowid the table is its own unique covering index (D-30). The columns that surveys read come first. */
    "CREATE TABLE msg ("
    "  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
    "  uid BLOB NOT NULL,"
    "  k INTEGER NOT NULL,"
    "  stage INTEGER NOT NULL CHECK (stage IN (2, 3))," /* delivered, deleted: enum state_stage */
    "  delivered_s INTEGER NOT NULL,"
    "  absent_s INTEGER," /* since when it is not listed */
    "  generation INTEGER NOT NULL,"
    "  list_size INTEGER NOT NULL,"
    "  place INTEGER NOT NULL,"
    "  size INTEGER NOT NULL,"
    "  digest BLOB NOT NULL,"
    "  header_digest BLOB NOT NULL,"
    "  PRIMARY KEY (account, uid, k)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX msg_absent ON msg (account, absent_s) WHERE absent_s IS NOT NULL;"

    /* What is unfinished, and only that. */
    "CREATE TABLE intent ("
    "  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
    "  uid BLOB NOT NULL,"
    "  k INTEGER NOT NULL,"
    "  generation INTEGER NOT NULL,"
    "  list_size INTEGER NOT NULL,"
    "  place INTEGER NOT NULL,"
    "  size INTEGER NOT NULL,"
    "  digest BLOB NOT NULL,"
    "  header_digest BLOB NOT NULL,"
    "  batch TEXT NOT NULL,"
    "  name TEXT NOT NULL,"
    "  boot_id TEXT NOT NULL,"
    "  offset INTEGER NOT NULL,"
    "  PRIMARY KEY (account, uid, k)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE failed ("
    "  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
    "  uid BLOB NOT NULL,"
    "  k INTEGER NOT NULL,"
    "  sessions INTEGER NOT NULL,"
    "  PRIMARY KEY (account, uid, k)"
    ") STRICT, WITHOUT ROWID;"
    "PRAGMA user_version = 1;",
};

#define VERSION ((int)(sizeof steps / sizeof steps[0]))

static bool pragma(struct state *state, const char *text, int *number, struct state_error *error) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(state->database, text, -1, &statement, NULL);

    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
    }
    *number = code == SQLITE_ROW ? sqlite3_column_int(statement, 0) : 0;
    (void)sqlite3_finalize(statement);
    return code == SQLITE_ROW || state_fail_sqlite(state, code, error);
}

/* SQLite counts a part of a page as a page. What a write-ahead log holds need not be in the file yet. */
static bool check_size(struct state *state, struct state_error *error) {
    int64_t log;
    int64_t size;
    int pages;
    int octets;

    if (!pragma(state, "PRAGMA page_count", &pages, error) || !pragma(state, "PRAGMA page_size", &octets, error) ||
        !state_file_size(state, STATE_DATABASE "-wal", &log, error) ||
        !state_file_size(state, STATE_DATABASE, &size, error)) {
        return false;
    }
    return log > 0 || size >= (int64_t)pages * octets ||
           state_fail(error, STATE_DAMAGED, "the database %s/%s is cut off", state->folder, STATE_DATABASE);
}

bool state_schema_check(struct state *state, int *version, struct state_error *error) {
    int application;

    if (!pragma(state, "PRAGMA application_id", &application, error) ||
        !pragma(state, "PRAGMA user_version", version, error)) {
        return false;
    }
    if (application != APPLICATION || *version < 1) {
        return state_fail(error, STATE_DAMAGED, "%s/%s is no database of Satchel", state->folder, STATE_DATABASE);
    }
    if (*version > VERSION) {
        return state_fail(error, STATE_NEWER, "the database %s/%s has version %d, and this Satchel knows %d at most",
                          state->folder, STATE_DATABASE, *version, VERSION);
    }
    return check_size(state, error);
}

bool state_schema_migrate(struct state *state, int version, struct state_error *error) {
    bool good = version == VERSION || state_execute(state, "BEGIN IMMEDIATE", error);

    if (version == VERSION || !good) {
        return good;
    }
    for (int i = version; good && i < VERSION; i++) {
        good = state_execute(state, steps[i], error);
    }
    return good && state_execute(state, "COMMIT", error);
}
