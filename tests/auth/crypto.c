/* SPDX-License-Identifier: MIT */
/* Digests and PBKDF2 by OpenSSL. */
#include "crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

size_t md5_calls;
static uint8_t chosen[64];
static size_t chosen_length;

const pop3_crypto openssl = {md5, sha1, sha256, pbkdf2, chosen_random};
const pop3_crypto portable = {md5, sha1, sha256, NULL, chosen_random};

static void digest(const EVP_MD *algorithm, const pop3_span *spans, size_t n, uint8_t *out) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned length = 0;
    assert_non_null(context);
    assert_int_equal(EVP_DigestInit_ex(context, algorithm, NULL), 1);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(EVP_DigestUpdate(context, spans[i].data, spans[i].length), 1);
    }
    assert_int_equal(EVP_DigestFinal_ex(context, out, &length), 1);
    assert_int_equal(length, EVP_MD_get_size(algorithm));
    EVP_MD_CTX_free(context);
}

void md5(const pop3_span *spans, size_t n, uint8_t *out) {
    digest(EVP_md5(), spans, n, out);
    md5_calls++;
}

void sha1(const pop3_span *spans, size_t n, uint8_t *out) {
    digest(EVP_sha1(), spans, n, out);
}

void sha256(const pop3_span *spans, size_t n, uint8_t *out) {
    digest(EVP_sha256(), spans, n, out);
}

/* The same again is not computed again: tests play one exchange hundreds of times. */
static bool is_known(const pop3_span *asked, pop3_span *known) {
    bool same = asked->length == known->length && memcmp(asked->data, known->data, known->length) == 0;
    assert_in_range(asked->length, 0, 256);
    memcpy((void *)known->data, asked->data, asked->length);
    known->length = asked->length;
    return same;
}

bool pbkdf2(size_t size, const pop3_span *password, const pop3_span *salt, uint32_t iterations, uint8_t *out) {
    static char password_octets[256], salt_octets[256];
    static pop3_span known_password = {password_octets, 0}, known_salt = {salt_octets, 0};
    static uint8_t known[32];
    static size_t known_size;
    static uint32_t known_iterations;
    bool same = is_known(password, &known_password);

    same = is_known(salt, &known_salt) && same && size == known_size && iterations == known_iterations;
    if (!same && PKCS5_PBKDF2_HMAC(password->data, (int)password->length, salt->data, (int)salt->length,
                                   (int)iterations, size == 20 ? EVP_sha1() : EVP_sha256(), (int)size, known) != 1) {
        return false;
    }
    known_size = size;
    known_iterations = iterations;
    memcpy(out, known, size);
    return true;
}

void random_is(const char *base64) {
    size_t n = strlen(base64);
    assert_true(n % 4 == 0 && n / 4 * 3 <= sizeof chosen && strchr(base64, '=') == NULL);
    assert_int_equal(EVP_DecodeBlock(chosen, (const unsigned char *)base64, (int)n), n / 4 * 3);
    chosen_length = n / 4 * 3;
}

bool chosen_random(void *out, size_t n) {
    if (n > chosen_length) {
        return false;
    }
    memcpy(out, chosen, n);
    chosen_length -= n;
    memmove(chosen, chosen + n, chosen_length);
    return true;
}
