/* SPDX-License-Identifier: MIT */
/* The table that redirects addresses written into an application to addresses of the host. */
#ifndef NXHOST_ROUTE_H
#define NXHOST_ROUTE_H

#include "nxhost.h"

/* Replaces the address and port by where they are routed to; false: no such route, nothing is changed. */
bool route_apply(NXD_ADDRESS *address, UINT *port);
/* Back to NXHOST_ROUTE. */
void route_reset(void);

#endif
