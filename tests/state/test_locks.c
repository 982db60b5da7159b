/* SPDX-License-Identifier: MIT */
/* Who else is there: one fetcher for each account (D-04), many accounts at once without a SQLITE_BUSY, readers beside them,
 * and file systems that many machines share (D-29). */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700

#include "world.h"

#include "state/internal.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- A file system of choice: this program's fstatfs() is the one that the room calls ---- */

#define LOCAL 0xEF53   /* ext4 */
#define NETWORK 0x6969 /* NFS */

static unsigned file_system = LOCAL;
static bool no_facts;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): glibc's own are reserved */
int fstatfs(int file, struct statfs *facts) {
    (void)file;
    memset(facts, 0, sizeof *facts);
    facts->f_type = (__typeof__(facts->f_type))file_system;
    return no_facts ? -1 : 0;
}

static int back_to_local(void **state) {
    file_system = LOCAL;
    no_facts = false;
    return world_teardown(state);
}

/* ---- Processes ---- */

struct child {
    pid_t process;
    int ready; /* one octet when it got there */
    int done;  /* closing it lets the child end */
};

/* A process that opens the state and waits. It takes the account of `user`, unless NULL. */
static struct child child_start(const struct world *world, const char *user) {
    int ready[2];
    int done[2];
    struct child child;

    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(done), 0);
    child = (struct child){fork(), ready[0], done[1]};
    assert_true(child.process >= 0);
    if (child.process == 0) {
        struct state *handle = user != NULL ? world_use(world, user) : world_open(world, STATE_WRITE);
        char octet;

        (void)close(done[1]);
        (void)!write(ready[1], "", 1);
        (void)!read(done[0], &octet, 1);
        state_close(handle);
        _exit(0);
    }
    (void)close(ready[1]);
    (void)close(done[0]);

    char octet;

    assert_int_equal(read(child.ready, &octet, 1), 1);
    return child;
}

static void child_end(struct child *child, int signal) {
    int status;

    if (signal != 0) {
        assert_int_equal(kill(child->process, signal), 0);
    }
    (void)close(child->done);
    (void)close(child->ready);
    assert_int_equal(waitpid(child->process, &status, 0), child->process);
    assert_int_equal(signal != 0 ? WTERMSIG(status) : WEXITSTATUS(status), signal);
}

static void assert_held(const struct world *world, const char *user, const char *by) {
    struct state *handle = world_open(world, STATE_WRITE);
    struct state_identity identity = world_identity(user);
    struct state_error error;

    assert_false(state_account_use(handle, &identity, user, &error));
    assert_int_equal(error.problem, STATE_HELD);
    if (strstr(error.text, by) == NULL) {
        fail_msg("\"%s\" does not tell %s", error.text, by);
    }
    state_close(handle);
}

static void a_second_process_is_told_the_first(void **state) {
    struct world *world = *state;
    struct child child = child_start(world, "work");
    struct state *other = world_use(world, "home"); /* another account is free */
    char number[32];

    (void)snprintf(number, sizeof number, "process %ld", (long)child.process);
    assert_held(world, "work", number);
    assert_true(world_account(other, "work").held);
    state_close(other);
    child_end(&child, 0);
    state_close(world_use(world, "work"));
}

static void a_killed_process_holds_nothing(void **state) {
    struct world *world = *state;
    struct child child = child_start(world, "work");

    child_end(&child, SIGKILL);

    struct state *handle = world_open(world, STATE_READ);

    assert_false(world_account(handle, "work").held);
    state_close(handle);
    state_close(world_use(world, "work"));
}

static void a_second_handle_of_the_process_is_refused(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");

    assert_held(world, "work", "this process");
    state_close(handle);
}

static void a_lock_without_a_number_is_still_one(void **state) {
    struct world *world = *state;
    struct child child = child_start(world, "work");

    assert_int_equal(truncate(world_path(world, "lock/1"), 0), 0);
    assert_held(world, "work", "another process");
    child_end(&child, 0);
}

/* ---- Forgetting ---- */

static void what_is_in_use_is_not_forgotten(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state *admin = world_open(world, STATE_WRITE);
    struct state_error error;
    uint64_t count;

    world_take(handle, 0, 3, NOW);
    assert_false(state_forget(admin, 1, NULL, 0, &count, &error));
    assert_int_equal(error.problem, STATE_HELD);
    state_close(handle);
    assert_true(state_forget(admin, 1, NULL, 0, &count, &error));
    assert_int_equal(count, 3);
    assert_false(state_forget(admin, 1, NULL, 0, &count, &error));
    assert_int_equal(error.problem, STATE_ARGUMENT);
    state_close(admin);
    assert_int_equal(world_number(world, "SELECT (SELECT count(*) FROM account) + (SELECT count(*) FROM msg)"), 0);
    handle = world_use(world, "work");
    assert_true(state_account_is_new(handle));
    assert_int_equal(world_account(handle, "work").id, 2); /* the lock of 1 may still be somebody's */
    state_close(handle);
}

static void one_uid_is_forgotten_with_all_its_occurrences(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_key second = sample_key(1);
    struct state_error error;
    struct sample sample;
    uint64_t count;

    second.k = 1;
    sample_make(&sample, 1);
    sample.intent.message.key.k = 2;
    world_take(handle, 0, 2, NOW);
    assert_true(state_commit(
        handle,
        &(struct state_changes){.intents = &sample.intent, .intent_count = 1, .failed = &second, .failed_count = 1},
        &error));
    state_close(handle);
    handle = world_open(world, STATE_WRITE);
    assert_true(state_forget(handle, 1, second.uid, second.uid_size, &count, &error));
    assert_int_equal(count, 2);
    state_close(handle);
    handle = world_use(world, "work");
    assert_int_equal(world_stage(handle, 0), STATE_DELIVERED);
    assert_int_equal(world_stage(handle, 1), STATE_UNKNOWN);
    state_close(handle);
    assert_int_equal(world_number(world, "SELECT (SELECT count(*) FROM intent) + (SELECT count(*) FROM failed)"), 0);
}

static void accounts_are_renamed_and_listed_by_name(void **state) {
    struct world *world = *state;
    struct state_error error;

    state_close(world_use(world, "b"));
    state_close(world_use(world, "a"));

    struct state *handle = world_open(world, STATE_WRITE);

    assert_true(state_rename(handle, 1, "0", &error));
    assert_string_equal(world_account(handle, "b").name, "0");
    assert_false(state_rename(handle, 7, "x", &error));
    assert_int_equal(error.problem, STATE_ARGUMENT);
    state_close(handle);
}

static bool first_only(void *context, const struct state_account *account) {
    *(struct state_account *)context = *account;
    return false;
}

static void a_walk_ends_where_it_is_told_to(void **state) {
    struct world *world = *state;
    struct state_account account;
    struct state_error error;

    state_close(world_use(world, "b"));
    state_close(world_use(world, "a"));

    struct state *handle = world_open(world, STATE_READ);

    assert_true(state_accounts(handle, first_only, &account, &error));
    assert_string_equal(account.name, "a");
    state_close(handle);
}

/* ---- Many at once ---- */

#define ROUNDS 60U

struct writer {
    const struct world *world;
    const char *user;
    const char *wrong;
};

static void *write_rounds(void *context) {
    struct writer *writer = context;
    struct state_identity identity = world_identity(writer->user);
    struct state_error error;
    struct state *handle = state_open(writer->world->folder, STATE_WRITE, &error);

    writer->wrong = "it cannot be opened";
    if (handle == NULL || !state_account_use(handle, &identity, writer->user, &error)) {
        return NULL;
    }
    writer->wrong = NULL;
    for (unsigned i = 0; i < ROUNDS && writer->wrong == NULL; i++) {
        struct sample sample;

        sample_make(&sample, i);

        const struct state_changes intend = {.now_s = NOW, .intents = &sample.intent, .intent_count = 1};
        const struct state_changes deliver = {.now_s = NOW, .delivered = &sample.key, .delivered_count = 1};

        if (!state_commit(handle, &intend, &error) || !state_commit(handle, &deliver, &error)) {
            writer->wrong = "a commit fails";
        }
    }
    state_close(handle);
    return NULL;
}

/* Two threads; what goes wrong, or NULL. */
static const char *write_in_threads(const struct world *world, const char *const users[2]) {
    struct writer writers[2] = {{.world = world, .user = users[0]}, {.world = world, .user = users[1]}};
    pthread_t threads[2];

    for (int i = 0; i < 2; i++) {
        if (pthread_create(&threads[i], NULL, write_rounds, &writers[i]) != 0) {
            return "no thread";
        }
    }
    for (int i = 0; i < 2; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    return writers[0].wrong != NULL ? writers[0].wrong : writers[1].wrong;
}

/* Readers come and go; the database is made by whoever is first. */
static void read_while(const struct world *world, pid_t child, int *status) {
    while (waitpid(child, status, WNOHANG) == 0) {
        struct state_account account;
        struct state_error error;
        struct state *handle = state_open(world->folder, STATE_READ, &error);

        if (handle == NULL) {
            assert_int_equal(error.problem, STATE_MISSING);
            continue;
        }
        if (!state_accounts(handle, first_only, &account, &error)) {
            fail_msg("a reader is told: %s", error.text);
        }
        state_close(handle);
    }
}

static void processes_threads_and_readers_do_not_disturb_each_other(void **state) {
    static const char *const users[2][2] = {{"a", "b"}, {"c", "d"}};
    struct world *world = *state;
    pid_t children[2];
    int status[2];

    for (int i = 0; i < 2; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            const char *wrong = write_in_threads(world, users[i]);

            if (wrong != NULL) {
                (void)fprintf(stderr, "%s\n", wrong);
            }
            _exit(wrong != NULL);
        }
    }
    read_while(world, children[0], &status[0]);
    assert_int_equal(waitpid(children[1], &status[1], 0), children[1]);
    assert_int_equal(status[0], 0);
    assert_int_equal(status[1], 0);
    world_check_sound(world);
    assert_int_equal(world_number(world, "SELECT count(*) FROM msg WHERE stage = 2"), 4 * ROUNDS);
}

struct looker {
    struct state *handle;
    bool wrong;
};

static void *look_rounds(void *context) {
    struct looker *looker = context;

    for (unsigned i = 0; i < 500; i++) {
        struct state_error error;
        struct state_row row;

        looker->wrong |= !state_find(looker->handle, (struct state_key){"uid-00001", 9, 0}, &row, &error);
    }
    return NULL;
}

static void two_threads_may_share_a_handle(void **state) {
    struct world *world = *state;
    struct looker looker = {.handle = world_use(world, "work")};
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, look_rounds, &looker), 0);
    for (unsigned i = 0; i < 20; i++) {
        world_take(looker.handle, i, 1, NOW);
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_false(looker.wrong);
    state_close(looker.handle);
}

/* One makes and uses an account again and again while another forgets it. */
static void using_and_forgetting_may_race(void **state) {
    struct world *world = *state;
    struct state *admin = world_open(world, STATE_WRITE);
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        for (int i = 0; i < 100; i++) {
            state_close(world_use(world, "work"));
        }
        _exit(0);
    }
    while (waitpid(child, &status, WNOHANG) == 0) {
        int64_t id = world_number(world, "SELECT coalesce(max(id), 0) FROM account");
        struct state_error error;
        uint64_t count;

        if (!state_forget(admin, id, NULL, 0, &count, &error) && error.problem != STATE_ARGUMENT &&
            error.problem != STATE_HELD) {
            fail_msg("forgetting: %s", error.text);
        }
    }
    assert_int_equal(status, 0);
    state_close(admin);
    world_check_sound(world);
}

/* ---- Programs that know nothing of state.writer ---- */

static void another_program_that_writes_is_waited_for(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_key key = sample_key(0);
    struct state_changes changes = {.failed = &key, .failed_count = 1};
    struct state_error error;
    sqlite3 *program;

    assert_int_equal(sqlite3_open(world_path(world, "state.db"), &program), SQLITE_OK);
    assert_int_equal(sqlite3_exec(program, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_busy_timeout(handle->database, 50); /* in place of 10 s */
    assert_false(state_commit(handle, &changes, &error));
    assert_int_equal(error.problem, STATE_HELD);
    assert_non_null(strstr(error.text, "another program"));
    assert_int_equal(sqlite3_exec(program, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_true(state_commit(handle, &changes, &error)); /* nothing was in doubt */
    assert_int_equal(sqlite3_close(program), SQLITE_OK);
    state_close(handle);
}

/* ---- Network file systems ---- */

static void assert_journal(const struct world *world, int64_t version) {
    FILE *file = fopen(world_path(world, "state.db"), "rb");

    assert_non_null(file);
    assert_int_equal(fseek(file, 18, SEEK_SET), 0);
    assert_int_equal(getc(file), version); /* of the file format for writing: 2 is WAL */
    (void)fclose(file);
}

static void over_the_network_there_is_no_wal(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");

    world_take(handle, 0, 3, NOW);
    state_close(handle);
    assert_journal(world, 2);
    file_system = NETWORK;
    handle = world_use(world, "work");
    assert_journal(world, 1);
    assert_int_not_equal(access(world_path(world, "state.db-shm"), F_OK), 0);
    assert_int_equal(world_stage(handle, 2), STATE_DELIVERED);
    world_take(handle, 3, 3, NOW);
    state_close(handle);
    handle = world_open(world, STATE_READ);
    assert_int_equal(world_account(handle, "work").delivered, 6);
    state_close(handle);
    file_system = LOCAL;
    handle = world_use(world, "work");
    assert_journal(world, 2);
    assert_int_equal(world_stage(handle, 5), STATE_DELIVERED);
    state_close(handle);
}

static void over_the_network_a_database_is_made_too(void **state) {
    struct world *world = *state;

    no_facts = true; /* what cannot be known is taken for a network */

    struct state *handle = world_use(world, "work");

    world_take(handle, 0, 1, NOW);
    state_close(handle);
    assert_journal(world, 1);
}

static void over_the_network_another_process_is_told(void **state) {
    struct world *world = *state;
    struct child child;
    char number[32];

    file_system = NETWORK;
    child = child_start(world, NULL);
    (void)snprintf(number, sizeof number, "process %ld", (long)child.process);
    assert_int_equal(world_open_fails(world, STATE_WRITE, number), STATE_HELD);
    assert_int_equal(world_open_fails(world, STATE_READ, number), STATE_HELD);
    child_end(&child, 0);
    state_close(world_open(world, STATE_WRITE));
}

struct successor {
    const struct world *world;
    struct state *handle;
};

static void *open_next(void *context) {
    struct successor *successor = context;
    struct state_error error;

    successor->handle = state_open(successor->world->folder, STATE_WRITE, &error);
    return NULL;
}

/* Longer than another process would be waited for. */
static void over_the_network_accounts_of_a_process_take_turns(void **state) {
    struct world *world = *state;
    struct successor successor = {.world = world};
    struct timespec pause = {.tv_nsec = 600000000};
    pthread_t thread;

    file_system = NETWORK;

    struct state *handle = world_use(world, "a");

    assert_int_equal(pthread_create(&thread, NULL, open_next, &successor), 0);
    (void)nanosleep(&pause, NULL);
    assert_null(successor.handle);
    world_take(handle, 0, 1, NOW);
    state_close(handle);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_non_null(successor.handle);
    assert_int_equal(world_account(successor.handle, "a").delivered, 1);
    state_close(successor.handle);
}

int main(void) {
#define test(name) cmocka_unit_test_setup_teardown(name, world_setup, back_to_local)
    const struct CMUnitTest tests[] = {
        test(a_second_process_is_told_the_first),
        test(a_killed_process_holds_nothing),
        test(a_second_handle_of_the_process_is_refused),
        test(a_lock_without_a_number_is_still_one),
        test(what_is_in_use_is_not_forgotten),
        test(one_uid_is_forgotten_with_all_its_occurrences),
        test(accounts_are_renamed_and_listed_by_name),
        test(a_walk_ends_where_it_is_told_to),
        test(processes_threads_and_readers_do_not_disturb_each_other),
        test(two_threads_may_share_a_handle),
        test(using_and_forgetting_may_race),
        test(another_program_that_writes_is_waited_for),
        test(over_the_network_there_is_no_wal),
        test(over_the_network_a_database_is_made_too),
        test(over_the_network_another_process_is_told),
        test(over_the_network_accounts_of_a_process_take_turns),
    };

    return cmocka_run_group_tests_name("state_locks", tests, NULL, NULL);
}
