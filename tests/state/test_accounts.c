/* SPDX-License-Identifier: MIT */
/* Accounts and their destinations (D-27): what is recorded of them, and what is the same again. */
#include "world.h"

#include <string.h>

/* ---- Identity (D-27) ---- */

static void assert_identity(const char *host, const char *user, uint16_t port, const char *octets, size_t size) {
    struct state_identity identity;

    assert_true(state_identity_make(&identity, host, user, port));
    assert_int_equal(identity.size, size);
    assert_memory_equal(identity.octets, octets, size);
}

static void identity_is_host_user_and_port(void **state) {
    (void)state;
    assert_identity("Mail.EXAMPLE.org", "Me", 110, "mail.example.org\0Me\000995", 23);
    assert_identity("mail.example.org.", "Me", 995, "mail.example.org\0Me\000995", 23);
    assert_identity("mail.example.org", "Me", 1995, "mail.example.org\0Me\0001995", 24);
    assert_identity("host", "", 995, "host\0\000995", 9); /* EXTERNAL needs no user */
}

static void identity_refuses_what_does_not_fit(void **state) {
    struct state_identity identity;
    char text[STATE_IDENTITY + 1];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_false(state_identity_make(&identity, "", "me", 110));
    assert_false(state_identity_make(&identity, ".", "me", 110));
    assert_false(state_identity_make(&identity, text, "me", 110));
    assert_false(state_identity_make(&identity, "host", text, 110));
    text[STATE_IDENTITY - 4 - 2 - 6] = '\0';
    assert_true(state_identity_make(&identity, "host", text, 65535));
    assert_int_equal(identity.size, STATE_IDENTITY - 1);
    text[STATE_IDENTITY - 4 - 2 - 6] = 'x';
    text[STATE_IDENTITY - 4 - 2 - 5] = '\0';
    assert_false(state_identity_make(&identity, "host", text, 65535));
}

/* ---- Accounts ---- */

static void account_is_known_again(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");

    assert_true(state_account_is_new(handle));
    assert_false(state_was_lost(handle));
    state_close(handle);
    handle = world_use(world, "work"); /* a run that came to nothing */
    assert_true(state_account_is_new(handle));
    world_take(handle, 0, 1, NOW);
    assert_true(state_account_is_new(handle));
    state_close(handle);
    handle = world_use(world, "work");
    assert_false(state_account_is_new(handle));
    struct state_account account = world_account(handle, "work");

    assert_string_equal(account.host, "mail.example");
    assert_string_equal(account.name, "work");
    assert_int_equal(account.port, 995);
    assert_true(account.held);
    assert_true(account.looked_s > 0);
    state_close(handle);
}

static void a_renamed_section_is_the_same_account(void **state) {
    struct world *world = *state;
    struct state *handle = world_open(world, STATE_WRITE);
    struct state_identity identity = world_identity("work");
    struct state_error error;

    assert_true(state_account_use(handle, &identity, "old", &error));
    state_close(handle);
    handle = world_open(world, STATE_WRITE);
    assert_true(state_account_use(handle, &identity, "new", &error));
    assert_int_equal(world_account(handle, "work").id, 1);
    assert_string_equal(world_account(handle, "work").name, "new");
    state_close(handle);
    handle = world_open(world, STATE_WRITE);
    assert_true(state_account_use(handle, &identity, NULL, &error));
    assert_string_equal(world_account(handle, "work").name, "new");
    state_close(handle);
}

static void a_handle_has_one_account(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_identity identity = world_identity("other");
    struct state_error error;

    assert_false(state_account_use(handle, &identity, NULL, &error));
    assert_int_equal(error.problem, STATE_ARGUMENT);
    state_close(handle);
}

static void a_name_that_is_too_long_is_refused(void **state) {
    struct world *world = *state;
    struct state *handle = world_open(world, STATE_WRITE);
    struct state_identity identity = world_identity("work");
    struct state_error error;
    char name[STATE_NAME + 1];

    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_false(state_account_use(handle, &identity, name, &error));
    assert_int_equal(error.problem, STATE_ARGUMENT);
    name[STATE_NAME - 1] = '\0';
    assert_true(state_account_use(handle, &identity, name, &error));
    assert_string_equal(world_account(handle, "work").name, name);
    assert_false(state_rename(handle, 1,
                              "n23456789012345678901234567890123456789012345678901234567890123456789"
                              "n23456789012345678901234567890123456789012345678901234567890123456789"
                              "n23456789012345678901234567890123456789012345678901234567890123456789"
                              "n23456789012345678901234567890123456789012345678901234567890123456789",
                              &error));
    assert_int_equal(error.problem, STATE_ARGUMENT);
    state_close(handle);
}

static void runs_that_write_are_numbered(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");

    assert_int_equal(state_run_number(handle), 1);
    state_close(handle);
    handle = world_use(world, "work");
    assert_int_equal(state_run_number(handle), 1);
    world_take(handle, 0, 3, NOW);
    assert_int_equal(state_run_number(handle), 1);
    state_close(handle);
    handle = world_use(world, "work");
    assert_int_equal(state_run_number(handle), 2);
    state_close(handle);
}

static void memory_is_kept(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_memory memory;
    struct state_error error;

    assert_true(state_memory_get(handle, &memory, &error));
    assert_false(memory.pipelining_off);
    assert_false(memory.deleting);
    assert_int_equal(memory.not_before_s, 0);
    assert_true(state_memory_set(
        handle, &(struct state_memory){.pipelining_off = true, .not_before_s = NOW, .deleting = true}, &error));
    state_close(handle);
    handle = world_use(world, "work");
    assert_true(state_memory_get(handle, &memory, &error));
    assert_true(memory.pipelining_off);
    assert_true(memory.deleting);
    assert_int_equal(memory.not_before_s, NOW);
    state_close(handle);
}

static void the_last_run_is_noted(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_run run = {.started_s = NOW,
                            .ended_s = NOW + 3,
                            .exit_code = 75,
                            .fetched = 1,
                            .octets = 2,
                            .deleted = 3,
                            .failed = 4,
                            .waiting = 5,
                            .text = "maildrop locked"};
    struct state_error error;

    assert_int_equal(world_account(handle, "work").run.started_s, 0);
    assert_true(state_run_note(handle, &run, &error));
    state_close(handle);
    handle = world_open(world, STATE_READ);
    const struct state_account account = world_account(handle, "work");

    assert_memory_equal(&account.run, &run, sizeof run);
    state_close(handle);
}

static void the_secret_is_random_and_stays(void **state) {
    struct world *world = *state;
    struct world *other;
    uint8_t secret[STATE_SECRET];
    struct state *handle = world_open(world, STATE_WRITE);

    memcpy(secret, state_secret(handle), STATE_SECRET);
    state_close(handle);
    handle = world_open(world, STATE_READ);
    assert_memory_equal(state_secret(handle), secret, STATE_SECRET);
    state_close(handle);
    assert_int_equal(world_setup((void **)&other), 0);
    handle = world_open(other, STATE_WRITE);
    assert_memory_not_equal(state_secret(handle), secret, STATE_SECRET);
    state_close(handle);
    assert_int_equal(world_teardown((void **)&other), 0);
}

/* ---- Destinations ---- */

static struct state_place place_at(const char *kind, const char *path, uint64_t inode) {
    struct state_place place;

    memset(&place, 0, sizeof place);
    memcpy(place.kind, kind, strlen(kind));
    memcpy(place.path, path, strlen(path));
    place.device = 7;
    place.inode = inode;
    return place;
}

/* Its id, or 0 for a conflict. */
static int64_t use_place(struct state *handle, struct state_place place, bool again, struct state_place *conflict) {
    struct state_error error;
    int64_t id;

    if (!state_place_use(handle, &place, again, &id, conflict, &error)) {
        fail_msg("state_place_use: %s", error.text);
    }
    return id;
}

static void a_destination_is_the_same_by_path_or_inode(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_place conflict;
    struct state_place found;
    struct state_error error;
    int64_t first = use_place(handle, place_at("maildir", "/mail", 10), false, &conflict);

    assert_int_not_equal(first, 0);
    assert_int_equal(use_place(handle, place_at("maildir", "/mail", 10), false, &conflict), first);
    int64_t moved = use_place(handle, place_at("maildir", "/elsewhere", 10), false, &conflict);
    int64_t anew = use_place(handle, place_at("maildir", "/elsewhere", 11), false, &conflict);

    assert_int_not_equal(moved, 0);
    assert_int_not_equal(moved, first);
    assert_int_not_equal(anew, 0);
    assert_string_equal(conflict.kind, "");
    assert_true(state_place_get(handle, first, &found, &error));
    const struct state_place stored = place_at("maildir", "/mail", 10);

    assert_memory_equal(&found, &stored, sizeof found);
    assert_string_equal(world_account(handle, "work").place.path, "/elsewhere");
    assert_false(state_place_get(handle, 99, &found, &error));
    assert_int_equal(error.problem, STATE_ARGUMENT);
    state_close(handle);
}

static void another_destination_is_a_conflict(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_place conflict;

    (void)use_place(handle, place_at("maildir", "/mail", 10), false, &conflict);
    world_take(handle, 0, 3, NOW);
    world_intend(handle, 3, 1);
    assert_int_equal(use_place(handle, place_at("maildir", "/other", 12), false, &conflict), 0);
    assert_string_equal(conflict.path, "/mail");
    assert_int_equal(use_place(handle, place_at("mbox", "/mail", 10), false, &conflict), 0);
    assert_string_equal(conflict.kind, "maildir");
    assert_int_equal(use_place(handle, place_at("maildir", "/without-inode", 0), false, &conflict), 0);
    assert_int_equal(world_stage(handle, 0), STATE_DELIVERED);

    assert_int_not_equal(use_place(handle, place_at("maildir", "/other", 12), true, &conflict), 0);
    assert_string_equal(conflict.kind, "");
    assert_int_equal(world_stage(handle, 0), STATE_UNKNOWN);
    assert_int_equal(world_stage(handle, 3), STATE_UNFINISHED);
    state_close(handle);
}

static void again_forgets_nothing_at_the_same_destination(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_place conflict;

    (void)use_place(handle, place_at("maildir", "/mail", 10), true, &conflict);
    world_take(handle, 0, 1, NOW);
    (void)use_place(handle, place_at("maildir", "/mail", 11), true, &conflict);
    assert_int_equal(world_stage(handle, 0), STATE_DELIVERED);
    state_close(handle);
}

static void reading_tells_conflicts_too(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_identity identity = world_identity("work");
    struct state_place conflict;
    struct state_error error;
    int64_t id = use_place(handle, place_at("maildir", "/mail", 10), false, &conflict);

    state_close(handle);
    handle = world_open(world, STATE_READ);
    assert_true(state_account_use(handle, &identity, NULL, &error));
    assert_int_equal(use_place(handle, place_at("maildir", "/mail", 10), false, &conflict), id);
    assert_int_equal(use_place(handle, place_at("maildir", "/mail", 11), false, &conflict), 0);
    assert_string_equal(conflict.kind, "");
    assert_int_equal(use_place(handle, place_at("mbox", "/mail", 11), false, &conflict), 0);
    assert_string_equal(conflict.kind, "maildir");
    state_close(handle);
}

int main(void) {
#define test(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_is_host_user_and_port),
        cmocka_unit_test(identity_refuses_what_does_not_fit),
        test(account_is_known_again),
        test(a_renamed_section_is_the_same_account),
        test(a_handle_has_one_account),
        test(a_name_that_is_too_long_is_refused),
        test(runs_that_write_are_numbered),
        test(memory_is_kept),
        test(the_last_run_is_noted),
        test(the_secret_is_random_and_stays),
        test(a_destination_is_the_same_by_path_or_inode),
        test(another_destination_is_a_conflict),
        test(again_forgets_nothing_at_the_same_destination),
        test(reading_tells_conflicts_too),
    };

    return cmocka_run_group_tests_name("state_accounts", tests, NULL, NULL);
}
