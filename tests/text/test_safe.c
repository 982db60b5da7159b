/* SPDX-License-Identifier: MIT */
/* safe_text(): what stays, what becomes \xNN, and where it is cut (A-14, R-OUT-01). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/safe.h"

static void becomes(const char *text, size_t n, const char *expected) {
    char *exact = malloc(n + (n == 0)); /* to the octet: a read behind it is seen */
    char out[128];

    memcpy(exact, text, n);
    assert_int_equal(safe_text(out, sizeof out, exact, n), strlen(expected));
    assert_string_equal(out, expected);
    free(exact);
}

#define BECOMES(text, expected) becomes(text, sizeof(text) - 1, expected)

static void printable_text_stays(void **state) {
    (void)state;
    BECOMES("", "");
    BECOMES("+OK ~ \\x1B", "+OK ~ \\x1B");
    BECOMES("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80", "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
    BECOMES("\xc2\xa0", "\xc2\xa0");
}

static void no_octet_commands_a_terminal(void **state) {
    (void)state;
    BECOMES("\x1b]0;x\x07", "\\x1B]0;x\\x07");
    BECOMES("a\r\nb\tc", "a\\x0D\\x0Ab\\x09c");
    BECOMES("\0\x7f", "\\x00\\x7F");
    BECOMES("\x9b\x33\x31m", "\\x9B31m");
    BECOMES("\xc2\x9b", "\\xC2\\x9B");
}

static void no_character_turns_the_direction(void **state) {
    static const char override[] = {'\xe2', '\x80', '\xae'};
    static const char isolate_and_mark[] = {'\xe2', '\x81', '\xa6', '\xd8', '\x9c'};

    (void)state;
    becomes(override, sizeof override, "\\xE2\\x80\\xAE");
    becomes(isolate_and_mark, sizeof isolate_and_mark, "\\xE2\\x81\\xA6\\xD8\\x9C");
    BECOMES("\xe2\x80\xa8", "\\xE2\\x80\\xA8");
    BECOMES("\xd7\xa9\xd7\x9c", "\xd7\xa9\xd7\x9c");
}

static void what_is_no_utf8_is_escaped(void **state) {
    (void)state;
    BECOMES("\xff\xfe", "\\xFF\\xFE");
    BECOMES("\xc0\xaf", "\\xC0\\xAF");
    BECOMES("\xe0\x80\xaf", "\\xE0\\x80\\xAF");
    BECOMES("\xed\xa0\x80", "\\xED\\xA0\\x80");
    BECOMES("\xf4\x90\x80\x80", "\\xF4\\x90\\x80\\x80");
    BECOMES("a\xe2\x82", "a\\xE2\\x82");
    BECOMES("\xe2\x82 a", "\\xE2\\x82 a");
}

/* Whatever comes, what goes out is printable, and goes through once more as it is. */
static void every_pair_of_octets_becomes_safe(void **state) {
    char out[16], again[16];

    (void)state;
    for (unsigned i = 0; i < 1U << 16; i++) {
        const char pair[2] = {(char)(i >> 8), (char)i};
        size_t n = safe_text(out, sizeof out, pair, sizeof pair);

        assert_int_equal(safe_text(again, sizeof again, out, n), n);
        assert_string_equal(again, out);
        assert_null(strpbrk(out, "\r\n\t\x1b\x7f"));
    }
}

static void nothing_is_cut_in_two(void **state) {
    char out[8];

    (void)state;
    for (size_t size = 1; size <= sizeof out; size++) {
        memset(out, '#', sizeof out);
        size_t n = safe_text(out, size, "a\x1b\xc3\xbc", 4);
        static const size_t lengths[] = {0, 1, 1, 1, 1, 5, 5, 7};

        assert_int_equal(n, lengths[size - 1]);
        assert_memory_equal(out, "a\\x1B\xc3\xbc", n);
        assert_int_equal(out[n], '\0');
        assert_true(size == sizeof out || out[size] == '#');
    }
}

static void names_are_ascii_alone(void **state) {
    (void)state;
    struct safe_piece piece = safe_ascii("\xd0\xb5", 2);

    assert_int_equal(piece.used, 1);
    assert_memory_equal(piece.octets, "\\xD0", piece.length);
    piece = safe_ascii("e", 1);
    assert_int_equal(piece.length, 1);
    piece = safe_ascii("\n", 1);
    assert_int_equal(piece.length, 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printable_text_stays),
        cmocka_unit_test(no_octet_commands_a_terminal),
        cmocka_unit_test(no_character_turns_the_direction),
        cmocka_unit_test(what_is_no_utf8_is_escaped),
        cmocka_unit_test(every_pair_of_octets_becomes_safe),
        cmocka_unit_test(nothing_is_cut_in_two),
        cmocka_unit_test(names_are_ascii_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
