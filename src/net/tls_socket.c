/* SPDX-License-Identifier: MIT */
/*
 * The BIO under each TLS stream. It takes every record that OpenSSL writes and queues what the socket does not take, so
 * that OpenSSL never asks for a write to be repeated. OpenSSL's own socket BIO would raise SIGPIPE (R-TLS-19).
 */
#define _POSIX_C_SOURCE 200809L

#include "net/tls_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define QUEUE_SIZE 20480 /* the longest record, 16 KiB of content with what is around it, and some alerts */

#define READS_IN_A_ROW 16

/* How many octets the socket took; 0 when it takes none now. */
static size_t send_some(struct net_tls *tls, const void *data, size_t size) {
    ssize_t put;

    do {
        put = send(tls->fd, data, size, MSG_NOSIGNAL);
    } while (put < 0 && errno == EINTR);
    if (put < 0 && errno != EAGAIN) {
        tls->write_error = errno;
    }
    return put > 0 ? (size_t)put : 0;
}

bool net_tls_flush(struct net_tls *tls) {
    struct net_tls_queue *queue = &tls->queue;

    while (tls->write_error == 0 && queue->begin < queue->end) {
        size_t put = send_some(tls, queue->octets + queue->begin, queue->end - queue->begin);

        if (put == 0) {
            return false;
        }
        queue->begin += put;
    }
    if (tls->write_error != 0) {
        return false;
    }
    queue->begin = queue->end = 0;
    if (tls->finished && !tls->socket_finished) {
        tls->socket_finished = true;
        (void)shutdown(tls->fd, SHUT_WR);
    }
    return true;
}

/* How many octets found room. */
static size_t enqueue(struct net_tls_queue *queue, const void *data, size_t size) {
    if (queue->octets == NULL) {
        queue->octets = malloc(QUEUE_SIZE);
    }
    if (queue->octets == NULL) {
        return 0;
    }
    if (queue->begin > 0) {
        memmove(queue->octets, queue->octets + queue->begin, queue->end - queue->begin);
        queue->end -= queue->begin;
        queue->begin = 0;
    }
    size = size < QUEUE_SIZE - queue->end ? size : QUEUE_SIZE - queue->end;
    memcpy(queue->octets + queue->end, data, size);
    queue->end += size;
    return size;
}

/*
 * To a peer that has gone everything can be written: what it said before, an alert perhaps, is still to be read, and
 * reading finds the end of the connection.
 */
static int after_write_error(const struct net_tls *tls, int size) {
    return tls->write_error == EPIPE || tls->write_error == ECONNRESET ? size : -1;
}

static int bio_write(BIO *bio, const char *data, int size) {
    struct net_tls *tls = BIO_get_data(bio);
    size_t taken = 0;

    BIO_clear_retry_flags(bio);
    if (size <= 0) {
        return 0;
    }
    if (net_tls_flush(tls)) {
        taken = send_some(tls, data, (size_t)size);
    }
    if (tls->write_error != 0) {
        return after_write_error(tls, size);
    }
    if (taken < (size_t)size) {
        taken += enqueue(&tls->queue, data + taken, (size_t)size - taken);
    }
    if (taken == 0) {
        BIO_set_retry_write(bio);
        return -1;
    }
    return (int)taken;
}

static void keep_opening(struct net_tls *tls, const char *data, size_t size) {
    for (size_t i = 0; i < size && tls->opening_size < sizeof tls->opening; i++) {
        tls->opening[tls->opening_size++] = (unsigned char)data[i];
    }
}

/*
 * OpenSSL reads on and on through what carries no content, such as new keys. So that a peer who sends nothing else cannot
 * hold it there, it now and then finds nothing, and comes back to where clock and cancel are looked at.
 */
static bool reads_too_long(struct net_tls *tls) {
    tls->reads = tls->reads < READS_IN_A_ROW ? tls->reads + 1 : 0;
    return tls->reads == 0;
}

static int bio_read(BIO *bio, char *buffer, int size) {
    struct net_tls *tls = BIO_get_data(bio);
    ssize_t got;

    BIO_clear_retry_flags(bio);
    if (size <= 0) {
        return 0;
    }
    if (reads_too_long(tls)) {
        BIO_set_retry_read(bio);
        return -1;
    }
    do {
        got = recv(tls->fd, buffer, (size_t)size, 0);
    } while (got < 0 && errno == EINTR);
    if (got > 0) {
        keep_opening(tls, buffer, (size_t)got);
    } else if (got == 0) {
        tls->socket_ended = true;
    } else if (errno == EAGAIN) {
        tls->reads = 0;
        BIO_set_retry_read(bio);
    } else {
        tls->read_error = errno;
    }
    return (int)got;
}

static long bio_control(BIO *bio, int command, long number, void *pointer) {
    const struct net_tls *tls = BIO_get_data(bio);

    (void)number;
    (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH: return 1; /* queued is as good as sent */
    case BIO_CTRL_EOF: return tls->socket_ended ? 1 : 0;
    default: return 0;
    }
}

/* A method of its own for each stream: a shared one would be a global to make once and to free never. */
BIO *net_tls_bio_new(struct net_tls *tls) {
    BIO *bio = NULL;

    tls->method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "satchel");
    if (tls->method != NULL && BIO_meth_set_write(tls->method, bio_write) == 1 &&
        BIO_meth_set_read(tls->method, bio_read) == 1 && BIO_meth_set_ctrl(tls->method, bio_control) == 1) {
        bio = BIO_new(tls->method);
    }
    if (bio != NULL) {
        BIO_set_data(bio, tls);
        BIO_set_init(bio, 1);
    }
    return bio;
}
