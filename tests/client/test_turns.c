/* SPDX-License-Identifier: MIT */
/*
 * How often a whole session waits for its server. The scripts answer nothing before all that belongs to one turn has come,
 * so that a client which waits in between fails; bench/round_trips.py measures what the turns cost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "authority.h"
#include "session.h"

enum { MESSAGES = 500 };

static struct session s;
static uint32_t numbers[MESSAGES];
static char script[1 << 16];
static size_t script_length;

static void put(const char *text) {
    size_t n = strlen(text);

    assert_true(script_length + n < sizeof script);
    memcpy(script + script_length, text, n + 1);
    script_length += n;
}

/* `before`, a number, `behind`, for each message. */
static void put_each(const char *before, const char *behind) {
    char line[32];

    for (unsigned i = 1; i <= MESSAGES; i++) {
        (void)snprintf(line, sizeof line, "%u", i);
        put(before);
        put(line);
        put(behind);
    }
}

/* R-1939-25, R-2449-13: DELE waits for the last message, and nothing stands behind QUIT. */
static const char *make_script(const char *greeting) {
    script_length = 0;
    put(greeting);
    put("C: CAPA\nS: +OK\nS: SASL PLAIN\nS: PIPELINING\nS: .\n"
        "C: AUTH PLAIN AG1yb3NlAHRhbnN0YWFmLWNhbmFyeQ==\nS: +OK in\n"
        "C: STAT\nC: LIST\nC: UIDL\nS: +OK 500 1500\nS: +OK\n");
    put_each("S: ", " 3\n");
    put("S: .\nS: +OK\n");
    put_each("S: ", " x\n");
    put("S: .\n");
    put_each("C: RETR ", "\n");
    put_each("S: +OK ", "\nS: x\nS: .\n");
    put_each("C: DELE ", "\n");
    put("C: QUIT\n");
    put_each("S: +OK ", "\n");
    put("S: +OK bye\n");
    return script;
}

static int count(void *context, size_t index, const pop3_client_error *error) {
    (void)index;
    assert_int_equal(error->class_, POP3_CLIENT_OK);
    ++*(unsigned *)context;
    return 0;
}

static int content(void *context, size_t index, const void *octets, size_t n) {
    (void)context, (void)index, (void)octets, (void)n;
    return 0;
}

/* Opened, looked at, fetched, deleted: the whole session. */
static unsigned turns(void) {
    unsigned done = 0;
    uint32_t found = 0;

    for (uint32_t i = 0; i < MESSAGES; i++) {
        numbers[i] = i + 1;
    }
    session_start(&s);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_OK);
    assert_int_equal(pop3_client_survey(s.client, &found, NULL, NULL, NULL, NULL), POP3_CLIENT_OK);
    assert_int_equal(found, MESSAGES);
    assert_int_equal(pop3_client_retr_many(s.client, numbers, MESSAGES, content, count, &done), POP3_CLIENT_OK);
    assert_int_equal(done, MESSAGES);
    assert_int_equal(pop3_client_dele_quit(s.client, numbers, MESSAGES, count, &done), POP3_CLIENT_OK);
    assert_int_equal(done, 2 * MESSAGES + 1);
    session_end(&s);
    assert_int_equal(s.server.connections, 1);
    return s.server.turns;
}

static void six_in_clear(void **state) {
    (void)state;
    session_begin(&s, make_script("S: +OK ready\n"));
    assert_int_equal(turns(), 6);
}

static void six_behind_the_handshake_over_implicit_tls(void **state) {
    (void)state;
    session_begin_tls(&s, make_script("TLS\nS: +OK ready\n"), POP3_TLS_IMPLICIT);
    assert_int_equal(turns(), 6);
}

/* STLS without CAPA before it; CAPA behind the handshake, not awaited before it ends (R-TLS-04). */
static void seven_and_the_handshake_by_stls(void **state) {
    (void)state;
    session_begin_tls(&s, make_script("S: +OK ready\nC: STLS\nS: +OK go\nTLS\n"), POP3_TLS_STLS);
    assert_int_equal(turns(), 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(six_in_clear),
        cmocka_unit_test(six_behind_the_handshake_over_implicit_tls),
        cmocka_unit_test(seven_and_the_handshake_by_stls),
    };

    return cmocka_run_group_tests(tests, authority_make, authority_end);
}
