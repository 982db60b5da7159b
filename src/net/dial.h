/* SPDX-License-Identifier: MIT */
/* A connection to a host's port, by name or by address. Refuses to know what is spoken there. */
#ifndef SATCHEL_NET_DIAL_H
#define SATCHEL_NET_DIAL_H

#include "net/error.h"
#include "net/stream.h"

#include <stdbool.h>
#include <stdint.h>

#define NET_LOOKUP_MS 20000  /* L-05 */
#define NET_ADDRESS_MS 30000 /* L-01: a connection to one address */
#define NET_STAGGER_MS 250   /* RFC 8305 section 5: when the next address is tried beside the ones before */

struct net_dial_options {
    const char *host;     /* UTF-8 or A-labels, or a numeric address without brackets, perhaps with %scope */
    uint16_t port;        /* not 0 */
    uint64_t deadline_ms; /* for all together, on net_now_ms()'s clock */
    uint32_t lookup_ms;   /* 0: NET_LOOKUP_MS */
    uint32_t address_ms;  /* 0: NET_ADDRESS_MS */
    int cancel_fd;        /* ends every wait when readable, and goes on to do so in the stream; -1: none */
};

/*
 * Looks the host up and connects by RFC 8305: its addresses in the resolver's order (IPv6 first unless the system's
 * policy says otherwise), families in turn, NET_STAGGER_MS apart; the first that connects wins (L-04). False: `error`.
 */
bool net_dial_with(struct net_stream *stream, const struct net_dial_options *options, struct net_error *error);

/* The same with the limits above. */
bool net_dial(struct net_stream *stream, const char *host, uint16_t port, uint64_t deadline_ms, int cancel_fd,
              struct net_error *error);

#endif
