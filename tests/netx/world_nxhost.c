/* SPDX-License-Identifier: MIT */
/* What the tests need beyond the NetX API, by nxhost's hooks. Against a real stack this one file is another. */
#define _GNU_SOURCE /* MAP_FIXED_NOREPLACE */
#include "world.h"

#include <stdint.h>

#include <sys/mman.h>

#include "nxhost.h"

static const enum nxhost_call calls[HOST_CALLS] = {
    [HOST_ALLOCATE] = NXHOST_PACKET_ALLOCATE,
    [HOST_APPEND] = NXHOST_PACKET_DATA_APPEND,
    [HOST_CREATE] = NXHOST_TCP_SOCKET_CREATE,
    [HOST_DELETE] = NXHOST_TCP_SOCKET_DELETE,
    [HOST_SEND] = NXHOST_TCP_SOCKET_SEND,
    [HOST_RECEIVE] = NXHOST_TCP_SOCKET_RECEIVE,
    [HOST_DISCONNECT] = NXHOST_TCP_SOCKET_DISCONNECT,
    [HOST_BIND] = NXHOST_TCP_CLIENT_SOCKET_BIND,
    [HOST_UNBIND] = NXHOST_TCP_CLIENT_SOCKET_UNBIND,
    [HOST_CONNECT] = NXHOST_TCP_CLIENT_SOCKET_CONNECT,
    [HOST_TLS_SNI] = NXHOST_SECURE_TLS_SESSION_SNI_EXTENSION_SET,
    [HOST_TLS_CALLBACK] = NXHOST_SECURE_TLS_SESSION_CERTIFICATE_CALLBACK_SET,
    [HOST_TLS_START] = NXHOST_SECURE_TLS_SESSION_START,
    [HOST_TLS_SEND] = NXHOST_SECURE_TLS_SESSION_SEND,
    [HOST_TLS_RECEIVE] = NXHOST_SECURE_TLS_SESSION_RECEIVE,
    [HOST_TLS_END] = NXHOST_SECURE_TLS_SESSION_END,
};

/* Without chains, what would be a segment is a packet. */
static void set_arrival(const struct world *world) {
#ifdef NX_DISABLE_PACKET_CHAIN
    nxhost_deliver(world->arrival == ARRIVE_AS_SENT ? NXHOST_PER_SEND : NXHOST_STREAM, world->segment);
#else
    static const enum nxhost_delivery deliveries[] = {
        [ARRIVE_AS_SENT] = NXHOST_PER_SEND, [ARRIVE_TOGETHER] = NXHOST_STREAM, [ARRIVE_CHAINED] = NXHOST_CHAIN};

    nxhost_deliver(deliveries[world->arrival], world->segment);
    nxhost_empty_segments(world->empty_segments);
#endif
}

struct world_end host_run(const struct world *world, VOID (*define)(VOID *)) {
    struct nxhost_result result;

    nxhost_virtual_clock(!world->real_clock);
    set_arrival(world);
    if (world->host_loopback) {
        nxhost_route("1.2.3.4:110=[::1]:0");
    } else {
        nxhost_offline(true);
    }
    result = nxhost_run(define);
    return (struct world_end){result.end == NXHOST_FINISHED, result.leaked_packets, result.open_sockets};
}

UINT host_server_port(NX_IP *server) {
    return nxhost_listen_port(server, WORLD_SERVER_PORT);
}

void host_stop(void) {
    nxhost_stop();
    abort(); /* reached inside define only */
}

static unsigned uses_before[HOST_CALLS];

void host_fail(enum host_call call, unsigned nth, UINT status) {
    uses_before[call] = nxhost_uses(calls[call]);
    nxhost_fail_only(tx_thread_identify());
    nxhost_fail(calls[call], nth, status);
}

bool host_failed(enum host_call call, unsigned nth) {
    return nxhost_uses(calls[call]) - uses_before[call] >= nth;
}

unsigned host_packets_out(void) {
    return nxhost_packets_out();
}

void host_segments(const unsigned *octets, size_t n) {
    nxhost_segments(octets, n);
}

size_t host_segments_left(void) {
    return nxhost_segments_left();
}

#define BESIDE ((uintptr_t)64 * 1024)

#if UINTPTR_MAX > 0xFFFFFFFFU

/* One of these is free, also where a sanitizer or valgrind has places of its own. */
UCHAR *host_boundary(void) {
    static const uintptr_t times_4_gib[] = {0x3000, 0x20, 4};
    static UCHAR *boundary;

    for (size_t i = 0; boundary == NULL && i < COUNT(times_4_gib); i++) {
        /* NOLINTNEXTLINE(performance-no-int-to-ptr): the number is what is wanted */
        void *wanted = (void *)((times_4_gib[i] << 32) - BESIDE);
        void *got =
            mmap(wanted, 2 * BESIDE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        if (got == wanted) {
            boundary = (UCHAR *)got + BESIDE;
        }
    }
    return boundary;
}

#else

UCHAR *host_boundary(void) {
    return NULL;
}

#endif
