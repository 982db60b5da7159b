/* SPDX-License-Identifier: MIT */
/* From the octets of a link to the packets that a receive hands over: packets of the IP instance's own pool, cut as
 * the hooks say. Octets for which there is no packet stay in the link. */
#include "delivery.h"

#include "hooks.h"
#include "packet.h"

/* The TCP header stands before the data; un-stuffing relies on that room (N-56). */
#define LEAST_HEADER_ROOM 20

/* Where the headers of a received packet stand; less of them when the payload could hold nothing else. */
static ULONG header_room(const NX_TCP_SOCKET *socket, const NX_PACKET_POOL *pool) {
    ULONG room =
        socket->nx_tcp_socket_connect_ip.nxd_ip_version == NX_IP_VERSION_V6 ? NX_IPv6_TCP_PACKET : NX_IPv4_TCP_PACKET;
    if (room < pool->nx_packet_pool_payload_size) {
        return room;
    }
    return pool->nx_packet_pool_payload_size > LEAST_HEADER_ROOM ? LEAST_HEADER_ROOM : 0;
}

size_t delivery_available(NX_TCP_SOCKET *socket) {
    struct nxhost_link *link = socket->nx_tcp_socket_link;
    return link != NULL ? link->ops->available(link, hooks_delivery() == NXHOST_STREAM) : 0;
}

struct chain {
    NX_PACKET_POOL *pool;
    NX_PACKET *head;
    NX_PACKET *last;
    ULONG head_room;
};

static NX_PACKET *add_segment(struct chain *chain) {
    NX_PACKET *segment = packet_take(chain->pool, chain->head == NULL ? chain->head_room : 0);
    if (segment == NULL) {
        return NULL;
    }
    if (chain->head == NULL) {
        chain->head = segment;
    } else {
        chain->last->nx_packet_next = segment;
        chain->head->nx_packet_last = segment;
    }
    chain->last = segment;
    *segment->nx_packet_append_ptr = 0;
    return segment;
}

/* An empty segment never takes the last packet of the pool: an octet needs it more. */
static void add_empty_segment(struct chain *chain, bool wanted) {
    if (wanted && chain->pool->nx_packet_pool_available > 1) {
        add_segment(chain);
    }
}

/* The next segment, where it shall be empty. */
static bool take_empty_segment(struct chain *chain) {
    bool wanted = hooks_segment_is_empty();
    if (wanted) {
        hooks_segment();
        add_empty_segment(chain, true);
    }
    return wanted;
}

/* How many octets the next segment that is not empty shall hold; the empty ones come before it. */
static size_t next_segment(struct chain *chain) {
    while (take_empty_segment(chain)) {}
    return hooks_segment();
}

/* Behind the last octet stands a zero, for programs that print a packet as text. The pool keeps room for it. */
static void fill(struct nxhost_link *link, NX_PACKET *segment, size_t n) {
    link->ops->read(link, segment->nx_packet_append_ptr, n);
    segment->nx_packet_append_ptr += n;
    *segment->nx_packet_append_ptr = 0;
}

UINT delivery_take(NX_TCP_SOCKET *socket, NX_PACKET **packet) {
    struct nxhost_link *link = socket->nx_tcp_socket_link;
    bool is_chain = hooks_delivery() == NXHOST_CHAIN;
    size_t limit = is_chain ? SIZE_MAX : hooks_octets();
    size_t available = delivery_available(socket);
    size_t left = available < limit ? available : limit;
    NX_PACKET_POOL *pool = socket->nx_tcp_socket_ip_ptr->nx_ip_default_packet_pool;
    struct chain chain = {.pool = pool, .head_room = header_room(socket, pool)};

    add_empty_segment(&chain, hooks_empty_segments());
    size_t taken = 0;
    while (left > 0 && (PACKET_CHAINS || chain.head == NULL)) {
        size_t size = is_chain ? next_segment(&chain) : SIZE_MAX;
        NX_PACKET *segment = add_segment(&chain);
        if (segment == NULL) {
            break;
        }
        size_t room = (size_t)(segment->nx_packet_data_end - segment->nx_packet_append_ptr);
        room = room < size ? room : size;
        size_t part = left < room ? left : room;
        fill(link, segment, part);
        taken += part;
        left -= part;
        add_empty_segment(&chain, hooks_empty_segments());
    }
    while (is_chain && chain.head != NULL && !hooks_segments_hold_more() && take_empty_segment(&chain)) {}
    if (chain.head == NULL) {
        return NX_NO_PACKET;
    }
    chain.head->nx_packet_length = (ULONG)taken;
    chain.head->nx_packet_ip_version = (UCHAR)socket->nx_tcp_socket_connect_ip.nxd_ip_version;
    hooks_observe_packet(socket, NXHOST_RECEIVED, chain.head);
    *packet = chain.head;
    return NX_SUCCESS;
}
