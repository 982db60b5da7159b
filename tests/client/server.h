/* SPDX-License-Identifier: MIT */
/*
 * A POP3 server that is a script, in a thread of its own, on a port of the loopback interface; each connection plays one
 * script. Knows nothing of POP3.
 *
 *     S: +OK ready      says a line; lines that follow each other go out in one piece
 *     C: CAPA           reads a line, which must be this one; "C: *" takes any
 *     QUIET             the client must say nothing more for a moment
 *     TLS               from here on the connection is TLS
 *     WAIT              says nothing more until the client is gone
 *
 * Behind its last line, and when the client says something else, a script ends the connection.
 */
#ifndef SATCHEL_TESTS_CLIENT_SERVER_H
#define SATCHEL_TESTS_CLIENT_SERVER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/listen.h"
#include "net/tls_server.h"

enum { SERVER_SCRIPTS = 4, SERVER_WIRE = 1 << 20 };

#define SERVER_WHOLE SIZE_MAX

struct server {
    /* Set before server_start(). */
    const char *scripts[SERVER_SCRIPTS]; /* of the first connection, the second ...; NULL: no further one */
    struct net_tls_server *tls;          /* for TLS */
    const char *address;                 /* numeric */
    uint16_t port;                       /* 0: the kernel chooses */
    size_t cut;                          /* octets after which each connection is closed; SERVER_WHOLE: none */
    size_t silence;                      /* octets after which each connection says nothing more */

    /* Read behind server_stop(). */
    unsigned connections;
    size_t said;             /* octets of the last connection */
    unsigned turns;          /* how many times it spoke on the last connection: what the client waited for */
    char heard[SERVER_WIRE]; /* all lines of the clients, each with LF at its end */
    char complaint[512];     /* what was not as the script wants it, or "" */
    struct net_listener listener;
    struct net_stream stream;
    pthread_t thread;
    int stop[2];
    bool gone, wait;
    size_t heard_length;
    char in[4096];
    size_t in_length;
};

void server_begin(struct server *self, const char *script);
void server_start(struct server *self);
/* Once the clients are gone: no further connections. */
void server_stop(struct server *self);

#endif
