/* SPDX-License-Identifier: MIT */
/* TLS as client: what is offered and demanded, and the handshake. Refuses to go on with less. */
#define _POSIX_C_SOURCE 200809L

#include "net/tls_private.h"
#include "net/wait.h"

#include <openssl/err.h>
#include <string.h>

#define ALPN_MOST 255
#define ALPN_HEAD 3

static bool no_memory(struct net_error *error) {
    return net_fail(error, NET_ERROR_MEMORY, "there is no memory for TLS");
}

/* OpenSSL would ask for the passphrase on the terminal (R-TLS-19). */
/* NOLINTNEXTLINE(readability-non-const-parameter): OpenSSL declares it so */
static int no_passphrase(char *buffer, int size, int writing, void *argument) {
    (void)buffer;
    (void)size;
    (void)writing;
    (void)argument;
    return 0;
}

static bool use_client_certificate(SSL_CTX *context, const struct net_tls_options *options, struct net_error *error) {
    const char *key = options->client_key != NULL ? options->client_key : options->client_cert;

    if (options->client_cert == NULL) {
        return true;
    }
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    if (SSL_CTX_use_certificate_chain_file(context, options->client_cert) != 1) {
        (void)net_fail(error, NET_ERROR_CONFIG, "client-cert %.180s cannot be read, or has no certificate in PEM",
                       options->client_cert);
        return net_hint(error, "check its path and its permissions");
    }
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
        (void)net_fail(error, NET_ERROR_CONFIG, "client-key %.120s has no key in PEM that goes with the certificate",
                       key);
        return net_hint(error, "check its path and its permissions; a key with a passphrase must be decrypted first");
    }
    return true;
}

/* The system's configuration may demand more than this, and is heeded. */
static void set_limits(SSL_CTX *context) {
    if (SSL_CTX_get_min_proto_version(context) < TLS1_2_VERSION) {
        (void)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    }
    (void)SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    (void)SSL_CTX_clear_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_LEGACY_SERVER_CONNECT |
                                             SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION);
}

static SSL_CTX *new_context(const struct net_tls_options *options, struct net_error *error) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    if (context == NULL) {
        (void)no_memory(error);
        return NULL;
    }
    set_limits(context);
    if (net_tls_trust(context, options, error) && use_client_certificate(context, options, error)) {
        return context;
    }
    if (net_tls_no_memory()) {
        (void)no_memory(error);
    }
    SSL_CTX_free(context);
    return NULL;
}

static int on_certificate_request(SSL *ssl, void *argument) {
    struct net_tls *tls = argument;

    (void)ssl;
    tls->certificate_wanted = true;
    return 1;
}

static void note_answer(struct net_tls *tls, const unsigned char *answer, size_t size) {
    size_t offered = tls->alpn != NULL ? strlen(tls->alpn) : 0;

    tls->alpn_failed = size != offered || (size > 0 && memcmp(answer, tls->alpn, size) != 0);
    size = size < sizeof tls->alpn_answer ? size : sizeof tls->alpn_answer - 1;
    memcpy(tls->alpn_answer, answer, size);
    tls->alpn_answer[size] = '\0';
}

/* Some releases of OpenSSL refuse another answer than those offered themselves, but do not tell which one it was. */
static void on_extension(SSL *ssl, int from_server, int type, const unsigned char *data, int size, void *argument) {
    (void)ssl;
    /* Two octets of the list's length, one of the name's: RFC 7301 section 3.1. */
    if (from_server == 1 && type == TLSEXT_TYPE_application_layer_protocol_negotiation && size > ALPN_HEAD &&
        data[2] == size - ALPN_HEAD) {
        note_answer(argument, data + ALPN_HEAD, data[2]);
    }
}

static bool offer_alpn(struct net_tls *tls, const char *alpn) {
    unsigned char list[1 + ALPN_MOST];
    size_t size = alpn != NULL ? strlen(alpn) : 0;

    if (size == 0) {
        return true;
    }
    if (size > ALPN_MOST) {
        return false;
    }
    tls->alpn = alpn;
    (void)SSL_set_tlsext_debug_callback(tls->ssl, on_extension);
    (void)SSL_set_tlsext_debug_arg(tls->ssl, tls);
    list[0] = (unsigned char)size;
    memcpy(list + 1, alpn, size);
    return SSL_set_alpn_protos(tls->ssl, list, (unsigned)size + 1) == 0;
}

static bool prepare(struct net_tls *tls, SSL_CTX *context, const struct net_tls_options *options,
                    struct net_error *error) {
    if (!net_host_parse(&tls->host, options->host, error)) {
        return false;
    }
    if (options->pin != NULL && !net_tls_pins_parse(&tls->pins, options->pin, error)) {
        return false;
    }
    if (options->verify_pin_only && options->pin == NULL) {
        (void)net_fail(error, NET_ERROR_CONFIG, "verify = pin needs a pin");
        return net_hint(error, "set pin to the one of the server's key");
    }
    tls->port = options->port;
    tls->verify_pin_only = options->verify_pin_only;
    SSL_set_cert_cb(tls->ssl, on_certificate_request, tls);
    SSL_set_connect_state(tls->ssl);
    return (net_tls_demand(tls, context) && offer_alpn(tls, options->alpn) &&
            net_tls_sessions_use(tls, context, options)) ||
           no_memory(error);
}

static bool late(const struct net_tls *tls, ptrdiff_t result, struct net_error *error) {
    if (result == NET_CANCELLED) {
        return net_fail(error, NET_ERROR_CANCELLED, "cancelled during the TLS handshake with %s", tls->host.name);
    }
    if (result == NET_FAILED) {
        return net_fail(error, NET_ERROR_SYSTEM, "waiting for %s failed", tls->host.name);
    }
    (void)net_fail(error, NET_ERROR_TIMEOUT, "%s did not finish the TLS handshake on port %u in time", tls->host.name,
                   (unsigned)tls->port);
    return net_hint(error, "check the port: a server that waits for STLS stays silent, and pops:// means port 995");
}

static bool shake_hands(struct net_tls *tls, int cancel_fd, uint64_t deadline_ms, struct net_error *error) {
    for (;;) {
        ptrdiff_t ready;
        int done;

        (void)net_tls_flush(tls);
        ERR_clear_error();
        done = SSL_do_handshake(tls->ssl);
        if (done == 1) {
            return net_tls_established(tls);
        }
        if (net_tls_judge(tls, done) != NET_NOTHING) {
            return net_tls_failure_words(tls, error);
        }
        ready =
            net_wait_fd(tls->fd, tls->queue.begin < tls->queue.end ? POLLIN | POLLOUT : POLLIN, cancel_fd, deadline_ms);
        if (ready <= 0 || net_now_ms() >= deadline_ms) {
            return late(tls, ready < 0 ? ready : NET_NOTHING, error);
        }
    }
}

/* Only our answer means that POP3 is spoken here (R-TLS-16). No answer at all is an old server's. */
static bool check_alpn(struct net_tls *tls, struct net_error *error) {
    const unsigned char *answer;
    unsigned size;

    SSL_get0_alpn_selected(tls->ssl, &answer, &size);
    if (size > 0) {
        note_answer(tls, answer, size);
    }
    tls->alpn = NULL; /* it is the caller's, and of no more use */
    return !tls->alpn_failed || net_tls_failure_words(tls, error);
}

static bool check_resumed(struct net_tls *tls, struct net_error *error) {
    return SSL_session_reused(tls->ssl) == 0 || net_tls_verify_again(tls) || net_tls_failure_words(tls, error);
}

static bool run(struct net_tls *tls, SSL_CTX *context, const struct net_stream *stream,
                const struct net_tls_options *options, uint64_t deadline_ms, struct net_error *error) {
    return prepare(tls, context, options, error) && shake_hands(tls, stream->cancel_fd, deadline_ms, error) &&
           check_resumed(tls, error) && check_alpn(tls, error);
}

bool net_tls_connect(struct net_stream *stream, const struct net_tls_options *options, uint64_t deadline_ms,
                     struct net_error *error) {
    SSL_CTX *context;
    SSL *ssl;
    struct net_tls *tls;
    bool good;

    if (options->seen != NULL) {
        *options->seen = (struct net_tls_info){.peer = false};
    }
    ERR_clear_error();
    context = new_context(options, error);
    if (context == NULL) {
        ERR_clear_error();
        return false;
    }
    ssl = SSL_new(context);
    tls = ssl != NULL ? net_tls_new(ssl, stream->fd) : NULL;
    good = tls != NULL ? run(tls, context, stream, options, deadline_ms, error) : no_memory(error);
    if (tls != NULL && options->seen != NULL) {
        net_tls_describe(tls, options->seen);
    }
    if (good) {
        net_tls_attach(stream, tls);
    } else if (tls != NULL) {
        net_tls_free(tls);
    }
    SSL_CTX_free(context);
    return good;
}
