/* SPDX-License-Identifier: MIT */
/* Client sockets: binding, connecting, unbinding. Where a connection leads is decided here: to a listener of the
 * program, along a route, or to the host's network. */
#include "address.h"
#include "hooks.h"
#include "route.h"
#include "tcp.h"

#include <poll.h>

#define FIRST_FREE_PORT 0xC000u
#define CLASS_D_OR_E ((ULONG)0xE0000000)

/* --- Binding ----------------------------------------------------------------------------------------------------- */

static const NX_TCP_SOCKET *bound_to(const NX_IP *ip, UINT port) {
    const NX_TCP_SOCKET *s = ip->nx_ip_tcp_created_sockets_ptr;
    while (s != NULL && !(s->nx_tcp_socket_bound && s->nx_tcp_socket_port == port)) {
        s = s->nx_tcp_socket_created_next;
    }
    return s;
}

static UINT free_port(const NX_IP *ip) {
    static UINT next = FIRST_FREE_PORT;
    for (UINT tries = 0; tries <= NX_MAX_PORT - FIRST_FREE_PORT; tries++) {
        UINT port = next;
        next = next == NX_MAX_PORT ? FIRST_FREE_PORT : next + 1;
        if (bound_to(ip, port) == NULL) {
            return port;
        }
    }
    return 0;
}

/* Threads that wait for a port of this instance. */
static const void *ports_of(const NX_IP *ip) {
    return &ip->nx_ip_tcp_created_sockets_count;
}

UINT _nx_tcp_client_socket_bind(NX_TCP_SOCKET *socket, UINT port, ULONG wait) {
    UINT status;
    if (hooks_fail(NXHOST_TCP_CLIENT_SOCKET_BIND, &status)) {
        return status;
    }
    const NX_IP *ip = socket->nx_tcp_socket_ip_ptr;
    uint64_t deadline = sched_deadline(wait);
    if (socket->nx_tcp_socket_bound) {
        return NX_ALREADY_BOUND;
    }
    if (port == NX_ANY_PORT) {
        port = free_port(ip);
        if (port == 0) {
            return NX_NO_FREE_PORTS;
        }
    }
    while (bound_to(ip, port) != NULL) {
        if (wait == NX_NO_WAIT) {
            return NX_PORT_UNAVAILABLE;
        }
        struct sched_wait until = {.channel = ports_of(ip), .fd = -1, .deadline = deadline};
        enum sched_wake wake = sched_block(TX_TCP_IP, until);
        if (wake != SCHED_WOKEN) {
            return wake == SCHED_ABORTED ? NX_WAIT_ABORTED : NX_PORT_UNAVAILABLE;
        }
    }
    socket->nx_tcp_socket_port = port;
    socket->nx_tcp_socket_bound = NX_TRUE;
    return NX_SUCCESS;
}

UINT _nxe_tcp_client_socket_bind(NX_TCP_SOCKET *socket, UINT port, ULONG wait) {
    UINT error = tcp_socket_error(socket);
    if (error == NX_SUCCESS && port > NX_MAX_PORT) {
        error = NX_INVALID_PORT;
    }
    return error != NX_SUCCESS ? error : _nx_tcp_client_socket_bind(socket, port, wait);
}

static bool is_closed(const NX_TCP_SOCKET *socket) {
    return socket->nx_tcp_socket_state == NX_TCP_CLOSED || socket->nx_tcp_socket_state == NX_TCP_TIMED_WAIT;
}

UINT _nx_tcp_client_socket_unbind(NX_TCP_SOCKET *socket) {
    UINT status;
    if (hooks_fail(NXHOST_TCP_CLIENT_SOCKET_UNBIND, &status)) {
        return status;
    }
    tcp_refresh(socket);
    if (!is_closed(socket)) {
        return NX_NOT_CLOSED;
    }
    if (!socket->nx_tcp_socket_bound) {
        return NX_NOT_BOUND;
    }
    tcp_discard(socket);
    socket->nx_tcp_socket_state = NX_TCP_CLOSED;
    socket->nx_tcp_socket_bound = NX_FALSE;
    sched_wake_all(ports_of(socket->nx_tcp_socket_ip_ptr));
    sched_give_way();
    return NX_SUCCESS;
}

UINT _nxe_tcp_client_socket_unbind(NX_TCP_SOCKET *socket) {
    UINT error = tcp_socket_error(socket);
    return error != NX_SUCCESS ? error : _nx_tcp_client_socket_unbind(socket);
}

UINT _nx_tcp_client_socket_port_get(NX_TCP_SOCKET *socket, UINT *port) {
    if (!socket->nx_tcp_socket_bound) {
        return NX_NOT_BOUND;
    }
    *port = socket->nx_tcp_socket_port;
    return NX_SUCCESS;
}

UINT _nxe_tcp_client_socket_port_get(NX_TCP_SOCKET *socket, UINT *port) {
    if (port == NULL) {
        return NX_PTR_ERROR;
    }
    UINT error = tcp_socket_error(socket);
    return error != NX_SUCCESS ? error : _nx_tcp_client_socket_port_get(socket, port);
}

/* --- Connecting -------------------------------------------------------------------------------------------------- */

/* NULL: refused at once. */
static struct nxhost_link *dial(NX_TCP_SOCKET *socket) {
    NXD_ADDRESS address = socket->nx_tcp_socket_connect_ip;
    UINT port = socket->nx_tcp_socket_connect_port;
    if (server_listens(socket->nx_tcp_socket_ip_ptr, &address, port)) {
        return server_connect(socket, &address, port);
    }
    bool routed = route_apply(&address, &port);
    if (!routed && ip_any_owns(&address)) {
        return NULL;
    }
    return hooks_offline() ? process_link_silent() : socket_link_dial(&address, port);
}

static UINT wait_for_connection(NX_TCP_SOCKET *socket, ULONG wait) {
    uint64_t deadline = sched_deadline(wait);
    for (;;) {
        tcp_refresh(socket);
        if (socket->nx_tcp_socket_state != NX_TCP_SYN_SENT) {
            return socket->nx_tcp_socket_state == NX_TCP_CLOSED ? NX_NOT_CONNECTED : NX_SUCCESS;
        }
        if (wait == NX_NO_WAIT) {
            return NX_IN_PROGRESS;
        }
        enum sched_wake wake = link_wait(socket->nx_tcp_socket_link, POLLOUT, deadline);
        tcp_refresh(socket);
        if (wake != SCHED_WOKEN && socket->nx_tcp_socket_state == NX_TCP_SYN_SENT) {
            tcp_drop(socket, true);
            return wake == SCHED_ABORTED ? NX_WAIT_ABORTED : NX_NOT_CONNECTED;
        }
    }
}

UINT _nxd_tcp_client_socket_connect(NX_TCP_SOCKET *socket, NXD_ADDRESS *server_ip, UINT server_port, ULONG wait) {
    UINT status;
    if (hooks_fail(NXHOST_TCP_CLIENT_SOCKET_CONNECT, &status)) {
        return status;
    }
    if (server_ip->nxd_ip_version == NX_IP_VERSION_V4 && server_ip->nxd_ip_address.v4 == 0) {
        return NX_IP_ADDRESS_ERROR;
    }
    if (server_ip->nxd_ip_version == NX_IP_VERSION_V6 && !socket->nx_tcp_socket_ip_ptr->nx_ip_ipv6_enabled) {
        return NX_NO_INTERFACE_ADDRESS;
    }
    if (!socket->nx_tcp_socket_bound) {
        return NX_NOT_BOUND;
    }
    tcp_refresh(socket);
    if (!is_closed(socket)) {
        return NX_NOT_CLOSED;
    }
    tcp_discard(socket);
    socket->nx_tcp_socket_connect_ip = *server_ip;
    socket->nx_tcp_socket_connect_port = server_port;
    socket->nx_tcp_socket_state = NX_TCP_SYN_SENT;
    struct nxhost_link *link = dial(socket);
    if (link == NULL) {
        tcp_drop(socket, true);
        return NX_NOT_CONNECTED;
    }
    tcp_attach(socket, link);
    status = wait_for_connection(socket, wait);
    tcp_watch(socket);
    sched_give_way();
    return status;
}

UINT _nxde_tcp_client_socket_connect(NX_TCP_SOCKET *socket, NXD_ADDRESS *server_ip, UINT server_port, ULONG wait) {
    UINT error = tcp_socket_error(socket);
    if (error != NX_SUCCESS) {
        return error;
    }
    if (server_ip == NULL ||
        (server_ip->nxd_ip_version != NX_IP_VERSION_V4 && server_ip->nxd_ip_version != NX_IP_VERSION_V6)) {
        return NX_IP_ADDRESS_ERROR;
    }
    if (server_ip->nxd_ip_version == NX_IP_VERSION_V4 &&
        (server_ip->nxd_ip_address.v4 & CLASS_D_OR_E) == CLASS_D_OR_E) {
        return NX_IP_ADDRESS_ERROR;
    }
    return server_port > NX_MAX_PORT ? NX_INVALID_PORT
                                     : _nxd_tcp_client_socket_connect(socket, server_ip, server_port, wait);
}

UINT _nx_tcp_client_socket_connect(NX_TCP_SOCKET *socket, ULONG server_ip, UINT server_port, ULONG wait) {
    NXD_ADDRESS address = {.nxd_ip_version = NX_IP_VERSION_V4, .nxd_ip_address.v4 = server_ip};
    return _nxd_tcp_client_socket_connect(socket, &address, server_port, wait);
}

UINT _nxe_tcp_client_socket_connect(NX_TCP_SOCKET *socket, ULONG server_ip, UINT server_port, ULONG wait) {
    NXD_ADDRESS address = {.nxd_ip_version = NX_IP_VERSION_V4, .nxd_ip_address.v4 = server_ip};
    UINT error = tcp_socket_error(socket);
    if (error == NX_SUCCESS && server_ip == 0) {
        error = NX_IP_ADDRESS_ERROR;
    }
    return error != NX_SUCCESS ? error : _nxde_tcp_client_socket_connect(socket, &address, server_port, wait);
}
