/* SPDX-License-Identifier: MIT */
/*
 * A NetX application outside the repository, built against what was installed: it creates an IP instance, and a client
 * for a server where nobody listens, which must be refused with a NetX status.
 */
#include "nxd_pop3_client.h"
#include <stdio.h>
#include <stdlib.h>

static TX_THREAD thread;
static NX_PACKET_POOL pool;
static NX_IP ip;
static NX_POP3_CLIENT client;
static UCHAR pool_memory[16 * 1600], ip_memory[2048], thread_memory[4096];

static VOID entry(ULONG input) {
    NX_PARAMETER_NOT_USED(input);
    static CHAR name[] = "mrose", password[] = "mvan99";
    /* Port 1 of the loopback interface. */
    UINT status = nx_pop3_client_create(&client, NX_FALSE, &ip, &pool, IP_ADDRESS(127, 0, 0, 1), 1, name, password);
    if (status == NX_SUCCESS) {
        fputs("a client was created although nobody listens\n", stderr);
        exit(1);
    }
    nx_pop3_client_delete(&client);
    printf("nx_pop3_client_create: 0x%02x\n", (unsigned)status);
    exit(0);
}

void tx_application_define(void *first_unused_memory) {
    NX_PARAMETER_NOT_USED(first_unused_memory);
    static CHAR pool_name[] = "pool", ip_name[] = "ip", thread_name[] = "mail";
    nx_system_initialize();
    if (nx_packet_pool_create(&pool, pool_name, 1536, pool_memory, sizeof pool_memory) != NX_SUCCESS ||
        nx_ip_create(&ip, ip_name, IP_ADDRESS(192, 2, 2, 61), 0xFFFFFF00, &pool, _nx_ram_network_driver, ip_memory,
                     sizeof ip_memory, 1) != NX_SUCCESS ||
        nx_tcp_enable(&ip) != NX_SUCCESS) {
        fputs("NetX does not start\n", stderr);
        exit(1);
    }
    tx_thread_create(&thread, thread_name, entry, 0, thread_memory, sizeof thread_memory, 2, 2, TX_NO_TIME_SLICE,
                     TX_AUTO_START);
}

int main(void) {
    tx_kernel_enter();
    return 0;
}
