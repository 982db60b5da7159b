/* SPDX-License-Identifier: MIT */
/* What the host layer offers beyond NetX: whole ThreadX worlds run one after another in a process, a virtual clock,
 * control of how sent octets arrive, failures on demand, counters and leak figures. No NetX program needs it.
 *
 * Every hook may be called before nxhost_run (it then holds for the next run) or inside a run. All of them return to
 * their defaults when a run ends. */
#ifndef NXHOST_H
#define NXHOST_H

#include "nx_api.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- Running ----------------------------------------------------------------------------------------------------- */

enum nxhost_end {
    NXHOST_FINISHED, /* every thread has ended */
    NXHOST_STOPPED,  /* nxhost_stop was called */
    NXHOST_STUCK     /* threads are left, and nothing can ever wake one of them */
};

struct nxhost_result {
    enum nxhost_end end;
    unsigned stuck_threads;  /* neither completed nor terminated nor deleted */
    unsigned leaked_packets; /* not back in their pools, over all pools that were not deleted */
    unsigned open_sockets;   /* created and not deleted, over all IP instances that were not deleted */
    ULONG ticks;             /* length of the run */
};

/* Runs a whole ThreadX world in this process: define is called as tx_application_define is, then the threads run.
 * Returns when all threads have ended, nxhost_stop was called or nothing can run again; by then every thread is joined
 * and every host socket closed. Pools and IP instances must live until it returns: static or in the lent memory. */
struct nxhost_result nxhost_run(VOID (*define)(VOID *first_unused_memory));

/* Ends the run. A calling thread does not come back from it; tx_application_define does. */
void nxhost_stop(void);

/* --- Time -------------------------------------------------------------------------------------------------------- */

/* On: when every thread is blocked, time jumps to the next wake-up, so silence costs no wall time. While a thread waits
 * for a host socket, time passes as it does outside. A thread that polls and never blocks stops it. Off (default): 100
 * ticks are one second. */
void nxhost_virtual_clock(bool on);

/* --- Network ----------------------------------------------------------------------------------------------------- */

/* "192.2.2.89:110=127.0.0.1:2110,[fe80::1]:110=[::1]:2110": where a connect to the left address goes, and where a
 * listener of an IP instance with the left address is reached from the host (right port 0: the kernel chooses).
 * Default: the environment variable NXHOST_ROUTE. False: not understood, nothing is changed. */
bool nxhost_route(const char *routes);

/* On: no host sockets. An address that no IP instance owns never answers. */
void nxhost_offline(bool on);

/* The host port on which a routed listener of this instance is reached; 0 when there is none. */
unsigned nxhost_listen_port(NX_IP *ip, UINT port);

/* --- How received octets come in packets ------------------------------------------------------------------------- */

enum nxhost_delivery {
    NXHOST_PER_SEND, /* default: what was sent at once comes as one packet, cut after `octets` (0: 1460) */
    NXHOST_STREAM,   /* sends run together; each packet holds `octets` (0: 1460) as far as there are any */
    NXHOST_CHAIN     /* what was sent at once comes as one chain whose segments hold `octets` (0: all they can) */
};

/* A packet too small for its octets is continued by a chain in each mode (by the next packet in a chain-less build). */
void nxhost_deliver(enum nxhost_delivery how, unsigned octets);

/* NXHOST_CHAIN only: an empty segment at the head, between any two segments and at the end of each chain. */
void nxhost_empty_segments(bool on);

/* NXHOST_CHAIN only: the segments from now on, of all sockets, hold so many octets, one after the other; the end of a chain
 * ends the segment, too. 0 is an empty segment: of the chain in which the next octets lie, behind all octets of the last
 * one. Behind the last number nxhost_deliver's holds again. The numbers are borrowed. */
void nxhost_segments(const unsigned *octets, size_t n);
size_t nxhost_segments_left(void); /* numbers not used yet */

/* --- Watching ---------------------------------------------------------------------------------------------------- */

enum nxhost_direction { NXHOST_SENT, NXHOST_RECEIVED };

/* Called with all octets that cross a socket, as the application sends or receives them. NULL: nobody watches. */
typedef void nxhost_observer(void *context, NX_TCP_SOCKET *socket, enum nxhost_direction direction, const void *octets,
                             size_t n);
void nxhost_observe(nxhost_observer *observer, void *context);

/* --- Failures on demand, counters -------------------------------------------------------------------------------- */

enum nxhost_call {
    NXHOST_PACKET_ALLOCATE,
    NXHOST_PACKET_RELEASE,
    NXHOST_PACKET_DATA_APPEND,
    NXHOST_PACKET_COPY,
    NXHOST_TCP_SOCKET_CREATE,
    NXHOST_TCP_SOCKET_DELETE,
    NXHOST_TCP_SOCKET_SEND,
    NXHOST_TCP_SOCKET_RECEIVE,
    NXHOST_TCP_SOCKET_DISCONNECT,
    NXHOST_TCP_CLIENT_SOCKET_BIND,
    NXHOST_TCP_CLIENT_SOCKET_UNBIND,
    NXHOST_TCP_CLIENT_SOCKET_CONNECT,
    NXHOST_TCP_SERVER_SOCKET_LISTEN,
    NXHOST_TCP_SERVER_SOCKET_ACCEPT,
    NXHOST_TCP_SERVER_SOCKET_RELISTEN,
    NXHOST_SECURE_TLS_SESSION_SNI_EXTENSION_SET,
    NXHOST_SECURE_TLS_SESSION_CERTIFICATE_CALLBACK_SET,
    NXHOST_SECURE_TLS_SESSION_START,
    NXHOST_SECURE_TLS_SESSION_SEND,
    NXHOST_SECURE_TLS_SESSION_RECEIVE,
    NXHOST_SECURE_TLS_SESSION_END,
    NXHOST_CALLS
};

/* The nth use from now on (1: the next) by the watched thread (see nxhost_fail_only) returns status and does nothing
 * else, except that a packet pointer handed out is set to NULL and that a disconnect resets the connection: a socket is
 * closed after a failed disconnect, too. Uses by the application and by NetX Secure count, not those inside NetX. One
 * pending failure a call; 0 takes it back. */
void nxhost_fail(enum nxhost_call call, unsigned nth, UINT status);

/* Failures and counters see this thread only (NULL, the default: all threads). */
void nxhost_fail_only(TX_THREAD *thread);

/* Uses so far in this run, failed ones included. */
unsigned nxhost_uses(enum nxhost_call call);

/* Packets not in their pool at this moment, over all pools that exist. */
unsigned nxhost_packets_out(void);

#ifdef __cplusplus
}
#endif

#endif
