/* SPDX-License-Identifier: MIT */
/*
 * TLS as server, for trials and tests: handshakes that never block, and the misbehaviour that clients are tried with.
 * Refuses to be a production server's: no OCSP, no certificate chosen by name.
 */
#ifndef SATCHEL_NET_TLS_SERVER_H
#define SATCHEL_NET_TLS_SERVER_H

#include "net/certificate.h"
#include "net/error.h"
#include "net/stream.h"

#include <stdbool.h>

enum net_tls_version { NET_TLS_DEFAULT, NET_TLS_1_0, NET_TLS_1_1, NET_TLS_1_2, NET_TLS_1_3 };

/* Begin with {0}; all is borrowed for the call only. */
struct net_tls_server_options {
    /* Either PEM files (certificate, then its chain; key_file NULL: in the same file), or certificates made here. */
    const char *certificate_file;
    const char *key_file;
    const struct net_certificate *certificate;
    const struct net_certificate *intermediate; /* sent behind it; NULL: none */

    enum net_tls_version least; /* NET_TLS_DEFAULT: 1.2 */
    enum net_tls_version most;  /* NET_TLS_DEFAULT: the newest */

    const char *alpn;     /* chosen when the client offers it; NULL: ALPN is not answered */
    bool alpn_required;   /* a client that offers ALPN without `alpn` gets a no_application_protocol alert */
    const char *alpn_lie; /* answers this, whatever the client offers (it must offer something) */

    bool client_wanted;                      /* clients are asked for a certificate, which may be anyone's */
    bool client_required;                    /* ... and without one there is no connection */
    const char *client_ca_file;              /* ... and it must be vouched for by these (PEM) */
    const struct net_certificate *client_ca; /* ... or by this one */

    bool no_close_notify; /* streams end without TLS's end, as an attacker would cut them */
    bool no_tickets;      /* no session can be resumed */
};

struct net_tls_server;

/* NULL: `error`. Serves any number of streams, and outlives them. */
struct net_tls_server *net_tls_server_new(const struct net_tls_server_options *options, struct net_error *error);
void net_tls_server_free(struct net_tls_server *server);

/*
 * Makes an accepted stream a TLS stream, in place. The handshake goes on inside read and write, which return
 * NET_NOTHING until it is done: poll(2) for net_events() of what you want to do next. False: no memory.
 */
bool net_tls_accept(struct net_stream *stream, const struct net_tls_server *server);

/* The handshake is done (net_tls_info() has the client's certificate then). */
bool net_tls_ready(const struct net_stream *stream);

/* The client showed a certificate that was checked and is made out to `name`: its common name, or a mail address of
   its subjectAltName. */
bool net_tls_client_is(const struct net_stream *stream, const char *name);

/* TLS 1.2: asks the client for a renegotiation, which it must refuse. False: not TLS 1.2, or not ready. */
bool net_tls_renegotiate(struct net_stream *stream);

#endif
