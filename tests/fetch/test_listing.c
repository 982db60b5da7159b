/* SPDX-License-Identifier: MIT */
/* Listings joined by number, and equal uids counted. */
#include "fetch/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const uint8_t secret[192] = {3, 1, 4, 1, 5, 9, 2, 6};

static size_t index_of(const struct listing *listing, uint32_t number) {
    size_t i = 0;

    while (i < listing->count && listing->entries[i].number != number) {
        i++;
    }
    return i;
}

static bool is_listed(const struct listing *listing, uint32_t number) {
    return index_of(listing, number) < listing->count;
}

static struct listing_entry *entry_of(const struct listing *listing, uint32_t number) {
    assert_true(is_listed(listing, number));
    return &listing->entries[index_of(listing, number)];
}

static bool uid_is(const struct listing *listing, const struct listing_entry *entry, const char *uid) {
    return entry->uid_size == strlen(uid) && memcmp(listing_uid(listing, entry), uid, entry->uid_size) == 0;
}

static void complete(struct listing *listing) {
    assert_true(listing_complete(listing, secret, sizeof secret));
}

static void test_sizes_and_uids_meet_by_number(void **state) {
    struct listing listing = {0};

    (void)state;
    assert_true(listing_add_size(&listing, 1, 100) && listing_add_size(&listing, 2, 200));
    assert_true(listing_add_uid(&listing, 1, "a") && listing_add_uid(&listing, 2, "b"));
    complete(&listing);
    assert_int_equal(listing.count, 2);
    assert_false(listing.flawed);
    assert_true(uid_is(&listing, entry_of(&listing, 1), "a"));
    assert_int_equal(entry_of(&listing, 2)->size, 200);
    listing_free(&listing);
}

static void test_order_of_lines_means_nothing(void **state) {
    struct listing listing = {0};

    (void)state;
    assert_true(listing_add_uid(&listing, 3, "c") && listing_add_uid(&listing, 1, "a") &&
                listing_add_uid(&listing, 2, "b"));
    assert_true(listing_add_size(&listing, 2, 20) && listing_add_size(&listing, 3, 30) &&
                listing_add_size(&listing, 1, 10));
    complete(&listing);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(listing.entries[i].number, i + 1);
        assert_int_equal(listing.entries[i].size, 10 * (i + 1));
    }
    assert_false(listing.flawed);
    listing_free(&listing);
}

static void test_gaps_and_missing_lines(void **state) {
    struct listing listing = {0};

    (void)state;
    assert_true(listing_add_uid(&listing, 2, "b") && listing_add_uid(&listing, 4294967295U, "z") &&
                listing_add_uid(&listing, 7, ""));
    assert_true(listing_add_size(&listing, 1, 10) && listing_add_size(&listing, 2, 20));
    complete(&listing);
    assert_int_equal(listing.count, 3); /* 1 has no uid line: not of this listing */
    assert_false(is_listed(&listing, 1));
    assert_int_equal(entry_of(&listing, 2)->size, 20);
    assert_true(entry_of(&listing, 4294967295U)->size == LISTING_SIZE_UNKNOWN);
    assert_int_equal(entry_of(&listing, 7)->uid_size, 0);
    listing_free(&listing);
}

static void test_Q04_repeated_numbers_flaw_the_listing(void **state) {
    struct listing listing = {0};

    (void)state;
    assert_true(listing_add_uid(&listing, 1, "a") && listing_add_uid(&listing, 2, "b") &&
                listing_add_uid(&listing, 2, "c") && listing_add_uid(&listing, 3, "d"));
    complete(&listing);
    assert_true(listing.flawed);
    assert_int_equal(listing.count, 2);
    assert_false(is_listed(&listing, 2));
    listing_free(&listing);
}

static void test_D08_equal_uids_are_counted(void **state) {
    struct listing listing = {0};

    (void)state;
    assert_true(listing_add_uid(&listing, 1, "same") && listing_add_uid(&listing, 2, "other") &&
                listing_add_uid(&listing, 3, "same") && listing_add_uid(&listing, 4, "same"));
    complete(&listing);
    assert_int_equal(entry_of(&listing, 1)->k, 0);
    assert_int_equal(entry_of(&listing, 3)->k, 1);
    assert_int_equal(entry_of(&listing, 4)->k, 2);
    assert_true(entry_of(&listing, 1)->copies && entry_of(&listing, 3)->copies && entry_of(&listing, 4)->copies);
    assert_false(entry_of(&listing, 2)->copies);
    listing_free(&listing);
}

static void test_many(void **state) {
    enum { MANY = 100000 };
    struct listing listing = {0};
    char uid[32];

    (void)state;
    for (uint32_t i = 1; i <= MANY; i++) {
        (void)snprintf(uid, sizeof uid, "%08x", i % (MANY / 2));
        assert_true(listing_add_size(&listing, i, i) && listing_add_uid(&listing, i, uid));
    }
    complete(&listing);
    assert_int_equal(listing.count, MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        assert_int_equal(listing.entries[i].size, i + 1);
        assert_int_equal(listing.entries[i].k, i + 1 > MANY / 2);
    }
    listing_free(&listing);
}

static void test_Q07_no_uid_at_all(void **state) {
    struct listing listing = {0};

    (void)state;
    assert_true(listing_add_uid(&listing, 1, "") && listing_add_uid(&listing, 2, ""));
    complete(&listing);
    assert_int_equal(listing.count, 2);
    assert_false(listing.entries[0].copies);
    listing_free(&listing);
}

static void test_empty(void **state) {
    struct listing listing = {0};

    (void)state;
    complete(&listing);
    assert_int_equal(listing.count, 0);
    listing_free(&listing);
    listing_free(&listing);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_and_uids_meet_by_number),
        cmocka_unit_test(test_order_of_lines_means_nothing),
        cmocka_unit_test(test_gaps_and_missing_lines),
        cmocka_unit_test(test_Q04_repeated_numbers_flaw_the_listing),
        cmocka_unit_test(test_D08_equal_uids_are_counted),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_Q07_no_uid_at_all),
        cmocka_unit_test(test_empty),
    };

    return cmocka_run_group_tests_name("listing", tests, NULL, NULL);
}
