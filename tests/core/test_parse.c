/* SPDX-License-Identifier: MIT */
/* Numbers, replies to STAT, lines of LIST and UIDL, N-B07. */
#define _POSIX_C_SOURCE 200809L
#include "guarded.h"

#include <satchel/pop3_engine.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct guarded memory;

/* The text flush against an unreadable page, without a NUL behind it. */
static const char *place(const char *text, size_t length) {
    char *copy = guarded_tail(&memory, length);
    memcpy(copy, text, length);
    return copy;
}

#define BAD UINT64_C(0)
#define NINES UINT64_C(9999999999999999999) /* 19 digits: the greatest that is taken */

static void test_numbers(void **state) {
    static const struct {
        const char *text;
        size_t digits;
        uint64_t value;
    } rows[] = {
        {"0", 1, 0},
        {"1", 1, 1},
        {"12 34", 3, 12},
        {"007x", 0, BAD},
        {"007", 3, 7},
        {"007 \t", 5, 7},
        {"4294967295", 10, UINT32_MAX},
        {"4294967296", 10, UINT64_C(4294967296)},
        {"9999999999", 10, UINT64_C(9999999999)},
        {"9999999999999999999", 19, NINES},
        {"10000000000000000000", 0, BAD},
        {"18446744073709551615", 0, BAD},
        {"18446744073709551616", 0, BAD},
        {"18446744073709551625", 0, BAD},
        {"99999999999999999999", 0, BAD},
        {"184467440737095516150", 0, BAD},
        {"00000000000000000000000000000000000000001", 0, BAD},
        {"", 0, BAD},
        {" 1", 0, BAD},
        {"-1", 0, BAD},
        {"+1", 0, BAD},
        {"x", 0, BAD},
        {"\t1", 0, BAD},
        {"1-", 0, BAD},
        {"0x10", 0, BAD},
        {"\xb2", 0, BAD},
        {"1\xb2", 0, BAD},
        {"/", 0, BAD},
        {":", 0, BAD},
        {"5:", 0, BAD},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t value = 77;
        size_t length = strlen(rows[i].text);
        size_t digits = pop3_parse_number(place(rows[i].text, length), length, &value);
        if (digits != rows[i].digits || (digits > 0 && value != rows[i].value)) {
            fail_msg("\"%s\": %zu digits, value %llu", rows[i].text, digits, (unsigned long long)value);
        }
    }
}

/* Reply to STAT, LIST n or RETR n: up to two numbers, each a word (N-B07). */
static void test_two_numbers(void **state) {
    static const struct {
        const char *text;
        unsigned count;
        uint32_t values[2];
    } rows[] = {
        {"2 320", 2, {2, 320}},
        {"2  \t 320 x", 2, {2, 320}},
        {"120 octets", 1, {120, 0}},
        {"123 5", 2, {123, 5}},
        {"4294967295 4294967295", 2, {UINT32_MAX, UINT32_MAX}},
        {"1 4294967296", 1, {1, UINT32_MAX}},
        {"4294967296 1", 0, {UINT32_MAX, 0}},
        {"1 42949672950", 1, {1, UINT32_MAX}},
        {"1 18446744073709551615", 1, {1, UINT32_MAX}},
        {"1 18446744073709551617", 1, {1, UINT32_MAX}},
        {"99999999999999999999999999", 0, {UINT32_MAX, 0}},
        {"0000000000000000000000001 2", 2, {1, 2}},
        {"1 2 3", 2, {1, 2}},
        {"1 -2", 1, {1, 0}},
        {"1", 1, {1, 0}},
        {"1 ", 1, {1, 0}},
        {"1x 2", 0, {0, 0}},
        {"1 2x", 1, {1, 0}},
        {" \t1 2", 2, {1, 2}},
        {"", 0, {0, 0}},
        {" ", 0, {0, 0}},
        {"-1 2", 0, {0, 0}},
        {"1,2", 0, {0, 0}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t values[2] = {77, 77};
        size_t length = strlen(rows[i].text);
        unsigned count = pop3_parse_numbers(place(rows[i].text, length), length, values);
        if (count != rows[i].count || values[0] != rows[i].values[0] || values[1] != rows[i].values[1]) {
            fail_msg("\"%s\": %u numbers, %u %u", rows[i].text, count, (unsigned)values[0], (unsigned)values[1]);
        }
    }
}

struct pair {
    const char *text;
    bool good;
    uint32_t first;
    uint64_t octets;
};

static void check_pairs(const struct pair *rows, size_t count,
                        bool parse(const char *text, size_t length, uint32_t *first, uint64_t *octets)) {
    for (size_t i = 0; i < count; i++) {
        uint32_t first = 77;
        uint64_t octets = 77;
        size_t length = strlen(rows[i].text);
        bool good = parse(place(rows[i].text, length), length, &first, &octets);
        if (good != rows[i].good || (good && (first != rows[i].first || octets != rows[i].octets))) {
            fail_msg("\"%s\": %d, %u, %llu", rows[i].text, good, (unsigned)first, (unsigned long long)octets);
        }
    }
}

static void test_Q02_A23_stat(void **state) {
    static const struct pair rows[] = {
        {"2 320", true, 2, 320},
        {"0 0", true, 0, 0},
        {"0", true, 0, POP3_SIZE_UNKNOWN},
        {"2 320 and more", true, 2, 320},
        {"2 320\tx", true, 2, 320},
        {"2   320", true, 2, 320},
        {"2\t320", true, 2, 320},
        {"2 -2147483648", true, 2, POP3_SIZE_UNKNOWN},
        {"2 x", true, 2, POP3_SIZE_UNKNOWN},
        {"2 320x", true, 2, POP3_SIZE_UNKNOWN},
        {"2 99999999999999999999", true, 2, POP3_SIZE_UNKNOWN},
        {"2 ", true, 2, POP3_SIZE_UNKNOWN},
        {"1234567 12345", true, 1234567, 12345},
        {"4294967295 1", true, UINT32_MAX, 1},
        {"4294967295 9999999999999999999", true, UINT32_MAX, NINES},
        {"1 4294967296", true, 1, UINT64_C(4294967296)},
        {"4294967296 5", false, 0, 0},
        {"99999999999999999999 5", false, 0, 0},
        {"-1 5", false, 0, 0},
        {"+1 5", false, 0, 0},
        {"", false, 0, 0},
        {"x 5", false, 0, 0},
        {"2messages", false, 0, 0},
        {"2,320", false, 0, 0},
    };
    (void)state;
    check_pairs(rows, sizeof rows / sizeof rows[0], pop3_parse_stat);
}

static void test_A23_list(void **state) {
    static const struct pair rows[] = {
        {"1 120", true, 1, 120},
        {"1 0", true, 1, 0},
        {"2 200 some text", true, 2, 200},
        {"2  200", true, 2, 200},
        {"4294967295 9999999999999999999", true, UINT32_MAX, NINES},
        {"0 100", false, 0, 0},
        {"00 100", false, 0, 0},
        {"-1 5", false, 0, 0},
        {"4294967296 5", false, 0, 0},
        {"99999999999999999999 5", false, 0, 0},
        {"18446744073709551617 5", false, 0, 0},
        {"1", false, 0, 0},
        {"1 ", false, 0, 0},
        {"1 x", false, 0, 0},
        {"1 -5", false, 0, 0},
        {"1 5x", false, 0, 0},
        {"1 99999999999999999999", false, 0, 0},
        {"", false, 0, 0},
        {"x", false, 0, 0},
        {"1x 5", false, 0, 0},
        {"200 octets", false, 0, 0},
    };
    (void)state;
    check_pairs(rows, sizeof rows / sizeof rows[0], pop3_parse_list);
}

/* A NUL is no blank and no end. */
static void test_nul_in_numbers(void **state) {
    uint32_t number;
    uint64_t octets;
    (void)state;
    assert_false(pop3_parse_list(place("1\0 5", 4), 4, &number, &octets));
    assert_false(pop3_parse_list(place("1 5\0", 4), 4, &number, &octets));
    assert_false(pop3_parse_stat(place("\0", 1), 1, &number, &octets));
    assert_true(pop3_parse_stat(place("2 3\0", 4), 4, &number, &octets));
    assert_true(octets == POP3_SIZE_UNKNOWN);
    assert_false(pop3_parse_list(place("", 0), 0, &number, &octets));
    assert_false(pop3_parse_stat(place("", 0), 0, &number, &octets));
}

static void test_A23_uidl_lines(void **state) {
    static const struct {
        const char *text;
        bool good;
        uint32_t number;
        const char *uid;
    } rows[] = {
        {"1 whqtswO00WBw418f9t5JxYwZ", true, 1, "whqtswO00WBw418f9t5JxYwZ"},
        {"1    two", true, 1, "two"},
        {"1 \t two", true, 1, "two"},
        {"1\ttwo", true, 1, "two"},
        {"1 two  \t ", true, 1, "two"},
        {"1 with blanks in it", true, 1, "with blanks in it"},
        {"1 ../../etc/passwd", true, 1, "../../etc/passwd"},
        {"1 \xc3\xa9\xff\x80", true, 1, "\xc3\xa9\xff\x80"},
        {"1", true, 1, ""},
        {"1 ", true, 1, ""},
        {"1 \t ", true, 1, ""},
        {"4294967295 x", true, UINT32_MAX, "x"},
        {"0 x", false, 0, ""},
        {"-1 x", false, 0, ""},
        {"4294967296 x", false, 0, ""},
        {"99999999999999999999 x", false, 0, ""},
        {"x", false, 0, ""},
        {"1x", false, 0, ""},
        {"", false, 0, ""},
        {"1 a\x7f", false, 0, ""},
        {"1 a\tb", false, 0, ""},
        {"1 a\x1b[0m", false, 0, ""},
        {"1 \r", false, 0, ""},
        {"1 \x01", false, 0, ""},
        {"1 2", true, 1, "2"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t number = 0;
        const char *uid = NULL;
        size_t uid_length = 77, length = strlen(rows[i].text);
        const char *text = place(rows[i].text, length);
        bool good = pop3_parse_uidl(text, length, &number, &uid, &uid_length);
        if (good != rows[i].good) {
            fail_msg("\"%s\": %d", rows[i].text, good);
        }
        if (good) {
            assert_int_equal(number, rows[i].number);
            assert_int_equal(uid_length, strlen(rows[i].uid));
            assert_memory_equal(uid_length > 0 ? uid : "", rows[i].uid, uid_length);
        }
    }
}

/* lengths around every limit of anyone. */
static void test_A08_uid_lengths(void **state) {
    static const size_t lengths[] = {1, 69, 70, 71, 254, 255, 256, 257, 511, 513, 999, 1000, 1001, 1002, 65536};
    char *text = malloc(65536 + 2);
    (void)state;
    assert_non_null(text);
    memset(text, 'u', 65536 + 2);
    memcpy(text, "7 ", 2);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        uint32_t number;
        const char *uid;
        size_t uid_length;
        const char *copy = place(text, lengths[i] + 2);
        bool good = pop3_parse_uidl(copy, lengths[i] + 2, &number, &uid, &uid_length);
        assert_int_equal(good, lengths[i] <= 1000);
        if (good) {
            assert_ptr_equal(uid, copy + 2);
            assert_int_equal(uid_length, lengths[i]);
        }
    }
    free(text);
}

/* Every control octet, and DEL, at the start, the middle and the end of a uid. */
static void test_Q06_controls_in_a_uid(void **state) {
    (void)state;
    for (int octet = 0; octet < 256; octet++) {
        char text[] = "1 a?b";
        uint32_t number;
        const char *uid;
        size_t uid_length;
        text[3] = (char)octet;
        bool good = pop3_parse_uidl(place(text, 5), 5, &number, &uid, &uid_length);
        assert_int_equal(good, octet >= 0x20 && octet != 0x7F);
        memcpy(text, "1 ab?", 5);
        text[4] = (char)octet;
        good = pop3_parse_uidl(place(text, 5), 5, &number, &uid, &uid_length);
        assert_int_equal(good, (octet >= 0x20 && octet != 0x7F) || octet == '\t');
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),         cmocka_unit_test(test_two_numbers),
        cmocka_unit_test(test_Q02_A23_stat),    cmocka_unit_test(test_A23_list),
        cmocka_unit_test(test_nul_in_numbers),  cmocka_unit_test(test_A23_uidl_lines),
        cmocka_unit_test(test_A08_uid_lengths), cmocka_unit_test(test_Q06_controls_in_a_uid),
    };
    guarded_open(&memory, 1 << 17);
    int failed = cmocka_run_group_tests_name("parsers", tests, NULL, NULL);
    guarded_close(&memory);
    return failed;
}
