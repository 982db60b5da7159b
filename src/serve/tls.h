/* SPDX-License-Identifier: MIT */
/* The server's side of TLS: certificate, versions, and what is wrong with them on demand. Refuses to see a stream. */
#ifndef SATCHEL_SERVE_TLS_H
#define SATCHEL_SERVE_TLS_H

#include "net/tls_server.h"

#include <stdbool.h>

enum serve_tls_mode { SERVE_TLS_OFF, SERVE_TLS_STLS, SERVE_TLS_IMPLICIT };

/* What the certificate made at the start is like. */
enum serve_certificate_kind {
    SERVE_CERTIFICATE_GOOD,
    SERVE_CERTIFICATE_EXPIRED,
    SERVE_CERTIFICATE_EARLY,
    SERVE_CERTIFICATE_OTHER_NAME,
    SERVE_CERTIFICATE_SELF_SIGNED
};

/* Begin with {0}. */
struct serve_tls_options {
    unsigned mode;                /* one of serve_tls_mode */
    const char *certificate_file; /* PEM; NULL: one is made, and an authority that vouches for it */
    const char *key_file;
    const char *ca_out; /* where that authority's certificate goes, for clients to trust; NULL: nowhere */
    const char *client_ca_file;
    unsigned made;    /* one of serve_certificate_kind */
    unsigned version; /* one of net_tls_version: this one only; NET_TLS_DEFAULT: 1.2 and 1.3 */
    const char *alpn; /* answered whatever the client offers; NULL: "pop3" to those who offer it */
    bool no_close_notify;
};

/* For a server on that address, with that name ("": none). NULL: `error`. */
struct net_tls_server *serve_tls_new(const struct serve_tls_options *options, const char *address, const char *name,
                                     struct net_error *error);

#endif
