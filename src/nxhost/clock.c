/* SPDX-License-Identifier: MIT */
/* The ticks of a world: the host's monotonic clock, or a virtual one that jumps. Knows nothing of threads. */
#include "clock.h"

#include "nxhost.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <time.h>

#define NANOSECONDS_PER_TICK ((uint64_t)1000000000U / NX_IP_PERIODIC_RATE)

static uint64_t origin;      /* of the real clock */
static uint64_t virtual_now; /* nanoseconds since the world began */
static uint64_t offset;
static bool is_virtual;

static uint64_t monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static uint64_t elapsed(void) {
    return is_virtual ? virtual_now : monotonic() - origin;
}

void clock_open(void) {
    origin = monotonic();
    virtual_now = 0;
    offset = 0;
}

uint64_t clock_ticks(void) {
    return elapsed() / NANOSECONDS_PER_TICK;
}

uint64_t clock_offset(void) {
    return offset;
}

void clock_set_offset(uint64_t ticks) {
    offset = ticks;
}

void clock_set_virtual(bool on) {
    uint64_t now = elapsed();
    is_virtual = on;
    virtual_now = now;
    origin = monotonic() - now;
}

/* Milliseconds until the tick, rounded up so that a wait never ends early. */
static int timeout_until(uint64_t until) {
    if (until == UINT64_MAX) {
        return -1;
    }
    uint64_t target = until * NANOSECONDS_PER_TICK;
    uint64_t now = elapsed();
    uint64_t left = target > now ? (target - now + 999999U) / 1000000U : 0;
    return left > INT_MAX ? INT_MAX : (int)left;
}

int clock_poll(struct pollfd *set, unsigned count, uint64_t until) {
    if (is_virtual && count == 0) {
        uint64_t target = until * NANOSECONDS_PER_TICK;
        virtual_now = until != UINT64_MAX && target > virtual_now ? target : virtual_now;
        return 0;
    }
    uint64_t before = monotonic();
    int ready = poll(set, (nfds_t)count, timeout_until(until));
    if (is_virtual && until != 0) {
        virtual_now += monotonic() - before;
    }
    return ready < 0 && errno == EINTR ? 0 : ready;
}
