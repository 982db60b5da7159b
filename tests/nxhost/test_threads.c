/* SPDX-License-Identifier: MIT */
/* Threads, time, semaphores, mutexes and the ends of a world (netx-api.md section 2, design.md section 3). */
#include "world.h"

#include <time.h>

static TX_THREAD threads[4];
static TX_SEMAPHORE semaphore;
static TX_MUTEX mutex;
static UCHAR stack[4096];
static char trail[64];

static void mark(char c) {
    size_t n = strlen(trail);
    trail[n] = c;
    trail[n + 1] = '\0';
}

static void create(int i, VOID (*entry)(ULONG), UINT priority) {
    CHECK(tx_thread_create(&threads[i], "thread", entry, (ULONG)i, stack, sizeof stack, priority, priority,
                           TX_NO_TIME_SLICE, TX_AUTO_START) == TX_SUCCESS);
}

static struct nxhost_result run_virtual(VOID (*define)(VOID *)) {
    trail[0] = '\0';
    nxhost_virtual_clock(true);
    return world_run(define);
}

static double wall_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* --- Turns ------------------------------------------------------------------------------------------------------- */

static VOID mark_input(ULONG input) {
    mark((char)('a' + (int)input));
}

static VOID define_order(VOID *memory) {
    CHECK(memory != NULL && (uintptr_t)memory % 16 == 0);
    for (size_t i = 0; memory != NULL && i < 1024 * 1024; i++) {
        CHECK(((const UCHAR *)memory)[i] == 0);
    }
    create(0, mark_input, 5);
    create(1, mark_input, 3);
    create(2, mark_input, 5);
    create(3, mark_input, 1);
    mark('.');
}

static void test_nothing_starts_before_define_returns_then_most_urgent_first(void **state) {
    (void)state;
    struct nxhost_result result = run_virtual(define_order);
    assert_string_equal(trail, ".dbac");
    assert_int_equal(result.end, NXHOST_FINISHED);
    assert_int_equal(result.stuck_threads, 0);
}

static VOID low(ULONG input) {
    (void)input;
    mark('1');
    CHECK(tx_semaphore_put(&semaphore) == TX_SUCCESS);
    mark('3');
}

static VOID high(ULONG input) {
    (void)input;
    CHECK(tx_semaphore_get(&semaphore, TX_WAIT_FOREVER) == TX_SUCCESS);
    mark('2');
}

static VOID define_preempt(VOID *memory) {
    (void)memory;
    CHECK(tx_semaphore_create(&semaphore, "s", 0) == TX_SUCCESS);
    create(0, low, 9);
    create(1, high, 2);
}

static void test_readying_a_more_urgent_thread_gives_way_to_it(void **state) {
    (void)state;
    run_virtual(define_preempt);
    assert_string_equal(trail, "123");
}

static VOID relinquisher(ULONG input) {
    for (int i = 0; i < 2; i++) {
        mark_input(input);
        tx_thread_relinquish();
    }
}

static VOID define_relinquish(VOID *memory) {
    (void)memory;
    create(0, relinquisher, 4);
    create(1, relinquisher, 4);
}

static void test_relinquish_takes_turns(void **state) {
    (void)state;
    run_virtual(define_relinquish);
    assert_string_equal(trail, "abab");
}

static VOID polls(ULONG input) {
    (void)input;
    while (trail[0] == '\0') {
        tx_thread_relinquish();
    }
    mark('2');
}

static VOID wakes_up(ULONG input) {
    (void)input;
    CHECK(tx_thread_sleep(3) == TX_SUCCESS);
    mark('1');
}

static VOID define_polls(VOID *memory) {
    (void)memory;
    create(0, polls, 4);
    create(1, wakes_up, 4);
}

static void test_a_polling_thread_lets_sleepers_wake(void **state) {
    (void)state;
    trail[0] = '\0';
    world_run(define_polls);
    assert_string_equal(trail, "12");
}

static VOID threshold_holder(ULONG input) {
    (void)input;
    UINT old;
    CHECK(tx_thread_preemption_change(&threads[0], 1, &old) == TX_SUCCESS && old == 9);
    CHECK(tx_semaphore_put(&semaphore) == TX_SUCCESS);
    mark('1');
    CHECK(tx_thread_preemption_change(&threads[0], 9, &old) == TX_SUCCESS && old == 1);
    mark('3');
}

static VOID define_threshold(VOID *memory) {
    (void)memory;
    CHECK(tx_semaphore_create(&semaphore, "s", 0) == TX_SUCCESS);
    create(0, threshold_holder, 9);
    create(1, high, 2);
}

static void test_preemption_threshold_holds_off(void **state) {
    (void)state;
    run_virtual(define_threshold);
    assert_string_equal(trail, "123");
}

/* --- Time -------------------------------------------------------------------------------------------------------- */

static VOID sleeper(ULONG input) {
    CHECK(tx_thread_sleep(0) == TX_SUCCESS);
    CHECK(tx_thread_sleep(100 * (input + 1)) == TX_SUCCESS);
    CHECK(tx_time_get() == 100 * (input + 1));
    mark_input(input);
}

static VOID define_sleep(VOID *memory) {
    (void)memory;
    CHECK(tx_thread_sleep(1) == TX_CALLER_ERROR);
    create(0, sleeper, 1);
    create(1, sleeper, 1);
    create(2, sleeper, 0);
}

static void test_virtual_clock_jumps_to_the_next_wake_up(void **state) {
    (void)state;
    double before = wall_seconds();
    struct nxhost_result result = run_virtual(define_sleep);
    assert_string_equal(trail, "abc");
    assert_int_equal(result.ticks, 300);
    assert_true(wall_seconds() - before < 1.0);
}

static VOID short_sleeper(ULONG input) {
    (void)input;
    CHECK(tx_thread_sleep(20) == TX_SUCCESS);
    tx_time_set(5000);
    CHECK(tx_time_get() >= 5000 && tx_time_get() < 5100);
}

static VOID define_real(VOID *memory) {
    (void)memory;
    CHECK(tx_time_get() < 50);
    create(0, short_sleeper, 1);
}

static void test_real_clock_has_100_ticks_a_second_and_no_state_of_the_last_world(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        double before = wall_seconds();
        struct nxhost_result result = world_run(define_real);
        double seconds = wall_seconds() - before;
        assert_true(seconds > 0.18 && seconds < 2.0);
        assert_true(result.ticks >= 19);
    }
}

/* --- Suspending, terminating, deleting --------------------------------------------------------------------------- */

static VOID forever(ULONG input) {
    mark_input(input);
    for (;;) {
        tx_thread_sleep(10);
    }
}

static VOID controller(ULONG input) {
    (void)input;
    UINT thread_state;
    CHECK(tx_thread_identify() == &threads[0]);
    CHECK(tx_thread_sleep(5) == TX_SUCCESS);
    CHECK(tx_thread_delete(&threads[1]) == TX_DELETE_ERROR);
    CHECK(tx_thread_suspend(&threads[1]) == TX_SUCCESS);
    CHECK(tx_thread_sleep(50) == TX_SUCCESS);
    CHECK(tx_thread_info_get(&threads[1], NULL, &thread_state, NULL, NULL, NULL, NULL, NULL, NULL) == TX_SUCCESS);
    CHECK(thread_state == TX_SUSPENDED);
    CHECK(tx_thread_resume(&threads[1]) == TX_SUCCESS);
    CHECK(tx_thread_resume(&threads[1]) == TX_RESUME_ERROR);
    CHECK(tx_thread_terminate(&threads[1]) == TX_SUCCESS);
    CHECK(tx_thread_terminate(&threads[1]) == TX_SUCCESS);
    CHECK(tx_thread_resume(&threads[1]) == TX_RESUME_ERROR);
    CHECK(tx_thread_suspend(&threads[1]) == TX_SUSPEND_ERROR);
    CHECK(tx_thread_reset(&threads[1]) == TX_SUCCESS);
    CHECK(tx_thread_resume(&threads[1]) == TX_SUCCESS);
    CHECK(tx_thread_sleep(5) == TX_SUCCESS);
    CHECK(tx_thread_terminate(&threads[1]) == TX_SUCCESS);
    CHECK(tx_thread_delete(&threads[1]) == TX_SUCCESS);
    CHECK(tx_thread_delete(&threads[1]) == TX_THREAD_ERROR);
    mark('.');
    tx_thread_terminate(&threads[0]);
    mark('!');
}

static VOID define_control(VOID *memory) {
    (void)memory;
    create(0, controller, 1);
    create(1, forever, 2);
    CHECK(tx_thread_create(&threads[1], "again", forever, 0, stack, sizeof stack, 1, 1, 0, 1) == TX_THREAD_ERROR);
    CHECK(tx_thread_create(&threads[2], "t", forever, 0, stack, 10, 1, 1, 0, 1) == TX_SIZE_ERROR);
    CHECK(tx_thread_create(&threads[2], "t", forever, 0, NULL, sizeof stack, 1, 1, 0, 1) == TX_PTR_ERROR);
    CHECK(tx_thread_create(&threads[2], "t", NULL, 0, stack, sizeof stack, 1, 1, 0, 1) == TX_PTR_ERROR);
    CHECK(tx_thread_create(&threads[2], "t", forever, 0, stack, sizeof stack, 32, 1, 0, 1) == TX_PRIORITY_ERROR);
    CHECK(tx_thread_create(&threads[2], "t", forever, 0, stack, sizeof stack, 1, 2, 0, 1) == TX_THRESH_ERROR);
    CHECK(tx_thread_create(&threads[2], "t", forever, 0, stack, sizeof stack, 1, 1, 0, 2) == TX_START_ERROR);
}

static void test_suspend_resume_terminate_reset_delete(void **state) {
    (void)state;
    struct nxhost_result result = run_virtual(define_control);
    assert_string_equal(trail, "bb.");
    assert_int_equal(result.end, NXHOST_FINISHED);
}

static VOID aborted(ULONG input) {
    (void)input;
    CHECK(tx_semaphore_get(&semaphore, TX_WAIT_FOREVER) == TX_WAIT_ABORTED);
    CHECK(tx_thread_sleep(TX_WAIT_FOREVER) == TX_WAIT_ABORTED);
    mark('a');
}

static VOID aborter(ULONG input) {
    (void)input;
    CHECK(tx_thread_wait_abort(&threads[0]) == TX_SUCCESS);
    CHECK(tx_thread_wait_abort(&threads[0]) == TX_SUCCESS);
    CHECK(tx_thread_wait_abort(&threads[0]) == TX_WAIT_ABORT_ERROR);
}

static VOID define_abort(VOID *memory) {
    (void)memory;
    CHECK(tx_semaphore_create(&semaphore, "s", 0) == TX_SUCCESS);
    create(0, aborted, 1);
    create(1, aborter, 2);
}

static void test_wait_abort(void **state) {
    (void)state;
    run_virtual(define_abort);
    assert_string_equal(trail, "a");
}

/* --- Semaphores and mutexes -------------------------------------------------------------------------------------- */

static VOID taker(ULONG input) {
    CHECK(tx_semaphore_get(&semaphore, TX_WAIT_FOREVER) == TX_SUCCESS);
    mark_input(input);
}

static VOID giver(ULONG input) {
    (void)input;
    CHECK(tx_semaphore_get(&semaphore, TX_NO_WAIT) == TX_NO_INSTANCE);
    CHECK(tx_semaphore_get(&semaphore, 30) == TX_NO_INSTANCE);
    for (int i = 0; i < 3; i++) {
        CHECK(tx_semaphore_put(&semaphore) == TX_SUCCESS);
    }
    CHECK(tx_semaphore_get(&semaphore, TX_NO_WAIT) == TX_SUCCESS);
    CHECK(tx_semaphore_ceiling_put(&semaphore, 1) == TX_SUCCESS);
    CHECK(tx_semaphore_ceiling_put(&semaphore, 1) == TX_CEILING_EXCEEDED);
    CHECK(tx_semaphore_delete(&semaphore) == TX_SUCCESS);
    CHECK(tx_semaphore_put(&semaphore) == TX_SEMAPHORE_ERROR);
}

static VOID define_semaphore(VOID *memory) {
    (void)memory;
    CHECK(tx_semaphore_create(NULL, "s", 0) == TX_SEMAPHORE_ERROR);
    CHECK(tx_semaphore_create(&semaphore, "s", 0) == TX_SUCCESS);
    CHECK(tx_semaphore_get(&semaphore, 5) == TX_WAIT_ERROR);
    create(0, taker, 3);
    create(1, taker, 3);
    create(2, giver, 5);
}

static void test_semaphores_serve_first_come_first(void **state) {
    (void)state;
    struct nxhost_result result = run_virtual(define_semaphore);
    assert_string_equal(trail, "ab");
    assert_int_equal(result.ticks, 30);
}

static VOID left_waiting(ULONG input) {
    (void)input;
    CHECK(tx_semaphore_get(&semaphore, TX_WAIT_FOREVER) == TX_DELETED);
    CHECK(tx_mutex_get(&mutex, TX_WAIT_FOREVER) == TX_DELETED);
    mark('a');
}

static VOID deleter(ULONG input) {
    (void)input;
    CHECK(tx_mutex_get(&mutex, TX_NO_WAIT) == TX_SUCCESS);
    CHECK(tx_semaphore_delete(&semaphore) == TX_SUCCESS);
    CHECK(tx_mutex_delete(&mutex) == TX_SUCCESS);
}

static VOID define_deletion(VOID *memory) {
    (void)memory;
    CHECK(tx_semaphore_create(&semaphore, "s", 0) == TX_SUCCESS);
    CHECK(tx_mutex_create(&mutex, "m", TX_INHERIT) == TX_SUCCESS);
    create(0, left_waiting, 1);
    create(1, deleter, 2);
}

static void test_deletion_wakes_the_waiting(void **state) {
    (void)state;
    run_virtual(define_deletion);
    assert_string_equal(trail, "a");
}

static VOID mutex_low(ULONG input) {
    (void)input;
    CHECK(tx_mutex_get(&mutex, TX_WAIT_FOREVER) == TX_SUCCESS);
    CHECK(tx_mutex_get(&mutex, TX_NO_WAIT) == TX_SUCCESS);
    CHECK(tx_thread_sleep(10) == TX_SUCCESS);
    mark('l');
    CHECK(threads[0].tx_thread_priority == 2);
    CHECK(tx_mutex_put(&mutex) == TX_SUCCESS);
    CHECK(tx_mutex_put(&mutex) == TX_SUCCESS);
    CHECK(threads[0].tx_thread_priority == 9);
    CHECK(tx_mutex_put(&mutex) == TX_NOT_OWNED);
    mark('z');
}

static VOID mutex_middle(ULONG input) {
    (void)input;
    CHECK(tx_thread_sleep(10) == TX_SUCCESS);
    mark('m');
}

static VOID mutex_high(ULONG input) {
    (void)input;
    CHECK(tx_thread_sleep(5) == TX_SUCCESS);
    CHECK(tx_mutex_get(&mutex, TX_NO_WAIT) == TX_NOT_AVAILABLE);
    CHECK(tx_mutex_get(&mutex, 2) == TX_NOT_AVAILABLE);
    CHECK(tx_mutex_get(&mutex, TX_WAIT_FOREVER) == TX_SUCCESS);
    mark('h');
    tx_thread_terminate(&threads[2]);
}

static VOID mutex_heir(ULONG input) {
    (void)input;
    CHECK(tx_thread_sleep(20) == TX_SUCCESS);
    CHECK(tx_mutex_get(&mutex, TX_NO_WAIT) == TX_SUCCESS);
    mark('e');
}

static VOID define_mutex(VOID *memory) {
    (void)memory;
    CHECK(tx_mutex_create(&mutex, "m", 7) == TX_INHERIT_ERROR);
    CHECK(tx_mutex_create(&mutex, "m", TX_INHERIT) == TX_SUCCESS);
    create(0, mutex_low, 9);
    create(1, mutex_middle, 5);
    create(2, mutex_high, 2);
    create(3, mutex_heir, 9);
}

static void test_mutex_counts_inherits_and_is_freed_by_termination(void **state) {
    (void)state;
    run_virtual(define_mutex);
    assert_string_equal(trail, "lhmze");
}

/* --- Ends of a world --------------------------------------------------------------------------------------------- */

static VOID waits_forever(ULONG input) {
    (void)input;
    CHECK(tx_semaphore_get(&semaphore, TX_WAIT_FOREVER) == TX_SUCCESS);
}

static VOID define_stuck(VOID *memory) {
    (void)memory;
    CHECK(tx_semaphore_create(&semaphore, "s", 0) == TX_SUCCESS);
    create(0, waits_forever, 1);
    create(1, waits_forever, 1);
    create(2, mark_input, 1);
}

static void test_a_world_where_nothing_can_run_again_ends(void **state) {
    (void)state;
    struct nxhost_result result = run_virtual(define_stuck);
    assert_int_equal(result.end, NXHOST_STUCK);
    assert_int_equal(result.stuck_threads, 2);
    assert_string_equal(trail, "c");
}

static VOID stopper(ULONG input) {
    (void)input;
    tx_thread_sleep(25);
    nxhost_stop();
    mark('!');
}

static VOID define_stop(VOID *memory) {
    (void)memory;
    create(0, forever, 1);
    create(1, stopper, 1);
}

static void test_stop_ends_a_world_in_mid_life(void **state) {
    (void)state;
    for (int i = 0; i < 200; i++) {
        struct nxhost_result result = run_virtual(define_stop);
        assert_int_equal(result.end, NXHOST_STOPPED);
        assert_int_equal(result.stuck_threads, 2);
        assert_string_equal(trail, "a");
    }
}

static VOID deep(ULONG input) {
    (void)input;
    volatile UCHAR room[200 * 1024];
    for (size_t i = 0; i < sizeof room; i += 1024) {
        room[i] = (UCHAR)i;
    }
    mark('d');
}

static VOID define_deep(VOID *memory) {
    CHECK(tx_thread_create(&threads[0], "deep", deep, 0, memory, 4096, 1, 1, 0, TX_AUTO_START) == TX_SUCCESS);
}

static void test_small_stacks_are_raised_to_256_kib(void **state) {
    (void)state;
    run_virtual(define_deep);
    assert_string_equal(trail, "d");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_starts_before_define_returns_then_most_urgent_first),
        cmocka_unit_test(test_readying_a_more_urgent_thread_gives_way_to_it),
        cmocka_unit_test(test_relinquish_takes_turns),
        cmocka_unit_test(test_a_polling_thread_lets_sleepers_wake),
        cmocka_unit_test(test_preemption_threshold_holds_off),
        cmocka_unit_test(test_virtual_clock_jumps_to_the_next_wake_up),
        cmocka_unit_test(test_real_clock_has_100_ticks_a_second_and_no_state_of_the_last_world),
        cmocka_unit_test(test_suspend_resume_terminate_reset_delete),
        cmocka_unit_test(test_wait_abort),
        cmocka_unit_test(test_semaphores_serve_first_come_first),
        cmocka_unit_test(test_deletion_wakes_the_waiting),
        cmocka_unit_test(test_mutex_counts_inherits_and_is_freed_by_termination),
        cmocka_unit_test(test_a_world_where_nothing_can_run_again_ends),
        cmocka_unit_test(test_stop_ends_a_world_in_mid_life),
        cmocka_unit_test(test_small_stacks_are_raised_to_256_kib),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
