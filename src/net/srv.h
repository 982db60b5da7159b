/* SPDX-License-Identifier: MIT */
/* Which hosts offer a service of a domain, by its SRV records (RFC 2782). Refuses to connect to them, and to trust them. */
#ifndef SATCHEL_NET_SRV_H
#define SATCHEL_NET_SRV_H

#include "net/host.h"

#include <stddef.h>
#include <stdint.h>

#define NET_SRV_TARGETS_MOST 32 /* further ones are left out */

struct net_srv_target {
    char host[NET_HOST_SIZE]; /* A-labels in lower case, never an address */
    uint16_t port;            /* not 0 */
};

struct net_srv {
    bool not_offered; /* the domain says that it has no such service (target "."); then count is 0 */
    size_t count;     /* 0: it says nothing, unless not_offered */
    struct net_srv_target targets[NET_SRV_TARGETS_MOST]; /* in the order in which to try them */
};

/* A number from 0 to `most`, each as likely as any other. */
typedef uint32_t net_srv_random(void *context, uint32_t most);

struct net_srv_options {
    const char *name_servers; /* "192.0.2.53,192.0.2.54:5353,[2001:db8::1]:53"; NULL: the system's */
    uint64_t deadline_ms;     /* on net_now_ms()'s clock */
    net_srv_random *random;   /* weighs hosts of equal priority; NULL: the system's random numbers */
    void *random_context;
};

/*
 * Asks for `service`, such as "_pop3s._tcp", of `domain`. Records whose target is no host name are left out. False: `error`,
 * since nobody answered, or the answer has nothing but such records.
 */
bool net_srv_lookup(struct net_srv *srv, const char *service, const struct net_host *domain,
                    const struct net_srv_options *options, struct net_error *error);

#endif
