/* SPDX-License-Identifier: MIT */
/* A connection to a host's port, by name or by address. Refuses to know what is spoken there. */
#ifndef SATCHEL_NET_DIAL_H
#define SATCHEL_NET_DIAL_H

#include "net/error.h"
#include "net/lookup.h"
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
 * policy says otherwise), families in turn, NET_STAGGER_MS apart; the first that connects wins. False: `error`.
 */
bool net_dial_with(struct net_stream *stream, const struct net_dial_options *options, struct net_error *error);

/* For callers that take another address where the first that connects is of no use (L-04). */
struct net_dialling {
    struct net_dial_options options;
    char name[NET_HOST_SIZE];
    struct net_addresses left; /* not tried yet, or overtaken */
};

/* Looks the host up. */
bool net_dial_begin(struct net_dialling *dialling, const struct net_dial_options *options, struct net_error *error);

/* Connects to one of the addresses that are left, and one must be. That one is left no longer, nor is one that failed. */
bool net_dial_next(struct net_dialling *dialling, struct net_stream *stream, struct net_error *error);

/* Both, with the limits above. */
bool net_dial(struct net_stream *stream, const char *host, uint16_t port, uint64_t deadline_ms, int cancel_fd,
              struct net_error *error);

#endif
