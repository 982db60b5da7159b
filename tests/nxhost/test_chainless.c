/* SPDX-License-Identifier: MIT */
/* The library built with NX_DISABLE_PACKET_CHAIN: one packet at a time, nothing lost (N-51, N-58). */
#include "world.h"

static char large[2001];

static VOID sends_large(ULONG input) {
    (void)input;
    NX_PACKET *packet;
    server_accept();
    CHECK(nx_packet_allocate(&server_pool, &packet, NX_TCP_PACKET, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_packet_data_append(packet, large, 2000, &server_pool, NX_NO_WAIT) == NX_SIZE_ERROR);
    CHECK(packet->nx_packet_length == 0 && nxhost_packets_out() == 1);
    CHECK(nx_packet_data_append(packet, large, 1400, &server_pool, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_tcp_socket_send(&server_socket, packet, SECOND) == NX_SUCCESS);
    server_close();
}

static VOID receives_pieces(ULONG input) {
    (void)input;
    char text[2048];
    size_t n = 0;
    client_connect();
    while (receive_text(&client_socket, text, sizeof text, SECOND) == NX_SUCCESS) {
        CHECK(strlen(text) == (n + 64 <= 1400 ? 64 : 1400 - n) && memcmp(text, large + n, strlen(text)) == 0);
        n += strlen(text);
    }
    CHECK(n == 1400);
    client_close();
}

static VOID define(VOID *memory) {
    (void)memory;
    world_cast(sends_large, receives_pieces);
}

static void test_N_51_without_chains(void **state) {
    (void)state;
    for (size_t i = 0; i < 2000; i++) {
        large[i] = (char)('a' + i % 23);
    }
    world_payload = 120;
    nxhost_virtual_clock(true);
    nxhost_deliver(NXHOST_CHAIN, 0);
    assert_int_equal(world_run(define).leaked_packets, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_N_51_without_chains)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
