/* SPDX-License-Identifier: MIT */
/* net_stream over a POSIX socket, and the clock of its deadlines. Refuses to raise signals. */
#define _POSIX_C_SOURCE 200809L

#include "net/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

uint64_t net_now_ms(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + 1;
}

/* True when `events` came in time; interrupted waits go on with what is left of them. */
static bool wait_for(int fd, short events, uint64_t deadline_ms) {
    for (;;) {
        uint64_t now = net_now_ms();
        uint64_t left = deadline_ms > now ? deadline_ms - now : 0;
        struct pollfd entry = {.fd = fd, .events = events};
        int ready = poll(&entry, 1, left > INT_MAX ? INT_MAX : (int)left);

        if (ready > 0) {
            return true;
        }
        if ((ready == 0 && left <= INT_MAX) || (ready < 0 && errno != EINTR)) {
            return false;
        }
    }
}

static bool would_block(int error) {
    return error == EAGAIN; /* EWOULDBLOCK is the same on Linux */
}

static ptrdiff_t socket_read(struct net_stream *stream, void *buffer, size_t size, uint64_t deadline_ms) {
    for (;;) {
        ssize_t got = recv(stream->fd, buffer, size, 0);

        if (got >= 0) {
            return got == 0 ? NET_CLOSED : (ptrdiff_t)got;
        }
        if (errno == EINTR) {
            continue;
        }
        if (!would_block(errno)) {
            return NET_FAILED;
        }
        if (deadline_ms == NET_NO_WAIT || !wait_for(stream->fd, POLLIN, deadline_ms)) {
            return NET_NOTHING;
        }
    }
}

static ptrdiff_t socket_write(struct net_stream *stream, const void *data, size_t size, uint64_t deadline_ms) {
    for (;;) {
        ssize_t put = send(stream->fd, data, size, MSG_NOSIGNAL);

        if (put >= 0) {
            return (ptrdiff_t)put;
        }
        if (errno == EINTR) {
            continue;
        }
        if (!would_block(errno)) {
            return NET_FAILED;
        }
        if (deadline_ms == NET_NO_WAIT || !wait_for(stream->fd, POLLOUT, deadline_ms)) {
            return NET_NOTHING;
        }
    }
}

static void socket_finish(struct net_stream *stream) {
    (void)shutdown(stream->fd, SHUT_WR);
}

static void socket_close(struct net_stream *stream) {
    (void)close(stream->fd);
    stream->fd = -1;
}

static const struct net_stream_ops socket_ops = {socket_read, socket_write, socket_finish, socket_close};

void net_posix_stream(struct net_stream *stream, int fd) {
    int one = 1;
    int flags = fcntl(fd, F_GETFL);

    (void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    *stream = (struct net_stream){.ops = &socket_ops, .fd = fd};
}
