/* SPDX-License-Identifier: MIT */
/* Digests against published vectors, comparisons, and that random things differ. */
#include "serve/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct serve_span span(const char *text) {
    return (struct serve_span){text, strlen(text)};
}

static void test_V_APOP(void **state) {
    const char *stamp = "<1896.697170952@dbc.mtview.ca.us>";
    const char *digest = "c4c9334bac560ecc979e58001b3e22fb";

    (void)state;
    assert_true(serve_apop_matches(span(digest), stamp, "tanstaaf"));
    assert_false(serve_apop_matches(span(digest), stamp, "tanstaaF"));
    assert_false(serve_apop_matches(span(digest), "<1897.697170952@dbc.mtview.ca.us>", "tanstaaf"));
    assert_false(serve_apop_matches(span("C4C9334BAC560ECC979E58001B3E22FB"), stamp, "tanstaaf"));
    assert_false(serve_apop_matches((struct serve_span){digest, 31}, stamp, "tanstaaf"));
    assert_false(serve_apop_matches(span(""), stamp, "tanstaaf"));
}

static void test_V_MD5(void **state) {
    static const char *const rows[][2] = {
        {"", "d41d8cd98f00b204e9800998ecf8427e"},
        {"a", "0cc175b9c0f1b6a831c399e269772661"},
        {"abc", "900150983cd24fb0d6963f7d28e17f72"},
        {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(serve_apop_matches(span(rows[i][1]), "", rows[i][0]));
    }
}

/* RFC 2195 section 2. */
static void test_V_CRAM(void **state) {
    const char *challenge = "<1896.697170952@postoffice.reston.mci.net>";
    const char *digest = "b913a602c7eda7a495b4e6e7334d3890";

    (void)state;
    assert_true(serve_cram_matches(span(digest), challenge, "tanstaaftanstaaf"));
    assert_false(serve_cram_matches(span(digest), challenge, "tanstaaf"));
    assert_false(serve_cram_matches(span(digest), "<1896.697170952@postoffice.reston.mci.com>", "tanstaaftanstaaf"));
    assert_false(serve_cram_matches((struct serve_span){digest, 31}, challenge, "tanstaaftanstaaf"));
}

static void test_secrets_are_equal_or_not(void **state) {
    (void)state;
    assert_true(serve_secret_equal(span("mvan99"), "mvan99"));
    assert_false(serve_secret_equal(span("mvan9"), "mvan99"));
    assert_false(serve_secret_equal(span("mvan999"), "mvan99"));
    assert_false(serve_secret_equal(span(""), "mvan99"));
    assert_true(serve_secret_equal(span(""), ""));
}

/* R-1939-19: another timestamp for each connection, in the syntax that R-APOP-01 accepts. */
static void test_R_1939_19_stamps(void **state) {
    char first[SERVE_STAMP_TEXT];
    char second[SERVE_STAMP_TEXT];

    (void)state;
    assert_true(serve_stamp_make(first));
    assert_true(serve_stamp_make(second));
    assert_string_not_equal(first, second);
    assert_int_equal(first[0], '<');
    assert_int_equal(first[strlen(first) - 1], '>');
    assert_ptr_equal(strchr(first, '@'), strrchr(first, '@'));
    for (const char *p = first; *p != '\0'; p++) {
        assert_true(*p > 0x20 && *p < 0x7F);
    }
}

static void test_random_credentials(void **state) {
    char first[SERVE_RANDOM_TEXT];
    char second[SERVE_RANDOM_TEXT];

    (void)state;
    assert_true(serve_random_text(first) && serve_random_text(second));
    assert_int_equal(strlen(first), 16);
    assert_string_not_equal(first, second);
}

static void test_hash_of_a_name(void **state) {
    char text[SERVE_HASH_TEXT];

    (void)state;
    assert_true(serve_hash_text("abc", 3, text));
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_V_APOP),           cmocka_unit_test(test_V_MD5),
        cmocka_unit_test(test_V_CRAM),           cmocka_unit_test(test_secrets_are_equal_or_not),
        cmocka_unit_test(test_R_1939_19_stamps), cmocka_unit_test(test_random_credentials),
        cmocka_unit_test(test_hash_of_a_name),
    };

    return cmocka_run_group_tests_name("serve_secret", tests, NULL, NULL);
}
