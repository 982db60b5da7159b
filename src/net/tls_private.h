/* SPDX-License-Identifier: MIT */
/* What the sources of TLS share. No other room includes it. */
#ifndef SATCHEL_NET_TLS_PRIVATE_H
#define SATCHEL_NET_TLS_PRIVATE_H

#include "net/host.h"
#include "net/stream.h"
#include "net/tls.h"

#include <openssl/ssl.h>

#define NET_TLS_DIGEST 32 /* SHA-256 */
#define NET_TLS_PINS_MOST 8
#define NET_TLS_OPENING 4 /* the first octets of the peer, kept to tell what it is if it is not TLS */
#define NET_TLS_ANSWER 32 /* what is kept of the peer's answer to ALPN, and a NUL */

struct net_tls_pins {
    size_t count;
    unsigned char digest[NET_TLS_PINS_MOST][NET_TLS_DIGEST];
};

struct net_tls_queue {
    unsigned char *octets; /* allocated when the socket first takes less than all */
    size_t begin, end;
};

struct net_tls {
    SSL *ssl;
    BIO_METHOD *method;
    int fd; /* the stream's */

    /* The socket's side. */
    struct net_tls_queue queue; /* what OpenSSL wrote and the socket did not take yet */
    unsigned reads;             /* since the socket last had nothing */
    unsigned char opening[NET_TLS_OPENING];
    size_t opening_size;
    int read_error; /* errno's values */
    int write_error;
    bool socket_ended; /* the peer closed the connection, whatever TLS says */

    /* The stream. */
    bool established;        /* the handshake was done once: net_tls_established() */
    enum net_result ended;   /* NET_NOTHING while it can be read */
    unsigned long ssl_error; /* OpenSSL's, behind NET_FAILED */
    bool no_memory;          /* that is why */
    bool drained;            /* nothing can be read before the socket has more */
    bool finished;           /* our end is written, */
    bool socket_finished;    /* and has left for the peer */
    bool no_close_notify;

    /* As client: what to demand of the certificate, and what there was. */
    struct net_host host;
    uint16_t port;
    struct net_tls_pins pins;
    bool verify_pin_only;
    bool pin_failed;
    const char *alpn; /* what is offered, for the time of the handshake */
    char alpn_answer[NET_TLS_ANSWER];
    bool alpn_failed;
    bool certificate_wanted;
    X509 *leaf;       /* the peer's certificate, also when it was refused; or NULL */
    X509 *culprit;    /* the certificate that verify_error is about; or NULL */
    int verify_error; /* X509_V_OK: chain, time and identity are good */
    unsigned chain;

    /* As server: a client's certificate may be anyone's. */
    bool verify_anyone;

    struct net_tls_sessions *sessions;
    unsigned char session_key[NET_TLS_DIGEST];
};

/* tls_socket.c: between OpenSSL and the socket. It takes over nothing but the descriptor's use. */
BIO *net_tls_bio_new(struct net_tls *tls);
/* Sends what is queued; then the end, if the stream is finished. False: something is left, or sending failed. */
bool net_tls_flush(struct net_tls *tls);

/* tls_stream.c: `ssl` passes to the result; NULL: no memory, and `ssl` is gone. */
struct net_tls *net_tls_new(SSL *ssl, int fd);
void net_tls_free(struct net_tls *tls);
void net_tls_attach(struct net_stream *stream, struct net_tls *tls);
struct net_tls *net_tls_of(const struct net_stream *stream); /* NULL: another kind of stream */
/* What OpenSSL says last went wrong for want of memory; forgets all of it. */
bool net_tls_no_memory(void);
/* The handshake is done. OpenSSL's own answer turns back when a message behind the handshake is cut off. */
bool net_tls_established(struct net_tls *tls);
/* After a call of OpenSSL failed: NET_NOTHING when it must be repeated after a wait. */
enum net_result net_tls_judge(struct net_tls *tls, int returned);

/* tls_trust.c */
bool net_tls_trust(SSL_CTX *context, const struct net_tls_options *options, struct net_error *error);

/* tls_verify.c */
bool net_tls_pins_parse(struct net_tls_pins *pins, const char *text, struct net_error *error);
bool net_tls_pin_of(X509 *certificate, unsigned char digest[NET_TLS_DIGEST]);
void net_tls_pin_text(char out[NET_TLS_PIN_SIZE], const unsigned char digest[NET_TLS_DIGEST]);
bool net_tls_demand(struct net_tls *tls, SSL_CTX *context); /* identity and checks; false: no memory */
bool net_tls_verify_again(struct net_tls *tls);             /* all checks on a resumed session */

/* tls_sessions.c: key of a ticket; a ticket to try; tickets as they come in. */
bool net_tls_sessions_use(struct net_tls *tls, SSL_CTX *context, const struct net_tls_options *options);

/* tls_words.c */
bool net_tls_certificate_words(const struct net_tls *tls, struct net_error *error);
bool net_tls_failure_words(const struct net_tls *tls, struct net_error *error);

/* tls_info.c */
void net_tls_describe(const struct net_tls *tls, struct net_tls_info *info);
void net_tls_names(X509 *certificate, char *out, size_t size);
void net_tls_name_text(const X509_NAME *name, char *out, size_t size);
void net_tls_day(const ASN1_TIME *time, char out[16]);

#endif
