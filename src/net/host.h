/* SPDX-License-Identifier: MIT */
/* Host names as DNS and certificates have them. Refuses to look them up. */
#ifndef SATCHEL_NET_HOST_H
#define SATCHEL_NET_HOST_H

#include "net/error.h"

#include <stdbool.h>

#define NET_HOST_SIZE 256 /* the longest name of DNS as text, 253 octets, with room for a scope; and a NUL */

struct net_host {
    bool numeric; /* an IPv4 or IPv6 address */
    char name
        [NET_HOST_SIZE]; /* A-labels in lower case without the dot at the end (IDNA 2008), or the address as given */
};

/* Reads what a person wrote: UTF-8 name, A-labels, numeric address (no brackets). False: `error`. */
bool net_host_parse(struct net_host *host, const char *text, struct net_error *error);

#endif
