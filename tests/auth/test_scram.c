/* SPDX-License-Identifier: MIT */
/* What SCRAM refuses, and what it says of names and bindings: R-SCRAM-01 to R-SCRAM-05, R-5034-09, A-18. */
#include "crypto.h"
#include "dialogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NONCE "fyko+d2lbbFgONRv9qkxdawL"
#define SALT "QSXCR+Q6sek8bf92"
#define GOOD "r=" NONCE "3rfc,s=" SALT ",i=4096"

enum { ROOM = 512 };

static const struct dialogue *vector(void) {
    return dialogue_named("V-SCRAM1");
}

static pop3_credentials pencil(void) {
    return (pop3_credentials){.user = "user", .password = "pencil"};
}

/* An exchange with these credentials. */
static pop3_sasl_result open_with(struct exchange *exchange, const pop3_sasl_mechanism *mechanism,
                                  pop3_credentials *credentials, const pop3_crypto *crypto) {
    struct dialogue dialogue = *vector();
    pop3_sasl_result result;

    dialogue.mechanism = mechanism;
    dialogue.credentials = *credentials;
    result = exchange_open(exchange, &dialogue, crypto, ROOM);
    exchange->sasl.credentials = credentials;
    return result;
}

static void check_first(const char *text, pop3_credentials credentials, const pop3_crypto *crypto,
                        pop3_sasl_result wanted) {
    struct exchange exchange;

    assert_int_equal(open_with(&exchange, &pop3_sasl_scram_sha_1, &credentials, crypto), POP3_SASL_OK);
    print_message("    %s\n", text);
    assert_int_equal(exchange_told(&exchange, text), wanted);
    if (wanted != POP3_SASL_OK) {
        exchange_sends(&exchange, NULL);
        assert_int_equal(pop3_sasl_finish(&exchange.sasl), POP3_SASL_SERVER);
    }
    exchange_close(&exchange);
}

static void test_R_SCRAM_02_server_first(void **state) {
    static const struct {
        const char *text;
        pop3_sasl_result result;
    } rows[] = {
        {GOOD, POP3_SASL_OK},
        {GOOD ",x=extension", POP3_SASL_OK},
        {"m=mandatory," GOOD, POP3_SASL_CHALLENGE},
        {"", POP3_SASL_OK}, /* asks for the initial response */
        {"r", POP3_SASL_CHALLENGE},
        {"r=", POP3_SASL_CHALLENGE},
        {"r:" NONCE "3rfc,s=" SALT ",i=4096", POP3_SASL_CHALLENGE},
        {"R=" NONCE "3rfc,s=" SALT ",i=4096", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,s=" SALT, POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,s=" SALT ",", POP3_SASL_CHALLENGE},
        {"s=" SALT ",r=" NONCE "3rfc,i=4096", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,i=4096,s=" SALT, POP3_SASL_CHALLENGE},
        /* another nonce */
        {"r=" NONCE ",s=" SALT ",i=4096", POP3_SASL_SERVER},
        {"r=,s=" SALT ",i=4096", POP3_SASL_SERVER},
        {"r=3rfc,s=" SALT ",i=4096", POP3_SASL_SERVER},
        {"r=3rfc" NONCE ",s=" SALT ",i=4096", POP3_SASL_SERVER},
        {"r=Fyko+d2lbbFgONRv9qkxdawL3rfc,s=" SALT ",i=4096", POP3_SASL_SERVER},
        /* the salt */
        {"r=" NONCE "3rfc,s=,i=4096", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,s=QSXCR,i=4096", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,s=QQ=,i=4096", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,s=QR==,i=4096", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,s=QQ==,i=4096", POP3_SASL_OK},
        /* */
        {"r=" NONCE "3rfc,s=" SALT ",i=", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,s=" SALT ",i=0", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,s=" SALT ",i=1", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,s=" SALT ",i=4095", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,s=" SALT ",i=4097", POP3_SASL_OK},
        {"r=" NONCE "3rfc,s=" SALT ",i=1000000", POP3_SASL_OK},
        {"r=" NONCE "3rfc,s=" SALT ",i=1000001", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,s=" SALT ",i=2147483648", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,s=" SALT ",i=4294967295", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,s=" SALT ",i=4294967296", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,s=" SALT ",i=4294971392", POP3_SASL_CHALLENGE}, /* 2^32 + 4,096 */
        {"r=" NONCE "3rfc,s=" SALT ",i=42949672960", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,s=" SALT ",i=18446744073709555712", POP3_SASL_CHALLENGE}, /* 2^64 + 4,096 */
        {"r=" NONCE "3rfc,s=" SALT ",i=04096", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,s=" SALT ",i=-4096", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,s=" SALT ",i=+4096", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,s=" SALT ",i=4096 ", POP3_SASL_CHALLENGE},
        {"r=" NONCE "3rfc,s=" SALT ",i=4e3", POP3_SASL_CHALLENGE},
        /* the verifier before the proof */
        {"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", POP3_SASL_CHALLENGE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_first(rows[i].text, pencil(), &openssl, rows[i].result);
    }
}

static void test_A_18_limits_of_the_caller(void **state) {
    static const struct {
        uint32_t least, most, asked;
        pop3_sasl_result result;
    } rows[] = {{1, 0, 1, POP3_SASL_OK},
                {1, 10, 10, POP3_SASL_OK},
                {1, 10, 11, POP3_SASL_CHALLENGE},
                {8000, 0, 7999, POP3_SASL_CHALLENGE},
                {8000, 0, 8000, POP3_SASL_OK},
                {0, 5000, 5000, POP3_SASL_OK},
                {0, 5000, 5001, POP3_SASL_CHALLENGE},
                {0, 5000, 4095, POP3_SASL_CHALLENGE}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pop3_credentials credentials = pencil();
        char text[100];
        credentials.iterations_min = rows[i].least;
        credentials.iterations_max = rows[i].most;
        snprintf(text, sizeof text, "r=" NONCE "3rfc,s=" SALT ",i=%u", rows[i].asked);
        check_first(text, credentials, &openssl, rows[i].result);
    }
}

/* A salt of which there is no room: longer than all that follows it in the buffer. */
static void test_A_05_long_salt_and_nonce(void **state) {
    char text[DIALOGUE_TEXT];
    (void)state;
    memset(text, 'A', sizeof text);
    memcpy(text, "r=" NONCE "3rfc,s=", 33);
    memcpy(text + 33 + 300, ",i=4096", 8);
    check_first(text, pencil(), &openssl, POP3_SASL_SPACE);
    memset(text, 'A', sizeof text);
    memcpy(text, "r=" NONCE, 26);
    memcpy(text + 26 + 240, ",s=" SALT ",i=4096", 27);
    check_first(text, pencil(), &openssl, POP3_SASL_SPACE);
}

/* R-SCRAM-03, R-5034-09: every octet of the signature counts, and so does its length. */
static void check_final(const char *text, pop3_sasl_result wanted) {
    struct exchange exchange;

    assert_int_equal(exchange_open(&exchange, vector(), &openssl, ROOM), POP3_SASL_OK);
    exchange_play(&exchange, vector(), 1);
    assert_true(exchange.sasl.proved);
    assert_int_equal(exchange_told(&exchange, text), wanted);
    exchange_sends(&exchange, wanted == POP3_SASL_OK ? "" : NULL);
    assert_int_equal(pop3_sasl_finish(&exchange.sasl), wanted == POP3_SASL_OK ? POP3_SASL_OK : POP3_SASL_SERVER);
    exchange_close(&exchange);
}

static void test_R_SCRAM_03_server_final(void **state) {
    static const char *const bad[] = {"",
                                      "v",
                                      "v=",
                                      "V=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
                                      "v=rmF9pqV8S7suAoZWja4dJRkFsKQ",
                                      "v=rmF9pqV8S7suAoZWja4dJRkF",
                                      "v=rmF9pqV8S7suAoZWja4dJRkFsKR=",
                                      "v=rmF9pqV8S7suAoZWja4dJRkFsKQA",
                                      "v=rmF9pqV8S7suAoZWja4dJRkFsKQAAAAAAAAAAAAA",
                                      "v= rmF9pqV8S7suAoZWja4dJRkFsKQ=",
                                      "x=y,v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
                                      "ok"};
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (void)state;
    check_final("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", POP3_SASL_OK);
    check_final("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=,x=extension", POP3_SASL_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        check_final(bad[i], POP3_SASL_SERVER);
    }
    for (size_t i = 2; i < 2 + 27; i++) {
        char text[] = "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=";
        size_t digit = (size_t)(strchr(digits, text[i]) - digits);
        text[i] = digits[digit ^ 0x20U]; /* one bit, and none of those that must be 0 */
        check_final(text, POP3_SASL_SERVER);
    }
}

/* e= is a refusal wherever it comes; its value is for the log. */
static void test_R_SCRAM_03_refusal(void **state) {
    (void)state;
    for (unsigned steps = 0; steps < 2; steps++) {
        static const struct {
            const char *text, *word;
        } rows[] = {{"e=invalid-proof", "invalid-proof"}, {"e=unknown-user,x=y", "unknown-user"}, {"e=", ""}};
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            struct exchange exchange;
            pop3_span word;
            assert_int_equal(exchange_open(&exchange, vector(), &openssl, ROOM), POP3_SASL_OK);
            exchange_play(&exchange, vector(), steps);
            assert_int_equal(exchange_told(&exchange, rows[i].text), POP3_SASL_REFUSED);
            exchange_sends(&exchange, "");
            word = pop3_sasl_refusal(&exchange.sasl);
            assert_int_equal(word.length, strlen(rows[i].word));
            assert_memory_equal(word.data, rows[i].word, word.length);
            assert_int_equal(pop3_sasl_finish(&exchange.sasl), POP3_SASL_SERVER);
            assert_int_equal(exchange_told(&exchange, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="), POP3_SASL_CHALLENGE);
            assert_int_equal(pop3_sasl_refusal(&exchange.sasl).length, 0);
            exchange_close(&exchange);
        }
    }
}

/* ---- What goes out first ---- */

static void check_client_first(const pop3_sasl_mechanism *mechanism, pop3_credentials credentials, const char *wanted) {
    struct dialogue said = *vector();
    struct exchange exchange;
    char text[DIALOGUE_TEXT], line[DIALOGUE_TEXT];

    assert_int_equal(open_with(&exchange, mechanism, &credentials, &openssl), POP3_SASL_OK);
    snprintf(text, sizeof text, "%s,r=" NONCE, wanted);
    exchange_sends(&exchange, dialogue_line(&said, text, line));
    exchange_close(&exchange);
}

static void test_R_SCRAM_01_names(void **state) {
    static const struct {
        const char *user, *authzid, *wanted;
    } rows[] = {{"user", NULL, "n,,n=user"},           {"user", "", "n,,n=user"},
                {"user", "other", "n,a=other,n=user"}, {"a,b=c", NULL, "n,,n=a=2Cb=3Dc"},
                {",=", "=,", "n,a==3D=2C,n==2C=3D"},   {"=2C", NULL, "n,,n==3D2C"},
                {"two words", NULL, "n,,n=two words"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pop3_credentials credentials = pencil();
        credentials.user = rows[i].user;
        credentials.authzid = rows[i].authzid;
        check_client_first(&pop3_sasl_scram_sha_1, credentials, rows[i].wanted);
    }
}

/* R-SCRAM-05: "y" only where the client could bind and the server did not say that it can. */
static void test_R_SCRAM_05_flags(void **state) {
    pop3_credentials credentials = pencil();
    (void)state;
    check_client_first(&pop3_sasl_scram_sha_256, credentials, "n,,n=user");
    credentials.plus_offered = true;
    check_client_first(&pop3_sasl_scram_sha_256, credentials, "n,,n=user");
    credentials.binding_type = "tls-exporter";
    credentials.binding = (pop3_span){"octets", 6};
    check_client_first(&pop3_sasl_scram_sha_256, credentials, "n,,n=user");
    check_client_first(&pop3_sasl_scram_sha_256_plus, credentials, "p=tls-exporter,,n=user");
    credentials.plus_offered = false;
    check_client_first(&pop3_sasl_scram_sha_256, credentials, "y,,n=user");
    credentials.authzid = "other";
    check_client_first(&pop3_sasl_scram_sha_256, credentials, "y,a=other,n=user");
    credentials.binding_type = "tls-server-end-point";
    check_client_first(&pop3_sasl_scram_sha_1_plus, credentials, "p=tls-server-end-point,a=other,n=user");
}

static void test_no_binding(void **state) {
    pop3_credentials credentials = pencil();
    struct exchange exchange;
    (void)state;
    assert_int_equal(open_with(&exchange, &pop3_sasl_scram_sha_1_plus, &credentials, &openssl), POP3_SASL_BINDING);
    exchange_sends(&exchange, NULL);
    exchange_close(&exchange);
    credentials.binding_type = "tls-exporter";
    assert_int_equal(open_with(&exchange, &pop3_sasl_scram_sha_256_plus, &credentials, &openssl), POP3_SASL_BINDING);
    exchange_close(&exchange);
}

/* ---- What the platform lacks ---- */

static bool no_pbkdf2(size_t size, const pop3_span *password, const pop3_span *salt, uint32_t iterations,
                      uint8_t *out) {
    (void)password, (void)salt, (void)iterations;
    memset(out, 0, size);
    return false;
}

static void check_crypto(const pop3_sasl_mechanism *mechanism, const pop3_crypto *crypto, pop3_sasl_result wanted) {
    pop3_credentials credentials = pencil();
    struct exchange exchange;

    assert_int_equal(open_with(&exchange, mechanism, &credentials, crypto), wanted);
    exchange_close(&exchange);
}

static void test_crypto(void **state) {
    pop3_crypto crypto = openssl;
    (void)state;
    check_crypto(&pop3_sasl_scram_sha_1, NULL, POP3_SASL_CRYPTO);
    crypto.md5 = NULL;
    crypto.sha256 = NULL;
    check_crypto(&pop3_sasl_scram_sha_1, &crypto, POP3_SASL_OK);
    check_crypto(&pop3_sasl_scram_sha_256, &crypto, POP3_SASL_CRYPTO);
    crypto.random = NULL;
    check_crypto(&pop3_sasl_scram_sha_1, &crypto, POP3_SASL_CRYPTO);
    crypto = openssl;
    crypto.sha1 = NULL;
    check_crypto(&pop3_sasl_scram_sha_256, &crypto, POP3_SASL_OK);
    check_crypto(&pop3_sasl_scram_sha_1, &crypto, POP3_SASL_CRYPTO);
    crypto = openssl;
    crypto.pbkdf2 = no_pbkdf2;
    check_first(GOOD, pencil(), &crypto, POP3_SASL_CRYPTO);
}

static void test_no_random_octets(void **state) {
    pop3_credentials credentials = pencil();
    char buffer[ROOM];
    pop3_sasl sasl;
    (void)state;
    random_is("");
    assert_int_equal(pop3_sasl_start(&sasl, &pop3_sasl_scram_sha_1, &credentials, &openssl, buffer, sizeof buffer),
                     POP3_SASL_CRYPTO);
    pop3_sasl_end(&sasl);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R_SCRAM_02_server_first),
        cmocka_unit_test(test_A_18_limits_of_the_caller),
        cmocka_unit_test(test_A_05_long_salt_and_nonce),
        cmocka_unit_test(test_R_SCRAM_03_server_final),
        cmocka_unit_test(test_R_SCRAM_03_refusal),
        cmocka_unit_test(test_R_SCRAM_01_names),
        cmocka_unit_test(test_R_SCRAM_05_flags),
        cmocka_unit_test(test_no_binding),
        cmocka_unit_test(test_crypto),
        cmocka_unit_test(test_no_random_octets),
    };
    return cmocka_run_group_tests_name("SCRAM", tests, NULL, NULL);
}
