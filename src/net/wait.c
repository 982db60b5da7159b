/* SPDX-License-Identifier: MIT */
/* Waiting, and the clock of its deadlines. Refuses to know what is waited for. */
#define _POSIX_C_SOURCE 200809L

#include "net/wait.h"

#include <errno.h>
#include <limits.h>
#include <time.h>

uint64_t net_now_ms(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + 1;
}

int net_wait_ms(uint64_t deadline_ms) {
    uint64_t now = net_now_ms();
    uint64_t left = deadline_ms > now ? deadline_ms - now : 0;

    return left > INT_MAX ? INT_MAX : (int)left;
}

/* Interrupted waits go on with what is left of them. */
ptrdiff_t net_wait_some(struct pollfd *entries, size_t count, int cancel_fd, uint64_t deadline_ms) {
    entries[count] = (struct pollfd){.fd = cancel_fd, .events = POLLIN};
    for (;;) {
        int wait_ms = net_wait_ms(deadline_ms);
        int ready = poll(entries, (nfds_t)count + 1, wait_ms);

        if (ready > 0) {
            return entries[count].revents != 0 ? NET_CANCELLED : ready;
        }
        if (ready < 0 && errno != EINTR) {
            return NET_FAILED;
        }
        if (ready == 0 && wait_ms < INT_MAX) {
            return NET_NOTHING;
        }
    }
}

ptrdiff_t net_wait_fd(int fd, short events, int cancel_fd, uint64_t deadline_ms) {
    struct pollfd entries[2] = {{.fd = fd, .events = events}};

    return net_wait_some(entries, 1, cancel_fd, deadline_ms);
}

bool net_wait(struct net_stream *stream, short wanted, uint64_t deadline_ms, enum net_result *result) {
    ptrdiff_t ready;

    if ((wanted & POLLIN) != 0 && net_pending(stream)) {
        return true;
    }
    ready = net_wait_fd(stream->fd, net_events(stream, wanted), stream->cancel_fd, deadline_ms);
    if (ready > 0) {
        return true;
    }
    *result = (enum net_result)ready;
    return false;
}
