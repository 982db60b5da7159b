/* SPDX-License-Identifier: MIT */
/*
 * A byte stream with deadlines. Callers see this interface only, so that a TLS stream can stand where a socket stands.
 * Refuses to know what the octets mean.
 */
#ifndef SATCHEL_NET_STREAM_H
#define SATCHEL_NET_STREAM_H

#include "net/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What read and write return besides a count: 0 is "nothing now", each negative value but NET_CANCELLED is the end. */
enum net_result {
    NET_NOTHING = 0,
    NET_CLOSED = -1,    /* the peer ended the stream in good order */
    NET_FAILED = -2,    /* reset, or any other error of the connection: net_explain() */
    NET_TRUNCATED = -3, /* the connection ended without TLS's close_notify: what was read may lack its end (R-TLS-12) */
    NET_CANCELLED = -4  /* a wait was cut short by cancel_fd; the stream is as before */
};

/* Deadlines are points on net_now_ms()'s clock; NET_NO_WAIT never waits. */
#define NET_NO_WAIT UINT64_C(0)

struct net_stream;

struct net_stream_ops {
    ptrdiff_t (*read)(struct net_stream *stream, void *buffer, size_t size, uint64_t deadline_ms);
    ptrdiff_t (*write)(struct net_stream *stream, const void *data, size_t size, uint64_t deadline_ms);
    void (*finish)(struct net_stream *stream);
    void (*close)(struct net_stream *stream);
    short (*events)(const struct net_stream *stream, short wanted);
    bool (*pending)(const struct net_stream *stream);
    void (*explain)(const struct net_stream *stream, struct net_error *error);
};

/* May be copied and moved as long as one copy only is used. */
struct net_stream {
    const struct net_stream_ops *ops;
    void *tls;     /* what a TLS stream keeps; NULL: a plain socket */
    int fd;        /* what to poll(2), for net_events(); owned by the stream */
    int cancel_fd; /* a descriptor that ends every wait when it is readable; -1: none. Never read from, nor closed */
    int error;     /* errno's value behind NET_FAILED, or 0 */
};

/* Milliseconds of a clock that never goes back; never 0. */
uint64_t net_now_ms(void);

/* Takes over a connected socket: makes it non-blocking and sends small writes at once. */
void net_posix_stream(struct net_stream *stream, int fd);

/* Up to `size` octets (at least one is asked for); NET_NOTHING when the deadline passes first. */
static inline ptrdiff_t net_read(struct net_stream *stream, void *buffer, size_t size, uint64_t deadline_ms) {
    return stream->ops->read(stream, buffer, size, deadline_ms);
}

/*
 * Takes as many octets as there is room for, perhaps fewer than `size`; NET_NOTHING when the deadline passes first.
 * Later calls need not repeat what was not taken. What a TLS stream took and the socket did not, any later call sends.
 */
static inline ptrdiff_t net_write(struct net_stream *stream, const void *data, size_t size, uint64_t deadline_ms) {
    return stream->ops->write(stream, data, size, deadline_ms);
}

/* Ends the sending direction: the peer reads what was written, then the end. Reading goes on. */
static inline void net_finish(struct net_stream *stream) {
    stream->ops->finish(stream);
}

/* Ends the stream and gives back its descriptor. Never waits. */
static inline void net_close(struct net_stream *stream) {
    stream->ops->close(stream);
}

/*
 * What poll(2) must watch on `fd` for a caller that wants to read (POLLIN), to write (POLLOUT) or both: within TLS each
 * may need the other. Ask before each poll(2). Nothing wanted and nothing to send: 0.
 */
static inline short net_events(const struct net_stream *stream, short wanted) {
    return stream->ops->events(stream, wanted);
}

/* True while octets wait inside the stream: read again before polling, for the socket may stay silent. */
static inline bool net_pending(const struct net_stream *stream) {
    return stream->ops->pending(stream);
}

/*
 * Waits until reading (POLLIN) or writing (POLLOUT), whichever of `wanted` first, may go on: true. Otherwise *result is
 * NET_NOTHING (deadline), NET_CANCELLED or NET_FAILED. For callers that read and write in turn.
 */
bool net_wait(struct net_stream *stream, short wanted, uint64_t deadline_ms, enum net_result *result);

/* Why the stream ended, after a negative result of read or write. */
static inline void net_explain(const struct net_stream *stream, struct net_error *error) {
    stream->ops->explain(stream, error);
}

#endif
