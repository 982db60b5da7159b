/* SPDX-License-Identifier: MIT */
/* A Maildir: the steps S1, S2, S4, S5 and the rows of D-06. */
#define _XOPEN_SOURCE 700

#include "deliver/name.h"
#include "world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define BATCH "owner.1.1"
#define SPOOL "Mail/tmp/satchel-" BATCH

static int begin(void **state) {
    static struct world world;

    world_begin(&world, DELIVER_MAILDIR);
    *state = &world;
    return 0;
}

static int end(void **state) {
    world_end(*state);
    return 0;
}

static struct deliver_batch *new_batch(struct world *world, const char *id) {
    struct deliver_batch *batch = deliver_batch_new(world->target, id, &world->error);

    if (batch == NULL) {
        fail_msg("%s", world->error.text);
    }
    return batch;
}

static void test_D05_message_appears_only_when_published(void **state) {
    struct world *world = *state;
    struct deliver_batch *batch = new_batch(world, BATCH);
    struct deliver_facts facts;
    size_t n;
    char *octets;
    char name[256];

    world_put(world, batch, 1, "Subject: x\r\n\r\nbody\r\n", &facts);
    assert_int_equal(deliver_batch_count(batch), 1);
    assert_true(deliver_batch_sync(batch, &world->error));
    assert_int_equal(world_count(world, "Mail/new", NULL), 0);
    assert_true(world_exists(world, SPOOL, ".", facts.name));
    assert_true(deliver_batch_publish(batch, &world->error));
    assert_true(world_exists(world, SPOOL, ".", ".batch"));
    deliver_batch_end(batch);
    assert_int_equal(world_count(world, "Mail/tmp", NULL), 0);
    assert_int_equal(world_count(world, "Mail/new", NULL), 1);
    (void)snprintf(name, sizeof name, "Mail/new/%s", facts.name);
    octets = world_read(world, name, &n);
    assert_string_equal(octets, "Subject: x\n\nbody\n");
    assert_int_equal(facts.size, n);
    free(octets);
}

static void test_D25_line_ends_can_stay(void **state) {
    struct world *world = *state;
    struct deliver_facts kept;
    struct deliver_facts converted;
    struct deliver_batch *batch = new_batch(world, BATCH);
    char name[256];
    size_t n;

    world_put(world, batch, 1, "a\r\n\r\nb\r", &converted);
    deliver_batch_abandon(batch);
    world->config.crlf = true;
    world_open(world);
    batch = new_batch(world, BATCH);
    world_put(world, batch, 1, "a\r\n\r\nb\r", &kept);
    (void)snprintf(name, sizeof name, SPOOL "/%s", kept.name);
    char *octets = world_read(world, name, &n);

    assert_int_equal(n, 7);
    assert_int_equal(kept.size, 7);
    assert_int_equal(converted.size, 5);
    assert_memory_equal(octets, "a\r\n\r\nb\r", 7);
    assert_memory_equal(&kept.digests, &converted.digests, sizeof kept.digests);
    free(octets);
    deliver_batch_abandon(batch);
}

static void test_large_message_in_pieces(void **state) {
    struct world *world = *state;
    struct deliver_batch *batch = new_batch(world, BATCH);
    uint8_t id[DELIVER_ID_SIZE] = {0};
    struct deliver_message *message = deliver_begin(batch, id, &world->error);
    struct deliver_facts facts;
    char *line = malloc(300000);
    char name[256];
    size_t n;

    memset(line, 'x', 300000);
    line[299999] = '\r';
    assert_true(deliver_write(message, line, 300000, &world->error));
    assert_true(deliver_write(message, "y", 1, &world->error));
    assert_true(deliver_write(message, line, 300000, &world->error));
    assert_true(deliver_write(message, "\n", 1, &world->error));
    assert_true(deliver_end(message, &facts, &world->error));
    assert_int_equal(facts.size, 300000 + 1 + 299999 + 1);
    (void)snprintf(name, sizeof name, SPOOL "/%s", facts.name);
    char *octets = world_read(world, name, &n);

    assert_int_equal(n, facts.size);
    assert_memory_equal(octets + 299999, "\ry", 2);
    assert_memory_equal(octets + n - 2, "x\n", 2);
    free(octets);
    free(line);
    deliver_batch_abandon(batch);
    assert_int_equal(world_count(world, "Mail/tmp", NULL), 0);
}

static void test_abort_leaves_nothing_of_a_message(void **state) {
    struct world *world = *state;
    struct deliver_batch *batch = new_batch(world, BATCH);
    uint8_t id[DELIVER_ID_SIZE] = {0};
    struct deliver_message *message = deliver_begin(batch, id, &world->error);
    struct deliver_facts facts;

    assert_true(deliver_write(message, "half", 4, &world->error));
    deliver_abort(message);
    world_put(world, batch, 2, "whole\r\n", &facts);
    assert_int_equal(world_count(world, SPOOL, NULL), 2); /* and .batch */
    assert_int_equal(deliver_batch_count(batch), 1);
    assert_true(deliver_batch_sync(batch, &world->error) && deliver_batch_publish(batch, &world->error));
    deliver_batch_end(batch);
    assert_int_equal(world_count(world, "Mail/new", NULL), 1);
}

static void test_D08_the_last_message_can_be_dropped(void **state) {
    struct world *world = *state;
    struct deliver_batch *batch = new_batch(world, BATCH);
    struct deliver_facts facts;

    world_put(world, batch, 1, "one\r\n", &facts);
    world_put(world, batch, 2, "two\r\n", &facts);
    deliver_drop(batch);
    assert_int_equal(deliver_batch_count(batch), 1);
    assert_false(world_exists(world, SPOOL, ".", facts.name));
    assert_true(deliver_batch_sync(batch, &world->error) && deliver_batch_publish(batch, &world->error));
    deliver_batch_end(batch);
    assert_int_equal(world_count(world, "Mail/new", NULL), 1);
}

static void test_D07_names_rise_and_tell_the_id(void **state) {
    uint64_t last = 0;
    char before[DELIVER_NAME_SIZE] = "";
    uint8_t id[DELIVER_ID_SIZE] = {0x01, 0xfe, 0x80};
    uint8_t found[DELIVER_ID_SIZE];

    (void)state;
    for (int i = 0; i < 1000; i++) {
        char name[DELIVER_NAME_SIZE];

        deliver_name(name, &last, 7, id, "host");
        assert_true(strcmp(before, name) < 0);
        memcpy(before, name, sizeof name);
    }
    assert_true(deliver_name_id(before, found));
    assert_memory_equal(found, id, sizeof id);
    assert_non_null(strstr(before, "Q7_01fe80"));
    (void)snprintf(before + strlen(before), sizeof before - strlen(before), ":2,S");
    assert_true(deliver_name_id(before, found));
    assert_false(deliver_name_id("1234.M5Q6_01fe.host", found));
    assert_false(deliver_name_id("1234.M5Q6_", found));
    assert_false(deliver_name_id("1234.V5I6.host", found));
}

static void test_RFILE01_modes_whatever_the_umask(void **state) {
    struct world *world = *state;
    static const mode_t masks[] = {0, 077, 0277};

    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        char path[512];
        struct stat what;
        struct deliver_facts facts;
        mode_t before = umask(masks[i]);

        (void)snprintf(world->path, sizeof world->path, "%s/deep%zu/er/Mail", world->folder, i);
        world_open(world);
        struct deliver_batch *batch = new_batch(world, BATCH);

        world_put(world, batch, 1, "x", &facts);
        (void)umask(before);
        (void)snprintf(path, sizeof path, "%s/tmp/satchel-" BATCH "/%s", world->path, facts.name);
        assert_int_equal(stat(path, &what), 0);
        assert_int_equal(what.st_mode & 07777, 0600);
        *strrchr(path, '/') = '\0';
        assert_int_equal(stat(path, &what), 0);
        assert_int_equal(what.st_mode & 07777, 0700);
        assert_int_equal(stat(world->path, &what), 0);
        assert_int_equal(what.st_mode & 07777, 0700);
        deliver_batch_abandon(batch);
    }
}

/* ---- D-06 ---- */

/* As a journal would hold it after S3. */
static struct deliver_pending pending(const struct deliver_facts *facts) {
    return (struct deliver_pending){.facts = *facts, .outcome = DELIVER_UNKNOWN};
}

static enum deliver_outcome recover(struct world *world, const struct deliver_facts *facts, bool same_boot) {
    struct deliver_pending row = pending(facts);

    world_open(world);
    if (!deliver_recover(world->target, BATCH, 0, same_boot, &row, 1, &world->error)) {
        fail_msg("%s", world->error.text);
    }
    return row.outcome;
}

/* A batch of one message, up to S2; the process "dies" there. */
static struct deliver_facts spooled(struct world *world) {
    struct deliver_batch *batch = new_batch(world, BATCH);
    struct deliver_facts facts;

    world_put(world, batch, 1, "A: b\r\n\r\nbody\r\n", &facts);
    assert_true(deliver_batch_sync(batch, &world->error));
    deliver_batch_leave(batch);
    return facts;
}

static bool nobody_wants(void *context, const char *id) {
    (void)context;
    (void)id;
    return false;
}

static void test_D06_before_S3_junk_is_cleaned(void **state) {
    struct world *world = *state;

    (void)spooled(world);
    world_open(world);
    assert_true(deliver_clean(world->target, nobody_wants, NULL, &world->error));
    assert_int_equal(world_count(world, "Mail/tmp", NULL), 0);
    assert_int_equal(world_count(world, "Mail/new", NULL), 0);
}

static void test_D06_S3_to_S4_goes_on_at_S4(void **state) {
    struct world *world = *state;
    struct deliver_facts facts = spooled(world);

    assert_int_equal(recover(world, &facts, false), DELIVER_THERE);
    assert_true(world_exists(world, "Mail", "new", facts.name));
    assert_false(world_exists(world, SPOOL, ".", facts.name));
    assert_int_equal(recover(world, &facts, false), DELIVER_THERE); /* and again, interrupted before S6 */
    assert_int_equal(world_count(world, "Mail/new", NULL), 1);
}

static void test_D06_damaged_spool_is_fetched_again(void **state) {
    struct world *world = *state;
    struct deliver_facts facts = spooled(world);
    char name[512];

    (void)snprintf(name, sizeof name, SPOOL "/%s", facts.name);
    world_write(world, name, "A: b\n\nbodY\n");
    assert_int_equal(recover(world, &facts, true), DELIVER_ABSENT);
    assert_int_equal(world_count(world, "Mail/new", NULL), 0);
    assert_false(world_exists(world, SPOOL, ".", facts.name));
}

/* Moves a message from where it is below the Maildir. */
static void move(const struct world *world, const char *from, const char *to_folder, const char *name,
                 const char *flags) {
    char old[512];
    char new[512];

    (void)snprintf(old, sizeof old, "%s/%s/%s", world->folder, from, name);
    (void)snprintf(new, sizeof new, "%s/%s/%s%s", world->folder, to_folder, name, flags);
    assert_int_equal(rename(old, new), 0);
}

static void test_D06_S4_to_S6_in_new(void **state) {
    struct world *world = *state;
    struct deliver_facts facts = spooled(world);

    move(world, SPOOL, "Mail/new", facts.name, "");
    assert_int_equal(recover(world, &facts, false), DELIVER_THERE);
    assert_int_equal(world_count(world, "Mail/new", NULL), 1);
}

static void test_D06_S4_to_S6_in_cur_with_flags(void **state) {
    struct world *world = *state;
    struct deliver_facts facts = spooled(world);

    move(world, SPOOL, "Mail/cur", facts.name, ":2,S");
    assert_int_equal(recover(world, &facts, false), DELIVER_THERE);
    assert_int_equal(world_count(world, "Mail/new", NULL), 0);
    assert_int_equal(world_count(world, "Mail/cur", NULL), 1);
}

static void test_D06_both_names(void **state) {
    struct world *world = *state;
    struct deliver_facts facts = spooled(world);
    char old[512];
    char new[512];

    (void)snprintf(old, sizeof old, "%s/" SPOOL "/%s", world->folder, facts.name);
    (void)snprintf(new, sizeof new, "%s/Mail/cur/%s:2,", world->folder, facts.name);
    assert_int_equal(link(old, new), 0);
    assert_int_equal(recover(world, &facts, false), DELIVER_THERE);
    assert_false(world_exists(world, SPOOL, ".", facts.name));
    assert_int_equal(world_count(world, "Mail/new", NULL), 0);
}

/* A reader took it away: that it is nowhere proves S4 while the mark is there and this boot wrote the journal. */
static void test_D06_absence_proves_S4_with_the_mark(void **state) {
    struct world *world = *state;
    struct deliver_facts facts = spooled(world);
    char path[512];

    (void)snprintf(path, sizeof path, "%s/" SPOOL "/%s", world->folder, facts.name);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(recover(world, &facts, true), DELIVER_THERE);
}

static void test_D06_absence_without_the_mark_proves_nothing(void **state) {
    struct world *world = *state;
    struct deliver_facts facts = spooled(world);
    char path[512];

    (void)snprintf(path, sizeof path, "%s/" SPOOL "/%s", world->folder, facts.name);
    assert_int_equal(unlink(path), 0);
    (void)snprintf(path, sizeof path, "%s/" SPOOL "/.batch", world->folder);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(recover(world, &facts, true), DELIVER_ABSENT);
    (void)snprintf(path, sizeof path, "%s/" SPOOL, world->folder);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(recover(world, &facts, true), DELIVER_ABSENT);
}

static void test_D06_a_batch_half_moved(void **state) {
    struct world *world = *state;
    struct deliver_batch *batch = new_batch(world, BATCH);
    struct deliver_pending rows[9];

    for (uint8_t i = 0; i < 9; i++) {
        world_put(world, batch, i, "content\r\n", &rows[i].facts);
    }
    assert_true(deliver_batch_sync(batch, &world->error));
    deliver_batch_leave(batch);
    for (size_t i = 0; i < 9; i += 2) {
        move(world, SPOOL, i % 4 == 0 ? "Mail/new" : "Mail/cur", rows[i].facts.name, i % 4 == 0 ? "" : ":2,RS");
    }
    world_open(world);
    assert_true(deliver_recover(world->target, BATCH, 0, false, rows, 9, &world->error));
    for (size_t i = 0; i < 9; i++) {
        assert_int_equal(rows[i].outcome, DELIVER_THERE);
    }
    assert_int_equal(world_count(world, "Mail/new", NULL) + world_count(world, "Mail/cur", NULL), 9);
    assert_true(deliver_clean(world->target, nobody_wants, NULL, &world->error));
    assert_int_equal(world_count(world, "Mail/tmp", NULL), 0);
}

static bool wants(void *context, const char *id) {
    return strcmp(context, id) == 0;
}

static void test_clean_keeps_what_is_wanted_and_what_is_not_ours(void **state) {
    struct world *world = *state;
    char path[512];
    char batch[] = BATCH;

    (void)spooled(world);
    (void)snprintf(path, sizeof path, "%s/Mail/tmp/satchel-other.1.1", world->folder);
    assert_int_equal(mkdir(path, 0700), 0);
    world_write(world, "Mail/tmp/1234.somebody.else", "x");
    world_open(world);
    assert_true(deliver_clean(world->target, wants, batch, &world->error));
    assert_int_equal(world_count(world, "Mail/tmp", NULL), 3);
    assert_true(deliver_clean(world->target, nobody_wants, NULL, &world->error));
    assert_int_equal(world_count(world, "Mail/tmp", NULL), 2);
}

static void test_D07_found_by_id_without_journal(void **state) {
    struct world *world = *state;
    struct deliver_facts facts = spooled(world);
    uint8_t there[DELIVER_ID_SIZE];
    uint8_t absent[DELIVER_ID_SIZE] = {0};
    struct deliver_facts found;
    bool has;

    memset(there, 1, sizeof there);
    assert_int_equal(recover(world, &facts, true), DELIVER_THERE);
    move(world, "Mail/new", "Mail/cur", facts.name, ":2,S");
    world_write(world, "Mail/cur/1.2.foreign", "x");
    world_open(world);
    assert_true(deliver_find(world->target, there, &has, &found, &world->error) && has);
    assert_int_equal(found.size, facts.size);
    assert_memory_equal(&found.digests, &facts.digests, sizeof facts.digests);
    assert_true(deliver_find(world->target, absent, &has, &found, &world->error) && !has);
}

/* ---- Destinations that cannot be ---- */

static void refuse(struct world *world, const char *path, const char *words) {
    (void)snprintf(world->path, sizeof world->path, "%s/%s", world->folder, path);
    world_open(world);
    assert_null(world->target);
    if (strstr(world->error.text, words) == NULL || strstr(world->error.text, world->path) == NULL) {
        fail_msg("\"%s\" lacks \"%s\" or the path", world->error.text, words);
    }
}

static void test_destination_that_is_no_folder(void **state) {
    struct world *world = *state;

    world_write(world, "file", "x");
    refuse(world, "file", "Not a directory");
    refuse(world, "file/below", "Not a directory");
}

static void test_destination_removed_while_running(void **state) {
    struct world *world = *state;
    struct deliver_batch *batch = new_batch(world, BATCH);
    struct deliver_facts facts;
    char path[256];

    world_put(world, batch, 1, "x", &facts);
    assert_true(deliver_batch_sync(batch, &world->error));
    (void)snprintf(path, sizeof path, "%s/Mail/new", world->folder);
    assert_int_equal(rmdir(path), 0);
    assert_false(deliver_batch_publish(batch, &world->error));
    assert_int_equal(world->error.code, ENOENT);
    assert_true(world_exists(world, SPOOL, ".", facts.name));
    deliver_batch_leave(batch);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_WORLD(test_D05_message_appears_only_when_published),
        WITH_WORLD(test_D25_line_ends_can_stay),
        WITH_WORLD(test_large_message_in_pieces),
        WITH_WORLD(test_abort_leaves_nothing_of_a_message),
        WITH_WORLD(test_D08_the_last_message_can_be_dropped),
        WITH_WORLD(test_D07_names_rise_and_tell_the_id),
        WITH_WORLD(test_RFILE01_modes_whatever_the_umask),
        WITH_WORLD(test_D06_before_S3_junk_is_cleaned),
        WITH_WORLD(test_D06_S3_to_S4_goes_on_at_S4),
        WITH_WORLD(test_D06_damaged_spool_is_fetched_again),
        WITH_WORLD(test_D06_S4_to_S6_in_new),
        WITH_WORLD(test_D06_S4_to_S6_in_cur_with_flags),
        WITH_WORLD(test_D06_both_names),
        WITH_WORLD(test_D06_absence_proves_S4_with_the_mark),
        WITH_WORLD(test_D06_absence_without_the_mark_proves_nothing),
        WITH_WORLD(test_D06_a_batch_half_moved),
        WITH_WORLD(test_clean_keeps_what_is_wanted_and_what_is_not_ours),
        WITH_WORLD(test_D07_found_by_id_without_journal),
        WITH_WORLD(test_destination_that_is_no_folder),
        WITH_WORLD(test_destination_removed_while_running),
    };

    return cmocka_run_group_tests_name("maildir", tests, NULL, NULL);
}
