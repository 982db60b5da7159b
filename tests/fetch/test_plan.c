/* SPDX-License-Identifier: MIT */
/* Every combination of knowledge, policy and size for one message among three, against the rules read a second time. */
#include "fetch/plan.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { MESSAGES = 3, MOST = 1000 };

struct world {
    struct listing listing;
    struct listing_entry entries[MESSAGES];
    uint8_t known[MESSAGES];
    struct plan_options options;
    struct plan plan;
};

static void world_make(struct world *world) {
    *world = (struct world){.options = {.max_octets = MOST, .max_messages = UINT32_MAX}};
    for (uint32_t i = 0; i < MESSAGES; i++) {
        world->entries[i] = (struct listing_entry){.number = i + 1, .uid_size = 1, .size = 10};
    }
    world->listing.entries = world->entries;
    world->listing.count = MESSAGES;
}

static void plan(struct world *world) {
    plan_make(&world->plan, &world->listing, world->known, &world->options);
}

/* The rules, in other words than the code's: D-28, D-13, Q-04, Q-07, L-05, D-24. */
static enum plan_action expected(const struct world *world, size_t i, bool *then_delete) {
    const struct listing_entry *entry = &world->entries[i];
    uint8_t known = world->known[i];
    bool among_newest = i + world->options.newest >= MESSAGES;
    bool drop_new = world->options.keep == PLAN_KEEP_NONE || (world->options.keep == PLAN_KEEP_NEWEST && !among_newest);
    bool drop_old = drop_new || (world->options.keep == PLAN_KEEP_DAYS && (known & PLAN_DUE) != 0);

    *then_delete = false;
    if (entry->uid_size == 0) {
        return PLAN_NO_UID;
    }
    if ((known & PLAN_UNFINISHED) != 0) {
        return PLAN_WAITING;
    }
    if ((known & PLAN_DELIVERED) != 0) {
        return drop_old && !world->listing.flawed ? PLAN_DELETE : PLAN_KEEP;
    }
    if ((known & PLAN_HOPELESS) != 0) {
        return PLAN_FAILING;
    }
    if (entry->size == MOST + 1) {
        return PLAN_TOO_LARGE;
    }
    *then_delete = drop_new && !world->listing.flawed;
    return PLAN_FETCH;
}

static void test_D28_every_combination(void **state) {
    static const uint64_t sizes[] = {0, MOST, MOST + 1, LISTING_SIZE_UNKNOWN};
    struct world world;
    size_t cases = 0;

    (void)state;
    for (unsigned code = 0; code < 16U * 4 * 4 * 2 * 2 * 4; code++) {
        unsigned rest = code;
        bool then_delete;

        world_make(&world);
        world.known[1] = (uint8_t)(rest % 16);
        rest /= 16;
        world.options.keep = (enum plan_keep)(rest % 4);
        rest /= 4;
        world.entries[1].size = sizes[rest % 4];
        rest /= 4;
        world.listing.flawed = rest % 2 != 0;
        rest /= 2;
        world.entries[1].uid_size = rest % 2;
        rest /= 2;
        world.options.newest = rest;
        plan(&world);
        assert_int_equal(world.entries[1].action, expected(&world, 1, &then_delete));
        assert_int_equal((world.entries[1].flags & PLAN_THEN_DELETE) != 0, then_delete);
        cases++;
    }
    assert_int_equal(cases, 4096);
}

static void test_D28_keep_all_deletes_nothing(void **state) {
    struct world world;

    (void)state;
    for (unsigned known = 0; known < 16; known++) {
        world_make(&world);
        memset(world.known, (int)known, sizeof world.known);
        plan(&world);
        assert_int_equal(world.plan.actions[PLAN_DELETE], 0);
        for (size_t i = 0; i < MESSAGES; i++) {
            assert_int_equal(world.entries[i].flags & PLAN_THEN_DELETE, 0);
        }
    }
}

static void test_max_messages_takes_the_first_in_order(void **state) {
    struct world world;

    (void)state;
    world_make(&world);
    world.options.max_messages = 2;
    plan(&world);
    assert_int_equal(world.entries[0].action, PLAN_FETCH);
    assert_int_equal(world.entries[1].action, PLAN_FETCH);
    assert_int_equal(world.entries[2].action, PLAN_LATER);
    world.options.newest_first = true;
    plan(&world);
    assert_int_equal(world.entries[0].action, PLAN_LATER);
    assert_int_equal(world.entries[2].action, PLAN_FETCH);
    assert_int_equal(world.plan.octets, 20);
    assert_int_equal(world.plan.actions[PLAN_LATER], 1);
}

static void test_Q09_uids_given_anew(void **state) {
    (void)state;
    assert_false(plan_uids_reset(0, 0, 1000));  /* a first run */
    assert_false(plan_uids_reset(20, 10, 100)); /* half is not more than half */
    assert_true(plan_uids_reset(20, 11, 10));
    assert_false(plan_uids_reset(20, 20, 9)); /* the user cleaned up */
    assert_true(plan_uids_reset(1, 1, 10));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_D28_every_combination),
        cmocka_unit_test(test_D28_keep_all_deletes_nothing),
        cmocka_unit_test(test_max_messages_takes_the_first_in_order),
        cmocka_unit_test(test_Q09_uids_given_anew),
    };

    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
