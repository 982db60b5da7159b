/* SPDX-License-Identifier: MIT */
/* Why dialling, a handshake or a stream failed, for a program and for a person. Refuses to print it. */
#ifndef SATCHEL_NET_ERROR_H
#define SATCHEL_NET_ERROR_H

#include <stdbool.h>

#define NET_ERROR_TEXT 256

enum net_error_kind {
    NET_ERROR_NONE,
    NET_ERROR_NAME,        /* the host's name cannot be looked up, or is none */
    NET_ERROR_REFUSED,     /* nothing listens there */
    NET_ERROR_UNREACHABLE, /* no way to the host */
    NET_ERROR_TIMEOUT,     /* no answer in time */
    NET_ERROR_TLS,         /* the peer does not speak TLS, or none that both sides accept */
    NET_ERROR_CERTIFICATE, /* nobody who is trusted vouches for the certificate */
    NET_ERROR_EXPIRED,     /* the certificate is no longer valid, or not yet */
    NET_ERROR_IDENTITY,    /* the certificate is good, but for other names */
    NET_ERROR_PIN,         /* the key is another than the pinned one */
    NET_ERROR_ALPN,        /* the peer means another protocol */
    NET_ERROR_CLIENT,      /* the peer wants a client certificate, or another one */
    NET_ERROR_CONFIG,      /* an option, or a file that an option names, cannot be used */
    NET_ERROR_TRUNCATED,   /* the stream ended without TLS's close_notify */
    NET_ERROR_CLOSED,      /* the peer closed or reset the connection */
    NET_ERROR_CANCELLED,   /* the caller's cancel descriptor became readable */
    NET_ERROR_MEMORY,
    NET_ERROR_SYSTEM /* this machine: descriptors, threads */
};

/* Plain sentences without a full stop; printable ASCII whatever the peer sent. */
struct net_error {
    enum net_error_kind kind;
    char text[NET_ERROR_TEXT]; /* what failed, and where */
    char hint[NET_ERROR_TEXT]; /* what to do about it, or "" */
};

/* Fills `error` in printf's manner; always false, so that a function can return it. The hint stays "". */
__attribute__((format(printf, 3, 4))) bool net_fail(struct net_error *error, enum net_error_kind kind, const char *text,
                                                    ...);

/* Adds what to do; always false. */
__attribute__((format(printf, 2, 3))) bool net_hint(struct net_error *error, const char *hint, ...);

#define NET_ERRNO_TEXT 128

/* errno's value in words. */
void net_errno_words(char out[NET_ERRNO_TEXT], int error);

#endif
