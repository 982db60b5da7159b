/* SPDX-License-Identifier: MIT */
/* The output buffer: what goes in comes out, and CRLF becomes LF wherever it is cut. */
#include "serve/output.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct serve_output output;

static void put(const char *data, size_t size) {
    char *where;

    assert_true(serve_output_room(&output, &where) >= size);
    memcpy(where, data, size);
    serve_output_commit(&output, size);
}

static void assert_waiting(const char *expected, size_t size) {
    const char *data;

    assert_int_equal(serve_output_waiting(&output, &data), size);
    assert_memory_equal(data, expected, size);
}

static void test_octets_pass(void **state) {
    (void)state;
    serve_output_init(&output, false);
    put("a\r\n\0b\r", 6);
    assert_waiting("a\r\n\0b\r", 6);
    serve_output_sent(&output, 2);
    put("c", 1);
    assert_waiting("\n\0b\rc", 5);
    assert_int_equal(output.produced, 7);
    assert_int_equal(output.sent, 2);
}

static void test_Q_22_lf_only_at_every_cut(void **state) {
    static const char in[] = "+OK\r\nlone\rcr\r\r\n\n\r\n.\r\n";
    static const char out[] = "+OK\nlone\rcr\r\n\n\n.\n";

    (void)state;
    for (size_t cut = 0; cut < sizeof in; cut++) {
        serve_output_init(&output, true);
        put(in, cut);
        put(in + cut, sizeof in - 1 - cut);
        assert_waiting(out, sizeof out - 1);
        assert_int_equal(output.produced, sizeof out - 1);
    }
}

static void test_it_never_runs_out_while_it_is_emptied(void **state) {
    static char block[1000];
    uint64_t total = 0;

    (void)state;
    for (int lf = 0; lf < 2; lf++) {
        serve_output_init(&output, lf == 1);
        total = 0;
        for (int i = 0; i < 1000; i++) {
            const char *data;

            put(block, sizeof block);
            total += sizeof block;
            serve_output_sent(&output, serve_output_waiting(&output, &data) * 2 / 3);
        }
        assert_int_equal(output.produced, total);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_octets_pass),
        cmocka_unit_test(test_Q_22_lf_only_at_every_cut),
        cmocka_unit_test(test_it_never_runs_out_while_it_is_emptied),
    };

    return cmocka_run_group_tests_name("serve_output", tests, NULL, NULL);
}
