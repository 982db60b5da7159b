/* SPDX-License-Identifier: MIT */
/* See world.h. */
#define _XOPEN_SOURCE 700

#include "world.h"

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int setup_in(const char *folder, void **state) {
    struct world *world = calloc(1, sizeof *world);

    assert_non_null(world);
    (void)snprintf(world->root, sizeof world->root, "%s/satchel-state-XXXXXX", folder);
    assert_non_null(mkdtemp(world->root));
    (void)snprintf(world->folder, sizeof world->folder, "%s/state/satchel", world->root);
    *state = world;
    return 0;
}

int world_setup(void **state) {
    return setup_in("/tmp", state);
}

int world_setup_in_memory(void **state) {
    return setup_in(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", state);
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *walk) {
    (void)facts;
    (void)kind;
    (void)walk;
    return remove(path);
}

int world_teardown(void **state) {
    struct world *world = *state;
    int result = nftw(world->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);

    free(world);
    return result;
}

const char *world_path(const struct world *world, const char *name) {
    static char paths[4][192];
    static unsigned next;
    char *path = paths[next++ % 4];

    (void)snprintf(path, sizeof paths[0], "%s/%s", world->folder, name);
    return path;
}

struct state *world_open(const struct world *world, enum state_use use) {
    struct state_error error;
    struct state *state = state_open(world->folder, use, &error);

    if (state == NULL) {
        fail_msg("state_open: %s", error.text);
    }
    return state;
}

struct state_identity world_identity(const char *user) {
    struct state_identity identity;

    assert_true(state_identity_make(&identity, "mail.example", user, 110));
    return identity;
}

struct state *world_use(const struct world *world, const char *user) {
    struct state *state = world_open(world, STATE_WRITE);
    struct state_identity identity = world_identity(user);
    struct state_error error;

    if (!state_account_use(state, &identity, user, &error)) {
        fail_msg("state_account_use: %s", error.text);
    }
    return state;
}

enum state_problem world_open_fails(const struct world *world, enum state_use use, const char *names) {
    struct state_error error;
    struct state *state = state_open(world->folder, use, &error);

    if (state != NULL) {
        state_close(state);
        fail_msg("state_open() succeeds");
    }
    if (strstr(error.text, names) == NULL) {
        fail_msg("\"%s\" does not name %s", error.text, names);
    }
    return error.problem;
}

void world_prepare(const struct world *world) {
    struct state *handle = world_use(world, "work");

    world_take(handle, 0, 50, NOW);
    state_close(handle);
}

void world_write_file(const char *path, const void *octets, size_t size) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(file >= 0);
    assert_int_equal(write(file, octets, size), size);
    assert_int_equal(close(file), 0);
}

struct wanted {
    const char *user;
    struct state_account account;
    bool found;
};

static bool pick(void *context, const struct state_account *account) {
    struct wanted *wanted = context;

    if (strcmp(account->user, wanted->user) == 0) {
        wanted->account = *account;
        wanted->found = true;
    }
    return true;
}

struct state_account world_account(struct state *state, const char *user) {
    struct wanted wanted = {.user = user};
    struct state_error error;

    if (!state_accounts(state, pick, &wanted, &error)) {
        fail_msg("state_accounts: %s", error.text);
    }
    assert_true(wanted.found);
    return wanted.account;
}

void sample_make(struct sample *sample, unsigned i) {
    struct state_message *message = &sample->intent.message;

    memset(sample, 0, sizeof *sample);
    (void)snprintf(sample->uid, sizeof sample->uid, "uid-%05u", i);
    (void)snprintf(sample->name, sizeof sample->name, "%u.M%u", i, i);
    sample->key = (struct state_key){.uid = sample->uid, .uid_size = strlen(sample->uid)};
    message->key = sample->key;
    message->list_size = 1000 + i;
    message->place = 1;
    message->content.size = 900 + i;
    memcpy(message->content.digest, &i, sizeof i);
    memcpy(message->content.header_digest + 4, &i, sizeof i);
    sample->intent.batch = "batch";
    sample->intent.name = sample->name;
    sample->intent.boot_id = "boot";
    sample->intent.offset = i;
}

struct state_key sample_key(unsigned i) {
    static struct sample samples[4];
    static unsigned next;
    struct sample *sample = &samples[next++ % 4];

    sample_make(sample, i);
    return sample->key;
}

static void commit(struct state *state, const struct state_changes *changes) {
    struct state_error error;

    if (!state_commit(state, changes, &error)) {
        fail_msg("state_commit: %s", error.text);
    }
}

static struct sample *samples_make(unsigned first, unsigned count) {
    struct sample *samples = calloc(count + 1, sizeof *samples);

    assert_non_null(samples);
    for (unsigned i = 0; i < count; i++) {
        sample_make(&samples[i], first + i);
    }
    return samples;
}

void world_intend(struct state *state, unsigned first, unsigned count) {
    struct sample *samples = samples_make(first, count);
    struct state_intent *intents = calloc(count + 1, sizeof *intents);

    assert_non_null(intents);
    for (unsigned i = 0; i < count; i++) {
        intents[i] = samples[i].intent;
    }
    commit(state, &(struct state_changes){.now_s = NOW, .intents = intents, .intent_count = count});
    free(intents);
    free(samples);
}

void world_deliver(struct state *state, unsigned first, unsigned count, int64_t now_s) {
    struct sample *samples = samples_make(first, count);
    struct state_key *keys = calloc(count + 1, sizeof *keys);

    assert_non_null(keys);
    for (unsigned i = 0; i < count; i++) {
        keys[i] = samples[i].key;
    }
    commit(state, &(struct state_changes){.now_s = now_s, .delivered = keys, .delivered_count = count});
    free(keys);
    free(samples);
}

void world_take(struct state *state, unsigned first, unsigned count, int64_t now_s) {
    world_intend(state, first, count);
    world_deliver(state, first, count, now_s);
}

enum state_stage world_stage(struct state *state, unsigned i) {
    struct state_error error;
    struct state_row row;

    assert_true(state_find(state, sample_key(i), &row, &error));
    return row.stage;
}

struct state_counts world_survey(struct state *state, unsigned first, unsigned count, int64_t now_s) {
    struct state_error error;
    struct state_survey *survey = state_survey_begin(state, INT64_MIN, &error);
    struct state_counts counts;

    assert_non_null(survey);
    for (unsigned i = 0; i < count; i++) {
        (void)state_survey_see(survey, sample_key(first + i));
    }
    state_survey_counts(survey, &counts);
    assert_true(state_survey_commit(survey, now_s, &error));
    state_survey_free(survey);
    return counts;
}

/* ---- A connection that knows nothing of the room ---- */

static sqlite3 *plain_open(const struct world *world) {
    sqlite3 *database;

    assert_int_equal(sqlite3_open_v2(world_path(world, "state.db"), &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    return database;
}

static int keep_text(void *context, int columns, char **values, char **names) {
    (void)columns;
    (void)names;
    (void)snprintf(context, 64, "%s", values[0] != NULL ? values[0] : "");
    return 0;
}

static void ask(const struct world *world, const char *sql, char answer[64]) {
    sqlite3 *database = plain_open(world);

    answer[0] = '\0';
    if (sqlite3_exec(database, sql, keep_text, answer, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(database));
    }
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

void world_check_sound(const struct world *world) {
    char answer[64];

    ask(world, "PRAGMA integrity_check", answer);
    assert_string_equal(answer, "ok");
}

void world_numbers(const struct world *world, const char *sql, int64_t *numbers, int count) {
    sqlite3 *database = plain_open(world);
    sqlite3_stmt *statement;

    assert_int_equal(sqlite3_prepare_v2(database, "PRAGMA integrity_check", -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal(sqlite3_column_text(statement, 0), "ok");
    (void)sqlite3_finalize(statement);
    assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    for (int i = 0; i < count; i++) {
        numbers[i] = sqlite3_column_int64(statement, i);
    }
    (void)sqlite3_finalize(statement);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

int64_t world_number(const struct world *world, const char *sql) {
    char answer[64];

    ask(world, sql, answer);
    return strtoimax(answer, NULL, 10);
}

void world_sql(const struct world *world, const char *sql) {
    char answer[64];

    ask(world, sql, answer);
}
