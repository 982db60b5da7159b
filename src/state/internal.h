/* SPDX-License-Identifier: MIT */
/* What the files of this room share. Refuses to be included elsewhere. */
#ifndef SATCHEL_STATE_INTERNAL_H
#define SATCHEL_STATE_INTERNAL_H

#include "state/state.h"

#include <pthread.h>
#include <sqlite3.h>

/* ---- Statements: statements.c holds their texts, in this order ---- */

enum statement {
    SQL_READ,
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_SECRET,
    SQL_ACCOUNT_ID,
    SQL_ACCOUNT_EXISTS,
    SQL_ACCOUNT_ADD,
    SQL_ACCOUNT_STATE,
    SQL_ACCOUNT_NAME,
    SQL_ACCOUNT_RUN_NUMBER,
    SQL_ACCOUNT_MEMORY,
    SQL_ACCOUNT_RUN,
    SQL_ACCOUNT_PLACE,
    SQL_ACCOUNT_FORGET,
    SQL_ACCOUNT_LIST,
    SQL_PLACE_FIND,
    SQL_PLACE_ADD,
    SQL_PLACE_GET,
    SQL_PLACE_CURRENT,
    SQL_INTENT_ADD,
    SQL_INTENT_DELIVER,
    SQL_INTENT_DROP,
    SQL_INTENT_FIND,
    SQL_INTENT_SIZES,
    SQL_INTENT_LIST,
    SQL_INTENT_KEYS,
    SQL_INTENT_FORGET_ALL,
    SQL_INTENT_FORGET_UID,
    SQL_MSG_ADD,
    SQL_MSG_DELETED,
    SQL_MSG_FIND,
    SQL_MSG_FIND_COPY,
    SQL_MSG_LOAD,
    SQL_MSG_GONE,
    SQL_MSG_VANISHED,
    SQL_MSG_RETURNED,
    SQL_MSG_PRUNE,
    SQL_MSG_FORGET_ALL,
    SQL_MSG_FORGET_UID,
    SQL_FAILED_ADD,
    SQL_FAILED_FIND,
    SQL_FAILED_KEYS,
    SQL_FAILED_DROP,
    SQL_FAILED_GONE,
    SQL_FAILED_FORGET_UID,
    SQL_STATEMENTS
};

/* A statement in use: its parameters are bound in their order; the first failure stays in `code`. */
struct query {
    struct state *state;
    sqlite3_stmt *statement;
    int bound;
    int code;
};

struct query state_query(struct state *state, enum statement statement);
void state_bind_number(struct query *query, int64_t number);
void state_bind_octets(struct query *query, const void *octets, size_t size); /* borrowed until state_query_end() */
void state_bind_text(struct query *query, const char *text);                  /* likewise */
void state_bind_key(struct query *query, struct state_key key);
void state_bind_message(struct query *query, const struct state_message *message); /* all but the key */
bool state_next_row(struct query *query);

/* False with *error filled in where anything failed. The statement is free for the next use. */
bool state_query_end(struct query *query, struct state_error *error);

/* Binds nothing more, runs, ends. *changed, unless NULL: how many rows. */
bool state_query_run(struct query *query, int64_t *changed, struct state_error *error);

/* Columns of the row. A text that does not fit is cut. */
void state_column_text(struct query *query, int column, char *out, size_t size);
void state_column_digest(struct query *query, int column, uint8_t digest[STATE_DIGEST]);

void state_finalize(struct state *state);

/* ---- The handle ---- */

#define STATE_FOLDER 480 /* SQLite opens no path longer than 512 octets */

struct state_lock {
    int file; /* -1: none */
    bool taken;
};

struct state_survey;

struct state {
    pthread_mutex_t turn;
    enum state_use use;
    bool alone; /* a network file system: one handle at a time */
    bool lost;
    bool account_is_new;
    bool run_stored;
    char folder[STATE_FOLDER];
    int folder_file;
    struct state_lock writer; /* state.writer: every write and every checkpoint happens under it (D-29) */
    struct state_lock holder; /* lock/ID: the account's one fetcher (D-04) */
    sqlite3 *database;
    sqlite3_stmt *statements[SQL_STATEMENTS];
    struct state_survey *survey; /* that the SQL functions ask just now */
    int64_t account;             /* 0: none, or unknown to the database */
    uint32_t run;
    uint8_t secret[STATE_SECRET];
    struct state_error broken; /* what failed a write for good, or STATE_FINE */
};

/* Takes the turn; false, without it, where the handle is broken. */
bool state_enter(struct state *state, struct state_error *error);

/* Also refuses handles for reading. */
bool state_enter_to_write(struct state *state, struct state_error *error);

/* Also refuses handles without account. */
bool state_enter_account(struct state *state, struct state_error *error);
void state_leave(struct state *state);

/* A transaction under state.writer. state_write_end() commits if `good`, else it rolls back what *error tells of. */
bool state_write_begin(struct state *state, struct state_error *error);
bool state_write_end(struct state *state, bool good, struct state_error *error);

/* Several queries that see the same; the transaction ends whether they were good or not. */
bool state_read_begin(struct state *state, struct state_error *error);
bool state_read_end(struct state *state, bool good, struct state_error *error);

/* ---- Errors: error.c ---- */

/* Fills *error in printf's manner, with the hint that fits the problem; always false. */
__attribute__((format(printf, 3, 4))) bool state_fail(struct state_error *error, enum state_problem problem,
                                                      const char *text, ...);
__attribute__((format(printf, 2, 3))) bool state_hint(struct state_error *error, const char *hint, ...);
bool state_fail_errno(struct state_error *error, int number, const char *what, const char *folder, const char *name);
bool state_fail_sqlite(struct state *state, int code, struct state_error *error);

/* ---- Files: folder.c, lock.c ---- */

#define STATE_DATABASE "state.db"
#define STATE_FILE (STATE_FOLDER + 32) /* path of a file in the folder */

/* Opens state->folder_file and makes state->folder absolute; makes what is missing for STATE_WRITE. */
bool state_folder_open(struct state *state, const char *folder, struct state_error *error);

/* Makes a folder in the state's one if it is not there. */
bool state_subfolder_make(struct state *state, const char *name, struct state_error *error);

/* Whether `name` may be trusted: a file of ours alone. Opens nothing: closing it would drop SQLite's locks on it. */
bool state_file_check(struct state *state, const char *name, struct state_error *error);

/* *size is -1 where there is no such file. */
bool state_file_size(const struct state *state, const char *name, int64_t *size, struct state_error *error);
bool state_folder_sync(struct state *state, struct state_error *error);

bool state_lock_open(struct state *state, const char *name, struct state_lock *lock, struct state_error *error);
bool state_lock_writer(struct state *state, struct state_error *error);
void state_unlock_writer(struct state *state);

#define STATE_LOCK_NAME 32

void state_account_lock_name(char name[STATE_LOCK_NAME], int64_t account);

/* STATE_HELD: another one has it. */
bool state_lock_account(struct state *state, int64_t account, struct state_lock *lock, struct state_error *error);
void state_lock_close(struct state_lock *lock);

/* When the account's lock was last taken, and whether it is now. */
void state_lock_look(const struct state *state, int64_t account, int64_t *looked_s, bool *held);

/* ---- The database: database.c, schema.c ---- */

bool state_database_open(struct state *state, struct state_error *error);
void state_database_close(struct state *state);

/* A fresh state.db, whole or not at all, and not yet open. */
bool state_database_make(struct state *state, struct state_error *error);

/* Opens the file `name` of the folder as state->database. */
bool state_connect(struct state *state, const char *name, struct state_error *error);

/* Runs a constant text of SQL. */
bool state_execute(struct state *state, const char *text, struct state_error *error);

/* STATE_DAMAGED, STATE_NEWER, or *version of what may be read or lifted to this one. */
bool state_schema_check(struct state *state, int *version, struct state_error *error);

/* Lifts a database of that version to this one; called under state.writer. */
bool state_schema_migrate(struct state *state, int version, struct state_error *error);

/* ---- Keys, fingerprints, surveys ---- */

bool state_key_valid(struct state_key key);

/* SipHash-2-4. */
uint64_t state_siphash(const uint8_t key[16], const void *octets, size_t size);

bool state_random(void *out, size_t size, struct state_error *error);

/* The SQL functions that the statements above use. */
int state_survey_functions(struct state *state);

#endif
