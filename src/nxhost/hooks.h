/* SPDX-License-Identifier: MIT */
/* The state behind nxhost.h's hooks, for the services that obey them. */
#ifndef NXHOST_HOOKS_H
#define NXHOST_HOOKS_H

#include "nxhost.h"

/* Counts a use of the call; true: it must fail with *status. */
bool hooks_fail(enum nxhost_call call, UINT *status);

enum nxhost_delivery hooks_delivery(void);
size_t hooks_octets(void);
bool hooks_empty_segments(void);
bool hooks_segment_is_empty(void); /* the next one of those that nxhost_segments tells */
bool hooks_segments_hold_more(void);
size_t hooks_segment(void); /* how many octets it holds, and on to the one behind it */
bool hooks_offline(void);
void hooks_observe(NX_TCP_SOCKET *socket, enum nxhost_direction direction, const void *octets, size_t n);
void hooks_observe_packet(NX_TCP_SOCKET *socket, enum nxhost_direction direction, const NX_PACKET *packet);

void hooks_reset(void);

#endif
