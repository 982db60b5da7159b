/* SPDX-License-Identifier: MIT */
/* Listings against what is known: flags, counts for Q-09, absence and grace (D-09, Q-10), and that nothing is written
 * where nothing changed (D-30). */
#include "world.h"

#include "state/internal.h"

#include <string.h>

static struct state_survey *begin(struct state *handle, int64_t due_s) {
    struct state_error error;
    struct state_survey *survey = state_survey_begin(handle, due_s, &error);

    if (survey == NULL) {
        fail_msg("state_survey_begin: %s", error.text);
    }
    return survey;
}

static void commit(struct state *handle, struct state_changes changes) {
    struct state_error error;

    if (!state_commit(handle, &changes, &error)) {
        fail_msg("state_commit: %s", error.text);
    }
}

/* The key 00..0f and the texts of growing length 00, 01, ... of the paper's reference implementation. */
static void siphash_gives_the_published_values(void **state) {
    static const struct {
        size_t size;
        uint64_t hash;
    } vectors[] = {{0, 0x726fdb47dd0e0e31},
                   {1, 0x74f839c593dc67fd},
                   {7, 0xab0200f58b01d137},
                   {8, 0x93f5f5799a932462},
                   {15, 0xa129ca6149be45e5}};
    uint8_t octets[16];

    (void)state;
    for (size_t i = 0; i < sizeof octets; i++) {
        octets[i] = (uint8_t)i;
    }
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        assert_true(state_siphash(octets, octets, vectors[i].size) == vectors[i].hash);
    }
}

static void flags_tell_what_is_known(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_key deleted = sample_key(2);
    struct state_key failed = sample_key(4);

    world_take(handle, 0, 1, NOW - 10 * DAY);
    world_take(handle, 1, 2, NOW);
    world_intend(handle, 3, 1);
    commit(handle,
           (struct state_changes){.deleted = &deleted, .deleted_count = 1, .failed = &failed, .failed_count = 1});

    struct state_survey *survey = begin(handle, NOW - 9 * DAY);

    assert_int_equal(state_survey_see(survey, sample_key(0)), STATE_SEEN_DELIVERED | STATE_SEEN_DUE);
    assert_int_equal(state_survey_see(survey, sample_key(1)), STATE_SEEN_DELIVERED);
    assert_int_equal(state_survey_see(survey, sample_key(2)), STATE_SEEN_DELIVERED | STATE_SEEN_DELETED);
    assert_int_equal(state_survey_see(survey, sample_key(3)), STATE_SEEN_UNFINISHED);
    assert_int_equal(state_survey_see(survey, sample_key(4)), STATE_SEEN_FAILED);
    assert_int_equal(state_survey_see(survey, sample_key(5)), 0);
    state_survey_free(survey);
    state_close(handle);
}

static void occurrences_are_messages_of_their_own(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_key second = sample_key(0);

    second.k = 1;
    world_take(handle, 0, 1, NOW);

    struct state_survey *survey = begin(handle, INT64_MIN);

    assert_int_equal(state_survey_see(survey, second), 0);
    assert_int_equal(state_survey_see(survey, sample_key(0)), STATE_SEEN_DELIVERED);
    state_survey_free(survey);
    state_close(handle);
}

static void a_key_that_is_none_is_unknown(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_survey *survey = begin(handle, INT64_MIN);
    char octets[STATE_UID + 1] = "x";

    assert_int_equal(state_survey_see(survey, (struct state_key){octets, 0, 0}), 0);
    assert_int_equal(state_survey_see(survey, (struct state_key){octets, sizeof octets, 0}), 0);
    state_survey_free(survey);
    state_close(handle);
}

static void assert_counts(struct state_counts counts, size_t known, size_t seen, size_t returned, size_t fresh) {
    assert_int_equal(counts.known, known);
    assert_int_equal(counts.seen, seen);
    assert_int_equal(counts.vanished, known - seen);
    assert_int_equal(counts.returned, returned);
    assert_int_equal(counts.fresh, fresh);
}

static void counts_tell_what_vanished_and_returned(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");

    world_take(handle, 0, 10, NOW);
    assert_counts(world_survey(handle, 0, 12, NOW), 10, 10, 0, 2);
    assert_counts(world_survey(handle, 4, 10, NOW + 1), 10, 6, 0, 4);
    assert_int_equal(world_account(handle, "work").absent, 4);
    assert_counts(world_survey(handle, 2, 8, NOW + 2), 6, 6, 2, 0);
    assert_int_equal(world_account(handle, "work").absent, 2);
    state_close(handle);
}

static void a_listed_key_counts_once(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_counts counts;

    world_take(handle, 0, 1, NOW);

    struct state_survey *survey = begin(handle, INT64_MIN);

    (void)state_survey_see(survey, sample_key(0));
    (void)state_survey_see(survey, sample_key(0));
    state_survey_counts(survey, &counts);
    assert_counts(counts, 1, 1, 0, 0);
    state_survey_free(survey);
    state_close(handle);
}

static void the_absent_are_forgotten_after_the_grace(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");

    world_take(handle, 0, 3, NOW);
    (void)world_survey(handle, 0, 0, NOW);
    (void)world_survey(handle, 0, 0, NOW + STATE_GRACE_S - 1);
    assert_int_equal(world_stage(handle, 0), STATE_DELIVERED);
    (void)world_survey(handle, 2, 1, NOW + STATE_GRACE_S);
    assert_int_equal(world_stage(handle, 0), STATE_UNKNOWN);
    assert_int_equal(world_stage(handle, 1), STATE_UNKNOWN);
    assert_int_equal(world_stage(handle, 2), STATE_DELIVERED);
    (void)world_survey(handle, 0, 0, NOW + STATE_GRACE_S);
    assert_int_equal(world_stage(handle, 2), STATE_DELIVERED);
    state_close(handle);
}

static void a_clock_set_back_forgets_nothing_early(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");

    world_take(handle, 0, 1, NOW);
    (void)world_survey(handle, 0, 0, NOW);
    (void)world_survey(handle, 0, 0, NOW - 1000 * DAY);
    (void)world_survey(handle, 0, 0, NOW + STATE_GRACE_S - 1);
    assert_int_equal(world_stage(handle, 0), STATE_DELIVERED);
    state_close(handle);
}

static void the_deleted_are_forgotten_when_absent(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_key keys[] = {sample_key(0), sample_key(1)};

    world_take(handle, 0, 2, NOW);
    commit(handle, (struct state_changes){.deleted = keys, .deleted_count = 2});
    assert_counts(world_survey(handle, 1, 1, NOW), 0, 0, 0, 0);
    assert_int_equal(world_stage(handle, 0), STATE_UNKNOWN);
    assert_int_equal(world_stage(handle, 1), STATE_DELETED);
    state_close(handle);
}

static void absent_failures_are_forgotten(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_key keys[] = {sample_key(0), sample_key(1)};
    struct state_error error;
    struct state_row row;

    commit(handle, (struct state_changes){.failed = keys, .failed_count = 2});
    (void)world_survey(handle, 1, 1, NOW);
    assert_true(state_find(handle, keys[0], &row, &error));
    assert_int_equal(row.failed, 0);
    assert_true(state_find(handle, keys[1], &row, &error));
    assert_int_equal(row.failed, 1);
    state_close(handle);
}

static void what_the_session_itself_took_is_listed(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_key failed = sample_key(7);
    struct state_error error;
    struct state_row row;

    world_take(handle, 0, 2, NOW);

    struct state_survey *survey = begin(handle, INT64_MIN);

    (void)state_survey_see(survey, sample_key(0)); /* 1 has vanished, so there is something to write */
    (void)state_survey_see(survey, sample_key(2));
    world_take(handle, 2, 1, NOW);
    commit(handle, (struct state_changes){.failed = &failed, .failed_count = 1});
    assert_true(state_survey_commit(survey, NOW, &error));
    state_survey_free(survey);
    assert_int_equal(world_number(world, "SELECT count(*) FROM msg WHERE absent_s IS NOT NULL"), 1);
    assert_true(state_find(handle, failed, &row, &error));
    assert_int_equal(row.failed, 1);
    state_close(handle);
}

static void a_survey_that_is_not_committed_changes_nothing(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");

    world_take(handle, 0, 5, NOW);

    struct state_survey *survey = begin(handle, INT64_MIN);

    state_survey_free(survey);
    assert_int_equal(world_account(handle, "work").absent, 0);
    state_close(handle);
}

/* By the counter of changes that SQLite keeps in the file, and that of this connection. */
static void a_poll_without_news_writes_nothing(void **state) {
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_run run = {.started_s = NOW, .ended_s = NOW + 1};
    struct state_memory memory = {.not_before_s = 5, .deleting = true};
    struct state_error error;

    world_take(handle, 0, 20, NOW);
    assert_true(state_run_note(handle, &run, &error));
    assert_true(state_memory_set(handle, &memory, &error));
    state_close(handle);
    int64_t before = world_number(world, "PRAGMA data_version");

    handle = world_use(world, "work");
    assert_int_equal(world_survey(handle, 0, 20, NOW + 1).seen, 20);
    commit(handle, (struct state_changes){.now_s = NOW});
    run.started_s = NOW + 600;
    assert_true(state_run_note(handle, &run, &error));
    assert_true(state_memory_set(handle, &memory, &error));
    assert_int_equal(sqlite3_total_changes64(handle->database), 0);
    state_close(handle);
    assert_int_equal(world_number(world, "PRAGMA data_version"), before);
    assert_int_equal(world_number(world, "SELECT run_started_s FROM account"), NOW);
}

static void runs_that_differ_are_written(void **state) {
    static const struct state_run runs[] = {{.started_s = NOW},
                                            {.started_s = NOW + 1, .exit_code = 75},
                                            {.started_s = NOW + 2, .exit_code = 75, .text = "locked"},
                                            {.started_s = NOW + 3, .waiting = 1},
                                            {.started_s = NOW + 4, .fetched = 1, .waiting = 1},
                                            {.started_s = NOW + 5, .deleted = 1, .waiting = 1},
                                            {.started_s = NOW + 6, .failed = 1, .waiting = 1}};
    struct world *world = *state;
    struct state *handle = world_use(world, "work");
    struct state_error error;

    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        assert_true(state_run_note(handle, &runs[i], &error));
        assert_int_equal(world_account(handle, "work").run.started_s, runs[i].started_s);
    }
    state_close(handle);
}

/* The table grows several times. */
static void ten_thousand_are_known_again(void **state) {
    enum { MANY = 10000 };
    struct world *world = *state;
    struct state *handle = world_use(world, "work");

    world_take(handle, 0, MANY, NOW);
    assert_counts(world_survey(handle, 0, MANY + 1, NOW), MANY, MANY, 0, 1);
    assert_counts(world_survey(handle, MANY / 2, MANY, NOW), MANY, MANY / 2, 0, MANY / 2);
    assert_int_equal(world_account(handle, "work").absent, MANY / 2);
    state_close(handle);
}

int main(void) {
#define test(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siphash_gives_the_published_values),
        test(flags_tell_what_is_known),
        test(occurrences_are_messages_of_their_own),
        test(a_key_that_is_none_is_unknown),
        test(counts_tell_what_vanished_and_returned),
        test(a_listed_key_counts_once),
        test(the_absent_are_forgotten_after_the_grace),
        test(a_clock_set_back_forgets_nothing_early),
        test(the_deleted_are_forgotten_when_absent),
        test(absent_failures_are_forgotten),
        test(what_the_session_itself_took_is_listed),
        test(a_survey_that_is_not_committed_changes_nothing),
        test(a_poll_without_news_writes_nothing),
        test(runs_that_differ_are_written),
        test(ten_thousand_are_known_again),
    };

    return cmocka_run_group_tests_name("state_survey", tests, NULL, NULL);
}
