/* SPDX-License-Identifier: MIT */
/* Every statement that reads or writes rows, and their use. Refuses to put data into the text of one. */
#include "state/internal.h"

#include <string.h>

/* What state_read_account() reads. */
#define ACCOUNT                                                                                               \
    "runs, pipelining_off, not_before_s, deleting, name, run_started_s, run_ended_s, run_exit, run_fetched, " \
    "run_octets, run_deleted, run_failed, run_waiting, run_text"

/* remember(), listed() and mark() are survey.c's functions. */
static const char *const texts[SQL_STATEMENTS] = {
    [SQL_READ] = "BEGIN",
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_SECRET] = "SELECT secret FROM meta WHERE digest = ?1",

    [SQL_ACCOUNT_ID] = "SELECT id FROM account WHERE identity = ?1",
    [SQL_ACCOUNT_EXISTS] = "SELECT 1 FROM account WHERE id = ?1",
    [SQL_ACCOUNT_ADD] = "INSERT INTO account (identity) VALUES (?1) ON CONFLICT DO NOTHING",
    [SQL_ACCOUNT_STATE] = "SELECT " ACCOUNT " FROM account WHERE id = ?1",
    [SQL_ACCOUNT_NAME] = "UPDATE account SET name = ?2 WHERE id = ?1",
    [SQL_ACCOUNT_RUN_NUMBER] = "UPDATE account SET runs = ?2 WHERE id = ?1",
    [SQL_ACCOUNT_MEMORY] = "UPDATE account SET pipelining_off = ?2, not_before_s = ?3, deleting = ?4 WHERE id = ?1",
    [SQL_ACCOUNT_RUN] = "UPDATE account SET run_started_s = ?2, run_ended_s = ?3, run_exit = ?4, run_fetched = ?5, "
                        "run_octets = ?6, run_deleted = ?7, run_failed = ?8, run_waiting = ?9, run_text = ?10 "
                        "WHERE id = ?1",
    [SQL_ACCOUNT_PLACE] = "UPDATE account SET place = ?2 WHERE id = ?1",
    [SQL_ACCOUNT_FORGET] = "DELETE FROM account WHERE id = ?1",
    [SQL_ACCOUNT_LIST] = "SELECT " ACCOUNT ", a.id, identity, "
                         "(SELECT count(*) FROM msg WHERE account = a.id AND stage = 2), "
                         "(SELECT count(*) FROM msg WHERE account = a.id AND stage = 3), "
                         "(SELECT count(*) FROM msg WHERE account = a.id AND absent_s IS NOT NULL), "
                         "(SELECT count(*) FROM intent WHERE account = a.id), "
                         "p.kind, p.path, p.device, p.inode "
                         "FROM account a LEFT JOIN place p ON p.id = a.place ORDER BY name, a.id",

    [SQL_PLACE_FIND] = "SELECT id FROM place "
                       "WHERE account = ?1 AND kind = ?2 AND path = ?3 AND device = ?4 AND inode = ?5",
    [SQL_PLACE_ADD] = "INSERT INTO place (account, kind, path, device, inode) VALUES (?1, ?2, ?3, ?4, ?5)",
    [SQL_PLACE_GET] = "SELECT kind, path, device, inode FROM place WHERE id = ?1",
    [SQL_PLACE_CURRENT] = "SELECT p.kind, p.path, p.device, p.inode, p.id "
                          "FROM account a JOIN place p ON p.id = a.place WHERE a.id = ?1",

    [SQL_INTENT_ADD] = "INSERT INTO intent (account, uid, k, generation, list_size, place, size, digest, "
                       "header_digest, batch, name, boot_id, offset) "
                       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    [SQL_INTENT_DELIVER] = "INSERT OR REPLACE INTO msg (account, uid, k, stage, delivered_s, generation, list_size, "
                           "place, size, digest, header_digest) "
                           "SELECT account, uid, k, 2, ?4, generation, list_size, place, size, digest, header_digest "
                           "FROM intent WHERE account = ?1 AND uid = ?2 AND k = ?3",
    [SQL_INTENT_DROP] = "DELETE FROM intent WHERE account = ?1 AND uid = ?2 AND k = ?3",
    [SQL_INTENT_FIND] = "SELECT generation, list_size, place, size, digest, header_digest FROM intent "
                        "WHERE account = ?1 AND uid = ?2 AND k = ?3",
    [SQL_INTENT_SIZES] = "SELECT count(*), coalesce(sum(length(uid) + length(CAST(batch AS BLOB)) + "
                         "length(CAST(name AS BLOB)) + length(CAST(boot_id AS BLOB)) + 3), 0) "
                         "FROM intent WHERE account = ?1",
    [SQL_INTENT_LIST] = "SELECT generation, list_size, place, size, digest, header_digest, uid, k, batch, name, "
                        "boot_id, offset FROM intent WHERE account = ?1 ORDER BY batch, name",
    [SQL_INTENT_KEYS] = "SELECT mark(uid, k, 1) FROM intent WHERE account = ?1",
    [SQL_INTENT_FORGET_ALL] = "DELETE FROM intent WHERE account = ?1",
    [SQL_INTENT_FORGET_UID] = "DELETE FROM intent WHERE account = ?1 AND uid = ?2",

    [SQL_MSG_ADD] = "INSERT OR REPLACE INTO msg (account, uid, k, stage, delivered_s, generation, list_size, place, "
                    "size, digest, header_digest) VALUES (?1, ?2, ?3, 2, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [SQL_MSG_DELETED] = "UPDATE msg SET stage = 3 WHERE account = ?1 AND uid = ?2 AND k = ?3",
    [SQL_MSG_FIND] = "SELECT generation, list_size, place, size, digest, header_digest, stage, delivered_s FROM msg "
                     "WHERE account = ?1 AND uid = ?2 AND k = ?3",
    [SQL_MSG_FIND_COPY] = "SELECT k FROM msg WHERE account = ?1 AND uid = ?2 AND digest = ?3",
    [SQL_MSG_LOAD] = "SELECT remember(uid, k, stage, delivered_s, absent_s) FROM msg WHERE account = ?1",
    [SQL_MSG_GONE] = "DELETE FROM msg WHERE account = ?1 AND stage = 3 AND NOT listed(uid, k)",
    [SQL_MSG_VANISHED] = "UPDATE msg SET absent_s = ?2 "
                         "WHERE account = ?1 AND absent_s IS NULL AND NOT listed(uid, k)",
    [SQL_MSG_RETURNED] = "UPDATE msg SET absent_s = NULL "
                         "WHERE account = ?1 AND absent_s IS NOT NULL AND listed(uid, k)",
    [SQL_MSG_PRUNE] = "DELETE FROM msg WHERE account = ?1 AND absent_s <= ?2 AND NOT listed(uid, k)",
    [SQL_MSG_FORGET_ALL] = "DELETE FROM msg WHERE account = ?1",
    [SQL_MSG_FORGET_UID] = "DELETE FROM msg WHERE account = ?1 AND uid = ?2",

    [SQL_FAILED_ADD] = "INSERT INTO failed (account, uid, k, sessions) VALUES (?1, ?2, ?3, 1) "
                       "ON CONFLICT DO UPDATE SET sessions = sessions + 1",
    [SQL_FAILED_FIND] = "SELECT sessions FROM failed WHERE account = ?1 AND uid = ?2 AND k = ?3",
    [SQL_FAILED_KEYS] = "SELECT mark(uid, k, 16) FROM failed WHERE account = ?1",
    [SQL_FAILED_DROP] = "DELETE FROM failed WHERE account = ?1 AND uid = ?2 AND k = ?3",
    [SQL_FAILED_GONE] = "DELETE FROM failed WHERE account = ?1 AND NOT listed(uid, k)",
    [SQL_FAILED_FORGET_UID] = "DELETE FROM failed WHERE account = ?1 AND uid = ?2",
};

_Static_assert(STATE_DELIVERED == 2 && STATE_DELETED == 3, "stages as the statements write them");
_Static_assert(STATE_SEEN_UNFINISHED == 1 && STATE_SEEN_FAILED == 16, "marks as the statements write them");

struct query state_query(struct state *state, enum statement statement) {
    struct query query = {.state = state, .code = SQLITE_OK};
    sqlite3_stmt **kept = &state->statements[statement];

    if (*kept == NULL) {
        query.code = sqlite3_prepare_v3(state->database, texts[statement], -1, SQLITE_PREPARE_PERSISTENT, kept, NULL);
    }
    query.statement = *kept;
    return query;
}

void state_bind_number(struct query *query, int64_t number) {
    if (query->code == SQLITE_OK) {
        query->code = sqlite3_bind_int64(query->statement, ++query->bound, number);
    }
}

void state_bind_octets(struct query *query, const void *octets, size_t size) {
    if (query->code == SQLITE_OK) {
        query->code = sqlite3_bind_blob64(query->statement, ++query->bound, octets, size, SQLITE_STATIC);
    }
}

void state_bind_text(struct query *query, const char *text) {
    if (query->code == SQLITE_OK) {
        query->code = sqlite3_bind_text(query->statement, ++query->bound, text, -1, SQLITE_STATIC);
    }
}

void state_bind_key(struct query *query, struct state_key key) {
    state_bind_number(query, query->state->account);
    state_bind_octets(query, key.uid, key.uid_size);
    state_bind_number(query, key.k);
}

void state_bind_message(struct query *query, const struct state_message *message) {
    state_bind_number(query, message->generation);
    state_bind_number(query, (int64_t)message->list_size); /* STATE_SIZE_UNKNOWN is -1 in the row */
    state_bind_number(query, message->place);
    state_bind_number(query, (int64_t)message->content.size);
    state_bind_octets(query, message->content.digest, STATE_DIGEST);
    state_bind_octets(query, message->content.header_digest, STATE_DIGEST);
}

bool state_next_row(struct query *query) {
    if (query->code == SQLITE_OK || query->code == SQLITE_ROW) {
        query->code = sqlite3_step(query->statement);
    }
    return query->code == SQLITE_ROW;
}

bool state_query_end(struct query *query, struct state_error *error) {
    bool good = query->code == SQLITE_OK || query->code == SQLITE_ROW || query->code == SQLITE_DONE;

    if (!good) {
        (void)state_fail_sqlite(query->state, query->code, error);
    }
    (void)sqlite3_reset(query->statement); /* repeats the failure */
    return good;
}

bool state_query_run(struct query *query, int64_t *changed, struct state_error *error) {
    (void)state_next_row(query);
    if (changed != NULL) {
        *changed = query->code == SQLITE_DONE ? sqlite3_changes64(query->state->database) : 0;
    }
    return state_query_end(query, error);
}

void state_column_text(struct query *query, int column, char *out, size_t size) {
    const char *text = sqlite3_column_blob(query->statement, column);
    size_t length = (size_t)sqlite3_column_bytes(query->statement, column);

    length = length < size ? length : size - 1;
    if (length > 0) {
        memcpy(out, text, length);
    }
    out[length] = '\0';
}

void state_column_digest(struct query *query, int column, uint8_t digest[STATE_DIGEST]) {
    memset(digest, 0, STATE_DIGEST);
    if (sqlite3_column_bytes(query->statement, column) == STATE_DIGEST) {
        memcpy(digest, sqlite3_column_blob(query->statement, column), STATE_DIGEST);
    }
}

void state_finalize(struct state *state) {
    for (size_t i = 0; i < SQL_STATEMENTS; i++) {
        (void)sqlite3_finalize(state->statements[i]);
        state->statements[i] = NULL;
    }
}
