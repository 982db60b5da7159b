/* SPDX-License-Identifier: MIT */
/* Fault rules: what they may say, and which one holds. */
#include "serve/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *add(struct serve_faults *faults, enum serve_fault_kind kind, const char *argument) {
    static char texts[16][64];
    static unsigned next;
    char *text = texts[next++ % 16];

    assert_true(strlen(argument) < sizeof texts[0]);
    memcpy(text, argument, strlen(argument) + 1);
    return serve_fault_add(faults, kind, text);
}

static void test_text_rules(void **state) {
    struct serve_faults faults = {.count = 0};
    const struct serve_fault *rule;

    (void)state;
    assert_null(add(&faults, SERVE_FAULT_ERR, "pass=[IN-USE] a=b\\x21"));
    assert_null(add(&faults, SERVE_FAULT_ERR, "TOP"));
    rule = serve_fault_find(&faults, SERVE_FAULT_ERR, SERVE_PASS);
    assert_non_null(rule);
    assert_int_equal(rule->text.size, strlen("[IN-USE] a=b!"));
    assert_memory_equal(rule->text.data, "[IN-USE] a=b!", rule->text.size);
    assert_non_null(serve_fault_find(&faults, SERVE_FAULT_ERR, SERVE_TOP));
    assert_null(serve_fault_find(&faults, SERVE_FAULT_ERR, SERVE_USER));
    assert_null(serve_fault_find(&faults, SERVE_FAULT_REPLY, SERVE_PASS));
}

static void test_a_rule_for_one_verb_goes_before_the_general_one(void **state) {
    struct serve_faults faults = {.count = 0};

    (void)state;
    assert_null(add(&faults, SERVE_FAULT_DELAY, "10"));
    assert_null(add(&faults, SERVE_FAULT_DELAY, "QUIT=20"));
    assert_int_equal(serve_fault_find(&faults, SERVE_FAULT_DELAY, SERVE_QUIT)->number, 20);
    assert_int_equal(serve_fault_find(&faults, SERVE_FAULT_DELAY, SERVE_STAT)->number, 10);
    assert_int_equal(serve_fault_find(&faults, SERVE_FAULT_DELAY, SERVE_UNKNOWN)->number, 10);
}

static void test_what_is_wrong_is_told(void **state) {
    static const struct {
        enum serve_fault_kind kind;
        const char *argument;
    } wrong[] = {
        {SERVE_FAULT_ERR, "FOO"},        {SERVE_FAULT_ERR, "FOO=x"},      {SERVE_FAULT_ERR, ""},
        {SERVE_FAULT_REPLY, "STAT"},     {SERVE_FAULT_REPLY, "STAT=\\q"}, {SERVE_FAULT_REPLY, "STAT=\\x1"},
        {SERVE_FAULT_DROP, "RETR"},      {SERVE_FAULT_DROP, "RETR="},     {SERVE_FAULT_DROP, "x"},
        {SERVE_FAULT_DROP, "FOO=1"},     {SERVE_FAULT_DELAY, "STAT=-1"},  {SERVE_FAULT_SILENT, "STAT=1"},
        {SERVE_FAULT_TEXT_LENGTH, "1x"}, {SERVE_FAULT_ENDLESS, "12"},     {SERVE_FAULT_CLOSE, "QUIT "},
    };
    struct serve_faults faults = {.count = 0};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_non_null(add(&faults, wrong[i].kind, wrong[i].argument));
    }
    assert_int_equal(faults.count, 0);
}

static void test_their_number_is_bounded(void **state) {
    struct serve_faults faults = {.count = 0};

    (void)state;
    for (unsigned i = 0; i < SERVE_FAULTS_MOST; i++) {
        assert_null(add(&faults, SERVE_FAULT_SILENT, "STAT"));
    }
    assert_non_null(add(&faults, SERVE_FAULT_SILENT, "STAT"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_rules),
        cmocka_unit_test(test_a_rule_for_one_verb_goes_before_the_general_one),
        cmocka_unit_test(test_what_is_wrong_is_told),
        cmocka_unit_test(test_their_number_is_bounded),
    };

    return cmocka_run_group_tests_name("serve_faults", tests, NULL, NULL);
}
