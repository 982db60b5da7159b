/* SPDX-License-Identifier: MIT */
/* The ticks of a world: the host's monotonic clock, or a virtual one that jumps. Knows nothing of threads. */
#ifndef NXHOST_CLOCK_H
#define NXHOST_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

void clock_open(void);
uint64_t clock_ticks(void);
void clock_set_virtual(bool on);
/* What tx_time_set added to the ticks. */
uint64_t clock_offset(void);
void clock_set_offset(uint64_t ticks);
/* Waits until the tick at the latest, or until a descriptor of the set is ready. The virtual clock does not wait when
 * the set is empty; otherwise it takes over the time that passed. Tick UINT64_MAX: no limit; 0: only look. */
struct pollfd;
int clock_poll(struct pollfd *set, unsigned count, uint64_t until);

#endif
