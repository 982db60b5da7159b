/* SPDX-License-Identifier: MIT */
/* tx_kernel_enter never returns: when no thread can run again, the output is flushed and the exit code is 0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const char *program;

static void test_the_end_of_a_program(void **state) {
    (void)state;
    char text[64] = "";
    FILE *output = popen(program, "r");
    assert_non_null(output);
    size_t n = fread(text, 1, sizeof text - 1, output);
    text[n] = '\0';
    assert_int_equal(pclose(output), 0);
    assert_string_equal(text, "defined, thread 4294967295");
}

int main(int count, char **arguments) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_end_of_a_program)};
    program = count > 1 ? arguments[1] : "";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
