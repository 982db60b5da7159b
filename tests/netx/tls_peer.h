/* SPDX-License-Identifier: MIT */
/* TLS for the scripted server: OpenSSL between two buffers, which the server's packets fill and empty; and certificates of
 * a CA made on the spot, good ones and others. Knows no NetX. */
#ifndef SATCHEL_TEST_TLS_PEER_H
#define SATCHEL_TEST_TLS_PEER_H

#include <stdbool.h>
#include <stddef.h>

#define TLS_NAME "pop.example.org"

enum tls_certificate {
    TLS_GOOD, /* for TLS_NAME, signed by the CA that clients trust */
    TLS_WILDCARD,
    TLS_COMMON_NAME, /* TLS_NAME is the subject's common name, and no other name is there */
    TLS_OTHER_NAME,
    TLS_NUL_NAME, /* "pop.example.org", NUL, ".example.net" */
    TLS_OTHER_CA,
    TLS_SELF_SIGNED,
    TLS_EXPIRED,
    TLS_NOT_YET_VALID,
    TLS_CERTIFICATES
};

/* Between these two, for cmocka_run_group_tests(). */
int tls_set_up(void **state);
int tls_tear_down(void **state);

/* The CA that clients trust, in DER. */
const unsigned char *tls_root(size_t *n);

struct tls_peer;

/* A new connection; version 12 for TLS 1.2 at most, 0 for any. */
struct tls_peer *tls_peer_new(enum tls_certificate certificate, unsigned version);
void tls_peer_free(struct tls_peer *peer);

enum tls_progress { TLS_WAITS, TLS_DONE, TLS_FAILED };
enum tls_progress tls_peer_accept(struct tls_peer *peer);

void tls_peer_put(struct tls_peer *peer, const void *octets, size_t n); /* came from the network */
size_t tls_peer_take(struct tls_peer *peer, void *octets, size_t room); /* is for the network; 0: nothing */
size_t tls_peer_read(struct tls_peer *peer, void *octets, size_t room); /* what the client said; 0: nothing yet */
void tls_peer_write(struct tls_peer *peer, const void *octets, size_t n);
void tls_peer_close_notify(struct tls_peer *peer);
bool tls_peer_saw_close_notify(const struct tls_peer *peer);
const char *tls_peer_sni(const struct tls_peer *peer); /* "": none */

#endif
