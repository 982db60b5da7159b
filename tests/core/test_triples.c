/* SPDX-License-Identifier: MIT */
/*
 * Every verb in every phase with every kind of argument, against a table written from the grammars of the RFCs:
 * R-1939-02, R-1939-03, R-1939-10, A-13. What is taken goes out as one line; what is refused leaves no trace.
 */
#include "driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Phases: A AUTHORIZATION, U behind USER's +OK, T TRANSACTION. Arguments: - none, t a text, s two, n a number. */
static const struct grammar {
    pop3_verb verb;
    const char *name;
    const char *phases;
    const char *arguments;
} grammars[] = {
    {POP3_USER, "USER", "A", "t"},   /* RFC 1939 section 7 */
    {POP3_PASS, "PASS", "U", "t"},   /* RFC 1939 section 7 */
    {POP3_APOP, "APOP", "A", "s"},   /* RFC 1939 section 7 */
    {POP3_QUIT, "QUIT", "AUT", "-"}, /* RFC 1939 sections 4 and 5 */
    {POP3_STAT, "STAT", "T", "-"},   /* RFC 1939 section 5 */
    {POP3_LIST, "LIST", "T", "-n"},  /* RFC 1939 section 5 */
    {POP3_RETR, "RETR", "T", "n"},   /* RFC 1939 section 5 */
    {POP3_DELE, "DELE", "T", "n"},   /* RFC 1939 section 5 */
    {POP3_UIDL, "UIDL", "T", "-n"},  /* RFC 1939 section 7 */
    {POP3_TOP, "TOP", "T", "n"},     /* RFC 1939 section 7; the engine adds the number of lines */
    {POP3_NOOP, "NOOP", "T", "-"},   /* RFC 1939 section 5 */
    {POP3_RSET, "RSET", "T", "-"},   /* RFC 1939 section 5 */
    {POP3_CAPA, "CAPA", "AT", "-"},  /* RFC 2449 section 5 */
    {POP3_STLS, "STLS", "A", "-"},   /* RFC 2595 section 4 */
    {POP3_UTF8, "UTF8", "A", "-"},   /* RFC 6856 section 2 */
    {POP3_LANG, "LANG", "AT", "-t"}, /* RFC 6856 section 3 */
    {POP3_AUTH, "AUTH", "A", "-ts"}, /* RFC 5034 section 4; alone: the listing of RFC 1734's time */
};
#define GRAMMARS (sizeof grammars / sizeof grammars[0])

/* What a text may be: absent, a word, with a blank, with a control octet, empty. */
static const char *const texts[] = {NULL, "word", "two words", "a\rb", "", "\x7f"};
enum { ABSENT, WORD, BLANK, TEXTS = sizeof texts / sizeof texts[0] };

static struct driver driver;

static bool is_legal(const struct grammar *grammar, pop3_phase phase) {
    const char letters[] = {
        [POP3_PHASE_AUTHORIZATION] = 'A', [POP3_PHASE_USER_ACCEPTED] = 'U', [POP3_PHASE_TRANSACTION] = 'T'};
    char letter = phase < sizeof letters ? letters[phase] : '\0';
    return letter != '\0' && strchr(grammar->phases, letter) != NULL;
}

static bool is_text(const struct grammar *grammar, unsigned text) {
    return text == ABSENT || text == WORD || (text == BLANK && grammar->verb == POP3_PASS);
}

/* Does the grammar have an argument of this kind? A second text or a number beside another thing is none of them. */
static bool is_wanted(const struct grammar *grammar, unsigned text, unsigned second, bool number) {
    char kind = '?';
    if (number) {
        kind = text == ABSENT && second == ABSENT ? 'n' : '?';
    } else if (second != ABSENT) {
        kind = text != ABSENT ? 's' : '?';
    } else {
        kind = text != ABSENT ? 't' : '-';
    }
    return strchr(grammar->arguments, kind) != NULL && is_text(grammar, text) && is_text(grammar, second);
}

static void wire_form(char *wire, size_t room, const struct grammar *grammar, const pop3_arg *arg) {
    int n = snprintf(wire, room, "%s%s%s%s%s", grammar->name, arg->text != NULL ? " " : "",
                     arg->text != NULL ? arg->text : "", arg->second != NULL ? " " : "",
                     arg->second != NULL ? arg->second : "");
    assert_true(n > 0 && (size_t)n < room);
    if (arg->number != 0) {
        n += snprintf(wire + n, room - (size_t)n, grammar->verb == POP3_TOP ? " %u %u" : " %u", (unsigned)arg->number,
                      (unsigned)arg->lines);
    }
    snprintf(wire + n, room - (size_t)n, "\r\n");
}

static void check(const struct grammar *grammar, pop3_phase phase, const pop3_arg *arg, bool wanted) {
    char wire[64];
    size_t n = 0;
    driver_enter(&driver, phase);
    pop3_engine before = driver.engine;
    pop3_error expected = !is_legal(grammar, phase) ? POP3_STATE : wanted ? POP3_SUCCESS : POP3_ARG;
    pop3_error error = pop3_engine_command(&driver.engine, grammar->verb, arg, 0);
    if (error != expected) {
        fail_msg("%s in phase %d, text \"%s\", second \"%s\", number %u: %d", grammar->name, (int)phase,
                 arg != NULL && arg->text != NULL ? arg->text : "(none)",
                 arg != NULL && arg->second != NULL ? arg->second : "(none)", arg != NULL ? (unsigned)arg->number : 0U,
                 (int)error);
    }
    if (error != POP3_SUCCESS) {
        assert_memory_equal(&driver.engine, &before, sizeof before);
        return;
    }
    const pop3_arg none = {0};
    const char *output = pop3_engine_output(&driver.engine, &n);
    wire_form(wire, sizeof wire, grammar, arg != NULL ? arg : &none);
    assert_int_equal(n, strlen(wire));
    assert_memory_equal(output, wire, n);
    assert_int_equal(pop3_engine_in_flight(&driver.engine), 1);
}

static void test_every_triple(void **state) {
    (void)state;
    for (size_t i = 0; i < GRAMMARS; i++) {
        for (unsigned phase = POP3_PHASE_GREETING; phase <= POP3_PHASE_FAILED; phase++) {
            check(&grammars[i], (pop3_phase)phase, NULL, is_wanted(&grammars[i], ABSENT, ABSENT, false));
            for (unsigned kind = 0; kind < TEXTS * TEXTS * 2; kind++) {
                unsigned text = kind % TEXTS, second = kind / TEXTS % TEXTS, number = kind / (TEXTS * TEXTS);
                const pop3_arg arg = {texts[text], texts[second], number * 4294967295U, 10};
                check(&grammars[i], (pop3_phase)phase, &arg, is_wanted(&grammars[i], text, second, number != 0));
            }
        }
    }
}

/* The table has every verb but the greeting, which nobody sends. */
static void test_the_table_is_whole(void **state) {
    unsigned seen = 1U << POP3_GREETING;
    (void)state;
    for (size_t i = 0; i < GRAMMARS; i++) {
        seen |= 1U << grammars[i].verb;
        assert_string_equal(pop3_verb_name(grammars[i].verb), grammars[i].name);
    }
    assert_int_equal(seen, (1U << POP3_VERB_COUNT) - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table_is_whole),
        cmocka_unit_test(test_every_triple),
    };
    return cmocka_run_group_tests_name("verbs, phases, arguments", tests, NULL, NULL);
}
