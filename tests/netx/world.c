/* SPDX-License-Identifier: MIT */
/* Pools, IP instances and threads of a test's world, and what must hold when it has ended. */
#include "client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define STACK 65536
#define POOL_MEMORY (256 * 1024)

const struct world *world_now;
struct cast world_casts[WORLD_CASTS];

static NX_POP3_CLIENT clients[WORLD_CASTS];

static struct {
    NX_IP client_ip;
    NX_IP server_ip;
    NX_PACKET_POOL server_pool;
    NX_PACKET_POOL receive_pool;
    NX_PACKET_POOL client_pool;
    TX_THREAD threads[WORLD_CASTS];
    NXD_ADDRESS server_address;
    CHAR failure[8192];
} w;

static UCHAR memory[3][POOL_MEMORY] __attribute__((aligned(16)));
static UCHAR stacks[WORLD_CASTS][STACK] __attribute__((aligned(16)));
static UCHAR ip_stack[2][STACK] __attribute__((aligned(16)));
static UCHAR arp[2][1024] __attribute__((aligned(16)));

void world_fail(const char *file, int line, const char *format, ...) {
    va_list arguments;
    int at = snprintf(w.failure, sizeof w.failure, "%s:%d: ", file, line);

    va_start(arguments, format);
    at += vsnprintf(w.failure + at, sizeof w.failure - (size_t)at, format, arguments);
    va_end(arguments);
    if ((size_t)at < sizeof w.failure) {
        snprintf(w.failure + at, sizeof w.failure - (size_t)at, "\n%s", server_progress());
    }
    if (tx_thread_identify() == TX_NULL) {
        fprintf(stderr, "%s\n", w.failure);
    }
    host_stop();
}

void check_equal_(const char *file, int line, const char *what, unsigned long got, unsigned long expected) {
    if (got != expected) {
        world_fail(file, line, "%s: got %lu (0x%lx), expected %lu (0x%lx)", what, got, got, expected, expected);
    }
}

void check_octets_(const char *file, int line, const void *got, size_t n, const void *expected, size_t m) {
    const unsigned char *a = got;
    const unsigned char *b = expected;
    size_t at = 0;

    while (at < n && at < m && a[at] == b[at]) {
        at++;
    }
    if (at < n || at < m) {
        world_fail(file, line,
                   "%zu octets, expected %zu; they differ at %zu: 0x%02x for 0x%02x\ngot      \"%.*s\"\n"
                   "expected \"%.*s\"",
                   n, m, at, at < n ? a[at] : 0U, at < m ? b[at] : 0U, (int)(n < 400 ? n : 400), (const char *)got,
                   (int)(m < 400 ? m : 400), (const char *)expected);
    }
}

unsigned world_me(void) {
    return tx_thread_identify() == &w.threads[1] ? 1 : 0;
}

NX_POP3_CLIENT *world_client(void) {
    return &clients[world_me()];
}

NX_IP *world_ip(void) {
    return &w.client_ip;
}

NX_PACKET_POOL *world_pool(void) {
    return world_now->pools == POOLS_ONE ? &w.server_pool : &w.client_pool;
}

static NX_PACKET_POOL *receive_pool(void) {
    return world_now->pools == POOLS_ONE ? &w.server_pool : &w.receive_pool;
}

NXD_ADDRESS *world_server_address(void) {
    return &w.server_address;
}

UINT world_server_port(void) {
    return world_now->host_loopback ? host_server_port(&w.server_ip) : world_now->port + world_me();
}

static ULONG or_default(ULONG value, ULONG usual) {
    return value != 0 ? value : usual;
}

static void make_pool(NX_PACKET_POOL *pool, UCHAR *octets, ULONG payload, ULONG packets) {
    ULONG size = (ULONG)((sizeof(NX_PACKET) + payload + 32) * packets);

    check(size <= POOL_MEMORY);
    check_equal(nx_packet_pool_create(pool, (CHAR *)"pool", payload, octets, size), NX_SUCCESS);
}

static void make_pools(void) {
    if (world_now->pools == POOLS_ONE) {
        make_pool(&w.server_pool, world_now->memory != NULL ? world_now->memory : memory[0],
                  or_default(world_now->payload, 1536), or_default(world_now->packets, 40));
        return;
    }
    make_pool(&w.server_pool, memory[0], 2048, 20);
    make_pool(&w.receive_pool, memory[1], 1536, 60);
    make_pool(&w.client_pool, memory[2], or_default(world_now->payload, 512), or_default(world_now->packets, 8));
}

#ifdef NX_DISABLE_IPV4
#define USUAL_VERSION NX_IP_VERSION_V6
#else
#define USUAL_VERSION NX_IP_VERSION_V4

static NXD_ADDRESS v4_address(ULONG address) {
    NXD_ADDRESS v4 = {.nxd_ip_version = NX_IP_VERSION_V4};

    v4.nxd_ip_address.v4 = address;
    return v4;
}

#endif

#ifdef FEATURE_NX_IPV6

static NXD_ADDRESS v6_address(ULONG first, ULONG last) {
    NXD_ADDRESS v6 = {.nxd_ip_version = NX_IP_VERSION_V6};

    v6.nxd_ip_address.v6[0] = first;
    v6.nxd_ip_address.v6[3] = last;
    return v6;
}

static void enable_ipv6(NX_IP *ip, ULONG last) {
    NXD_ADDRESS v6 = v6_address(0xFD000000UL, last);

    check_equal(nxd_ipv6_enable(ip), NX_SUCCESS);
    check_equal(nxd_icmp_enable(ip), NX_SUCCESS);
    check_equal(nxd_ipv6_address_set(ip, 0, &v6, 64, NX_NULL), NX_SUCCESS);
}

#endif

static NXD_ADDRESS server_address(void) {
#ifdef FEATURE_NX_IPV6
    if (world_now->host_loopback) {
        return v6_address(0, 1);
    }
    if (world_now->ip_version == NX_IP_VERSION_V6) {
        return v6_address(0xFD000000UL, 4);
    }
#endif
#ifdef NX_DISABLE_IPV4
    abort();
#else
    return v4_address(IP_ADDRESS(1, 2, 3, 4));
#endif
}

static void make_ip(NX_IP *ip, int which, ULONG address, NX_PACKET_POOL *pool) {
    check_equal(
        nx_ip_create(ip, (CHAR *)"ip", address, 0xFFFFFF00UL, pool, _nx_ram_network_driver, ip_stack[which], STACK, 1),
        NX_SUCCESS);
    check_equal(nx_arp_enable(ip, arp[which], sizeof arp[which]), NX_SUCCESS);
#ifdef FEATURE_NX_IPV6
    if (world_now->ip_version == NX_IP_VERSION_V6 || world_now->host_loopback) {
        enable_ipv6(ip, address & 0xFF);
    }
#endif
}

static void client_thread(ULONG input) {
    world_casts[input].client();
    server_client_done(input);
}

static void define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    nx_system_initialize();
    make_pools();
    make_ip(&w.client_ip, 0, IP_ADDRESS(1, 2, 3, 5), receive_pool());
    make_ip(&w.server_ip, 1, IP_ADDRESS(1, 2, 3, 4), &w.server_pool);
    if (!world_now->without_tcp) {
        check_equal(nx_tcp_enable(&w.client_ip), NX_SUCCESS);
    }
    check_equal(nx_tcp_enable(&w.server_ip), NX_SUCCESS);
    w.server_address = server_address();
    for (unsigned i = 0; i < WORLD_CASTS && world_casts[i].client != NULL; i++) {
        server_create(i, &w.server_ip, &w.server_pool);
        check_equal(tx_thread_create(&w.threads[i], (CHAR *)"client", client_thread, i, stacks[i], sizeof stacks[i], 8,
                                     8, TX_NO_TIME_SLICE, TX_AUTO_START),
                    TX_SUCCESS);
    }
}

static void check_pool(const NX_PACKET_POOL *pool, const char *name) {
    if (pool->nx_packet_pool_available != pool->nx_packet_pool_total) {
        fail_msg("%lu packets are missing in the %s pool\n%s",
                 (unsigned long)(pool->nx_packet_pool_total - pool->nx_packet_pool_available), name, server_progress());
    }
}

void world_play(const struct world *world) {
    struct world copy = *world;
    struct world_end end;
    char line[300];

#ifndef FEATURE_NX_IPV6
    if (copy.ip_version == NX_IP_VERSION_V6 || copy.host_loopback) {
        return;
    }
#endif
    copy.ip_version = copy.ip_version != 0 ? copy.ip_version : USUAL_VERSION;
    copy.port = copy.port != 0 ? copy.port : WORLD_SERVER_PORT;
#ifdef NETX_OVER_TLS
    copy.over_tls = true;
#endif
    world_now = &copy;
    memset(&w, 0, sizeof w);
    memset(clients, 0, sizeof clients);
    servers_clear();
    clients_clear();
    world_casts[0] = (struct cast){copy.script, copy.steps, copy.client};
    world_casts[1] = copy.second != NULL ? *copy.second : (struct cast){NULL, 0, NULL};
    end = host_run(&copy, define);
    if (w.failure[0] != '\0') {
        fail_msg("%s", w.failure);
    }
    if (!end.complete) {
        fail_msg("a thread never ended\n%s", server_progress());
    }
    for (unsigned i = 0; i < WORLD_CASTS; i++) {
        if (!server_sent_commands_allowed(i, line, sizeof line)) {
            fail_msg("the client may not send %s\n%s", line, server_progress());
        }
    }
    check_pool(&w.server_pool, "server's or only");
    check_pool(&w.receive_pool, "IP instance's");
    check_pool(&w.client_pool, "client's");
    assert_int_equal(end.leaked_packets, 0);
    if (end.open_sockets != 0) {
        fail_msg("%u sockets are left\n%s", end.open_sockets, server_progress());
    }
}

void world_play_each_way(const struct world *world, unsigned segment) {
    struct world other = *world;

    world_play(world);
    other.send_size = 1;
    world_play(&other);
    other.send_size = 0;
    other.arrival = ARRIVE_CHAINED;
    other.segment = segment;
    other.empty_segments = true;
    world_play(&other);
}
