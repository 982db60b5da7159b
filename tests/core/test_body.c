/* SPDX-License-Identifier: MIT */
/*
 * Bodies against the reference decoder: every string over CR, LF, dot, x and + up to eight octets, and long random
 * ones, whole, cut once at each place, and byte by byte, in both modes (R-1939-07, R-1939-08, A-24).
 */
#define _POSIX_C_SOURCE 200809L
#include "guarded.h"
#include "invariant.h"
#include "reference_decoder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define WIRE_MAX 8
#define SPLITS_MAX 7 /* longer ones are not cut at each place */
#define LONG_MAX 4096

static struct guarded memory;
static char line[POP3_LINE_MIN], output[POP3_COMMAND_MAX];

struct body {
    char content[LONG_MAX + 16];
    size_t length;
    size_t consumed; /* up to the terminator, 0 if it did not come */
};

static void feed(pop3_engine *engine, const char *octets, uint8_t expected) {
    pop3_event event;
    size_t n = strlen(octets);
    assert_int_equal(pop3_engine_input(engine, octets, n, &event), n);
    assert_int_equal(event.type, expected);
}

/* An engine that has read the status line of RETR. */
static void start_body(pop3_engine *engine, bool lf_mode) {
    static const pop3_engine_buffers buffers = {line, output, sizeof line, sizeof output};
    static const pop3_arg one = {.number = 1}, login = {.text = "u", .second = "0"};
    pop3_engine_init(engine, &buffers);
    feed(engine, lf_mode ? "+OK\n" : "+OK\r\n", POP3_EVENT_GREETING);
    assert_int_equal(pop3_engine_command(engine, POP3_APOP, &login, 0), POP3_SUCCESS);
    feed(engine, "+OK\r\n", POP3_EVENT_OK);
    assert_int_equal(pop3_engine_command(engine, POP3_RETR, &one, 0), POP3_SUCCESS);
    feed(engine, "+OK\r\n", POP3_EVENT_OK);
}

/* How the input is cut: `first` octets, then `step` at a time. */
struct cuts {
    size_t first, step;
};

/* The engine's opinion, each piece of the input flush against an unreadable page. */
static void engine_decode(pop3_engine engine, const char *wire, size_t length, struct cuts cuts, struct body *body) {
    body->length = body->consumed = 0;
    for (size_t at = 0; at < length;) {
        size_t piece = at == 0 ? cuts.first : cuts.step;
        size_t n = piece < length - at ? piece : length - at;
        char *in = guarded_tail(&memory, n);
        memcpy(in, wire + at, n);
        for (size_t used = 0; used < n;) {
            pop3_event event;
            size_t taken = pop3_engine_input(&engine, in + used, n - used, &event);
            used += taken;
            if (event.type == POP3_EVENT_END) {
                body->consumed = at + used;
                return;
            }
            assert_true(event.type == POP3_EVENT_BODY || event.type == POP3_EVENT_NEED_INPUT);
            assert_true(taken > 0 || event.length == 1);
            memcpy(body->content + body->length, event.data != NULL ? event.data : "", event.length);
            body->length += event.length;
        }
        at += n;
    }
    assert_null(pop3_engine_invariant(&engine));
}

static void compare_cut(const pop3_engine *engine, const char *wire, size_t length, bool lf_mode, struct cuts cuts) {
    static struct body got, wanted;
    wanted.consumed = reference_decode(wire, length, lf_mode, wanted.content, &wanted.length);
    engine_decode(*engine, wire, length, cuts, &got);
    if (got.consumed != wanted.consumed || got.length != wanted.length ||
        memcmp(got.content, wanted.content, got.length) != 0) {
        for (size_t i = 0; i < length && length <= WIRE_MAX; i++) {
            print_error("%02x ", (unsigned char)wire[i]);
        }
        fail_msg("%zu octets, cut at %zu and every %zu, LF mode %d: end %zu/%zu, content %zu/%zu", length, cuts.first,
                 cuts.step, lf_mode, got.consumed, wanted.consumed, got.length, wanted.length);
    }
}

static void compare(const pop3_engine *engine, const char *wire, size_t length, bool lf_mode, size_t step) {
    compare_cut(engine, wire, length, lf_mode, (struct cuts){step, step});
}

static void every_way(const pop3_engine *engine, const char *wire, size_t length, bool lf_mode) {
    compare(engine, wire, length, lf_mode, length + 1);
    compare(engine, wire, length, lf_mode, 1);
    for (size_t cut = 1; cut < length && length <= SPLITS_MAX; cut++) {
        compare_cut(engine, wire, length, lf_mode, (struct cuts){cut, length});
    }
}

static void all_strings(bool lf_mode) {
    static const char alphabet[] = {'\r', '\n', '.', 'x', '+'};
    pop3_engine engine;
    start_body(&engine, lf_mode);
    for (size_t length = 0, count = 1; length <= WIRE_MAX; length++, count *= sizeof alphabet) {
        for (size_t code = 0; code < count; code++) {
            char wire[WIRE_MAX];
            for (size_t i = 0, rest = code; i < length; i++, rest /= sizeof alphabet) {
                wire[i] = alphabet[rest % sizeof alphabet];
            }
            every_way(&engine, wire, length, lf_mode);
        }
    }
}

static void test_A24_every_short_body(void **state) {
    (void)state;
    all_strings(false);
}

static void test_R_1939_07_every_short_body_in_lf_mode(void **state) {
    (void)state;
    all_strings(true);
}

/* Long enough for the search that steps over blocks: the interesting octets are rare, or they are not. */
static void test_long_random_bodies(void **state) {
    static char wire[LONG_MAX];
    static const char special[] = "\r\n..\r\n\n.";
    const char *wish = getenv("SATCHEL_SEED");
    unsigned seed = wish != NULL ? (unsigned)strtoul(wish, NULL, 10) : (unsigned)time(NULL);
    (void)state;
    print_message("SATCHEL_SEED=%u\n", seed);
    srand(seed);
    for (int round = 0; round < 3000; round++) {
        size_t length = (size_t)rand() % LONG_MAX;
        int rare = 1 + rand() % 200;
        for (size_t i = 0; i < length; i++) {
            int letter = rand() % rare == 0 ? special[rand() % 8] : (char)('a' + rand() % 26);
            wire[i] = (char)letter;
        }
        bool lf_mode = round % 2 != 0;
        pop3_engine engine;
        start_body(&engine, lf_mode);
        compare(&engine, wire, length, lf_mode, length + 1);
        compare(&engine, wire, length, lf_mode, 1 + (size_t)rand() % 100);
    }
}

/* The dot line at each distance from the start and the end of the input. */
static void test_a_dot_line_at_every_place(void **state) {
    static char wire[400];
    pop3_engine engine;
    (void)state;
    start_body(&engine, false);
    for (size_t length = 4; length < 200; length++) {
        for (size_t at = 0; at + 3 < length; at++) {
            memset(wire, 'x', length);
            memcpy(wire + at, "\r\n.", 3);
            compare(&engine, wire, length, false, length);
        }
    }
}

/* Every octet at each place: none but CR, LF and dot means anything. */
static void test_every_octet_is_content(void **state) {
    pop3_engine engine;
    (void)state;
    start_body(&engine, false);
    for (int octet = 0; octet < 256; octet++) {
        char wire[] = "?a?\r\n?.?\r\n..?\r\n.?\n?\r?";
        for (size_t i = 0; i < sizeof wire - 1; i++) {
            if (wire[i] == '?') {
                wire[i] = (char)octet;
            }
        }
        compare(&engine, wire, sizeof wire - 1, false, sizeof wire);
        compare(&engine, wire, sizeof wire - 1, false, 1);
    }
}

/* Spans reach as far as they can: text without dot lines is one event, however many lines it has. */
static void test_a_span_runs_over_line_ends(void **state) {
    static const char text[] = "a\r\nb\n.c\r\n\r\nd\r.e\r\nf\r\n";
    pop3_engine engine;
    pop3_event event;
    (void)state;
    start_body(&engine, false);
    assert_int_equal(pop3_engine_input(&engine, text, sizeof text - 1, &event), sizeof text - 1);
    assert_int_equal(event.type, POP3_EVENT_BODY);
    assert_int_equal(event.length, sizeof text - 1);
    assert_ptr_equal(event.data, text);
}

/* `.` CR at the end of an input: the CR comes back as an octet of its own, with nothing consumed. */
static void test_a_withheld_CR_comes_back(void **state) {
    pop3_engine engine;
    pop3_event event;
    (void)state;
    start_body(&engine, false);
    assert_int_equal(pop3_engine_input(&engine, ".\r", 2, &event), 2);
    assert_int_equal(event.type, POP3_EVENT_NEED_INPUT);
    assert_int_equal(pop3_engine_input(&engine, NULL, 0, &event), 0);
    assert_int_equal(event.type, POP3_EVENT_NEED_INPUT);
    assert_int_equal(pop3_engine_input(&engine, "x", 1, &event), 0);
    assert_int_equal(event.type, POP3_EVENT_BODY);
    assert_int_equal(event.length, 1);
    assert_int_equal(*event.data, '\r');
    assert_int_equal(pop3_engine_input(&engine, "x", 1, &event), 1);
    assert_int_equal(event.type, POP3_EVENT_BODY);
    assert_int_equal(*event.data, 'x');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_A24_every_short_body),     cmocka_unit_test(test_R_1939_07_every_short_body_in_lf_mode),
        cmocka_unit_test(test_long_random_bodies),       cmocka_unit_test(test_a_dot_line_at_every_place),
        cmocka_unit_test(test_every_octet_is_content),   cmocka_unit_test(test_a_span_runs_over_line_ends),
        cmocka_unit_test(test_a_withheld_CR_comes_back),
    };
    guarded_open(&memory, LONG_MAX);
    int failed = cmocka_run_group_tests_name("bodies", tests, NULL, NULL);
    guarded_close(&memory);
    return failed;
}
