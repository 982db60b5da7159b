/* SPDX-License-Identifier: MIT */
/* A TLS stream, of a client or a server: reading, writing, ending. Refuses to wait beyond its deadlines. */
#define _POSIX_C_SOURCE 200809L

#include "net/tls_private.h"
#include "net/wait.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <unistd.h>

#define RECORD_MOST 16384 /* content of a record: RFC 8446 section 5.1 */

struct net_tls *net_tls_new(SSL *ssl, int fd) {
    struct net_tls *tls = calloc(1, sizeof *tls);
    BIO *bio = tls != NULL ? net_tls_bio_new(tls) : NULL;

    if (bio == NULL || SSL_set_app_data(ssl, tls) != 1) {
        (void)BIO_free(bio);
        if (tls != NULL) {
            BIO_meth_free(tls->method);
        }
        free(tls);
        SSL_free(ssl);
        return NULL;
    }
    tls->ssl = ssl;
    tls->fd = fd;
    SSL_set_bio(ssl, bio, bio);
    SSL_set_read_ahead(ssl, 1);
    (void)SSL_set_mode(ssl,
                       SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    return tls;
}

void net_tls_free(struct net_tls *tls) {
    SSL_free(tls->ssl);
    BIO_meth_free(tls->method);
    X509_free(tls->leaf);
    X509_free(tls->culprit);
    free(tls->queue.octets);
    free(tls);
    ERR_clear_error(); /* what is left there would be taken for the failure of the program's next call */
}

static enum net_result end(struct net_tls *tls, enum net_result how) {
    tls->ended = how;
    return how;
}

bool net_tls_established(struct net_tls *tls) {
    tls->established = tls->established || SSL_is_init_finished(tls->ssl) == 1;
    return tls->established;
}

bool net_tls_no_memory(void) {
    bool found = false;
    unsigned long error;

    while ((error = ERR_get_error()) != 0) {
        found = found || ERR_GET_REASON(error) == (ERR_SYSTEM_ERROR(error) ? ENOMEM : ERR_R_MALLOC_FAILURE);
    }
    return found;
}

enum net_result net_tls_judge(struct net_tls *tls, int returned) {
    switch (SSL_get_error(tls->ssl, returned)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return NET_NOTHING;
    case SSL_ERROR_ZERO_RETURN: return end(tls, NET_CLOSED);
    default:
        tls->ssl_error = ERR_peek_error();
        tls->no_memory = net_tls_no_memory();
        return end(tls, tls->socket_ended && net_tls_established(tls) ? NET_TRUNCATED : NET_FAILED);
    }
}

static short tls_events(const struct net_stream *stream, short wanted) {
    struct net_tls *tls = stream->tls;
    short events = wanted;

    if (wanted != 0 && !net_tls_established(tls)) {
        events = POLLIN; /* what a handshake has to say, it has said or queued */
    }
    return tls->queue.begin < tls->queue.end ? (short)(events | POLLOUT) : events;
}

static bool tls_pending(const struct net_stream *stream) {
    const struct net_tls *tls = stream->tls;

    return !tls->drained && SSL_has_pending(tls->ssl) == 1;
}

/* Positive: try again. A peer that is always ready, but never with content, does not stop the clock. */
static ptrdiff_t wait_for(const struct net_stream *stream, short wanted, uint64_t deadline_ms) {
    ptrdiff_t ready;

    if (deadline_ms == NET_NO_WAIT) {
        return NET_NOTHING;
    }
    ready = net_wait_fd(stream->fd, tls_events(stream, wanted), stream->cancel_fd, deadline_ms);
    return ready > 0 && net_now_ms() >= deadline_ms ? NET_NOTHING : ready;
}

static ptrdiff_t tls_read(struct net_stream *stream, void *buffer, size_t size, uint64_t deadline_ms) {
    struct net_tls *tls = stream->tls;
    ptrdiff_t again;

    do {
        size_t got = 0;

        (void)net_tls_flush(tls);
        if (tls->ended != NET_NOTHING) {
            return tls->ended;
        }
        ERR_clear_error();
        (void)net_tls_established(tls);
        if (SSL_read_ex(tls->ssl, buffer, size, &got) == 1) {
            tls->drained = false;
            return (ptrdiff_t)got;
        }
        again = net_tls_judge(tls, 0);
        if (again != NET_NOTHING) {
            return again;
        }
        tls->drained = true;
        again = wait_for(stream, POLLIN, deadline_ms);
    } while (again > 0);
    return again;
}

/* A peer that has gone may have said why: its alert tells more than "broken pipe". */
static ptrdiff_t write_failed(struct net_tls *tls) {
    char octet;
    size_t got = 0;

    if (tls->ended == NET_NOTHING) {
        ERR_clear_error();
        if (SSL_peek_ex(tls->ssl, &octet, 1, &got) != 1) {
            (void)net_tls_judge(tls, 0);
        }
    }
    return NET_FAILED;
}

/* What is left in the queue waits for room first, so that at most one record is there. */
static ptrdiff_t tls_write(struct net_stream *stream, const void *data, size_t size, uint64_t deadline_ms) {
    struct net_tls *tls = stream->tls;
    ptrdiff_t again;

    do {
        size_t put = 0;
        bool room = net_tls_flush(tls);

        if (tls->write_error != 0 || tls->ended == NET_FAILED || tls->ended == NET_TRUNCATED) {
            return write_failed(tls);
        }
        ERR_clear_error();
        if (room && SSL_write_ex(tls->ssl, data, size < RECORD_MOST ? size : RECORD_MOST, &put) == 1) {
            return (ptrdiff_t)put;
        }
        if (room && net_tls_judge(tls, 0) != NET_NOTHING) {
            return NET_FAILED;
        }
        again = wait_for(stream, POLLOUT, deadline_ms);
    } while (again > 0);
    return again;
}

static bool can_say_goodbye(const struct net_tls *tls) {
    return !tls->finished && !tls->no_close_notify && tls->write_error == 0 && tls->ended != NET_FAILED &&
           SSL_is_init_finished(tls->ssl);
}

static void tls_finish(struct net_stream *stream) {
    struct net_tls *tls = stream->tls;

    if (can_say_goodbye(tls)) {
        ERR_clear_error();
        (void)SSL_shutdown(tls->ssl);
        ERR_clear_error();
    }
    tls->finished = true;
    (void)net_tls_flush(tls);
}

static void tls_close(struct net_stream *stream) {
    tls_finish(stream);
    net_tls_free(stream->tls);
    (void)close(stream->fd);
    stream->tls = NULL;
    stream->fd = -1;
}

static void tls_explain(const struct net_stream *stream, struct net_error *error) {
    (void)net_tls_failure_words(stream->tls, error);
}

static const struct net_stream_ops tls_ops = {tls_read,   tls_write,   tls_finish, tls_close,
                                              tls_events, tls_pending, tls_explain};

void net_tls_attach(struct net_stream *stream, struct net_tls *tls) {
    stream->ops = &tls_ops;
    stream->tls = tls;
}

struct net_tls *net_tls_of(const struct net_stream *stream) {
    return stream->ops == &tls_ops ? stream->tls : NULL;
}
