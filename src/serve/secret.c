/* SPDX-License-Identifier: MIT */
/* Digests, comparisons and randomness, all by OpenSSL. Refuses to keep anything. */
#include "serve/secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MD5_OCTETS 16
#define SHA256_OCTETS 32

static void to_hex(const unsigned char *octets, size_t size, char *text) {
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[octets[i] >> 4];
        text[2 * i + 1] = digits[octets[i] & 15];
    }
    text[2 * size] = '\0';
}

static bool digest_of(const EVP_MD *kind, const struct serve_span *parts, size_t count, unsigned char *digest) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context != NULL && EVP_DigestInit_ex(context, kind, NULL) == 1;

    for (size_t i = 0; i < count && good; i++) {
        good = EVP_DigestUpdate(context, parts[i].data, parts[i].size) == 1;
    }
    good = good && EVP_DigestFinal_ex(context, digest, NULL) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

/* Digests are compared, not the texts, so that the lengths do not show either. */
bool serve_secret_equal(struct serve_span given, const char *secret) {
    struct serve_span expected = {secret, strlen(secret)};
    unsigned char left[SHA256_OCTETS];
    unsigned char right[SHA256_OCTETS];

    return digest_of(EVP_sha256(), &given, 1, left) && digest_of(EVP_sha256(), &expected, 1, right) &&
           CRYPTO_memcmp(left, right, sizeof left) == 0;
}

bool serve_apop_matches(struct serve_span digest, const char *stamp, const char *secret) {
    struct serve_span parts[2] = {{stamp, strlen(stamp)}, {secret, strlen(secret)}};
    unsigned char octets[MD5_OCTETS];
    char expected[2 * MD5_OCTETS + 1];

    if (!digest_of(EVP_md5(), parts, 2, octets)) {
        return false;
    }
    to_hex(octets, sizeof octets, expected);
    return digest.size == 2 * MD5_OCTETS && CRYPTO_memcmp(digest.data, expected, digest.size) == 0;
}

bool serve_cram_matches(struct serve_span digest, const char *challenge, const char *secret) {
    unsigned char octets[MD5_OCTETS];
    char expected[2 * MD5_OCTETS + 1];

    if (HMAC(EVP_md5(), secret, (int)strlen(secret), (const unsigned char *)challenge, strlen(challenge), octets,
             NULL) == NULL) {
        return false;
    }
    to_hex(octets, sizeof octets, expected);
    return digest.size == 2 * MD5_OCTETS && CRYPTO_memcmp(digest.data, expected, digest.size) == 0;
}

bool serve_random_text(char text[SERVE_RANDOM_TEXT]) {
    static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* 32, none easily mistaken for another */
    unsigned char octets[SERVE_RANDOM_TEXT - 1];

    if (RAND_bytes(octets, sizeof octets) != 1) {
        return false;
    }
    for (size_t i = 0; i < sizeof octets; i++) {
        text[i] = alphabet[octets[i] % 32];
    }
    text[sizeof octets] = '\0';
    return true;
}

bool serve_stamp_make(char stamp[SERVE_STAMP_TEXT]) {
    static uint64_t serial;
    char nonce[SERVE_RANDOM_TEXT];

    if (!serve_random_text(nonce)) {
        return false;
    }
    (void)snprintf(stamp, SERVE_STAMP_TEXT, "<%" PRIu64 ".%s@satchel.localhost>", ++serial, nonce);
    return true;
}

bool serve_hash_text(const void *data, size_t size, char text[SERVE_HASH_TEXT]) {
    struct serve_span all = {data, size};
    unsigned char octets[SHA256_OCTETS];

    if (!digest_of(EVP_sha256(), &all, 1, octets)) {
        return false;
    }
    to_hex(octets, sizeof octets, text);
    return true;
}

void serve_wipe(void *data, size_t size) {
    OPENSSL_cleanse(data, size);
}
