/* SPDX-License-Identifier: MIT */
/* Sessions of the client library in clear: what each command gives, what it does with refusals and broken replies. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "session.h"

static struct session s;

static void open_session(const char *script) {
    session_begin(&s, script);
    session_start(&s);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_OK);
}

static const pop3_client_error *last(void) {
    return pop3_client_last_error(s.client);
}

static void all_commands_give_what_the_server_says(void **state) {
    uint32_t count = 0;
    uint64_t octets = 0;

    (void)state;
    open_session(LOGIN "C: STAT\nS: +OK 2 320\n"
                       "C: LIST\nS: +OK\nS: 1 120\nS: 2 200\nS: .\n"
                       "C: LIST 2\nS: +OK 2 200\n"
                       "C: UIDL\nS: +OK\nS: 1 whqtswO00WBw418f9t5JxYwZ\nS: 2 b\nS: .\n"
                       "C: UIDL 1\nS: +OK 1 a\n"
                       "C: TOP 1 0\nS: +OK\nS: Subject: x\nS: \nS: .\n"
                       "C: RETR 1\nS: +OK\nS: a\nS: ..b\nS: .\n"
                       "C: DELE 1\nS: +OK\nC: RSET\nS: +OK\nC: NOOP\nS: +OK\nC: QUIT\nS: +OK bye\n");
    assert_string_equal(pop3_client_mechanism(s.client), "PLAIN");
    assert_int_equal(pop3_client_capabilities(s.client), POP3_CAPABILITY_SASL);
    assert_int_equal(pop3_client_stat(s.client, &count, &octets), POP3_CLIENT_OK);
    assert_int_equal(count, 2);
    assert_int_equal(octets, 320);
    assert_int_equal(pop3_client_list(s.client, 0, session_size, &s), POP3_CLIENT_OK);
    assert_int_equal(pop3_client_list(s.client, 2, session_size, &s), POP3_CLIENT_OK);
    assert_int_equal(pop3_client_uidl(s.client, 0, session_uid, &s), POP3_CLIENT_OK);
    assert_int_equal(pop3_client_uidl(s.client, 1, session_uid, &s), POP3_CLIENT_OK);
    assert_string_equal(s.listing, "1:120 2:200 2:200 1:whqtswO00WBw418f9t5JxYwZ 2:b 1:a ");
    assert_int_equal(pop3_client_top(s.client, 1, 0, session_sink, &s), POP3_CLIENT_OK);
    assert_string_equal(s.content, "Subject: x\r\n\r\n");
    s.content_length = 0;
    assert_int_equal(pop3_client_retr(s.client, 1, session_sink, &s), POP3_CLIENT_OK);
    assert_string_equal(s.content, "a\r\n.b\r\n");
    assert_int_equal(pop3_client_dele(s.client, 1), POP3_CLIENT_OK);
    assert_int_equal(pop3_client_rset(s.client), POP3_CLIENT_OK);
    assert_int_equal(pop3_client_noop(s.client), POP3_CLIENT_OK);
    assert_int_equal(pop3_client_quit(s.client), POP3_CLIENT_OK);
    assert_int_equal(pop3_client_quit(s.client), POP3_CLIENT_STATE);
    assert_int_equal(pop3_client_noop(s.client), POP3_CLIENT_STATE);
    session_end(&s);
}

static void the_trace_has_every_line_and_no_secret(void **state) {
    (void)state;
    open_session("S: +OK ready\nC: CAPA\nS: -ERR what\n"
                 "C: USER mrose\nS: +OK\nC: PASS " PASSWORD "\nS: +OK hello, " PASSWORD "!\n"
                 "C: RETR 1\nS: +OK\nS: secret " PASSWORD "\nS: .\nC: QUIT\nS: +OK\n");
    assert_int_equal(pop3_client_retr(s.client, 1, session_sink, &s), POP3_CLIENT_OK);
    assert_int_equal(pop3_client_quit(s.client), POP3_CLIENT_OK);
    assert_string_equal(s.trace, "S: +OK ready\nC: CAPA\nS: -ERR what\nC: USER mrose\nS: +OK\nC: PASS ***\n"
                                 "S: +OK hello, ***!\nC: RETR 1\nS: +OK\nS: (24 octets)\nS: .\nC: QUIT\nS: +OK\n");
    session_end(&s);
}

static void answers_to_challenges_are_not_traced(void **state) {
    (void)state;
    session_begin(&s, "S: +OK ready\nC: CAPA\nS: +OK\nS: SASL LOGIN\nS: .\nC: AUTH LOGIN\nS: + VXNlcm5hbWU6\n"
                      "C: bXJvc2U=\nS: + UGFzc3dvcmQ6\nC: dGFuc3RhYWYtY2FuYXJ5\nS: +OK\nC: NOOP\nS: +OK\n");
    s.options.auth = "cram-md5 login";
    session_start(&s);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_OK);
    assert_int_equal(pop3_client_noop(s.client), POP3_CLIENT_OK);
    assert_string_equal(s.trace, "S: +OK ready\nC: CAPA\nS: +OK\nS: SASL LOGIN\nS: .\nC: AUTH LOGIN\nS: + ***\nC: ***\n"
                                 "S: + ***\nC: ***\nS: +OK\nC: NOOP\nS: +OK\n");
    session_end(&s);
}

static void a_refusal_is_told_and_the_session_goes_on(void **state) {
    (void)state;
    open_session(LOGIN "C: RETR 7\nS: -ERR no such message\nC: DELE 1\nS: -ERR [SYS/TEMP] later\nC: STAT\nS: -ERR\n"
                       "C: NOOP\nS: +OK\nC: QUIT\nS: -ERR some deleted messages not removed\n");
    assert_int_equal(pop3_client_retr(s.client, 7, session_sink, &s), POP3_CLIENT_REFUSED);
    assert_int_equal(s.content_length, 0);
    assert_string_equal(last()->what, "127.0.0.1 refused RETR 7");
    assert_string_equal(last()->server, "no such message");
    assert_int_equal(pop3_client_dele(s.client, 1), POP3_CLIENT_BUSY);
    assert_int_equal(last()->code, POP3_CODE_SYS_TEMP);
    assert_int_equal(pop3_client_stat(s.client, NULL, NULL), POP3_CLIENT_REFUSED);
    assert_string_equal(last()->server, "");
    assert_int_equal(pop3_client_noop(s.client), POP3_CLIENT_OK);
    assert_string_equal(last()->what, "");
    assert_int_equal(pop3_client_quit(s.client), POP3_CLIENT_REFUSED);
    assert_true(last()->hint[0] != '\0');
    session_end(&s);
}

/* ESC, CSI as C1 in UTF-8 and as an octet, U+202E, DEL, overlong and cut UTF-8; what is harmless stays. */
static void the_servers_words_are_made_safe(void **state) {
    (void)state;
    open_session(LOGIN
                 "C: NOOP\nS: -ERR \x1b]0;x\xc2\x9b\x9b \xe2\x80\xae\x7f \xc0\xaf gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80 "
                 "\xed\xa0\x80 \xe2\x80\nC: NOOP\nS: -ERR \x80 " PASSWORD "\n");
    assert_int_equal(pop3_client_noop(s.client), POP3_CLIENT_REFUSED);
    assert_string_equal(last()->server, "\\x1B]0;x\\xC2\\x9B\\x9B \\xE2\\x80\\xAE\\x7F \\xC0\\xAF gr\xc3\xbc\xc3\x9f "
                                        "\xf0\x9f\x98\x80 \\xED\\xA0\\x80 \\xE2\\x80");
    assert_int_equal(pop3_client_noop(s.client), POP3_CLIENT_REFUSED);
    assert_string_equal(last()->server, "\\x80 ***");
    session_end(&s);
}

static void a_listing_with_a_broken_line_is_read_to_its_end(void **state) {
    (void)state;
    open_session(LOGIN "C: LIST\nS: +OK\nS: 1 120\nS: x\nS: 3 5\nS: .\nC: UIDL\nS: +OK\nS: 1\nS: 0 a\nS: .\n"
                       "C: STAT\nS: +OK many\nC: NOOP\nS: +OK\n");
    assert_int_equal(pop3_client_list(s.client, 0, session_size, &s), POP3_CLIENT_PROTOCOL);
    assert_string_equal(s.listing, "1:120 3:5 ");
    assert_string_equal(last()->server, "x");
    assert_int_equal(pop3_client_uidl(s.client, 0, session_uid, &s), POP3_CLIENT_PROTOCOL);
    assert_string_equal(s.listing, "1:120 3:5 1: ");
    assert_int_equal(pop3_client_stat(s.client, NULL, NULL), POP3_CLIENT_PROTOCOL);
    assert_string_equal(last()->server, "many");
    assert_int_equal(pop3_client_noop(s.client), POP3_CLIENT_OK);
    session_end(&s);
}

static void a_listing_can_be_stopped(void **state) {
    (void)state;
    open_session(LOGIN "C: LIST\nS: +OK\nS: 1 120\nS: 2 5\nS: .\nC: NOOP\nS: +OK\n");
    s.say = 1;
    assert_int_equal(pop3_client_list(s.client, 0, session_size, &s), POP3_CLIENT_SINK);
    assert_string_equal(s.listing, "1:120 ");
    assert_int_equal(pop3_client_noop(s.client), POP3_CLIENT_OK);
    session_end(&s);
}

static void message_number_0_is_refused_here(void **state) {
    (void)state;
    open_session(LOGIN "C: NOOP\nS: +OK\n");
    assert_int_equal(pop3_client_retr(s.client, 0, session_sink, &s), POP3_CLIENT_ARG);
    assert_int_equal(pop3_client_dele(s.client, 0), POP3_CLIENT_ARG);
    assert_int_equal(pop3_client_top(s.client, 0, 1, session_sink, &s), POP3_CLIENT_ARG);
    assert_int_equal(pop3_client_noop(s.client), POP3_CLIENT_OK);
    session_end(&s);
}

/* R-1939-25 */
static void no_quit_follows_a_message_that_was_not_stored(void **state) {
    (void)state;
    open_session(LOGIN "C: RETR 1\nS: +OK\nS: abc\nS: .\n");
    s.say = -1;
    assert_int_equal(pop3_client_retr(s.client, 1, session_sink, &s), POP3_CLIENT_SINK);
    assert_int_equal(pop3_client_quit(s.client), POP3_CLIENT_STATE);
    session_end(&s);
    assert_false(session_sent(&s, "QUIT"));
}

static void a_message_goes_into_a_descriptor(void **state) {
    char got[16] = {0};
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    open_session(LOGIN "C: RETR 1\nS: +OK\nS: abc\nS: .\nC: RETR 1\nS: +OK\nS: abc\nS: .\n");
    assert_int_equal(pop3_client_retr_fd(s.client, 1, ends[1]), POP3_CLIENT_OK);
    assert_int_equal(read(ends[0], got, sizeof got), 5);
    assert_string_equal(got, "abc\r\n");
    assert_int_equal(pop3_client_retr_fd(s.client, 1, ends[0]), POP3_CLIENT_SINK);
    assert_int_equal(last()->code, EBADF);
    session_end(&s);
    assert_false(session_sent(&s, "QUIT"));
    close(ends[0]);
    close(ends[1]);
}

/* F-03 */
static void what_nobody_asked_for_answers_nothing(void **state) {
    (void)state;
    open_session(LOGIN "C: NOOP\nS: +OK\nS: +OK 1 100\nC: *\nS: +OK\n");
    assert_int_equal(pop3_client_noop(s.client), POP3_CLIENT_OK);
    assert_int_equal(pop3_client_stat(s.client, NULL, NULL), POP3_CLIENT_PROTOCOL);
    assert_int_equal(pop3_client_quit(s.client), POP3_CLIENT_STATE);
    session_end(&s);
    assert_false(session_sent(&s, "STAT"));
}

static void close_says_nothing(void **state) {
    (void)state;
    open_session(LOGIN "C: DELE 1\nS: +OK\n");
    assert_int_equal(pop3_client_dele(s.client, 1), POP3_CLIENT_OK);
    pop3_client_close(s.client);
    assert_int_equal(pop3_client_noop(s.client), POP3_CLIENT_STATE);
    session_end(&s);
    assert_false(session_sent(&s, "QUIT"));
}

static void what_depends_on_the_user_is_asked_again(void **state) {
    (void)state;
    open_session("S: +OK ready\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: EXPIRE 30 USER\nS: LOGIN-DELAY 60 USER\nS: .\n"
                 "C: AUTH PLAIN AG1yb3NlAHRhbnN0YWFmLWNhbmFyeQ==\nS: +OK in\n"
                 "C: CAPA\nS: +OK\nS: EXPIRE 0\nS: LOGIN-DELAY 120\nS: TOP\nS: .\n");
    assert_int_equal(pop3_client_expire(s.client), 0);
    assert_int_equal(pop3_client_login_delay(s.client), 120);
    assert_true((pop3_client_capabilities(s.client) & POP3_CAPABILITY_TOP) != 0);
    session_end(&s);
}

static void credentials_beyond_ascii_are_prepared(void **state) {
    (void)state;
    session_begin(&s, "S: +OK\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: .\n"
                      "C: AUTH PLAIN AGlYAGEx\nS: +OK\n"); /* RFC 4013: the soft hyphen goes, superscript 1 is 1 */
    s.options.user = "i\xc2\xadX";
    s.options.password = "a\xc2\xb9";
    session_start(&s);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_OK);
    session_end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_commands_give_what_the_server_says),
        cmocka_unit_test(the_trace_has_every_line_and_no_secret),
        cmocka_unit_test(answers_to_challenges_are_not_traced),
        cmocka_unit_test(a_refusal_is_told_and_the_session_goes_on),
        cmocka_unit_test(the_servers_words_are_made_safe),
        cmocka_unit_test(a_listing_with_a_broken_line_is_read_to_its_end),
        cmocka_unit_test(a_listing_can_be_stopped),
        cmocka_unit_test(message_number_0_is_refused_here),
        cmocka_unit_test(no_quit_follows_a_message_that_was_not_stored),
        cmocka_unit_test(a_message_goes_into_a_descriptor),
        cmocka_unit_test(what_nobody_asked_for_answers_nothing),
        cmocka_unit_test(close_says_nothing),
        cmocka_unit_test(what_depends_on_the_user_is_asked_again),
        cmocka_unit_test(credentials_beyond_ascii_are_prepared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
