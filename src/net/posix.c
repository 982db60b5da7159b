/* SPDX-License-Identifier: MIT */
/* net_stream over a POSIX socket. Refuses to raise signals. */
#define _POSIX_C_SOURCE 200809L

#include "net/stream.h"
#include "net/wait.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

static ptrdiff_t failed(struct net_stream *stream, int error) {
    stream->error = error;
    return NET_FAILED;
}

/* After a call that failed: positive when it should be made again, otherwise what to return. */
static ptrdiff_t after_failure(struct net_stream *stream, short events, uint64_t deadline_ms) {
    if (errno == EINTR) {
        return 1;
    }
    if (errno != EAGAIN) { /* EWOULDBLOCK is the same on Linux */
        return failed(stream, errno);
    }
    return deadline_ms == NET_NO_WAIT ? NET_NOTHING : net_wait_fd(stream->fd, events, stream->cancel_fd, deadline_ms);
}

static ptrdiff_t socket_read(struct net_stream *stream, void *buffer, size_t size, uint64_t deadline_ms) {
    ptrdiff_t again;

    do {
        ssize_t got = recv(stream->fd, buffer, size, 0);

        if (got >= 0) {
            return got == 0 ? NET_CLOSED : (ptrdiff_t)got;
        }
        again = after_failure(stream, POLLIN, deadline_ms);
    } while (again > 0);
    return again;
}

static ptrdiff_t socket_write(struct net_stream *stream, const void *data, size_t size, uint64_t deadline_ms) {
    ptrdiff_t again;

    do {
        ssize_t put = send(stream->fd, data, size, MSG_NOSIGNAL);

        if (put >= 0) {
            return (ptrdiff_t)put;
        }
        again = after_failure(stream, POLLOUT, deadline_ms);
    } while (again > 0);
    return again;
}

static void socket_finish(struct net_stream *stream) {
    (void)shutdown(stream->fd, SHUT_WR);
}

static void socket_close(struct net_stream *stream) {
    (void)close(stream->fd);
    stream->fd = -1;
}

static short socket_events(const struct net_stream *stream, short wanted) {
    (void)stream;
    return wanted;
}

static bool socket_pending(const struct net_stream *stream) {
    (void)stream;
    return false;
}

static void socket_explain(const struct net_stream *stream, struct net_error *error) {
    char words[NET_ERRNO_TEXT];

    if (stream->error == 0) {
        (void)net_fail(error, NET_ERROR_CLOSED, "the peer closed the connection");
        return;
    }
    net_errno_words(words, stream->error);
    (void)net_fail(error, NET_ERROR_CLOSED, "the connection broke: %s", words);
}

static const struct net_stream_ops socket_ops = {socket_read,   socket_write,   socket_finish, socket_close,
                                                 socket_events, socket_pending, socket_explain};

void net_posix_stream(struct net_stream *stream, int fd) {
    int one = 1;
    int flags = fcntl(fd, F_GETFL);

    (void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    *stream = (struct net_stream){.ops = &socket_ops, .fd = fd, .cancel_fd = -1};
}
