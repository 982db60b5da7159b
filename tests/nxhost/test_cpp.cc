/* SPDX-License-Identifier: MIT */
/* The headers in C++: names are linked as C, and a whole world runs. Exit code 0 is success. */
#include "nx_ip.h"
#include "nx_md5.h"
#include "nxhost.h"

static TX_THREAD thread;
static NX_PACKET_POOL pool;
static NX_IP ip;
static NX_TCP_SOCKET client;
static CHAR name[] = "name";
static UINT failures;

static void entry(ULONG) {
    NX_PACKET *packet = NX_NULL;
    NXD_ADDRESS server = {};
    server.nxd_ip_version = NX_IP_VERSION_V4;
    server.nxd_ip_address.v4 = IP_ADDRESS(1, 2, 3, 4);
    failures += nx_packet_allocate(&pool, &packet, NX_TCP_PACKET, NX_WAIT_FOREVER) != NX_SUCCESS;
    failures += nx_packet_data_append(packet, name, 4, &pool, NX_NO_WAIT) != NX_SUCCESS;
    failures += packet->nx_packet_length != 4;
    failures += nx_packet_release(packet) != NX_SUCCESS;
    failures += nx_tcp_socket_create(&ip, &client, name, NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 1460,
                                     NX_NULL, NX_NULL) != NX_SUCCESS;
    failures += nx_tcp_client_socket_bind(&client, NX_ANY_PORT, NX_NO_WAIT) != NX_SUCCESS;
    failures += nxd_tcp_client_socket_connect(&client, &server, 110, NX_IP_PERIODIC_RATE) != NX_NOT_CONNECTED;
    failures += nx_tcp_client_socket_unbind(&client) != NX_SUCCESS;
    failures += nx_tcp_socket_delete(&client) != NX_SUCCESS;
}

static void define(void *first_unused_memory) {
    CHAR *memory = static_cast<CHAR *>(first_unused_memory);
    nx_system_initialize();
    failures += nx_packet_pool_create(&pool, name, 256, memory, 8192) != NX_SUCCESS;
    failures += nx_ip_create(&ip, name, IP_ADDRESS(1, 2, 3, 4), 0xFFFFFF00UL, &pool, _nx_ram_network_driver,
                             memory + 8192, 2048, 1) != NX_SUCCESS;
    failures += nx_tcp_enable(&ip) != NX_SUCCESS;
    failures += tx_thread_create(&thread, name, entry, 0, memory + 16384, 4096, 1, 1, TX_NO_TIME_SLICE,
                                 TX_AUTO_START) != TX_SUCCESS;
}

int main() {
    nxhost_virtual_clock(true);
    nxhost_result result = nxhost_run(define);
    return failures == 0 && result.end == NXHOST_FINISHED && result.leaked_packets == 0 ? 0 : 1;
}
