/* SPDX-License-Identifier: MIT */
/* The library built with NX_DISABLE_RESET_DISCONNECT: NX_NO_WAIT sends an end and leaves FIN_WAIT (N-49). */
#include "world.h"

static VOID ends_late(ULONG input) {
    (void)input;
    char text[8];
    server_accept();
    CHECK(receive_text(&server_socket, text, sizeof text, NX_WAIT_FOREVER) == NX_NOT_CONNECTED);
    CHECK(server_socket.nx_tcp_socket_state == NX_TCP_CLOSE_WAIT);
    CHECK(tx_thread_sleep(100) == TX_SUCCESS);
    CHECK(nx_tcp_socket_disconnect(&server_socket, NX_NO_WAIT) == NX_SUCCESS);
    server_close();
}

static VOID does_not_wait(ULONG input) {
    (void)input;
    client_connect();
    CHECK(nx_tcp_socket_disconnect(&client_socket, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(client_socket.nx_tcp_socket_state == NX_TCP_FIN_WAIT_1);
    CHECK(nx_tcp_client_socket_unbind(&client_socket) == NX_NOT_CLOSED);
    CHECK(nx_tcp_socket_delete(&client_socket) == NX_STILL_BOUND);
    CHECK(nx_tcp_socket_disconnect(&client_socket, SECOND) == NX_NOT_CONNECTED);
    CHECK(tx_thread_sleep(200) == TX_SUCCESS);
    CHECK(nx_tcp_client_socket_unbind(&client_socket) == NX_SUCCESS);
    CHECK(nx_tcp_socket_delete(&client_socket) == NX_SUCCESS);
}

static VOID define(VOID *memory) {
    (void)memory;
    world_cast(ends_late, does_not_wait);
}

static void test_N_49_no_wait_leaves_fin_wait(void **state) {
    (void)state;
    nxhost_virtual_clock(true);
    struct nxhost_result result = world_run(define);
    assert_int_equal(result.end, NXHOST_FINISHED);
    assert_int_equal(result.open_sockets, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_N_49_no_wait_leaves_fin_wait)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
