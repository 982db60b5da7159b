/* SPDX-License-Identifier: MIT */
/*
 * Small worlds, whole: every sequence of a few words, up to a length, as what a server says in each place of a session.
 * The engine must agree with the reference reader of tests/fuzz, which has the whole stream (R-1939-05 to R-1939-09,
 * F-03). What is in flight behind gets the words that are left over.
 */
#include "fuzz/session.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* tests/fuzz/engine_differential.c: ends the program where the two differ. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS_MAX = 8, INPUT_MAX = 256, BARE = 0, WITH = 1 << 5, NO_TLS = 0x20 };

struct world {
    const char *name;
    const char *before; /* what the server said before */
    unsigned flags;
    uint8_t commands[5][2]; /* verb; BARE or WITH argument */
    size_t length;          /* words at most */
    const char *const *words;
};

/* The alphabet of lines and bodies, and the words of status lines. */
static const char *const octets[] = {"\r", "\n", ".", "x", "+", NULL};
static const char *const status[] = {"+OK", "-ERR", "\r", "\n", " ", "x", "+", NULL};
static const char *const both[] = {"+OK", "-ERR", "\r\n", "\n", ".", "\r", "x", NULL};

#define CRLF "\r\n"
#define OK "+OK" CRLF
#define LOGIN            \
    {POP3_USER, WITH}, { \
        POP3_PASS, WITH  \
    }

static const struct world worlds[] = {
    {"greeting", "", 0, {{POP3_CAPA, WITH}}, 6, status},
    {"greeting, a session behind it", "", 0, {LOGIN, {POP3_STAT, WITH}}, 5, both},
    {"USER", OK, 0, {LOGIN}, 5, status},
    {"PASS", OK OK, 0, {LOGIN, {POP3_STAT, WITH}}, 5, status},
    {"CAPA", OK, 0, {{POP3_CAPA, WITH}, {POP3_QUIT, WITH}}, 5, both},
    {"STLS", OK, 0, {{POP3_STLS, WITH}, {POP3_CAPA, WITH}}, 5, both},
    {"STLS, nobody starts TLS", OK, NO_TLS, {{POP3_STLS, WITH}}, 5, both},
    {"AUTH PLAIN", OK, 0, {{POP3_AUTH, WITH}, {POP3_QUIT, WITH}}, 6, status},
    {"AUTH PLAIN, challenged", OK "+ " CRLF, 0, {{POP3_AUTH, WITH}, {POP3_QUIT, WITH}}, 6, status},
    {"AUTH alone", OK, 0, {{POP3_AUTH, BARE}, {POP3_QUIT, WITH}}, 5, both},
    {"STAT", OK OK OK, 0, {LOGIN, {POP3_STAT, WITH}, {POP3_NOOP, WITH}}, 5, status},
    {"LIST", OK OK OK, 0, {LOGIN, {POP3_LIST, BARE}, {POP3_NOOP, WITH}}, 5, both},
    {"LIST's lines", OK OK OK OK, 0, {LOGIN, {POP3_LIST, BARE}, {POP3_NOOP, WITH}}, 7, octets},
    {"LIST n", OK OK OK, 0, {LOGIN, {POP3_LIST, WITH}, {POP3_NOOP, WITH}}, 5, both},
    {"UIDL's lines, LF mode", "+OK\n" OK OK OK, 0, {LOGIN, {POP3_UIDL, BARE}, {POP3_NOOP, WITH}}, 7, octets},
    {"RETR", OK OK OK, 0, {LOGIN, {POP3_RETR, WITH}, {POP3_NOOP, WITH}}, 5, both},
    {"RETR's message", OK OK OK OK, 0, {LOGIN, {POP3_RETR, WITH}, {POP3_NOOP, WITH}}, 7, octets},
    {"RETR's message and a reply", OK OK OK OK, 0, {LOGIN, {POP3_RETR, WITH}, {POP3_DELE, WITH}}, 5, both},
    {"TOP's message, LF mode", "+OK\n" OK OK OK, 0, {LOGIN, {POP3_TOP, WITH}, {POP3_NOOP, WITH}}, 7, octets},
    {"QUIT", OK OK OK, 0, {LOGIN, {POP3_QUIT, WITH}}, 5, both},
};
#define WORLDS (sizeof worlds / sizeof worlds[0])

static struct {
    const struct world *world;
    uint8_t octets[INPUT_MAX];
    size_t length;
    size_t stream; /* where the server's octets begin */
} input;

/* The reference says what is wrong, this where. */
static void tell(int signal_number) {
    (void)signal_number;
    /* NOLINTNEXTLINE(bugprone-signal-handler,cert-sig30-c): abort() raised it */
    fprintf(stderr, "in \"%s\":", input.world->name);
    for (size_t i = input.stream; i < input.length; i++) {
        fprintf(stderr, " %02x", input.octets[i]);
    }
    fprintf(stderr, "\n");
}

static uint8_t command_octet(const uint8_t command[2]) {
    uint8_t octet = 0;
    while (session_verb(octet) != command[0]) {
        octet++;
    }
    return (uint8_t)(octet | command[1]);
}

static void add(const char *text) {
    size_t n = strlen(text);
    assert_true(input.length + n <= sizeof input.octets);
    memcpy(input.octets + input.length, text, n);
    input.length += n;
}

/* The head of an input as tests/fuzz/session.h has it: two commands in flight, line[48]. */
static void begin(const struct world *world) {
    input.world = world;
    input.length = 3;
    while (input.length < 8 && world->commands[input.length - 3][0] != POP3_GREETING) {
        input.octets[input.length] = command_octet(world->commands[input.length - 3]);
        input.length++;
    }
    input.octets[0] = (uint8_t)(1U << 2 | world->flags);
    input.octets[1] = (uint8_t)(input.length - 3);
    input.stream = input.length;
    add(world->before);
}

/* The sequence of words whose number, in as many digits as there are words, is `code`. The cuts differ each time. */
static void run(const struct world *world, size_t words, size_t word_count, size_t code) {
    begin(world);
    input.octets[2] = (uint8_t)(code * 37);
    for (size_t i = 0; i < words; i++, code /= word_count) {
        add(world->words[code % word_count]);
    }
    LLVMFuzzerTestOneInput(input.octets, input.length);
}

static void test_world(void **state) {
    const struct world *world = *state;
    size_t word_count = 0;
    while (world->words[word_count] != NULL) {
        word_count++;
    }
    for (size_t words = 0, count = 1; words <= world->length; words++, count *= word_count) {
        for (size_t code = 0; code < count; code++) {
            run(world, words, word_count, code);
        }
    }
}

int main(void) {
    struct CMUnitTest tests[WORLDS];
    for (size_t i = 0; i < WORLDS; i++) {
        tests[i] = (struct CMUnitTest){worlds[i].name, test_world, NULL, NULL, (void *)(uintptr_t)&worlds[i]};
    }
    signal(SIGABRT, tell);
    return cmocka_run_group_tests_name("small worlds", tests, NULL, NULL);
}
