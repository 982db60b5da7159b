/* SPDX-License-Identifier: MIT */
/* TLS as server, well-behaved and otherwise. The streams are tls_stream.c's: it drives handshakes as it reads. */
#define _POSIX_C_SOURCE 200809L

#include "net/tls_server.h"

#include "net/certificate_private.h"
#include "net/tls_private.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define ALPN_SIZE 32

struct net_tls_server {
    SSL_CTX *context;
    char alpn[ALPN_SIZE];
    char alpn_lie[ALPN_SIZE];
    bool alpn_required;
    bool no_close_notify;
    bool verify_anyone;
};

static int version_of(enum net_tls_version version, int otherwise) {
    switch (version) {
    case NET_TLS_1_0: return TLS1_VERSION;
    case NET_TLS_1_1: return TLS1_1_VERSION;
    case NET_TLS_1_2: return TLS1_2_VERSION;
    case NET_TLS_1_3: return TLS1_3_VERSION;
    case NET_TLS_DEFAULT: break;
    }
    return otherwise;
}

/* Old versions need signatures that OpenSSL allows on its lowest level of security only. */
static bool set_versions(SSL_CTX *context, const struct net_tls_server_options *options) {
    int most = version_of(options->most, 0);
    int least = version_of(options->least, most != 0 && most < TLS1_2_VERSION ? most : TLS1_2_VERSION);

    if (least < TLS1_2_VERSION) {
        SSL_CTX_set_security_level(context, 0);
    }
    return (most == 0 || least <= most) && SSL_CTX_set_min_proto_version(context, least) == 1 &&
           SSL_CTX_set_max_proto_version(context, most) == 1;
}

static bool use_files(SSL_CTX *context, const struct net_tls_server_options *options, struct net_error *error) {
    const char *key = options->key_file != NULL ? options->key_file : options->certificate_file;

    if (SSL_CTX_use_certificate_chain_file(context, options->certificate_file) != 1) {
        return net_fail(error, NET_ERROR_CONFIG, "%.180s cannot be read, or has no certificate in PEM",
                        options->certificate_file);
    }
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
        return net_fail(error, NET_ERROR_CONFIG, "%.180s has no key in PEM that goes with the certificate", key);
    }
    return true;
}

static bool use_made(SSL_CTX *context, const struct net_tls_server_options *options, struct net_error *error) {
    if (options->certificate == NULL || SSL_CTX_use_certificate(context, options->certificate->x509) != 1 ||
        SSL_CTX_use_PrivateKey(context, options->certificate->key) != 1 ||
        (options->intermediate != NULL && SSL_CTX_add1_chain_cert(context, options->intermediate->x509) != 1)) {
        return net_fail(error, NET_ERROR_CONFIG, "there is no certificate for the server, or it cannot be used");
    }
    return true;
}

static int accept_anyone(X509_STORE_CTX *store, void *argument) {
    (void)argument;
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

static bool ask_clients(SSL_CTX *context, const struct net_tls_server_options *options, struct net_error *error) {
    X509_STORE *store = SSL_CTX_get_cert_store(context);
    bool anyone = options->client_ca_file == NULL && options->client_ca == NULL;

    if (!options->client_wanted && !options->client_required && anyone) {
        return true;
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (options->client_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       NULL);
    if (anyone) {
        SSL_CTX_set_cert_verify_callback(context, accept_anyone, NULL);
    }
    if (options->client_ca != NULL && (X509_STORE_add_cert(store, options->client_ca->x509) != 1 ||
                                       SSL_CTX_add_client_CA(context, options->client_ca->x509) != 1)) {
        return net_fail(error, NET_ERROR_MEMORY, "there is no memory for TLS");
    }
    if (options->client_ca_file != NULL && X509_STORE_load_file(store, options->client_ca_file) != 1) {
        return net_fail(error, NET_ERROR_CONFIG, "%.180s cannot be read, or has no certificate in PEM",
                        options->client_ca_file);
    }
    return true;
}

static bool is_offered(const unsigned char *list, unsigned size, const char *protocol) {
    size_t length = strlen(protocol);

    for (unsigned at = 0; at < size; at += 1U + list[at]) {
        if (list[at] == length && memcmp(list + at + 1, protocol, length) == 0) {
            return true;
        }
    }
    return false;
}

static int answer_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_size, const unsigned char *list,
                       unsigned size, void *argument) {
    const struct net_tls_server *server = argument;
    const char *answer = server->alpn_lie[0] != '\0' ? server->alpn_lie : server->alpn;

    (void)ssl;
    if (answer != server->alpn_lie && !is_offered(list, size, answer)) {
        return server->alpn_required ? SSL_TLSEXT_ERR_ALERT_FATAL : SSL_TLSEXT_ERR_NOACK;
    }
    *out = (const unsigned char *)answer;
    *out_size = (unsigned char)strlen(answer);
    return SSL_TLSEXT_ERR_OK;
}

static bool keep_text(char out[ALPN_SIZE], const char *text, struct net_error *error) {
    size_t size = text != NULL ? strlen(text) : 0;

    if (size >= ALPN_SIZE) {
        return net_fail(error, NET_ERROR_CONFIG, "the protocol name for ALPN is too long");
    }
    memcpy(out, text != NULL ? text : "", size + 1);
    return true;
}

static bool set_alpn(struct net_tls_server *server, const struct net_tls_server_options *options,
                     struct net_error *error) {
    server->alpn_required = options->alpn_required;
    if (options->alpn != NULL || options->alpn_lie != NULL) {
        SSL_CTX_set_alpn_select_cb(server->context, answer_alpn, server);
    }
    return keep_text(server->alpn, options->alpn, error) && keep_text(server->alpn_lie, options->alpn_lie, error);
}

static bool configure(struct net_tls_server *server, const struct net_tls_server_options *options,
                      struct net_error *error) {
    static const unsigned char ours[] = "satchel";
    SSL_CTX *context = server->context;

    server->no_close_notify = options->no_close_notify;
    server->verify_anyone = options->client_ca_file == NULL && options->client_ca == NULL;
    (void)SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    if (options->no_tickets) {
        (void)SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
        (void)SSL_CTX_set_num_tickets(context, 0);
        (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    }
    if (!set_versions(context, options) || SSL_CTX_set_session_id_context(context, ours, sizeof ours - 1) != 1) {
        return net_fail(error, NET_ERROR_CONFIG, "OpenSSL does not offer these versions of TLS");
    }
    return (options->certificate_file != NULL ? use_files(context, options, error)
                                              : use_made(context, options, error)) &&
           ask_clients(context, options, error) && set_alpn(server, options, error);
}

struct net_tls_server *net_tls_server_new(const struct net_tls_server_options *options, struct net_error *error) {
    struct net_tls_server *server = calloc(1, sizeof *server);

    if (server != NULL) {
        server->context = SSL_CTX_new(TLS_server_method());
    }
    if (server == NULL || server->context == NULL) {
        (void)net_fail(error, NET_ERROR_MEMORY, "there is no memory for TLS");
    } else if (configure(server, options, error)) {
        return server;
    }
    ERR_clear_error();
    net_tls_server_free(server);
    return NULL;
}

void net_tls_server_free(struct net_tls_server *server) {
    if (server != NULL) {
        SSL_CTX_free(server->context);
        free(server);
    }
}

bool net_tls_accept(struct net_stream *stream, const struct net_tls_server *server) {
    SSL *ssl = SSL_new(server->context);
    struct net_tls *tls = ssl != NULL ? net_tls_new(ssl, stream->fd) : NULL;

    if (tls == NULL) {
        ERR_clear_error();
        return false;
    }
    SSL_set_accept_state(ssl);
    tls->no_close_notify = server->no_close_notify;
    tls->verify_anyone = server->verify_anyone;
    net_tls_attach(stream, tls);
    return true;
}

bool net_tls_ready(const struct net_stream *stream) {
    struct net_tls *tls = net_tls_of(stream);

    return tls != NULL && net_tls_established(tls);
}

static bool is_common_name(X509 *certificate, const char *name) {
    X509_NAME *subject = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    unsigned char *text = NULL;
    int size = at >= 0 ? ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))) : -1;
    bool same = size >= 0 && (size_t)size == strlen(name) && memcmp(text, name, (size_t)size) == 0;

    OPENSSL_free(text);
    return same;
}

bool net_tls_client_is(const struct net_stream *stream, const char *name) {
    struct net_tls *tls = net_tls_of(stream);
    X509 *certificate = net_tls_ready(stream) && !tls->verify_anyone ? SSL_get0_peer_certificate(tls->ssl) : NULL;

    return certificate != NULL && SSL_get_verify_result(tls->ssl) == X509_V_OK &&
           (is_common_name(certificate, name) || X509_check_email(certificate, name, 0, 0) == 1);
}

bool net_tls_renegotiate(struct net_stream *stream) {
    struct net_tls *tls = net_tls_of(stream);

    if (!net_tls_ready(stream) || SSL_version(tls->ssl) >= TLS1_3_VERSION) {
        return false;
    }
    ERR_clear_error();
    (void)SSL_clear_options(tls->ssl, SSL_OP_NO_RENEGOTIATION);
    if (SSL_renegotiate(tls->ssl) != 1 || SSL_do_handshake(tls->ssl) != 1) {
        ERR_clear_error();
        return false;
    }
    return true;
}
