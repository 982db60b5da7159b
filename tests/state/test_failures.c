/* SPDX-License-Identifier: MIT */
/*
 * One run of a fetcher, in which the n-th operation on a file, or the n-th allocation, fails, for every n until the run
 * passes. Afterwards the database opens, is sound, and holds what was committed: all that was reported as done, perhaps
 * what was in doubt, never half of a transaction.
 */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700

#include "flaky_vfs.h"
#include "world.h"

#include "state/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/vfs.h>

/* ---- Allocations that fail: SQLite's by its own hook, the room's by the linker's --wrap, as its system calls do ---- */

static sqlite3_mem_methods allocator;
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
    return allocation_fails() ? NULL : allocator.xMalloc(size);
}

static void *sqlite_realloc(void *old, int size) {
    return allocation_fails() ? NULL : allocator.xRealloc(old, size);
}

static unsigned long calls_left; /* 0: none fails */
static bool call_failed;
static int call_errno;

static bool call_fails(void) {
    if (calls_left == 0 || --calls_left > 0) {
        return false;
    }
    call_failed = true;
    errno = call_errno;
    return true;
}

/* What a call gives that fails now and then, and a declaration of what it is otherwise. */
#define FAILING(result, name, parameters, arguments)                \
    result __real_##name parameters;                                \
    result __wrap_##name parameters;                                \
    result __wrap_##name parameters {                               \
        return call_fails() ? (result)-1 : __real_##name arguments; \
    }

FAILING(int, mkdir, (const char *path, mode_t mode), (path, mode))
FAILING(int, fchmod, (int file, mode_t mode), (file, mode))
FAILING(int, fsync, (int file), (file))
FAILING(int, fstat, (int file, struct stat *facts), (file, facts))
FAILING(int, fstatat, (int folder, const char *path, struct stat *facts, int flags), (folder, path, facts, flags))
FAILING(int, fstatfs, (int file, struct statfs *facts), (file, facts))
FAILING(int, flock, (int file, int operation), (file, operation))
FAILING(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to))
FAILING(ssize_t, getrandom, (void *out, size_t size, unsigned flags), (out, size, flags))

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
char *__real_realpath(const char *path, char *out);
int __real_open(const char *path, int flags, ...);
int __real_openat(int folder, const char *path, int flags, ...);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
char *__wrap_realpath(const char *path, char *out);
int __wrap_open(const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...);

void *__wrap_malloc(size_t size) {
    return allocation_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    return allocation_fails() ? NULL : __real_calloc(count, size);
}

char *__wrap_realpath(const char *path, char *out) {
    return call_fails() ? NULL : __real_realpath(path, out);
}

int __wrap_open(const char *path, int flags, ...) {
    return call_fails() ? -1 : __real_open(path, flags);
}

int __wrap_openat(int folder, const char *path, int flags, ...) {
    return call_fails() ? -1 : __real_openat(folder, path, flags, S_IRUSR | S_IWUSR);
}

static int install(void **state) {
    sqlite3_mem_methods failing;

    (void)state;
    (void)sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0); /* so that every allocation can fail */
    (void)sqlite3_config(SQLITE_CONFIG_GETMALLOC, &allocator);
    failing = allocator;
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
    {.accounts = 1, .places = 1, .delivered = 16, .deleted = 5, .failed = 1}, /* one was recognised */
    {.accounts = 1, .places = 1, .delivered = 16, .absent = 4},
    {.accounts = 1, .places = 1, .delivered = 16, .absent = 4}, /* the run */
    {.accounts = 1, .places = 1, .delivered = 16, .absent = 4}, /* the memory */
    {.accounts = 1, .places = 1, .delivered = 12},              /* what was absent is pruned */
    {.accounts = 1, .places = 1, .delivered = 11},              /* one uid is forgotten */
    {0},                                                        /* and the account */
};

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

/* The second of the uid of number 10. */
static struct state_key copy_of(const struct batch *batch) {
    struct state_key key = batch->keys[10];

    key.k = 1;
    return key;
}

/* Messages 0 to 4 are deleted, 5 to 8 have vanished. */
static bool survey(struct state *handle, const struct batch *batch, int64_t now_s, struct state_error *error) {
    struct state_survey *survey = state_survey_begin(handle, INT64_MIN, error);
    bool good = survey != NULL;

    for (unsigned i = 9; good && i < 20; i++) {
        good = (state_survey_see(survey, batch->keys[i]) & STATE_SEEN_DELIVERED) != 0;
    }
    good = good && (state_survey_see(survey, copy_of(batch)) & STATE_SEEN_DELIVERED) != 0 &&
           state_survey_commit(survey, now_s, error);
    state_survey_free(survey);
    return good;
}

static bool read_all(struct state *handle, const struct batch *batch, struct state_error *error) {
    struct state_intents intents;
    struct state_place place;
    struct state_row row;
    uint32_t k;
    bool good = state_unfinished(handle, &intents, error);

    if (good) {
        good = intents.count == 8 && state_place_get(handle, intents.rows[0].message.place, &place, error) &&
               state_find(handle, sample_key(3), &row, error) && row.stage == STATE_DELIVERED &&
               state_find_copy(handle, batch->keys[10].uid, batch->keys[10].uid_size,
                               &batch->intents[10].message.content, &k, error);
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

static bool use_and_name(struct state *handle, unsigned *done, struct state_error *error) {
    int64_t id;

    if (!use_account(handle, done, error) || !state_rename(handle, 1, "work", error)) {
        return false;
    }
    *done += 1;
    if (!use_place(handle, &id, error)) {
        return false;
    }
    *done += 1;
    return true;
}

static bool take_messages(struct state *handle, const struct batch *batch, unsigned *done, struct state_error *error) {
    const struct state_key failed = {"refused", 7, 0};
    const struct state_changes first = {.now_s = NOW, .intents = batch->intents, .intent_count = 12};
    const struct state_changes second = {.now_s = NOW,
                                         .delivered = batch->keys,
                                         .delivered_count = 12,
                                         .intents = batch->intents + 12,
                                         .intent_count = 8,
                                         .failed = &failed,
                                         .failed_count = 1};
    const struct state_changes third = {.now_s = NOW, .delivered = batch->keys + 12, .delivered_count = 8};
    struct state_message copy = batch->intents[10].message;
    const struct state_changes fourth = {
        .now_s = NOW, .deleted = batch->keys, .deleted_count = 5, .recognised = &copy, .recognised_count = 1};

    copy.key = copy_of(batch);
    return commit(handle, &first, done, error) && commit(handle, &second, done, error) &&
           read_all(handle, batch, error) && commit(handle, &third, done, error) &&
           commit(handle, &fourth, done, error);
}

/* What a run does at its end, and a later one that prunes. */
static bool end_run(struct state *handle, const struct batch *batch, unsigned *done, struct state_error *error) {
    const struct state_run note = {.started_s = NOW, .fetched = 20};
    const struct state_memory memory = {.not_before_s = NOW};
    int accounts = 0;

    if (!survey(handle, batch, NOW, error)) {
        return false;
    }
    *done += 1;
    if (!state_accounts(handle, count_accounts, &accounts, error) || accounts != 1 ||
        !state_run_note(handle, &note, error)) {
        return false;
    }
    *done += 1;
    if (!state_memory_set(handle, &memory, error)) {
        return false;
    }
    *done += 1;
    if (!survey(handle, batch, NOW + STATE_GRACE_S, error)) {
        return false;
    }
    *done += 1;
    return true;
}

static void run(struct state *handle, unsigned *done, struct state_error *error) {
    struct batch batch;

    batch_make(&batch);
    if (use_and_name(handle, done, error) && take_messages(handle, &batch, done, error)) {
        (void)end_run(handle, &batch, done, error);
    }
}

static void forget(struct state *handle, unsigned *done, struct state_error *error) {
    uint64_t count;

    if (state_forget(handle, 1, "uid-00015", 9, &count, error)) {
        *done += 1;
        *done += state_forget(handle, 1, NULL, 0, &count, error);
    }
}

/* A run and, after it, forgetting: how many steps are done; *error tells why not more. */
static unsigned session(const struct world *world, struct state_error *error) {
    struct state *handle = state_open(world->folder, STATE_WRITE, error);
    unsigned done = 0;

    if (handle != NULL) {
        run(handle, &done, error);
        state_close(handle);
    }
    if (done < STEPS - 2) {
        return done;
    }
    handle = state_open(world->folder, STATE_WRITE, error);
    if (handle != NULL) {
        forget(handle, &done, error);
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

/* Which of all fails; 0: none. */
struct failure {
    unsigned long operation;
    enum flaky_failure kind;
    bool for_good;
    unsigned long allocation;
    unsigned long call;
    int number; /* errno of the call */
};

static void arm(const struct failure *failure) {
    flaky_arm(failure->kind, failure->operation, failure->for_good);
    allocations_left = failure->allocation;
    allocation_failed = false;
    calls_left = failure->call;
    call_errno = failure->number;
    call_failed = false;
}

/* A world for each; true while it was reached. */
static bool session_with(struct failure failure) {
    const unsigned long n = failure.operation + failure.allocation + failure.call;
    struct state_error error = {.problem = STATE_FINE};
    struct world *world;
    unsigned done;
    bool reached;

    assert_int_equal(world_setup_in_memory((void **)&world), 0);
    arm(&failure);
    done = session(world, &error);
    reached = flaky_failed() || allocation_failed || call_failed;
    arm(&(struct failure){.kind = FLAKY_IO});
    if (done < STEPS) {
        assert_true(reached);
        assert_told(&error, n);
    }
    check_afterwards(world, done, n);
    assert_int_equal(world_teardown((void **)&world), 0);
    return reached;
}

static void each_operation_on_a_file(enum flaky_failure kind, bool for_good) {
    unsigned long n = 1;

    while (session_with((struct failure){.operation = n, .kind = kind, .for_good = for_good})) {
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

#if defined(__SANITIZE_ADDRESS__)
#define STRIDE 5 /* slow there; the other build tries each */
#else
#define STRIDE 1
#endif

static void any_allocation_may_fail(void **state) {
    unsigned long n = 1;

    (void)state;
    while (session_with((struct failure){.allocation = n})) {
        n += STRIDE;
    }
    print_message("%lu allocations failed, one at a time\n", n / STRIDE);
    assert_true(n > 500);
}

static void any_system_call_may_fail(void **state) {
    static const int numbers[] = {EIO, ENOSPC, EROFS, EDQUOT, ENOMEM};

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        unsigned long n = 1;

        while (session_with((struct failure){.call = n, .number = numbers[i]})) {
            n++;
        }
        print_message("%lu system calls failed with errno %d, one at a time\n", n - 1, numbers[i]);
        assert_true(n > 40);
    }
}

/* ---- What follows from a failure ---- */

/* The first commit fails. */
static struct state *broken_handle(const struct world *world) {
    struct state *handle = world_use(world, "work");
    struct state_key key = sample_key(0);
    struct state_error error;

    flaky_arm(FLAKY_FULL, 1, false);
    assert_false(state_commit(handle, &(struct state_changes){.failed = &key, .failed_count = 1}, &error));
    assert_int_equal(error.problem, STATE_FULL);
    assert_non_null(strstr(error.text, world_path(world, "state.db")));
    assert_true(error.hint[0] != '\0');
    return handle;
}

static void assert_full(bool result, struct state_error *error) {
    assert_false(result);
    assert_int_equal(error->problem, STATE_FULL);
    memset(error, 0, sizeof *error);
}

static void a_full_disk_ends_the_use_of_the_handle(void **state) {
    struct world *world = *state;
    struct state *handle = broken_handle(world); /* although there is space again by now */
    struct state_identity identity = world_identity("work");
    struct state_key key = sample_key(0);
    struct state_changes changes = {.failed = &key, .failed_count = 1};
    struct state_content content = {.size = 1};
    struct state_memory memory = {.not_before_s = NOW};
    struct state_run note = {.started_s = NOW};
    struct state_place place = {.kind = "maildir"};
    struct state_place conflict;
    struct state_intents intents;
    struct state_error error = {.problem = STATE_FINE};
    struct state_row row;
    uint64_t count;
    uint32_t k;
    int64_t id;

    assert_full(state_commit(handle, &changes, &error), &error);
    assert_full(state_find(handle, key, &row, &error), &error);
    assert_full(state_find_copy(handle, "x", 1, &content, &k, &error), &error);
    assert_full(state_unfinished(handle, &intents, &error), &error);
    assert_full(state_survey_begin(handle, INT64_MIN, &error) != NULL, &error);
    assert_full(state_account_use(handle, &identity, NULL, &error), &error);
    assert_full(state_memory_get(handle, &memory, &error), &error);
    assert_full(state_memory_set(handle, &memory, &error), &error);
    assert_full(state_run_note(handle, &note, &error), &error);
    assert_full(state_place_use(handle, &place, false, &id, &conflict, &error), &error);
    assert_full(state_place_get(handle, 1, &place, &error), &error);
    assert_full(state_accounts(handle, count_accounts, NULL, &error), &error);
    assert_full(state_rename(handle, 1, "x", &error), &error);
    assert_full(state_forget(handle, 1, NULL, 0, &count, &error), &error);
    state_close(handle);
    handle = world_use(world, "work");
    assert_true(state_commit(handle, &changes, &error));
    state_close(handle);
}

static void a_table_without_memory_is_told(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_survey *survey = NULL;
    struct state_error error;

    world_take(handle, 0, 1500, NOW); /* the table has to grow */
    for (unsigned long n = 1; survey == NULL; n++) {
        allocations_left = n;
        survey = state_survey_begin(handle, INT64_MIN, &error);
        assert_true(survey != NULL || error.problem == STATE_MEMORY);
    }
    allocations_left = 0;
    assert_int_equal(state_survey_see(survey, sample_key(1499)), STATE_SEEN_DELIVERED);
    state_survey_free(survey);
    state_close(handle);
}

int main(void) {
#define test(name) cmocka_unit_test_setup_teardown(name, world_setup_in_memory, world_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_operation_may_fail_once),       cmocka_unit_test(any_operation_may_fail_and_all_behind_it),
        cmocka_unit_test(the_disk_may_be_full_for_a_moment), cmocka_unit_test(the_disk_may_be_full),
        cmocka_unit_test(any_allocation_may_fail),           cmocka_unit_test(any_system_call_may_fail),
        test(a_full_disk_ends_the_use_of_the_handle),        test(a_table_without_memory_is_told),
    };

    return cmocka_run_group_tests_name("state_failures", tests, install, NULL);
}
