/* SPDX-License-Identifier: MIT */
/* Pools, packets and chains (netx-api.md section 2; N-51 and N-56 rely on them), MD5 and the string length check. */
#include "nx_ip.h"
#include "nx_md5.h"
#include "world.h"

static NX_PACKET_POOL pool;
static _Alignas(16) UCHAR memory[16384];
static TX_THREAD threads[2];
static UCHAR stack[1024];
static VOID (*body)(VOID);

static VOID entry(ULONG input) {
    (void)input;
    body();
}

static VOID define(VOID *unused) {
    (void)unused;
    CHECK(tx_thread_create(&threads[0], "t", entry, 0, stack, sizeof stack, 3, 3, 0, TX_AUTO_START) == TX_SUCCESS);
}

static void run(VOID (*test)(VOID)) {
    body = test;
    nxhost_virtual_clock(true);
    struct nxhost_result result = world_run(define);
    assert_int_equal(result.leaked_packets, 0);
}

static void create_pool(ULONG payload, ULONG packets) {
    ULONG size = (ULONG)(sizeof(NX_PACKET) + payload) * packets;
    CHECK(nx_packet_pool_create(&pool, "pool", payload, memory, size) == NX_SUCCESS);
}

/* --- Pools ------------------------------------------------------------------------------------------------------- */

static VOID pool_rules(VOID) {
    NX_PACKET_POOL other;
    CHECK(nx_packet_pool_create(&pool, "p", 100, NULL, 1000) == NX_PTR_ERROR);
    CHECK(nx_packet_pool_create(NULL, "p", 100, memory, 1000) == NX_PTR_ERROR);
    CHECK(nx_packet_pool_create(&pool, "p", 0, memory, 1000) == NX_SIZE_ERROR);
    CHECK(nx_packet_pool_create(&pool, "p", 1000, memory, 1000) == NX_SIZE_ERROR);
    CHECK(_nxe_packet_pool_create(&pool, "p", 100, memory, 1000, 1) == NX_PTR_ERROR);
    create_pool(1536, 8);
    CHECK(pool.nx_packet_pool_total == 8 && pool.nx_packet_pool_available == 8);
    CHECK(nx_packet_pool_create(&pool, "p", 100, memory + 15000, 1000) == NX_PTR_ERROR);
    CHECK(nx_packet_pool_create(&other, "p", 100, memory + 500, 1000) == NX_PTR_ERROR);
    CHECK(nx_packet_pool_delete(&pool) == NX_SUCCESS);
    CHECK(nx_packet_pool_delete(&pool) == NX_PTR_ERROR);
    for (ULONG payload = 1; payload < 200; payload++) {
        create_pool(payload, 5);
        CHECK(pool.nx_packet_pool_total >= 5);
        CHECK(nx_packet_pool_delete(&pool) == NX_SUCCESS);
    }
    /* Memory that starts anywhere; a payload of any size. */
    CHECK(nx_packet_pool_create(&pool, "p", 101, memory + 1, 1000) == NX_SUCCESS);
    NX_PACKET *packet;
    while (nx_packet_allocate(&pool, &packet, 0, NX_NO_WAIT) == NX_SUCCESS) {
        CHECK((uintptr_t)packet % 16 == 0 && (uintptr_t)packet->nx_packet_data_start % 16 == 0);
        CHECK(packet->nx_packet_data_end - packet->nx_packet_data_start == 101);
        CHECK(packet->nx_packet_data_end < memory + 1001);
        memset(packet->nx_packet_data_start, 'x', 101);
        CHECK(*packet->nx_packet_data_end == 0);
    }
    CHECK(nx_packet_pool_delete(&pool) == NX_SUCCESS);
}

static void test_pool_rules(void **state) {
    (void)state;
    run(pool_rules);
}

static VOID allocation(VOID) {
    static const ULONG types[] = {NX_IPv4_TCP_PACKET, NX_IPv6_TCP_PACKET, NX_TCP_PACKET, NX_RECEIVE_PACKET};
    static const ULONG rooms[] = {56, 76, 76, 0};
    NX_PACKET *packet;
    create_pool(120, 2);
    for (size_t i = 0; i < 4; i++) {
        CHECK(nx_packet_allocate(&pool, &packet, types[i], NX_NO_WAIT) == NX_SUCCESS);
        CHECK(packet->nx_packet_prepend_ptr == packet->nx_packet_data_start + rooms[i]);
        CHECK(packet->nx_packet_append_ptr == packet->nx_packet_prepend_ptr);
        CHECK(packet->nx_packet_length == 0 && packet->nx_packet_next == NULL && packet->nx_packet_last == NULL);
        CHECK(packet->nx_packet_data_end == packet->nx_packet_data_start + 120);
        CHECK(nx_packet_release(packet) == NX_SUCCESS);
        CHECK(packet == NULL);
    }
    CHECK(nx_packet_allocate(&pool, &packet, 200, NX_NO_WAIT) == NX_INVALID_PARAMETERS);
    CHECK(nx_packet_allocate(&pool, &packet, 3, NX_NO_WAIT) == NX_OPTION_ERROR);
    CHECK(nx_packet_allocate(&pool, NULL, 0, NX_NO_WAIT) == NX_PTR_ERROR);
    CHECK(nx_packet_allocate(NULL, &packet, 0, NX_NO_WAIT) == NX_PTR_ERROR);
}

static void test_header_room_of_the_packet_types(void **state) {
    (void)state;
    run(allocation);
}

static NX_PACKET *held;

static VOID releases_later(ULONG input) {
    (void)input;
    CHECK(tx_thread_sleep(70) == TX_SUCCESS);
    CHECK(nx_packet_release(held) == NX_SUCCESS);
}

static VOID waiting(VOID) {
    NX_PACKET *packet = (NX_PACKET *)(uintptr_t)1;
    create_pool(100, 1);
    CHECK(nx_packet_allocate(&pool, &held, 0, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_packet_allocate(&pool, &packet, 0, NX_NO_WAIT) == NX_NO_PACKET);
    CHECK(packet == NULL);
    CHECK(nx_packet_allocate(&pool, &packet, 0, 30) == NX_NO_PACKET);
    CHECK(tx_time_get() == 30);
    CHECK(tx_thread_create(&threads[1], "r", releases_later, 0, stack, sizeof stack, 5, 5, 0, 1) == TX_SUCCESS);
    CHECK(nx_packet_allocate(&pool, &packet, 0, NX_WAIT_FOREVER) == NX_SUCCESS);
    CHECK(tx_time_get() == 100);
    CHECK(nx_packet_release(packet) == NX_SUCCESS);
    ULONG empty, suspended;
    CHECK(nx_packet_pool_info_get(&pool, NULL, NULL, &empty, &suspended, NULL) == NX_SUCCESS);
    CHECK(empty == 3 && suspended == 2);
}

static void test_an_empty_pool_makes_the_caller_wait(void **state) {
    (void)state;
    run(waiting);
}

static VOID releases(VOID) {
    NX_PACKET *packet;
    create_pool(100, 2);
    CHECK(nx_packet_allocate(&pool, &packet, 0, NX_NO_WAIT) == NX_SUCCESS);
    NX_PACKET *same = packet;
    CHECK(nx_packet_release(packet) == NX_SUCCESS && packet == NULL);
    CHECK(nx_packet_release(packet) == NX_PTR_ERROR);
    CHECK(nx_packet_release(same) == NX_PTR_ERROR && same != NULL);
    CHECK(pool.nx_packet_pool_invalid_releases == 1 && pool.nx_packet_pool_available == 2);

    CHECK(nx_packet_allocate(&pool, &packet, 0, NX_NO_WAIT) == NX_SUCCESS);
    packet->nx_packet_prepend_ptr = packet->nx_packet_data_start - 1;
    CHECK(nx_packet_release(packet) == NX_UNDERFLOW);
    packet->nx_packet_prepend_ptr = packet->nx_packet_data_start;
    packet->nx_packet_append_ptr = packet->nx_packet_data_end + 1;
    CHECK(nx_packet_release(packet) == NX_OVERFLOW);
    packet->nx_packet_append_ptr = packet->nx_packet_prepend_ptr;

    /* The unchecked service leaves the caller's pointer alone. */
    same = packet;
    CHECK(_nx_packet_release(packet) == NX_SUCCESS);
    CHECK(packet == same);
}

static void test_checked_release_sets_the_pointer_to_null(void **state) {
    (void)state;
    run(releases);
}

/* --- Data -------------------------------------------------------------------------------------------------------- */

static VOID appending(VOID) {
    char text[300], back[300];
    NX_PACKET *packet;
    ULONG n = 0;
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char)i;
    }
    create_pool(100, 5);
    CHECK(nx_packet_allocate(&pool, &packet, NX_TCP_PACKET, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_packet_data_append(packet, text, 0, &pool, NX_NO_WAIT) == NX_SIZE_ERROR);
    CHECK(nx_packet_data_append(packet, NULL, 1, &pool, NX_NO_WAIT) == NX_PTR_ERROR);
    CHECK(nx_packet_data_append(packet, text, 24, &pool, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(packet->nx_packet_next == NULL && packet->nx_packet_length == 24);
    CHECK(packet->nx_packet_append_ptr == packet->nx_packet_data_end);
    CHECK(nx_packet_data_append(packet, text + 24, 150, &pool, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(packet->nx_packet_next != NULL && packet->nx_packet_next->nx_packet_next == packet->nx_packet_last);
    CHECK(packet->nx_packet_length == 174 && pool.nx_packet_pool_available == 2);
    CHECK(nx_packet_data_append(packet, text + 174, 50, &pool, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(pool.nx_packet_pool_available == 2);

    /* Not enough packets: nothing is appended and nothing is kept. */
    CHECK(nx_packet_data_append(packet, text, 300, &pool, NX_NO_WAIT) == NX_NO_PACKET);
    CHECK(pool.nx_packet_pool_available == 2 && packet->nx_packet_length == 224);

    CHECK(nx_packet_data_retrieve(packet, back, &n) == NX_SUCCESS && n == 224 && memcmp(back, text, n) == 0);
    CHECK(nx_packet_length_get(packet, &n) == NX_SUCCESS && n == 224);
    for (ULONG offset = 0; offset < 224; offset += 7) {
        CHECK(nx_packet_data_extract_offset(packet, offset, back, 60, &n) == NX_SUCCESS);
        CHECK(n == (offset + 60 < 224 ? 60 : 224 - offset) && memcmp(back, text + offset, n) == 0);
    }
    CHECK(nx_packet_data_extract_offset(packet, 224, back, 1, &n) == NX_PACKET_OFFSET_ERROR);

    NX_PACKET *copy;
    CHECK(nx_packet_copy(packet, &copy, &pool, NX_NO_WAIT) == NX_NO_PACKET && copy == NULL);
    CHECK(pool.nx_packet_pool_available == 2);
    packet->nx_packet_length = 1000;
    CHECK(nx_packet_data_retrieve(packet, memory + 12000, &n) == NX_INVALID_PACKET && n == 224);
    packet->nx_packet_length = 224;
    CHECK(nx_packet_release(packet) == NX_SUCCESS);
    CHECK(pool.nx_packet_pool_available == 5);
}

static void test_append_makes_chains_or_changes_nothing(void **state) {
    (void)state;
    run(appending);
}

static VOID copying(VOID) {
    char text[150], back[150];
    NX_PACKET *packet, *copy;
    ULONG n;
    memset(text, 'y', sizeof text);
    create_pool(100, 8);
    CHECK(nx_packet_allocate(&pool, &packet, NX_TCP_PACKET, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_packet_copy(packet, &copy, &pool, NX_NO_WAIT) == NX_INVALID_PACKET && copy == NULL);
    CHECK(nx_packet_data_append(packet, text, sizeof text, &pool, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_packet_copy(packet, &copy, &pool, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(copy != packet && copy->nx_packet_length == 150);
    CHECK(copy->nx_packet_prepend_ptr == copy->nx_packet_data_start + NX_TCP_PACKET);
    CHECK(nx_packet_release(packet) == NX_SUCCESS);
    CHECK(nx_packet_data_retrieve(copy, back, &n) == NX_SUCCESS && n == 150 && memcmp(back, text, n) == 0);
    CHECK(nx_packet_release(copy) == NX_SUCCESS);
}

static void test_copy(void **state) {
    (void)state;
    run(copying);
}

static VOID leaks_two(VOID) {
    NX_PACKET *packet;
    create_pool(100, 4);
    CHECK(nx_packet_allocate(&pool, &packet, 0, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_packet_allocate(&pool, &packet, 0, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nxhost_packets_out() == 2);
}

static void test_leaks_are_counted(void **state) {
    (void)state;
    body = leaks_two;
    assert_int_equal(world_run(define).leaked_packets, 2);
    body = pool_rules;
    assert_int_equal(world_run(define).leaked_packets, 0);
}

/* --- Utilities --------------------------------------------------------------------------------------------------- */

static void test_string_length_check(void **state) {
    (void)state;
    UINT n = 77;
    assert_int_equal(_nx_utility_string_length_check("four", &n, 4), NX_SUCCESS);
    assert_int_equal(n, 4);
    assert_int_equal(_nx_utility_string_length_check("four", NULL, 4), NX_SUCCESS);
    assert_int_equal(_nx_utility_string_length_check("fives", &n, 4), NX_SIZE_ERROR);
    assert_int_equal(n, 4);
    assert_int_equal(_nx_utility_string_length_check(NULL, &n, 4), NX_PTR_ERROR);
    assert_int_equal(_nx_utility_string_length_check("", &n, 0), NX_SUCCESS);
    assert_int_equal(n, 0);
}

/* RFC 1939 section 7, in one piece and octet by octet. */
static void test_md5_of_the_apop_example(void **state) {
    (void)state;
    static const UCHAR expected[16] = {0xc4, 0xc9, 0x33, 0x4b, 0xac, 0x56, 0x0e, 0xcc,
                                       0x97, 0x9e, 0x58, 0x00, 0x1b, 0x3e, 0x22, 0xfb};
    UCHAR text[] = "<1896.697170952@dbc.mtview.ca.us>tanstaaf";
    UCHAR digest[16];
    NX_MD5 md5;
    for (UINT step = 1; step < sizeof text; step += (UINT)sizeof text - 2) {
        _nx_md5_initialize(&md5);
        for (UINT i = 0; i < sizeof text - 1; i += step) {
            _nx_md5_update(&md5, text + i, step);
        }
        _nx_md5_digest_calculate(&md5, digest);
        assert_memory_equal(digest, expected, sizeof digest);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool_rules),
        cmocka_unit_test(test_header_room_of_the_packet_types),
        cmocka_unit_test(test_an_empty_pool_makes_the_caller_wait),
        cmocka_unit_test(test_checked_release_sets_the_pointer_to_null),
        cmocka_unit_test(test_append_makes_chains_or_changes_nothing),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_leaks_are_counted),
        cmocka_unit_test(test_string_length_check),
        cmocka_unit_test(test_md5_of_the_apop_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
