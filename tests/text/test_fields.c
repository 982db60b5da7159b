/* SPDX-License-Identifier: MIT */
/* Fields of a header: found whatever the pieces, unfolded, within bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "text/fields.h"

static const char *const names[] = {"From", "Subject", NULL};
static struct fields fields;

static void assert_value(size_t i, const char *expected) {
    size_t n;
    const char *value = fields_value(&fields, i, &n);

    assert_int_equal(n, strlen(expected));
    assert_memory_equal(value, expected, n);
}

static void begin(void) {
    fields = (struct fields){.names = names};
}

static void found_in_pieces_of_any_size(void **state) {
    static const char header[] =
        "Received: from x\r\n\tSubject: not this\r\nsubject:  Hello\r\n  world \r\nFrom:a@b\r\n"
        "Subject: second\r\n\r\nFrom: body\r\n";

    (void)state;
    for (size_t piece = 1; piece < sizeof header; piece++) {
        begin();
        for (size_t at = 0; at < sizeof header - 1; at += piece) {
            size_t left = sizeof header - 1 - at;
            fields_take(&fields, header + at, piece < left ? piece : left);
        }
        assert_value(0, "a@b");
        assert_value(1, "Hello  world");
    }
}

static void lines_may_end_in_lf(void **state) {
    static const char header[] = "From: a\nSubject: b\n\nSubject: c\n";

    (void)state;
    begin();
    fields_take(&fields, header, sizeof header - 1);
    assert_value(0, "a");
    assert_value(1, "b");
}

static void what_is_no_field_is_passed_over(void **state) {
    static const char header[] = "From someone Sat 12:00\n:\nSubject\nFromage: x\nFro: y\n"
                                 "a-name-that-is-longer-than-any-that-is-looked-for: z\nSubject:\n \tb\n";

    (void)state;
    begin();
    fields_take(&fields, header, sizeof header - 1);
    assert_value(0, "");
    assert_value(1, "b");
}

static void a_long_value_is_cut(void **state) {
    (void)state;
    begin();
    fields_take(&fields, "From: ", 6);
    for (size_t i = 0; i < 2 * (size_t)WORDS_MOST; i++) {
        fields_take(&fields, "x", 1);
    }
    fields_take(&fields, "\nSubject: b\n", 12);
    size_t n;
    (void)fields_value(&fields, 0, &n);
    assert_int_equal(n, WORDS_MOST);
    assert_value(1, "b");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_in_pieces_of_any_size),
        cmocka_unit_test(lines_may_end_in_lf),
        cmocka_unit_test(what_is_no_field_is_passed_over),
        cmocka_unit_test(a_long_value_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
