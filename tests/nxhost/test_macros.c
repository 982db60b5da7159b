/* SPDX-License-Identifier: MIT */
/* Built several times, with NX_DISABLE_ERROR_CHECKING, NX_DISABLE_IPV6 and both, always against the one library: the
 * layout of every structure is the same, only names and entry points change. */
#include "world.h"

#ifdef NX_DISABLE_ERROR_CHECKING
#define CHECKED false
#else
#define CHECKED true
#endif

#ifdef NX_DISABLE_IPV6
#define ROOM 56
#else
#define ROOM 76
#endif

static VOID serves(ULONG input) {
    (void)input;
    char text[8];
    server_accept();
    CHECK(receive_text(&server_socket, text, sizeof text, SECOND) == NX_SUCCESS && strcmp(text, "hello") == 0);
    server_close();
}

static VOID sends(ULONG input) {
    (void)input;
    NX_PACKET *packet;
    client_connect();
    CHECK(nx_packet_allocate(&client_pool, &packet, NX_TCP_PACKET, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(packet->nx_packet_prepend_ptr == packet->nx_packet_data_start + ROOM);
    CHECK(nx_packet_release(packet) == NX_SUCCESS);
    CHECK((packet == NULL) == CHECKED);
    CHECK(nx_packet_allocate(&client_pool, &packet, NX_TCP_PACKET, NX_NO_WAIT) == NX_SUCCESS);
    char hello[] = "hello";
    CHECK(nx_packet_data_append(packet, hello, 5, &client_pool, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_tcp_socket_send(&client_socket, packet, SECOND) == NX_SUCCESS);
    CHECK((packet == NULL) == CHECKED);
    client_close();
}

static VOID define(VOID *memory) {
    (void)memory;
    world_cast(serves, sends);
}

static void test_one_library_for_every_set_of_names(void **state) {
    (void)state;
    nxhost_virtual_clock(true);
    struct nxhost_result result = world_run(define);
    assert_int_equal(result.end, NXHOST_FINISHED);
    assert_int_equal(result.leaked_packets, 0);
    assert_int_equal(sizeof(NXD_ADDRESS), 20);
    assert_int_equal(sizeof(ULONG), 4);
    assert_int_equal(sizeof(UINT), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_library_for_every_set_of_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
