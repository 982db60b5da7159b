/* SPDX-License-Identifier: MIT */
/* What is recorded of messages, and what is found again, also after closing. */
#include "world.h"

#include <string.h>

/* ---- Messages ---- */

static void a_message_goes_from_intent_to_deleted(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_key key = sample_key(0);
    struct sample sample;
    struct state_error error;
    struct state_row row;

    sample_make(&sample, 0);
    assert_int_equal(world_stage(handle, 0), STATE_UNKNOWN);
    world_intend(handle, 0, 1);
    assert_true(state_find(handle, key, &row, &error));
    assert_int_equal(row.stage, STATE_UNFINISHED);
    assert_int_equal(row.delivered_s, 0);
    assert_int_equal(row.list_size, 1000);
    world_deliver(handle, 0, 1, NOW + 5);
    state_close(handle);

    handle = world_use(world, "work");
    assert_true(state_find(handle, key, &row, &error));
    assert_int_equal(row.stage, STATE_DELIVERED);
    assert_int_equal(row.delivered_s, NOW + 5);
    assert_int_equal(row.list_size, 1000);
    assert_int_equal(row.place, 1);
    assert_memory_equal(&row.content, &sample.intent.message.content, sizeof row.content);
    assert_true(state_commit(handle, &(struct state_changes){.deleted = &key, .deleted_count = 1}, &error));
    assert_int_equal(world_stage(handle, 0), STATE_DELETED);
    state_close(handle);
}

static void an_unknown_size_stays_unknown(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_error error;
    struct state_row row;
    struct sample sample;

    sample_make(&sample, 0);
    sample.intent.message.list_size = STATE_SIZE_UNKNOWN;
    assert_true(state_commit(handle, &(struct state_changes){.intents = &sample.intent, .intent_count = 1}, &error));
    assert_true(state_find(handle, sample.key, &row, &error));
    assert_true(row.list_size == STATE_SIZE_UNKNOWN);
    state_close(handle);
}

static void uids_are_octets(void **state) {
    static const char hostile[][8] = {"a", "a\0b", "../../x", "'; --", "\x80\xFF", "A"};
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_error error;
    struct state_row row;

    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        struct state_key key = {hostile[i], i == 1 ? 3 : strlen(hostile[i]), 0};
        struct sample sample;

        sample_make(&sample, (unsigned)i);
        assert_true(state_find(handle, key, &row, &error));
        assert_int_equal(row.stage, STATE_UNKNOWN);
        sample.intent.message.key = key;
        assert_true(
            state_commit(handle, &(struct state_changes){.intents = &sample.intent, .intent_count = 1}, &error));
        assert_true(state_find(handle, key, &row, &error));
        assert_int_equal(row.list_size, 1000 + i);
    }
    state_close(handle);
}

static void a_reused_key_keeps_the_old_message_until_the_new_one_is_there(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_key key = sample_key(0);
    struct state_error error;
    struct state_row row;
    struct sample sample;

    world_take(handle, 0, 1, NOW);
    sample_make(&sample, 0);
    sample.intent.message.generation = 1;
    sample.intent.message.list_size = 77;
    struct state_changes intend = {.intents = &sample.intent, .intent_count = 1};

    assert_true(state_commit(handle, &intend, &error));
    assert_true(state_find(handle, key, &row, &error));
    assert_int_equal(row.stage, STATE_UNFINISHED);
    assert_int_equal(row.generation, 1);
    assert_true(state_commit(handle, &(struct state_changes){.dropped = &key, .dropped_count = 1}, &error));
    assert_true(state_find(handle, key, &row, &error));
    assert_int_equal(row.stage, STATE_DELIVERED);
    assert_int_equal(row.generation, 0);
    assert_true(state_commit(handle, &intend, &error));
    world_deliver(handle, 0, 1, NOW + 1);
    assert_true(state_find(handle, key, &row, &error));
    assert_int_equal(row.generation, 1);
    assert_int_equal(row.list_size, 77);
    assert_int_equal(world_number(world, "SELECT count(*) FROM msg"), 1);
    state_close(handle);
}

static void copies_are_found_by_their_digest(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_error error;
    struct sample sample;
    uint32_t k = 99;

    sample_make(&sample, 4);
    sample.intent.message.key.k = 3;
    struct state_message message = sample.intent.message;

    assert_false(state_find_copy(handle, sample.uid, strlen(sample.uid), &message.content, &k, &error));
    assert_int_equal(error.problem, STATE_FINE);
    assert_true(state_commit(
        handle, &(struct state_changes){.now_s = NOW, .recognised = &message, .recognised_count = 1}, &error));
    assert_true(state_find_copy(handle, sample.uid, strlen(sample.uid), &message.content, &k, &error));
    assert_int_equal(k, 3);
    message.content.size++; /* other line ends */
    assert_true(state_find_copy(handle, sample.uid, strlen(sample.uid), &message.content, &k, &error));
    message.content.digest[15] ^= 1;
    assert_false(state_find_copy(handle, sample.uid, strlen(sample.uid), &message.content, &k, &error));
    message.content.digest[15] ^= 1;
    assert_false(state_find_copy(handle, "other", 5, &message.content, &k, &error));
    state_close(handle);
}

static void failures_are_counted_until_delivery(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_key key = sample_key(1);
    struct state_changes failed = {.failed = &key, .failed_count = 1};
    struct state_error error;
    struct state_row row;

    assert_true(state_commit(handle, &failed, &error));
    assert_true(state_commit(handle, &failed, &error));
    assert_true(state_find(handle, key, &row, &error));
    assert_int_equal(row.stage, STATE_UNKNOWN);
    assert_int_equal(row.failed, 2);
    world_take(handle, 1, 1, NOW);
    assert_true(state_find(handle, key, &row, &error));
    assert_int_equal(row.failed, 0);
    state_close(handle);
}

static void unfinished_messages_are_listed_by_batch(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_intents intents;
    struct state_error error;
    struct sample samples[3];
    static const char *const batches[] = {"b2", "b1", "b1"};
    static const unsigned expected[] = {1, 2, 0};

    assert_true(state_unfinished(handle, &intents, &error));
    assert_int_equal(intents.count, 0);
    for (unsigned i = 0; i < 3; i++) {
        sample_make(&samples[i], i);
        samples[i].intent.batch = batches[i];
        struct state_changes changes = {.intents = &samples[i].intent, .intent_count = 1};

        assert_true(state_commit(handle, &changes, &error));
    }
    state_close(handle);
    handle = world_use(world, "work");
    assert_true(state_unfinished(handle, &intents, &error));
    assert_int_equal(intents.count, 3);
    for (unsigned i = 0; i < 3; i++) {
        const struct state_intent *found = &intents.rows[i];
        const struct state_intent *intent = &samples[expected[i]].intent;

        assert_int_equal(found->message.key.uid_size, intent->message.key.uid_size);
        assert_memory_equal(found->message.key.uid, intent->message.key.uid, found->message.key.uid_size);
        assert_string_equal(found->batch, intent->batch);
        assert_string_equal(found->name, intent->name);
        assert_string_equal(found->boot_id, "boot");
        assert_int_equal(found->offset, intent->offset);
        assert_int_equal(found->message.list_size, intent->message.list_size);
        assert_memory_equal(&found->message.content, &intent->message.content, sizeof found->message.content);
    }
    struct state_key keys[] = {intents.rows[0].message.key, intents.rows[1].message.key, intents.rows[2].message.key};

    assert_true(state_commit(
        handle,
        &(struct state_changes){.delivered = keys, .delivered_count = 2, .dropped = keys + 2, .dropped_count = 1},
        &error));
    state_intents_free(&intents);
    assert_true(state_unfinished(handle, &intents, &error));
    assert_int_equal(intents.count, 0);
    assert_int_equal(world_stage(handle, 1), STATE_DELIVERED);
    assert_int_equal(world_stage(handle, 0), STATE_UNKNOWN);
    state_close(handle);
}

static void a_wrong_change_changes_nothing(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_error error;
    struct sample sample;
    char text[257];
    struct state_key keys[] = {sample_key(0), sample_key(1)};
    struct state_key none = {"", 0, 0};
    struct state_key large = {text, STATE_UID + 1, 0};

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    world_intend(handle, 0, 1);
    sample_make(&sample, 2);
    struct state_intent wrong[] = {sample.intent, sample.intent, sample.intent, sample.intent};
    struct state_message nameless = sample.intent.message;

    wrong[0].batch = text;
    wrong[1].name = text;
    wrong[2].boot_id = text;
    wrong[3].message.key = large;
    nameless.key = none;
    sample_make(&sample, 0);
    const struct state_changes changes[] = {
        {.delivered = keys, .delivered_count = 2}, /* the second has no intent */
        {.delivered = keys, .delivered_count = 1, .failed = &none, .failed_count = 1},
        {.delivered = keys, .delivered_count = 1, .dropped = &large, .dropped_count = 1},
        {.delivered = keys, .delivered_count = 1, .intents = &wrong[0], .intent_count = 1},
        {.delivered = keys, .delivered_count = 1, .intents = &wrong[1], .intent_count = 1},
        {.delivered = keys, .delivered_count = 1, .intents = &wrong[2], .intent_count = 1},
        {.delivered = keys, .delivered_count = 1, .intents = &wrong[3], .intent_count = 1},
        {.delivered = keys, .delivered_count = 1, .recognised = &nameless, .recognised_count = 1},
        {.failed = keys, .failed_count = 1, .intents = &sample.intent, .intent_count = 1}, /* unfinished already */
    };

    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        assert_false(state_commit(handle, &changes[i], &error));
        assert_int_equal(error.problem, STATE_ARGUMENT);
        assert_int_equal(world_stage(handle, 0), STATE_UNFINISHED);
    }
    assert_true(state_commit(handle, &(struct state_changes){.delivered = keys, .delivered_count = 1}, &error));
    assert_int_equal(world_number(world, "SELECT count(*) FROM failed"), 0);
    assert_false(state_find(handle, none, &(struct state_row){0}, &error));
    assert_int_equal(error.problem, STATE_ARGUMENT);
    state_close(handle);
}

static void unknown_keys_cannot_be_deleted_or_dropped(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_key key = sample_key(0);
    struct state_error error;

    assert_true(state_commit(
        handle, &(struct state_changes){.deleted = &key, .deleted_count = 1, .dropped = &key, .dropped_count = 1},
        &error));
    assert_int_equal(world_stage(handle, 0), STATE_UNKNOWN);
    assert_true(state_commit(handle, &(struct state_changes){.now_s = NOW}, &error));
    state_close(handle);
}

static void accounts_know_nothing_of_each_other(void **state) {
    struct world *world = *state;
    struct state *work = world_use(world, "work");
    struct state *home = world_use(world, "home");

    world_take(work, 0, 2, NOW);
    world_take(home, 1, 2, NOW);
    assert_int_equal(world_stage(home, 0), STATE_UNKNOWN);
    assert_int_equal(world_stage(work, 2), STATE_UNKNOWN);
    assert_int_equal(world_survey(work, 0, 2, NOW).known, 2);
    (void)world_survey(home, 0, 0, NOW);
    assert_int_equal(world_account(work, "work").absent, 0);
    assert_int_equal(world_account(work, "home").absent, 2);
    state_close(work);
    state_close(home);
}

/* ---- Handles that may not ---- */

static void a_handle_for_reading_changes_nothing(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_identity identity = world_identity("work");
    struct state_identity stranger = world_identity("stranger");
    struct state_key key = sample_key(0);
    struct state_error error;
    uint64_t count;

    world_take(handle, 0, 1, NOW);
    state_close(handle);
    handle = world_open(world, STATE_READ);
    assert_true(state_account_use(handle, &identity, "other", &error));
    assert_int_equal(state_run_number(handle), 2);
    assert_int_equal(world_stage(handle, 0), STATE_DELIVERED);
    assert_string_equal(world_account(handle, "work").name, "work");
    struct state_survey *survey = state_survey_begin(handle, INT64_MIN, &error);

    assert_non_null(survey);
    assert_int_equal(state_survey_see(survey, key), STATE_SEEN_DELIVERED);
    assert_false(state_survey_commit(survey, NOW, &error));
    assert_int_equal(error.problem, STATE_ARGUMENT);
    state_survey_free(survey);
    assert_false(state_commit(handle, &(struct state_changes){.failed = &key, .failed_count = 1}, &error));
    assert_false(state_memory_set(handle, &(struct state_memory){.not_before_s = 1}, &error));
    assert_false(state_run_note(handle, &(struct state_run){.fetched = 1}, &error));
    assert_false(state_rename(handle, 1, "x", &error));
    assert_false(state_forget(handle, 1, NULL, 0, &count, &error));
    assert_int_equal(error.problem, STATE_ARGUMENT);
    state_close(handle);

    handle = world_open(world, STATE_READ);
    assert_true(state_account_use(handle, &stranger, NULL, &error));
    assert_int_equal(state_run_number(handle), 1);
    assert_int_equal(world_stage(handle, 0), STATE_UNKNOWN);
    state_close(handle);
    assert_int_equal(world_number(world, "SELECT count(*) FROM account"), 1);
}

static void without_account_nothing_is_recorded(void **state) {
    struct world *world = *state;
    struct state *handle = world_open(world, STATE_WRITE);
    struct state_key key = sample_key(0);
    struct state_place place = {.kind = "maildir", .path = "/mail"};
    struct state_place conflict;
    struct state_error error;
    int64_t id;

    assert_false(state_commit(handle, &(struct state_changes){.failed = &key, .failed_count = 1}, &error));
    assert_int_equal(error.problem, STATE_ARGUMENT);
    assert_false(state_memory_set(handle, &(struct state_memory){.not_before_s = 1}, &error));
    assert_false(state_run_note(handle, &(struct state_run){.fetched = 1}, &error));
    assert_false(state_place_use(handle, &place, false, &id, &conflict, &error));
    assert_int_equal(error.problem, STATE_ARGUMENT);
    state_close(handle);
}

int main(void) {
#define test(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        test(a_message_goes_from_intent_to_deleted),
        test(an_unknown_size_stays_unknown),
        test(uids_are_octets),
        test(a_reused_key_keeps_the_old_message_until_the_new_one_is_there),
        test(copies_are_found_by_their_digest),
        test(failures_are_counted_until_delivery),
        test(unfinished_messages_are_listed_by_batch),
        test(a_wrong_change_changes_nothing),
        test(unknown_keys_cannot_be_deleted_or_dropped),
        test(accounts_know_nothing_of_each_other),
        test(a_handle_for_reading_changes_nothing),
        test(without_account_nothing_is_recorded),
    };

    return cmocka_run_group_tests_name("state_rows", tests, NULL, NULL);
}
