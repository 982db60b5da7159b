/* SPDX-License-Identifier: MIT */
/* The addresses of a host, in time. Refuses to connect to them. */
#ifndef SATCHEL_NET_LOOKUP_H
#define SATCHEL_NET_LOOKUP_H

#include "net/host.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define NET_ADDRESSES_MOST 32 /* further ones are left out */

struct net_address {
    struct sockaddr_storage where;
    socklen_t size;
};

struct net_addresses {
    size_t count;
    struct net_address list[NET_ADDRESSES_MOST];
};

/* In the resolver's order. The look-up of a name has a thread of its own, since it cannot be given a deadline. */
bool net_lookup(struct net_addresses *addresses, const struct net_host *host, uint16_t port, uint64_t deadline_ms,
                int cancel_fd, struct net_error *error);

#endif
