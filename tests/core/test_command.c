/* SPDX-License-Identifier: MIT */
/*
 * What pop3_engine_command() takes and refuses: every verb in every phase, every octet in every argument, lengths,
 * numbers, and that a refusal changes nothing. R-1939-02, R-1939-03, R-1939-04, R-1939-10, R-2449-13, A-04, A-13.
 */
#include "driver.h"
#include "invariant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct driver driver;

static const char *const verb_names[] = {"",     "USER", "PASS", "APOP", "QUIT", "STAT", "LIST", "RETR", "DELE",
                                         "UIDL", "TOP",  "NOOP", "RSET", "CAPA", "STLS", "UTF8", "LANG", "AUTH"};

static const unsigned legal_phases[] = {
    [POP3_GREETING] = 0,
#define IN(phase) (1U << POP3_PHASE_##phase)
    [POP3_CAPA] = IN(AUTHORIZATION) | IN(TRANSACTION),
    [POP3_STLS] = IN(AUTHORIZATION),
    [POP3_UTF8] = IN(AUTHORIZATION),
    [POP3_LANG] = IN(AUTHORIZATION) | IN(TRANSACTION),
    [POP3_USER] = IN(AUTHORIZATION),
    [POP3_PASS] = IN(USER_ACCEPTED),
    [POP3_APOP] = IN(AUTHORIZATION),
    [POP3_AUTH] = IN(AUTHORIZATION),
    [POP3_STAT] = IN(TRANSACTION),
    [POP3_LIST] = IN(TRANSACTION),
    [POP3_UIDL] = IN(TRANSACTION),
    [POP3_RETR] = IN(TRANSACTION),
    [POP3_TOP] = IN(TRANSACTION),
    [POP3_DELE] = IN(TRANSACTION),
    [POP3_NOOP] = IN(TRANSACTION),
    [POP3_RSET] = IN(TRANSACTION),
    [POP3_QUIT] = IN(AUTHORIZATION) | IN(USER_ACCEPTED) | IN(TRANSACTION),
};

static pop3_error command(pop3_verb verb, const pop3_arg *arg) {
    return pop3_engine_command(&driver.engine, verb, arg, 7);
}

static void assert_output(const char *wanted, size_t length) {
    size_t n = 0;
    const char *output = pop3_engine_output(&driver.engine, &n);
    assert_int_equal(n, length);
    assert_memory_equal(output, wanted, n);
}

/* The command is refused, and one cannot tell from the engine that it was tried. */
static void assert_refused(pop3_verb verb, const pop3_arg *arg, pop3_error error) {
    pop3_engine before = driver.engine;
    size_t n = driver_output(&driver);
    assert_int_equal(command(verb, arg), error);
    assert_int_equal(driver_output(&driver), n);
    assert_int_equal(pop3_engine_phase(&driver.engine), before.phase);
    assert_int_equal(pop3_engine_in_flight(&driver.engine), pop3_engine_in_flight(&before));
    assert_memory_equal(&driver.engine, &before, sizeof before);
}

static void test_R_1939_02_every_verb_in_every_phase(void **state) {
    (void)state;
    for (unsigned phase = POP3_PHASE_GREETING; phase <= POP3_PHASE_FAILED; phase++) {
        for (unsigned verb = POP3_GREETING; verb < POP3_VERB_COUNT; verb++) {
            driver_enter(&driver, (pop3_phase)phase);
            bool legal = (legal_phases[verb] & 1U << phase) != 0;
            assert_int_equal(pop3_engine_can(&driver.engine, (pop3_verb)verb), legal);
            assert_int_equal(driver_command(&driver, (pop3_verb)verb), legal ? POP3_SUCCESS : POP3_STATE);
            assert_int_equal(driver_output(&driver) > 0, legal);
            if (!legal) {
                assert_int_equal(pop3_engine_phase(&driver.engine), phase);
            }
        }
    }
}

static bool is_barrier(unsigned verb) {
    return verb == POP3_STLS || verb == POP3_AUTH || verb == POP3_USER || verb == POP3_PASS || verb == POP3_APOP ||
           verb == POP3_QUIT;
}

/* Each verb behind each other one that is still unanswered. */
static void test_A04_R_2449_13_barriers(void **state) {
    (void)state;
    for (unsigned phase = POP3_PHASE_GREETING; phase <= POP3_PHASE_FAILED; phase++) {
        for (unsigned first = POP3_USER; first < POP3_VERB_COUNT; first++) {
            for (unsigned second = POP3_USER; second < POP3_VERB_COUNT; second++) {
                driver_enter(&driver, (pop3_phase)phase);
                if (driver_command(&driver, (pop3_verb)first) != POP3_SUCCESS) {
                    continue;
                }
                driver_send(&driver);
                bool in_phase = (legal_phases[second] & 1U << pop3_engine_phase(&driver.engine)) != 0;
                bool full = POP3_ENGINE_DEPTH == 1;
                pop3_error wanted = !in_phase || (!full && is_barrier(first)) ? POP3_STATE
                                    : full                                    ? POP3_LIMIT
                                                                              : POP3_SUCCESS;
                assert_int_equal(pop3_engine_can(&driver.engine, (pop3_verb)second), wanted == POP3_SUCCESS);
                assert_int_equal(driver_command(&driver, (pop3_verb)second), wanted);
            }
        }
    }
}

static void assert_sends(pop3_phase phase, pop3_verb verb, const pop3_arg *arg, const char *wire) {
    driver_enter(&driver, phase);
    assert_int_equal(command(verb, arg), POP3_SUCCESS);
    assert_output(wire, strlen(wire));
    assert_int_equal(pop3_engine_in_flight(&driver.engine), 1);
}

#define TEXT(t) .text = (t)
#define SECOND(t) .second = (t)

static void test_R_1939_03_wire_forms(void **state) {
    const pop3_phase login = POP3_PHASE_AUTHORIZATION, mail = POP3_PHASE_TRANSACTION;
    (void)state;
    assert_sends(login, POP3_CAPA, NULL, "CAPA\r\n");
    assert_sends(login, POP3_STLS, &(pop3_arg){0}, "STLS\r\n");
    assert_sends(login, POP3_UTF8, NULL, "UTF8\r\n");
    assert_sends(login, POP3_LANG, NULL, "LANG\r\n");
    assert_sends(login, POP3_LANG, &(pop3_arg){TEXT("*")}, "LANG *\r\n");
    assert_sends(login, POP3_USER, &(pop3_arg){TEXT("recent:mrose@example.org")}, "USER recent:mrose@example.org\r\n");
    assert_sends(POP3_PHASE_USER_ACCEPTED, POP3_PASS, &(pop3_arg){TEXT(" mvan 99 ")}, "PASS  mvan 99 \r\n");
    assert_sends(login, POP3_APOP, &(pop3_arg){TEXT("mrose"), SECOND("c4c9334bac560ecc979e58001b3e22fb")},
                 "APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n");
    assert_sends(login, POP3_AUTH, NULL, "AUTH\r\n");
    assert_sends(login, POP3_AUTH, &(pop3_arg){TEXT("PLAIN")}, "AUTH PLAIN\r\n");
    assert_sends(login, POP3_AUTH, &(pop3_arg){TEXT("EXTERNAL"), SECOND("=")}, "AUTH EXTERNAL =\r\n");
    assert_sends(mail, POP3_STAT, NULL, "STAT\r\n");
    assert_sends(mail, POP3_LIST, NULL, "LIST\r\n");
    assert_sends(mail, POP3_LIST, &(pop3_arg){.number = 4294967295U}, "LIST 4294967295\r\n");
    assert_sends(mail, POP3_UIDL, NULL, "UIDL\r\n");
    assert_sends(mail, POP3_UIDL, &(pop3_arg){.number = 10}, "UIDL 10\r\n");
    assert_sends(mail, POP3_RETR, &(pop3_arg){.number = 1}, "RETR 1\r\n");
    assert_sends(mail, POP3_TOP, &(pop3_arg){.number = 2}, "TOP 2 0\r\n");
    assert_sends(mail, POP3_TOP, &(pop3_arg){.number = 1000000009, .lines = 4294967295U},
                 "TOP 1000000009 4294967295\r\n");
    assert_sends(mail, POP3_DELE, &(pop3_arg){.number = 100}, "DELE 100\r\n");
    assert_sends(mail, POP3_NOOP, NULL, "NOOP\r\n");
    assert_sends(mail, POP3_RSET, NULL, "RSET\r\n");
    assert_sends(mail, POP3_QUIT, NULL, "QUIT\r\n");
}

static void refused_argument(pop3_phase phase, pop3_verb verb, const pop3_arg *arg) {
    driver_enter(&driver, phase);
    assert_refused(verb, arg, POP3_ARG);
}

static void test_missing_arguments(void **state) {
    const pop3_phase login = POP3_PHASE_AUTHORIZATION, mail = POP3_PHASE_TRANSACTION;
    (void)state;
    refused_argument(login, POP3_USER, NULL);
    refused_argument(login, POP3_USER, &(pop3_arg){TEXT("")});
    refused_argument(POP3_PHASE_USER_ACCEPTED, POP3_PASS, NULL);
    refused_argument(login, POP3_APOP, NULL);
    refused_argument(login, POP3_APOP, &(pop3_arg){TEXT("mrose")});
    refused_argument(login, POP3_APOP, &(pop3_arg){SECOND("0")});
    refused_argument(login, POP3_AUTH, &(pop3_arg){SECOND("=")});
    refused_argument(login, POP3_AUTH, &(pop3_arg){TEXT("PLAIN"), SECOND("")});
    refused_argument(login, POP3_LANG, &(pop3_arg){TEXT("")});
    refused_argument(mail, POP3_RETR, NULL);
    refused_argument(mail, POP3_RETR, &(pop3_arg){.number = 0});
    refused_argument(mail, POP3_DELE, &(pop3_arg){.number = 0});
    refused_argument(mail, POP3_TOP, &(pop3_arg){.number = 0, .lines = 5});
}

/* pop3_arg.lines is TOP's alone. */
static void test_lines_are_ignored_elsewhere(void **state) {
    const pop3_phase mail = POP3_PHASE_TRANSACTION;
    (void)state;
    assert_sends(mail, POP3_NOOP, &(pop3_arg){.lines = 1}, "NOOP\r\n");
    assert_sends(mail, POP3_UIDL, &(pop3_arg){.lines = 1}, "UIDL\r\n");
    assert_sends(mail, POP3_LIST, &(pop3_arg){.number = 1, .lines = 1}, "LIST 1\r\n");
    assert_sends(mail, POP3_RETR, &(pop3_arg){.number = 1, .lines = 1}, "RETR 1\r\n");
}

static void test_unwanted_arguments(void **state) {
    static const pop3_verb bare[] = {POP3_STAT, POP3_NOOP, POP3_RSET, POP3_QUIT, POP3_CAPA};
    const pop3_phase login = POP3_PHASE_AUTHORIZATION, mail = POP3_PHASE_TRANSACTION;
    (void)state;
    for (size_t i = 0; i < sizeof bare / sizeof bare[0]; i++) {
        refused_argument(mail, bare[i], &(pop3_arg){TEXT("x")});
        refused_argument(mail, bare[i], &(pop3_arg){SECOND("x")});
        refused_argument(mail, bare[i], &(pop3_arg){.number = 1});
    }
    refused_argument(mail, POP3_RETR, &(pop3_arg){.number = 1, TEXT("x")});
    refused_argument(mail, POP3_DELE, &(pop3_arg){.number = 1, SECOND("x")});
    refused_argument(mail, POP3_LIST, &(pop3_arg){TEXT("1")});
    refused_argument(login, POP3_USER, &(pop3_arg){TEXT("u"), SECOND("x")});
    refused_argument(login, POP3_USER, &(pop3_arg){TEXT("u"), .number = 1});
    refused_argument(login, POP3_AUTH, &(pop3_arg){TEXT("u"), .number = 1});
    refused_argument(login, POP3_LANG, &(pop3_arg){TEXT("u"), SECOND("x")});
    refused_argument(POP3_PHASE_USER_ACCEPTED, POP3_PASS, &(pop3_arg){TEXT("u"), SECOND("x")});
}

/* The same question without a command: how long is it, if it may be sent at all? */
static void test_A13_sendable(void **state) {
    (void)state;
    assert_int_equal(pop3_sendable("", ' '), 0);
    assert_int_equal(pop3_sendable("mrose", '!'), 5);
    assert_int_equal(pop3_sendable("two words", ' '), 9);
    assert_int_equal(pop3_sendable("two words", '!'), 0);
    for (int octet = 1; octet < 256; octet++) {
        char text[] = "a?c";
        text[1] = (char)octet;
        assert_int_equal(pop3_sendable(text, ' '), octet >= 0x20 && octet != 0x7F ? 3 : 0);
        assert_int_equal(pop3_sendable(text + 1, '!'), octet > 0x20 && octet != 0x7F ? 2 : 0);
    }
}

/* One octet, first, in the middle and last in an argument. */
static void try_octet(pop3_phase phase, pop3_verb verb, bool in_second, int octet, bool allowed) {
    for (size_t at = 0; at < 3; at++) {
        char text[] = "abc";
        text[at] = (char)octet;
        pop3_arg arg = {TEXT("name")};
        if (verb == POP3_APOP || in_second) {
            arg.second = "second";
        }
        if (in_second) {
            arg.second = text;
        } else {
            arg.text = text;
        }
        driver_enter(&driver, phase);
        if (allowed) {
            assert_int_equal(command(verb, &arg), POP3_SUCCESS);
        } else {
            assert_refused(verb, &arg, POP3_ARG);
        }
    }
}

static void test_A13_every_octet_in_every_argument(void **state) {
    (void)state;
    for (int octet = 1; octet < 256; octet++) {
        bool control = octet < 0x20 || octet == 0x7F;
        bool word = !control && octet != ' ';
        try_octet(POP3_PHASE_AUTHORIZATION, POP3_USER, false, octet, word);
        try_octet(POP3_PHASE_AUTHORIZATION, POP3_APOP, false, octet, word);
        try_octet(POP3_PHASE_AUTHORIZATION, POP3_APOP, true, octet, word);
        try_octet(POP3_PHASE_AUTHORIZATION, POP3_AUTH, false, octet, word);
        try_octet(POP3_PHASE_AUTHORIZATION, POP3_AUTH, true, octet, word);
        try_octet(POP3_PHASE_AUTHORIZATION, POP3_LANG, false, octet, word);
        try_octet(POP3_PHASE_USER_ACCEPTED, POP3_PASS, false, octet, !control);
    }
}

/* A13: what would be a second command is never sent, wherever it stands. */
static void test_A13_a_command_in_a_name(void **state) {
    (void)state;
    refused_argument(POP3_PHASE_AUTHORIZATION, POP3_USER, &(pop3_arg){TEXT("mrose\r\nDELE 1")});
    refused_argument(POP3_PHASE_USER_ACCEPTED, POP3_PASS, &(pop3_arg){TEXT("secret\nDELE 1\r\n")});
    refused_argument(POP3_PHASE_AUTHORIZATION, POP3_APOP, &(pop3_arg){TEXT("mrose 0\r\nX"), SECOND("0")});
}

static void with_length(pop3_phase phase, pop3_verb verb, size_t text, size_t second, bool fits) {
    static char texts[2][70001];
    pop3_arg arg = {.text = texts[0], .second = second > 0 ? texts[1] : NULL};
    memset(texts, 0, sizeof texts);
    memset(texts[0], 'x', text);
    memset(texts[1], 'x', second);
    driver_enter(&driver, phase);
    if (fits) {
        assert_int_equal(command(verb, &arg), POP3_SUCCESS);
        assert_int_equal(driver_output(&driver), 7 + text + (second > 0 ? 1 + second : 0));
        assert_int_equal(driver_send(&driver), 7 + text + (second > 0 ? 1 + second : 0));
    } else {
        assert_refused(verb, &arg, POP3_ARG);
    }
}

static void test_R_1939_04_255_octets(void **state) {
    static const size_t too_long[] = {249, 250, 255, 256, 257, 511, 65279, 65280, 65281, 65528, 65535, 65536, 70000};
    (void)state;
    with_length(POP3_PHASE_AUTHORIZATION, POP3_USER, 40, 0, true);
    with_length(POP3_PHASE_AUTHORIZATION, POP3_USER, 247, 0, true);
    with_length(POP3_PHASE_AUTHORIZATION, POP3_USER, 248, 0, true);
    with_length(POP3_PHASE_USER_ACCEPTED, POP3_PASS, 248, 0, true);
    with_length(POP3_PHASE_AUTHORIZATION, POP3_AUTH, 5, 242, true); /* R-5034-04: PLAIN has 242 */
    with_length(POP3_PHASE_AUTHORIZATION, POP3_AUTH, 5, 243, false);
    with_length(POP3_PHASE_AUTHORIZATION, POP3_APOP, 215, 32, true);
    with_length(POP3_PHASE_AUTHORIZATION, POP3_APOP, 216, 32, false);
    for (size_t i = 0; i < sizeof too_long / sizeof too_long[0]; i++) {
        with_length(POP3_PHASE_AUTHORIZATION, POP3_USER, too_long[i], 0, false);
        with_length(POP3_PHASE_USER_ACCEPTED, POP3_PASS, too_long[i], 0, false);
        with_length(POP3_PHASE_AUTHORIZATION, POP3_APOP, 1, too_long[i], false);
        with_length(POP3_PHASE_AUTHORIZATION, POP3_APOP, too_long[i], 32, false);
    }
}

static void test_names_and_secrets(void **state) {
    (void)state;
    for (unsigned verb = POP3_GREETING; verb < POP3_VERB_COUNT; verb++) {
        assert_string_equal(pop3_verb_name((pop3_verb)verb), verb_names[verb]);
        assert_int_equal(pop3_verb_secret((pop3_verb)verb),
                         verb == POP3_PASS || verb == POP3_APOP || verb == POP3_AUTH);
    }
}

/* The queue is full: not fatal, and there is room again after one reply. */
static void test_the_queue_is_full(void **state) {
    (void)state;
    driver_enter(&driver, POP3_PHASE_TRANSACTION);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = pop3_engine_in_flight(&driver.engine); i < POP3_ENGINE_DEPTH; i++) {
            assert_int_equal(driver_command(&driver, POP3_NOOP), POP3_SUCCESS);
            driver_send(&driver);
        }
        assert_int_equal(pop3_engine_in_flight(&driver.engine), POP3_ENGINE_DEPTH);
        assert_false(pop3_engine_can(&driver.engine, POP3_NOOP));
        assert_refused(POP3_NOOP, NULL, POP3_LIMIT);
        assert_refused(POP3_QUIT, NULL, POP3_LIMIT);
        assert_refused(POP3_USER, NULL, POP3_STATE);
        driver_receive(&driver, "+OK\r\n", POP3_EVENT_OK);
        assert_true(pop3_engine_can(&driver.engine, POP3_NOOP));
    }
}

/* A command whose octets were taken but not sent never was: nothing is in flight, and the phase is as before. */
static void test_undo(void **state) {
    static const pop3_verb verbs[] = {POP3_STAT, POP3_QUIT};
    (void)state;
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        driver_enter(&driver, POP3_PHASE_TRANSACTION);
        assert_int_equal(driver_command(&driver, verbs[i]), POP3_SUCCESS);
        driver_send(&driver);
        pop3_engine_undo(&driver.engine);
        assert_int_equal(pop3_engine_in_flight(&driver.engine), 0);
        assert_int_equal(pop3_engine_phase(&driver.engine), POP3_PHASE_TRANSACTION);
        assert_int_equal(driver_output(&driver), 0);
        assert_int_equal(driver_command(&driver, POP3_NOOP), POP3_SUCCESS);
        driver_send(&driver);
        driver_receive(&driver, "+OK\r\n", POP3_EVENT_OK);
    }
}

/* Tags come back with their replies, in order, over the wrap of the queue. */
static void test_tags(void **state) {
    uint32_t sent = 0, answered = 0;
    (void)state;
    driver_enter(&driver, POP3_PHASE_TRANSACTION);
    while (answered < 3 * POP3_ENGINE_DEPTH) {
        while (sent - answered < POP3_ENGINE_DEPTH) {
            assert_int_equal(pop3_engine_command(&driver.engine, POP3_NOOP, NULL, UINT32_MAX - sent), POP3_SUCCESS);
            driver_send(&driver);
            sent++;
        }
        for (uint32_t stop = answered + 1 + answered % 7; answered < stop && answered < sent; answered++) {
            driver_receive(&driver, "-ERR\r\n", POP3_EVENT_ERR);
            assert_true(driver.event.tag == UINT32_MAX - answered);
            assert_int_equal(driver.event.verb, POP3_NOOP);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R_1939_02_every_verb_in_every_phase),
        cmocka_unit_test(test_A04_R_2449_13_barriers),
        cmocka_unit_test(test_R_1939_03_wire_forms),
        cmocka_unit_test(test_missing_arguments),
        cmocka_unit_test(test_unwanted_arguments),
        cmocka_unit_test(test_lines_are_ignored_elsewhere),
        cmocka_unit_test(test_A13_every_octet_in_every_argument),
        cmocka_unit_test(test_A13_a_command_in_a_name),
        cmocka_unit_test(test_A13_sendable),
        cmocka_unit_test(test_R_1939_04_255_octets),
        cmocka_unit_test(test_names_and_secrets),
        cmocka_unit_test(test_the_queue_is_full),
        cmocka_unit_test(test_undo),
        cmocka_unit_test(test_tags),
    };
    return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
