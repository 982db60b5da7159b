/* SPDX-License-Identifier: MIT */
/*
 * SIGKILL at random times of a process that commits batch after batch: afterwards every batch is wholly intended, wholly
 * delivered or not there at all, and what the process had reported as done is there. The seed is printed; run the program
 * with it to repeat the times.
 */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700

#include "world.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KILLS 60
#define BATCH 32U
#define LONGEST_US 40000U

static unsigned seed;

/* What the writer reports, in memory that outlives it: so many batches are intended, so many are delivered. */
struct report {
    volatile unsigned intended;
    volatile unsigned delivered;
};

/* Joined as fetch joins them: the D-records of a batch with the I-records of the next. */
static void write_for_ever(const struct world *world, struct report *report) {
    struct state *handle = world_use(world, "work");
    struct state_intent intents[BATCH];
    struct sample samples[BATCH];
    struct state_key keys[BATCH];

    for (unsigned batch = report->intended;; batch++) {
        struct state_changes changes = {.now_s = NOW, .intents = intents, .intent_count = BATCH};
        struct state_error error;

        if (batch > 0 && report->delivered < batch) {
            for (unsigned i = 0; i < BATCH; i++) {
                sample_make(&samples[i], (batch - 1) * BATCH + i);
                keys[i] = samples[i].key;
            }
            changes.delivered = keys;
            changes.delivered_count = BATCH;
        }
        struct sample next[BATCH];

        for (unsigned i = 0; i < BATCH; i++) {
            sample_make(&next[i], batch * BATCH + i);
            intents[i] = next[i].intent;
        }
        if (!state_commit(handle, &changes, &error)) {
            (void)fprintf(stderr, "%s\n", error.text);
            _exit(1);
        }
        report->delivered = batch;
        report->intended = batch + 1;
    }
}

static unsigned next_random(void) {
    seed = seed * 1103515245U + 12345U;
    return seed >> 8;
}

static void kill_after(pid_t child, unsigned microseconds) {
    struct timespec time = {.tv_nsec = (long)microseconds * 1000};
    int status;

    (void)nanosleep(&time, NULL);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

/* Adopts what is found as what is reported, for the next writer. */
static void check_batches(const struct world *world, struct report *report) {
    int64_t numbers[3];

    state_close(world_open(world, STATE_WRITE));
    world_numbers(world,
                  "SELECT (SELECT count(*) FROM intent), (SELECT count(*) FROM msg), "
                  "(SELECT count(*) FROM intent NATURAL JOIN (SELECT account, uid, k FROM msg))",
                  numbers, 3);
    unsigned delivered = (unsigned)numbers[1] / BATCH;
    unsigned intended = delivered + (unsigned)numbers[0] / BATCH;

    assert_int_equal(numbers[1] % BATCH, 0);
    assert_true(numbers[0] == 0 || numbers[0] == BATCH);
    assert_int_equal(numbers[2], 0); /* nothing is both */
    assert_in_range(intended, report->intended, report->intended + 1);
    assert_in_range(delivered, report->delivered, report->delivered + 1);
    report->intended = intended;
    report->delivered = delivered;
}

static void every_transaction_is_whole_after_sigkill(void **state) {
    struct world *world = *state;
    struct report *report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    assert_true(report != MAP_FAILED);
    print_message("seed %u\n", seed);
    for (int i = 0; i < KILLS; i++) {
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
            write_for_ever(world, report);
        }
        kill_after(child, next_random() % LONGEST_US);
        check_batches(world, report);
    }
    print_message("%d kills, %u batches delivered\n", KILLS, report->delivered);
    assert_true(report->delivered > 0);
    assert_int_equal(munmap(report, sizeof *report), 0);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_transaction_is_whole_after_sigkill, world_setup, world_teardown),
    };

    seed = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : (unsigned)time(NULL);
    return cmocka_run_group_tests_name("state_kill", tests, NULL, NULL);
}
