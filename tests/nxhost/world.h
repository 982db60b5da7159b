/* SPDX-License-Identifier: MIT */
/* Helpers for tests that run ThreadX worlds: checks that work on any thread, two IP instances with a pool each, and a
 * server and a client thread. cmocka's own assertions may only be used outside a run. */
#ifndef TESTS_NXHOST_WORLD_H
#define TESTS_NXHOST_WORLD_H

#include "nxhost.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CLIENT_ADDRESS IP_ADDRESS(1, 2, 3, 5)
#define SERVER_ADDRESS IP_ADDRESS(1, 2, 3, 4)
#define SECOND NX_IP_PERIODIC_RATE

extern const char *world_failure;
extern int world_failure_line;

/* Outside cmocka's thread: notes the first failure and ends the run. */
#define CHECK(condition)                      \
    do {                                      \
        if (!(condition)) {                   \
            world_fail(#condition, __LINE__); \
        }                                     \
    } while (0)

void world_fail(const char *what, int line);

/* Runs the world; every check must have held. */
struct nxhost_result world_run(VOID (*define)(VOID *));

/* The usual cast: two instances with TCP and IPv6, a pool each, one thread on each side. The server has priority 2,
 * the client 4. Threads given as NULL are not created. */
extern NX_IP client_ip, server_ip;
extern NX_PACKET_POOL client_pool, server_pool;
extern NX_TCP_SOCKET client_socket, server_socket;
extern TX_THREAD client_thread, server_thread;
extern ULONG world_payload; /* of the client's pool */
void world_cast(VOID (*server)(ULONG), VOID (*client)(ULONG));

/* The steps nearly every test needs, checked. */
void server_create(void);
void server_accept(void);
void server_close(void);
void client_connect(void);
void client_close(void);
UINT connect_to(NX_TCP_SOCKET *socket, ULONG address, UINT port, ULONG wait);
void send_text(NX_TCP_SOCKET *socket, NX_PACKET_POOL *pool, const char *text);
/* Receives one packet into text and releases it; returns the status. */
UINT receive_text(NX_TCP_SOCKET *socket, char *text, size_t room, ULONG wait);

#endif
