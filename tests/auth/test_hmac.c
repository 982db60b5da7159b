/* SPDX-License-Identifier: MIT */
/* HMAC and PBKDF2 over any digest: V-HMAC, RFC 2202 and 4231, RFC 6070, and OpenSSL's for every length of key. */
#include "auth/hmac.h"
#include "crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

static void check(pop3_digest *digest, size_t size, pop3_span secret, const char *text, const char *hex) {
    pop3_span message[3] = {{NULL, 0}, {text, 1}, {text + 1, strlen(text) - 1}};
    pop3_hmac_key key;
    uint8_t out[POP3_DIGEST_MAX];
    long length;
    unsigned char *wanted = OPENSSL_hexstr2buf(hex, &length);

    assert_int_equal(length, size);
    pop3_hmac_init(&key, digest, size, secret);
    for (int twice = 0; twice < 2; twice++) {
        pop3_hmac(&key, message, 3, out);
        assert_memory_equal(out, wanted, size);
    }
    OPENSSL_free(wanted);
}

static void test_V_HMAC(void **state) {
    char key[80];
    (void)state;
    memset(key, 0x0B, 16);
    check(md5, 16, (pop3_span){key, 16}, "Hi There", "9294727a3638bb1c13f48ef8158bfc9d");
    memset(key, 0xAA, sizeof key);
    check(md5, 16, (pop3_span){key, sizeof key}, "Test Using Larger Than Block-Size Key - Hash Key First",
          "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
}

/* RFC 2202 and RFC 4231, test case 2. */
static void test_SHA(void **state) {
    (void)state;
    check(sha1, 20, (pop3_span){"Jefe", 4}, "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    check(sha256, 32, (pop3_span){"Jefe", 4}, "what do ya want for nothing?",
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* Keys that fill a block, nearly or more than that (R-CRAM-01). */
static void test_keys_of_every_length(void **state) {
    uint8_t secret[140];
    (void)state;
    for (size_t i = 0; i < sizeof secret; i++) {
        secret[i] = (uint8_t)(i + 1);
    }
    for (size_t n = 1; n <= sizeof secret; n++) {
        pop3_span message[2] = {{NULL, 0}, {"<a@b>", 5}};
        uint8_t out[32], wanted[32];
        pop3_hmac_key key;
        pop3_hmac_init(&key, sha256, 32, (pop3_span){secret, n});
        pop3_hmac(&key, message, 2, out);
        assert_non_null(HMAC(EVP_sha256(), secret, (int)n, (const unsigned char *)"<a@b>", 5, wanted, NULL));
        assert_memory_equal(out, wanted, 32);
    }
}

static void test_PBKDF2(void **state) {
    static const struct {
        const char *password, *salt;
        uint32_t iterations;
        const char *hex; /* RFC 6070 */
    } rows[] = {{"password", "salt", 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"},
                {"password", "salt", 2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"},
                {"password", "salt", 4096, "4b007901b765489abead49d926f721d065a429c1"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const pop3_span password = {rows[i].password, strlen(rows[i].password)},
                        salt = {rows[i].salt, strlen(rows[i].salt)};
        uint8_t out[32], wanted[32];
        long length;
        unsigned char *published = OPENSSL_hexstr2buf(rows[i].hex, &length);
        pop3_pbkdf2(sha1, 20, &password, &salt, rows[i].iterations, out);
        assert_int_equal(length, 20);
        assert_memory_equal(out, published, 20);
        OPENSSL_free(published);
        pop3_pbkdf2(sha256, 32, &password, &salt, rows[i].iterations, out);
        assert_true(pbkdf2(32, &password, &salt, rows[i].iterations, wanted));
        assert_memory_equal(out, wanted, 32);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_V_HMAC),
        cmocka_unit_test(test_SHA),
        cmocka_unit_test(test_keys_of_every_length),
        cmocka_unit_test(test_PBKDF2),
    };
    return cmocka_run_group_tests_name("HMAC", tests, NULL, NULL);
}
