/* SPDX-License-Identifier: MIT */
/*
 * A byte stream with deadlines. Callers see this interface only, so that a TLS stream can stand where a socket stands.
 * Refuses to know what the octets mean.
 */
#ifndef SATCHEL_NET_STREAM_H
#define SATCHEL_NET_STREAM_H

#include <stddef.h>
#include <stdint.h>

/* What read and write return besides a count: 0 is "nothing now", each negative value is the end of the stream. */
enum net_result {
    NET_NOTHING = 0,
    NET_CLOSED = -1, /* the peer ended the stream in good order */
    NET_FAILED = -2  /* reset, or any other error of the connection */
};

/* Deadlines are points on net_now_ms()'s clock; NET_NO_WAIT never waits. */
#define NET_NO_WAIT UINT64_C(0)

struct net_stream;

struct net_stream_ops {
    ptrdiff_t (*read)(struct net_stream *stream, void *buffer, size_t size, uint64_t deadline_ms);
    ptrdiff_t (*write)(struct net_stream *stream, const void *data, size_t size, uint64_t deadline_ms);
    void (*finish)(struct net_stream *stream);
    void (*close)(struct net_stream *stream);
};

struct net_stream {
    const struct net_stream_ops *ops;
    int fd; /* what to poll(2) for; owned by the stream */
};

/* Milliseconds of a clock that never goes back; never 0. */
uint64_t net_now_ms(void);

/* Takes over a connected socket: makes it non-blocking and sends small writes at once. */
void net_posix_stream(struct net_stream *stream, int fd);

/* Up to `size` octets (at least one is asked for); NET_NOTHING when the deadline passes first. */
static inline ptrdiff_t net_read(struct net_stream *stream, void *buffer, size_t size, uint64_t deadline_ms) {
    return stream->ops->read(stream, buffer, size, deadline_ms);
}

/* Takes as many octets as there is room for, perhaps fewer than `size`; NET_NOTHING when the deadline passes first. */
static inline ptrdiff_t net_write(struct net_stream *stream, const void *data, size_t size, uint64_t deadline_ms) {
    return stream->ops->write(stream, data, size, deadline_ms);
}

/* Ends the sending direction: the peer reads what was written, then the end. Reading goes on. */
static inline void net_finish(struct net_stream *stream) {
    stream->ops->finish(stream);
}

/* Ends the stream and gives back its descriptor. */
static inline void net_close(struct net_stream *stream) {
    stream->ops->close(stream);
}

#endif
