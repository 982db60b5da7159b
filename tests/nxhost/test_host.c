/* SPDX-License-Identifier: MIT */
/* NetX sockets against plain host sockets on loopback, with ports that the kernel chose: clients along a route,
 * directly and over IPv6, servers behind a route. The peer runs outside the world, on a thread of the test. */
#include "world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BULK (3U * 1024 * 1024)

static int listener = -1;
static unsigned port;
static pthread_t peer;
static NXD_ADDRESS target;
static UINT target_port;
static UINT expected;

/* --- The peer ---------------------------------------------------------------------------------------------------- */

static void listen_at(int family) {
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr *address = family == AF_INET ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
    socklen_t length = family == AF_INET ? sizeof v4 : sizeof v6;
    listener = socket(family, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, address, length), 0);
    assert_int_equal(listen(listener, 5), 0);
    assert_int_equal(getsockname(listener, address, &length), 0);
    port = ntohs(family == AF_INET ? v4.sin_port : v6.sin6_port);
}

static void start_peer(int family, void *(*entry)(void *)) {
    listen_at(family);
    assert_int_equal(pthread_create(&peer, NULL, entry, NULL), 0);
}

static void end_peer(void) {
    pthread_join(peer, NULL);
    close(listener);
}

static void write_all(int fd, const void *octets, size_t n) {
    for (size_t done = 0; done < n;) {
        ssize_t part = send(fd, (const char *)octets + done, n - done, MSG_NOSIGNAL);
        if (part <= 0) {
            return;
        }
        done += (size_t)part;
    }
}

static void *echo(void *unused) {
    (void)unused;
    static char block[65536];
    int fd = accept(listener, NULL, NULL);
    for (ssize_t n = recv(fd, block, sizeof block, 0); n > 0; n = recv(fd, block, sizeof block, 0)) {
        write_all(fd, block, (size_t)n);
    }
    close(fd);
    return NULL;
}

static void *bulk(void *unused) {
    (void)unused;
    static UCHAR block[BULK];
    for (size_t i = 0; i < BULK; i++) {
        block[i] = (UCHAR)(i * 7 + i / 251);
    }
    int fd = accept(listener, NULL, NULL);
    write_all(fd, block, BULK);
    close(fd);
    return NULL;
}

static void *reset_peer(void *unused) {
    (void)unused;
    struct linger now = {.l_onoff = 1};
    int fd = accept(listener, NULL, NULL);
    char c;
    recv(fd, &c, 1, 0);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
    return NULL;
}

static void *silent(void *unused) {
    (void)unused;
    char c;
    int fd = accept(listener, NULL, NULL);
    while (recv(fd, &c, 1, 0) > 0) {}
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    close(fd);
    return NULL;
}

static void set_route(const char *from) {
    char route[128];
    snprintf(route, sizeof route, "10.9.8.7:1=127.0.0.1:1,%s=127.0.0.1:%u", from, port);
    assert_true(nxhost_route(route));
}

static UINT connect_target(ULONG wait) {
    CHECK(nx_tcp_socket_create(&client_ip, &client_socket, "c", NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE,
                               8192, NULL, NULL) == NX_SUCCESS);
    CHECK(nx_tcp_client_socket_bind(&client_socket, NX_ANY_PORT, NX_NO_WAIT) == NX_SUCCESS);
    return nxd_tcp_client_socket_connect(&client_socket, &target, target_port, wait);
}

static void run(VOID (*define)(VOID *)) {
    struct nxhost_result result = world_run(define);
    assert_int_equal(result.end, NXHOST_FINISHED);
    assert_int_equal(result.leaked_packets, 0);
    assert_int_equal(result.open_sockets, 0);
}

static void set_target(ULONG v4, UINT to_port) {
    target = (NXD_ADDRESS){.nxd_ip_version = NX_IP_VERSION_V4, .nxd_ip_address.v4 = v4};
    target_port = to_port;
}

/* --- Clients ----------------------------------------------------------------------------------------------------- */

static VOID talks(ULONG input) {
    (void)input;
    char text[64];
    CHECK(connect_target(5 * SECOND) == NX_SUCCESS);
    CHECK(client_socket.nx_tcp_socket_connect_ip.nxd_ip_version == target.nxd_ip_version);
    for (int i = 0; i < 3; i++) {
        send_text(&client_socket, &client_pool, "CAPA\r\n");
        CHECK(receive_text(&client_socket, text, sizeof text, 5 * SECOND) == NX_SUCCESS);
        CHECK(strcmp(text, "CAPA\r\n") == 0);
    }
    CHECK(receive_text(&client_socket, text, sizeof text, NX_NO_WAIT) == NX_NO_PACKET);
    CHECK(nx_tcp_socket_disconnect(&client_socket, 5 * SECOND) == NX_SUCCESS);
    client_close();
}

static VOID define_talks(VOID *memory) {
    (void)memory;
    world_cast(NULL, talks);
}

static void test_a_route_leads_a_built_in_address_to_the_host(void **state) {
    (void)state;
    start_peer(AF_INET, echo);
    set_route("192.2.2.89:110");
    set_target(IP_ADDRESS(192, 2, 2, 89), 110);
    run(define_talks);
    end_peer();
}

static void test_the_environment_holds_routes_too(void **state) {
    (void)state;
    char route[64];
    start_peer(AF_INET, echo);
    snprintf(route, sizeof route, "192.2.2.89:110=127.0.0.1:%u", port);
    setenv("NXHOST_ROUTE", route, 1);
    set_target(IP_ADDRESS(192, 2, 2, 89), 110);
    run(define_talks);
    unsetenv("NXHOST_ROUTE");
    end_peer();
}

static void test_without_a_route_the_address_itself(void **state) {
    (void)state;
    start_peer(AF_INET, echo);
    set_target(IP_ADDRESS(127, 0, 0, 1), port);
    run(define_talks);
    end_peer();
}

static void test_ipv6(void **state) {
    (void)state;
    start_peer(AF_INET6, echo);
    target = (NXD_ADDRESS){.nxd_ip_version = NX_IP_VERSION_V6, .nxd_ip_address.v6 = {0, 0, 0, 1}};
    target_port = port;
    run(define_talks);
    end_peer();

    char route[64];
    start_peer(AF_INET6, echo);
    snprintf(route, sizeof route, "[2001:db8::53]:110=[::1]:%u", port);
    assert_true(nxhost_route(route));
    target = (NXD_ADDRESS){.nxd_ip_version = NX_IP_VERSION_V6, .nxd_ip_address.v6 = {0x20010db8, 0, 0, 0x53}};
    target_port = 110;
    run(define_talks);
    end_peer();
}

static VOID reads_bulk(ULONG input) {
    (void)input;
    NX_PACKET *packet;
    size_t total = 0;
    CHECK(connect_target(5 * SECOND) == NX_SUCCESS);
    while (nx_tcp_socket_receive(&client_socket, &packet, 5 * SECOND) == NX_SUCCESS) {
        CHECK(packet->nx_packet_length <= 1460);
        for (const UCHAR *p = packet->nx_packet_prepend_ptr; p < packet->nx_packet_append_ptr; p++, total++) {
            CHECK(*p == (UCHAR)(total * 7 + total / 251));
        }
        CHECK(nx_packet_release(packet) == NX_SUCCESS);
    }
    CHECK(total == BULK);
    CHECK(client_socket.nx_tcp_socket_state == NX_TCP_CLOSE_WAIT);
    client_close();
}

static VOID define_bulk(VOID *memory) {
    (void)memory;
    world_cast(NULL, reads_bulk);
}

static void test_three_megabytes_arrive_whole(void **state) {
    (void)state;
    start_peer(AF_INET, bulk);
    set_target(IP_ADDRESS(127, 0, 0, 1), port);
    run(define_bulk);
    end_peer();
}

static VOID sends_bulk(ULONG input) {
    (void)input;
    NX_PACKET *packet;
    static char block[1000];
    size_t back = 0;
    CHECK(connect_target(5 * SECOND) == NX_SUCCESS);
    for (size_t i = 0; i < 2000; i++) {
        CHECK(nx_packet_allocate(&client_pool, &packet, NX_TCP_PACKET, NX_NO_WAIT) == NX_SUCCESS);
        CHECK(nx_packet_data_append(packet, block, sizeof block, &client_pool, NX_NO_WAIT) == NX_SUCCESS);
        CHECK(nx_tcp_socket_send(&client_socket, packet, 5 * SECOND) == NX_SUCCESS);
        while (i >= 20 && nx_tcp_socket_receive(&client_socket, &packet, NX_NO_WAIT) == NX_SUCCESS) {
            back += packet->nx_packet_length;
            CHECK(nx_packet_release(packet) == NX_SUCCESS);
        }
    }
    while (back < 2000 * sizeof block) {
        CHECK(nx_tcp_socket_receive(&client_socket, &packet, 5 * SECOND) == NX_SUCCESS);
        back += packet->nx_packet_length;
        CHECK(nx_packet_release(packet) == NX_SUCCESS);
    }
    client_close();
}

static VOID define_sends_bulk(VOID *memory) {
    (void)memory;
    world_cast(NULL, sends_bulk);
}

static void test_two_megabytes_there_and_back(void **state) {
    (void)state;
    start_peer(AF_INET, echo);
    set_target(IP_ADDRESS(127, 0, 0, 1), port);
    nxhost_deliver(NXHOST_STREAM, 512);
    run(define_sends_bulk);
    end_peer();
}

static UINT ends_seen;

static VOID peer_ended(NX_TCP_SOCKET *socket) {
    ends_seen += socket == &client_socket;
}

static VOID is_reset(ULONG input) {
    (void)input;
    char text[16];
    NX_PACKET *packet;
    CHECK(connect_target(5 * SECOND) == NX_SUCCESS);
    ends_seen = 0;
    client_socket.nx_tcp_disconnect_callback = peer_ended;
    send_text(&client_socket, &client_pool, "x");
    CHECK(receive_text(&client_socket, text, sizeof text, 5 * SECOND) == NX_NOT_CONNECTED);
    CHECK(client_socket.nx_tcp_socket_state == NX_TCP_CLOSED && ends_seen == 1);
    CHECK(nx_packet_allocate(&client_pool, &packet, NX_TCP_PACKET, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_packet_data_append(packet, text, 1, &client_pool, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_tcp_socket_send(&client_socket, packet, SECOND) == NX_NOT_CONNECTED);
    CHECK(nx_packet_release(packet) == NX_SUCCESS);
    client_close();
}

static VOID define_reset(VOID *memory) {
    (void)memory;
    world_cast(NULL, is_reset);
}

static void test_a_reset_closes_the_socket(void **state) {
    (void)state;
    start_peer(AF_INET, reset_peer);
    set_target(IP_ADDRESS(127, 0, 0, 1), port);
    run(define_reset);
    end_peer();
}

static VOID is_refused(ULONG input) {
    (void)input;
    CHECK(connect_target(5 * SECOND) == expected);
    CHECK(client_socket.nx_tcp_socket_state == NX_TCP_CLOSED);
    client_close();
}

static VOID define_refused(VOID *memory) {
    (void)memory;
    world_cast(NULL, is_refused);
}

static void test_a_refused_connection(void **state) {
    (void)state;
    listen_at(AF_INET);
    close(listener);
    set_target(IP_ADDRESS(127, 0, 0, 1), port);
    expected = NX_NOT_CONNECTED;
    run(define_refused);
}

static VOID meets_silence(ULONG input) {
    (void)input;
    char text[16];
    CHECK(connect_target(5 * SECOND) == NX_SUCCESS);
    ULONG before = tx_time_get();
    CHECK(receive_text(&client_socket, text, sizeof text, 20) == NX_NO_PACKET);
    CHECK(tx_time_get() - before >= 20 && tx_time_get() - before < 200);
    before = tx_time_get();
    CHECK(nx_tcp_socket_disconnect(&client_socket, 1) == NX_DISCONNECT_FAILED);
    CHECK(tx_time_get() - before < 20);
    CHECK(client_socket.nx_tcp_socket_state == NX_TCP_CLOSED);
    client_close();
}

static VOID define_silence(VOID *memory) {
    (void)memory;
    world_cast(NULL, meets_silence);
}

static void test_a_silent_peer_takes_real_time_even_for_the_virtual_clock(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        start_peer(AF_INET, silent);
        set_target(IP_ADDRESS(127, 0, 0, 1), port);
        nxhost_virtual_clock(i == 1);
        run(define_silence);
        end_peer();
    }
}

static TX_SEMAPHORE arrived;

static VOID notify(NX_TCP_SOCKET *socket) {
    (void)socket;
    CHECK(tx_semaphore_put(&arrived) == TX_SUCCESS);
}

static VOID is_notified(ULONG input) {
    (void)input;
    char text[64];
    CHECK(tx_semaphore_create(&arrived, "a", 0) == TX_SUCCESS);
    CHECK(connect_target(5 * SECOND) == NX_SUCCESS);
    CHECK(nx_tcp_socket_receive_notify(&client_socket, notify) == NX_SUCCESS);
    for (int i = 0; i < 50; i++) {
        send_text(&client_socket, &client_pool, "0123456789");
        for (int part = 0; part < 3; part++) {
            CHECK(tx_semaphore_get(&arrived, 5 * SECOND) == TX_SUCCESS);
            CHECK(receive_text(&client_socket, text, sizeof text, NX_NO_WAIT) == NX_SUCCESS);
        }
        CHECK(strcmp(text, "89") == 0);
    }
    client_close();
}

static VOID define_notified(VOID *memory) {
    (void)memory;
    world_cast(NULL, is_notified);
}

static void test_receive_notify_for_each_packet_from_the_host(void **state) {
    (void)state;
    start_peer(AF_INET, echo);
    set_target(IP_ADDRESS(127, 0, 0, 1), port);
    nxhost_deliver(NXHOST_STREAM, 4);
    run(define_notified);
    end_peer();
}

/* --- Servers ----------------------------------------------------------------------------------------------------- */

static UINT callbacks;
static TX_SEMAPHORE called;

static VOID connection(NX_TCP_SOCKET *socket, UINT at) {
    CHECK(socket == &server_socket && at == 110);
    callbacks++;
    CHECK(tx_semaphore_put(&called) == TX_SUCCESS);
}

static void *two_guests(void *unused) {
    (void)unused;
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    v4.sin_port = htons((uint16_t)port);
    for (int i = 0; i < 2; i++) {
        char text[16] = "";
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *)&v4, sizeof v4) == 0) {
            write_all(fd, "hello", 5);
            ssize_t n = recv(fd, text, sizeof text, MSG_WAITALL);
            ends_seen += n == 5 && memcmp(text, "HELLO", 5) == 0;
        }
        close(fd);
    }
    return NULL;
}

static VOID serves_two(ULONG input) {
    (void)input;
    char text[16];
    NX_TCP_SOCKET *s = &server_socket;
    CHECK(nx_tcp_socket_create(&server_ip, s, "s", NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 8192, NULL,
                               NULL) == NX_SUCCESS);
    CHECK(tx_semaphore_create(&called, "called", 0) == TX_SUCCESS);
    CHECK(nx_tcp_server_socket_listen(&server_ip, 110, s, 5, connection) == NX_SUCCESS);
    port = nxhost_listen_port(&server_ip, 110);
    CHECK(port != 0 && nxhost_listen_port(&server_ip, 111) == 0);
    CHECK(pthread_create(&peer, NULL, two_guests, NULL) == 0);
    for (int i = 0; i < 2; i++) {
        CHECK(tx_semaphore_get(&called, 5 * SECOND) == TX_SUCCESS);
        CHECK(nx_tcp_server_socket_accept(s, 5 * SECOND) == NX_SUCCESS);
        CHECK(s->nx_tcp_socket_connect_ip.nxd_ip_address.v4 == IP_ADDRESS(127, 0, 0, 1));
        CHECK(receive_text(s, text, sizeof text, 5 * SECOND) == NX_SUCCESS && strcmp(text, "hello") == 0);
        send_text(s, &server_pool, "HELLO");
        CHECK(nx_tcp_socket_disconnect(s, 5 * SECOND) == NX_SUCCESS);
        CHECK(nx_tcp_server_socket_unaccept(s) == NX_SUCCESS);
        CHECK(nx_tcp_server_socket_relisten(&server_ip, 110, s) != NX_INVALID_RELISTEN);
    }
    CHECK(nx_tcp_server_socket_unaccept(s) == NX_SUCCESS);
    CHECK(nx_tcp_server_socket_unlisten(&server_ip, 110) == NX_SUCCESS);
    CHECK(nx_tcp_socket_delete(s) == NX_SUCCESS);
}

static VOID define_serves(VOID *memory) {
    (void)memory;
    world_cast(serves_two, NULL);
}

static void test_a_listener_behind_a_route_is_reached_from_the_host(void **state) {
    (void)state;
    callbacks = ends_seen = 0;
    assert_true(nxhost_route("1.2.3.4:110=127.0.0.1:0"));
    run(define_serves);
    pthread_join(peer, NULL);
    assert_int_equal(callbacks, 2);
    assert_int_equal(ends_seen, 2);
}

/* --- Routes ------------------------------------------------------------------------------------------------------ */

static void test_routes_that_are_not_understood(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "1.2.3.4",
        "1.2.3.4:110",
        "1.2.3.4:110=",
        "1.2.3.4=1.2.3.4:1",
        "1.2.3:1=1.2.3.4:1",
        "1.2.3.4:70000=1.2.3.4:1",
        "1.2.3.4:1=1.2.3.4:1;",
        "[::1:1=1.2.3.4:1",
        "[::1]1=1.2.3.4:1",
        "::1:1=1.2.3.4:1",
        "a:1=b:2",
        "1.2.3.4:-1=1.2.3.4:1",
        ",",
        "1.2.3.4: 1=1.2.3.4:1",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(nxhost_route(wrong[i]));
    }
    assert_true(nxhost_route(""));
    assert_true(nxhost_route("1.2.3.4:1=[::1]:2,[fe80::1]:3=127.0.0.1:4"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_route_leads_a_built_in_address_to_the_host),
        cmocka_unit_test(test_the_environment_holds_routes_too),
        cmocka_unit_test(test_without_a_route_the_address_itself),
        cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_three_megabytes_arrive_whole),
        cmocka_unit_test(test_two_megabytes_there_and_back),
        cmocka_unit_test(test_a_reset_closes_the_socket),
        cmocka_unit_test(test_a_refused_connection),
        cmocka_unit_test(test_a_silent_peer_takes_real_time_even_for_the_virtual_clock),
        cmocka_unit_test(test_receive_notify_for_each_packet_from_the_host),
        cmocka_unit_test(test_a_listener_behind_a_route_is_reached_from_the_host),
        cmocka_unit_test(test_routes_that_are_not_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
