/* SPDX-License-Identifier: MIT */
/* Lines of CAPA and response codes: R-2449-02, R-2449-08, R-2449-09, R-3206, Q-14. */
#define _POSIX_C_SOURCE 200809L
#include "guarded.h"

#include <satchel/pop3_engine.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct guarded memory;

static const char *place(const char *text, size_t length) {
    char *copy = guarded_tail(&memory, length);
    memcpy(copy, text, length);
    return copy;
}

static void check_capability(const char *text, uint32_t capability, const char *parameters) {
    const char *got = "";
    size_t got_length = 77, length = strlen(text);
    uint32_t bit = pop3_parse_capability(place(text, length), length, &got, &got_length);
    if (bit != capability || got_length != strlen(parameters) || memcmp(got, parameters, got_length) != 0) {
        fail_msg("\"%s\": 0x%x, parameters \"%.*s\"", text, (unsigned)bit, (int)got_length, got);
    }
}

static void test_R_2449_02_capabilities(void **state) {
    (void)state;
    check_capability("TOP", POP3_CAPABILITY_TOP, "");
    check_capability("USER", POP3_CAPABILITY_USER, "");
    check_capability("UIDL", POP3_CAPABILITY_UIDL, "");
    check_capability("SASL PLAIN  CRAM-MD5 ", POP3_CAPABILITY_SASL, "PLAIN  CRAM-MD5");
    check_capability("STLS", POP3_CAPABILITY_STLS, "");
    check_capability("PIPELINING", POP3_CAPABILITY_PIPELINING, "");
    check_capability("RESP-CODES", POP3_CAPABILITY_RESP_CODES, "");
    check_capability("AUTH-RESP-CODE", POP3_CAPABILITY_AUTH_RESP_CODE, "");
    check_capability("LOGIN-DELAY 900 USER", POP3_CAPABILITY_LOGIN_DELAY, "900 USER");
    check_capability("EXPIRE NEVER", POP3_CAPABILITY_EXPIRE, "NEVER");
    check_capability("UTF8 USER", POP3_CAPABILITY_UTF8, "USER");
    check_capability("LANG", POP3_CAPABILITY_LANG, "");
    check_capability("IMPLEMENTATION Shlemazle-Plotz-v302", POP3_CAPABILITY_IMPLEMENTATION, "Shlemazle-Plotz-v302");
}

static void test_Q14_case_and_blanks(void **state) {
    (void)state;
    check_capability("top", POP3_CAPABILITY_TOP, "");
    check_capability("Sasl plain", POP3_CAPABILITY_SASL, "plain");
    check_capability("pipeLINING  ", POP3_CAPABILITY_PIPELINING, "");
    check_capability("STLS\t", POP3_CAPABILITY_STLS, "");
    check_capability("SASL\t \tPLAIN\t", POP3_CAPABILITY_SASL, "PLAIN");
    check_capability("auth-resp-code", POP3_CAPABILITY_AUTH_RESP_CODE, "");
}

static void test_R_2449_02_a_tag_is_a_whole_word(void **state) {
    static const char *const lines[] = {
        "TOPX",
        "TO",
        "T",
        "XTOP",
        "TOP-X",
        "TOP.",
        "TOP=",
        "TOP\x01",
        "TOP,USER",
        "USERS",
        "USER-FOO",
        "SASL-IR",
        "SASL=PLAIN",
        "STLSX",
        "STLS-",
        "PIPELINING-2",
        "PIPELININ",
        "RESP-CODE",
        "RESP-CODES-EXT",
        "RESP-CODES/2",
        "AUTH",
        "AUTH-RESP",
        "AUTH-RESP-CODES",
        "LOGIN",
        "LOGIN-DELAYED",
        "UTF8=ALL",
        "UTF-8",
        "LANGUAGE",
        "LANG-EN",
        "IMPLEMENTATION-DEFINED",
        "IMPLEMENTATION-DEFINED-AND-LONGER-THAN-THE-TABLE",
        "EXPIRE0",
        "XUIDL",
        "",
        "TOP-345678901234567",
        "TOP-3456789012345678",
        "USER-45678901234567890",
        "[TOP]",
        "(STLS)",
        "+OK",
        ".",
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const char *parameters;
        size_t parameters_length, length = strlen(lines[i]);
        uint32_t bit = pop3_parse_capability(place(lines[i], length), length, &parameters, &parameters_length);
        if (bit != 0) {
            fail_msg("\"%s\": 0x%x", lines[i], (unsigned)bit);
        }
    }
    check_capability("XYZZY a b", 0, "a b");
}

static void test_capability_with_nul(void **state) {
    const char *parameters;
    size_t parameters_length;
    (void)state;
    assert_int_equal(pop3_parse_capability(place("TOP\0", 4), 4, &parameters, &parameters_length), 0);
    assert_int_equal(pop3_parse_capability(place("\0TOP", 4), 4, &parameters, &parameters_length), 0);
}

/* Trimming stops at the start of the text, behind which nothing may be read. */
static void test_blanks_alone(void **state) {
    (void)state;
    for (size_t n = 0; n < 4; n++) {
        const char *parameters;
        size_t parameters_length = 77;
        char *text = guarded_head(&memory, n);
        memset(text, n % 2 == 0 ? ' ' : '\t', n);
        assert_int_equal(pop3_parse_capability(text, n, &parameters, &parameters_length), 0);
        assert_int_equal(parameters_length, 0);
    }
}

/* Whole words, in any case; the end of the text is the end of a word. */
static void test_words(void **state) {
    static const struct {
        const char *text, *word;
        size_t length;
    } rows[] = {
        {"+OK", "+OK", 3},      {"+ok x", "+OK", 3},  {"+Ok<", "+OK", 3},     {"+OKAY", "+OK", 0},
        {"+OK1", "+OK", 0},     {"+OK0", "+OK", 0},   {"+OK9", "+OK", 0},     {"+OK/", "+OK", 3},
        {"+OK:", "+OK", 3},     {"+OKa", "+OK", 0},   {"+OKz", "+OK", 0},     {"+OKA", "+OK", 0},
        {"+OKZ", "+OK", 0},     {"+OK@", "+OK", 3},   {"+OK[", "+OK", 3},     {"+OK`", "+OK", 3},
        {"+OK{", "+OK", 3},     {"+O", "+OK", 0},     {"", "+OK", 0},         {"-err", "-ERR", 4},
        {"\rERR", "-ERR", 0},   {"+0K", "+OK", 0},    {"+OK\xc3", "+OK", 3},  {"UTF8", "UTF8", 4},
        {"utf8", "UTF8", 4},    {"UTFX", "UTF8", 0},  {"utf\x18", "UTF8", 0}, {"[auth]", "[AUTH", 5},
        {"{AUTH]", "[AUTH", 0}, {"\x0dOK", "-OK", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t length = strlen(rows[i].text);
        if (pop3_begins_with(place(rows[i].text, length), length, rows[i].word) != rows[i].length) {
            fail_msg("\"%s\" and %s", rows[i].text, rows[i].word);
        }
    }
}

static void check_code(const char *text, pop3_response_code code, size_t length) {
    size_t got_length = 77, text_length = strlen(text);
    pop3_response_code got = pop3_parse_code(place(text, text_length), text_length, &got_length);
    if (got != code || got_length != length) {
        fail_msg("\"%s\": code %d of %zu octets", text, (int)got, got_length);
    }
}

static void test_R_2449_09_codes(void **state) {
    (void)state;
    check_code("[IN-USE] Do you have another POP session running?", POP3_CODE_IN_USE, 8);
    check_code("[LOGIN-DELAY] wait", POP3_CODE_LOGIN_DELAY, 13);
    check_code("[SYS/TEMP]", POP3_CODE_SYS_TEMP, 10);
    check_code("[SYS/PERM]x", POP3_CODE_SYS_PERM, 10);
    check_code("[AUTH] bad", POP3_CODE_AUTH, 6);
    check_code("[UTF8] message", POP3_CODE_UTF8, 6);
    check_code("[in-use]", POP3_CODE_IN_USE, 8);
    check_code("[Sys/Temp]", POP3_CODE_SYS_TEMP, 10);
    check_code("[SYS/TEMP/foo]", POP3_CODE_SYS_TEMP, 14);
    check_code("[IN-USE/a/b/c] x", POP3_CODE_IN_USE, 14);
    check_code("[AUTH/EXPIRED]", POP3_CODE_AUTH, 14);
}

static void test_other_codes_are_unknown(void **state) {
    (void)state;
    check_code("[SYS]", POP3_CODE_UNKNOWN, 5);
    check_code("[SYS/OTHER]", POP3_CODE_UNKNOWN, 11);
    check_code("[SYS/TEMPORARY]", POP3_CODE_UNKNOWN, 15);
    check_code("[SYS/TEMP-X]", POP3_CODE_UNKNOWN, 12);
    check_code("[AUTHX]", POP3_CODE_UNKNOWN, 7);
    check_code("[XAUTH]", POP3_CODE_UNKNOWN, 7);
    check_code("[IN-USE.x]", POP3_CODE_UNKNOWN, 10);
    check_code("[NONE-OF-THESE] x", POP3_CODE_UNKNOWN, 15);
}

static void test_R_2449_08_a_code_stands_first(void **state) {
    (void)state;
    check_code("", POP3_CODE_NONE, 0);
    check_code("busy [IN-USE]", POP3_CODE_NONE, 0);
    check_code(" [IN-USE]", POP3_CODE_NONE, 0);
    check_code("[", POP3_CODE_NONE, 0);
    check_code("[IN-USE", POP3_CODE_NONE, 0);
    check_code("]IN-USE[", POP3_CODE_NONE, 0);
    check_code("Microsoft Exchange ready. [SABFADIAUABQ==]", POP3_CODE_NONE, 0);
}

static void test_code_ends_at_the_page(void **state) {
    static const char code[] = "[LOGIN-DELAY]";
    (void)state;
    for (size_t n = 0; n < sizeof code - 1; n++) {
        size_t length;
        assert_int_equal(pop3_parse_code(place(code, n), n, &length), POP3_CODE_NONE);
        assert_int_equal(length, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_R_2449_02_capabilities),
        cmocka_unit_test(test_Q14_case_and_blanks),
        cmocka_unit_test(test_R_2449_02_a_tag_is_a_whole_word),
        cmocka_unit_test(test_capability_with_nul),
        cmocka_unit_test(test_blanks_alone),
        cmocka_unit_test(test_R_2449_09_codes),
        cmocka_unit_test(test_other_codes_are_unknown),
        cmocka_unit_test(test_R_2449_08_a_code_stands_first),
        cmocka_unit_test(test_code_ends_at_the_page),
    };
    guarded_open(&memory, 4096);
    int failed = cmocka_run_group_tests_name("capabilities and codes", tests, NULL, NULL);
    guarded_close(&memory);
    return failed;
}
