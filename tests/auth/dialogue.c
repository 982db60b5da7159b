/* SPDX-License-Identifier: MIT */
/* Plays exchanges. */
#include "dialogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "crypto.h"

const struct dialogue *dialogue_named(const char *name) {
    for (size_t i = 0; i < dialogue_count; i++) {
        if (strcmp(dialogues[i].name, name) == 0) {
            return &dialogues[i];
        }
    }
    fail_msg("no dialogue %s", name);
    return NULL;
}

static const char *in_base64(const char *text, char line[DIALOGUE_TEXT]) {
    assert_true(strlen(text) < DIALOGUE_TEXT / 4 * 3 - 3);
    EVP_EncodeBlock((unsigned char *)line, (const unsigned char *)text, (int)strlen(text));
    return line;
}

const char *dialogue_line(const struct dialogue *dialogue, const char *said, char line[DIALOGUE_TEXT]) {
    if (said == NULL || !dialogue->text) {
        return said;
    }
    return in_base64(said, line);
}

unsigned dialogue_steps(const struct dialogue *dialogue) {
    unsigned steps = 0;
    while (steps < DIALOGUE_STEPS && dialogue->steps[steps].challenge != NULL) {
        steps++;
    }
    return steps;
}

pop3_sasl_result exchange_open(struct exchange *exchange, const struct dialogue *dialogue, const pop3_crypto *crypto,
                               size_t size) {
    pop3_sasl_result result;
    bool ours = dialogue->nonce == NULL || strlen(dialogue->nonce) == POP3_SASL_NONCE;

    guarded_open(&exchange->memory, size);
    guarded_scribble(&exchange->memory);
    random_is(dialogue->nonce != NULL && ours ? dialogue->nonce : "anyAnyanyAnyanyAnyanyAny");
    result = pop3_sasl_start(&exchange->sasl, dialogue->mechanism, &dialogue->credentials, crypto,
                             guarded_tail(&exchange->memory, size), size);
    if (!ours) {
        memcpy(exchange->sasl.nonce, dialogue->nonce, strlen(dialogue->nonce) + 1);
    }
    return result;
}

void exchange_close(struct exchange *exchange) {
    const char *buffer = exchange->sasl.buffer;
    const size_t size = exchange->sasl.size;
    size_t n = 1;

    pop3_sasl_end(&exchange->sasl);
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(buffer[i], 0);
    }
    for (size_t i = 0; i < sizeof exchange->sasl.nonce; i++) {
        assert_int_equal(exchange->sasl.nonce[i], 0);
    }
    for (size_t i = 0; i < sizeof exchange->sasl.signature; i++) {
        assert_int_equal(exchange->sasl.signature[i], 0);
    }
    pop3_sasl_end(&exchange->sasl);
    assert_null(pop3_sasl_response(&exchange->sasl, &n));
    assert_int_equal(n, 0);
    assert_int_equal(pop3_sasl_finish(&exchange->sasl), POP3_SASL_SERVER);
    guarded_close(&exchange->memory);
}

pop3_sasl_result exchange_told(struct exchange *exchange, const char *text) {
    char line[DIALOGUE_TEXT];
    in_base64(text, line);
    return pop3_sasl_challenge(&exchange->sasl, line, strlen(line), false);
}

void exchange_sends(const struct exchange *exchange, const char *base64) {
    size_t n = 1;
    const char *response = pop3_sasl_response(&exchange->sasl, &n);

    if (base64 == NULL) {
        assert_null(response);
        assert_int_equal(n, 0);
    } else {
        assert_non_null(response);
        assert_int_equal(n, strlen(base64));
        assert_memory_equal(response, base64, n);
    }
}

void exchange_play(struct exchange *exchange, const struct dialogue *dialogue, unsigned steps) {
    char line[DIALOGUE_TEXT];

    for (unsigned i = 0; i < steps; i++) {
        const char *challenge = dialogue_line(dialogue, dialogue->steps[i].challenge, line);
        assert_int_equal(pop3_sasl_challenge(&exchange->sasl, challenge, strlen(challenge), false), POP3_SASL_OK);
        exchange_sends(exchange, dialogue_line(dialogue, dialogue->steps[i].response, line));
    }
}
