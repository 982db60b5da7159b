/* SPDX-License-Identifier: MIT */
#include "tls_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <openssl/ssl.h>

#include <cmocka.h>

#include "../net/trial.h"
#include "net/certificate_private.h"

#define HOUR 3600

struct tls_peer {
    SSL *ssl;
    BIO *in;
    BIO *out;
};

static struct net_certificate *certificates[TLS_CERTIFICATES];
static unsigned char *root;
static int root_size;

static struct net_certificate *leaf_valid(int64_t begins, int64_t ends) {
    static const struct net_certificate_name name = {TLS_NAME, 0};

    return make_certificate(
        &(struct net_certificate_recipe){.names = &name, .name_count = 1, .begins_s = begins, .ends_s = ends},
        ours.root);
}

static struct net_certificate *leaf_with_nul(void) {
    static const char text[] = TLS_NAME "\0.example.net";
    static const struct net_certificate_name name = {text, sizeof text - 1};

    return make_certificate(&(struct net_certificate_recipe){.names = &name, .name_count = 1}, ours.root);
}

int tls_set_up(void **state) {
    if (authority_set_up(state) != 0) {
        return -1;
    }
    certificates[TLS_GOOD] = make_leaf(TLS_NAME, ours.root);
    certificates[TLS_WILDCARD] = make_leaf("*.example.org", ours.root);
    certificates[TLS_COMMON_NAME] =
        make_certificate(&(struct net_certificate_recipe){.common_name = TLS_NAME}, ours.root);
    certificates[TLS_OTHER_NAME] = make_leaf("imap.example.org", ours.root);
    certificates[TLS_NUL_NAME] = leaf_with_nul();
    certificates[TLS_OTHER_CA] = make_leaf(TLS_NAME, ours.other);
    certificates[TLS_SELF_SIGNED] = make_leaf(TLS_NAME, NULL);
    certificates[TLS_EXPIRED] = leaf_valid(-2 * HOUR, -HOUR);
    certificates[TLS_NOT_YET_VALID] = leaf_valid(HOUR, 2 * HOUR);
    root_size = i2d_X509(ours.root->x509, &root);
    return root_size > 0 ? 0 : -1;
}

int tls_tear_down(void **state) {
    for (size_t i = 0; i < TLS_CERTIFICATES; i++) {
        net_certificate_free(certificates[i]);
    }
    OPENSSL_free(root);
    return authority_tear_down(state);
}

const unsigned char *tls_root(size_t *n) {
    *n = (size_t)root_size;
    return root;
}

/* Out of memory, or a test's mistake. */
static void must(bool good) {
    if (!good) {
        abort();
    }
}

struct tls_peer *tls_peer_new(enum tls_certificate certificate, unsigned version) {
    struct tls_peer *peer = calloc(1, sizeof *peer);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    must(peer != NULL && context != NULL);
    must(SSL_CTX_use_certificate(context, certificates[certificate]->x509) == 1);
    must(SSL_CTX_use_PrivateKey(context, certificates[certificate]->key) == 1);
    must(SSL_CTX_set_max_proto_version(context, version == 12 ? TLS1_2_VERSION : 0) == 1);
    peer->ssl = SSL_new(context);
    peer->in = BIO_new(BIO_s_mem());
    peer->out = BIO_new(BIO_s_mem());
    must(peer->ssl != NULL && peer->in != NULL && peer->out != NULL);
    SSL_set_bio(peer->ssl, peer->in, peer->out);
    SSL_CTX_free(context);
    return peer;
}

void tls_peer_free(struct tls_peer *peer) {
    if (peer != NULL) {
        SSL_free(peer->ssl);
        free(peer);
    }
}

enum tls_progress tls_peer_accept(struct tls_peer *peer) {
    int done = SSL_accept(peer->ssl);

    if (done == 1) {
        return TLS_DONE;
    }
    return SSL_get_error(peer->ssl, done) == SSL_ERROR_WANT_READ ? TLS_WAITS : TLS_FAILED;
}

void tls_peer_put(struct tls_peer *peer, const void *octets, size_t n) {
    must(BIO_write(peer->in, octets, (int)n) == (int)n);
}

size_t tls_peer_take(struct tls_peer *peer, void *octets, size_t room) {
    int n = BIO_read(peer->out, octets, (int)room);

    return n > 0 ? (size_t)n : 0;
}

size_t tls_peer_read(struct tls_peer *peer, void *octets, size_t room) {
    size_t got = 0;
    int n;

    while (got < room && (n = SSL_read(peer->ssl, (char *)octets + got, (int)(room - got))) > 0) {
        got += (size_t)n;
    }
    return got;
}

void tls_peer_write(struct tls_peer *peer, const void *octets, size_t n) {
    must(SSL_write(peer->ssl, octets, (int)n) == (int)n);
}

void tls_peer_close_notify(struct tls_peer *peer) {
    SSL_shutdown(peer->ssl);
}

bool tls_peer_saw_close_notify(const struct tls_peer *peer) {
    return (SSL_get_shutdown(peer->ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
}

const char *tls_peer_sni(const struct tls_peer *peer) {
    const char *name = SSL_get_servername(peer->ssl, TLSEXT_NAMETYPE_host_name);

    return name != NULL ? name : "";
}
