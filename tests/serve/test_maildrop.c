/* SPDX-License-Identifier: MIT */
/* Maildir and sample behind a maildrop: what counts as a message, order, unique ids, lock, marks, UPDATE. */
#define _XOPEN_SOURCE 700 /* nftw */

#include "serve/maildrop.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static void in_folder(const char *name, char path[512]) {
    assert_true(snprintf(path, 512, "%s/%s", folder, name) < 512);
}

static void write_mail(const char *name, const char *text) {
    char path[512];
    FILE *file;

    in_folder(name, path);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static bool exists(const char *name) {
    char path[512];
    struct stat status;

    in_folder(name, path);
    return lstat(path, &status) == 0;
}

static int make_folder(void **state) {
    char path[512];

    (void)state;
    memcpy(folder, "/tmp/satchel-maildrop-XXXXXX", sizeof "/tmp/satchel-maildrop-XXXXXX");
    assert_non_null(mkdtemp(folder));
    in_folder("new", path);
    assert_int_equal(mkdir(path, 0700), 0);
    in_folder("cur", path);
    assert_int_equal(mkdir(path, 0700), 0);
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where) {
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

static int remove_folder(void **state) {
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void open_locked(struct serve_maildrop *maildrop, bool writable, bool octets) {
    assert_int_equal(serve_maildrop_maildir(maildrop, folder, writable, octets), 0);
    assert_int_equal(serve_maildrop_lock(maildrop), SERVE_LOCKED);
}

static void assert_message(const struct serve_maildrop *maildrop, uint64_t number, const char *uid, uint64_t octets) {
    const struct serve_message *message = serve_maildrop_get(maildrop, number);

    assert_non_null(message);
    assert_string_equal(message->uid, uid);
    assert_true(message->octets == octets);
}

static void test_order_uids_and_sizes(void **state) {
    struct serve_maildrop maildrop;

    (void)state;
    write_mail("new/1000.b", "x\n");
    write_mail("cur/999.z:2,S", "a\n.\n");
    write_mail("new/1000.a", "no end");
    open_locked(&maildrop, false, false);
    assert_int_equal(maildrop.visible_count, 3);
    assert_message(&maildrop, 1, "999.z", 6);
    assert_message(&maildrop, 2, "1000.a", 8);
    assert_message(&maildrop, 3, "1000.b", 3);
    assert_null(serve_maildrop_get(&maildrop, 0));
    assert_null(serve_maildrop_get(&maildrop, 4));
    assert_null(serve_maildrop_get(&maildrop, UINT64_MAX));
    serve_maildrop_close(&maildrop);
}

static void test_octets_counts_the_file(void **state) {
    struct serve_maildrop maildrop;

    (void)state;
    write_mail("new/1.a", "a\nb\r\n");
    write_mail("new/2.a", "a\n");
    open_locked(&maildrop, false, true);
    assert_message(&maildrop, 1, "1.a", 5);
    assert_message(&maildrop, 2, "2.a", 4);
    serve_maildrop_close(&maildrop);
}

static void test_only_regular_files(void **state) {
    struct serve_maildrop maildrop;
    char path[512];
    char target[512];

    (void)state;
    write_mail("secret", "not mail\n");
    write_mail("new/1.good", "x\n");
    write_mail("new/.hidden", "x\n");
    in_folder("secret", target);
    in_folder("new/2.link", path);
    assert_int_equal(symlink(target, path), 0);
    in_folder("new/3.fifo", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    in_folder("cur/4.folder", path);
    assert_int_equal(mkdir(path, 0700), 0);
    open_locked(&maildrop, false, false);
    assert_int_equal(maildrop.visible_count, 1);
    assert_int_equal(maildrop.known_count, 1);
    assert_message(&maildrop, 1, "1.good", 3);
    serve_maildrop_close(&maildrop);
}

/* A file that is swapped for a link behind our back is not followed either. */
static void test_a_link_put_in_later_is_not_followed(void **state) {
    static struct serve_body body;
    struct serve_body_style style = {.lines = SERVE_ALL_LINES};
    struct serve_maildrop maildrop;
    char path[512];

    (void)state;
    write_mail("new/1.a", "x\n");
    write_mail("secret", "not mail\n");
    open_locked(&maildrop, false, false);
    in_folder("new/1.a", path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("../secret", path), 0);
    assert_false(serve_maildrop_open(&maildrop, serve_maildrop_get(&maildrop, 1), style, &body));
    serve_maildrop_close(&maildrop);
}

static void test_R_1939_17_odd_names_get_a_hash_as_uid(void **state) {
    struct serve_maildrop maildrop;
    char name[5 + 71 + 1] = "new/";

    (void)state;
    memset(name + 4, '1', 70);
    write_mail(name, "x\n");
    name[74] = '1';
    write_mail(name, "x\n");
    write_mail("new/2 blank", "x\n");
    write_mail("new/1.twin", "x\n");
    write_mail("cur/1.twin:2,", "y\n");
    open_locked(&maildrop, false, false);
    assert_int_equal(maildrop.visible_count, 5);
    for (uint64_t i = 1; i <= 5; i++) {
        const char *uid = serve_maildrop_get(&maildrop, i)->uid;

        assert_true(strlen(uid) >= 1 && strlen(uid) <= 70);
        assert_null(strchr(uid, ' '));
        for (uint64_t j = 1; j < i; j++) {
            assert_string_not_equal(uid, serve_maildrop_get(&maildrop, j)->uid);
        }
    }
    serve_maildrop_close(&maildrop);
}

static void test_a_thousand_messages(void **state) {
    struct serve_maildrop maildrop;
    char name[32];

    (void)state;
    for (int i = 1; i <= 1000; i++) {
        assert_true(snprintf(name, sizeof name, "%s/%d.m", i % 3 ? "new" : "cur", i) > 0);
        write_mail(name, "x\n");
    }
    open_locked(&maildrop, false, false);
    assert_int_equal(maildrop.visible_count, 1000);
    for (uint64_t i = 1; i <= 1000; i++) {
        assert_true(snprintf(name, sizeof name, "%d.m", (int)i) > 0);
        assert_message(&maildrop, i, name, 3);
    }
    serve_maildrop_close(&maildrop);
}

static void test_a_mail_reader_may_set_flags_between_sessions(void **state) {
    struct serve_maildrop maildrop;
    char before[512];
    char after[512];

    (void)state;
    write_mail("new/1.a", "x\n");
    open_locked(&maildrop, false, false);
    serve_maildrop_unlock(&maildrop);
    in_folder("new/1.a", before);
    in_folder("cur/1.a:2,RS", after);
    assert_int_equal(rename(before, after), 0);
    write_mail("new/2.b", "later\n");
    assert_int_equal(serve_maildrop_lock(&maildrop), SERVE_LOCKED);
    assert_int_equal(maildrop.visible_count, 2);
    assert_message(&maildrop, 1, "1.a", 3);
    assert_message(&maildrop, 2, "2.b", 7);
    serve_maildrop_close(&maildrop);
}

static void test_update_in_memory(void **state) {
    struct serve_maildrop maildrop;
    uint64_t octets;

    (void)state;
    write_mail("new/1.a", "x\n");
    write_mail("new/2.b", "xy\n");
    open_locked(&maildrop, false, false);
    serve_maildrop_get(&maildrop, 1)->marked = true;
    assert_null(serve_maildrop_get(&maildrop, 1));
    assert_int_equal(serve_maildrop_count(&maildrop, &octets), 1);
    assert_true(octets == 4);
    assert_true(serve_maildrop_update(&maildrop));
    serve_maildrop_unlock(&maildrop);
    assert_true(exists("new/1.a"));
    assert_int_equal(serve_maildrop_lock(&maildrop), SERVE_LOCKED);
    assert_int_equal(maildrop.visible_count, 1);
    assert_message(&maildrop, 1, "2.b", 4);
    serve_maildrop_close(&maildrop);
}

static void test_update_of_files(void **state) {
    struct serve_maildrop maildrop;

    (void)state;
    write_mail("new/1.a", "x\n");
    write_mail("cur/2.b:2,S", "x\n");
    open_locked(&maildrop, true, false);
    serve_maildrop_get(&maildrop, 2)->marked = true;
    assert_true(serve_maildrop_update(&maildrop));
    serve_maildrop_unlock(&maildrop);
    assert_true(exists("new/1.a"));
    assert_false(exists("cur/2.b:2,S"));
    serve_maildrop_close(&maildrop);
}

static void test_R_1939_22_what_cannot_be_removed_is_told(void **state) {
    struct serve_maildrop maildrop;
    char path[512];
    char away[512];

    (void)state;
    write_mail("new/1.a", "x\n");
    open_locked(&maildrop, true, false);
    serve_maildrop_get(&maildrop, 1)->marked = true;
    in_folder("new", path);
    in_folder("away", away);
    assert_int_equal(rename(path, away), 0);
    assert_false(serve_maildrop_update(&maildrop));
    serve_maildrop_close(&maildrop);
    assert_int_equal(rename(away, path), 0);
    assert_true(exists("new/1.a"));
}

static void test_R_1939_21_one_lock(void **state) {
    struct serve_maildrop maildrop;
    struct serve_maildrop other;

    (void)state;
    write_mail("new/1.a", "x\n");
    open_locked(&maildrop, false, false);
    assert_int_equal(serve_maildrop_lock(&maildrop), SERVE_IN_USE);
    assert_int_equal(serve_maildrop_maildir(&other, folder, false, false), 0);
    assert_int_equal(serve_maildrop_lock(&other), SERVE_IN_USE);
    serve_maildrop_unlock(&maildrop);
    assert_int_equal(serve_maildrop_lock(&other), SERVE_LOCKED);
    assert_int_equal(serve_maildrop_lock(&maildrop), SERVE_IN_USE);
    serve_maildrop_close(&other);
    serve_maildrop_close(&maildrop);
}

static void test_no_maildir(void **state) {
    struct serve_maildrop maildrop;
    char path[512];

    (void)state;
    in_folder("cur", path);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(serve_maildrop_maildir(&maildrop, folder, false, false), ENOENT);
    assert_int_equal(symlink("new", path), 0);
    assert_int_not_equal(serve_maildrop_maildir(&maildrop, folder, false, false), 0);
    assert_int_equal(serve_maildrop_maildir(&maildrop, path, false, false), ENOENT);
}

static void test_the_sample(void **state) {
    struct serve_maildrop maildrop;
    uint64_t octets;

    (void)state;
    assert_true(serve_maildrop_sample(&maildrop));
    assert_int_equal(serve_maildrop_lock(&maildrop), SERVE_LOCKED);
    assert_int_equal(serve_maildrop_count(&maildrop, &octets), 2);
    assert_true(octets == 320);
    assert_message(&maildrop, 1, "whqtswO00WBw418f9t5JxYwZ", 120);
    assert_message(&maildrop, 2, "QhdPYR:00WBw1Ph7x7", 200);
    serve_maildrop_close(&maildrop);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_order_uids_and_sizes),
        WITH_FOLDER(test_octets_counts_the_file),
        WITH_FOLDER(test_only_regular_files),
        WITH_FOLDER(test_a_link_put_in_later_is_not_followed),
        WITH_FOLDER(test_R_1939_17_odd_names_get_a_hash_as_uid),
        WITH_FOLDER(test_a_thousand_messages),
        WITH_FOLDER(test_a_mail_reader_may_set_flags_between_sessions),
        WITH_FOLDER(test_update_in_memory),
        WITH_FOLDER(test_update_of_files),
        WITH_FOLDER(test_R_1939_22_what_cannot_be_removed_is_told),
        WITH_FOLDER(test_R_1939_21_one_lock),
        WITH_FOLDER(test_no_maildir),
        cmocka_unit_test(test_the_sample),
    };

    return cmocka_run_group_tests_name("serve_maildrop", tests, NULL, NULL);
}
