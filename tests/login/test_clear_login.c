/* SPDX-License-Identifier: MIT */
/*
 * Logins as dialogues: what the server says, what must be on the wire, how it ends. N-40, R-1939-18 to R-1939-20,
 * R-3206-01, R-3206-02, A-01, A-02, A-13. Knows nothing of how the engine or the digest work.
 */
#include "crypto.h"
#include "login/clear_login.h"
#include <satchel/pop3_digest.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define STAMP "<1896.697170952@dbc.mtview.ca.us>" /* RFC 1939 section 7 */
#define DIGEST "c4c9334bac560ecc979e58001b3e22fb"
#define GREETING "+OK POP3 server ready " STAMP "\r\n"
#define PLAIN_GREETING "+OK ready\r\n"
#define USER "USER mrose\r\n"
#define PASS "PASS tanstaaf\r\n"
#define APOP "APOP mrose " DIGEST "\r\n"

static const pop3_clear_login usual = {"mrose", "tanstaaf", md5, POP3_CLEAR_LOGIN_USER_PASS, POP3_TIMESTAMP_MAX};

/* ---- Playing ---- */

static struct {
    pop3_engine engine;
    pop3_event event;
    char line[512];
    char output[POP3_COMMAND_MAX];
    char wire[1024]; /* all that was sent */
    size_t sent;
} session;

static void start(void) {
    const pop3_engine_buffers buffers = {session.line, session.output, sizeof session.line, sizeof session.output};
    memset(&session, 0, sizeof session);
    pop3_engine_init(&session.engine, &buffers);
    md5_calls = 0;
}

static void send_output(void) {
    size_t n;
    const char *output = pop3_engine_output(&session.engine, &n);
    assert_true(session.sent + n < sizeof session.wire);
    memcpy(session.wire + session.sent, output, n);
    session.sent += n;
    pop3_engine_output_done(&session.engine, n);
}

static pop3_clear_login_result answer(const pop3_clear_login *login, const char *reply) {
    size_t n = strlen(reply);
    pop3_clear_login_result result;
    assert_int_equal(pop3_engine_input(&session.engine, reply, n, &session.event), n);
    result = pop3_clear_login_step(login, &session.engine, &session.event);
    send_output();
    return result;
}

/* The replies up to the one that ends the login; the last of them must be that. */
static pop3_clear_login_result play(const pop3_clear_login *login, const char *const *replies) {
    pop3_clear_login_result result = POP3_CLEAR_LOGIN_CONTINUE;
    start();
    for (; *replies != NULL; replies++) {
        assert_int_equal(result, POP3_CLEAR_LOGIN_CONTINUE);
        result = answer(login, *replies);
    }
    return result;
}

struct dialogue {
    unsigned policy;
    const char *replies[5];
    const char *wire;
    pop3_clear_login_result result;
    pop3_phase phase;
};

static void check(const struct dialogue *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        pop3_clear_login login = usual;
        login.policy = rows[i].policy;
        pop3_clear_login_result result = play(&login, rows[i].replies);
        if (result != rows[i].result || strcmp(session.wire, rows[i].wire) != 0 ||
            pop3_engine_phase(&session.engine) != rows[i].phase) {
            fail_msg("row %zu: result %d, phase %d, sent \"%s\"", i, (int)result,
                     (int)pop3_engine_phase(&session.engine), session.wire);
        }
    }
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof(rows)[0])
#define AUTHORIZATION POP3_PHASE_AUTHORIZATION
#define USER_ACCEPTED POP3_PHASE_USER_ACCEPTED
#define TRANSACTION POP3_PHASE_TRANSACTION
#define CLOSED POP3_PHASE_CLOSED
#define WITHOUT POP3_CLEAR_LOGIN_USER_PASS
#define PREFERRED POP3_CLEAR_LOGIN_APOP_PREFERRED
#define REQUIRED POP3_CLEAR_LOGIN_APOP_REQUIRED

/* ---- Policies and replies ---- */

static void test_R_1939_18_user_and_pass(void **state) {
    static const struct dialogue rows[] = {
        {WITHOUT, {PLAIN_GREETING}, USER, POP3_CLEAR_LOGIN_CONTINUE, AUTHORIZATION},
        {WITHOUT, {PLAIN_GREETING, "+OK\r\n"}, USER PASS, POP3_CLEAR_LOGIN_CONTINUE, USER_ACCEPTED},
        {WITHOUT, {PLAIN_GREETING, "+OK\r\n", "+OK locked\r\n"}, USER PASS, POP3_CLEAR_LOGIN_DONE, TRANSACTION},
        {WITHOUT, {"-ERR busy\r\n"}, "", POP3_CLEAR_LOGIN_REFUSED, CLOSED},
        {WITHOUT, {PLAIN_GREETING, "-ERR never heard of\r\n"}, USER, POP3_CLEAR_LOGIN_REFUSED, AUTHORIZATION},
        {WITHOUT, {PLAIN_GREETING, "+OK\r\n", "-ERR no\r\n"}, USER PASS, POP3_CLEAR_LOGIN_REFUSED, AUTHORIZATION},
    };
    (void)state;
    CHECK(rows);
}

/* USER_PASS asks for no digest, whatever the greeting offers: firmware without MD5 hands none in. */
static void test_N_40_no_digest_without_APOP(void **state) {
    static const char *const replies[] = {GREETING, "+OK\r\n", "+OK\r\n", NULL};
    pop3_clear_login login = usual;
    (void)state;
    login.md5 = NULL;
    login.timestamp_max = 0;
    assert_int_equal(play(&login, replies), POP3_CLEAR_LOGIN_DONE);
    assert_string_equal(session.wire, USER PASS);
}

static void test_V_APOP_apop(void **state) {
    static const struct dialogue rows[] = {
        {PREFERRED, {GREETING}, APOP, POP3_CLEAR_LOGIN_CONTINUE, AUTHORIZATION},
        {PREFERRED, {GREETING, "+OK\r\n"}, APOP, POP3_CLEAR_LOGIN_DONE, TRANSACTION},
        {REQUIRED, {GREETING, "+OK\r\n"}, APOP, POP3_CLEAR_LOGIN_DONE, TRANSACTION},
        {PREFERRED, {"+OK" STAMP " ready\r\n", "+OK\r\n"}, APOP, POP3_CLEAR_LOGIN_DONE, TRANSACTION},
        {REQUIRED, {"-ERR " STAMP "\r\n"}, "", POP3_CLEAR_LOGIN_REFUSED, CLOSED},
        {PREFERRED, {"-ERR [AUTH] " STAMP "\r\n"}, "", POP3_CLEAR_LOGIN_REFUSED, CLOSED},
    };
    (void)state;
    CHECK(rows);
}

static void test_N_40_no_timestamp(void **state) {
    static const struct dialogue rows[] = {
        {PREFERRED, {PLAIN_GREETING, "+OK\r\n", "+OK\r\n"}, USER PASS, POP3_CLEAR_LOGIN_DONE, TRANSACTION},
        {REQUIRED, {PLAIN_GREETING}, "", POP3_CLEAR_LOGIN_APOP_FAILED, AUTHORIZATION},
        {REQUIRED, {"+OK\r\n"}, "", POP3_CLEAR_LOGIN_APOP_FAILED, AUTHORIZATION},
    };
    (void)state;
    CHECK(rows);
    assert_int_equal(md5_calls, 0);
}

/* What may follow a refused digest: USER and PASS once, and APOP never again. */
static void test_N_40_a_digest_refused(void **state) {
    static const struct dialogue rows[] = {
        {PREFERRED,
         {GREETING, "-ERR no\r\n", "+OK\r\n", "+OK\r\n"},
         APOP USER PASS,
         POP3_CLEAR_LOGIN_DONE,
         TRANSACTION},
        {PREFERRED, {GREETING, "-ERR\r\n", "-ERR\r\n"}, APOP USER, POP3_CLEAR_LOGIN_REFUSED, AUTHORIZATION},
        {PREFERRED,
         {GREETING, "-ERR\r\n", "+OK\r\n", "-ERR\r\n"},
         APOP USER PASS,
         POP3_CLEAR_LOGIN_REFUSED,
         AUTHORIZATION},
        {REQUIRED, {GREETING, "-ERR no\r\n"}, APOP, POP3_CLEAR_LOGIN_APOP_FAILED, AUTHORIZATION},
        {REQUIRED, {GREETING, "-ERR [AUTH] no\r\n"}, APOP, POP3_CLEAR_LOGIN_APOP_FAILED, AUTHORIZATION},
        {REQUIRED, {GREETING, "-ERR [IN-USE] no\r\n"}, APOP, POP3_CLEAR_LOGIN_REFUSED, AUTHORIZATION},
    };
    (void)state;
    CHECK(rows);
}

/* Behind APOP the password goes out in clear only where the digest was judged: no code, or one of AUTH. */
static void test_N_40_codes(void **state) {
    static const struct {
        const char *reply;
        bool judged;
    } rows[] = {
        {"-ERR\r\n", true},
        {"-ERR \r\n", true},
        {"-ERR permission denied\r\n", true},
        {"-ERR denied [IN-USE]\r\n", true}, /* R-2449-08: a code stands first */
        {"-ERR (IN-USE)\r\n", true},
        {"-ERR [AUTH]\r\n", true},
        {"-ERR [AUTH] denied\r\n", true},
        {"-err [auth] denied\r\n", true},
        {"-ERR   [AUTH] denied\r\n", true},
        {"-ERR[AUTH]\r\n", true},
        {"-ERR [AUTH/EXPIRED] denied\r\n", true},
        {"-ERR [IN-USE] locked\r\n", false},
        {"-ERR [LOGIN-DELAY] wait\r\n", false},
        {"-ERR [SYS/TEMP] try again\r\n", false},
        {"-ERR [SYS/PERM] see the administrator\r\n", false},
        {"-ERR [UTF8]\r\n", false},
        {"-ERR [X-OTHER] x\r\n", false},
        {"-ERR [AUTHX]\r\n", false},
        {"-ERR [AUTH-TEMP]\r\n", false},
        {"-ERR [AUTH.]\r\n", false},
        {"-ERR [AUTH failed\r\n", false},
        {"-ERR [AUTH\r\n", false},
        {"-ERR [AUT]\r\n", false},
        {"-ERR []\r\n", false},
        {"-ERR [\r\n", false},
        {"-ERR [[AUTH]]\r\n", false},
    };
    pop3_clear_login login = usual;
    (void)state;
    login.policy = PREFERRED;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *const replies[] = {GREETING, rows[i].reply, NULL};
        pop3_clear_login_result result = play(&login, replies);
        if (result != (rows[i].judged ? POP3_CLEAR_LOGIN_CONTINUE : POP3_CLEAR_LOGIN_REFUSED) ||
            strcmp(session.wire, rows[i].judged ? APOP USER : APOP) != 0) {
            fail_msg("%s result %d, sent \"%s\"", rows[i].reply, (int)result, session.wire);
        }
    }
}

/* To USER and PASS a code changes nothing: -ERR ends the login, and nothing follows in another form (R-5034-10). */
static void test_R_3206_02_codes_behind_USER_and_PASS(void **state) {
    static const char *const errors[] = {"-ERR [AUTH] no\r\n", "-ERR [IN-USE] no\r\n", "-ERR [SYS/TEMP] no\r\n"};
    pop3_clear_login login = usual;
    (void)state;
    login.policy = PREFERRED;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        const char *const to_user[] = {PLAIN_GREETING, errors[i], NULL};
        const char *const to_pass[] = {PLAIN_GREETING, "+OK\r\n", errors[i], NULL};
        assert_int_equal(play(&login, to_user), POP3_CLEAR_LOGIN_REFUSED);
        assert_string_equal(session.wire, USER);
        assert_int_equal(play(&login, to_pass), POP3_CLEAR_LOGIN_REFUSED);
        assert_string_equal(session.wire, USER PASS);
    }
}

/* A greeting that says that one is logged in already is a greeting. */
static void test_A02_no_preauth(void **state) {
    static const struct dialogue rows[] = {
        {WITHOUT, {"+OK already logged in\r\n", "-ERR\r\n"}, USER, POP3_CLEAR_LOGIN_REFUSED, AUTHORIZATION},
        {REQUIRED, {"+OK mrose logged in, maildrop locked\r\n"}, "", POP3_CLEAR_LOGIN_APOP_FAILED, AUTHORIZATION},
    };
    (void)state;
    CHECK(rows);
}

/* ---- Timestamps ---- */

/* No digest is made, let alone sent, over octets that an attacker needs to make two of them collide. */
static void test_A01_timestamps_that_are_none(void **state) {
    static const char *const greetings[] = {
        "+OK <no-at-sign>\r\n", "+OK <a@b\r\n",      "+OK <a@b@c>\r\n",   "+OK <<a@b>\r\n",       "+OK <a@<b>\r\n",
        "+OK <\x80\x81@b>\r\n", "+OK <a\x01@b>\r\n", "+OK <a@b\x7f>\r\n", "+OK <a b@c>\r\n",      "+OK <@b>\r\n",
        "+OK <a@>\r\n",         "+OK <>\r\n",        "+OK >a@b<\r\n",     "+OK <\xff\xfe@b>\r\n",
    };
    pop3_clear_login login = usual;
    (void)state;
    for (size_t i = 0; i < sizeof greetings / sizeof greetings[0]; i++) {
        const char *const replies[] = {greetings[i], NULL};
        login.policy = REQUIRED;
        assert_int_equal(play(&login, replies), POP3_CLEAR_LOGIN_APOP_FAILED);
        assert_string_equal(session.wire, "");
        login.policy = PREFERRED;
        assert_int_equal(play(&login, replies), POP3_CLEAR_LOGIN_CONTINUE);
        assert_string_equal(session.wire, USER);
        assert_int_equal(md5_calls, 0);
    }
}

static void test_A01_a_timestamp_with_NUL(void **state) {
    static const char greeting[] = "+OK <a\0@b>\r\n";
    pop3_clear_login login = usual;
    (void)state;
    login.policy = REQUIRED;
    start();
    assert_int_equal(pop3_engine_input(&session.engine, greeting, sizeof greeting - 1, &session.event),
                     sizeof greeting - 1);
    assert_int_equal(pop3_clear_login_step(&login, &session.engine, &session.event), POP3_CLEAR_LOGIN_APOP_FAILED);
    assert_int_equal(md5_calls, 0);
}

/* A timestamp of `length` octets under a limit, in a greeting. */
static void with_timestamp(size_t length, unsigned limit, bool taken) {
    char greeting[1100] = "+OK <a@";
    const char *const replies[] = {greeting, NULL};
    pop3_clear_login login = usual;
    memset(greeting + 7, 'x', length - 4);
    memcpy(greeting + 7 + length - 4, ">\r\n", 4);
    login.policy = PREFERRED;
    login.timestamp_max = limit;
    assert_int_equal(play(&login, replies), POP3_CLEAR_LOGIN_CONTINUE);
    assert_int_equal(md5_calls, taken);
    assert_memory_equal(session.wire, taken ? "APOP " : "USER ", 5);
}

static void test_N_40_timestamp_limits(void **state) {
    static const unsigned limits[] = {5, 6, 32, 33, 34, 75, 254, POP3_TIMESTAMP_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        with_timestamp(limits[i], limits[i], true);
        with_timestamp(limits[i] + 1, limits[i], false);
    }
    with_timestamp(POP3_TIMESTAMP_MAX, 1000, true);
    with_timestamp(POP3_TIMESTAMP_MAX + 1, 1000, false); /* R-APOP-01 */
    with_timestamp(1024, 2000, false);
    with_timestamp(5, 0, false);
}

/* ---- Arguments ---- */

static void check_argument(const char *user, const char *secret, unsigned policy, const char *const *replies,
                           const char *wire) {
    pop3_clear_login login = usual;
    login.user = user;
    login.secret = secret;
    login.policy = policy;
    assert_int_equal(play(&login, replies), POP3_CLEAR_LOGIN_STATE);
    assert_string_equal(session.wire, wire);
    assert_int_equal(pop3_engine_in_flight(&session.engine), 0);
}

/* Each control octet in each argument, blanks in a name, and nothing at all: not an octet of it is sent. */
static void test_A13_arguments_that_may_not_be_sent(void **state) {
    static const char *const greeting[] = {GREETING, NULL}, *const accepted[] = {GREETING, "+OK\r\n", NULL};
    (void)state;
    for (int octet = 0; octet <= 0x80; octet++) {
        char text[] = "mrose";
        bool control = octet < 0x20 || octet == 0x7F;
        text[octet == 0 ? 0 : 2] = (char)octet; /* NUL makes it empty */
        if (control || octet == ' ') {
            check_argument(text, "tanstaaf", WITHOUT, greeting, "");
            check_argument(text, "tanstaaf", PREFERRED, greeting, "");
            check_argument(text, "tanstaaf", REQUIRED, greeting, "");
        }
        if (control) {
            check_argument("mrose", text, WITHOUT, accepted, USER);
        }
    }
    check_argument("mrose\r\nDELE 1", "tanstaaf", PREFERRED, greeting, "");
    check_argument("mrose", "tanstaaf\r\nDELE 1\r\n", WITHOUT, accepted, USER);
}

static void test_R_1939_18_blanks_in_a_password(void **state) {
    static const char *const replies[] = {PLAIN_GREETING, "+OK\r\n", "+OK\r\n", NULL};
    pop3_clear_login login = usual;
    (void)state;
    login.secret = " two  blanks ";
    assert_int_equal(play(&login, replies), POP3_CLEAR_LOGIN_DONE);
    assert_string_equal(session.wire, USER "PASS  two  blanks \r\n");
}

/* A name that APOP's line cannot hold does not go out as USER instead: nothing was refused by the server. */
static void test_R_1939_04_lengths(void **state) {
    static const char *const greeting[] = {GREETING, NULL}, *const plain[] = {PLAIN_GREETING, NULL};
    static const char *const accepted[] = {PLAIN_GREETING, "+OK\r\n", NULL};
    char text[260];
    (void)state;
    for (size_t length = 214; length < 260; length++) {
        pop3_clear_login login = usual;
        memset(text, 'u', length);
        text[length] = '\0';
        login.user = text;
        login.policy = PREFERRED;
        assert_int_equal(play(&login, greeting), length <= 215 ? POP3_CLEAR_LOGIN_CONTINUE : POP3_CLEAR_LOGIN_STATE);
        assert_int_equal(session.sent, length <= 215 ? 5 + length + 1 + POP3_APOP_HEX + 2 : 0);
        assert_int_equal(play(&login, plain), length <= 248 ? POP3_CLEAR_LOGIN_CONTINUE : POP3_CLEAR_LOGIN_STATE);
        assert_int_equal(session.sent, length <= 248 ? 5 + length + 2 : 0);
        login = usual;
        login.secret = text;
        assert_int_equal(play(&login, accepted), length <= 248 ? POP3_CLEAR_LOGIN_CONTINUE : POP3_CLEAR_LOGIN_STATE);
        assert_int_equal(session.sent, strlen(USER) + (length <= 248 ? 5 + length + 2 : 0));
    }
}

/* ---- The engine in another phase ---- */

static void give_up(void) {
    pop3_engine_abort(&session.engine, POP3_IO);
}

static void close_connection(void) {
    pop3_engine_eof(&session.engine);
}

static void send_command(void) {
    assert_int_equal(pop3_engine_command(&session.engine, POP3_CAPA, NULL, 0), POP3_SUCCESS);
}

static void quit(void) {
    assert_int_equal(pop3_engine_command(&session.engine, POP3_QUIT, NULL, 0), POP3_SUCCESS);
}

/* The session ended, or somebody else used it, between the event and the step: nothing is sent, for any policy. */
static void test_R_1939_02_the_session_is_over(void **state) {
    static void (*const events[])(void) = {give_up, close_connection, quit};
    (void)state;
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        for (unsigned policy = WITHOUT; policy <= PREFERRED; policy++) {
            pop3_clear_login login = usual;
            login.policy = policy;
            start();
            assert_int_equal(pop3_engine_input(&session.engine, GREETING, strlen(GREETING), &session.event),
                             strlen(GREETING));
            pop3_event greeting = session.event;
            events[i]();
            send_output();
            session.sent = 0;
            assert_int_equal(pop3_clear_login_step(&login, &session.engine, &greeting), POP3_CLEAR_LOGIN_STATE);
            send_output();
            assert_int_equal(session.sent, 0);
        }
    }
}

/* Behind another command without barrier the login goes on: a host sends CAPA in the same write. */
static void test_R_2449_12_behind_CAPA(void **state) {
    (void)state;
    start();
    assert_int_equal(pop3_engine_input(&session.engine, GREETING, strlen(GREETING), &session.event), strlen(GREETING));
    pop3_event greeting = session.event;
    send_command();
    assert_int_equal(pop3_clear_login_step(&usual, &session.engine, &greeting), POP3_CLEAR_LOGIN_CONTINUE);
    send_output();
    assert_string_equal(session.wire, "CAPA\r\n" USER);
}

/* An OK in phase AUTHORIZATION that is not PASS's: PASS is not sent there. */
static void test_R_1939_18_pass_only_behind_user(void **state) {
    pop3_event event = {.type = POP3_EVENT_OK, .verb = POP3_USER};
    (void)state;
    start();
    assert_int_equal(pop3_engine_input(&session.engine, PLAIN_GREETING, strlen(PLAIN_GREETING), &session.event),
                     strlen(PLAIN_GREETING));
    assert_int_equal(pop3_clear_login_step(&usual, &session.engine, &event), POP3_CLEAR_LOGIN_STATE);
    send_output();
    assert_int_equal(session.sent, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R_1939_18_user_and_pass),
        cmocka_unit_test(test_N_40_no_digest_without_APOP),
        cmocka_unit_test(test_V_APOP_apop),
        cmocka_unit_test(test_N_40_no_timestamp),
        cmocka_unit_test(test_N_40_a_digest_refused),
        cmocka_unit_test(test_N_40_codes),
        cmocka_unit_test(test_R_3206_02_codes_behind_USER_and_PASS),
        cmocka_unit_test(test_A02_no_preauth),
        cmocka_unit_test(test_A01_timestamps_that_are_none),
        cmocka_unit_test(test_A01_a_timestamp_with_NUL),
        cmocka_unit_test(test_N_40_timestamp_limits),
        cmocka_unit_test(test_A13_arguments_that_may_not_be_sent),
        cmocka_unit_test(test_R_1939_18_blanks_in_a_password),
        cmocka_unit_test(test_R_1939_04_lengths),
        cmocka_unit_test(test_R_1939_02_the_session_is_over),
        cmocka_unit_test(test_R_2449_12_behind_CAPA),
        cmocka_unit_test(test_R_1939_18_pass_only_behind_user),
    };
    return cmocka_run_group_tests_name("clear login", tests, NULL, NULL);
}
