/* SPDX-License-Identifier: MIT */
/* APOP against RFC 1939 section 7 and digests computed elsewhere: V-MD5, V-APOP, R-1939-19. Knows no engine. */
#include "crypto.h"
#include <satchel/pop3_digest.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static size_t calls; /* of prepared() */
static uint8_t answer[16];

/* A digest that tells which octets it was asked for: it gives the ones prepared. */
static void prepared(const pop3_span *spans, size_t n, uint8_t *out) {
    (void)spans;
    assert_true(n >= 1);
    memcpy(out, answer, sizeof answer);
    calls++;
}

static pop3_span span(const char *text) {
    return (pop3_span){text, strlen(text)};
}

static void digest(pop3_span timestamp, const char *secret, pop3_digest *function, char hex[POP3_APOP_HEX + 1]) {
    const pop3_span message[2] = {timestamp, {secret, strlen(secret)}};
    pop3_apop_digest(message, function, hex);
}

static void check(const char *timestamp, const char *secret, const char *hex) {
    char got[POP3_APOP_HEX + 3];
    memset(got, '#', sizeof got);
    md5_calls = 0;
    digest(span(timestamp), secret, md5, got + 1);
    assert_int_equal(md5_calls, 1);
    assert_memory_equal(got + 1, hex, POP3_APOP_HEX);
    assert_int_equal(got[0], '#');
    assert_int_equal(got[POP3_APOP_HEX + 1], '\0');
    assert_int_equal(got[POP3_APOP_HEX + 2], '#');
}

/* The digest given to every test here is MD5: the suite of RFC 1321. */
static void test_V_MD5(void **state) {
    (void)state;
    check("", "", "d41d8cd98f00b204e9800998ecf8427e");
    check("", "a", "0cc175b9c0f1b6a831c399e269772661");
    check("a", "bc", "900150983cd24fb0d6963f7d28e17f72");
    check("message ", "digest", "f96b697d7cb7938d525a2f31aaf161d0");
    check("abcdefghijklm", "nopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b");
    check("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "", "d174ab98d277d9f5a5611c2c9f419d9f");
    check("1234567890123456789012345678901234567890", "1234567890123456789012345678901234567890",
          "57edf4a22be3c955ac49da2e2107b67a");
}

static void test_V_APOP(void **state) {
    (void)state;
    check("<1896.697170952@dbc.mtview.ca.us>", "tanstaaf", "c4c9334bac560ecc979e58001b3e22fb");
}

/* The angle brackets count, and so does their order. */
static void test_R_1939_19_brackets_are_digested(void **state) {
    char without[POP3_APOP_HEX + 1], swapped[POP3_APOP_HEX + 1];
    (void)state;
    digest(span("1896.697170952@dbc.mtview.ca.us"), "tanstaaf", md5, without);
    assert_memory_not_equal(without, "c4c9334bac560ecc979e58001b3e22fb", POP3_APOP_HEX);
    digest(span("tanstaaf"), "<1896.697170952@dbc.mtview.ca.us>", md5, swapped);
    assert_memory_not_equal(swapped, "c4c9334bac560ecc979e58001b3e22fb", POP3_APOP_HEX);
}

/* Every octet becomes two lower-case digits. */
static void test_hex(void **state) {
    (void)state;
    for (unsigned base = 0; base < 256; base += 16) {
        char hex[POP3_APOP_HEX + 1], wanted[POP3_APOP_HEX + 1];
        for (unsigned i = 0; i < 16; i++) {
            answer[i] = (uint8_t)(base + i);
            snprintf(wanted + 2 * i, 3, "%02x", answer[i]);
        }
        digest(span("<a@b>"), "secret", prepared, hex);
        assert_memory_equal(hex, wanted, POP3_APOP_HEX);
    }
}

/* A secret may have any octets but NUL, and any length; so may the timestamp, which is a span. */
static void test_secrets_of_any_kind(void **state) {
    char hex[POP3_APOP_HEX + 1], joined[POP3_APOP_HEX + 1], secret[1001];
    (void)state;
    digest((pop3_span){"<a@b>a\0\xff", 8}, "", md5, hex);
    digest((pop3_span){"<a@b>a\0", 7}, "\xff", md5, joined);
    assert_memory_equal(hex, joined, POP3_APOP_HEX);
    memset(secret, 's', sizeof secret - 1);
    secret[sizeof secret - 1] = '\0';
    check("<1896.697170952@dbc.mtview.ca.us>", secret, "8660d526fd3a3d50914f738201ba0702");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_V_MD5),
        cmocka_unit_test(test_V_APOP),
        cmocka_unit_test(test_R_1939_19_brackets_are_digested),
        cmocka_unit_test(test_hex),
        cmocka_unit_test(test_secrets_of_any_kind),
    };
    return cmocka_run_group_tests_name("APOP", tests, NULL, NULL);
}
