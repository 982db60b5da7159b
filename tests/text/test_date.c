/* SPDX-License-Identifier: MIT */
/* Dates of RFC 5322: its examples, the C library's opinion on every day, and what is none. */
#define _DEFAULT_SOURCE /* timegm */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "text/date.h"

static bool reads(const char *value, int64_t *seconds) {
    size_t n = strlen(value);
    char *exact = malloc(n + (n == 0));
    bool good;

    memcpy(exact, value, n);
    good = date_read(exact, n, seconds);
    free(exact);
    return good;
}

static void is(const char *value, int64_t expected) {
    int64_t seconds = -1;

    assert_true(reads(value, &seconds));
    assert_true(seconds == expected);
}

static void examples(void **state) {
    (void)state;
    is("Fri, 21 Nov 1997 09:55:06 -0600", 880127706);
    is("Tue, 1 Jul 2003 10:52:37 +0200", 1057049557);
    is("Thu,\t13 Feb 1969 23:32 -0330", -27723480);
    is("21 Nov 97 09:55:06 GMT", 880106106);
    is("Mon, 24 Nov 1997 14:22:01 -0800 (PST)", 880410121);
    is("Fri, 21 Nov 1997 09:55:06", 880106106);
    is("1 jan 1970 0:00 +0000", 0);
    is("1 Jan 00 00:00:00 +0000", 946684800);
    is("Thu, 31 Dec 2026 23:59:60 +0000", 1798761600);
}

static void every_day_as_the_c_library_counts(void **state) {
    char value[64];

    (void)state;
    for (time_t day = -25567 * 86400L; day < 4102444800; day += 86400) {
        struct tm parts;
        (void)gmtime_r(&day, &parts);
        (void)strftime(value, sizeof value, "%a, %d %b %Y %H:%M:%S +0000", &parts);
        is(value, day);
    }
}

static void what_is_no_date(void **state) {
    static const char *const values[] = {"",
                                         ",",
                                         "yesterday",
                                         "21",
                                         "21 Nov",
                                         "21 Now 1997 09:55:06",
                                         "21 Nov 1997",
                                         "21 Nov 1997 09",
                                         "21 Nov 1997 09:5",
                                         "21 Nov 1997 24:00",
                                         "21 Nov 1997 09:60",
                                         "0 Nov 1997 09:55",
                                         "31 Nov 1997 09:55",
                                         "29 Feb 1900 09:55",
                                         "29 Feb 2023 09:55",
                                         "21 Nov 1897 09:55",
                                         "1 Nov 1 09:55"};
    int64_t seconds;

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_false(reads(values[i], &seconds));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples),
        cmocka_unit_test(every_day_as_the_c_library_counts),
        cmocka_unit_test(what_is_no_date),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
