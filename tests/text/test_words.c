/* SPDX-License-Identifier: MIT */
/* Encoded words: the examples of RFC 2047 section 8, what programs send, what attackers send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/words.h"

static void reads(const char *value, const char *expected) {
    size_t n = strlen(value);
    char *exact = malloc(n + (n == 0));
    char out[1024];

    memcpy(exact, value, n);
    assert_int_equal(words_text(out, sizeof out, exact, n), strlen(expected));
    assert_string_equal(out, expected);
    free(exact);
}

static void examples_of_rfc_2047(void **state) {
    (void)state;
    reads("=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>", "Keith Moore <moore@cs.utk.edu>");
    reads("=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=", "Keld J\xc3\xb8rn Simonsen");
    reads("=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
          "If you can read this you understand the example.");
    reads("(=?ISO-8859-1?Q?a?=)", "(a)");
    reads("(=?ISO-8859-1?Q?a?= b)", "(a b)");
    reads("(=?ISO-8859-1?Q?a?=  \t =?ISO-8859-1?Q?b?=)", "(ab)");
    reads("(=?ISO-8859-1?Q?a_b?=)", "(a b)");
    reads("(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)");
}

static void plain_values_stay(void **state) {
    (void)state;
    reads("", "");
    reads("Hello  world", "Hello  world");
    reads("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
    reads("a =? b", "a =? b");
}

static void charsets(void **state) {
    (void)state;
    reads("=?utf-8?B?w7zwn5iA?=", "\xc3\xbc\xf0\x9f\x98\x80");
    reads("=?UTF-8*de?Q?gr=C3=BC=C3=9F?=", "gr\xc3\xbc\xc3\x9f");
    reads("=?windows-1252?Q?=80_5?=", "\xe2\x82\xac 5");
    reads("=?koi8-r?B?8NLJ18XU?=", "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82");
    reads("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "\xe6\x97\xa5\xe6\x9c\xac");
    reads("=?gb2312?B?xOO6ww==?=", "\xe4\xbd\xa0\xe5\xa5\xbd");
}

/* Many programs cut a character in two between words, though section 5 (3) forbids it. */
static void a_character_in_two_words(void **state) {
    (void)state;
    reads("=?UTF-8?Q?gr=C3?= =?utf-8?Q?=BC=C3=9F?=", "gr\xc3\xbc\xc3\x9f");
    reads("=?UTF-8?B?4g==?= =?UTF-8?B?gqw=?=", "\xe2\x82\xac");
}

static void what_is_broken_stays_as_it_came(void **state) {
    (void)state;
    reads("=?utf-8?B?w7z?=", "=?utf-8?B?w7z?=");
    reads("=?utf-8?X?abc?=", "=?utf-8?X?abc?=");
    reads("=?utf-8?Q?abc", "=?utf-8?Q?abc");
    reads("=?utf-8?Q?a b?=", "=?utf-8?Q?a b?=");
    reads("=??Q?abc?=", "=??Q?abc?=");
    reads("=?utf-8", "=?utf-8");
    reads("=?utf-8?Q", "=?utf-8?Q");
    reads("=?", "=?");
    reads("=?utf-8?Q?=4?=", "=4");
    reads("=?utf-8?Q?=zz=C3=BC?=", "=zz\xc3\xbc");
    reads("=?utf-8?Q?a?= ", "a ");
}

/* A stranger's name never reaches iconv_open(), nor what glibc takes behind it. */
static void unknown_charsets_are_not_converted(void **state) {
    (void)state;
    reads("=?x-evil?Q?a?=", "=?x-evil?Q?a?=");
    reads("=?ISO-8859-1//TRANSLIT?Q?a?=", "=?ISO-8859-1//TRANSLIT?Q?a?=");
    reads("=?../../tmp/x?Q?a?=", "=?../../tmp/x?Q?a?=");
    reads("=?ISO-8859-?Q?a?=", "=?ISO-8859-?Q?a?=");
    reads("=?iso-2022-cn-ext?Q?a?=", "=?iso-2022-cn-ext?Q?a?=");
    reads("=?ISO-8859-99999999999999999999999999999999999999?Q?a?=",
          "=?ISO-8859-99999999999999999999999999999999999999?Q?a?=");
    reads("=?iso-8859-99?Q?a=FF?=", "a\\xFF");
}

static void what_was_hidden_in_a_word_is_made_safe(void **state) {
    (void)state;
    reads("=?utf-8?Q?=1B]0;x=07?=", "\\x1B]0;x\\x07");
    reads("=?iso-8859-1?Q?=9B31m?=", "\\xC2\\x9B31m");
    reads("=?utf-8?Q?=9B?=", "\\x9B");
    reads("=?utf-8?B?4oCu?=", "\\xE2\\x80\\xAE");
    reads("=?utf-8?Q?a=0D=0Ab?=", "a\\x0D\\x0Ab");
    reads("=?utf-8?Q?=00?=", "\\x00");
    reads("=?euc-jp?Q?=8Fa?=", "\xef\xbf\xbd"
                               "a");
}

static void long_values_are_cut(void **state) {
    char value[4 * WORDS_MOST], out[4 * WORDS_MOST];

    (void)state;
    memset(value, 'x', sizeof value);
    assert_int_equal(words_text(out, sizeof out, value, sizeof value), WORDS_MOST - 1);
    assert_int_equal(words_text(out, 10, value, sizeof value), 9);
    memcpy(value, "=?windows-1252?Q?", 17); /* three octets of UTF-8 for each */
    memset(value + 17, '\x80', WORDS_MOST);
    for (size_t i = 17; i + 3 < WORDS_MOST - 3; i += 3) {
        memcpy(value + i, "=80", 3);
    }
    memcpy(value + WORDS_MOST - 3, "?=", 2);
    assert_true(words_text(out, sizeof out, value, sizeof value) < sizeof out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_of_rfc_2047),
        cmocka_unit_test(plain_values_stay),
        cmocka_unit_test(charsets),
        cmocka_unit_test(a_character_in_two_words),
        cmocka_unit_test(what_is_broken_stays_as_it_came),
        cmocka_unit_test(unknown_charsets_are_not_converted),
        cmocka_unit_test(what_was_hidden_in_a_word_is_made_safe),
        cmocka_unit_test(long_values_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
