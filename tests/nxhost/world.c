/* SPDX-License-Identifier: MIT */
/* Helpers for tests that run ThreadX worlds. */
#include "world.h"

#define POOL_OCTETS 65536

const char *world_failure;
int world_failure_line;
NX_IP client_ip, server_ip;
NX_PACKET_POOL client_pool, server_pool;
NX_TCP_SOCKET client_socket, server_socket;
TX_THREAD client_thread, server_thread;
ULONG world_payload = 1536;

static _Alignas(16) UCHAR client_memory[POOL_OCTETS];
static _Alignas(16) UCHAR server_memory[POOL_OCTETS];
static UCHAR stack[2048];

void world_fail(const char *what, int line) {
    if (world_failure == NULL) {
        world_failure = what;
        world_failure_line = line;
    }
    nxhost_stop();
}

struct nxhost_result world_run(VOID (*define)(VOID *)) {
    world_failure = NULL;
    struct nxhost_result result = nxhost_run(define);
    if (world_failure != NULL) {
        fail_msg("line %d: %s", world_failure_line, world_failure);
    }
    return result;
}

static void create_ip(NX_IP *ip, NX_PACKET_POOL *pool, UCHAR *memory, ULONG payload, ULONG address) {
    CHECK(nx_packet_pool_create(pool, "pool", payload, memory, POOL_OCTETS) == NX_SUCCESS);
    CHECK(nx_ip_create(ip, "ip", address, 0xFFFFFF00, pool, _nx_ram_network_driver, stack, sizeof stack, 1) ==
          NX_SUCCESS);
    CHECK(nx_tcp_enable(ip) == NX_SUCCESS);
    CHECK(nxd_ipv6_enable(ip) == NX_SUCCESS);
}

void world_cast(VOID (*server)(ULONG), VOID (*client)(ULONG)) {
    nx_system_initialize();
    create_ip(&client_ip, &client_pool, client_memory, world_payload, CLIENT_ADDRESS);
    create_ip(&server_ip, &server_pool, server_memory, 1536, SERVER_ADDRESS);
    if (server != NULL) {
        CHECK(tx_thread_create(&server_thread, "server", server, 0, stack, sizeof stack, 2, 2, TX_NO_TIME_SLICE,
                               TX_AUTO_START) == TX_SUCCESS);
    }
    if (client != NULL) {
        CHECK(tx_thread_create(&client_thread, "client", client, 0, stack, sizeof stack, 4, 4, TX_NO_TIME_SLICE,
                               TX_AUTO_START) == TX_SUCCESS);
    }
}

static void create_socket(NX_IP *ip, NX_TCP_SOCKET *socket) {
    CHECK(nx_tcp_socket_create(ip, socket, "socket", NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 8192, NX_NULL,
                               NX_NULL) == NX_SUCCESS);
}

void server_create(void) {
    create_socket(&server_ip, &server_socket);
    CHECK(nx_tcp_server_socket_listen(&server_ip, 110, &server_socket, 5, NX_NULL) == NX_SUCCESS);
}

void server_accept(void) {
    server_create();
    CHECK(nx_tcp_server_socket_accept(&server_socket, NX_WAIT_FOREVER) == NX_SUCCESS);
}

void server_close(void) {
    nx_tcp_socket_disconnect(&server_socket, 5 * SECOND);
    CHECK(nx_tcp_server_socket_unaccept(&server_socket) == NX_SUCCESS);
    CHECK(nx_tcp_server_socket_unlisten(&server_ip, 110) == NX_SUCCESS);
    CHECK(nx_tcp_socket_delete(&server_socket) == NX_SUCCESS);
}

UINT connect_to(NX_TCP_SOCKET *socket, ULONG address, UINT port, ULONG wait) {
    NXD_ADDRESS server = {.nxd_ip_version = NX_IP_VERSION_V4, .nxd_ip_address.v4 = address};
    return nxd_tcp_client_socket_connect(socket, &server, port, wait);
}

void client_connect(void) {
    create_socket(&client_ip, &client_socket);
    CHECK(nx_tcp_client_socket_bind(&client_socket, NX_ANY_PORT, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(connect_to(&client_socket, SERVER_ADDRESS, 110, 5 * SECOND) == NX_SUCCESS);
}

void client_close(void) {
    nx_tcp_socket_disconnect(&client_socket, 5 * SECOND);
    CHECK(nx_tcp_client_socket_unbind(&client_socket) == NX_SUCCESS);
    CHECK(nx_tcp_socket_delete(&client_socket) == NX_SUCCESS);
}

void send_text(NX_TCP_SOCKET *socket, NX_PACKET_POOL *pool, const char *text) {
    NX_PACKET *packet;
    CHECK(nx_packet_allocate(pool, &packet, NX_TCP_PACKET, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_packet_data_append(packet, (VOID *)(uintptr_t)text, (ULONG)strlen(text), pool, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_tcp_socket_send(socket, packet, 5 * SECOND) == NX_SUCCESS);
}

UINT receive_text(NX_TCP_SOCKET *socket, char *text, size_t room, ULONG wait) {
    NX_PACKET *packet = (NX_PACKET *)(uintptr_t)1;
    ULONG n = 0;
    UINT status = nx_tcp_socket_receive(socket, &packet, wait);
    memset(text, 0, room);
    if (status != NX_SUCCESS) {
        CHECK(packet == NX_NULL);
        return status;
    }
    CHECK(nx_packet_data_extract_offset(packet, 0, text, (ULONG)(room - 1), &n) == NX_SUCCESS);
    CHECK(n == packet->nx_packet_length);
    CHECK(nx_packet_release(packet) == NX_SUCCESS);
    return NX_SUCCESS;
}
