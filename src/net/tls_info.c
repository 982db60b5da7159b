/* SPDX-License-Identifier: MIT */
/* What there is to tell about a TLS stream, and its channel binding. Refuses to trust any octet of a certificate. */
#define _DEFAULT_SOURCE /* timegm */

#include "net/tls_private.h"
#include "text/safe.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define EXPORTER_LABEL "EXPORTER-Channel-Binding" /* RFC 9266 section 4.2 */
#define EXPORTER_SIZE 32

/* A text of limited size; once it is full, its end becomes "...". */
struct text {
    char *out;
    size_t size;
    size_t used;
};

static void add_octet(struct text *text, char octet) {
    if (text->used + 1 < text->size) {
        text->out[text->used++] = octet;
        text->out[text->used] = '\0';
    } else {
        memcpy(text->out + text->size - 4, "...", 4);
    }
}

static void add(struct text *text, const char *octets, size_t size) {
    while (size > 0) {
        struct safe_piece piece = safe_ascii(octets, size);

        for (size_t i = 0; i < piece.length; i++) {
            add_octet(text, piece.octets[i]);
        }
        octets += piece.used;
        size -= piece.used;
    }
}

static void add_asn1(struct text *text, const ASN1_STRING *string) {
    add(text, (const char *)ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string));
}

static void add_address(struct text *text, const ASN1_STRING *string) {
    char numeric[INET6_ADDRSTRLEN];
    int size = ASN1_STRING_length(string);
    int family = size == 4 ? AF_INET : AF_INET6;

    if ((size == 4 || size == 16) &&
        inet_ntop(family, ASN1_STRING_get0_data(string), numeric, sizeof numeric) != NULL) {
        add(text, numeric, strlen(numeric));
    }
}

void net_tls_names(X509 *certificate, char *out, size_t size) {
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    struct text text = {out, size, 0};

    out[0] = '\0';
    for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

        if (name->type != GEN_DNS && name->type != GEN_IPADD) {
            continue;
        }
        if (text.used > 0) {
            add(&text, ", ", 2);
        }
        if (name->type == GEN_DNS) {
            add_asn1(&text, name->d.dNSName);
        } else {
            add_address(&text, name->d.iPAddress);
        }
    }
    GENERAL_NAMES_free(names);
}

/* XN_FLAG_RFC2253 escapes control octets and all beyond ASCII; its order is reversed, as in RFC 4514. */
void net_tls_name_text(const X509_NAME *name, char *out, size_t size) {
    BIO *memory = BIO_new(BIO_s_mem());
    struct text text = {out, size, 0};
    char *octets = NULL;

    out[0] = '\0';
    if (memory != NULL && X509_NAME_print_ex(memory, name, 0, XN_FLAG_RFC2253) >= 0) {
        long length = BIO_get_mem_data(memory, &octets);

        add(&text, octets, length > 0 ? (size_t)length : 0);
    }
    BIO_free(memory);
}

void net_tls_day(const ASN1_TIME *time, char out[16]) {
    struct tm parts;

    if (ASN1_TIME_to_tm(time, &parts) != 1 || strftime(out, 16, "%Y-%m-%d", &parts) == 0) {
        (void)snprintf(out, 16, "no day");
    }
}

static int64_t seconds(const ASN1_TIME *time) {
    struct tm parts;

    return ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) : 0;
}

static void describe_key(EVP_PKEY *key, char *out, size_t size) {
    const char *type = key != NULL ? EVP_PKEY_get0_type_name(key) : NULL;
    char group[24] = "";

    if (type == NULL) {
        (void)snprintf(out, size, "unknown");
    } else if (EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1) {
        (void)snprintf(out, size, "%s %s", type, group);
    } else if (EVP_PKEY_is_a(key, "RSA") == 1 || EVP_PKEY_is_a(key, "RSA-PSS") == 1) {
        (void)snprintf(out, size, "%s %d", type, EVP_PKEY_get_bits(key));
    } else {
        (void)snprintf(out, size, "%s", type);
    }
}

static void describe_certificate(X509 *certificate, struct net_tls_info *info) {
    unsigned char digest[NET_TLS_DIGEST] = {0};

    info->peer = true;
    net_tls_name_text(X509_get_subject_name(certificate), info->subject, sizeof info->subject);
    net_tls_name_text(X509_get_issuer_name(certificate), info->issuer, sizeof info->issuer);
    net_tls_names(certificate, info->names, sizeof info->names);
    info->not_before = seconds(X509_get0_notBefore(certificate));
    info->not_after = seconds(X509_get0_notAfter(certificate));
    describe_key(X509_get0_pubkey(certificate), info->key, sizeof info->key);
    if (net_tls_pin_of(certificate, digest)) {
        net_tls_pin_text(info->pin, digest);
    }
}

static void describe_verdict(const struct net_tls *tls, struct net_tls_info *info) {
    struct net_error error;

    info->chain = tls->chain;
    info->trusted = tls->verify_error == X509_V_OK;
    if (info->trusted) {
        (void)snprintf(info->verdict, sizeof info->verdict, "the certificate of %.150s is good", tls->host.name);
    } else {
        (void)net_tls_certificate_words(tls, &error);
        memcpy(info->verdict, error.text, sizeof info->verdict);
    }
}

static void describe_session(const struct net_tls *tls, struct net_tls_info *info) {
    const SSL_CIPHER *cipher = SSL_get_current_cipher(tls->ssl);
    const unsigned char *alpn = NULL;
    unsigned alpn_size = 0;
    struct text answer = {info->alpn, sizeof info->alpn, 0};

    (void)snprintf(info->protocol, sizeof info->protocol, "%s", SSL_get_version(tls->ssl));
    (void)snprintf(info->cipher, sizeof info->cipher, "%s", cipher != NULL ? SSL_CIPHER_get_name(cipher) : "");
    SSL_get0_alpn_selected(tls->ssl, &alpn, &alpn_size);
    add(&answer, (const char *)alpn, alpn_size);
    info->resumed = SSL_session_reused(tls->ssl) == 1;
    info->certificate_wanted = tls->certificate_wanted;
    info->certificate_sent = tls->certificate_wanted && SSL_get_certificate(tls->ssl) != NULL;
}

/* On the server's side the leaf is the client's, and whether it is trusted is the server's own option. */
void net_tls_describe(const struct net_tls *tls, struct net_tls_info *info) {
    X509 *certificate = tls->leaf != NULL ? tls->leaf : SSL_get0_peer_certificate(tls->ssl);

    *info = (struct net_tls_info){.peer = false};
    describe_session(tls, info);
    if (certificate == NULL) {
        return;
    }
    describe_certificate(certificate, info);
    if (SSL_is_server(tls->ssl) == 0) {
        describe_verdict(tls, info);
    } else {
        info->chain = 1;
        info->trusted = SSL_get_verify_result(tls->ssl) == X509_V_OK && !tls->verify_anyone;
    }
}

bool net_tls_info(const struct net_stream *stream, struct net_tls_info *info) {
    struct net_tls *tls = net_tls_of(stream);

    if (tls == NULL || !net_tls_established(tls)) {
        return false;
    }
    net_tls_describe(tls, info);
    return true;
}

/* RFC 5929 section 4.1: the hash of the signature; MD5 and SHA-1 give way to SHA-256; none, or several: undefined. */
static const EVP_MD *end_point_hash(X509 *certificate) {
    int hash = NID_undef;

    if (X509_get_signature_info(certificate, &hash, NULL, NULL, NULL) != 1 || hash == NID_undef ||
        hash == NID_md5_sha1) {
        return NULL;
    }
    return hash == NID_md5 || hash == NID_sha1 ? EVP_sha256() : EVP_get_digestbynid(hash);
}

static bool end_point(const SSL *ssl, unsigned char out[NET_TLS_BINDING_MOST], size_t *size) {
    X509 *certificate = SSL_is_server(ssl) == 1 ? SSL_get_certificate(ssl) : SSL_get0_peer_certificate(ssl);
    const EVP_MD *hash = certificate != NULL ? end_point_hash(certificate) : NULL;
    unsigned length = 0;

    if (hash == NULL || EVP_MD_get_size(hash) > NET_TLS_BINDING_MOST ||
        X509_digest(certificate, hash, out, &length) != 1) {
        return false;
    }
    *size = length;
    return true;
}

enum net_tls_binding_type net_tls_binding(const struct net_stream *stream, unsigned char out[NET_TLS_BINDING_MOST],
                                          size_t *size) {
    struct net_tls *tls = net_tls_of(stream);

    *size = 0;
    if (tls == NULL || !net_tls_established(tls)) {
        return NET_TLS_BINDING_NONE;
    }
    if (SSL_version(tls->ssl) < TLS1_3_VERSION) {
        return end_point(tls->ssl, out, size) ? NET_TLS_SERVER_END_POINT : NET_TLS_BINDING_NONE;
    }
    /* A context of length 0 is what RFC 9266 asks for; in TLS 1.3 none means the same. */
    if (SSL_export_keying_material(tls->ssl, out, EXPORTER_SIZE, EXPORTER_LABEL, sizeof EXPORTER_LABEL - 1, NULL, 0,
                                   1) != 1) {
        return NET_TLS_BINDING_NONE;
    }
    *size = EXPORTER_SIZE;
    return NET_TLS_EXPORTER;
}
