/* SPDX-License-Identifier: MIT */
/* NetX addresses (host octet order) and the host's socket addresses. Knows nothing of connections. */
#ifndef NXHOST_ADDRESS_H
#define NXHOST_ADDRESS_H

#include "nxhost.h"

#include <sys/socket.h>

bool address_equal(const NXD_ADDRESS *a, const NXD_ADDRESS *b);
bool address_is_loopback(const NXD_ADDRESS *address);
socklen_t address_to_host(const NXD_ADDRESS *address, UINT port, struct sockaddr_storage *to);
void address_from_host(const struct sockaddr_storage *from, NXD_ADDRESS *address, UINT *port);

#endif
