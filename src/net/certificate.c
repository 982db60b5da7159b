/* SPDX-License-Identifier: MIT */
/* Keys and certificates for trials. OpenSSL makes them; here is what is written into them. */
#define _GNU_SOURCE /* O_CLOEXEC */

#include "net/certificate.h"
#include "net/certificate_private.h"
#include "net/tls_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOUR 3600
#define MONTH ((int64_t)30 * 24 * HOUR)
#define SERIAL_BITS 127 /* RFC 5280 section 4.1.2.2: at most 20 octets, positive */

static EVP_PKEY *make_key(enum net_certificate_key kind) {
    switch (kind) {
    case NET_KEY_RSA_2048: return EVP_RSA_gen(2048U);
    case NET_KEY_ED25519: return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    case NET_KEY_P256: break;
    }
    return EVP_EC_gen("P-256");
}

static bool set_serial(X509 *x509) {
    BIGNUM *number = BN_new();
    bool good = number != NULL && BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
                BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != NULL;

    BN_free(number);
    return good;
}

static bool set_time(X509 *x509, const struct net_certificate_recipe *recipe) {
    bool usual = recipe->begins_s == 0 && recipe->ends_s == 0;
    time_t now = time(NULL);

    return ASN1_TIME_set(X509_getm_notBefore(x509), now + (usual ? -HOUR : (time_t)recipe->begins_s)) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(x509), now + (usual ? (time_t)MONTH : (time_t)recipe->ends_s)) != NULL;
}

static bool set_subject(X509 *x509, const char *common_name) {
    X509_NAME *name = X509_get_subject_name(x509);

    return X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const unsigned char *)"Satchel trial", -1, -1, 0) ==
               1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)common_name, -1, -1, 0) == 1;
}

static bool set_general_name(GENERAL_NAME *general, const struct net_certificate_name *name) {
    size_t size = name->size != 0 ? name->size : strlen(name->text);
    unsigned char address[16];
    const void *octets = name->text;
    int type = GEN_DNS;
    ASN1_STRING *string;

    if (name->size == 0 && inet_pton(AF_INET, name->text, address) == 1) {
        type = GEN_IPADD;
        octets = address;
        size = 4;
    } else if (name->size == 0 && inet_pton(AF_INET6, name->text, address) == 1) {
        type = GEN_IPADD;
        octets = address;
        size = 16;
    }
    string = type == GEN_DNS ? ASN1_IA5STRING_new() : ASN1_OCTET_STRING_new();
    if (string == NULL) {
        return false;
    }
    GENERAL_NAME_set0_value(general, type, string);
    return ASN1_STRING_set(string, octets, (int)size) == 1;
}

static bool add_names(X509 *x509, const struct net_certificate_recipe *recipe) {
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    bool good = names != NULL;

    for (size_t i = 0; good && i < recipe->name_count; i++) {
        GENERAL_NAME *general = GENERAL_NAME_new();

        good =
            general != NULL && set_general_name(general, &recipe->names[i]) && sk_GENERAL_NAME_push(names, general) > 0;
        if (!good) {
            GENERAL_NAME_free(general);
        }
    }
    good = good && (recipe->name_count == 0 || X509_add1_ext_i2d(x509, NID_subject_alt_name, names, 0, 0) == 1);
    GENERAL_NAMES_free(names);
    return good;
}

static bool add_extension(X509 *x509, X509 *issuer, int nid, const char *value) {
    X509_EXTENSION *extension;
    X509V3_CTX context = {.flags = 0};
    bool good;

    X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    good = extension != NULL && X509_add_ext(x509, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return good;
}

static bool add_extensions(X509 *x509, X509 *issuer, const struct net_certificate_recipe *recipe) {
    bool ca = recipe->authority;

    return add_extension(x509, issuer, NID_basic_constraints, ca ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
           add_extension(x509, issuer, NID_key_usage, ca ? "critical,keyCertSign" : "critical,digitalSignature") &&
           (ca || add_extension(x509, issuer, NID_ext_key_usage, "serverAuth,clientAuth")) &&
           add_extension(x509, issuer, NID_subject_key_identifier, "hash") &&
           add_extension(x509, issuer, NID_authority_key_identifier, "keyid") && add_names(x509, recipe);
}

/* Ed25519 has no digest of its own to name. */
static bool sign(X509 *x509, EVP_PKEY *key) {
    return X509_sign(x509, key, EVP_PKEY_is_a(key, "ED25519") == 1 ? NULL : EVP_sha256()) > 0;
}

static const char *name_of(const struct net_certificate_recipe *recipe) {
    return recipe->common_name != NULL ? recipe->common_name : recipe->authority ? "Satchel trial CA" : "satchel";
}

static bool fill(struct net_certificate *made, const struct net_certificate_recipe *recipe,
                 const struct net_certificate *issuer) {
    X509 *x509 = made->x509;
    X509 *above = issuer != NULL ? issuer->x509 : x509;

    return X509_set_version(x509, X509_VERSION_3) == 1 && set_serial(x509) && set_time(x509, recipe) &&
           set_subject(x509, name_of(recipe)) && X509_set_issuer_name(x509, X509_get_subject_name(above)) == 1 &&
           X509_set_pubkey(x509, made->key) == 1 && add_extensions(x509, above, recipe) &&
           sign(x509, issuer != NULL ? issuer->key : made->key);
}

struct net_certificate *net_certificate_make(const struct net_certificate_recipe *recipe,
                                             const struct net_certificate *issuer, struct net_error *error) {
    struct net_certificate *made = calloc(1, sizeof *made);

    if (made != NULL) {
        made->x509 = X509_new();
        made->key = make_key(recipe->key);
    }
    if (made == NULL || made->x509 == NULL || made->key == NULL || !fill(made, recipe, issuer)) {
        (void)net_fail(error, NET_ERROR_SYSTEM, "no certificate can be made for '%.120s'", name_of(recipe));
        ERR_clear_error();
        net_certificate_free(made);
        return NULL;
    }
    return made;
}

void net_certificate_free(struct net_certificate *certificate) {
    if (certificate != NULL) {
        X509_free(certificate->x509);
        EVP_PKEY_free(certificate->key);
        free(certificate);
    }
}

static bool write_failed(struct net_error *error, const char *path, int number) {
    char words[NET_ERRNO_TEXT];

    net_errno_words(words, number);
    ERR_clear_error();
    return net_fail(error, NET_ERROR_CONFIG, "%.120s cannot be written: %s", path, words);
}

static FILE *create(const char *path, mode_t mode) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

    if (file == NULL && fd >= 0) {
        (void)close(fd);
    }
    return file;
}

bool net_certificate_write(const struct net_certificate *certificate, const char *path, struct net_error *error) {
    FILE *file = create(path, 0644);
    bool written = file != NULL && PEM_write_X509(file, certificate->x509) == 1;

    return ((file == NULL || fclose(file) == 0) && written) || write_failed(error, path, errno);
}

bool net_certificate_write_key(const struct net_certificate *certificate, const char *path, struct net_error *error) {
    FILE *file = create(path, 0600);
    bool written = file != NULL && PEM_write_PrivateKey(file, certificate->key, NULL, NULL, 0, NULL, NULL) == 1;

    return ((file == NULL || fclose(file) == 0) && written) || write_failed(error, path, errno);
}

void net_certificate_pin(const struct net_certificate *certificate, char *out) {
    unsigned char digest[NET_TLS_DIGEST] = {0};

    (void)net_tls_pin_of(certificate->x509, digest);
    net_tls_pin_text(out, digest);
}
