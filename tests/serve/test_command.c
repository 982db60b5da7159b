/* SPDX-License-Identifier: MIT */
/* The server's command parser, and what of a line may be shown. */
#include "serve/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static enum serve_syntax parse(const char *line, struct serve_command *command) {
    return serve_command_parse(line, strlen(line), command);
}

static void assert_span(struct serve_span span, const char *text) {
    assert_int_equal(span.size, strlen(text));
    assert_memory_equal(span.data, text, span.size);
}

static void test_verbs_in_any_case(void **state) {
    static const char *const lines[] = {"STAT", "stat", "sTaT"};
    struct serve_command command;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(parse(lines[i], &command), SERVE_SYNTAX_OK);
        assert_int_equal(command.verb, SERVE_STAT);
        assert_int_equal(command.phases, SERVE_TRANSACTION);
        assert_int_equal(command.count, 0);
    }
}

static void test_every_verb_is_found_by_its_name(void **state) {
    (void)state;
    for (int i = 0; i < SERVE_UNKNOWN; i++) {
        const char *name = serve_verb_name((enum serve_verb)i);

        assert_int_equal(serve_verb_find(name, strlen(name)), i);
    }
    assert_int_equal(serve_verb_find("STA", 3), SERVE_UNKNOWN);
    assert_int_equal(serve_verb_find("STATS", 5), SERVE_UNKNOWN);
    assert_int_equal(serve_verb_find("", 0), SERVE_UNKNOWN);
}

static void test_arguments(void **state) {
    struct serve_command command;

    (void)state;
    assert_int_equal(parse("TOP 1 20", &command), SERVE_SYNTAX_OK);
    assert_int_equal(command.count, 2);
    assert_span(command.argument[0], "1");
    assert_span(command.argument[1], "20");
    assert_int_equal(parse("LIST", &command), SERVE_SYNTAX_OK);
    assert_int_equal(parse("LIST 7", &command), SERVE_SYNTAX_OK);
    assert_span(command.argument[0], "7");
}

/* RFC 1939 section 7: blanks belong to the password. */
static void test_R_1939_18_blanks_in_a_password(void **state) {
    struct serve_command command;

    (void)state;
    assert_int_equal(parse("PASS two words ", &command), SERVE_SYNTAX_OK);
    assert_span(command.argument[0], "two words ");
}

static void test_R_1939_03_exactly_one_blank(void **state) {
    static const char *const wrong[] = {"STAT ",    "STAT 1",    "RETR",   "RETR ",     "RETR  1", "RETR 1 2",
                                        "LIST 1 2", "TOP 1",     "TOP 1 ", "TOP 1 2 3", "PASS",    "USER",
                                        "USER a b", "APOP user", "QUIT 1", "CAPA x"};
    struct serve_command command;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(parse(wrong[i], &command), SERVE_SYNTAX_ARGUMENTS);
    }
}

static void test_what_is_no_command(void **state) {
    static const char *const wrong[] = {"", " ", " STAT", "STATS", "XTND x", "GREETING", "greeting"};
    struct serve_command command;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(parse(wrong[i], &command), SERVE_SYNTAX_UNKNOWN);
        assert_int_equal(command.verb, SERVE_UNKNOWN);
    }
}

static void test_control_octets(void **state) {
    struct serve_command command;
    char line[] = "USER a?";

    (void)state;
    for (int octet = 0; octet < 256; octet++) {
        line[6] = (char)octet;
        enum serve_syntax expected = octet < 0x20 || octet == 0x7F ? SERVE_SYNTAX_OCTETS
                                     : octet == ' '                ? SERVE_SYNTAX_ARGUMENTS
                                                                   : SERVE_SYNTAX_OK;

        assert_int_equal(serve_command_parse(line, sizeof line - 1, &command), expected);
    }
}

static void test_A_10_secrets_are_not_shown(void **state) {
    static const struct {
        const char *line;
        const char *shown;
    } rows[] = {
        {"USER mrose", "USER mrose"},
        {"PASS mvan99", "PASS"},
        {"pass x y", "pass"},
        {"APOP mrose c4c9", "APOP mrose"},
        {"APOP c4c9", "APOP c4c9"},
        {"APOP mrose c4 c9", "APOP mrose"},
        {"AUTH PLAIN AGE=", "AUTH PLAIN"},
        {"AUTH PLAIN", "AUTH PLAIN"},
        {"auth plain x y", "auth plain"},
        {"RETR 1", "RETR 1"},
        {"TOP 1 2", "TOP 1 2"},
        {"AG1yb3NlAG12YW45OQ==", ""},
        {"Pa55", ""},
        {"secret", ""},
        {"hi", ""},
        {"", ""},
        {"STAT", "STAT"},
        {"LIST 1", "LIST 1"},
        {"PASS", "PASS"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(serve_command_public(rows[i].line, strlen(rows[i].line)), strlen(rows[i].shown));
    }
}

static void test_A_23_numbers(void **state) {
    static const char *const wrong[] = {
        "", "-1", "+1", " 1", "1 ", "1x", "18446744073709551616", "99999999999999999999"};
    uint64_t number;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(serve_number_parse((struct serve_span){wrong[i], strlen(wrong[i])}, &number));
    }
    assert_true(serve_number_parse((struct serve_span){"18446744073709551615", 20}, &number));
    assert_true(number == UINT64_MAX);
    assert_true(serve_number_parse((struct serve_span){"0", 1}, &number));
    assert_true(number == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verbs_in_any_case),
        cmocka_unit_test(test_every_verb_is_found_by_its_name),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_R_1939_18_blanks_in_a_password),
        cmocka_unit_test(test_R_1939_03_exactly_one_blank),
        cmocka_unit_test(test_what_is_no_command),
        cmocka_unit_test(test_control_octets),
        cmocka_unit_test(test_A_10_secrets_are_not_shown),
        cmocka_unit_test(test_A_23_numbers),
    };

    return cmocka_run_group_tests_name("serve_command", tests, NULL, NULL);
}
