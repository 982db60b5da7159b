/* SPDX-License-Identifier: MIT */
/* What client and server sockets share: their life, their data, their end. How octets travel is the link's. */
#include "delivery.h"
#include "hooks.h"
#include "nx_ip.h"
#include "packet.h"
#include "tcp.h"

#include <poll.h>

#define MOST_PARTS 16

#ifdef NX_DISABLE_RESET_DISCONNECT
#define RESET_DISCONNECT false
#else
#define RESET_DISCONNECT true
#endif

/* --- State ------------------------------------------------------------------------------------------------------- */

UINT tcp_caller_error(void) {
    return sched_self() == NULL ? NX_CALLER_ERROR : NX_SUCCESS;
}

UINT tcp_socket_error(const NX_TCP_SOCKET *socket) {
    if (socket == NULL || socket->nx_tcp_socket_id != TCP_SOCKET_ID) {
        return NX_PTR_ERROR;
    }
    if ((socket->nx_tcp_socket_ip_ptr->nx_ip_status & NX_IP_TCP_ENABLED) == 0) {
        return NX_NOT_ENABLED;
    }
    return tcp_caller_error();
}

/* The link stays: octets that came before the end can still be received. */
static void connection_over(NX_TCP_SOCKET *socket) {
    socket->nx_tcp_socket_state = socket->nx_tcp_socket_client_type ? NX_TCP_CLOSED : NX_TCP_LISTEN_STATE;
    memset(&socket->nx_tcp_socket_connect_ip, 0, sizeof socket->nx_tcp_socket_connect_ip);
    socket->nx_tcp_socket_connect_port = 0;
}

static void peer_gone(NX_TCP_SOCKET *socket, enum link_state state) {
    bool was_established = socket->nx_tcp_socket_state == NX_TCP_ESTABLISHED;
    if (state == LINK_LOST) {
        connection_over(socket);
    } else if (was_established) {
        socket->nx_tcp_socket_state = NX_TCP_CLOSE_WAIT;
    } else if (socket->nx_tcp_socket_state == NX_TCP_FIN_WAIT_1) {
        socket->nx_tcp_socket_state = NX_TCP_TIMED_WAIT;
    }
    if (was_established && socket->nx_tcp_disconnect_callback != NULL) {
        socket->nx_tcp_disconnect_callback(socket);
    }
}

void tcp_refresh(NX_TCP_SOCKET *socket) {
    struct nxhost_link *link = socket->nx_tcp_socket_link;
    UINT before = socket->nx_tcp_socket_state;
    if (link == NULL || before < NX_TCP_SYN_SENT || before == NX_TCP_TIMED_WAIT) {
        return;
    }
    enum link_state state = link->ops->state(link);
    if (socket->nx_tcp_socket_state == NX_TCP_SYN_SENT && (state == LINK_OPEN || state == LINK_FINISHED)) {
        socket->nx_tcp_socket_state = NX_TCP_ESTABLISHED;
    }
    if (state == LINK_LOST || state == LINK_FINISHED) {
        peer_gone(socket, state);
    }
}

void tcp_link_changed(struct nxhost_link *link, bool data) {
    sched_wake_all(link);
    NX_TCP_SOCKET *socket = link->owner;
    if (socket == NULL) {
        return;
    }
    tcp_refresh(socket);
    if (data && socket->nx_tcp_receive_callback != NULL) {
        socket->nx_tcp_receive_callback(socket);
    }
}

/* The application's callback may end the connection, and with it the link. */
static void host_ready(void *context) {
    struct nxhost_link *link = context;
    NX_TCP_SOCKET *socket = link->owner;
    link->watched = false;
    if (socket == NULL) {
        return;
    }
    tcp_refresh(socket);
    if (socket->nx_tcp_socket_link == link) {
        tcp_link_changed(link, link->ops->available(link, true) > 0);
    }
}

void tcp_watch(NX_TCP_SOCKET *socket) {
    struct nxhost_link *link = socket->nx_tcp_socket_link;
    bool is_awaited = socket->nx_tcp_receive_callback != NULL || socket->nx_tcp_disconnect_callback != NULL;
    if (link != NULL && link->fd >= 0 && !link->watched && is_awaited &&
        socket->nx_tcp_socket_state == NX_TCP_ESTABLISHED && link->ops->available(link, true) == 0) {
        link->watched = true;
        sched_watch(link->fd, host_ready, link);
    }
}

/* Looking at the link's state may have read octets that were going to be announced by their descriptor. */
static void announce(NX_TCP_SOCKET *socket) {
    struct nxhost_link *link = socket->nx_tcp_socket_link;
    if (link != NULL && link->watched && link->ops->available(link, true) > 0) {
        sched_unwatch(link->fd);
        host_ready(link);
    }
}

void tcp_attach(NX_TCP_SOCKET *socket, struct nxhost_link *link) {
    socket->nx_tcp_socket_link = link;
    link->owner = socket;
}

void tcp_discard(NX_TCP_SOCKET *socket) {
    struct nxhost_link *link = socket->nx_tcp_socket_link;
    if (link != NULL) {
        socket->nx_tcp_socket_link = NULL;
        link->owner = NULL;
        link_close(link, true);
    }
}

void tcp_drop(NX_TCP_SOCKET *socket, bool reset) {
    struct nxhost_link *link = socket->nx_tcp_socket_link;
    connection_over(socket);
    if (link != NULL) {
        socket->nx_tcp_socket_link = NULL;
        link->owner = NULL;
        link_close(link, reset);
    }
    sched_wake_all(socket);
}

/* --- Creation ---------------------------------------------------------------------------------------------------- */

UINT _nx_tcp_socket_create(NX_IP *ip, NX_TCP_SOCKET *socket, CHAR *name, ULONG type_of_service, ULONG fragment,
                           UINT time_to_live, ULONG window, VOID (*urgent)(NX_TCP_SOCKET *),
                           VOID (*disconnect)(NX_TCP_SOCKET *)) {
    UINT status;
    if (hooks_fail(NXHOST_TCP_SOCKET_CREATE, &status)) {
        return status;
    }
    memset(socket, 0, sizeof *socket);
    socket->nx_tcp_socket_id = TCP_SOCKET_ID;
    socket->nx_tcp_socket_name = name;
    socket->nx_tcp_socket_client_type = NX_TRUE;
    socket->nx_tcp_socket_state = NX_TCP_CLOSED;
    socket->nx_tcp_socket_ip_ptr = ip;
    socket->nx_tcp_socket_type_of_service = type_of_service;
    socket->nx_tcp_socket_fragment_enable = fragment;
    socket->nx_tcp_socket_time_to_live = time_to_live;
    socket->nx_tcp_socket_rx_window_default = window;
    socket->nx_tcp_urgent_data_callback = urgent;
    socket->nx_tcp_disconnect_callback = disconnect;
    socket->nx_tcp_socket_created_next = ip->nx_ip_tcp_created_sockets_ptr;
    ip->nx_ip_tcp_created_sockets_ptr = socket;
    ip->nx_ip_tcp_created_sockets_count++;
    return NX_SUCCESS;
}

UINT _nxe_tcp_socket_create(NX_IP *ip, NX_TCP_SOCKET *socket, CHAR *name, ULONG type_of_service, ULONG fragment,
                            UINT time_to_live, ULONG window, VOID (*urgent)(NX_TCP_SOCKET *),
                            VOID (*disconnect)(NX_TCP_SOCKET *), UINT tcp_socket_size) {
    if (ip == NULL || ip->nx_ip_id != NX_IP_ID || socket == NULL || tcp_socket_size != sizeof(NX_TCP_SOCKET)) {
        return NX_PTR_ERROR;
    }
    for (const NX_TCP_SOCKET *s = ip->nx_ip_tcp_created_sockets_ptr; s != NULL; s = s->nx_tcp_socket_created_next) {
        if (s == socket) {
            return NX_PTR_ERROR;
        }
    }
    if ((ip->nx_ip_status & NX_IP_TCP_ENABLED) == 0) {
        return NX_NOT_ENABLED;
    }
    if ((type_of_service & ~NX_IP_TOS_MASK) != 0 || (fragment != NX_FRAGMENT_OKAY && fragment != NX_DONT_FRAGMENT) ||
        window == 0 || window > 0xFFFF) {
        return NX_OPTION_ERROR;
    }
    return _nx_tcp_socket_create(ip, socket, name, type_of_service, fragment, time_to_live, window, urgent, disconnect);
}

UINT _nx_tcp_socket_delete(NX_TCP_SOCKET *socket) {
    UINT status;
    if (hooks_fail(NXHOST_TCP_SOCKET_DELETE, &status)) {
        return status;
    }
    if (socket->nx_tcp_socket_id != TCP_SOCKET_ID) {
        return NX_NOT_CREATED;
    }
    tcp_refresh(socket);
    if (socket->nx_tcp_socket_bound || socket->nx_tcp_socket_state != NX_TCP_CLOSED) {
        return NX_STILL_BOUND;
    }
    NX_IP *ip = socket->nx_tcp_socket_ip_ptr;
    NX_TCP_SOCKET **link = &ip->nx_ip_tcp_created_sockets_ptr;
    while (*link != NULL && *link != socket) {
        link = &(*link)->nx_tcp_socket_created_next;
    }
    if (*link != NULL) {
        *link = socket->nx_tcp_socket_created_next;
        ip->nx_ip_tcp_created_sockets_count--;
    }
    socket->nx_tcp_socket_id = 0;
    return NX_SUCCESS;
}

UINT _nxe_tcp_socket_delete(NX_TCP_SOCKET *socket) {
    UINT error = tcp_socket_error(socket);
    return error != NX_SUCCESS ? error : _nx_tcp_socket_delete(socket);
}

/* --- Sending ----------------------------------------------------------------------------------------------------- */

/* The octets of the chain from the offset on, as far as there are parts for them. */
static int gather(const NX_PACKET *packet, ULONG offset, struct iovec *parts) {
    int count = 0;
    for (; packet != NULL && count < MOST_PARTS; packet = packet->nx_packet_next) {
        ULONG length = packet_segment_length(packet);
        if (offset < length) {
            parts[count++] = (struct iovec){packet->nx_packet_prepend_ptr + offset, length - offset};
            offset = 0;
        } else {
            offset -= length;
        }
    }
    return count;
}

static bool is_handshaking(const NX_TCP_SOCKET *socket) {
    return socket->nx_tcp_socket_state == NX_TCP_SYN_SENT || socket->nx_tcp_socket_state == NX_TCP_SYN_RECEIVED;
}

static bool can_send(const NX_TCP_SOCKET *socket) {
    return socket->nx_tcp_socket_state == NX_TCP_ESTABLISHED || socket->nx_tcp_socket_state == NX_TCP_CLOSE_WAIT;
}

static enum sched_wake wait_on(NX_TCP_SOCKET *socket, short events, uint64_t deadline) {
    if (socket->nx_tcp_socket_link != NULL) {
        return link_wait(socket->nx_tcp_socket_link, events, deadline);
    }
    return sched_block(TX_TCP_IP, (struct sched_wait){.channel = socket, .fd = -1, .deadline = deadline});
}

static UINT send_all(NX_TCP_SOCKET *socket, const NX_PACKET *packet, ULONG wait) {
    uint64_t deadline = sched_deadline(wait);
    enum sched_wake wake = SCHED_WOKEN;
    for (ULONG sent = 0; sent < packet->nx_packet_length;) {
        tcp_refresh(socket);
        if (!can_send(socket) && !(is_handshaking(socket) && wait != NX_NO_WAIT && wake == SCHED_WOKEN)) {
            return NX_NOT_CONNECTED;
        }
        size_t n = 0;
        if (can_send(socket)) {
            struct iovec parts[MOST_PARTS];
            int count = gather(packet, sent, parts);
            n = socket->nx_tcp_socket_link->ops->write(socket->nx_tcp_socket_link, parts, count);
            sent += (ULONG)n;
            tcp_refresh(socket);
        }
        if (n == 0 && (can_send(socket) || is_handshaking(socket))) {
            if (wait == NX_NO_WAIT || wake != SCHED_WOKEN) {
                return wake == SCHED_ABORTED ? NX_WAIT_ABORTED : NX_WINDOW_OVERFLOW;
            }
            wake = wait_on(socket, POLLOUT, deadline);
        }
    }
    return NX_SUCCESS;
}

UINT _nx_tcp_socket_send(NX_TCP_SOCKET *socket, NX_PACKET *packet, ULONG wait) {
    UINT status;
    if (hooks_fail(NXHOST_TCP_SOCKET_SEND, &status)) {
        return status;
    }
    if (packet->nx_packet_length == 0) {
        return NX_INVALID_PACKET;
    }
    if (!socket->nx_tcp_socket_bound) {
        return NX_NOT_BOUND;
    }
    status = send_all(socket, packet, wait);
    if (status == NX_SUCCESS) {
        hooks_observe_packet(socket, NXHOST_SENT, packet);
        packet_give_back(packet);
    }
    announce(socket);
    sched_give_way();
    return status;
}

UINT _nxe_tcp_socket_send(NX_TCP_SOCKET *socket, NX_PACKET **packet, ULONG wait) {
    if (socket == NULL || socket->nx_tcp_socket_id != TCP_SOCKET_ID) {
        return NX_PTR_ERROR;
    }
    if (*packet == NULL || !packet_is_allocated(*packet)) {
        return NX_INVALID_PACKET;
    }
    UINT error = tcp_socket_error(socket);
    ULONG version = socket->nx_tcp_socket_connect_ip.nxd_ip_version;
    if (error == NX_SUCCESS && version != NX_IP_VERSION_V4 && version != NX_IP_VERSION_V6) {
        error = NX_NOT_CONNECTED;
    }
    if (error != NX_SUCCESS) {
        return error;
    }
    /* The headers that a real stack writes before the data must fit. */
    ULONG headers = (version == NX_IP_VERSION_V4 ? NX_IPv4_TCP_PACKET : NX_IPv6_TCP_PACKET) - NX_PHYSICAL_HEADER;
    if ((*packet)->nx_packet_prepend_ptr < (*packet)->nx_packet_data_start + headers) {
        return NX_UNDERFLOW;
    }
    if ((*packet)->nx_packet_append_ptr > (*packet)->nx_packet_data_end) {
        return NX_OVERFLOW;
    }
    UINT status = _nx_tcp_socket_send(socket, *packet, wait);
    if (status == NX_SUCCESS) {
        *packet = NULL;
    }
    return status;
}

/* --- Receiving --------------------------------------------------------------------------------------------------- */

static bool can_receive_more(const NX_TCP_SOCKET *socket) {
    UINT state = socket->nx_tcp_socket_state;
    return state >= NX_TCP_SYN_SENT && state < NX_TCP_CLOSING && state != NX_TCP_CLOSE_WAIT;
}

/* What is missing for a packet: a free one in the pool, or octets. */
static enum sched_wake wait_for_packet(NX_TCP_SOCKET *socket, bool pool_empty, uint64_t deadline) {
    if (!pool_empty) {
        return wait_on(socket, POLLIN, deadline);
    }
    const NX_PACKET_POOL *pool = socket->nx_tcp_socket_ip_ptr->nx_ip_default_packet_pool;
    return sched_block(TX_TCP_IP, (struct sched_wait){.channel = pool, .fd = -1, .deadline = deadline});
}

static UINT receive(NX_TCP_SOCKET *socket, NX_PACKET **packet, ULONG wait) {
    uint64_t deadline = sched_deadline(wait);
    for (enum sched_wake wake = SCHED_WOKEN;;) {
        if (!socket->nx_tcp_socket_bound) {
            return NX_NOT_BOUND;
        }
        tcp_refresh(socket);
        bool has_octets = delivery_available(socket) > 0;
        if (has_octets && delivery_take(socket, packet) == NX_SUCCESS) {
            return NX_SUCCESS;
        }
        if (!has_octets && !can_receive_more(socket)) {
            return NX_NOT_CONNECTED;
        }
        if (wake == SCHED_ABORTED) {
            return NX_WAIT_ABORTED;
        }
        if (wake == SCHED_TIMEOUT || wait == NX_NO_WAIT) {
            return wait != NX_NO_WAIT && socket->nx_tcp_socket_state != NX_TCP_ESTABLISHED && !has_octets
                       ? NX_NOT_CONNECTED
                       : NX_NO_PACKET;
        }
        wake = wait_for_packet(socket, has_octets, deadline);
    }
}

UINT _nx_tcp_socket_receive(NX_TCP_SOCKET *socket, NX_PACKET **packet, ULONG wait) {
    UINT status;
    *packet = NULL;
    if (hooks_fail(NXHOST_TCP_SOCKET_RECEIVE, &status)) {
        return status;
    }
    status = receive(socket, packet, wait);
    /* A real stack calls back for each packet; of the host's octets only the first were announced. */
    struct nxhost_link *link = socket->nx_tcp_socket_link;
    if (link != NULL && link->fd >= 0 && socket->nx_tcp_receive_callback != NULL && delivery_available(socket) > 0) {
        socket->nx_tcp_receive_callback(socket);
    }
    tcp_watch(socket);
    sched_give_way();
    return status;
}

UINT _nxe_tcp_socket_receive(NX_TCP_SOCKET *socket, NX_PACKET **packet, ULONG wait) {
    if (packet == NULL) {
        return NX_PTR_ERROR;
    }
    UINT error = tcp_socket_error(socket);
    return error != NX_SUCCESS ? error : _nx_tcp_socket_receive(socket, packet, wait);
}

UINT _nx_tcp_socket_receive_notify(NX_TCP_SOCKET *socket, VOID (*notify)(NX_TCP_SOCKET *)) {
    socket->nx_tcp_receive_callback = notify;
    tcp_watch(socket);
    return NX_SUCCESS;
}

UINT _nxe_tcp_socket_receive_notify(NX_TCP_SOCKET *socket, VOID (*notify)(NX_TCP_SOCKET *)) {
    if (socket == NULL || socket->nx_tcp_socket_id != TCP_SOCKET_ID) {
        return NX_PTR_ERROR;
    }
    return _nx_tcp_socket_receive_notify(socket, notify);
}

UINT _nx_tcp_socket_bytes_available(NX_TCP_SOCKET *socket, ULONG *bytes_available) {
    struct nxhost_link *link = socket->nx_tcp_socket_link;
    tcp_refresh(socket);
    *bytes_available = 0;
    if (socket->nx_tcp_socket_state != NX_TCP_ESTABLISHED) {
        return NX_NOT_CONNECTED;
    }
    *bytes_available = (ULONG)link->ops->available(link, true);
    announce(socket);
    return NX_SUCCESS;
}

UINT _nxe_tcp_socket_bytes_available(NX_TCP_SOCKET *socket, ULONG *bytes_available) {
    if (bytes_available == NULL) {
        return NX_PTR_ERROR;
    }
    UINT error = tcp_socket_error(socket);
    return error != NX_SUCCESS ? error : _nx_tcp_socket_bytes_available(socket, bytes_available);
}

/* --- Disconnecting ----------------------------------------------------------------------------------------------- */

/* After our end was sent: NX_SUCCESS when the peer's came too. */
static UINT wait_for_peer_end(NX_TCP_SOCKET *socket, uint64_t deadline) {
    for (enum sched_wake wake = SCHED_WOKEN;;) {
        tcp_refresh(socket);
        if (socket->nx_tcp_socket_state == NX_TCP_TIMED_WAIT) {
            return NX_SUCCESS;
        }
        if (socket->nx_tcp_socket_state != NX_TCP_FIN_WAIT_1 || wake != SCHED_WOKEN) {
            return wake == SCHED_ABORTED ? NX_WAIT_ABORTED : NX_DISCONNECT_FAILED;
        }
        wake = link_wait(socket->nx_tcp_socket_link, POLLIN, deadline);
    }
}

/* The side that ends first stays in TIMED_WAIT; what it had not read can still be received. */
static UINT end_connection(NX_TCP_SOCKET *socket, ULONG wait) {
    bool peer_ended = socket->nx_tcp_socket_state == NX_TCP_CLOSE_WAIT;
    socket->nx_tcp_socket_link->ops->finish(socket->nx_tcp_socket_link);
    if (peer_ended) {
        connection_over(socket);
        return NX_SUCCESS;
    }
    socket->nx_tcp_socket_state = NX_TCP_FIN_WAIT_1;
    if (wait == NX_NO_WAIT) {
        return NX_SUCCESS;
    }
    UINT status = wait_for_peer_end(socket, sched_deadline(wait));
    if (status != NX_SUCCESS) {
        tcp_drop(socket, false);
    }
    return status;
}

static UINT disconnect(NX_TCP_SOCKET *socket, ULONG wait) {
    tcp_refresh(socket);
    if (is_handshaking(socket)) {
        tcp_drop(socket, true);
        return NX_SUCCESS;
    }
    if (!can_send(socket)) {
        return NX_NOT_CONNECTED;
    }
    if (wait == NX_NO_WAIT && RESET_DISCONNECT) {
        tcp_drop(socket, true);
        return NX_IN_PROGRESS;
    }
    return end_connection(socket, wait);
}

UINT _nx_tcp_socket_disconnect(NX_TCP_SOCKET *socket, ULONG wait) {
    UINT status;
    if (hooks_fail(NXHOST_TCP_SOCKET_DISCONNECT, &status)) {
        tcp_drop(socket, true);
        return status;
    }
    status = disconnect(socket, wait);
    sched_give_way();
    return status;
}

UINT _nxe_tcp_socket_disconnect(NX_TCP_SOCKET *socket, ULONG wait) {
    UINT error = tcp_socket_error(socket);
    return error != NX_SUCCESS ? error : _nx_tcp_socket_disconnect(socket, wait);
}
