/* SPDX-License-Identifier: MIT */
/* Listening sockets: a numeric address and a port in, accepted streams out. Refuses to resolve names. */
#ifndef SATCHEL_NET_LISTEN_H
#define SATCHEL_NET_LISTEN_H

#include "net/stream.h"

#include <stdbool.h>
#include <stdint.h>

#define NET_ADDRESS_TEXT 64 /* the longest numeric address with its scope, and a NUL */

struct net_listener {
    int fd;        /* what to poll(2) for */
    uint16_t port; /* the port in use, also when 0 asked the kernel to choose */
    bool loopback; /* only this machine can connect */
    char address[NET_ADDRESS_TEXT];
};

/* Listens on a numeric IPv4 or IPv6 address; port 0 lets the kernel choose. 0 or errno's value (EINVAL: no address). */
int net_listen(struct net_listener *listener, const char *address, uint16_t port);

/* The next connection, if one waits; false otherwise. */
bool net_accept(struct net_listener *listener, struct net_stream *stream);

void net_unlisten(struct net_listener *listener);

#endif
