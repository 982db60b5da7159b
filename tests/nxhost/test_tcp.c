/* SPDX-License-Identifier: MIT */
/* TCP between two IP instances of one program: statuses, order of data and end, servers (netx-api.md section 2). */
#include "world.h"

static struct nxhost_result run(VOID (*define)(VOID *)) {
    nxhost_virtual_clock(true);
    nxhost_offline(true);
    struct nxhost_result result = world_run(define);
    assert_int_equal(result.leaked_packets, 0);
    assert_int_equal(result.open_sockets, 0);
    return result;
}

#define CASE(name, server, client)                        \
    static VOID define_##name(VOID *memory) {             \
        (void)memory;                                     \
        world_cast(server, client);                       \
    }                                                     \
    static void test_##name(void **state) {               \
        (void)state;                                      \
        struct nxhost_result result = run(define_##name); \
        assert_int_equal(result.end, NXHOST_FINISHED);    \
    }

/* --- A dialogue -------------------------------------------------------------------------------------------------- */

static VOID talking_server(ULONG input) {
    (void)input;
    char text[64];
    server_accept();
    CHECK(server_socket.nx_tcp_socket_connect_ip.nxd_ip_address.v4 == CLIENT_ADDRESS);
    CHECK(server_socket.nx_tcp_socket_connect_port == client_socket.nx_tcp_socket_port);
    send_text(&server_socket, &server_pool, "+OK hello\r\n");
    CHECK(receive_text(&server_socket, text, sizeof text, 5 * SECOND) == NX_SUCCESS);
    CHECK(strcmp(text, "QUIT\r\n") == 0);
    send_text(&server_socket, &server_pool, "+OK bye\r\n");
    CHECK(receive_text(&server_socket, text, sizeof text, 5 * SECOND) == NX_NOT_CONNECTED);
    server_close();
}

static VOID talking_client(ULONG input) {
    (void)input;
    char text[64];
    client_connect();
    CHECK(client_socket.nx_tcp_socket_state == NX_TCP_ESTABLISHED);
    CHECK(client_socket.nx_tcp_socket_connect_ip.nxd_ip_version == NX_IP_VERSION_V4);
    CHECK(receive_text(&client_socket, text, sizeof text, 5 * SECOND) == NX_SUCCESS);
    CHECK(strcmp(text, "+OK hello\r\n") == 0);
    send_text(&client_socket, &client_pool, "QUIT\r\n");
    CHECK(receive_text(&client_socket, text, sizeof text, 5 * SECOND) == NX_SUCCESS);
    CHECK(strcmp(text, "+OK bye\r\n") == 0);
    CHECK(nx_tcp_socket_disconnect(&client_socket, 5 * SECOND) == NX_SUCCESS);
    CHECK(client_socket.nx_tcp_socket_state == NX_TCP_TIMED_WAIT);
    CHECK(nx_tcp_socket_delete(&client_socket) == NX_STILL_BOUND);
    client_close();
}

CASE(dialogue_between_two_instances, talking_server, talking_client)

/* --- Connecting -------------------------------------------------------------------------------------------------- */

static VOID statuses_of_connecting(ULONG input) {
    (void)input;
    NX_TCP_SOCKET *s = &client_socket;
    NXD_ADDRESS address = {.nxd_ip_version = NX_IP_VERSION_V4, .nxd_ip_address.v4 = SERVER_ADDRESS};
    CHECK(nx_tcp_socket_create(&client_ip, s, "s", NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 0, NULL, NULL) ==
          NX_OPTION_ERROR);
    CHECK(nx_tcp_socket_create(&client_ip, s, "s", NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 1460, NULL,
                               NULL) == NX_SUCCESS);
    CHECK(nx_tcp_socket_create(&client_ip, s, "s", NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 1460, NULL,
                               NULL) == NX_PTR_ERROR);
    CHECK(connect_to(s, SERVER_ADDRESS, 110, SECOND) == NX_NOT_BOUND);
    CHECK(nx_tcp_client_socket_unbind(s) == NX_NOT_BOUND);
    CHECK(nx_tcp_client_socket_bind(s, 65536, NX_NO_WAIT) == NX_INVALID_PORT);
    CHECK(nx_tcp_client_socket_bind(s, 1234, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_tcp_client_socket_bind(s, 1235, NX_NO_WAIT) == NX_ALREADY_BOUND);
    CHECK(nxd_tcp_client_socket_connect(s, NULL, 110, SECOND) == NX_IP_ADDRESS_ERROR);
    CHECK(connect_to(s, IP_ADDRESS(224, 0, 0, 1), 110, SECOND) == NX_IP_ADDRESS_ERROR);
    CHECK(connect_to(s, SERVER_ADDRESS, 65536, SECOND) == NX_INVALID_PORT);
    CHECK(connect_to(s, 0, 110, SECOND) == NX_IP_ADDRESS_ERROR);
    address.nxd_ip_version = 5;
    CHECK(nxd_tcp_client_socket_connect(s, &address, 110, SECOND) == NX_IP_ADDRESS_ERROR);

    /* Refused: the instance exists, nobody listens. */
    ULONG before = tx_time_get();
    CHECK(connect_to(s, SERVER_ADDRESS, 111, SECOND) == NX_NOT_CONNECTED);
    CHECK(tx_time_get() == before);
    CHECK(s->nx_tcp_socket_state == NX_TCP_CLOSED);

    /* Silence: nobody has that address. */
    CHECK(connect_to(s, IP_ADDRESS(9, 9, 9, 9), 110, 30 * SECOND) == NX_NOT_CONNECTED);
    CHECK(tx_time_get() == before + 30 * SECOND);
    CHECK(s->nx_tcp_socket_state == NX_TCP_CLOSED);

    CHECK(connect_to(s, IP_ADDRESS(9, 9, 9, 9), 110, NX_NO_WAIT) == NX_IN_PROGRESS);
    CHECK(connect_to(s, IP_ADDRESS(9, 9, 9, 9), 110, NX_NO_WAIT) == NX_NOT_CLOSED);
    CHECK(nx_tcp_client_socket_unbind(s) == NX_NOT_CLOSED);
    CHECK(nx_tcp_socket_delete(s) == NX_STILL_BOUND);
    CHECK(nx_tcp_socket_disconnect(s, SECOND) == NX_SUCCESS);
    CHECK(nx_tcp_socket_disconnect(s, SECOND) == NX_NOT_CONNECTED);
    CHECK(nx_tcp_socket_delete(s) == NX_STILL_BOUND);
    CHECK(nx_tcp_client_socket_unbind(s) == NX_SUCCESS);
    CHECK(nx_tcp_socket_delete(s) == NX_SUCCESS);
    CHECK(nx_tcp_socket_delete(s) == NX_PTR_ERROR);
    CHECK(_nx_tcp_socket_delete(s) == NX_NOT_CREATED);
}

CASE(statuses_of_binding_and_connecting, NULL, statuses_of_connecting)

static NX_TCP_SOCKET other_socket;

static VOID waits_for_the_port(ULONG input) {
    (void)input;
    CHECK(tx_thread_sleep(10) == TX_SUCCESS);
    CHECK(nx_tcp_socket_create(&client_ip, &other_socket, "o", NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 100,
                               NULL, NULL) == NX_SUCCESS);
    CHECK(nx_tcp_client_socket_bind(&other_socket, 2000, NX_NO_WAIT) == NX_PORT_UNAVAILABLE);
    CHECK(nx_tcp_client_socket_bind(&other_socket, 2000, 10) == NX_PORT_UNAVAILABLE);
    CHECK(nx_tcp_client_socket_bind(&other_socket, 2000, NX_WAIT_FOREVER) == NX_SUCCESS);
    CHECK(tx_time_get() == 50);
    CHECK(nx_tcp_client_socket_unbind(&other_socket) == NX_SUCCESS);
    CHECK(nx_tcp_socket_delete(&other_socket) == NX_SUCCESS);
}

static VOID holds_the_port(ULONG input) {
    (void)input;
    UINT port = 0;
    CHECK(nx_tcp_socket_create(&client_ip, &client_socket, "c", NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 100,
                               NULL, NULL) == NX_SUCCESS);
    CHECK(nx_tcp_client_socket_port_get(&client_socket, &port) == NX_NOT_BOUND);
    CHECK(nx_tcp_client_socket_bind(&client_socket, 2000, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_tcp_client_socket_port_get(&client_socket, &port) == NX_SUCCESS && port == 2000);
    CHECK(tx_thread_sleep(50) == TX_SUCCESS);
    CHECK(nx_tcp_client_socket_unbind(&client_socket) == NX_SUCCESS);
    CHECK(nx_tcp_socket_delete(&client_socket) == NX_SUCCESS);
}

CASE(a_bind_waits_for_its_port, waits_for_the_port, holds_the_port)

static VOID accepts_late(ULONG input) {
    (void)input;
    server_create();
    CHECK(tx_thread_sleep(300) == TX_SUCCESS);
    CHECK(nx_tcp_server_socket_accept(&server_socket, NX_NO_WAIT) == NX_IN_PROGRESS);
    CHECK(nx_tcp_server_socket_accept(&server_socket, NX_NO_WAIT) == NX_SUCCESS);
    server_close();
}

static VOID connects_early(ULONG input) {
    (void)input;
    client_connect();
    CHECK(tx_time_get() == 300);
    client_close();
}

CASE(a_client_waits_until_the_server_accepts, accepts_late, connects_early)

static VOID accepts_too_late(ULONG input) {
    (void)input;
    server_create();
    CHECK(nx_tcp_server_socket_accept(&server_socket, 20) == NX_NOT_CONNECTED);
    CHECK(server_socket.nx_tcp_socket_state == NX_TCP_LISTEN_STATE);
    CHECK(tx_thread_sleep(300) == TX_SUCCESS);
    CHECK(nx_tcp_server_socket_accept(&server_socket, 10) == NX_NOT_CONNECTED);
    server_close();
}

static VOID gives_up(ULONG input) {
    (void)input;
    CHECK(nx_tcp_socket_create(&client_ip, &client_socket, "c", NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 100,
                               NULL, NULL) == NX_SUCCESS);
    CHECK(nx_tcp_client_socket_bind(&client_socket, NX_ANY_PORT, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(tx_thread_sleep(50) == TX_SUCCESS);
    CHECK(connect_to(&client_socket, SERVER_ADDRESS, 110, 100) == NX_NOT_CONNECTED);
    CHECK(tx_time_get() == 150);
    client_close();
}

CASE(a_client_that_gave_up_is_not_accepted, accepts_too_late, gives_up)

/* --- Data and end ------------------------------------------------------------------------------------------------ */

static VOID sends_and_ends(ULONG input) {
    (void)input;
    server_accept();
    send_text(&server_socket, &server_pool, "one");
    send_text(&server_socket, &server_pool, "two");
    CHECK(nx_tcp_socket_disconnect(&server_socket, 5 * SECOND) == NX_SUCCESS);
    server_close();
}

static VOID reads_what_was_queued(ULONG input) {
    (void)input;
    char text[16];
    ULONG n;
    client_connect();
    CHECK(nx_tcp_socket_bytes_available(&client_socket, &n) == NX_NOT_CONNECTED && n == 0);
    CHECK(client_socket.nx_tcp_socket_state == NX_TCP_CLOSE_WAIT);
    CHECK(receive_text(&client_socket, text, sizeof text, NX_NO_WAIT) == NX_SUCCESS && strcmp(text, "one") == 0);
    CHECK(receive_text(&client_socket, text, sizeof text, NX_NO_WAIT) == NX_SUCCESS && strcmp(text, "two") == 0);
    CHECK(receive_text(&client_socket, text, sizeof text, NX_NO_WAIT) == NX_NOT_CONNECTED);
    CHECK(receive_text(&client_socket, text, sizeof text, NX_WAIT_FOREVER) == NX_NOT_CONNECTED);
    CHECK(nx_tcp_socket_disconnect(&client_socket, SECOND) == NX_SUCCESS);
    client_close();
}

CASE(queued_data_comes_before_the_end, sends_and_ends, reads_what_was_queued)

static UINT resets_seen;

static VOID disconnected(NX_TCP_SOCKET *socket) {
    resets_seen += socket == &client_socket;
}

static VOID sends_and_resets(ULONG input) {
    (void)input;
    server_accept();
    send_text(&server_socket, &server_pool, "one");
    CHECK(tx_thread_sleep(10) == TX_SUCCESS);
    CHECK(nx_tcp_socket_disconnect(&server_socket, NX_NO_WAIT) == NX_IN_PROGRESS);
    CHECK(server_socket.nx_tcp_socket_state == NX_TCP_LISTEN_STATE);
    CHECK(nx_tcp_socket_delete(&server_socket) == NX_STILL_BOUND);
    server_close();
}

static VOID is_reset(ULONG input) {
    (void)input;
    char text[16];
    client_connect();
    resets_seen = 0;
    client_socket.nx_tcp_disconnect_callback = disconnected;
    CHECK(tx_thread_sleep(50) == TX_SUCCESS);
    CHECK(resets_seen == 1);
    CHECK(client_socket.nx_tcp_socket_state == NX_TCP_CLOSED);
    CHECK(receive_text(&client_socket, text, sizeof text, SECOND) == NX_SUCCESS && strcmp(text, "one") == 0);
    CHECK(receive_text(&client_socket, text, sizeof text, SECOND) == NX_NOT_CONNECTED);
    CHECK(nx_tcp_socket_disconnect(&client_socket, SECOND) == NX_NOT_CONNECTED);
    client_close();
}

CASE(no_wait_disconnect_resets, sends_and_resets, is_reset)

static VOID never_ends(ULONG input) {
    (void)input;
    char text[16];
    server_accept();
    CHECK(receive_text(&server_socket, text, sizeof text, NX_WAIT_FOREVER) == NX_NOT_CONNECTED);
    CHECK(server_socket.nx_tcp_socket_state == NX_TCP_CLOSE_WAIT);
    CHECK(tx_thread_sleep(1000) == TX_SUCCESS);
    CHECK(nx_tcp_socket_disconnect(&server_socket, SECOND) == NX_SUCCESS);
    server_close();
}

static VOID waits_for_the_peer_end(ULONG input) {
    (void)input;
    client_connect();
    ULONG before = tx_time_get();
    CHECK(nx_tcp_socket_disconnect(&client_socket, 200) == NX_DISCONNECT_FAILED);
    CHECK(tx_time_get() == before + 200);
    CHECK(client_socket.nx_tcp_socket_state == NX_TCP_CLOSED);
    CHECK(nx_tcp_client_socket_unbind(&client_socket) == NX_SUCCESS);
    CHECK(nx_tcp_socket_delete(&client_socket) == NX_SUCCESS);
}

CASE(a_failed_disconnect_closes_all_the_same, never_ends, waits_for_the_peer_end)

static VOID stays_silent(ULONG input) {
    (void)input;
    char text[16];
    server_accept();
    CHECK(receive_text(&server_socket, text, sizeof text, NX_WAIT_FOREVER) == NX_NOT_CONNECTED);
    server_close();
}

static VOID receive_statuses(ULONG input) {
    (void)input;
    char text[16];
    NX_PACKET *packet;
    CHECK(nx_tcp_socket_create(&client_ip, &client_socket, "c", NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 100,
                               NULL, NULL) == NX_SUCCESS);
    CHECK(receive_text(&client_socket, text, sizeof text, SECOND) == NX_NOT_BOUND);
    CHECK(nx_tcp_client_socket_bind(&client_socket, NX_ANY_PORT, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(receive_text(&client_socket, text, sizeof text, SECOND) == NX_NOT_CONNECTED);
    CHECK(connect_to(&client_socket, SERVER_ADDRESS, 110, SECOND) == NX_SUCCESS);
    ULONG before = tx_time_get();
    CHECK(receive_text(&client_socket, text, sizeof text, NX_NO_WAIT) == NX_NO_PACKET);
    CHECK(tx_time_get() == before);
    CHECK(receive_text(&client_socket, text, sizeof text, 1000) == NX_NO_PACKET);
    CHECK(tx_time_get() == before + 1000);
    CHECK(nx_tcp_socket_receive(&client_socket, NULL, SECOND) == NX_PTR_ERROR);
    CHECK(nx_packet_allocate(&client_pool, &packet, NX_TCP_PACKET, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_tcp_socket_send(&client_socket, packet, SECOND) == NX_INVALID_PACKET);
    CHECK(packet != NULL);
    CHECK(nx_packet_release(packet) == NX_SUCCESS);
    CHECK(nx_tcp_socket_send(&client_socket, packet, SECOND) == NX_INVALID_PACKET);
    CHECK(nx_packet_allocate(&client_pool, &packet, 0, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_packet_data_append(packet, text, 1, &client_pool, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_tcp_socket_send(&client_socket, packet, SECOND) == NX_UNDERFLOW);
    CHECK(nx_packet_release(packet) == NX_SUCCESS);
    client_close();
}

CASE(statuses_of_receiving_and_sending, stays_silent, receive_statuses)

static VOID reads_slowly(ULONG input) {
    (void)input;
    char text[4096];
    size_t total = 0;
    server_accept();
    CHECK(tx_thread_sleep(500) == TX_SUCCESS);
    while (total < 20000) {
        CHECK(receive_text(&server_socket, text, sizeof text, 5 * SECOND) == NX_SUCCESS);
        for (size_t i = 0; text[i] != '\0'; i++, total++) {
            CHECK(text[i] == (char)('a' + (total % 1000) % 26));
        }
    }
    CHECK(total == 20000);
    server_close();
}

static VOID sends_much(ULONG input) {
    (void)input;
    char text[1001];
    for (int i = 0; i < 1000; i++) {
        text[i] = (char)('a' + i % 26);
    }
    text[1000] = '\0';
    client_connect();
    for (int i = 0; i < 8; i++) {
        send_text(&client_socket, &client_pool, text);
    }
    NX_PACKET *packet;
    CHECK(nx_packet_allocate(&client_pool, &packet, NX_TCP_PACKET, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_packet_data_append(packet, text, 1000, &client_pool, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_tcp_socket_send(&client_socket, packet, 5 * SECOND) == NX_SUCCESS);
    CHECK(packet == NULL);
    CHECK(tx_time_get() == 500);
    for (int i = 9; i < 20; i++) {
        send_text(&client_socket, &client_pool, text);
    }
    client_close();
}

CASE(a_full_window_makes_the_sender_wait, reads_slowly, sends_much)

static VOID never_reads(ULONG input) {
    (void)input;
    server_accept();
    CHECK(tx_thread_sleep(500) == TX_SUCCESS);
    server_close();
}

static VOID fills_the_window(ULONG input) {
    (void)input;
    static char block[1400];
    client_connect();
    UINT status = NX_SUCCESS;
    NX_PACKET *packet = NULL;
    for (int i = 0; i < 20 && status == NX_SUCCESS; i++) {
        CHECK(nx_packet_allocate(&client_pool, &packet, NX_TCP_PACKET, NX_NO_WAIT) == NX_SUCCESS);
        CHECK(nx_packet_data_append(packet, block, sizeof block, &client_pool, NX_NO_WAIT) == NX_SUCCESS);
        status = nx_tcp_socket_send(&client_socket, packet, NX_NO_WAIT);
    }
    CHECK(status == NX_WINDOW_OVERFLOW);
    CHECK(packet != NULL);
    CHECK(nx_packet_release(packet) == NX_SUCCESS);
    client_close();
}

static VOID define_window(VOID *memory) {
    (void)memory;
    world_cast(never_reads, fills_the_window);
}

/* --- Pools ------------------------------------------------------------------------------------------------------- */

static VOID sends_three(ULONG input) {
    (void)input;
    char text[16];
    server_accept();
    send_text(&server_socket, &server_pool, "one");
    send_text(&server_socket, &server_pool, "two");
    send_text(&server_socket, &server_pool, "three");
    CHECK(receive_text(&server_socket, text, sizeof text, NX_WAIT_FOREVER) == NX_NOT_CONNECTED);
    server_close();
}

static NX_PACKET *hoard[64];
static UINT hoarded;

static VOID empties_its_pool(ULONG input) {
    (void)input;
    char text[16];
    NX_PACKET *packet;
    client_connect();
    hoarded = 0;
    while (nx_packet_allocate(&client_pool, &packet, 0, NX_NO_WAIT) == NX_SUCCESS) {
        hoard[hoarded++] = packet;
    }
    ULONG before = tx_time_get();
    CHECK(receive_text(&client_socket, text, sizeof text, NX_NO_WAIT) == NX_NO_PACKET);
    CHECK(receive_text(&client_socket, text, sizeof text, 100) == NX_NO_PACKET);
    CHECK(tx_time_get() == before + 100);
    CHECK(nx_packet_release(hoard[--hoarded]) == NX_SUCCESS);
    CHECK(nx_tcp_socket_receive(&client_socket, &packet, SECOND) == NX_SUCCESS);
    CHECK(packet->nx_packet_pool_owner == &client_pool);
    CHECK(packet->nx_packet_length == 3 && memcmp(packet->nx_packet_prepend_ptr, "one", 4) == 0);
    hoard[hoarded++] = packet;
    CHECK(receive_text(&client_socket, text, sizeof text, 100) == NX_NO_PACKET);
    CHECK(nx_packet_release(hoard[--hoarded]) == NX_SUCCESS);
    CHECK(receive_text(&client_socket, text, sizeof text, 0) == NX_SUCCESS && strcmp(text, "two") == 0);
    CHECK(receive_text(&client_socket, text, sizeof text, 0) == NX_SUCCESS && strcmp(text, "three") == 0);
    while (hoarded > 0) {
        CHECK(nx_packet_release(hoard[--hoarded]) == NX_SUCCESS);
    }
    client_close();
}

CASE(an_exhausted_pool_waits_and_loses_nothing, sends_three, empties_its_pool)

/* --- Servers ----------------------------------------------------------------------------------------------------- */

static VOID serves_three(ULONG input) {
    (void)input;
    char text[16];
    server_accept();
    for (int i = 0; i < 3; i++) {
        CHECK(receive_text(&server_socket, text, sizeof text, NX_WAIT_FOREVER) == NX_SUCCESS);
        CHECK(text[0] == '0' + i);
        CHECK(nx_tcp_server_socket_relisten(&server_ip, 110, &server_socket) == NX_NOT_CLOSED);
        CHECK(nx_tcp_server_socket_unaccept(&server_socket) == NX_NOT_LISTEN_STATE);
        CHECK(nx_tcp_socket_disconnect(&server_socket, SECOND) == NX_SUCCESS);
        CHECK(nx_tcp_server_socket_unaccept(&server_socket) == NX_SUCCESS);
        UINT status = nx_tcp_server_socket_relisten(&server_ip, 110, &server_socket);
        CHECK(status == (i < 2 ? NX_CONNECTION_PENDING : NX_SUCCESS));
        if (i < 2) {
            CHECK(nx_tcp_server_socket_accept(&server_socket, SECOND) == NX_SUCCESS);
        }
    }
    CHECK(nx_tcp_server_socket_relisten(&server_ip, 111, &server_socket) == NX_NOT_CLOSED);
    CHECK(nx_tcp_server_socket_accept(&server_socket, 10) == NX_NOT_CONNECTED);
    CHECK(nx_tcp_socket_delete(&server_socket) == NX_STILL_BOUND);
    CHECK(nx_tcp_server_socket_unaccept(&server_socket) == NX_SUCCESS);
    CHECK(nx_tcp_server_socket_relisten(&server_ip, 111, &server_socket) == NX_INVALID_RELISTEN);
    CHECK(nx_tcp_server_socket_accept(&server_socket, 10) == NX_NOT_LISTEN_STATE);
    CHECK(nx_tcp_server_socket_listen(&server_ip, 110, &server_socket, 5, NULL) == NX_DUPLICATE_LISTEN);
    CHECK(nx_tcp_server_socket_listen(&server_ip, 0, &server_socket, 5, NULL) == NX_INVALID_PORT);
    CHECK(nx_tcp_server_socket_unlisten(&server_ip, 110) == NX_SUCCESS);
    CHECK(nx_tcp_server_socket_unlisten(&server_ip, 110) == NX_ENTRY_NOT_FOUND);
    CHECK(nx_tcp_socket_delete(&server_socket) == NX_SUCCESS);
}

static NX_TCP_SOCKET clients[3];

static VOID queues_three(ULONG input) {
    (void)input;
    for (int i = 0; i < 3; i++) {
        CHECK(nx_tcp_socket_create(&client_ip, &clients[i], "c", NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE,
                                   500, NULL, NULL) == NX_SUCCESS);
        CHECK(nx_tcp_client_socket_bind(&clients[i], NX_ANY_PORT, NX_NO_WAIT) == NX_SUCCESS);
        UINT status = connect_to(&clients[i], SERVER_ADDRESS, 110, NX_NO_WAIT);
        CHECK(status == (i == 0 ? NX_SUCCESS : NX_IN_PROGRESS));
    }
    for (int i = 0; i < 3; i++) {
        char text[2] = {(char)('0' + i), 0};
        send_text(&clients[i], &client_pool, text);
        CHECK(nx_tcp_socket_disconnect(&clients[i], SECOND) == NX_SUCCESS);
        CHECK(nx_tcp_client_socket_unbind(&clients[i]) == NX_SUCCESS);
        CHECK(nx_tcp_socket_delete(&clients[i]) == NX_SUCCESS);
    }
}

CASE(a_server_relistens_and_queues, serves_three, queues_three)

static VOID changes_sockets(ULONG input) {
    (void)input;
    char text[8];
    server_create();
    CHECK(tx_thread_sleep(50) == TX_SUCCESS);
    CHECK(nx_tcp_server_socket_unaccept(&server_socket) == NX_SUCCESS);
    CHECK(nx_tcp_server_socket_relisten(&server_ip, 110, &server_socket) == NX_CONNECTION_PENDING);
    CHECK(nx_tcp_server_socket_accept(&server_socket, SECOND) == NX_SUCCESS);
    send_text(&server_socket, &server_pool, "unread");
    CHECK(receive_text(&server_socket, text, sizeof text, SECOND) == NX_NOT_CONNECTED);
    server_close();
}

static VOID reads_after_disconnecting(ULONG input) {
    (void)input;
    char text[8];
    client_connect();
    CHECK(tx_time_get() == 50);
    CHECK(nx_tcp_socket_disconnect(&client_socket, SECOND) == NX_SUCCESS);
    CHECK(receive_text(&client_socket, text, sizeof text, NX_NO_WAIT) == NX_SUCCESS && strcmp(text, "unread") == 0);
    CHECK(receive_text(&client_socket, text, sizeof text, SECOND) == NX_NOT_CONNECTED);
    client_close();
}

CASE(an_unaccepted_client_waits_for_the_next_socket, changes_sockets, reads_after_disconnecting)

/* --- IPv6, loopback, TCP not enabled ----------------------------------------------------------------------------- */

static VOID serves_v6(ULONG input) {
    (void)input;
    server_accept();
    CHECK(server_socket.nx_tcp_socket_connect_ip.nxd_ip_version == NX_IP_VERSION_V6);
    send_text(&server_socket, &server_pool, "six");
    server_close();
}

static NXD_ADDRESS six;

static VOID connects_v6(ULONG input) {
    (void)input;
    NX_PACKET *packet;
    CHECK(nx_tcp_socket_create(&client_ip, &client_socket, "c", NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 100,
                               NULL, NULL) == NX_SUCCESS);
    CHECK(nx_tcp_client_socket_bind(&client_socket, NX_ANY_PORT, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nxd_tcp_client_socket_connect(&client_socket, &six, 110, SECOND) == NX_SUCCESS);
    CHECK(client_socket.nx_tcp_socket_connect_ip.nxd_ip_version == NX_IP_VERSION_V6);
    CHECK(nx_tcp_socket_receive(&client_socket, &packet, SECOND) == NX_SUCCESS);
    CHECK(packet->nx_packet_prepend_ptr - packet->nx_packet_data_start == NX_IPv6_TCP_PACKET);
    CHECK(packet->nx_packet_ip_version == NX_IP_VERSION_V6);
    CHECK(nx_packet_release(packet) == NX_SUCCESS);
    client_close();
}

static VOID define_v6_loopback(VOID *memory) {
    (void)memory;
    six = (NXD_ADDRESS){.nxd_ip_version = NX_IP_VERSION_V6, .nxd_ip_address.v6 = {0, 0, 0, 1}};
    world_cast(serves_v6, connects_v6);
}

static VOID define_v6_instance(VOID *memory) {
    UINT index = 99;
    (void)memory;
    six = (NXD_ADDRESS){.nxd_ip_version = NX_IP_VERSION_V6, .nxd_ip_address.v6 = {0x20010db8, 0, 0, 0x53}};
    world_cast(serves_v6, connects_v6);
    CHECK(nxd_ipv6_address_set(&server_ip, 0, NULL, 10, NULL) == NX_SUCCESS);
    CHECK(nxd_ipv6_address_set(&server_ip, 0, &six, 64, &index) == NX_SUCCESS && index == 1);
    CHECK(nxd_ipv6_address_set(&server_ip, 0, &six, 64, &index) == NX_DUPLICATED_ENTRY);
    CHECK(nxd_ipv6_address_set(&server_ip, 7, &six, 64, &index) == NX_INVALID_INTERFACE);
}

static void test_ipv6_by_loopback_and_by_an_instance_address(void **state) {
    (void)state;
    assert_int_equal(run(define_v6_loopback).end, NXHOST_FINISHED);
    assert_int_equal(run(define_v6_instance).end, NXHOST_FINISHED);
}

static NX_IP bare_ip;

static VOID uses_the_bare_ip(ULONG input) {
    (void)input;
    ULONG actual;
    CHECK(nx_tcp_socket_create(&bare_ip, &client_socket, "c", NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 100,
                               NULL, NULL) == NX_NOT_ENABLED);
    CHECK(nx_ip_status_check(&bare_ip, NX_IP_TCP_ENABLED, &actual, 20) == NX_NOT_SUCCESSFUL && actual == 0);
    CHECK(tx_time_get() == 20);
    CHECK(nx_ip_status_check(&bare_ip, NX_IP_INITIALIZE_DONE | NX_IP_LINK_ENABLED, &actual, 20) == NX_SUCCESS);
    CHECK(nx_tcp_enable(&bare_ip) == NX_SUCCESS);
    CHECK(nx_tcp_enable(&bare_ip) == NX_ALREADY_ENABLED);
    CHECK(nx_ip_status_check(&bare_ip, NX_IP_TCP_ENABLED, &actual, 0) == NX_SUCCESS && actual == NX_IP_TCP_ENABLED);
    CHECK(nx_udp_enable(&bare_ip) == NX_SUCCESS);
    CHECK(nx_icmp_enable(&bare_ip) == NX_SUCCESS);
    CHECK(nxd_icmp_enable(&bare_ip) == NX_SUCCESS);
    CHECK(nx_arp_enable(&bare_ip, &actual, sizeof actual) == NX_SUCCESS);
    CHECK(nx_tcp_socket_create(&bare_ip, &client_socket, "c", NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 100,
                               NULL, NULL) == NX_SUCCESS);
    CHECK(nx_tcp_client_socket_bind(&client_socket, NX_ANY_PORT, 0) == NX_SUCCESS);
    NXD_ADDRESS v6 = {.nxd_ip_version = NX_IP_VERSION_V6, .nxd_ip_address.v6 = {0, 0, 0, 1}};
    CHECK(nxd_tcp_client_socket_connect(&client_socket, &v6, 110, 10) == NX_NO_INTERFACE_ADDRESS);
    CHECK(nx_ip_delete(&bare_ip) == NX_SOCKETS_BOUND);
    client_close();
    CHECK(nx_ip_delete(&bare_ip) == NX_SUCCESS);
    CHECK(nx_ip_delete(&bare_ip) == NX_PTR_ERROR);
}

static VOID define_bare(VOID *memory) {
    world_cast(NULL, uses_the_bare_ip);
    CHECK(nx_ip_create(&bare_ip, "bare", IP_ADDRESS(1, 2, 3, 9), 0xFFFFFF00, &client_pool, _nx_ram_network_driver,
                       memory, 2048, 1) == NX_SUCCESS);
    CHECK(nx_ip_create(&bare_ip, "bare", IP_ADDRESS(1, 2, 3, 9), 0xFFFFFF00, &client_pool, _nx_ram_network_driver,
                       memory, 2048, 1) == NX_PTR_ERROR);
}

static void test_N_58_tcp_must_be_enabled(void **state) {
    (void)state;
    assert_int_equal(run(define_bare).end, NXHOST_FINISHED);
}

/* Called where there is no thread: what NetX lets only threads do is NX_CALLER_ERROR. */
static VOID define_without_thread(VOID *memory) {
    NX_PACKET *packet = NULL;
    (void)memory;
    world_cast(NULL, NULL);
    CHECK(nx_tcp_socket_create(&client_ip, &client_socket, "c", NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 100,
                               NULL, NULL) == NX_SUCCESS);
    CHECK(nx_tcp_client_socket_bind(&client_socket, NX_ANY_PORT, 0) == NX_CALLER_ERROR);
    CHECK(nx_tcp_socket_receive(&client_socket, &packet, 0) == NX_CALLER_ERROR);
    CHECK(nx_packet_allocate(&client_pool, &packet, NX_TCP_PACKET, 1) == NX_CALLER_ERROR);
    CHECK(nx_packet_allocate(&client_pool, &packet, NX_TCP_PACKET, 0) == NX_SUCCESS);
    CHECK(nx_packet_release(packet) == NX_SUCCESS);
    CHECK(nx_packet_pool_delete(&client_pool) == NX_CALLER_ERROR);
}

static void test_calls_without_a_thread(void **state) {
    (void)state;
    nxhost_virtual_clock(true);
    struct nxhost_result result = world_run(define_without_thread);
    assert_int_equal(result.end, NXHOST_FINISHED);
    assert_int_equal(result.open_sockets, 1);
}

static void test_no_wait_send_into_a_full_window(void **state) {
    (void)state;
    assert_int_equal(run(define_window).end, NXHOST_FINISHED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dialogue_between_two_instances),
        cmocka_unit_test(test_statuses_of_binding_and_connecting),
        cmocka_unit_test(test_a_bind_waits_for_its_port),
        cmocka_unit_test(test_a_client_waits_until_the_server_accepts),
        cmocka_unit_test(test_a_client_that_gave_up_is_not_accepted),
        cmocka_unit_test(test_queued_data_comes_before_the_end),
        cmocka_unit_test(test_no_wait_disconnect_resets),
        cmocka_unit_test(test_a_failed_disconnect_closes_all_the_same),
        cmocka_unit_test(test_statuses_of_receiving_and_sending),
        cmocka_unit_test(test_a_full_window_makes_the_sender_wait),
        cmocka_unit_test(test_no_wait_send_into_a_full_window),
        cmocka_unit_test(test_an_exhausted_pool_waits_and_loses_nothing),
        cmocka_unit_test(test_a_server_relistens_and_queues),
        cmocka_unit_test(test_an_unaccepted_client_waits_for_the_next_socket),
        cmocka_unit_test(test_ipv6_by_loopback_and_by_an_instance_address),
        cmocka_unit_test(test_N_58_tcp_must_be_enabled),
        cmocka_unit_test(test_calls_without_a_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
