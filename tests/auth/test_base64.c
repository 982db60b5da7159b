/* SPDX-License-Identifier: MIT */
/* Strict base64 (R-5034-07) against OpenSSL's encoder, in place, on memory that ends at an unreadable page. */
#include <satchel/pop3_sasl.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "core/guarded.h"

enum { LONGEST = 100 };

static void test_both_ways_in_place(void **state) {
    struct guarded memory;
    (void)state;
    guarded_open(&memory, POP3_BASE64_LENGTH(LONGEST));
    for (size_t n = 0; n <= LONGEST; n++) {
        unsigned char octets[LONGEST], wanted[POP3_BASE64_LENGTH(LONGEST) + 1];
        char *text = guarded_tail(&memory, POP3_BASE64_LENGTH(n));
        size_t length = 1;
        for (size_t i = 0; i < n; i++) {
            octets[i] = (unsigned char)(i * 37 + n);
        }
        memcpy(text, octets, n);
        assert_int_equal(pop3_base64_encode(text, n, text), EVP_EncodeBlock(wanted, octets, (int)n));
        assert_memory_equal(text, wanted, POP3_BASE64_LENGTH(n));
        assert_true(pop3_base64_decode(text, POP3_BASE64_LENGTH(n), text, &length));
        assert_int_equal(length, n);
        assert_memory_equal(text, octets, n);
    }
    guarded_close(&memory);
}

/* Every group of four octets out of those that matter: what is accepted is what the encoder writes, and nothing else. */
static void test_R_5034_07_nothing_but_what_an_encoder_writes(void **state) {
    static const char octets[] = "AQgwZz/+=-_ \n\x80";
    enum { OCTETS = sizeof octets };
    (void)state;
    for (size_t number = 0; number < (size_t)OCTETS * OCTETS * OCTETS * OCTETS; number++) {
        const char group[4] = {octets[number % OCTETS], octets[number / OCTETS % OCTETS],
                               octets[number / OCTETS / OCTETS % OCTETS], octets[number / OCTETS / OCTETS / OCTETS]};
        char decoded[3], again[4];
        size_t n = 9;
        if (pop3_base64_decode(group, 4, decoded, &n)) {
            assert_in_range(n, 1, 3);
            assert_int_equal(pop3_base64_encode(decoded, n, again), 4);
            assert_memory_equal(again, group, 4);
        } else {
            size_t digits = strspn(group, "AQgwZz/+");
            digits = digits < 4 ? digits : 4;
            assert_false(digits == 4);
            assert_false(digits == 3 && group[3] == '=' && strchr("AQgwU", group[2]) != NULL);
            assert_false(digits == 2 && group[2] == '=' && group[3] == '=' && strchr("AQgw", group[1]) != NULL);
        }
    }
}

/* Every octet is a digit, or it is not. */
static void test_alphabet(void **state) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (void)state;
    for (unsigned octet = 0; octet < 256; octet++) {
        char text[4] = {'A', 'A', 'A', (char)octet};
        const char *place = octet != 0 ? strchr(digits, (int)octet) : NULL;
        uint8_t out[3];
        size_t length;
        bool good = pop3_base64_decode(text, 4, out, &length);
        assert_true(good == (place != NULL || octet == '='));
        if (place != NULL) {
            assert_int_equal(length, 3);
            assert_int_equal(out[2], place - digits);
        }
    }
}

static void test_R_5034_07_bad_lengths_and_padding(void **state) {
    static const char *const bad[] = {
        "A",     "AA",       "AAA",  "AAAAA",    "=AAA", "AAA=BBB",  "AA=",      "AA==AA==", "AA A",
        "AAAA=", "AAAA====", "====", "AAAA=AAA", "A===", "AAA=AAAA", "AA==AAAA", "AA=A",     "AAAA\r\n"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char out[16];
        size_t length;
        assert_false(pop3_base64_decode(bad[i], strlen(bad[i]), out, &length));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways_in_place),
        cmocka_unit_test(test_R_5034_07_nothing_but_what_an_encoder_writes),
        cmocka_unit_test(test_alphabet),
        cmocka_unit_test(test_R_5034_07_bad_lengths_and_padding),
    };
    return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
