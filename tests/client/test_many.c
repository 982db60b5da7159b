/* SPDX-License-Identifier: MIT */
/* Calls of many commands: what is on its way at once, what a refusal does, and servers that cannot do it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "session.h"

#define LOGIN_PIPELINING                                                  \
    "S: +OK ready\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: PIPELINING\nS: .\n" \
    "C: AUTH PLAIN AG1yb3NlAHRhbnN0YWFmLWNhbmFyeQ==\nS: +OK in\n"

static struct session s;
static char told[1 << 13]; /* what `done` was told: "0:0 1:9 " */
static size_t stop_at;

static int content(void *context, size_t index, const void *octets, size_t n) {
    (void)index;
    return session_sink(context, octets, n);
}

static int done(void *context, size_t index, const pop3_client_error *error) {
    size_t used = strlen(told);

    (void)context;
    (void)snprintf(told + used, sizeof told - used, "%zu:%d ", index, (int)error->class_);
    return index == stop_at;
}

static void begin(const char *script) {
    session_begin(&s, script);
    told[0] = '\0';
    stop_at = SIZE_MAX;
}

static void start(void) {
    session_start(&s);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_OK);
}

static pop3_client_class survey(void) {
    uint32_t count = 0;
    uint64_t octets = 0;
    pop3_client_class result = pop3_client_survey(s.client, &count, &octets, session_size, session_uid, &s);

    if (result == POP3_CLIENT_OK) {
        assert_int_equal(count, 2);
        assert_int_equal(octets, 320);
        assert_string_equal(s.listing, "1:120 2:200 1:a 2:b ");
    }
    return result;
}

#define STAT_REPLY "S: +OK 2 320\n"
#define LIST_REPLY "S: +OK\nS: 1 120\nS: 2 200\nS: .\n"
#define UIDL_REPLY "S: +OK\nS: 1 a\nS: 2 b\nS: .\n"
#define AT_ONCE "C: STAT\nC: LIST\nC: UIDL\nQUIET\n" STAT_REPLY LIST_REPLY UIDL_REPLY
#define IN_TURN "C: STAT\nQUIET\n" STAT_REPLY "C: LIST\nQUIET\n" LIST_REPLY "C: UIDL\n" UIDL_REPLY

static void a_survey_takes_one_round_trip_where_it_may(void **state) {
    (void)state;
    begin(LOGIN_PIPELINING AT_ONCE);
    start();
    assert_int_equal(survey(), POP3_CLIENT_OK);
    session_end(&s);
    begin(LOGIN IN_TURN);
    start();
    assert_int_equal(survey(), POP3_CLIENT_OK);
    session_end(&s);
    begin(LOGIN_PIPELINING IN_TURN);
    s.options.pipelining = POP3_CLIENT_PIPELINING_OFF;
    start();
    assert_int_equal(survey(), POP3_CLIENT_OK);
    session_end(&s);
    begin(LOGIN AT_ONCE);
    s.options.pipelining = POP3_CLIENT_PIPELINING_ON;
    start();
    assert_int_equal(survey(), POP3_CLIENT_OK);
    session_end(&s);
}

static void a_survey_without_uidl_has_the_rest(void **state) {
    uint32_t count = 0;

    (void)state;
    begin(LOGIN_PIPELINING "C: STAT\nC: LIST\nC: UIDL\n" STAT_REPLY LIST_REPLY "S: -ERR what\nC: NOOP\nS: +OK\n");
    start();
    assert_int_equal(pop3_client_survey(s.client, &count, NULL, session_size, NULL, &s), POP3_CLIENT_REFUSED);
    assert_string_equal(pop3_client_last_error(s.client)->what, "127.0.0.1 refused UIDL");
    assert_int_equal(count, 2);
    assert_string_equal(s.listing, "1:120 2:200 ");
    assert_int_equal(pop3_client_noop(s.client), POP3_CLIENT_OK);
    session_end(&s);
}

static void messages_come_in_order_and_a_refusal_is_one_messages(void **state) {
    static const uint32_t numbers[] = {3, 1, 2};

    (void)state;
    begin(LOGIN_PIPELINING
          "C: RETR 3\nC: RETR 1\nC: RETR 2\nQUIET\nS: +OK\nS: c\nS: .\nS: -ERR gone\nS: +OK\nS: b\nS: .\n"
          "C: NOOP\nS: +OK\n");
    start();
    assert_int_equal(pop3_client_retr_many(s.client, numbers, 3, content, done, &s), POP3_CLIENT_REFUSED);
    assert_string_equal(s.content, "c\r\nb\r\n");
    assert_string_equal(told, "0:0 1:9 2:0 ");
    assert_int_equal(POP3_CLIENT_REFUSED, 9);
    assert_string_equal(pop3_client_last_error(s.client)->what, "127.0.0.1 refused RETR 1");
    assert_int_equal(pop3_client_noop(s.client), POP3_CLIENT_OK);
    session_end(&s);
}

/* R-1939-25 */
static void headers_come_in_order_and_a_refusal_is_one_messages(void **state) {
    static const uint32_t numbers[] = {1, 2, 3};

    (void)state;
    begin(LOGIN_PIPELINING "C: TOP 1 0\nC: TOP 2 0\nC: TOP 3 0\nS: +OK\nS: a: 1\nS: \nS: .\nS: -ERR no\n"
                           "S: +OK\nS: ..c: 3\nS: .\n");
    start();
    assert_int_equal(pop3_client_top_many(s.client, numbers, 3, 0, content, done, &s), POP3_CLIENT_REFUSED);
    assert_string_equal(s.content, "a: 1\r\n\r\n.c: 3\r\n");
    assert_string_equal(told, "0:0 1:9 2:0 ");
    session_end(&s);
}

static void who_cannot_store_a_message_ends_the_session(void **state) {
    static const uint32_t numbers[] = {1, 2, 3};

    (void)state;
    begin(LOGIN_PIPELINING "C: RETR 1\nC: RETR 2\nC: RETR 3\nS: +OK\nS: a\nS: .\nS: +OK\nS: b\nS: .\nWAIT\n");
    stop_at = 1;
    start();
    assert_int_equal(pop3_client_retr_many(s.client, numbers, 3, content, done, &s), POP3_CLIENT_SINK);
    assert_string_equal(told, "0:0 1:0 ");
    assert_int_equal(pop3_client_quit(s.client), POP3_CLIENT_STATE);
    session_end(&s);
    assert_false(session_sent(&s, "QUIT"));
}

static void one_number_0_and_nothing_is_sent(void **state) {
    static const uint32_t numbers[] = {1, 0};

    (void)state;
    begin(LOGIN_PIPELINING "C: NOOP\nS: +OK\n");
    start();
    assert_int_equal(pop3_client_dele_many(s.client, numbers, 2, NULL, NULL), POP3_CLIENT_ARG);
    assert_int_equal(pop3_client_dele_many(s.client, NULL, 0, NULL, NULL), POP3_CLIENT_OK);
    assert_int_equal(pop3_client_noop(s.client), POP3_CLIENT_OK);
    session_end(&s);
}

static char *put(char *at, const char *text) {
    size_t n = strlen(text);

    memcpy(at, text, n + 1);
    return at + n;
}

static char *add(char *at, const char *before, unsigned from, unsigned to) {
    char line[32];

    for (unsigned i = from; i <= to; i++) {
        (void)snprintf(line, sizeof line, "%s%u\n", before, i);
        at = put(at, line);
    }
    return at;
}

/* R-2449-15: 512, and more when 256 are left. */
static void the_window_has_its_marks(void **state) {
    enum { COUNT = 1000 };
    static char script[1 << 16];
    static uint32_t numbers[COUNT];
    char *at = script;

    (void)state;
    for (unsigned i = 0; i < COUNT; i++) {
        numbers[i] = i + 1;
    }
    at = put(at, LOGIN_PIPELINING);
    at = add(at, "C: DELE ", 1, 512);
    at = put(at, "QUIET\n");
    at = add(at, "S: +OK ", 1, 255);
    at = put(at, "QUIET\n");
    at = add(at, "S: +OK ", 256, 256);
    at = add(at, "C: DELE ", 513, 768);
    at = put(at, "QUIET\n");
    at = add(at, "S: +OK ", 257, 512);
    at = add(at, "C: DELE ", 769, COUNT);
    (void)add(at, "S: +OK ", 513, COUNT);
    begin(script);
    start();
    assert_int_equal(pop3_client_dele_many(s.client, numbers, COUNT, done, &s), POP3_CLIENT_OK);
    assert_non_null(strstr(told, " 999:0 "));
    session_end(&s);
}

/* ---- DELE and QUIT ---- */

static const uint32_t both[] = {1, 2};

static pop3_client_class dele_quit(const char *script) {
    pop3_client_class result;

    begin(script);
    start();
    result = pop3_client_dele_quit(s.client, both, 2, done, &s);
    assert_int_equal(pop3_client_last_error(s.client)->class_, result);
    return result;
}

static const char *what(void) {
    return pop3_client_last_error(s.client)->what;
}

static const char *hint(void) {
    return pop3_client_last_error(s.client)->hint;
}

static void end_without_session(void) {
    assert_int_equal(pop3_client_noop(s.client), POP3_CLIENT_STATE);
    session_end(&s);
}

static void marks_and_quit_take_one_round_trip_where_they_may(void **state) {
    (void)state;
    assert_int_equal(dele_quit(LOGIN_PIPELINING "C: DELE 1\nC: DELE 2\nC: QUIT\nQUIET\nS: +OK\nS: +OK\nS: +OK bye\n"),
                     POP3_CLIENT_OK);
    assert_string_equal(told, "0:0 1:0 2:0 ");
    end_without_session();
    assert_int_equal(dele_quit(LOGIN "C: DELE 1\nQUIET\nS: +OK\nC: DELE 2\nQUIET\nS: +OK\nC: QUIT\nS: +OK\n"),
                     POP3_CLIENT_OK);
    assert_string_equal(told, "0:0 1:0 2:0 ");
    end_without_session();
}

static void a_refused_mark_is_no_refused_quit(void **state) {
    (void)state;
    assert_int_equal(dele_quit(LOGIN_PIPELINING "C: DELE 1\nC: DELE 2\nC: QUIT\nS: -ERR no\nS: +OK\nS: +OK\n"),
                     POP3_CLIENT_REFUSED);
    assert_string_equal(told, "0:9 1:0 2:0 ");
    assert_string_equal(what(), "127.0.0.1 refused DELE 1");
    assert_string_equal(hint(), "");
    end_without_session();
    assert_int_equal(dele_quit(LOGIN_PIPELINING "C: DELE 1\nC: DELE 2\nC: QUIT\nS: +OK\nS: +OK\nS: -ERR some left\n"),
                     POP3_CLIENT_REFUSED);
    assert_string_equal(told, "0:0 1:0 2:9 ");
    assert_string_equal(what(), "127.0.0.1 refused QUIT");
    assert_non_null(strstr(hint(), "look again"));
    end_without_session();
}

/* R-1939-23 */
static void behind_a_lost_reply_nobody_knows(void **state) {
    (void)state;
    assert_int_equal(dele_quit(LOGIN_PIPELINING "C: DELE 1\nC: DELE 2\nC: QUIT\nS: +OK\nS: +OK\n"), POP3_CLIENT_CLOSED);
    assert_string_equal(told, "0:0 1:0 ");
    assert_non_null(strstr(hint(), "may be removed or not"));
    end_without_session();
    assert_int_equal(dele_quit(LOGIN "C: DELE 1\nS: +OK\nC: DELE 2\n"), POP3_CLIENT_CLOSED);
    assert_string_equal(told, "0:0 ");
    assert_string_equal(hint(), ""); /* QUIT was not sent */
    end_without_session();
}

static void who_stops_at_a_mark_ends_the_session(void **state) {
    (void)state;
    begin(LOGIN "C: DELE 1\nS: +OK\n");
    stop_at = 0;
    start();
    assert_int_equal(pop3_client_dele_quit(s.client, both, 2, done, &s), POP3_CLIENT_SINK);
    end_without_session();
    assert_false(session_sent(&s, "QUIT"));
}

static void a_mark_without_a_number_leaves_the_session(void **state) {
    static const uint32_t numbers[] = {1, 0};

    (void)state;
    begin(LOGIN_PIPELINING "C: NOOP\nS: +OK\n");
    start();
    assert_int_equal(pop3_client_dele_quit(s.client, numbers, 2, NULL, NULL), POP3_CLIENT_ARG);
    assert_int_equal(pop3_client_noop(s.client), POP3_CLIENT_OK);
    session_end(&s);
}

/* ---- Q-18 ---- */

static void a_survey_is_made_again_without_pipelining(void **state) {
    (void)state;
    begin(LOGIN_PIPELINING "C: STAT\n");
    s.server.scripts[1] = LOGIN_PIPELINING IN_TURN;
    start();
    assert_int_equal(survey(), POP3_CLIENT_OK);
    session_end(&s);
    assert_int_equal(s.server.connections, 2);
}

static void nothing_is_made_again_behind_a_mark_or_a_line(void **state) {
    (void)state;
    begin(LOGIN_PIPELINING "C: DELE 1\nS: +OK\nC: STAT\n");
    start();
    assert_int_equal(pop3_client_dele(s.client, 1), POP3_CLIENT_OK);
    assert_int_equal(survey(), POP3_CLIENT_CLOSED);
    session_end(&s);
    begin(LOGIN_PIPELINING "C: STAT\nC: LIST\n" STAT_REPLY "S: +OK\nS: 1 120\n");
    start();
    assert_int_equal(survey(), POP3_CLIENT_CLOSED);
    session_end(&s);
}

/* Numbers of one session mean nothing in the next: what to do about them is the caller's decision. */
static void the_next_session_does_without_pipelining(void **state) {
    static const uint32_t numbers[] = {1, 2};

    (void)state;
    begin(LOGIN_PIPELINING "C: RETR 1\nC: RETR 2\nS: +OK\nS: a\nS: .\nS: +OK\nS: b\n");
    s.server.scripts[1] = LOGIN_PIPELINING "C: RETR 1\nQUIET\nS: +OK\nS: a\nS: .\nC: RETR 2\nS: +OK\nS: b\nS: .\n";
    start();
    assert_int_equal(pop3_client_retr_many(s.client, numbers, 2, content, done, &s), POP3_CLIENT_CLOSED);
    assert_string_equal(told, "0:0 ");
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_OK);
    assert_int_equal(pop3_client_retr_many(s.client, numbers, 2, content, done, &s), POP3_CLIENT_OK);
    session_end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_survey_takes_one_round_trip_where_it_may),
        cmocka_unit_test(a_survey_without_uidl_has_the_rest),
        cmocka_unit_test(messages_come_in_order_and_a_refusal_is_one_messages),
        cmocka_unit_test(headers_come_in_order_and_a_refusal_is_one_messages),
        cmocka_unit_test(who_cannot_store_a_message_ends_the_session),
        cmocka_unit_test(one_number_0_and_nothing_is_sent),
        cmocka_unit_test(the_window_has_its_marks),
        cmocka_unit_test(marks_and_quit_take_one_round_trip_where_they_may),
        cmocka_unit_test(a_refused_mark_is_no_refused_quit),
        cmocka_unit_test(behind_a_lost_reply_nobody_knows),
        cmocka_unit_test(who_stops_at_a_mark_ends_the_session),
        cmocka_unit_test(a_mark_without_a_number_leaves_the_session),
        cmocka_unit_test(a_survey_is_made_again_without_pipelining),
        cmocka_unit_test(nothing_is_made_again_behind_a_mark_or_a_line),
        cmocka_unit_test(the_next_session_does_without_pipelining),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
