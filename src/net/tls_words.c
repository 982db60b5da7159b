/* SPDX-License-Identifier: MIT */
/* What OpenSSL found, in plain words: what is wrong, where, and what to do. Refuses to judge. */
#define _POSIX_C_SOURCE 200809L

#include "net/tls_private.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <string.h>

#define PART 100 /* octets of a name inside a sentence */

/* ---- The certificate ---- */

static bool out_of_date(const struct net_tls *tls, struct net_error *error, const char *is, const ASN1_TIME *time) {
    char subject[PART];
    char day[16];

    net_tls_day(time, day);
    if (tls->culprit == NULL || X509_cmp(tls->culprit, tls->leaf) == 0) {
        (void)net_fail(error, NET_ERROR_EXPIRED, "the certificate of %.140s %s %s", tls->host.name, is, day);
    } else {
        net_tls_name_text(X509_get_subject_name(tls->culprit), subject, sizeof subject);
        (void)net_fail(error, NET_ERROR_EXPIRED, "the CA certificate %s, which vouches for %.80s, %s %s", subject,
                       tls->host.name, is, day);
    }
    return net_hint(error, "ask who runs the server to renew it; if that is not so, this machine's clock is wrong");
}

static bool self_signed(const struct net_tls *tls, struct net_error *error) {
    unsigned char digest[NET_TLS_DIGEST] = {0};
    char pin[NET_TLS_PIN_SIZE];

    (void)net_fail(error, NET_ERROR_CERTIFICATE, "the certificate of %.140s is self-signed: nobody vouches for it",
                   tls->host.name);
    if (!net_tls_pin_of(tls->leaf, digest)) {
        return false;
    }
    net_tls_pin_text(pin, digest);
    return net_hint(error, "ask who runs the server whether its key is %s; if it is, set pin to that and verify to pin",
                    pin);
}

static bool unknown_issuer(const struct net_tls *tls, struct net_error *error) {
    char issuer[PART];

    net_tls_name_text(X509_get_issuer_name(tls->culprit != NULL ? tls->culprit : tls->leaf), issuer, sizeof issuer);
    (void)net_fail(error, NET_ERROR_CERTIFICATE, "the certificate of %.100s comes from %s, which is not trusted here",
                   tls->host.name, issuer);
    if (tls->chain <= 1) {
        return net_hint(error,
                        "the server may have forgotten to send an intermediate certificate; a CA of your own goes "
                        "into ca-file");
    }
    return net_hint(error, "if this is a CA of your own, set ca-file to its certificate");
}

static bool other_names(const struct net_tls *tls, struct net_error *error) {
    char names[PART];

    net_tls_names(tls->leaf, names, sizeof names);
    if (names[0] == '\0') {
        (void)net_fail(error, NET_ERROR_IDENTITY, "the certificate of %.140s is for no host: it has no subjectAltName",
                       tls->host.name);
        return net_hint(error, "ask who runs the server for a certificate with its name");
    }
    (void)net_fail(error, NET_ERROR_IDENTITY, "the certificate is for %s, not for %.100s", names, tls->host.name);
    return net_hint(error, "if one of these is the server's right name, use it; otherwise someone may be in between");
}

static bool other_flaw(const struct net_tls *tls, struct net_error *error) {
    const char *flaw = X509_verify_cert_error_string(tls->verify_error);

    if (tls->verify_error == X509_V_ERR_INVALID_PURPOSE) {
        flaw = "it is not made for servers";
    }
    (void)net_fail(error, NET_ERROR_CERTIFICATE, "the certificate of %.120s is not acceptable: %.80s", tls->host.name,
                   flaw);
    return net_hint(error, "ask who runs the server for a better one");
}

bool net_tls_certificate_words(const struct net_tls *tls, struct net_error *error) {
    const X509 *dated = tls->culprit != NULL ? tls->culprit : tls->leaf;

    switch (tls->verify_error) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return out_of_date(tls, error, "expired on", X509_get0_notAfter(dated));
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return out_of_date(tls, error, "is not valid before", X509_get0_notBefore(dated));
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return self_signed(tls, error);
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE: return unknown_issuer(tls, error);
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return other_names(tls, error);
    default: return other_flaw(tls, error);
    }
}

static bool other_pin(const struct net_tls *tls, struct net_error *error) {
    unsigned char digest[NET_TLS_DIGEST] = {0};
    char pin[NET_TLS_PIN_SIZE];

    (void)net_tls_pin_of(tls->leaf, digest);
    net_tls_pin_text(pin, digest);
    (void)net_fail(error, NET_ERROR_PIN, "the key of %.120s is not the pinned one: it is %s", tls->host.name, pin);
    return net_hint(error, "ask who runs the server whether its key has changed; if it has, set pin to the new one");
}

/* ---- The handshake ---- */

static bool old_protocol(const struct net_tls *tls, struct net_error *error) {
    (void)net_fail(error, NET_ERROR_TLS, "%.140s port %u speaks no TLS newer than 1.1", tls->host.name,
                   (unsigned)tls->port);
    return net_hint(error, "ask who runs the server to update it; TLS 1.2 is the least that is safe");
}

static bool opens_with(const struct net_tls *tls, const char *text) {
    return tls->opening_size >= strlen(text) && memcmp(tls->opening, text, strlen(text)) == 0;
}

/* Alert, handshake: the types of record (RFC 8446 section 5.1) with which a TLS peer opens. */
static bool is_no_tls(const struct net_tls *tls) {
    return tls->opening_size > 0 && tls->opening[0] != 0x15 && tls->opening[0] != 0x16;
}

static bool no_tls(const struct net_tls *tls, struct net_error *error) {
    if (opens_with(tls, "+OK") || opens_with(tls, "-ERR")) {
        (void)net_fail(error, NET_ERROR_TLS, "%.140s port %u speaks POP3 without TLS", tls->host.name,
                       (unsigned)tls->port);
        return net_hint(error, "use pop:// there, which begins TLS by STLS, or pops:// with the port for TLS, 995");
    }
    (void)net_fail(error, NET_ERROR_TLS, "%.140s port %u does not speak TLS", tls->host.name, (unsigned)tls->port);
    return net_hint(error, "check the port");
}

static bool other_protocol(const struct net_tls *tls, struct net_error *error) {
    if (tls->alpn_failed) {
        (void)net_fail(error, NET_ERROR_ALPN, "%.120s port %u speaks '%s' and not POP3", tls->host.name,
                       (unsigned)tls->port, tls->alpn_answer);
        return net_hint(error, "check host and port");
    }
    (void)net_fail(error, NET_ERROR_ALPN, "%.140s port %u says that it does not speak POP3", tls->host.name,
                   (unsigned)tls->port);
    return net_hint(error, "check host and port; if POP3 is spoken there all the same, set alpn = off");
}

static bool client_certificate(const struct net_tls *tls, struct net_error *error) {
    if (SSL_get_certificate(tls->ssl) == NULL) {
        (void)net_fail(error, NET_ERROR_CLIENT, "%.180s wants a client certificate", tls->host.name);
        return net_hint(error, "set client-cert and client-key");
    }
    (void)net_fail(error, NET_ERROR_CLIENT, "%.180s does not accept the client certificate", tls->host.name);
    return net_hint(error, "ask who runs the server which certificates it accepts");
}

static bool broken_off(const struct net_tls *tls, struct net_error *error) {
    int number = tls->read_error != 0 ? tls->read_error : tls->write_error;
    const char *when = tls->established ? "" : " during the TLS handshake";
    char words[NET_ERRNO_TEXT] = "closed by the other side";

    if (number != 0) {
        net_errno_words(words, number);
    }
    return net_fail(error, NET_ERROR_CLOSED, "the connection to %.100s ended%s: %s",
                    tls->host.name[0] != '\0' ? tls->host.name : "the client", when, words);
}

static bool other_reason(const struct net_tls *tls, struct net_error *error) {
    const char *reason = ERR_reason_error_string(tls->ssl_error);

    return net_fail(error, NET_ERROR_TLS, "TLS with %.100s failed: %.100s",
                    tls->host.name[0] != '\0' ? tls->host.name : "the client", reason != NULL ? reason : "unknown");
}

static bool ssl_words(const struct net_tls *tls, struct net_error *error) {
    switch (ERR_GET_LIB(tls->ssl_error) == ERR_LIB_SSL ? ERR_GET_REASON(tls->ssl_error) : 0) {
    case SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: return other_protocol(tls, error);
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION: return old_protocol(tls, error);
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
        return tls->certificate_wanted ? client_certificate(tls, error) : other_reason(tls, error);
    case SSL_R_UNEXPECTED_EOF_WHILE_READING: return broken_off(tls, error);
    default: return tls->ssl_error == 0 ? broken_off(tls, error) : other_reason(tls, error);
    }
}

static bool cut_off(const struct net_tls *tls, struct net_error *error) {
    (void)net_fail(error, NET_ERROR_TRUNCATED, "the connection to %.100s was cut off: TLS's end was not said",
                   tls->host.name[0] != '\0' ? tls->host.name : "the client");
    return net_hint(error, "try again; what came last may be incomplete");
}

bool net_tls_failure_words(const struct net_tls *tls, struct net_error *error) {
    if (tls->no_memory || (tls->verify_error == X509_V_ERR_OUT_OF_MEM && !tls->verify_pin_only)) {
        return net_fail(error, NET_ERROR_MEMORY, "there is no memory for TLS");
    }
    if (tls->leaf != NULL && tls->verify_error != X509_V_OK && !tls->verify_pin_only) {
        return net_tls_certificate_words(tls, error);
    }
    if (tls->pin_failed) {
        return other_pin(tls, error);
    }
    if (tls->alpn_failed) {
        return other_protocol(tls, error);
    }
    if (tls->ended == NET_CLOSED) {
        return net_fail(error, NET_ERROR_CLOSED, "%.180s closed the connection",
                        tls->host.name[0] != '\0' ? tls->host.name : "the client");
    }
    if (tls->ended == NET_TRUNCATED) {
        return cut_off(tls, error);
    }
    return is_no_tls(tls) ? no_tls(tls, error) : ssl_words(tls, error);
}
