/* SPDX-License-Identifier: MIT */
/* What people read: escapes and the trace. */
#define _POSIX_C_SOURCE 200809L

#include "serve/escape.h"
#include "serve/trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_A_14_only_printable_ascii_comes_out(void **state) {
    char in[256];
    char out[sizeof in * SERVE_ESCAPED_MOST];

    (void)state;
    for (int i = 0; i < 256; i++) {
        in[i] = (char)i;
    }
    size_t size = serve_escape(in, sizeof in, out);

    for (size_t i = 0; i < size; i++) {
        assert_true(out[i] >= 0x20 && out[i] < 0x7F);
    }
    assert_int_equal(serve_unescape(out, size), sizeof in);
    assert_memory_equal(out, in, sizeof in);
}

static void test_escapes_in_options(void **state) {
    static const char *const wrong[] = {"\\", "\\q", "\\x", "\\x1", "\\xg0", "\\x0g", "a\\"};
    char good[] = "a\\r\\n\\t\\0\\\\\\x1b\\xFFz";
    char text[8];

    (void)state;
    assert_int_equal(serve_unescape(good, strlen(good)), 9);
    assert_memory_equal(good, "a\r\n\t\0\\\x1b\xffz", 9);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        memcpy(text, wrong[i], strlen(wrong[i]) + 1);
        assert_true(serve_unescape(text, strlen(text)) == SIZE_MAX);
    }
}

struct traced {
    struct serve_trace trace;
    struct serve_trace_line line;
    char *text;
    size_t size;
};

static int open_trace(void **state) {
    struct traced *traced = calloc(1, sizeof *traced);

    assert_non_null(traced);
    traced->trace.file = open_memstream(&traced->text, &traced->size);
    assert_non_null(traced->trace.file);
    *state = traced;
    return 0;
}

static int close_trace(void **state) {
    struct traced *traced = *state;

    (void)fclose(traced->trace.file);
    free(traced->text);
    free(traced);
    return 0;
}

static void server(struct traced *traced, const char *data, size_t size) {
    serve_trace_server(&traced->trace, 7, &traced->line, data, size);
}

static void test_lines_are_whole_wherever_they_are_cut(void **state) {
    struct traced *traced = *state;
    static const char data[] = "+OK\r\n.\nhalf";

    for (size_t i = 0; i < sizeof data - 1; i++) {
        server(traced, data + i, 1);
    }
    assert_string_equal(traced->text, "S: +OK\nS: .\n");
    serve_trace_end(&traced->trace, 7, &traced->line);
    serve_trace_end(&traced->trace, 7, &traced->line);
    assert_string_equal(traced->text, "S: +OK\nS: .\nS: half\n");
}

static void test_A_14_no_terminal_escapes_in_the_trace(void **state) {
    struct traced *traced = *state;
    static const char data[] = "\x1b]0;x\x07 \x9b\r\r\n";

    server(traced, data, sizeof data - 1);
    assert_string_equal(traced->text, "S: \\x1B]0;x\\x07 \\x9B\\x0D\n");
}

static void test_A_10_long_lines_are_cut(void **state) {
    struct traced *traced = *state;
    static char block[SERVE_TRACE_OCTETS];

    memset(block, 'x', sizeof block);
    for (int i = 0; i < 100; i++) {
        server(traced, block, sizeof block);
    }
    server(traced, "\r\n", 2);
    assert_true(traced->size < SERVE_TRACE_OCTETS + 64);
    assert_non_null(strstr(traced->text, "x ... (101377 octets more)\n"));
}

static void test_secrets_only_when_asked_for(void **state) {
    struct traced *traced = *state;

    serve_trace_client(&traced->trace, 7, "PASS mvan99", 11);
    serve_trace_client(&traced->trace, 7, "AG1yb3NlAG12YW45OQ==", 20);
    assert_string_equal(traced->text, "C: PASS ****\nC: ****\n");
    traced->trace.secrets = true;
    traced->trace.numbers = true;
    serve_trace_client(&traced->trace, 7, "PASS mvan99", 11);
    assert_string_equal(traced->text, "C: PASS ****\nC: ****\n7 C: PASS mvan99\n");
}

#define TRACED(test) cmocka_unit_test_setup_teardown(test, open_trace, close_trace)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_A_14_only_printable_ascii_comes_out),
        cmocka_unit_test(test_escapes_in_options),
        TRACED(test_lines_are_whole_wherever_they_are_cut),
        TRACED(test_A_14_no_terminal_escapes_in_the_trace),
        TRACED(test_A_10_long_lines_are_cut),
        TRACED(test_secrets_only_when_asked_for),
    };

    return cmocka_run_group_tests_name("serve_text", tests, NULL, NULL);
}
