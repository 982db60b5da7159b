/* SPDX-License-Identifier: MIT */
/*
 * One run of a fetcher, in which the n-th operation on a file, or the n-th allocation, fails, for every n until the run
 * passes. Afterwards the database opens, is sound, and holds what was committed: all that was reported as done, perhaps
 * what was in doubt, never half of a transaction.
 */
#include "flaky_vfs.h"
#include "world.h"

#include "state/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* ---- Allocations that fail: SQLite's by its own hook, the room's by the linker's --wrap ---- */

static sqlite3_mem_methods memory;
static unsigned long allocations_left; /* 0: none fails */
static bool allocation_failed;

static bool allocation_fails(void) {
    if (allocations_left == 0 || --allocations_left > 0) {
        return false;
    }
    allocation_failed = true;
    return true;
}

static void *sqlite_malloc(int size) {
    return allocation_fails() ? NULL : memory.xMalloc(size);
}

static void *sqlite_realloc(void *old, int size) {
    return allocation_fails() ? NULL : memory.xRealloc(old, size);
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
ssize_t __real_getrandom(void *out, size_t size, unsigned flags);
ssize_t __wrap_getrandom(void *out, size_t size, unsigned flags);

void *__wrap_malloc(size_t size) {
    return allocation_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    return allocation_fails() ? NULL : __real_calloc(count, size);
}

static bool no_random;

ssize_t __wrap_getrandom(void *out, size_t size, unsigned flags) {
    return no_random ? -1 : __real_getrandom(out, size, flags);
}

static int install(void **state) {
    sqlite3_mem_methods failing;

    (void)state;
    (void)sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0); /* so that every allocation can fail */
    (void)sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory);
    failing = memory;
    failing.xMalloc = sqlite_malloc;
    failing.xRealloc = sqlite_realloc;
    (void)sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
    flaky_install();
    return 0;
}

/* ---- The run: each step is one transaction, and what the tables hold after it is known ---- */

struct rows {
    int64_t accounts;
    int64_t places;
    int64_t intents;
    int64_t delivered;
    int64_t deleted;
    int64_t failed;
    int64_t absent;
};

/* What is there after so many steps. */
static const struct rows after[] = {
    {0},
    {.accounts = 1},
    {.accounts = 1}, /* its name */
    {.accounts = 1, .places = 1},
    {.accounts = 1, .places = 1, .intents = 12},
    {.accounts = 1, .places = 1, .intents = 8, .delivered = 12, .failed = 1},
    {.accounts = 1, .places = 1, .delivered = 20, .failed = 1},
    {.accounts = 1, .places = 1, .delivered = 15, .deleted = 5, .failed = 1},
    {.accounts = 1, .places = 1, .delivered = 15, .failed = 0, .absent = 4},
    {.accounts = 1, .places = 1, .delivered = 15, .failed = 0, .absent = 4}}; /* the run */

#define STEPS (sizeof after / sizeof after[0] - 1)

struct batch {
    struct sample samples[20];
    struct state_intent intents[20];
    struct state_key keys[20];
};

static void batch_make(struct batch *batch) {
    for (unsigned i = 0; i < 20; i++) {
        sample_make(&batch->samples[i], i);
        batch->intents[i] = batch->samples[i].intent;
        batch->keys[i] = batch->samples[i].key;
    }
}

/* Messages 0 to 4 are deleted, 5 to 8 have vanished. */
static bool survey(struct state *handle, const struct batch *batch, struct state_error *error) {
    struct state_survey *survey = state_survey_begin(handle, INT64_MIN, error);
    bool good = survey != NULL;

    for (unsigned i = 9; good && i < 20; i++) {
        good = (state_survey_see(survey, batch->keys[i]) & STATE_SEEN_DELIVERED) != 0;
    }
    good = good && state_survey_commit(survey, NOW, error);
    state_survey_free(survey);
    return good;
}

static bool read_all(struct state *handle, struct state_error *error) {
    struct state_intents intents;
    struct state_place place;
    struct state_row row;
    bool good = state_unfinished(handle, &intents, error);

    if (good) {
        good = intents.count == 8 && state_place_get(handle, intents.rows[0].message.place, &place, error) &&
               state_find(handle, sample_key(3), &row, error) && row.stage == STATE_DELIVERED;
        state_intents_free(&intents);
    }
    return good;
}

static bool count_accounts(void *context, const struct state_account *account) {
    (void)account;
    ++*(int *)context;
    return true;
}

static bool commit(struct state *handle, const struct state_changes *changes, unsigned *done,
                   struct state_error *error) {
    bool good = state_commit(handle, changes, error);

    *done += good;
    return good;
}

static bool use_account(struct state *handle, unsigned *done, struct state_error *error) {
    struct state_identity identity = world_identity("work");

    if (!state_account_use(handle, &identity, NULL, error)) {
        return false;
    }
    *done = 1;
    return true;
}

static bool use_place(struct state *handle, int64_t *id, struct state_error *error) {
    struct state_place place = {.kind = "maildir", .path = "/mail", .device = 1, .inode = 2};
    struct state_place conflict;

    return state_place_use(handle, &place, false, id, &conflict, error);
}

/* How many steps are done; *error tells why not more. */
static unsigned run(struct state *handle, struct state_error *error) {
    struct state_run note = {.started_s = NOW, .fetched = 20};
    struct batch batch;
    unsigned done = 0;
    int accounts = 0;
    int64_t id;

    batch_make(&batch);

    const struct state_key failed = {"refused", 7, 0};
    const struct state_changes first = {.now_s = NOW, .intents = batch.intents, .intent_count = 12};
    const struct state_changes second = {.now_s = NOW,
                                         .delivered = batch.keys,
                                         .delivered_count = 12,
                                         .intents = batch.intents + 12,
                                         .intent_count = 8,
                                         .failed = &failed,
                                         .failed_count = 1};
    const struct state_changes third = {.now_s = NOW, .delivered = batch.keys + 12, .delivered_count = 8};
    const struct state_changes fourth = {.now_s = NOW, .deleted = batch.keys, .deleted_count = 5};

    if (!use_account(handle, &done, error) || !state_rename(handle, 1, "work", error)) {
        return done;
    }
    done++;
    if (!use_place(handle, &id, error)) {
        return done;
    }
    done++;
    if (commit(handle, &first, &done, error) && commit(handle, &second, &done, error) && read_all(handle, error) &&
        commit(handle, &third, &done, error) && commit(handle, &fourth, &done, error) &&
        survey(handle, &batch, error)) {
        done++;
        done += state_accounts(handle, count_accounts, &accounts, error) && accounts == 1 &&
                state_run_note(handle, &note, error);
    }
    return done;
}

/* From opening to closing. */
static unsigned session(const struct world *world, struct state_error *error) {
    struct state *handle = state_open(world->folder, STATE_WRITE, error);
    unsigned done = 0;

    if (handle != NULL) {
        done = run(handle, error);
        state_close(handle);
    }
    return done;
}

static struct rows rows_of(const struct world *world) {
    int64_t numbers[7];

    world_numbers(world,
                  "SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM place), (SELECT count(*) FROM intent), "
                  "(SELECT count(*) FROM msg WHERE stage = 2), (SELECT count(*) FROM msg WHERE stage = 3), "
                  "(SELECT count(*) FROM failed), (SELECT count(*) FROM msg WHERE absent_s IS NOT NULL)",
                  numbers, 7);
    return (struct rows){numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]};
}

static void assert_old_or_new(const struct world *world, unsigned done, unsigned long n) {
    struct rows rows = rows_of(world);

    if (memcmp(&rows, &after[done], sizeof rows) != 0 &&
        (done == STEPS || memcmp(&rows, &after[done + 1], sizeof rows) != 0)) {
        fail_msg("n = %lu: neither what %u steps leave nor what the next one does", n, done);
    }
}

static void check_afterwards(const struct world *world, unsigned done, unsigned long n) {
    struct state *handle = world_open(world, STATE_WRITE);

    assert_false(state_was_lost(handle));
    state_close(handle);
    assert_old_or_new(world, done, n);
}

static void assert_told(const struct state_error *error, unsigned long n) {
    if (error->problem == STATE_FINE || error->problem == STATE_ARGUMENT || error->text[0] == '\0') {
        fail_msg("n = %lu: problem %d, \"%s\"", n, error->problem, error->text);
    }
}

/* A world for each n; true while it was reached. */
static bool session_with(unsigned long n, enum flaky_failure failure, bool for_good, unsigned long allocation) {
    struct state_error error = {.problem = STATE_FINE};
    struct world *world;
    unsigned done;
    bool reached;

    assert_int_equal(world_setup_in_memory((void **)&world), 0);
    flaky_arm(failure, n, for_good);
    allocations_left = allocation;
    allocation_failed = false;
    done = session(world, &error);
    reached = flaky_failed() || allocation_failed;
    flaky_arm(FLAKY_IO, 0, false);
    allocations_left = 0;
    if (done < STEPS) {
        assert_true(reached);
        assert_told(&error, n + allocation);
    }
    check_afterwards(world, done, n + allocation);
    assert_int_equal(world_teardown((void **)&world), 0);
    return reached;
}

static void each_operation_on_a_file(enum flaky_failure failure, bool for_good) {
    unsigned long n = 1;

    while (session_with(n, failure, for_good, 0)) {
        n++;
    }
    print_message("%lu operations failed, one at a time\n", n - 1);
    assert_true(n > 50);
}

static void any_operation_may_fail_once(void **state) {
    (void)state;
    each_operation_on_a_file(FLAKY_IO, false);
}

static void any_operation_may_fail_and_all_behind_it(void **state) {
    (void)state;
    each_operation_on_a_file(FLAKY_IO, true);
}

static void the_disk_may_be_full_for_a_moment(void **state) {
    (void)state;
    each_operation_on_a_file(FLAKY_FULL, false);
}

static void the_disk_may_be_full(void **state) {
    (void)state;
    each_operation_on_a_file(FLAKY_FULL, true);
}

static void any_allocation_may_fail(void **state) {
    unsigned long n = 1;

    (void)state;
    while (session_with(0, FLAKY_IO, false, n)) {
        n++;
    }
    print_message("%lu allocations failed, one at a time\n", n - 1);
    assert_true(n > 500);
}

/* ---- What follows from a failure ---- */

static void a_full_disk_is_told_and_ends_the_use(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_key key = sample_key(0);
    struct state_changes changes = {.failed = &key, .failed_count = 1};
    struct state_error error;

    flaky_arm(FLAKY_FULL, 1, false);
    assert_false(state_commit(handle, &changes, &error));
    assert_int_equal(error.problem, STATE_FULL);
    assert_non_null(strstr(error.text, world_path(world, "state.db")));
    assert_true(error.hint[0] != '\0');
    memset(&error, 0, sizeof error);
    assert_false(state_commit(handle, &changes, &error)); /* although there is space again */
    assert_int_equal(error.problem, STATE_FULL);
    assert_false(state_find(handle, key, &(struct state_row){0}, &error));
    assert_int_equal(error.problem, STATE_FULL);
    state_close(handle);
    handle = world_use(world, "work");
    assert_true(state_commit(handle, &changes, &error));
    state_close(handle);
}

static void without_randomness_nothing_is_made(void **state) {
    struct world *world = *state;
    struct state_error error;
    struct state *handle;

    no_random = true;
    assert_int_equal(world_open_fails(world, STATE_WRITE, "random"), STATE_IO);
    no_random = false;
    handle = world_use(world, "work");
    no_random = true;
    assert_null(state_survey_begin(handle, INT64_MIN, &error));
    no_random = false;
    state_close(handle);
}

int main(void) {
#define test(name) cmocka_unit_test_setup_teardown(name, world_setup_in_memory, world_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_operation_may_fail_once),
        cmocka_unit_test(any_operation_may_fail_and_all_behind_it),
        cmocka_unit_test(the_disk_may_be_full_for_a_moment),
        cmocka_unit_test(the_disk_may_be_full),
        cmocka_unit_test(any_allocation_may_fail),
        test(a_full_disk_is_told_and_ends_the_use),
        test(without_randomness_nothing_is_made),
    };

    return cmocka_run_group_tests_name("state_failures", tests, install, NULL);
}
