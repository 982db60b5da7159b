/* SPDX-License-Identifier: MIT */
/* Server sockets: a listener for a port of an IP instance, its queue, accepting and getting ready for the next. */
#include "address.h"
#include "hooks.h"
#include "nx_ip.h"
#include "route.h"
#include "tcp.h"

#include <unistd.h>

#define MOST_QUEUED 64

struct listener {
    struct listener *next;
    NX_IP *ip;
    UINT port;
    NX_TCP_SOCKET *socket; /* takes the next connection; NULL until relisten */
    VOID (*callback)(NX_TCP_SOCKET *, UINT);
    size_t limit;
    size_t queued;
    struct nxhost_link *queue[MOST_QUEUED];
    int fd; /* of the routed host socket, or -1 */
    bool watched;
};

static struct listener *listeners;

static struct listener *find(const NX_IP *ip, UINT port) {
    struct listener *l = listeners;
    while (l != NULL && !(l->ip == ip && l->port == port)) {
        l = l->next;
    }
    return l;
}

/* --- Connections from the program and from the host -------------------------------------------------------------- */

/* Loopback reaches any instance, the caller's own first. */
static struct listener *find_for(const NX_IP *from, const NXD_ADDRESS *address, UINT port) {
    if (address_is_loopback(address)) {
        struct listener *own = find(from, port);
        struct listener *any = listeners;
        while (any != NULL && any->port != port) {
            any = any->next;
        }
        return own != NULL ? own : any;
    }
    struct listener *l = listeners;
    while (l != NULL && !(l->port == port && ip_owns(l->ip, address))) {
        l = l->next;
    }
    return l;
}

bool server_listens(NX_IP *from, const NXD_ADDRESS *address, UINT port) {
    return find_for(from, address, port) != NULL;
}

static void establish(NX_TCP_SOCKET *socket) {
    socket->nx_tcp_socket_state = NX_TCP_ESTABLISHED;
    if (socket->nx_tcp_socket_link->fd < 0) {
        process_link_establish(socket->nx_tcp_socket_link);
    }
    sched_wake_all(socket);
    tcp_watch(socket);
}

static void assign(struct listener *listener, NX_TCP_SOCKET *socket, struct nxhost_link *link) {
    listener->socket = NULL;
    tcp_attach(socket, link);
    socket->nx_tcp_socket_bound = NX_TRUE;
    socket->nx_tcp_socket_connect_ip = link->peer_address;
    socket->nx_tcp_socket_connect_port = link->peer_port;
    if (listener->callback != NULL) {
        listener->callback(socket, listener->port);
    }
    if (socket->nx_tcp_socket_state == NX_TCP_SYN_RECEIVED) {
        establish(socket);
    }
}

/* A connection beyond the queue is left without an answer, as a full stack leaves it. */
static void offer(struct listener *listener, struct nxhost_link *link) {
    if (listener->socket != NULL) {
        assign(listener, listener->socket, link);
    } else if (listener->queued < listener->limit) {
        listener->queue[listener->queued++] = link;
    }
}

struct nxhost_link *server_connect(NX_TCP_SOCKET *client, const NXD_ADDRESS *address, UINT port) {
    struct listener *listener = find_for(client->nx_tcp_socket_ip_ptr, address, port);
    struct nxhost_link *near;
    struct nxhost_link *far;
    if (!process_link_pair(&near, &far)) {
        return NULL;
    }
    far->peer_address = ip_own_address(client->nx_tcp_socket_ip_ptr, address->nxd_ip_version);
    far->peer_port = client->nx_tcp_socket_port;
    offer(listener, far);
    return near;
}

static void watch_host(struct listener *listener);

static void host_connection(void *context) {
    struct listener *listener = context;
    listener->watched = false;
    struct nxhost_link *link = socket_link_accept(listener->fd);
    if (link != NULL) {
        offer(listener, link);
    }
    watch_host(listener);
}

/* Only while there is a place for a connection: the host keeps the others. */
static void watch_host(struct listener *listener) {
    bool has_place = listener->socket != NULL || listener->queued < listener->limit;
    if (listener->fd >= 0 && has_place && !listener->watched) {
        listener->watched = true;
        sched_watch(listener->fd, host_connection, listener);
    }
}

static void listen_on_host(struct listener *listener) {
    NXD_ADDRESS own[1 + NX_MAX_IPV6_ADDRESSES] = {ip_own_address(listener->ip, NX_IP_VERSION_V4)};
    UINT count = 1;
    for (UINT i = 0; i < listener->ip->nx_ip_ipv6_address_count; i++, count++) {
        own[count].nxd_ip_version = NX_IP_VERSION_V6;
        memcpy(own[count].nxd_ip_address.v6, listener->ip->nx_ip_ipv6_address[i], sizeof own[0].nxd_ip_address.v6);
    }
    for (UINT i = 0; i < count && listener->fd < 0 && !hooks_offline(); i++) {
        UINT port = listener->port;
        if (route_apply(&own[i], &port)) {
            listener->fd = socket_link_listen(&own[i], port, (UINT)listener->limit);
        }
    }
    watch_host(listener);
}

unsigned nxhost_listen_port(NX_IP *ip, UINT port) {
    const struct listener *listener = find(ip, port);
    return listener != NULL && listener->fd >= 0 ? socket_link_port(listener->fd) : 0;
}

/* The oldest queued connection whose client still waits. */
static struct nxhost_link *take_queued(struct listener *listener) {
    while (listener->queued > 0) {
        struct nxhost_link *link = listener->queue[0];
        listener->queued--;
        memmove(listener->queue, listener->queue + 1, listener->queued * sizeof(struct nxhost_link *));
        if (link->ops->state(link) != LINK_LOST) {
            return link;
        }
        link_close(link, true);
    }
    return NULL;
}

/* --- Listening --------------------------------------------------------------------------------------------------- */

static void put_in_place(struct listener *listener, NX_TCP_SOCKET *socket) {
    listener->socket = socket;
    socket->nx_tcp_socket_client_type = NX_FALSE;
    socket->nx_tcp_socket_state = NX_TCP_LISTEN_STATE;
    socket->nx_tcp_socket_port = listener->port;
}

static size_t count_of(const NX_IP *ip) {
    size_t count = 0;
    for (const struct listener *l = listeners; l != NULL; l = l->next) {
        count += l->ip == ip;
    }
    return count;
}

UINT _nx_tcp_server_socket_listen(NX_IP *ip, UINT port, NX_TCP_SOCKET *socket, UINT queue,
                                  VOID (*callback)(NX_TCP_SOCKET *, UINT port)) {
    UINT status;
    if (hooks_fail(NXHOST_TCP_SERVER_SOCKET_LISTEN, &status)) {
        return status;
    }
    if (socket->nx_tcp_socket_state != NX_TCP_CLOSED) {
        return NX_NOT_CLOSED;
    }
    if (socket->nx_tcp_socket_bound) {
        return NX_ALREADY_BOUND;
    }
    if (find(ip, port) != NULL) {
        return NX_DUPLICATE_LISTEN;
    }
    struct listener *listener = count_of(ip) < NX_MAX_LISTEN_REQUESTS ? calloc(1, sizeof *listener) : NULL;
    if (listener == NULL) {
        return NX_MAX_LISTEN;
    }
    *listener = (struct listener){.next = listeners, .ip = ip, .port = port, .callback = callback, .fd = -1};
    listener->limit = queue < MOST_QUEUED ? queue : MOST_QUEUED;
    listeners = listener;
    put_in_place(listener, socket);
    listen_on_host(listener);
    return NX_SUCCESS;
}

static UINT listener_error(const NX_IP *ip, UINT port) {
    if (ip == NULL || ip->nx_ip_id != NX_IP_ID) {
        return NX_PTR_ERROR;
    }
    if ((ip->nx_ip_status & NX_IP_TCP_ENABLED) == 0) {
        return NX_NOT_ENABLED;
    }
    return port == 0 || port > NX_MAX_PORT ? NX_INVALID_PORT : tcp_caller_error();
}

static bool is_created(const NX_TCP_SOCKET *socket) {
    return socket != NULL && socket->nx_tcp_socket_id == TCP_SOCKET_ID;
}

UINT _nxe_tcp_server_socket_listen(NX_IP *ip, UINT port, NX_TCP_SOCKET *socket, UINT queue,
                                   VOID (*callback)(NX_TCP_SOCKET *, UINT port)) {
    UINT error = is_created(socket) ? listener_error(ip, port) : NX_PTR_ERROR;
    return error != NX_SUCCESS ? error : _nx_tcp_server_socket_listen(ip, port, socket, queue, callback);
}

UINT _nx_tcp_server_socket_relisten(NX_IP *ip, UINT port, NX_TCP_SOCKET *socket) {
    UINT status;
    if (hooks_fail(NXHOST_TCP_SERVER_SOCKET_RELISTEN, &status)) {
        return status;
    }
    if (socket->nx_tcp_socket_state != NX_TCP_CLOSED) {
        return NX_NOT_CLOSED;
    }
    if (socket->nx_tcp_socket_bound) {
        return NX_ALREADY_BOUND;
    }
    struct listener *listener = find(ip, port);
    if (listener == NULL || listener->socket != NULL) {
        return NX_INVALID_RELISTEN;
    }
    put_in_place(listener, socket);
    struct nxhost_link *link = take_queued(listener);
    if (link != NULL) {
        assign(listener, socket, link);
    }
    watch_host(listener);
    return link != NULL ? NX_CONNECTION_PENDING : NX_SUCCESS;
}

UINT _nxe_tcp_server_socket_relisten(NX_IP *ip, UINT port, NX_TCP_SOCKET *socket) {
    UINT error = is_created(socket) ? listener_error(ip, port) : NX_PTR_ERROR;
    return error != NX_SUCCESS ? error : _nx_tcp_server_socket_relisten(ip, port, socket);
}

/* --- Accepting --------------------------------------------------------------------------------------------------- */

UINT _nx_tcp_server_socket_accept(NX_TCP_SOCKET *socket, ULONG wait) {
    UINT status;
    if (hooks_fail(NXHOST_TCP_SERVER_SOCKET_ACCEPT, &status)) {
        return status;
    }
    if (socket->nx_tcp_socket_state == NX_TCP_ESTABLISHED) {
        return NX_SUCCESS;
    }
    if (socket->nx_tcp_socket_state != NX_TCP_LISTEN_STATE && socket->nx_tcp_socket_state != NX_TCP_SYN_RECEIVED) {
        return NX_NOT_LISTEN_STATE;
    }
    socket->nx_tcp_socket_state = NX_TCP_SYN_RECEIVED;
    struct nxhost_link *link = socket->nx_tcp_socket_link;
    if (link != NULL && link->ops->state(link) == LINK_LOST) {
        tcp_drop(socket, true);
        return NX_NOT_CONNECTED;
    }
    if (link != NULL) {
        establish(socket);
        sched_give_way();
    }
    if (wait == NX_NO_WAIT) {
        return NX_IN_PROGRESS;
    }
    struct sched_wait until = {.channel = socket, .fd = -1, .deadline = sched_deadline(wait)};
    enum sched_wake wake = SCHED_WOKEN;
    while (socket->nx_tcp_socket_state == NX_TCP_SYN_RECEIVED && wake == SCHED_WOKEN) {
        wake = sched_block(TX_TCP_IP, until);
    }
    if (socket->nx_tcp_socket_state >= NX_TCP_ESTABLISHED) {
        return NX_SUCCESS;
    }
    socket->nx_tcp_socket_state = NX_TCP_LISTEN_STATE;
    return wake == SCHED_ABORTED ? NX_WAIT_ABORTED : NX_NOT_CONNECTED;
}

UINT _nxe_tcp_server_socket_accept(NX_TCP_SOCKET *socket, ULONG wait) {
    UINT error = tcp_socket_error(socket);
    return error != NX_SUCCESS ? error : _nx_tcp_server_socket_accept(socket, wait);
}

/* A client that was not accepted yet goes on asking: it waits for the next socket of the listener. */
static void put_back(NX_TCP_SOCKET *socket) {
    struct listener *listener = find(socket->nx_tcp_socket_ip_ptr, socket->nx_tcp_socket_port);
    struct nxhost_link *link = socket->nx_tcp_socket_link;
    if (link != NULL && listener != NULL && link->ops->state(link) == LINK_CONNECTING &&
        listener->queued < MOST_QUEUED) {
        memmove(listener->queue + 1, listener->queue, listener->queued * sizeof(struct nxhost_link *));
        listener->queue[0] = link;
        listener->queued++;
        link->owner = NULL;
        socket->nx_tcp_socket_link = NULL;
    }
}

UINT _nx_tcp_server_socket_unaccept(NX_TCP_SOCKET *socket) {
    UINT state = socket->nx_tcp_socket_state;
    bool is_over = state >= NX_TCP_CLOSE_WAIT || (state == NX_TCP_CLOSED && socket->nx_tcp_socket_bound);
    if (!is_over && state != NX_TCP_LISTEN_STATE) {
        return NX_NOT_LISTEN_STATE;
    }
    for (struct listener *l = listeners; l != NULL && !socket->nx_tcp_socket_bound; l = l->next) {
        l->socket = l->socket == socket ? NULL : l->socket;
    }
    put_back(socket);
    tcp_drop(socket, true);
    socket->nx_tcp_socket_bound = NX_FALSE;
    socket->nx_tcp_socket_client_type = NX_TRUE;
    socket->nx_tcp_socket_state = NX_TCP_CLOSED;
    return NX_SUCCESS;
}

UINT _nxe_tcp_server_socket_unaccept(NX_TCP_SOCKET *socket) {
    UINT error = tcp_socket_error(socket);
    return error != NX_SUCCESS ? error : _nx_tcp_server_socket_unaccept(socket);
}

/* --- Unlistening ------------------------------------------------------------------------------------------------- */

static void end_listener(struct listener *listener) {
    struct listener **link = &listeners;
    while (*link != listener) {
        link = &(*link)->next;
    }
    *link = listener->next;
    for (size_t i = 0; i < listener->queued; i++) {
        link_close(listener->queue[i], true);
    }
    if (listener->fd >= 0) {
        sched_unwatch(listener->fd);
        close(listener->fd);
    }
    free(listener);
}

UINT _nx_tcp_server_socket_unlisten(NX_IP *ip, UINT port) {
    struct listener *listener = find(ip, port);
    if (listener == NULL) {
        return NX_ENTRY_NOT_FOUND;
    }
    if (listener->socket != NULL) {
        if (listener->socket->nx_tcp_socket_state != NX_TCP_LISTEN_STATE) {
            return NX_NOT_LISTEN_STATE;
        }
        listener->socket->nx_tcp_socket_state = NX_TCP_CLOSED;
    }
    end_listener(listener);
    return NX_SUCCESS;
}

UINT _nxe_tcp_server_socket_unlisten(NX_IP *ip, UINT port) {
    UINT error = listener_error(ip, port);
    return error != NX_SUCCESS ? error : _nx_tcp_server_socket_unlisten(ip, port);
}

void server_forget(const NX_IP *ip) {
    for (struct listener *l = listeners, *next; l != NULL; l = next) {
        next = l->next;
        if (l->ip == ip) {
            end_listener(l);
        }
    }
}

void server_forget_all(void) {
    while (listeners != NULL) {
        end_listener(listeners);
    }
}
