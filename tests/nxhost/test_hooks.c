/* SPDX-License-Identifier: MIT */
/* How octets come in packets, failures on demand, counters, the observer; and that none of it outlives its world. */
#include "world.h"

static UINT sizes[64]; /* of the packets or, for chains, of the segments */
static UINT count;
static UINT heads;
static char text[4096];
static const char *sends[8];

static VOID sends_all(ULONG input) {
    (void)input;
    server_accept();
    for (size_t i = 0; sends[i] != NULL; i++) {
        send_text(&server_socket, &server_pool, sends[i]);
    }
    nx_tcp_socket_disconnect(&server_socket, 5 * SECOND);
    server_close();
}

static VOID notes_sizes(ULONG input) {
    (void)input;
    NX_PACKET *packet;
    size_t n = 0;
    count = heads = 0;
    client_connect();
    while (nx_tcp_socket_receive(&client_socket, &packet, SECOND) == NX_SUCCESS) {
        ULONG length = 0;
        heads++;
        CHECK(packet->nx_packet_pool_owner == &client_pool);
        CHECK(packet->nx_packet_prepend_ptr - packet->nx_packet_data_start >= 20);
        for (NX_PACKET *p = packet; p != NULL; p = p->nx_packet_next) {
            size_t part = (size_t)(p->nx_packet_append_ptr - p->nx_packet_prepend_ptr);
            CHECK(p->nx_packet_append_ptr <= p->nx_packet_data_end && *p->nx_packet_append_ptr == 0);
            CHECK(p->nx_packet_next != NULL || packet->nx_packet_last == (p == packet ? NULL : p));
            memcpy(text + n, p->nx_packet_prepend_ptr, part);
            n += part;
            length += (ULONG)part;
            sizes[count++ % 64] = (UINT)part;
        }
        CHECK(packet->nx_packet_length == length);
        CHECK(nx_packet_release(packet) == NX_SUCCESS);
    }
    text[n] = '\0';
    client_close();
}

static VOID define_sizes(VOID *memory) {
    (void)memory;
    world_cast(sends_all, notes_sizes);
}

/* Sizes of packets or segments, ended by one that none has. */
#define NO_SIZE 0xFFFFFFFFU
#define SIZES(...) ((const UINT[]){__VA_ARGS__, NO_SIZE})

static void expect(const char *const *what, const UINT *expected, UINT expected_heads) {
    char all[4096] = "";
    size_t n = 0;
    memset(sends, 0, sizeof sends);
    for (size_t i = 0; what[i] != NULL; i++) {
        sends[i] = what[i];
        memcpy(all + n, what[i], strlen(what[i]) + 1);
        n += strlen(what[i]);
    }
    nxhost_virtual_clock(true);
    struct nxhost_result result = world_run(define_sizes);
    assert_int_equal(result.leaked_packets, 0);
    assert_string_equal(text, all);
    for (UINT i = 0; expected != NULL && i < count; i++) {
        assert_int_equal(sizes[i], expected[i]);
    }
    if (expected != NULL) {
        assert_int_equal(expected[count], NO_SIZE);
    }
    assert_int_equal(heads, expected_heads);
}

static const char *const three[] = {"+OK hello\r\n", "ab", "0123456789", NULL};

static void test_each_send_comes_as_one_packet(void **state) {
    (void)state;
    expect(three, SIZES(11, 2, 10), 3);
}

static void test_packets_of_1_2_and_7_octets(void **state) {
    (void)state;
    nxhost_deliver(NXHOST_PER_SEND, 7);
    expect(three, SIZES(7, 4, 2, 7, 3), 5);
    nxhost_deliver(NXHOST_PER_SEND, 1);
    expect(three, NULL, 23);
    nxhost_deliver(NXHOST_STREAM, 2);
    expect(three, SIZES(2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1), 12);
    /* The next world is back to the default. */
    expect(three, SIZES(11, 2, 10), 3);
}

static void test_sends_run_together(void **state) {
    (void)state;
    nxhost_deliver(NXHOST_STREAM, 0);
    expect(three, SIZES(23), 1);
}

static void test_a_send_over_1460_octets_comes_in_several_packets(void **state) {
    (void)state;
    static char large[3001];
    memset(large, 'x', 3000);
    expect((const char *const[]){large, NULL}, SIZES(1460, 1460, 80), 3);
}

static void test_chains_with_segments_of_n_octets(void **state) {
    (void)state;
    nxhost_deliver(NXHOST_CHAIN, 4);
    expect(three, SIZES(4, 4, 3, 2, 4, 4, 2), 3);
}

static void test_N_56_empty_segments_at_head_between_and_at_the_end(void **state) {
    (void)state;
    nxhost_deliver(NXHOST_CHAIN, 6);
    nxhost_empty_segments(true);
    expect(three, SIZES(0, 6, 0, 5, 0, 0, 2, 0, 0, 6, 0, 4, 0), 3);
}

static void test_segments_of_any_sizes(void **state) {
    (void)state;
    static const unsigned all[] = {0, 1, 10, 0, 0, 1, 1, 0, 7, 0, 9};
    nxhost_deliver(NXHOST_CHAIN, 4);
    nxhost_segments(all, 11);
    expect(three, SIZES(0, 1, 10, 0, 0, 1, 1, 0, 7, 0, 3), 3);
    /* Behind the last one the usual size holds again. */
    nxhost_deliver(NXHOST_CHAIN, 4);
    nxhost_segments(all, 2);
    expect(three, SIZES(0, 1, 4, 4, 2, 2, 4, 4, 2), 3);
    /* Only in chains. */
    nxhost_segments(all, 11);
    expect(three, SIZES(11, 2, 10), 3);
}

static void test_N_51_a_small_payload_is_continued_by_a_chain(void **state) {
    (void)state;
    static char large[301];
    memset(large, 'x', 300);
    world_payload = 120;
    expect((const char *const[]){large, NULL}, SIZES(64, 120, 116), 1);
    /* Too small for the headers: at least 20 octets stay before the data. */
    world_payload = 48;
    expect((const char *const[]){large, NULL}, SIZES(28, 48, 48, 48, 48, 48, 32), 1);
    world_payload = 1536;
}

/* --- Failures ---------------------------------------------------------------------------------------------------- */

static VOID quiet_server(ULONG input) {
    (void)input;
    server_accept();
    receive_text(&server_socket, text, sizeof text, NX_WAIT_FOREVER);
    server_close();
}

static VOID meets_failures(ULONG input) {
    (void)input;
    NX_PACKET *packet = (NX_PACKET *)(uintptr_t)1;
    nxhost_fail(NXHOST_TCP_SOCKET_CREATE, 1, NX_PTR_ERROR);
    CHECK(nx_tcp_socket_create(&client_ip, &client_socket, "c", NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 100,
                               NULL, NULL) == NX_PTR_ERROR);
    client_connect();
    CHECK(nxhost_uses(NXHOST_TCP_SOCKET_CREATE) == 2);

    nxhost_fail(NXHOST_PACKET_ALLOCATE, 2, NX_NO_PACKET);
    CHECK(nx_packet_allocate(&client_pool, &packet, NX_TCP_PACKET, 0) == NX_SUCCESS);
    NX_PACKET *second = (NX_PACKET *)(uintptr_t)1;
    CHECK(nx_packet_allocate(&client_pool, &second, NX_TCP_PACKET, 0) == NX_NO_PACKET);
    CHECK(second == NULL);

    nxhost_fail(NXHOST_PACKET_DATA_APPEND, 1, NX_NO_PACKET);
    CHECK(nx_packet_data_append(packet, text, 4, &client_pool, 0) == NX_NO_PACKET);
    CHECK(nx_packet_data_append(packet, text, 4, &client_pool, 0) == NX_SUCCESS);
    nxhost_fail(NXHOST_TCP_SOCKET_SEND, 1, NX_NOT_CONNECTED);
    CHECK(nx_tcp_socket_send(&client_socket, packet, SECOND) == NX_NOT_CONNECTED);
    CHECK(packet != NULL);
    CHECK(nx_packet_release(packet) == NX_SUCCESS);
    packet = (NX_PACKET *)(uintptr_t)1;
    nxhost_fail(NXHOST_TCP_SOCKET_RECEIVE, 1, NX_NO_PACKET);
    CHECK(nx_tcp_socket_receive(&client_socket, &packet, NX_WAIT_FOREVER) == NX_NO_PACKET);
    CHECK(packet == NULL);
    nxhost_fail(NXHOST_TCP_SOCKET_RECEIVE, 1, NX_NO_PACKET);
    nxhost_fail(NXHOST_TCP_SOCKET_RECEIVE, 0, 0);
    CHECK(nx_tcp_socket_receive(&client_socket, &packet, 1) == NX_NO_PACKET);
    CHECK(nxhost_uses(NXHOST_TCP_SOCKET_RECEIVE) == 2);

    nxhost_fail(NXHOST_TCP_SOCKET_DISCONNECT, 1, NX_DISCONNECT_FAILED);
    CHECK(nx_tcp_socket_disconnect(&client_socket, SECOND) == NX_DISCONNECT_FAILED);
    CHECK(client_socket.nx_tcp_socket_state == NX_TCP_CLOSED);
    nxhost_fail(NXHOST_TCP_CLIENT_SOCKET_UNBIND, 1, NX_NOT_CLOSED);
    CHECK(nx_tcp_client_socket_unbind(&client_socket) == NX_NOT_CLOSED);
    nxhost_fail(NXHOST_TCP_SOCKET_DELETE, 2, NX_STILL_BOUND);
    CHECK(nx_tcp_socket_delete(&client_socket) == NX_STILL_BOUND);
    client_socket.nx_tcp_socket_name = "still there";
    CHECK(nx_tcp_client_socket_unbind(&client_socket) == NX_SUCCESS);
    CHECK(nx_tcp_socket_delete(&client_socket) == NX_STILL_BOUND);
    CHECK(nx_tcp_socket_delete(&client_socket) == NX_SUCCESS);
}

static VOID define_failures(VOID *memory) {
    (void)memory;
    world_cast(quiet_server, meets_failures);
}

static void test_the_nth_use_of_a_call_fails(void **state) {
    (void)state;
    nxhost_virtual_clock(true);
    nxhost_fail_only(&client_thread);
    struct nxhost_result result = world_run(define_failures);
    assert_int_equal(result.leaked_packets, 0);
    assert_int_equal(result.open_sockets, 0);
    assert_int_equal(nxhost_uses(NXHOST_TCP_SOCKET_RECEIVE), 0);
}

/* --- Observer ---------------------------------------------------------------------------------------------------- */

static char dialogue[256];

static void observe(void *context, NX_TCP_SOCKET *socket, enum nxhost_direction direction, const void *octets,
                    size_t n) {
    assert_ptr_equal(context, dialogue);
    if (socket == &client_socket) {
        size_t at = strlen(dialogue);
        dialogue[at] = direction == NXHOST_SENT ? 'C' : 'S';
        memcpy(dialogue + at + 1, octets, n);
        dialogue[at + 1 + n] = '\0';
    }
}

static VOID answers(ULONG input) {
    (void)input;
    server_accept();
    CHECK(receive_text(&server_socket, text, sizeof text, SECOND) == NX_SUCCESS);
    send_text(&server_socket, &server_pool, "pong");
    server_close();
}

static VOID asks(ULONG input) {
    (void)input;
    client_connect();
    send_text(&client_socket, &client_pool, "ping");
    CHECK(receive_text(&client_socket, text, sizeof text, SECOND) == NX_SUCCESS);
    client_close();
}

static VOID define_dialogue(VOID *memory) {
    (void)memory;
    world_cast(answers, asks);
}

static void test_the_observer_sees_the_dialogue(void **state) {
    (void)state;
    nxhost_virtual_clock(true);
    nxhost_observe(observe, dialogue);
    world_run(define_dialogue);
    assert_string_equal(dialogue, "CpingSpong");
    world_run(define_dialogue);
    assert_string_equal(dialogue, "CpingSpong");
}

/* --- Notification ------------------------------------------------------------------------------------------------ */

static TX_SEMAPHORE arrived;

static VOID notify(NX_TCP_SOCKET *socket) {
    CHECK(socket == &client_socket);
    CHECK(tx_semaphore_put(&arrived) == TX_SUCCESS);
}

static VOID sends_two_later(ULONG input) {
    (void)input;
    server_accept();
    CHECK(tx_thread_sleep(100) == TX_SUCCESS);
    send_text(&server_socket, &server_pool, "one");
    CHECK(tx_thread_sleep(100) == TX_SUCCESS);
    send_text(&server_socket, &server_pool, "two");
    server_close();
}

static VOID is_notified(ULONG input) {
    (void)input;
    CHECK(tx_semaphore_create(&arrived, "arrived", 0) == TX_SUCCESS);
    client_connect();
    CHECK(nx_tcp_socket_receive_notify(&client_socket, notify) == NX_SUCCESS);
    for (ULONG i = 1; i <= 2; i++) {
        CHECK(tx_semaphore_get(&arrived, TX_WAIT_FOREVER) == TX_SUCCESS);
        CHECK(tx_time_get() == 100 * i);
        CHECK(receive_text(&client_socket, text, sizeof text, NX_NO_WAIT) == NX_SUCCESS);
    }
    client_close();
}

static VOID define_notify(VOID *memory) {
    (void)memory;
    world_cast(sends_two_later, is_notified);
}

static void test_receive_notify_is_called_for_each_arrival(void **state) {
    (void)state;
    nxhost_virtual_clock(true);
    world_run(define_notify);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_send_comes_as_one_packet),
        cmocka_unit_test(test_packets_of_1_2_and_7_octets),
        cmocka_unit_test(test_sends_run_together),
        cmocka_unit_test(test_a_send_over_1460_octets_comes_in_several_packets),
        cmocka_unit_test(test_chains_with_segments_of_n_octets),
        cmocka_unit_test(test_N_56_empty_segments_at_head_between_and_at_the_end),
        cmocka_unit_test(test_segments_of_any_sizes),
        cmocka_unit_test(test_N_51_a_small_payload_is_continued_by_a_chain),
        cmocka_unit_test(test_the_nth_use_of_a_call_fails),
        cmocka_unit_test(test_the_observer_sees_the_dialogue),
        cmocka_unit_test(test_receive_notify_is_called_for_each_arrival),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
