/* SPDX-License-Identifier: MIT */
/* From the octets of a link to the packets that a receive hands over. */
#ifndef NXHOST_DELIVERY_H
#define NXHOST_DELIVERY_H

#include "link.h"

/* NX_NO_PACKET: there are octets, but the IP instance's pool is empty. Call it only when octets are available. */
UINT delivery_take(NX_TCP_SOCKET *socket, NX_PACKET **packet);
size_t delivery_available(NX_TCP_SOCKET *socket);

#endif
