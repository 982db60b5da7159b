/* SPDX-License-Identifier: MIT */
/*
 * TLS 1.2 and 1.3 on a connected stream, as client: no compression, no renegotiation, no early data (R-TLS-09 to -19).
 * OpenSSL does the protocol and all checks. Refuses to know what is said inside.
 */
#ifndef SATCHEL_NET_TLS_H
#define SATCHEL_NET_TLS_H

#include "net/error.h"
#include "net/stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_TLS_HANDSHAKE_MS 30000 /* L-01 */
#define NET_TLS_BINDING_MOST 64    /* octets of the longest channel binding */

struct net_tls_sessions;
struct net_tls_info;

/* Begin with {0}; all text is borrowed for the call only. */
struct net_tls_options {
    const char *host; /* as configured: SNI, and the name or address that the certificate must bear (R-TLS-09) */
    uint16_t port;    /* for messages, and as part of a session's key */

    /* Whom to trust: a PEM file, a hashed directory; both NULL: the system's, its directory before its file. */
    const char *ca_file;
    const char *ca_dir;

    const char *pin; /* "sha256//BASE64" of the server's public key, several with ';'; on top of the other checks */
    bool verify_pin_only; /* the pin alone decides, chain, time and name do not (R-TLS-18); needs `pin` */

    const char *client_cert; /* PEM: certificate, then its chain; NULL: none */
    const char *client_key;  /* PEM, not encrypted; NULL: in client_cert */

    const char *alpn;                  /* "pop3"; NULL: not sent */
    struct net_tls_sessions *sessions; /* NULL: every handshake is a whole one */
    struct net_tls_info *seen;         /* filled with what the peer showed, also on failure; or NULL */
};

/*
 * Makes `stream`, on which nothing received may wait, a TLS stream, in place. False: `error`, and the stream can only
 * be closed. SIGPIPE is never raised.
 */
bool net_tls_connect(struct net_stream *stream, const struct net_tls_options *options, uint64_t deadline_ms,
                     struct net_error *error);

/*
 * Tickets for shorter handshakes, in memory, for any number of threads. A ticket serves where host, port, trust, pin,
 * client certificate and ALPN are the same as when it came; every check is made again (R-TLS-17).
 */
struct net_tls_sessions *net_tls_sessions_new(void);
void net_tls_sessions_free(struct net_tls_sessions *sessions);

#define NET_TLS_NAME_SIZE 256
#define NET_TLS_PIN_SIZE 56 /* "sha256//", 44 octets of base64, NUL */

/* Texts are printable ASCII; what they lack room for is cut, with "..." at the end. Times are seconds since 1970. */
struct net_tls_info {
    char protocol[16]; /* "TLSv1.3" */
    char cipher[64];
    char alpn[16]; /* as answered, or "" */
    bool resumed;
    bool certificate_wanted; /* the peer asked for a client certificate */
    bool certificate_sent;

    bool peer; /* the peer showed a certificate; the members from here on describe it */
    char subject[NET_TLS_NAME_SIZE];
    char issuer[NET_TLS_NAME_SIZE];
    char names[NET_TLS_NAME_SIZE]; /* of subjectAltName: DNS names and addresses, ", " between them */
    int64_t not_before;
    int64_t not_after;
    char key[32]; /* "RSA 2048", "EC prime256v1", "ED25519" */
    char pin[NET_TLS_PIN_SIZE];
    unsigned chain;               /* certificates that the peer sent, its own included */
    bool trusted;                 /* chain, time and identity are good, whatever the pin */
    char verdict[NET_ERROR_TEXT]; /* the same in plain words */
};

/* What there is to say about a TLS stream whose handshake is done; false for any other stream. */
bool net_tls_info(const struct net_stream *stream, struct net_tls_info *info);

enum net_tls_binding_type {
    NET_TLS_BINDING_NONE,
    NET_TLS_EXPORTER,        /* RFC 9266: TLS 1.3 */
    NET_TLS_SERVER_END_POINT /* RFC 5929: TLS 1.2; none where the certificate's signature has no hash of its own */
};

/* The binding of R-SCRAM-04 for this stream, as client or server; `size` octets of `out`. */
enum net_tls_binding_type net_tls_binding(const struct net_stream *stream, unsigned char out[NET_TLS_BINDING_MOST],
                                          size_t *size);

#endif
