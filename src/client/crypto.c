/* SPDX-License-Identifier: MIT */
/* What logins compute, by OpenSSL. Knows no mechanism. */
#include <limits.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "client/client.h"

/*
 * A digest has no way to fail. Without memory, or where the system's policy forbids the digest, the output is random: the
 * server refuses it, and nothing of the secret is shown.
 */
static void digest(const EVP_MD *algorithm, const pop3_span *spans, size_t n, uint8_t *out) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context != NULL && EVP_DigestInit_ex(context, algorithm, NULL) == 1;

    for (size_t i = 0; done && i < n; i++) {
        done = EVP_DigestUpdate(context, spans[i].data, spans[i].length) == 1;
    }
    done = done && EVP_DigestFinal_ex(context, out, NULL) == 1;
    if (!done && RAND_bytes(out, EVP_MD_get_size(algorithm)) != 1) {
        memset(out, 0, (size_t)EVP_MD_get_size(algorithm));
    }
    EVP_MD_CTX_free(context);
}

static void md5(const pop3_span *spans, size_t n, uint8_t *out) {
    digest(EVP_md5(), spans, n, out);
}

static void sha1(const pop3_span *spans, size_t n, uint8_t *out) {
    digest(EVP_sha1(), spans, n, out);
}

static void sha256(const pop3_span *spans, size_t n, uint8_t *out) {
    digest(EVP_sha256(), spans, n, out);
}

static bool pbkdf2(size_t size, const pop3_span *password, const pop3_span *salt, uint32_t iterations, uint8_t *out) {
    return password->length <= INT_MAX && salt->length <= INT_MAX && iterations <= INT_MAX &&
           PKCS5_PBKDF2_HMAC(password->data, (int)password->length, salt->data, (int)salt->length, (int)iterations,
                             size == 20 ? EVP_sha1() : EVP_sha256(), (int)size, out) == 1;
}

static bool random_octets(void *out, size_t n) {
    return n <= INT_MAX && RAND_bytes(out, (int)n) == 1;
}

const pop3_crypto client_crypto = {md5, sha1, sha256, pbkdf2, random_octets};
