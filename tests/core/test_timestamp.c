/* SPDX-License-Identifier: MIT */
/*
 * The APOP timestamp, in a text and in a greeting longer than line[]: R-1939-19, R-APOP-01, A-01, N-40.
 */
#define _POSIX_C_SOURCE 200809L
#include "guarded.h"
#include "invariant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct guarded memory;

static void check_octets(const char *text, size_t length, const char *timestamp) {
    size_t got_length = 0;
    char *copy = guarded_tail(&memory, length);
    memcpy(copy, text, length);
    const char *got = pop3_parse_timestamp(copy, length, &got_length);
    if (timestamp == NULL) {
        if (got != NULL) {
            fail_msg("\"%s\": took \"%.*s\"", text, (int)got_length, got);
        }
    } else if (got == NULL || got_length != strlen(timestamp) || memcmp(got, timestamp, got_length) != 0) {
        fail_msg("\"%s\": %s", text, got == NULL ? "none" : "another");
    } else {
        assert_true(got >= copy && got + got_length <= copy + length);
    }
}

static void check(const char *text, const char *timestamp) {
    check_octets(text, strlen(text), timestamp);
}

static void test_R_1939_19_timestamps(void **state) {
    (void)state;
    check("POP3 server ready <1896.697170952@dbc.mtview.ca.us>", "<1896.697170952@dbc.mtview.ca.us>");
    check("<1.2@x>", "<1.2@x>");
    check("a<1.2@x>b", "<1.2@x>");
    check("ready <a+b-c=d_e!f@mail-1.example.org> hello", "<a+b-c=d_e!f@mail-1.example.org>");
    check("<1@[127.0.0.1]>", "<1@[127.0.0.1]>");
    check("<a@b><c@d>", "<a@b>");
    check("> <a@b>", "<a@b>");
    check("<> <a@b>", "<a@b>");
    check("<no at> <a@b>", "<a@b>");
    check("<b\xe4"
          "d@x> <a@b>",
          "<a@b>");
    check("<a@b> <no at>", "<a@b>");
}

static void test_A01_no_timestamp(void **state) {
    static const char *const texts[] = {
        "",          "ready",        "<",
        ">",         "<>",           "><",
        "<@>",       "<a@>",         "<@b>",
        "<a>",       "<a@b",         "a@b>",
        "a@b",       "<a@b@c>",      "<a@@b>",
        "<a b@c>",   "<a@b c>",      "< a@b>",
        "<a@b >",    "<a\tb@c>",     "<a@b\t>",
        "<a\x01@b>", "<a@\x1b[0m>",  "<a\x7f@b>",
        "<a@\x7f>",  "<\xc3\xa9@b>", "<a@\xc3\xa9>",
        "<\xff@b>",  "<a@\x80>",     "<a<b@c>",
        "<<a@b>",    "<a@<b>",       "<a@b<>",
        "<a\r@b>",   "<a@b\n>",      "<\"a b\"@c>",
        "<a(x)@b>",  "<a,b@c>",      "<a;b@c>",
        "<a:b@c>",   "<a\\b@c>",     "<\"a\"@c>",
        "<[a]@c>",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        check(texts[i], NULL);
    }
    check_octets("<a\0b@c>", 7, NULL);
    check_octets("<a@b\0>", 6, NULL);
    check_octets("<\0@b>", 5, NULL);
}

static void test_R_APOP_01_every_octet(void **state) {
    (void)state;
    for (int octet = 0; octet < 256; octet++) {
        char local[] = "<a?b@c>", domain[] = "<a@b?c>";
        local[2] = domain[4] = (char)octet;
        bool in_local = (octet >= '0' && octet <= '9') || (octet >= 'A' && octet <= 'Z') ||
                        (octet >= 'a' && octet <= 'z') || (octet != 0 && strchr("!#$%&'*+-/=?^_`{|}~.", octet) != NULL);
        check_octets(local, 7, in_local ? local : NULL);
        if (octet <= 0x20 || octet >= 0x7F || octet == '<' || octet == '@') {
            check_octets(domain, 7, NULL);
        }
        if ((octet >= '0' && octet <= '9') || (octet >= 'a' && octet <= 'z') || octet == '.' || octet == '-') {
            check_octets(domain, 7, domain);
        }
    }
}

static void test_R_APOP_01_length(void **state) {
    char text[1100];
    (void)state;
    for (size_t length = 5; length <= 1024; length += length == 260 ? 764 : 1) {
        memset(text, 'x', sizeof text);
        text[0] = '<';
        text[2] = '@';
        text[length - 1] = '>';
        text[length] = '\0';
        check(text, length <= POP3_TIMESTAMP_MAX ? text : NULL);
    }
}

/* ---- in the greeting ---- */

/* Plays `+OK ` text CRLF in chunks of `step` octets and gives the GREETING event's data. */
static void greet(const char *text, size_t line_size, size_t step, pop3_event *event) {
    static struct guarded line, output, input;
    static pop3_engine engine;
    char wire[2100];
    if (line.base == NULL) {
        guarded_open(&line, 4096);
        guarded_open(&output, 4096);
        guarded_open(&input, 4096);
    }
    pop3_engine_buffers buffers = {guarded_tail(&line, line_size), guarded_tail(&output, POP3_COMMAND_MAX),
                                   (uint16_t)line_size, POP3_COMMAND_MAX};
    int length = snprintf(wire, sizeof wire, "+OK %s\r\n", text);
    assert_true(length > 0 && (size_t)length < sizeof wire);
    pop3_engine_init(&engine, &buffers);
    event->type = POP3_EVENT_NEED_INPUT;
    for (size_t at = 0; at < (size_t)length;) {
        size_t n = step < (size_t)length - at ? step : (size_t)length - at;
        char *in = guarded_tail(&input, n);
        assert_int_equal(event->type, POP3_EVENT_NEED_INPUT);
        memcpy(in, wire + at, n);
        assert_int_equal(pop3_engine_input(&engine, in, n, event), n);
        assert_null(pop3_engine_invariant(&engine));
        at += n;
    }
    assert_int_equal(event->type, POP3_EVENT_GREETING);
}

static void check_greeting(const char *text, size_t line_size, const char *timestamp) {
    size_t steps[] = {1, 7, line_size, 4096};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        pop3_event event = {0};
        size_t got_length = 0;
        greet(text, line_size, steps[i], &event);
        const char *got = pop3_parse_timestamp(event.data, event.length, &got_length);
        bool same = timestamp == NULL
                        ? got == NULL
                        : got != NULL && got_length == strlen(timestamp) && memcmp(got, timestamp, got_length) == 0;
        if (!same) {
            fail_msg("\"%s\", line[%zu], step %zu: \"%.*s\"", text, line_size, steps[i], (int)got_length,
                     got != NULL ? got : "");
        }
        if (!event.cut) {
            const char *wanted = text + strspn(text, " ");
            assert_int_equal(event.length, strlen(wanted));
            assert_memory_equal(event.data, wanted, event.length);
        }
    }
}

static void fill(char *text, size_t length, char octet) {
    memset(text, octet, length);
    text[length] = '\0';
}

static void append(char *text, const char *more) {
    memcpy(text + strlen(text), more, strlen(more) + 1);
}

/* A timestamp of up to line_size - 16 octets, behind any number of octets of any kind, and with some behind it. */
static void test_N40_a_timestamp_anywhere(void **state) {
    static const size_t sizes[] = {POP3_LINE_MIN, 64, 104, 128, 255, 512};
    static const char fillers[] = "x >@.[";
    (void)state;
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        for (size_t before = 0; before <= 512; before += sizes[s] > 128 ? 13 : 1) {
            char timestamp[512], text[2048];
            size_t length = before % 3 == 0 ? sizes[s] - 16 : 5 + before % (sizes[s] - 20);
            length = length > POP3_TIMESTAMP_MAX ? POP3_TIMESTAMP_MAX : length;
            fill(timestamp, length, 't');
            timestamp[0] = '<';
            timestamp[length / 2] = '@';
            timestamp[length - 1] = '>';
            fill(text, before, fillers[before % (sizeof fillers - 1)]);
            append(text, timestamp);
            check_greeting(text, sizes[s], timestamp);
            append(text, " and more text");
            check_greeting(text, sizes[s], timestamp);
            append(text, " <second@x> until line[] has overflown again and again and again");
            check_greeting(text, sizes[s], timestamp);
        }
    }
}

static void test_N40_invalid_ones_before_it(void **state) {
    (void)state;
    for (size_t size = POP3_LINE_MIN; size <= 128; size += 16) {
        check_greeting("<no at> <b@d@> <\x80@x> <> <a b@c> some text behind all that <1.2@x>", size, "<1.2@x>");
        check_greeting("<1.2@x> <3.4@y>", size, "<1.2@x>");
        check_greeting("a text that is longer than line[] and has no timestamp whatsoever, but an @ and > and so on",
                       size, NULL);
        check_greeting("a text that is longer than line[] and ends in an open bracket so that nothing is found <1.2@x",
                       size, NULL);
    }
}

/* two `<` are no timestamp, whatever line[] can hold of them. */
static void test_A01_two_open_brackets(void **state) {
    char text[700];
    (void)state;
    for (size_t size = POP3_LINE_MIN; size <= 512; size += 29) {
        for (size_t between = 0; between < 400; between += 7) {
            fill(text, between + 1, 'x');
            text[0] = '<';
            append(text, "<1.2@x>");
            check_greeting(text, size, NULL);
        }
    }
}

/* One longer than line[] is none; its tail does not become one. */
static void test_timestamp_longer_than_line(void **state) {
    char text[700];
    (void)state;
    for (size_t length = POP3_LINE_MIN; length < 300; length++) {
        fill(text, length, 'x');
        text[0] = '<';
        text[length - 3] = '@';
        text[length - 1] = '>';
        check_greeting(text, POP3_LINE_MIN, NULL);
        append(text, " or <1.2@x>");
        check_greeting(text, POP3_LINE_MIN, "<1.2@x>");
    }
}

/* The same directly behind the indicator, where the bracket itself is the end of the word (R-1939-05). */
static void test_timestamp_longer_than_line_without_a_blank(void **state) {
    (void)state;
    for (size_t length = POP3_LINE_MIN; length < 300; length++) {
        static char line[POP3_LINE_MIN], output[POP3_COMMAND_MAX];
        static pop3_engine engine;
        char wire[400] = "+OK<";
        pop3_event event;
        size_t found;
        memset(wire + 4, 'x', length);
        wire[length - 3] = '@';
        memcpy(wire + length - 1, ">\r\n", 4);
        pop3_engine_init(&engine, &(pop3_engine_buffers){line, output, sizeof line, sizeof output});
        assert_int_equal(pop3_engine_input(&engine, wire, length + 2, &event), length + 2);
        assert_int_equal(event.type, POP3_EVENT_GREETING);
        const char *got = pop3_parse_timestamp(event.data, event.length, &found);
        if (got != NULL && found != length - 3) {
            fail_msg("%zu octets: \"%.*s\"", length, (int)found, got);
        }
    }
}

/* A refusal is cut like any other status text: its head stays, and with it its code (R-2449-08). */
static void test_a_long_refusal_keeps_its_head(void **state) {
    static char line[POP3_LINE_MIN], output[POP3_COMMAND_MAX];
    static const pop3_engine_buffers buffers = {line, output, sizeof line, sizeof output};
    static pop3_engine engine;
    (void)state;
    for (size_t before = 0; before < 200; before++) {
        char wire[400];
        pop3_event event;
        size_t code;
        int n = snprintf(wire, sizeof wire, "-ERR [SYS/TEMP] %0*d[AUTH] <1.2@x> forged\r\n", (int)before + 1, 0);
        assert_true(n > 0 && (size_t)n < sizeof wire);
        pop3_engine_init(&engine, &buffers);
        assert_int_equal(pop3_engine_input(&engine, wire, (size_t)n, &event), (size_t)n);
        assert_int_equal(event.type, POP3_EVENT_ERR);
        assert_int_equal(pop3_parse_code(event.data, event.length, &code), POP3_CODE_SYS_TEMP);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R_1939_19_timestamps),
        cmocka_unit_test(test_A01_no_timestamp),
        cmocka_unit_test(test_R_APOP_01_every_octet),
        cmocka_unit_test(test_R_APOP_01_length),
        cmocka_unit_test(test_N40_a_timestamp_anywhere),
        cmocka_unit_test(test_N40_invalid_ones_before_it),
        cmocka_unit_test(test_A01_two_open_brackets),
        cmocka_unit_test(test_timestamp_longer_than_line),
        cmocka_unit_test(test_timestamp_longer_than_line_without_a_blank),
        cmocka_unit_test(test_a_long_refusal_keeps_its_head),
    };
    guarded_open(&memory, 4096);
    int failed = cmocka_run_group_tests_name("timestamps", tests, NULL, NULL);
    guarded_close(&memory);
    return failed;
}
