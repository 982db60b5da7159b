/* SPDX-License-Identifier: MIT */
/* A database that is damaged, cut off, newer or somebody else's is told, and never fetched again in silence (D-29). */
#define _XOPEN_SOURCE 700

#include "world.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t read_file(const char *path, uint8_t **octets) {
    struct stat facts;
    int file = open(path, O_RDONLY);

    assert_true(file >= 0);
    assert_int_equal(fstat(file, &facts), 0);
    *octets = malloc((size_t)facts.st_size);
    assert_non_null(*octets);
    assert_int_equal(read(file, *octets, (size_t)facts.st_size), facts.st_size);
    (void)close(file);
    return (size_t)facts.st_size;
}

static void what_is_no_database_is_refused(void **state) {
    struct world *world = *state;
    char text[8192];

    memset(text, 'm', sizeof text);
    world_prepare(world);
    world_write_file(world_path(world, "state.db"), text, sizeof text);
    assert_int_equal(world_open_fails(world, STATE_WRITE, "state.db"), STATE_DAMAGED);
    assert_int_equal(world_open_fails(world, STATE_READ, "state.db"), STATE_DAMAGED);
    world_write_file(world_path(world, "state.db"), text, 0);
    assert_int_equal(world_open_fails(world, STATE_WRITE, "state.db"), STATE_DAMAGED);
    assert_int_equal(world_open_fails(world, STATE_READ, "state.db"), STATE_DAMAGED);
}

static void a_database_of_somebody_else_is_refused(void **state) {
    struct world *world = *state;

    world_prepare(world);
    world_sql(world, "PRAGMA application_id = 1");
    assert_int_equal(world_open_fails(world, STATE_WRITE, "state.db"), STATE_DAMAGED);
}

static void a_newer_database_is_refused_and_left_alone(void **state) {
    struct world *world = *state;
    uint8_t *before;
    uint8_t *after;
    size_t size;

    world_prepare(world);
    world_sql(world, "PRAGMA user_version = 2");
    size = read_file(world_path(world, "state.db"), &before);
    assert_int_equal(world_open_fails(world, STATE_WRITE, "state.db"), STATE_NEWER);
    assert_int_equal(world_open_fails(world, STATE_READ, "state.db"), STATE_NEWER);
    assert_int_equal(read_file(world_path(world, "state.db"), &after), size);
    assert_memory_equal(before, after, size);
    free(before);
    free(after);
}

/* Opens it, surveys, looks: true if all went well, false after STATE_DAMAGED. Anything else fails the test. */
static bool works(const struct world *world) {
    struct state_error error;
    struct state *handle = state_open(world->folder, STATE_WRITE, &error);
    struct state_identity identity = world_identity("work");
    bool good = handle != NULL && state_account_use(handle, &identity, NULL, &error);
    bool is_new = handle != NULL && state_account_is_new(handle);
    struct state_survey *survey = good ? state_survey_begin(handle, INT64_MIN, &error) : NULL;

    if (survey == NULL) {
        if (error.problem != STATE_DAMAGED || strstr(error.text, "state.db") == NULL || error.hint[0] == '\0') {
            fail_msg("%d: %s", error.problem, error.text);
        }
    } else {
        assert_false(is_new);
    }
    state_survey_free(survey);
    state_close(handle);
    return survey != NULL;
}

/* Cut off anywhere, a database of 50 messages never passes for one of fewer. */
static void a_truncated_database_is_refused(void **state) {
    struct world *world = *state;
    uint8_t *whole;
    size_t size;

    world_prepare(world);
    assert_true(works(world));
    size = read_file(world_path(world, "state.db"), &whole);
    for (size_t length = 0; length < size; length += 512) {
        world_write_file(world_path(world, "state.db"), whole, length);
        if (works(world)) {
            fail_msg("%zu octets of %zu pass", length, size);
        }
    }
    world_write_file(world_path(world, "state.db"), whole, size);
    assert_true(works(world));
    free(whole);
}

static void damaged_tables_are_refused(void **state) {
    static const char *const damages[] = {
        "ALTER TABLE msg RENAME TO elsewhere",
        "ALTER TABLE account DROP COLUMN runs",
        "DELETE FROM meta",
        "UPDATE meta SET secret = x'00'",
        "UPDATE meta SET digest = 'MD5'",
        "UPDATE msg SET uid = x'' WHERE uid = (SELECT max(uid) FROM msg)",
    };
    struct world *world = *state;
    uint8_t *whole;
    size_t size;

    world_prepare(world);
    size = read_file(world_path(world, "state.db"), &whole);
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        world_sql(world, damages[i]);
        assert_false(works(world));
        world_write_file(world_path(world, "state.db"), whole, size);
    }
    free(whole);
}

static void a_damaged_row_does_no_harm(void **state) {
    static const char *const damages[] = {"UPDATE account SET identity = x''", "UPDATE account SET identity = x'6100'",
                                          "UPDATE account SET identity = x'610062'",
                                          "UPDATE account SET identity = zeroblob(2000)"};
    struct world *world = *state;
    struct state_error error;

    world_prepare(world);
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        world_sql(world, damages[i]);

        struct state *handle = world_open(world, STATE_READ);

        assert_false(state_accounts(handle, NULL, NULL, &error));
        assert_int_equal(error.problem, STATE_DAMAGED);
        state_close(handle);
    }
}

static void a_damaged_uid_fails_the_end_of_a_survey(void **state) {
    struct world *world = *state;
    struct state_error error;

    world_prepare(world);

    struct state *handle = world_use(world, "work");
    struct state_survey *survey = state_survey_begin(handle, INT64_MIN, &error);

    assert_non_null(survey);
    world_sql(world, "UPDATE msg SET uid = zeroblob(300) WHERE uid = (SELECT max(uid) FROM msg)");
    assert_false(state_survey_commit(survey, NOW, &error));
    assert_int_equal(error.problem, STATE_DAMAGED);
    assert_false(state_find(handle, sample_key(0), &(struct state_row){0}, &error)); /* the handle is of no use now */
    assert_int_equal(error.problem, STATE_DAMAGED);
    state_survey_free(survey);
    state_close(handle);
    assert_int_equal(world_number(world, "SELECT count(*) FROM msg WHERE absent_s IS NOT NULL"), 0);
}

/* Random octets anywhere: an error or a result, never a crash; ASan and valgrind look on. */
static void random_damage_is_survived(void **state) {
    struct world *world = *state;
    unsigned seed = 20261123;
    uint8_t *whole;
    size_t size;

    world_prepare(world);
    size = read_file(world_path(world, "state.db"), &whole);
    for (int round = 0; round < 150; round++) {
        struct state_error error;
        uint8_t *copy = malloc(size);

        assert_non_null(copy);
        memcpy(copy, whole, size);
        for (int i = 0; i < 8; i++) {
            seed = seed * 1103515245 + 12345;
            copy[(seed >> 8) % size] ^= (uint8_t)(1U << (seed >> 28 & 7));
        }
        world_write_file(world_path(world, "state.db"), copy, size);
        free(copy);

        struct state *handle = state_open(world->folder, STATE_WRITE, &error);
        struct state_identity identity = world_identity("work");

        if (handle != NULL && state_account_use(handle, &identity, NULL, &error)) {
            state_survey_free(state_survey_begin(handle, INT64_MIN, &error));
            (void)state_find(handle, sample_key(7), &(struct state_row){0}, &error);
        }
        state_close(handle);
        (void)unlink(world_path(world, "state.db-wal"));
        (void)unlink(world_path(world, "state.db-shm"));
        (void)unlink(world_path(world, "state.db-journal"));
    }
    free(whole);
}

int main(void) {
#define test(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        test(what_is_no_database_is_refused),
        test(a_database_of_somebody_else_is_refused),
        test(a_newer_database_is_refused_and_left_alone),
        test(a_truncated_database_is_refused),
        test(damaged_tables_are_refused),
        test(a_damaged_row_does_no_harm),
        test(a_damaged_uid_fails_the_end_of_a_survey),
        test(random_damage_is_survived),
    };

    return cmocka_run_group_tests_name("state_damage", tests, NULL, NULL);
}
