/* SPDX-License-Identifier: MIT */
/* bench_state [N...]: what the database costs: N messages delivered in batches of 256, then a poll in which nothing is new.
 * Each in a process of its own, in /dev/shm, so that neither the disk nor the other's memory is measured. */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700

#include "state/state.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BATCH 256U
#define UID_SIZE 16
#define TIMES 7

static double now(void) {
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void check(bool good, const struct state_error *error) {
    if (!good) {
        (void)fprintf(stderr, "bench_state: %s\n", error->text);
        exit(1);
    }
}

/* As Dovecot makes them, in the order of arrival. */
static struct state_key key_of(char uid[UID_SIZE + 1], unsigned i) {
    (void)memcpy(uid, "0000000065a1f00d", UID_SIZE + 1);
    for (int digit = 7; i > 0; i >>= 4, digit--) {
        uid[digit] = "0123456789abcdef"[i & 15];
    }
    return (struct state_key){uid, UID_SIZE, 0};
}

static struct state *open_account(const char *folder) {
    struct state_identity identity;
    struct state_error error;
    struct state *state = state_open(folder, STATE_WRITE, &error);

    check(state != NULL, &error);
    (void)state_identity_make(&identity, "mail.example", "me", 995);
    check(state_account_use(state, &identity, "bench", &error), &error);
    return state;
}

static void deliver(const char *folder, unsigned count) {
    static struct state_intent intents[BATCH];
    static struct state_key keys[BATCH];
    static char uids[2][BATCH][UID_SIZE + 1];
    struct state *state = open_account(folder);
    size_t before = 0;
    struct state_error error;

    for (unsigned first = 0; first < count || before > 0; first += BATCH) {
        struct state_changes changes = {.now_s = 1, .delivered = keys, .delivered_count = before, .intents = intents};

        for (unsigned i = 0; i < BATCH && first + i < count; i++) {
            struct state_message message = {.key = key_of(uids[first / BATCH % 2][i], first + i),
                                            .list_size = 4000,
                                            .place = 1,
                                            .content = {.size = 3900}};

            intents[i] = (struct state_intent){message, "1.1", "1800000000.M1Q1_0123456789abcdef.host", "boot", 0};
            changes.intent_count++;
        }
        check(state_commit(state, &changes, &error), &error);
        before = changes.intent_count;
        for (size_t i = 0; i < before; i++) {
            keys[i] = intents[i].message.key;
        }
    }
    state_close(state);
}

/* A session that finds all it knows and nothing else. */
static void poll(const char *folder, unsigned count) {
    struct state *state = open_account(folder);
    struct state_run run = {.started_s = 1};
    struct state_counts counts;
    struct state_survey *survey;
    struct state_error error;

    survey = state_survey_begin(state, INT64_MIN, &error);
    check(survey != NULL, &error);
    for (unsigned i = 0; i < count; i++) {
        char uid[UID_SIZE + 1];

        (void)state_survey_see(survey, key_of(uid, i));
    }
    state_survey_counts(survey, &counts);
    if (counts.seen != count || counts.fresh != 0 || counts.vanished != 0) {
        (void)fprintf(stderr, "bench_state: %zu of %u known\n", counts.seen, count);
        exit(1);
    }
    check(state_survey_commit(survey, 2, &error), &error);
    check(state_run_note(state, &run, &error), &error);
    state_survey_free(survey);
    state_close(state);
}

struct cost {
    double seconds;
    long peak_kib;
};

static struct cost in_child(void (*work)(const char *folder, unsigned count), const char *folder, unsigned count) {
    double began = now();
    struct rusage usage;
    int status = 1;
    pid_t child;

    (void)fflush(stdout);
    child = fork();

    if (child == 0) {
        work(folder, count);
        exit(0);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0) {
        (void)fputs("bench_state: a process failed\n", stderr);
        exit(1);
    }
    return (struct cost){now() - began, usage.ru_maxrss};
}

static void nothing(const char *folder, unsigned count) {
    (void)folder;
    (void)count;
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *walk) {
    (void)facts;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void measure(unsigned count) {
    char folder[] = "/dev/shm/bench_state-XXXXXX";
    struct cost base;
    struct cost delivered;
    struct cost best = {.seconds = 1e9};

    if (mkdtemp(folder) == NULL) {
        perror("bench_state: /dev/shm");
        exit(1);
    }
    base = in_child(nothing, folder, 0);
    delivered = in_child(deliver, folder, count);
    (void)in_child(poll, folder, count); /* notes the first run */
    for (int i = 0; i < TIMES; i++) {
        struct cost cost = in_child(poll, folder, count);

        best.seconds = cost.seconds < best.seconds ? cost.seconds : best.seconds;
        best.peak_kib = cost.peak_kib > best.peak_kib ? cost.peak_kib : best.peak_kib;
    }
    (void)printf("%8u messages: delivered in %.3f s (%.2f us each); a poll without news %.1f ms, %.1f MiB\n", count,
                 delivered.seconds, delivered.seconds * 1e6 / count, best.seconds * 1e3,
                 (double)(best.peak_kib - base.peak_kib) / 1024);
    (void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char **argv) {
    static const unsigned standard[] = {10000, 100000, 1000000};

    for (int i = 1; i < argc; i++) {
        measure((unsigned)strtoul(argv[i], NULL, 10));
    }
    for (size_t i = 0; argc == 1 && i < sizeof standard / sizeof standard[0]; i++) {
        measure(standard[i]);
    }
    return 0;
}
