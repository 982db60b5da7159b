/* SPDX-License-Identifier: MIT */
/* Packet pools: fixed-size packets in the application's memory, taken, waited for and given back. Under
 * AddressSanitizer the payload of a free packet is poisoned, so that use after release shows. Knows no data. */
#include "hooks.h"
#include "packet.h"
#include "sched.h"

#if defined(__SANITIZE_ADDRESS__)
#define NXHOST_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NXHOST_ASAN
#endif
#endif

#ifdef NXHOST_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

static NX_PACKET_POOL *pools;

/* --- Pools ------------------------------------------------------------------------------------------------------- */

/* With the zero octet behind the payload, and never above sizeof(NX_PACKET) + payload_size. */
static size_t stride_of(ULONG payload_size) {
    size_t used = offsetof(NX_PACKET, nxhost_packet_tail) + payload_size + 1;
    return (used + NX_PACKET_ALIGNMENT - 1) / NX_PACKET_ALIGNMENT * NX_PACKET_ALIGNMENT;
}

static size_t misalignment(const VOID *memory) {
    return (NX_PACKET_ALIGNMENT - (uintptr_t)memory % NX_PACKET_ALIGNMENT) % NX_PACKET_ALIGNMENT;
}

/* The zero octet behind the payload stays readable while the packet is free: it belongs to the pool. */
static void poison(NX_PACKET *packet) {
    ASAN_POISON_MEMORY_REGION(packet->nx_packet_data_start,
                              (size_t)(packet->nx_packet_data_end - packet->nx_packet_data_start));
}

static void unpoison(NX_PACKET *packet) {
    ASAN_UNPOISON_MEMORY_REGION(packet->nx_packet_data_start,
                                (size_t)(packet->nx_packet_data_end - packet->nx_packet_data_start));
}

static void push(NX_PACKET_POOL *pool, NX_PACKET *packet) {
    packet->nx_packet_union_next.nx_packet_tcp_queue_next = PACKET_FREE;
    packet->nx_packet_queue_next = pool->nx_packet_pool_available_list;
    pool->nx_packet_pool_available_list = packet;
    pool->nx_packet_pool_available++;
    poison(packet);
}

static void add_packet(NX_PACKET_POOL *pool, CHAR *memory) {
    NX_PACKET *packet = (NX_PACKET *)(VOID *)memory;
    memset(packet, 0, sizeof *packet);
    packet->nx_packet_pool_owner = pool;
    packet->nx_packet_data_start = packet->nxhost_packet_tail;
    packet->nx_packet_data_end = packet->nx_packet_data_start + pool->nx_packet_pool_payload_size;
    *packet->nx_packet_data_end = 0;
    push(pool, packet);
}

UINT _nx_packet_pool_create(NX_PACKET_POOL *pool, CHAR *name, ULONG payload_size, VOID *memory, ULONG memory_size) {
    memset(pool, 0, sizeof *pool);
    size_t skipped = misalignment(memory);
    pool->nx_packet_pool_name = name;
    pool->nx_packet_pool_start = (CHAR *)memory + skipped;
    pool->nx_packet_pool_size = skipped < memory_size ? memory_size - (ULONG)skipped : 0;
    pool->nx_packet_pool_payload_size = payload_size;
    size_t stride = stride_of(payload_size);
    size_t total = pool->nx_packet_pool_size / stride;
    for (size_t i = total; i > 0; i--) {
        add_packet(pool, pool->nx_packet_pool_start + (i - 1) * stride);
    }
    pool->nx_packet_pool_total = (ULONG)total;
    pool->nx_packet_pool_id = PACKET_POOL_ID;
    pool->nx_packet_pool_created_next = pools;
    pools = pool;
    return NX_SUCCESS;
}

static bool overlaps(const NX_PACKET_POOL *pool, const CHAR *memory, ULONG size) {
    return memory < pool->nx_packet_pool_start + pool->nx_packet_pool_size &&
           memory + size > pool->nx_packet_pool_start;
}

UINT _nxe_packet_pool_create(NX_PACKET_POOL *pool, CHAR *name, ULONG payload_size, VOID *memory, ULONG memory_size,
                             UINT pool_control_block_size) {
    if (pool == NULL || memory == NULL || pool_control_block_size != sizeof(NX_PACKET_POOL)) {
        return NX_PTR_ERROR;
    }
    if (payload_size == 0 || stride_of(payload_size) + misalignment(memory) > memory_size) {
        return NX_SIZE_ERROR;
    }
    for (const NX_PACKET_POOL *other = pools; other != NULL; other = other->nx_packet_pool_created_next) {
        if (other == pool || overlaps(other, memory, memory_size)) {
            return NX_PTR_ERROR;
        }
    }
    return _nx_packet_pool_create(pool, name, payload_size, memory, memory_size);
}

static void forget(NX_PACKET_POOL *pool) {
    ASAN_UNPOISON_MEMORY_REGION(pool->nx_packet_pool_start, pool->nx_packet_pool_size);
    pool->nx_packet_pool_id = 0;
}

UINT _nx_packet_pool_delete(NX_PACKET_POOL *pool) {
    NX_PACKET_POOL **link = &pools;
    while (*link != NULL && *link != pool) {
        link = &(*link)->nx_packet_pool_created_next;
    }
    if (*link != NULL) {
        *link = pool->nx_packet_pool_created_next;
    }
    forget(pool);
    sched_wake_all(pool);
    sched_give_way();
    return NX_SUCCESS;
}

UINT _nxe_packet_pool_delete(NX_PACKET_POOL *pool) {
    if (!packet_pool_is_created(pool)) {
        return NX_PTR_ERROR;
    }
    return sched_self() == NULL ? NX_CALLER_ERROR : _nx_packet_pool_delete(pool);
}

static void store(ULONG *to, ULONG value) {
    if (to != NULL) {
        *to = value;
    }
}

UINT _nx_packet_pool_info_get(NX_PACKET_POOL *pool, ULONG *total, ULONG *available, ULONG *empty_requests,
                              ULONG *empty_suspensions, ULONG *invalid_releases) {
    store(total, pool->nx_packet_pool_total);
    store(available, pool->nx_packet_pool_available);
    store(empty_requests, pool->nx_packet_pool_empty_requests);
    store(empty_suspensions, pool->nx_packet_pool_empty_suspensions);
    store(invalid_releases, pool->nx_packet_pool_invalid_releases);
    return NX_SUCCESS;
}

UINT _nxe_packet_pool_info_get(NX_PACKET_POOL *pool, ULONG *total, ULONG *available, ULONG *empty_requests,
                               ULONG *empty_suspensions, ULONG *invalid_releases) {
    return packet_pool_is_created(pool)
               ? _nx_packet_pool_info_get(pool, total, available, empty_requests, empty_suspensions, invalid_releases)
               : NX_PTR_ERROR;
}

unsigned packet_pools_missing(void) {
    unsigned missing = 0;
    for (const NX_PACKET_POOL *pool = pools; pool != NULL; pool = pool->nx_packet_pool_created_next) {
        missing += (unsigned)(pool->nx_packet_pool_total - pool->nx_packet_pool_available);
    }
    return missing;
}

unsigned nxhost_packets_out(void) {
    return packet_pools_missing();
}

void packet_pools_forget(void) {
    for (; pools != NULL; pools = pools->nx_packet_pool_created_next) {
        forget(pools);
    }
}

/* --- Packets ----------------------------------------------------------------------------------------------------- */

NX_PACKET *packet_take(NX_PACKET_POOL *pool, ULONG header_room) {
    NX_PACKET *packet = pool->nx_packet_pool_available_list;
    if (packet == NULL) {
        return NULL;
    }
    pool->nx_packet_pool_available_list = packet->nx_packet_queue_next;
    pool->nx_packet_pool_available--;
    unpoison(packet);
    packet->nx_packet_queue_next = NULL;
    packet->nx_packet_next = NULL;
    packet->nx_packet_last = NULL;
    packet->nx_packet_length = 0;
    packet->nx_packet_prepend_ptr = packet->nx_packet_data_start + header_room;
    packet->nx_packet_append_ptr = packet->nx_packet_prepend_ptr;
    *packet->nx_packet_data_end = 0;
    packet->nx_packet_ip_version = NX_IP_VERSION_V4;
    packet->nx_packet_union_next.nx_packet_tcp_queue_next = PACKET_ALLOCATED;
    return packet;
}

UINT packet_take_waiting(NX_PACKET_POOL *pool, NX_PACKET **packet, ULONG header_room, ULONG wait) {
    *packet = packet_take(pool, header_room);
    if (*packet != NULL) {
        return NX_SUCCESS;
    }
    pool->nx_packet_pool_empty_requests++;
    if (wait == NX_NO_WAIT) {
        return NX_NO_PACKET;
    }
    pool->nx_packet_pool_empty_suspensions++;
    struct sched_wait until = {.channel = pool, .fd = -1, .deadline = sched_deadline(wait)};
    enum sched_wake wake = SCHED_WOKEN;
    while (*packet == NULL && wake == SCHED_WOKEN) {
        wake = sched_block(TX_TCP_IP, until);
        if (!packet_pool_is_created(pool)) {
            return NX_POOL_DELETED;
        }
        *packet = packet_take(pool, header_room);
    }
    if (*packet != NULL) {
        return NX_SUCCESS;
    }
    return wake == SCHED_ABORTED ? NX_WAIT_ABORTED : NX_NO_PACKET;
}

UINT _nx_packet_allocate(NX_PACKET_POOL *pool, NX_PACKET **packet, ULONG packet_type, ULONG wait) {
    UINT status;
    if (pool->nx_packet_pool_payload_size < packet_type) {
        return NX_INVALID_PARAMETERS;
    }
    *packet = NULL;
    return hooks_fail(NXHOST_PACKET_ALLOCATE, &status) ? status : packet_take_waiting(pool, packet, packet_type, wait);
}

UINT packet_wait_error(ULONG wait) {
    return wait != NX_NO_WAIT && sched_self() == NULL ? NX_CALLER_ERROR : NX_SUCCESS;
}

UINT _nxe_packet_allocate(NX_PACKET_POOL *pool, NX_PACKET **packet, ULONG packet_type, ULONG wait) {
    if (!packet_pool_is_created(pool) || packet == NULL) {
        return NX_PTR_ERROR;
    }
    if (packet_type % sizeof(ULONG) != 0) {
        return NX_OPTION_ERROR;
    }
    UINT error = packet_wait_error(wait);
    return error != NX_SUCCESS ? error : _nx_packet_allocate(pool, packet, packet_type, wait);
}

UINT packet_give_back(NX_PACKET *packet) {
    while (packet != NULL) {
        NX_PACKET_POOL *pool = packet->nx_packet_pool_owner;
        if (!packet_is_allocated(packet)) {
            if (packet_pool_is_created(pool)) {
                pool->nx_packet_pool_invalid_releases++;
            }
            return NX_PTR_ERROR;
        }
        NX_PACKET *next = packet->nx_packet_next;
        push(pool, packet);
        sched_wake_all(pool);
        packet = next;
    }
    return NX_SUCCESS;
}

UINT _nx_packet_release(NX_PACKET *packet) {
    UINT status;
    if (hooks_fail(NXHOST_PACKET_RELEASE, &status)) {
        return status;
    }
    status = packet_give_back(packet);
    sched_give_way();
    return status;
}

UINT packet_bounds_error(const NX_PACKET *packet) {
    if (packet->nx_packet_prepend_ptr < packet->nx_packet_data_start) {
        return NX_UNDERFLOW;
    }
    return packet->nx_packet_append_ptr > packet->nx_packet_data_end ? NX_OVERFLOW : NX_SUCCESS;
}

UINT _nxe_packet_release(NX_PACKET **packet) {
    if (*packet == NULL || !packet_pool_is_created((*packet)->nx_packet_pool_owner)) {
        return NX_PTR_ERROR;
    }
    UINT status = packet_bounds_error(*packet);
    if (status == NX_SUCCESS) {
        status = _nx_packet_release(*packet);
    }
    if (status == NX_SUCCESS) {
        *packet = NULL;
    }
    return status;
}
