/* SPDX-License-Identifier: MIT */
/* Packets for the rest of the host layer: taken and given back without passing the application's failure hooks. */
#ifndef NXHOST_PACKET_H
#define NXHOST_PACKET_H

#include "nxhost.h"

#define PACKET_POOL_ID ((ULONG)0x5041434B)
#define PACKET_ALLOCATED ((NX_PACKET *)(uintptr_t)0xAAAAAAAAu)
#define PACKET_FREE ((NX_PACKET *)(uintptr_t)0xFFFFFFFFu)

#ifdef NX_DISABLE_PACKET_CHAIN
#define PACKET_CHAINS false
#else
#define PACKET_CHAINS true
#endif

static inline bool packet_pool_is_created(const NX_PACKET_POOL *pool) {
    return pool != NULL && pool->nx_packet_pool_id == PACKET_POOL_ID;
}

static inline bool packet_is_allocated(const NX_PACKET *packet) {
    return packet->nx_packet_union_next.nx_packet_tcp_queue_next == PACKET_ALLOCATED;
}

static inline ULONG packet_segment_length(const NX_PACKET *packet) {
    return (ULONG)(packet->nx_packet_append_ptr - packet->nx_packet_prepend_ptr);
}

/* NULL when the pool is empty. The header room must fit. */
NX_PACKET *packet_take(NX_PACKET_POOL *pool, ULONG header_room);
UINT packet_take_waiting(NX_PACKET_POOL *pool, NX_PACKET **packet, ULONG header_room, ULONG wait);
UINT packet_give_back(NX_PACKET *packet);

/* NX_UNDERFLOW or NX_OVERFLOW when a pointer left the payload. */
UINT packet_bounds_error(const NX_PACKET *packet);

/* NX_CALLER_ERROR when only a thread may wait and there is none. */
UINT packet_wait_error(ULONG wait);

unsigned packet_pools_missing(void);
void packet_pools_forget(void);

#endif
