/* SPDX-License-Identifier: MIT */
/*
 * Plays each transcript file whole, byte by byte, at every two-way split, at random splits, with empty inputs between,
 * for several sizes of line[], and with line[] and output in the same memory where commands do not overlap.
 *     test_core_transcripts FOLDER|FILE...          SATCHEL_SEED=n repeats a run
 */
#define _POSIX_C_SOURCE 200809L
#include "player.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define RANDOM_PLAYS 20
#define ALL_CUTS_UP_TO 3000 /* longer streams are cut near their line ends and dots only */

static uint32_t seed;

struct run {
    const struct script *script;
    struct stage *stage;
    const char *path;
    char report[1024]; /* empty while all is well */
};

static bool is_special(const char *stream, size_t length, size_t at) {
    for (size_t i = at >= 2 ? at - 2 : 0; i < at + 2 && i < length; i++) {
        if (stream[i] == '\r' || stream[i] == '\n' || stream[i] == '.') {
            return true;
        }
    }
    return false;
}

static void run_once(struct run *run, const struct plan *plan) {
    if (run->report[0] == '\0') {
        play(run->stage, run->script, plan, run->report, sizeof run->report);
    }
}

static void run_cuts(struct run *run, struct plan plan) {
    size_t length = run->script->stream_length, near_ends = 0;
    plan.cuts = CUT_ONCE;
    for (plan.cut = 1; plan.cut < length; plan.cut++) {
        bool wanted = length <= ALL_CUTS_UP_TO ||
                      (is_special(run->script->stream, length, plan.cut) && near_ends++ < ALL_CUTS_UP_TO);
        if (wanted) {
            plan.head = plan.cut % 2 == 0;
            run_once(run, &plan);
        }
    }
}

static void run_plan(struct run *run, struct plan plan) {
    run_once(run, &plan);
    plan.head = true;
    run_once(run, &plan);
    plan.cuts = CUT_EVERYWHERE;
    run_once(run, &plan);
    plan.empties = true;
    run_once(run, &plan);
    plan.empties = false;
    run_cuts(run, plan);
    plan.cuts = CUT_AT_RANDOM;
    for (uint32_t i = 0; i < RANDOM_PLAYS; i++) {
        plan.seed = seed * 2654435761U + i;
        plan.empties = i % 3 == 0;
        plan.head = i % 2 == 0;
        run_once(run, &plan);
    }
}

static void run_script(struct run *run, const struct script *script) {
    if (script->max_in_flight > POP3_ENGINE_DEPTH || (script->authenticates && !POP3_ENGINE_SASL)) {
        return;
    }
    run->script = script;
    run->stage = stage_open(script->stream_length);
    for (const uint16_t *size = script->line_sizes; *size != 0; size++) {
        run_plan(run, (struct plan){.line_size = *size});
        if (script->max_in_flight <= 1) {
            run_plan(run, (struct plan){.line_size = *size, .shared = true});
        }
    }
    stage_close(run->stage);
}

static void test_transcript(void **state) {
    struct run run = {.path = *state};
    struct script *scripts;
    size_t count = script_read(run.path, &scripts);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        run_script(&run, &scripts[i]);
    }
    script_free(scripts, count);
    if (run.report[0] != '\0') {
        fail_msg("%s: %s", run.path, run.report);
    }
}

/* ---- which files ---- */

struct list {
    struct CMUnitTest *tests;
    size_t count;
};

static void list_add(struct list *list, const char *path) {
    list->tests = realloc(list->tests, (list->count + 1) * sizeof *list->tests);
    char *copy = strdup(path);
    if (list->tests == NULL || copy == NULL) {
        abort();
    }
    list->tests[list->count++] = (struct CMUnitTest){copy, test_transcript, NULL, NULL, copy};
}

static void list_folder(struct list *list, const char *folder) {
    struct dirent **entries;
    int n = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char path[4096];
        const char *name = entries[i]->d_name, *dot = strrchr(name, '.');
        int length = snprintf(path, sizeof path, "%s/%s", folder, name);
        if (dot != NULL && strcmp(dot, ".pop3") == 0 && length > 0 && (size_t)length < sizeof path) {
            list_add(list, path);
        }
        free(entries[i]);
    }
    if (n >= 0) {
        free(entries);
    } else {
        list_add(list, folder);
    }
}

int main(int argc, char **argv) {
    struct list list = {0};
    const char *wish = getenv("SATCHEL_SEED");
    seed = wish != NULL ? (uint32_t)strtoul(wish, NULL, 10) : (uint32_t)time(NULL);
    printf("SATCHEL_SEED=%u\n", (unsigned)seed);
    for (int i = 1; i < argc; i++) {
        list_folder(&list, argv[i]);
    }
    if (list.count == 0) {
        fprintf(stderr, "no transcripts\n");
        return 1;
    }
    int failed = _cmocka_run_group_tests("transcripts", list.tests, list.count, NULL, NULL);
    for (size_t i = 0; i < list.count; i++) {
        free(list.tests[i].initial_state);
    }
    free(list.tests);
    return failed;
}
