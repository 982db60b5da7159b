/* SPDX-License-Identifier: MIT */
/* The one wait of this room: a descriptor, a deadline, and the caller's cancel descriptor. Refuses to read or write. */
#ifndef SATCHEL_NET_WAIT_H
#define SATCHEL_NET_WAIT_H

#include "net/stream.h"

#include <poll.h>

/* The longest wait that poll(2) takes at once, up to the deadline; 0 when it has passed. */
int net_wait_ms(uint64_t deadline_ms);

/* Positive: `events` came. Otherwise NET_NOTHING (the deadline), NET_CANCELLED (first of all) or NET_FAILED. */
ptrdiff_t net_wait_fd(int fd, short events, int cancel_fd, uint64_t deadline_ms);

/* The same for some descriptors; the cancel descriptor stands behind them, in entries[count]. */
ptrdiff_t net_wait_some(struct pollfd *entries, size_t count, int cancel_fd, uint64_t deadline_ms);

#endif
