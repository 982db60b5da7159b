/* SPDX-License-Identifier: MIT */
/*
 * What an exchange leaves behind: nothing of password, token or keys, neither in its memory nor on the stack it ran on
 * (R-AUTH-02). The keys to look for come from OpenSSL.
 */
#define _GNU_SOURCE /* memmem */
#include "auth/hmac.h"
#include "crypto.h"
#include "dialogue.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/hmac.h>

#define SECRET "canary-of-a-secret" /* longer than anything that could stand there by chance */

enum { STACK = 1 << 20, DEPTH = 1 << 15, ROOM = 1024, PATTERN = 0xA5 };

struct run {
    const struct dialogue *dialogue;
    pop3_sasl sasl;
    char buffer[ROOM];
    pop3_sasl_result result;
    void (*what)(struct run *run);
};

static void play(struct run *run) {
    char line[DIALOGUE_TEXT];

    random_is("fyko+d2lbbFgONRv9qkxdawL");
    run->result = pop3_sasl_start(&run->sasl, run->dialogue->mechanism, &run->dialogue->credentials, &portable,
                                  run->buffer, sizeof run->buffer);
    for (unsigned i = 0; i < dialogue_steps(run->dialogue) && run->result == POP3_SASL_OK; i++) {
        const char *challenge = dialogue_line(run->dialogue, run->dialogue->steps[i].challenge, line);
        run->result = pop3_sasl_challenge(&run->sasl, challenge, strlen(challenge), false);
    }
}

/* Far below what the end of a thread writes over. */
static void *deep_down(void *argument) {
    volatile char depth[DEPTH];
    struct run *run = argument;

    depth[0] = 0;
    run->what(run);
    return depth[0] == 0 ? NULL : argument;
}

/* On a stack that can be read afterwards. */
static void run_on(void *stack, void (*what)(struct run *run), struct run *run) {
    pthread_attr_t attributes;
    pthread_t thread;

    run->what = what;
    memset(stack, PATTERN, STACK);
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstack(&attributes, stack, STACK), 0);
    assert_int_equal(pthread_create(&thread, &attributes, deep_down, run), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attributes);
}

static void *allocate_stack(void) {
    void *stack = aligned_alloc(4096, STACK);
    assert_non_null(stack);
    return stack;
}

static void assert_absent(const void *where, size_t size, const void *what, size_t n, const char *name) {
    if (memmem(where, size, what, n) != NULL) {
        fail_msg("%s is left", name);
    }
}

/* The search finds what is there: a copy of the password that nobody wiped. */
static void leave_a_copy(struct run *run) {
    volatile char copy[sizeof SECRET];

    for (size_t i = 0; i < sizeof SECRET; i++) {
        copy[i] = run->dialogue->credentials.password[i];
    }
    run->result = copy[0] == 'c' ? POP3_SASL_OK : POP3_SASL_SERVER;
}

static void test_the_search_finds(void **state) {
    const struct dialogue dialogue = {.credentials = {.password = SECRET}};
    struct run run = {.dialogue = &dialogue};
    void *stack = allocate_stack();
    (void)state;
    run_on(stack, leave_a_copy, &run);
    assert_non_null(memmem(stack, STACK, SECRET, strlen(SECRET)));
    free(stack);
}

struct keys {
    uint8_t salted[32], client[32], server[32], stored[32];
};

static void derive(const EVP_MD *digest, int size, struct keys *keys) {
    uint8_t salt[16];
    int n = EVP_DecodeBlock(salt, (const unsigned char *)"QSXCR+Q6sek8bf92", 16);

    assert_int_equal(PKCS5_PBKDF2_HMAC(SECRET, -1, salt, n, 4096, digest, size, keys->salted), 1);
    assert_non_null(HMAC(digest, keys->salted, size, (const unsigned char *)"Client Key", 10, keys->client, NULL));
    assert_non_null(HMAC(digest, keys->salted, size, (const unsigned char *)"Server Key", 10, keys->server, NULL));
    assert_int_equal(EVP_Digest(keys->client, (size_t)size, keys->stored, NULL, digest, NULL), 1);
}

static void check_scram(const pop3_sasl_mechanism *mechanism, const EVP_MD *digest) {
    struct dialogue dialogue = *dialogue_named("V-SCRAM1");
    size_t size = mechanism->digest_size;
    void *stack = allocate_stack();
    struct run run = {.dialogue = &dialogue};
    struct keys keys;

    dialogue.mechanism = mechanism;
    dialogue.credentials.password = SECRET;
    dialogue.steps[1].challenge = NULL;
    derive(digest, (int)size, &keys);
    run_on(stack, play, &run);
    assert_int_equal(run.result, POP3_SASL_OK);
    for (const uint8_t(*key)[32] = &keys.salted; key <= &keys.stored; key++) {
        assert_absent(stack, STACK, *key, size, "a key on the stack");
        assert_absent(&run, sizeof run, *key, size, "a key in the exchange");
    }
    assert_absent(stack, STACK, SECRET, strlen(SECRET), "the password on the stack");
    assert_absent(&run, sizeof run, SECRET, strlen(SECRET), "the password in the exchange");
    pop3_sasl_end(&run.sasl);
    free(stack);
}

static void test_SCRAM(void **state) {
    (void)state;
    check_scram(&pop3_sasl_scram_sha_1, EVP_sha1());
    check_scram(&pop3_sasl_scram_sha_256, EVP_sha256());
}

static void derive_only(struct run *run) {
    const pop3_span password = {SECRET, strlen(SECRET)}, salt = {"salt", 4};
    pop3_pbkdf2(sha256, 32, &password, &salt, 10, (uint8_t *)run->buffer);
    run->result = POP3_SASL_OK;
}

/* In an exchange others write over its traces. */
static void test_PBKDF2(void **state) {
    void *stack = allocate_stack();
    struct run run = {.result = POP3_SASL_CRYPTO};
    (void)state;
    run_on(stack, derive_only, &run);
    assert_int_equal(run.result, POP3_SASL_OK);
    assert_absent(stack, STACK, SECRET, strlen(SECRET), "the password on the stack");
    free(stack);
}

static void check_wiped(const char *name) {
    struct dialogue dialogue = *dialogue_named(name);
    void *stack = allocate_stack();
    struct run run = {.dialogue = &dialogue};
    char response[ROOM];
    size_t n;

    dialogue.credentials.password = SECRET;
    dialogue.credentials.token = SECRET;
    run_on(stack, play, &run);
    assert_int_equal(run.result, POP3_SASL_OK);
    assert_absent(stack, STACK, SECRET, strlen(SECRET), "the secret on the stack");
    assert_non_null(pop3_sasl_response(&run.sasl, &n));
    assert_in_range(n, 1, sizeof response);
    memcpy(response, pop3_sasl_response(&run.sasl, &n), n);
    pop3_sasl_end(&run.sasl);
    assert_absent(&run, sizeof run, SECRET, strlen(SECRET), "the secret in the exchange");
    assert_absent(&run, sizeof run, response, n, "the secret in base64");
    free(stack);
}

static void test_others(void **state) {
    (void)state;
    check_wiped("V-LOGIN");
    check_wiped("V-PLAIN RFC 2595");
    check_wiped("V-XOAUTH2");
    check_wiped("V-OAUTHB port 995");
    check_wiped("V-CRAM");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_search_finds),
        cmocka_unit_test(test_SCRAM),
        cmocka_unit_test(test_PBKDF2),
        cmocka_unit_test(test_others),
    };
    return cmocka_run_group_tests_name("SASL: traces", tests, NULL, NULL);
}
