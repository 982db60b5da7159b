/* SPDX-License-Identifier: MIT */
/* What holds for every exchange of vectors.c: however it is cut, whatever the buffer, whoever computes. Knows no mechanism. */
#include "crypto.h"
#include "dialogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 1024 };

static void open_good(struct exchange *exchange, const struct dialogue *dialogue) {
    assert_int_equal(exchange_open(exchange, dialogue, &openssl, ROOM), POP3_SASL_OK);
}

/* The initial response, unless the vector's nonce comes behind it. */
static void check_initial(const struct exchange *exchange, const struct dialogue *dialogue) {
    char line[DIALOGUE_TEXT];
    if (dialogue->nonce == NULL || dialogue->initial != NULL) {
        exchange_sends(exchange, dialogue_line(dialogue, dialogue->initial, line));
    }
}

static void play_all(const struct dialogue *dialogue, const pop3_crypto *crypto) {
    struct exchange exchange;
    assert_int_equal(exchange_open(&exchange, dialogue, crypto, ROOM), POP3_SASL_OK);
    check_initial(&exchange, dialogue);
    exchange_play(&exchange, dialogue, dialogue_steps(dialogue));
    assert_int_equal(pop3_sasl_finish(&exchange.sasl), POP3_SASL_OK);
    exchange_close(&exchange);
}

static void test_as_written(void **state) {
    play_all(*state, &openssl);
}

static void test_without_the_platforms_pbkdf2(void **state) {
    play_all(*state, &portable);
}

/* R-5034-04: an empty challenge asks for the initial response, once; Q-16: so does any other where it is ignored. */
static void test_two_steps(void **state) {
    static const char *const first[] = {"", "Z28gYWhlYWQ=", "go ahead"};
    const struct dialogue *dialogue = *state;
    size_t n = dialogue->mechanism->blind ? 3 : 1;

    for (size_t i = 0; i < n && dialogue->mechanism->client_first; i++) {
        struct exchange exchange;
        open_good(&exchange, dialogue);
        assert_int_equal(pop3_sasl_challenge(&exchange.sasl, first[i], strlen(first[i]), false), POP3_SASL_OK);
        check_initial(&exchange, dialogue);
        exchange_play(&exchange, dialogue, dialogue_steps(dialogue));
        assert_int_equal(pop3_sasl_finish(&exchange.sasl), POP3_SASL_OK);
        exchange_close(&exchange);
    }
}

static void test_not_asked_for_twice(void **state) {
    const struct dialogue *dialogue = *state;
    struct exchange exchange;

    if (dialogue->mechanism->client_first) {
        open_good(&exchange, dialogue);
        assert_int_equal(pop3_sasl_challenge(&exchange.sasl, NULL, 0, false), POP3_SASL_OK);
        assert_int_not_equal(pop3_sasl_challenge(&exchange.sasl, NULL, 0, false), POP3_SASL_OK);
        assert_int_equal(pop3_sasl_finish(&exchange.sasl), POP3_SASL_SERVER);
        exchange_close(&exchange);
    }
}

/* One challenge in parts of `first`, then of `rest` octets; nothing is to be sent before it is whole. */
static void tell_in_parts(struct exchange *exchange, const char *challenge, size_t first, size_t rest) {
    size_t length = strlen(challenge), n = first;

    for (size_t at = 0; at < length || at == 0; n = rest) {
        n = n < length - at ? n : length - at;
        assert_int_equal(pop3_sasl_challenge(&exchange->sasl, challenge + at, n, true), POP3_SASL_OK);
        exchange_sends(exchange, NULL);
        assert_int_equal(pop3_sasl_finish(&exchange->sasl), POP3_SASL_SERVER);
        at += n;
        if (at == length) {
            break;
        }
    }
    assert_int_equal(pop3_sasl_challenge(&exchange->sasl, NULL, 0, false), POP3_SASL_OK);
}

static void play_in_parts(const struct dialogue *dialogue, unsigned cut, size_t first, size_t rest) {
    char line[DIALOGUE_TEXT];
    struct exchange exchange;

    open_good(&exchange, dialogue);
    exchange_play(&exchange, dialogue, cut);
    tell_in_parts(&exchange, dialogue_line(dialogue, dialogue->steps[cut].challenge, line), first, rest);
    exchange_sends(&exchange, dialogue_line(dialogue, dialogue->steps[cut].response, line));
    for (unsigned i = cut + 1; i < dialogue_steps(dialogue); i++) {
        const char *challenge = dialogue_line(dialogue, dialogue->steps[i].challenge, line);
        assert_int_equal(pop3_sasl_challenge(&exchange.sasl, challenge, strlen(challenge), false), POP3_SASL_OK);
        exchange_sends(&exchange, dialogue_line(dialogue, dialogue->steps[i].response, line));
    }
    assert_int_equal(pop3_sasl_finish(&exchange.sasl), POP3_SASL_OK);
    exchange_close(&exchange);
}

/* R-5034-08: as the engine brings a long challenge. */
static void test_challenges_cut_everywhere(void **state) {
    const struct dialogue *dialogue = *state;
    char line[DIALOGUE_TEXT];

    for (unsigned cut = 0; cut < dialogue_steps(dialogue); cut++) {
        size_t length = strlen(dialogue_line(dialogue, dialogue->steps[cut].challenge, line));
        for (size_t at = 0; at <= length; at++) {
            play_in_parts(dialogue, cut, at, length);
        }
        play_in_parts(dialogue, cut, 1, 1);
    }
}

/* Everything in `size` octets: OK, or what it failed with; what it says until then is right. */
static pop3_sasl_result play_within(const struct dialogue *dialogue, size_t size) {
    char line[DIALOGUE_TEXT];
    struct exchange exchange;
    pop3_sasl_result result = exchange_open(&exchange, dialogue, &openssl, size);

    for (unsigned i = 0; result == POP3_SASL_OK && i < dialogue_steps(dialogue); i++) {
        const char *challenge = dialogue_line(dialogue, dialogue->steps[i].challenge, line);
        result = pop3_sasl_challenge(&exchange.sasl, challenge, strlen(challenge), false);
        if (result == POP3_SASL_OK) {
            exchange_sends(&exchange, dialogue_line(dialogue, dialogue->steps[i].response, line));
        }
    }
    if (result != POP3_SASL_OK) {
        exchange_sends(&exchange, NULL);
        assert_int_equal(pop3_sasl_finish(&exchange.sasl), POP3_SASL_SERVER);
    }
    exchange_close(&exchange);
    return result;
}

/* 512 octets are promised to do for passwords; one response of 512 is that of a token. */
static void test_every_size_of_the_buffer(void **state) {
    size_t size = 0;

    while (play_within(*state, size) == POP3_SASL_SPACE) {
        size++;
    }
    assert_in_range(size, 0, 512);
    for (size_t more = 0; more < 40; more++) {
        assert_int_equal(play_within(*state, size + more), POP3_SASL_OK);
    }
}

/* R-5034-09, R-LOGIN-01. */
static void test_OK_at_every_step(void **state) {
    const struct dialogue *dialogue = *state;

    for (unsigned steps = 0; steps <= dialogue_steps(dialogue); steps++) {
        struct exchange exchange;
        open_good(&exchange, dialogue);
        exchange_play(&exchange, dialogue, steps);
        assert_int_equal(pop3_sasl_finish(&exchange.sasl),
                         steps >= dialogue->complete ? POP3_SASL_OK : POP3_SASL_SERVER);
        assert_int_equal(pop3_sasl_refusal(&exchange.sasl).length, 0);
        exchange_close(&exchange);
    }
}

/* R-5034-07, A-05: wherever a challenge is read it must be base64; afterwards the exchange is over. */
static void test_no_base64(void **state) {
    static const char *const bad[] = {"=",    "====",  "=AAA",     "AAA=BBB", "AAA=BBBB",        "A",
                                      "AA=",  "AAAA=", "AA==AA==", "AA A",    "AA\nA",           "VXNlcm5hbWU",
                                      "AB==", "AAB=",  "dGl-",     "dGl_",    "\xC3\xA9\xC3\xA9"};
    const struct dialogue *dialogue = *state;

    for (unsigned steps = 0; steps <= dialogue_steps(dialogue) && !dialogue->mechanism->blind; steps++) {
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
            struct exchange exchange;
            open_good(&exchange, dialogue);
            exchange_play(&exchange, dialogue, steps);
            assert_int_equal(pop3_sasl_challenge(&exchange.sasl, bad[i], strlen(bad[i]), false), POP3_SASL_BASE64);
            exchange_sends(&exchange, NULL);
            assert_int_equal(pop3_sasl_finish(&exchange.sasl), POP3_SASL_SERVER);
            assert_int_equal(pop3_sasl_challenge(&exchange.sasl, "AAAA", 4, false), POP3_SASL_CHALLENGE);
            exchange_close(&exchange);
        }
    }
}

/* a challenge that does not end. */
static void test_endless_challenge(void **state) {
    const struct dialogue *dialogue = *state;
    struct exchange exchange;
    pop3_sasl_result result = POP3_SASL_OK;
    unsigned parts = 0;

    open_good(&exchange, dialogue);
    while (result == POP3_SASL_OK && parts < 1024) {
        result = pop3_sasl_challenge(&exchange.sasl, "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB", 44, true);
        parts++;
    }
    assert_int_equal(result, dialogue->mechanism->blind ? POP3_SASL_OK : POP3_SASL_SPACE);
    assert_int_equal(parts, dialogue->mechanism->blind ? 1024 : ROOM / 44 + 1);
    assert_int_equal(pop3_sasl_finish(&exchange.sasl), POP3_SASL_SERVER);
    exchange_close(&exchange);
}

/* R-5034-06: one challenge more than there can be. OAuth takes it for its refusal. */
static void test_one_challenge_more(void **state) {
    const struct dialogue *dialogue = *state;
    struct exchange exchange;

    open_good(&exchange, dialogue);
    if (dialogue->mechanism->client_first) {
        assert_int_equal(pop3_sasl_challenge(&exchange.sasl, NULL, 0, false), POP3_SASL_OK);
    }
    exchange_play(&exchange, dialogue, dialogue_steps(dialogue));
    assert_int_equal(exchange_told(&exchange, "more?"),
                     dialogue->mechanism->uses_token ? POP3_SASL_REFUSED : POP3_SASL_CHALLENGE);
    assert_int_equal(pop3_sasl_finish(&exchange.sasl), POP3_SASL_SERVER);
    exchange_close(&exchange);
}

int main(void) {
    static const struct CMUnitTest properties[] = {
        cmocka_unit_test(test_as_written),
        cmocka_unit_test(test_without_the_platforms_pbkdf2),
        cmocka_unit_test(test_two_steps),
        cmocka_unit_test(test_not_asked_for_twice),
        cmocka_unit_test(test_challenges_cut_everywhere),
        cmocka_unit_test(test_every_size_of_the_buffer),
        cmocka_unit_test(test_OK_at_every_step),
        cmocka_unit_test(test_no_base64),
        cmocka_unit_test(test_endless_challenge),
        cmocka_unit_test(test_one_challenge_more),
    };
    enum { PROPERTIES = sizeof properties / sizeof properties[0] };
    struct CMUnitTest *tests = calloc(dialogue_count * PROPERTIES, sizeof *tests);
    char(*names)[100] = calloc(dialogue_count * PROPERTIES, sizeof *names);
    int failed;

    for (size_t i = 0; i < dialogue_count * PROPERTIES; i++) {
        const struct dialogue *dialogue = &dialogues[i / PROPERTIES];
        tests[i] = properties[i % PROPERTIES];
        snprintf(names[i], sizeof names[i], "%s: %s", dialogue->name, tests[i].name);
        tests[i].name = names[i];
        tests[i].initial_state = (void *)dialogue;
    }
    failed = _cmocka_run_group_tests("SASL dialogues", tests, dialogue_count * PROPERTIES, NULL, NULL);
    free(tests);
    free(names);
    return failed;
}
