/* SPDX-License-Identifier: MIT */
/*
 * What is demanded of a server's certificate: OpenSSL's own verification of chain, time and identity (R-TLS-09, -10),
 * and the pin (R-TLS-18). Refuses to compare names itself.
 */
#define _POSIX_C_SOURCE 200809L

#include "net/tls_private.h"

#include <openssl/evp.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

#define PIN_PREFIX "sha256//"
#define PIN_PREFIX_SIZE (sizeof PIN_PREFIX - 1)
#define PIN_BASE64 44 /* of 32 octets */

/* One pin of `size` octets of text. EVP_DecodeBlock() alone would take blanks and lengths that are none. */
static bool parse_pin(unsigned char digest[NET_TLS_DIGEST], const char *text, size_t size) {
    unsigned char octets[NET_TLS_DIGEST + 1];
    char again[NET_TLS_PIN_SIZE];

    if (size != PIN_PREFIX_SIZE + PIN_BASE64 || memcmp(text, PIN_PREFIX, PIN_PREFIX_SIZE) != 0 ||
        EVP_DecodeBlock(octets, (const unsigned char *)text + PIN_PREFIX_SIZE, PIN_BASE64) != NET_TLS_DIGEST + 1) {
        return false;
    }
    memcpy(digest, octets, NET_TLS_DIGEST);
    net_tls_pin_text(again, digest);
    return memcmp(again, text, size) == 0;
}

bool net_tls_pins_parse(struct net_tls_pins *pins, const char *text, struct net_error *error) {
    pins->count = 0;
    for (const char *at = text; at != NULL;) {
        size_t size = strcspn(at, ";");

        if (pins->count == NET_TLS_PINS_MOST || !parse_pin(pins->digest[pins->count], at, size)) {
            (void)net_fail(error, NET_ERROR_CONFIG, "the pin '%.120s' is none", text);
            return net_hint(error, "a pin is sha256// and 44 characters of base64; at most %d of them, with ; between",
                            NET_TLS_PINS_MOST);
        }
        pins->count++;
        at = at[size] == ';' ? at + size + 1 : NULL;
    }
    return true;
}

bool net_tls_pin_of(X509 *certificate, unsigned char digest[NET_TLS_DIGEST]) {
    unsigned char *key = NULL;
    int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key);
    bool good = size > 0 && EVP_Digest(key, (size_t)size, digest, NULL, EVP_sha256(), NULL) == 1;

    OPENSSL_free(key);
    return good;
}

void net_tls_pin_text(char out[NET_TLS_PIN_SIZE], const unsigned char digest[NET_TLS_DIGEST]) {
    memcpy(out, PIN_PREFIX, PIN_PREFIX_SIZE);
    (void)EVP_EncodeBlock((unsigned char *)out + PIN_PREFIX_SIZE, digest, NET_TLS_DIGEST);
}

static bool is_pinned(const struct net_tls_pins *pins, X509 *certificate) {
    unsigned char digest[NET_TLS_DIGEST];

    if (!net_tls_pin_of(certificate, digest)) {
        return false;
    }
    for (size_t i = 0; i < pins->count; i++) {
        if (memcmp(pins->digest[i], digest, sizeof digest) == 0) {
            return true;
        }
    }
    return false;
}

static void keep(X509 **slot, X509 *certificate) {
    X509_free(*slot);
    *slot = certificate;
    if (certificate != NULL) {
        (void)X509_up_ref(certificate);
    }
}

/*
 * Chain, time and identity. OpenSSL hands over what is demanded itself in a first handshake, but where memory is short it
 * leaves the identity out, and says nothing.
 */
static int verify(X509_STORE_CTX *store, const struct net_tls *tls) {
    int error;

    if (X509_STORE_CTX_set_default(store, "ssl_server") != 1 ||
        X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(store), SSL_get0_param(tls->ssl)) != 1) {
        return X509_V_ERR_OUT_OF_MEM;
    }
    X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(store), SSL_get_security_level(tls->ssl));
    if (X509_verify_cert(store) == 1) {
        return X509_V_OK;
    }
    error = net_tls_no_memory() ? X509_V_ERR_OUT_OF_MEM : X509_STORE_CTX_get_error(store);
    return error != X509_V_OK ? error : X509_V_ERR_UNSPECIFIED;
}

/* 1 when the certificate is as demanded; keeps what there is to say about it. */
static int judge(X509_STORE_CTX *store, struct net_tls *tls) {
    int error = verify(store, tls);
    STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(store);

    tls->verify_error = error;
    tls->chain = sent != NULL ? (unsigned)sk_X509_num(sent) : 1;
    keep(&tls->leaf, X509_STORE_CTX_get0_cert(store));
    keep(&tls->culprit, X509_STORE_CTX_get_current_cert(store));
    tls->pin_failed = tls->pins.count > 0 && !is_pinned(&tls->pins, tls->leaf);
    if (tls->verify_pin_only) {
        error = X509_V_OK;
    }
    if (tls->pin_failed && error == X509_V_OK) {
        error = X509_V_ERR_APPLICATION_VERIFICATION;
    }
    X509_STORE_CTX_set_error(store, error);
    return error == X509_V_OK;
}

static int on_certificate(X509_STORE_CTX *store, void *argument) {
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());

    (void)argument;
    return judge(store, SSL_get_app_data(ssl));
}

/* Whole labels only, one label for a wildcard (OpenSSL's default), never the subject's CN: RFC 9525. */
static bool demand_identity(struct net_tls *tls) {
    X509_VERIFY_PARAM *param = SSL_get0_param(tls->ssl);
    char address[NET_HOST_SIZE];

    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (!tls->host.numeric) {
        return X509_VERIFY_PARAM_set1_host(param, tls->host.name, 0) == 1 &&
               SSL_set_tlsext_host_name(tls->ssl, tls->host.name) == 1;
    }
    /* The scope of a link-local address is this machine's own business; SNI has no addresses (RFC 6066 section 3). */
    memcpy(address, tls->host.name, sizeof address);
    address[strcspn(address, "%")] = '\0';
    return X509_VERIFY_PARAM_set1_ip_asc(param, address) == 1;
}

bool net_tls_demand(struct net_tls *tls, SSL_CTX *context) {
    tls->verify_error = X509_V_ERR_UNSPECIFIED;
    SSL_CTX_set_cert_verify_callback(context, on_certificate, NULL);
    SSL_set_verify(tls->ssl, SSL_VERIFY_PEER, NULL);
    return demand_identity(tls);
}

/* OpenSSL verifies nothing on resumption; the session keeps the certificates of its first handshake. */
bool net_tls_verify_again(struct net_tls *tls) {
    X509_STORE_CTX *store = X509_STORE_CTX_new();
    X509 *leaf = SSL_get0_peer_certificate(tls->ssl);
    bool good = false;

    if (store != NULL && leaf != NULL &&
        X509_STORE_CTX_init(store, SSL_CTX_get_cert_store(SSL_get_SSL_CTX(tls->ssl)), leaf,
                            SSL_get_peer_cert_chain(tls->ssl)) == 1) {
        good = judge(store, tls) == 1;
    }
    X509_STORE_CTX_free(store);
    return good;
}
