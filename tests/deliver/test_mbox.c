/* SPDX-License-Identifier: MIT */
/* An mbox (D-21, A-15): what is appended, the locks, and each end of an interrupted append. */
#define _GNU_SOURCE /* F_OFD_SETLK */

#include "deliver/mboxrd.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define BATCH "owner.1.1"

static int begin(void **state) {
    static struct world world;

    world_begin(&world, DELIVER_MBOX);
    *state = &world;
    return 0;
}

static int end(void **state) {
    world_end(*state);
    return 0;
}

/* ---- The format ---- */

struct text {
    char octets[4096];
    size_t n;
};

static bool collect(void *context, const void *octets, size_t n) {
    struct text *text = context;

    assert_true(text->n + n < sizeof text->octets);
    memcpy(text->octets + text->n, octets, n);
    text->n += n;
    text->octets[text->n] = '\0';
    return true;
}

static const char *formatted(const struct world *world, const char *content, struct text *text) {
    char path[256];
    int code;
    int fd;

    world_write(world, "message", content);
    (void)snprintf(path, sizeof path, "%s/message", world->folder);
    fd = open(path, O_RDONLY);
    *text = (struct text){.n = 0};
    assert_true(mboxrd_write(fd, 86400, collect, text, &code));
    (void)close(fd);
    return text->octets;
}

#define NOBODY "From MAILER-DAEMON Fri Jan  2 00:00:00 1970\n"

static void test_D21_separator_and_empty_line(void **state) {
    struct text text;

    assert_string_equal(formatted(*state, "A: b\n\nbody\n", &text), NOBODY "A: b\n\nbody\n\n");
    assert_string_equal(formatted(*state, "A: b\n\nbody", &text), NOBODY "A: b\n\nbody\n\n");
    assert_string_equal(formatted(*state, "", &text), NOBODY "\n");
    assert_string_equal(formatted(*state, "\n\n\n", &text), NOBODY "\n\n\n\n");
}

static void test_D21_every_from_line_gets_one_mark(void **state) {
    struct text text;

    assert_string_equal(formatted(*state, "From a\n>From b\n>>>From c\nxFrom d\n From e\nFromf\nFro\nFrom\n>\n", &text),
                        NOBODY ">From a\n>>From b\n>>>>From c\nxFrom d\n From e\nFromf\nFro\nFrom\n>\n\n");
    assert_string_equal(formatted(*state, "x\nFrom ", &text), NOBODY "x\n>From \n\n");
    assert_string_equal(formatted(*state, "x\n>>Fro", &text), NOBODY "x\n>>Fro\n\n");
    assert_string_equal(formatted(*state, ">", &text), NOBODY ">\n\n");
}

static void test_A15_senders_that_are_harmless_only(void **state) {
    struct text text;

    assert_string_equal(formatted(*state, "Return-Path: <joe@example.org>\n", &text),
                        "From joe@example.org Fri Jan  2 00:00:00 1970\nReturn-Path: <joe@example.org>\n\n");
    static const char *const others[] = {
        "Return-Path: <>\n",   "Return-Path: <a b@c>\n",  "Return-Path: joe@example.org\n", "Return-Path: <-oQ/tmp>\n",
        "Return-Path: <a@b\n", "Return-Path: <a@b;rm>\n", "X: y\nReturn-Path: <a@b>\n",     "Return-Path: <a\033@b>\n"};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_memory_equal(formatted(*state, others[i], &text), NOBODY, sizeof NOBODY - 1);
    }
}

/* ---- Appending ---- */

static struct deliver_batch *new_batch(struct world *world) {
    struct deliver_batch *batch = deliver_batch_new(world->target, BATCH, &world->error);

    if (batch == NULL) {
        fail_msg("%s", world->error.text);
    }
    return batch;
}

/* The separators of our own time are cut out. */
static void expect_mbox(const struct world *world, const char *before, const char *const *messages, size_t count) {
    size_t n;
    char *octets = world_read(world, "mbox", &n);
    const char *at = octets;

    assert_non_null(octets);
    assert_memory_equal(at, before, strlen(before));
    at += strlen(before);
    for (size_t i = 0; i < count; i++) {
        assert_memory_equal(at, "From MAILER-DAEMON ", 19);
        at = strchr(at, '\n') + 1;
        assert_memory_equal(at, messages[i], strlen(messages[i]));
        at += strlen(messages[i]);
    }
    assert_string_equal(at, "");
    free(octets);
}

static const char *const two[] = {"one\n\n", "two\n\n"};

static void deliver_two(struct world *world) {
    struct deliver_batch *batch = new_batch(world);
    struct deliver_facts facts;

    world_put(world, batch, 1, "one\r\n", &facts);
    world_put(world, batch, 2, "two\r\n", &facts);
    assert_true(deliver_batch_sync(batch, &world->error));
    if (!deliver_batch_publish(batch, &world->error)) {
        fail_msg("%s", world->error.text);
    }
    deliver_batch_end(batch);
}

static void test_D21_appends(void **state) {
    struct world *world = *state;

    deliver_two(world);
    expect_mbox(world, "", two, 2);
    assert_false(world_exists(world, ".", ".", "mbox.lock"));
    assert_int_equal(world_count(world, "spool", NULL), 0);
}

static void test_D21_begins_behind_an_empty_line(void **state) {
    static const char *const before[] = {"From a\n\nx\n\n", "From a\n\nx\n", "From a\n\nx", "\n", "x"};
    static const char *const added[] = {"", "\n", "\n\n", "", "\n\n"};
    struct world *world = *state;

    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        char expected[64];

        world_write(world, "mbox", before[i]);
        deliver_two(world);
        (void)snprintf(expected, sizeof expected, "%s%s", before[i], added[i]);
        expect_mbox(world, expected, two, 2);
    }
}

static void test_RFILE01_links_are_refused(void **state) {
    struct world *world = *state;
    char other[256];

    world_write(world, "other", "x");
    (void)snprintf(other, sizeof other, "%s/other", world->folder);
    assert_int_equal(unlink(world->path), 0);
    assert_int_equal(symlink(other, world->path), 0);
    world_open(world);
    assert_null(world->target);
    assert_non_null(strstr(world->error.text, "symbolic link"));
    assert_int_equal(unlink(world->path), 0);
    assert_int_equal(link(other, world->path), 0);
    world_open(world);
    assert_null(world->target);
    assert_non_null(strstr(world->error.text, "hard links"));
}

static void test_D21_a_folder_is_no_mbox(void **state) {
    struct world *world = *state;

    assert_int_equal(unlink(world->path), 0);
    assert_int_equal(mkdir(world->path, 0700), 0);
    world_open(world);
    assert_null(world->target);
    assert_non_null(strstr(world->error.text, world->path));
}

static void test_D21_locked_while_a_batch_is_appended(void **state) {
    struct world *world = *state;
    struct deliver_batch *batch = new_batch(world);
    struct deliver_facts facts;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(world->path, O_RDWR);

    world_put(world, batch, 1, "one\r\n", &facts);
    assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
    lock.l_type = F_UNLCK;
    assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
    assert_true(deliver_batch_sync(batch, &world->error));
    lock.l_type = F_WRLCK;
    assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), -1);
    assert_true(world_exists(world, ".", ".", "mbox.lock"));
    assert_true(deliver_batch_publish(batch, &world->error));
    assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
    assert_false(world_exists(world, ".", ".", "mbox.lock"));
    (void)close(fd);
    deliver_batch_end(batch);
}

struct other_program {
    const struct world *world;
    int locked;
    bool backup; /* the old file stays, under another name */
};

/* Holds the lock for a while, then puts a new file in the old one's place, as readers do that remove messages. */
static void *replace(void *context) {
    const struct other_program *other = context;
    char path[256];

    (void)nanosleep(&(struct timespec){.tv_nsec = 200000000L}, NULL);
    (void)snprintf(path, sizeof path, "%s/old", other->world->folder);
    if (other->backup) {
        (void)rename(other->world->path, path);
    }
    world_write(other->world, "fresh", "From a\n\nkept\n\n");
    (void)snprintf(path, sizeof path, "%s/fresh", other->world->folder);
    (void)rename(path, other->world->path);
    (void)close(other->locked);
    return NULL;
}

static void check_replaced(struct world *world, bool backup) {
    struct other_program other = {.world = world, .locked = open(world->path, O_RDWR), .backup = backup};
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct deliver_batch *batch = new_batch(world);
    struct deliver_facts facts;
    pthread_t thread;
    size_t n;
    char *octets;

    world_put(world, batch, 1, "one\r\n", &facts);
    assert_int_equal(fcntl(other.locked, F_OFD_SETLK, &lock), 0);
    assert_int_equal(pthread_create(&thread, NULL, replace, &other), 0);
    assert_true(deliver_batch_sync(batch, &world->error));
    assert_int_equal(deliver_batch_offset(batch), strlen("From a\n\nkept\n\n"));
    assert_true(deliver_batch_publish(batch, &world->error));
    deliver_batch_end(batch);
    assert_int_equal(pthread_join(thread, NULL), 0);
    octets = world_read(world, "mbox", &n);
    assert_non_null(strstr(octets, "kept\n\nFrom "));
    assert_non_null(strstr(octets, "one\n"));
    free(octets);
}

static void test_D21_replaced_while_it_was_waited_for(void **state) {
    check_replaced(*state, false);
}

static void test_D21_replaced_and_kept_while_it_was_waited_for(void **state) {
    check_replaced(*state, true);
}

/* ---- After an interruption ---- */

/* Two messages up to S3; the mbox holds "before" and then, as if the append had broken off, `n` octets of them. */
static size_t interrupted(struct world *world, const char *before, size_t n, const char *behind,
                          struct deliver_pending rows[2], uint64_t *offset) {
    struct deliver_batch *batch;
    size_t whole;
    char *octets;

    world_write(world, "mbox", before);
    world_open(world);
    batch = new_batch(world);
    world_put(world, batch, 1, "one\r\n", &rows[0].facts);
    world_put(world, batch, 2, "two\r\n", &rows[1].facts);
    assert_true(deliver_batch_sync(batch, &world->error));
    *offset = deliver_batch_offset(batch);
    assert_int_equal(*offset, strlen(before));
    assert_true(deliver_batch_publish(batch, &world->error));
    deliver_batch_leave(batch);
    octets = world_read(world, "mbox", &whole);
    whole -= strlen(before);
    if (n < whole) {
        octets[strlen(before) + n] = '\0';
    }
    memcpy(octets + strlen(octets), behind, strlen(behind) + 1);
    world_write(world, "mbox", octets);
    free(octets);
    return whole;
}

static bool nobody_wants(void *context, const char *id) {
    (void)context;
    (void)id;
    return false;
}

static void recover(struct world *world, struct deliver_pending rows[2], uint64_t offset) {
    world_open(world);
    if (!deliver_recover(world->target, BATCH, offset, false, rows, 2, &world->error)) {
        fail_msg("%s", world->error.text);
    }
}

static void test_D21_broken_off_anywhere(void **state) {
    static const char before[] = "From a\n\nx\n"; /* an empty line is missing: part of what is appended */
    struct world *world = *state;
    size_t whole = SIZE_MAX;

    for (size_t n = 0; n <= whole; n++) {
        struct deliver_pending rows[2];
        uint64_t offset;

        whole = interrupted(world, before, n, "", rows, &offset);
        recover(world, rows, offset);
        assert_int_equal(rows[0].outcome, DELIVER_THERE);
        assert_int_equal(rows[1].outcome, DELIVER_THERE);
        expect_mbox(world, "From a\n\nx\n\n", two, 2);
        assert_true(deliver_clean(world->target, nobody_wants, NULL, &world->error));
        assert_int_equal(world_count(world, "spool", NULL), 0);
    }
    assert_in_range(whole, 90, 200);
}

static void test_D21_others_appended_behind_the_whole(void **state) {
    struct world *world = *state;
    struct deliver_pending rows[2];
    uint64_t offset;
    size_t n;

    (void)interrupted(world, "", SIZE_MAX, "From b\n\ny\n\n", rows, &offset);
    recover(world, rows, offset);
    assert_int_equal(rows[0].outcome, DELIVER_THERE);
    char *octets = world_read(world, "mbox", &n);

    assert_string_equal(octets + n - 11, "From b\n\ny\n\n");
    assert_null(strstr(strstr(octets, "two") + 1, "two"));
    free(octets);
}

/* Nothing that others wrote is cut off; the batch comes again behind it (D-02). */
static void test_D21_others_appended_behind_a_part(void **state) {
    struct world *world = *state;
    struct deliver_pending rows[2];
    uint64_t offset;
    size_t n;

    (void)interrupted(world, "", 60, "From b\n\ny\n\n", rows, &offset);
    recover(world, rows, offset);
    assert_int_equal(rows[0].outcome, DELIVER_THERE);
    char *octets = world_read(world, "mbox", &n);

    assert_non_null(strstr(octets, "From b\n\ny\n\nFrom MAILER-DAEMON"));
    assert_string_equal(octets + n - 5, "two\n\n");
    free(octets);
}

static void test_D06_spool_gone_means_fetch_again(void **state) {
    struct world *world = *state;
    struct deliver_pending rows[2];
    uint64_t offset;

    (void)interrupted(world, "", 0, "", rows, &offset);
    assert_true(deliver_clean(world->target, nobody_wants, NULL, &world->error));
    recover(world, rows, offset);
    assert_int_equal(rows[0].outcome, DELIVER_ABSENT);
    assert_int_equal(rows[1].outcome, DELIVER_ABSENT);
    expect_mbox(world, "", NULL, 0);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_WORLD(test_D21_separator_and_empty_line),
        WITH_WORLD(test_D21_every_from_line_gets_one_mark),
        WITH_WORLD(test_A15_senders_that_are_harmless_only),
        WITH_WORLD(test_D21_appends),
        WITH_WORLD(test_D21_begins_behind_an_empty_line),
        WITH_WORLD(test_RFILE01_links_are_refused),
        WITH_WORLD(test_D21_a_folder_is_no_mbox),
        WITH_WORLD(test_D21_locked_while_a_batch_is_appended),
        WITH_WORLD(test_D21_replaced_while_it_was_waited_for),
        WITH_WORLD(test_D21_replaced_and_kept_while_it_was_waited_for),
        WITH_WORLD(test_D21_broken_off_anywhere),
        WITH_WORLD(test_D21_others_appended_behind_the_whole),
        WITH_WORLD(test_D21_others_appended_behind_a_part),
        WITH_WORLD(test_D06_spool_gone_means_fetch_again),
    };

    return cmocka_run_group_tests_name("mbox", tests, NULL, NULL);
}
