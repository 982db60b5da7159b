/* SPDX-License-Identifier: MIT */
/*
 * The edges: lengths, credentials that cannot be sent, UTF8, long replies, calls out of turn, what is left in memory.
 */
#include "client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto.h"

static client self;

static void play(const char *script) {
    client_play(&self, "script", script, 0);
}

static void check_outcome(const char *outcome) {
    assert_string_equal(client_outcome(&self), outcome);
}

#define HELLO "S: +OK ready\n"
#define PLAIN_ANNOUNCED "S: +OK ready\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: .\n"
#define USER_ONLY "S: +OK ready\nC: CAPA\nS: -ERR\n"

/* ---- Initial responses ---- */

/* Octets of the mechanism's message without user and secret; room for base64 as R-5034-04 counts it. */
static const struct form {
    const pop3_sasl_mechanism *mechanism;
    unsigned flags;
    size_t fixed, room;
} forms[] = {
    {&pop3_sasl_plain, 0, 2, 242},
    {&pop3_sasl_xoauth2, TOKEN | ONE_STEP, sizeof "user=^auth=Bearer ^^" - 1, 240},
    {&pop3_sasl_oauthbearer, TOKEN | ONE_STEP, sizeof "n,a=,^host=mail.example.org^port=995^auth=Bearer ^^" - 1, 236},
    {&pop3_sasl_scram_sha_256_plus, BINDING, sizeof "p=tls-exporter,,n=,r=fyko+d2lbbFgONRv9qkxdawL" - 1, 229},
};

static void check_length(const struct form *form, size_t length) {
    char user[300] = "";
    const char *secret = (form->flags & TOKEN) != 0 ? "tok3n" : (form->flags & BINDING) != 0 ? "" : "pencil";
    size_t base64 = (form->fixed + length + strlen(secret) + 2) / 3 * 4;
    char script[80];

    memset(user, 'u', length);
    client_begin(&self, form->flags, LIST(form->mechanism));
    self.credentials.user = user;
    snprintf(script, sizeof script, HELLO "C: CAPA\nS: +OK\nS: SASL %s\nS: .\n", form->mechanism->name);
    self.expected = self.sent;
    client_lines(&self, "+OK\r\n+OK\r\nSASL ", 15);
    client_take(&self, form->mechanism->name, strlen(form->mechanism->name), 0);
    client_lines(&self, "\r\n.\r\n", 5);
    assert_int_equal(self.result, POP3_LOGIN_CONTINUE);
    assert_true(self.sent - strlen("CAPA\r\n") <= POP3_COMMAND_MAX);
    assert_int_equal(self.login.two_step, base64 > form->room);
    assert_int_equal(self.sent, strlen("CAPA\r\nAUTH \r\n") + strlen(form->mechanism->name) +
                                    (base64 > form->room ? 0 : 1 + base64));
}

static void test_R_5034_04_every_length(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        for (size_t length = 1; length < 290; length++) {
            check_length(&forms[i], length);
        }
    }
}

/* A token of 3,000 octets goes behind an empty challenge, whole. */
static void test_R_5034_08_long_tokens(void **state) {
    static char token[3001];
    (void)state;
    memset(token, 't', sizeof token - 1);
    client_begin(&self, TOKEN | ONE_STEP, NULL);
    self.credentials.token = token;
    play(HELLO "C: CAPA\nS: +OK\nS: SASL XOAUTH2\nS: .\nC: AUTH XOAUTH2\n");
    client_take(&self, "+ \r\n", 4, 0);
    assert_int_equal(self.sent - self.expected, (sizeof "user=user^auth=Bearer ^^" - 1 + 3000 + 2) / 3 * 4 + 2);
    self.expected = self.sent;
    play("S: +OK\n");
    check_outcome("DONE XOAUTH2 secret");
}

/* ---- Credentials that cannot be sent ---- */

static void test_R_1939_04_lengths_of_USER_and_PASS(void **state) {
    char text[300];
    (void)state;
    for (size_t length = 240; length < 260; length++) {
        memset(text, 'x', length);
        text[length] = '\0';
        client_begin(&self, 0, NULL);
        self.credentials.password = text;
        client_lines(&self, "+OK\r\n-ERR\r\n+OK\r\n", 16);
        if (length > 248) {
            check_outcome("FAILED LOCAL (credentials) USER quit");
            assert_int_equal(self.sent, strlen("CAPA\r\n"));
        } else {
            assert_int_equal(self.sent, strlen("CAPA\r\nUSER user\r\nPASS \r\n") + length);
        }
        client_begin(&self, 0, NULL);
        self.credentials.user = text;
        client_lines(&self, "+OK\r\n-ERR\r\n", 11);
        assert_int_equal(self.sent, strlen("CAPA\r\n") + (length > 248 ? 0 : strlen("USER \r\n") + length));
    }
}

static void test_R_1939_04_lengths_of_APOP(void **state) {
    char user[300];
    (void)state;
    for (size_t length = 210; length < 220; length++) {
        memset(user, 'x', length);
        user[length] = '\0';
        client_begin(&self, OFF, NULL);
        self.credentials.user = user;
        client_lines(&self, "+OK <1@a>\r\n-ERR\r\n", 17);
        if (length > 255 - strlen("APOP  \r\n") - 32) {
            check_outcome("FAILED LOCAL (credentials) APOP quit");
            client_sent_nothing(&self);
        } else {
            assert_int_equal(self.sent, strlen("CAPA\r\nAPOP  \r\n") + length + 32);
        }
    }
}

/* each control octet in each place, with each mechanism; and what is not there at all. */
static void test_A_13_not_an_octet_is_sent(void **state) {
    static const struct {
        const pop3_sasl_mechanism *mechanism;
        unsigned flags;
    } rows[] = {
        {&pop3_login_user_pass, 0},      {&pop3_login_apop, OFF},     {&pop3_sasl_plain, 0},
        {&pop3_sasl_login, 0},           {&pop3_sasl_cram_md5, OFF},  {&pop3_sasl_scram_sha_1, 0},
        {&pop3_sasl_oauthbearer, TOKEN}, {&pop3_sasl_xoauth2, TOKEN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int octet = 0; octet < 0x20; octet++) {
            for (int place = 0; place < 2; place++) {
                char text[] = "ab";
                text[octet == 0 ? 0 : 1] = (char)octet;
                client_begin(&self, rows[i].flags | CHOSEN, LIST(rows[i].mechanism));
                if (place == 0) {
                    self.credentials.user = text;
                } else if ((rows[i].flags & TOKEN) != 0) {
                    self.credentials.token = text;
                } else {
                    self.credentials.password = text;
                }
                client_lines(&self, "+OK <1@a>\r\n-ERR\r\n", 17);
                assert_int_equal(self.result, POP3_LOGIN_FAILED);
                assert_int_equal(self.login.failure, POP3_FAILURE_LOCAL);
                assert_int_equal(self.login.sasl, POP3_SASL_CREDENTIALS);
                assert_string_equal(self.login.mechanism->name, rows[i].mechanism->name);
                client_sent_nothing(&self);
            }
        }
    }
}

static void test_local_failures(void **state) {
    (void)state;
    client_begin(&self, 0, LIST(&pop3_login_user_pass));
    self.credentials.user = NULL;
    play(USER_ONLY);
    check_outcome("FAILED LOCAL (credentials) USER quit");

    client_begin(&self, 0, LIST(&pop3_login_user_pass)); /* it would open another maildrop */
    self.credentials.authzid = "shared";
    play(USER_ONLY);
    check_outcome("FAILED LOCAL (credentials) USER quit");

    client_begin(&self, 0, LIST(&pop3_login_user_pass));
    self.credentials.authzid = "";
    play(USER_ONLY "C: USER user\n");

    client_begin(&self, OFF, LIST(&pop3_login_apop));
    self.crypto.md5 = NULL;
    play("S: +OK <1@a>\nC: CAPA\nS: -ERR\n");
    check_outcome("FAILED LOCAL (crypto) APOP quit");

    client_begin(&self, OFF, LIST(&pop3_login_apop));
    self.options.crypto = NULL;
    play("S: +OK <1@a>\nC: CAPA\nS: -ERR\n");
    check_outcome("FAILED LOCAL (crypto) APOP quit");

    client_begin(&self, 0, NULL);
    self.options.size = 8;
    play(PLAIN_ANNOUNCED);
    check_outcome("FAILED LOCAL (space) PLAIN quit");
}

/* What cannot be sent by one mechanism may by another; the first failure is what is told in the end. */
static void test_R_AUTH_01_past_what_cannot_be_done(void **state) {
    (void)state;
    client_begin(&self, 0, NULL);
    self.crypto.random = NULL;
    play(HELLO "C: CAPA\nS: +OK\nS: SASL SCRAM-SHA-256 PLAIN\nS: .\nC: AUTH PLAIN AHVzZXIAcGVuY2ls\nS: +OK\n");
    check_outcome("DONE PLAIN secret");

    client_begin(&self, 0, NULL);
    self.crypto.random = NULL;
    play(HELLO "C: CAPA\nS: +OK\nS: SASL SCRAM-SHA-256\nS: USER\nS: .\nC: USER user\nS: -ERR no\n");
    check_outcome("FAILED UNCLEAR USER quit");

    client_begin(&self, 0, NULL);
    self.credentials.authzid = "shared";
    play(HELLO "C: CAPA\nS: +OK\nS: SASL PLAIN\nS: USER\nS: .\nC: AUTH PLAIN c2hhcmVkAHVzZXIAcGVuY2ls\nS: -ERR no\n");
    check_outcome("FAILED UNCLEAR PLAIN secret quit");

    client_begin(&self, 0, NULL);
    self.crypto.random = NULL;
    self.credentials.authzid = "shared";
    play(HELLO "C: CAPA\nS: +OK\nS: SASL SCRAM-SHA-256\nS: USER\nS: .\n");
    check_outcome("FAILED LOCAL (crypto) SCRAM-SHA-256 quit");
}

/* ---- UTF8 ---- */

#define NAME "j\xC3\xBCrgen"
#define UTF8_USER "S: +OK <1@a>\nC: CAPA\nS: +OK\nS: USER\nS: UTF8 USER\nS: .\n"

static void begin_utf8(unsigned flags, bool prepared, const pop3_sasl_mechanism *const *list) {
    client_begin(&self, flags, list);
    self.credentials.user = NAME;
    self.credentials.prepared = prepared;
}

static void test_R_6856_01_UTF8_where_it_is_needed(void **state) {
    (void)state;
    begin_utf8(0, true, NULL);
    play(UTF8_USER "C: UTF8\nS: +OK\nC: USER " NAME "\nS: +OK\nC: PASS pencil\nS: +OK\n");
    check_outcome("DONE USER secret");

    client_begin(&self, 0, NULL);
    self.credentials.password = NAME;
    self.credentials.prepared = true;
    play(UTF8_USER "C: UTF8\nS: +OK\nC: USER user\nS: +OK\nC: PASS " NAME "\nS: +OK\n");
    check_outcome("DONE USER secret");

    begin_utf8(OFF, true, NULL);
    play(UTF8_USER "C: UTF8\nS: +OK\nC: APOP " NAME " 0451e607ed6df8a637cdcdc85dca66b8\n");

    client_begin(&self, 0, NULL); /* ASCII needs none */
    play(UTF8_USER "C: USER user\n");

    begin_utf8(CHOSEN, true, LIST(&pop3_login_user_pass, &pop3_login_apop)); /* once */
    play(UTF8_USER "C: UTF8\nS: +OK\nC: USER " NAME "\nS: -ERR\n"
                   "C: APOP " NAME " 0451e607ed6df8a637cdcdc85dca66b8\n");

    begin_utf8(0, true, NULL); /* AUTH carries it as it is */
    play(PLAIN_ANNOUNCED "C: AUTH PLAIN AGrDvHJnZW4AcGVuY2ls\nS: +OK\n");
    check_outcome("DONE PLAIN secret");
}

static void test_R_6856_02_non_ASCII_is_not_sent(void **state) {
    (void)state;
    begin_utf8(0, false, NULL); /* no SASLprep */
    play(UTF8_USER);
    check_outcome("FAILED LOCAL (credentials) USER quit");
    client_sent_nothing(&self);

    begin_utf8(0, true, NULL); /* UTF8, but not for names */
    play(HELLO "C: CAPA\nS: +OK\nS: USER\nS: UTF8\nS: UTF8X USER\nS: .\n");
    check_outcome("FAILED LOCAL (credentials) USER quit");

    begin_utf8(0, true, NULL);
    self.credentials.user = "\x80";
    play(USER_ONLY);
    check_outcome("FAILED LOCAL (credentials) USER quit");

    begin_utf8(0, true, NULL);
    play(USER_ONLY);
    check_outcome("FAILED LOCAL (credentials) USER quit");

    begin_utf8(0, true, NULL); /* W-04 */
    play(UTF8_USER "C: UTF8\nS: -ERR not now\n");
    check_outcome("FAILED LOCAL (credentials) USER quit");

    begin_utf8(0, true, NULL);
    play(UTF8_USER "C: UTF8\nEOF\n");
    check_outcome("FAILED CLOSED USER");
}

/* ---- CAPA ---- */

static void take_capa(unsigned lines) {
    client_begin(&self, 0, NULL);
    play(HELLO "C: CAPA\nS: +OK\n");
    for (unsigned i = 0; i < lines; i++) {
        client_take(&self, "X-SOMETHING\r\n", 13, 0);
    }
}

static void test_R_2449_19_lines_of_CAPA(void **state) {
    (void)state;
    take_capa(POP3_CAPA_MAX);
    play("S: .\nC: USER user\n");
    take_capa(POP3_CAPA_MAX + 1);
    check_outcome("FAILED PROTOCOL -");
    assert_int_equal(pop3_engine_phase(&self.engine), POP3_PHASE_FAILED);
    client_sent_nothing(&self);
}

/* A word at which line[] ended may be the start of another: SCRAM-SHA-1-PLUS is no SCRAM-SHA-1. */
static void test_lines_that_were_cut(void **state) {
    const pop3_engine_buffers buffers = {self.line, self.output, 48, sizeof self.output};
    (void)state;
    client_begin(&self, 0, NULL);
    pop3_engine_init(&self.engine, &buffers);
    play(HELLO "C: CAPA\nS: +OK\nS: SASL PLAIN                           SCRAM-SHA-1-PLUS\nS: .\n"
               "C: AUTH PLAIN AHVzZXIAcGVuY2ls\n");
    check_outcome("CONTINUE PLAIN secret");
    assert_int_equal(self.login.announced, 1U << 9); /* of pop3_login_all_mechanisms */
}

/* USER and APOP are no SASL mechanisms, whoever says so. */
static void test_R_2449_05_what_is_not_announced_by_SASL(void **state) {
    (void)state;
    client_begin(&self, OFF | LOOPBACK, NULL);
    play("S: +OK <a@b@c>\nC: CAPA\nS: +OK\nS: SASL USER APOP\nS: .\n");
    assert_int_equal(self.login.announced, 0);
    check_outcome("FAILED NO_MECHANISM - quit");
}

/* line[] of 48 octets: every challenge of SCRAM comes in parts. */
static void test_R_5034_08_challenges_in_parts(void **state) {
    const pop3_engine_buffers buffers = {self.line, self.output, 48, sizeof self.output};
    (void)state;
    client_begin(&self, 0, NULL);
    pop3_engine_init(&self.engine, &buffers);
    play(HELLO
         "C: CAPA\nS: +OK\nS: SASL SCRAM-SHA-1\nS: .\nC: AUTH SCRAM-SHA-1 "
         "biwsbj11c2VyLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdM\n"
         "S: + cj1meWtvK2QybGJiRmdPTlJ2OXFreGRhd0wzcmZjTkhZSlkxWlZ2V1ZzN2oscz1RU1hDUitRNnNlazhiZjkyLGk9NDA5Ng==\n"
         "C: Yz1iaXdzLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdMM3JmY05IWUpZMVpWdldWczdqLHA9djBYOHYzQnoyVDBDSkdiSlF5RjBYK0hJ"
         "NFRzPQ==\nS: + dj1ybUY5cHFWOFM3c3VBb1pXamE0ZEpSa0ZzS1E9\nC: \nS: +OK\n");
    check_outcome("DONE SCRAM-SHA-1 secret");

    client_begin(&self, 0, NULL); /* too long for the buffer in the middle: what follows is skipped, then "*" */
    pop3_engine_init(&self.engine, &buffers);
    self.options.size = 80;
    play(HELLO
         "C: CAPA\nS: +OK\nS: SASL SCRAM-SHA-1\nS: .\nC: AUTH SCRAM-SHA-1 "
         "biwsbj11c2VyLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdM\n"
         "S: + "
         "cj1meWtvK2QybGJiRmdPTlJ2OXFreGRhd0wzcmZjTkhZSlkxWlZ2V1ZzN2oscz1RU1hDUitRNnNlazhiZjkyLGk9NDA5NjAwMDAwMDAw\n"
         "C: *\nS: -ERR\n");
    check_outcome("FAILED LOCAL (space) SCRAM-SHA-1 quit");
}

static void test_R_2449_10_R_2449_16_numbers(void **state) {
    static const struct {
        const char *lines;
        uint32_t login_delay, expire;
        bool again;
    } rows[] = {
        {"S: LOGIN-DELAY 900\nS: EXPIRE 60\n", 900, 60, false},
        {"S: login-delay  900 \nS: expire NEVER\n", 900, UINT32_MAX, false},
        {"S: LOGIN-DELAY 60 USER\n", 60, UINT32_MAX, true},
        {"S: EXPIRE 0 user\nS: LOGIN-DELAY 5\n", 5, 0, true},
        {"S: EXPIRE NEVER USER\n", 0, UINT32_MAX, true},
        {"S: LOGIN-DELAY 99999999999\nS: EXPIRE x\n", UINT32_MAX, UINT32_MAX, false},
        {"S: LOGIN-DELAY\nS: EXPIRE\n", 0, UINT32_MAX, false},
        {"S: LOGIN-DELAY -1\nS: EXPIRE 60 USERS\n", 0, 60, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        client_begin(&self, 0, NULL);
        play(HELLO "C: CAPA\nS: +OK\n");
        play(rows[i].lines);
        assert_int_equal(self.login.login_delay, rows[i].login_delay);
        assert_int_equal(self.login.expire, rows[i].expire);
        assert_int_equal(self.login.capa_again, rows[i].again);
    }
    client_begin(&self, NO_CAPA, NULL);
    assert_int_equal(self.login.login_delay, 0);
    assert_int_equal(self.login.expire, UINT32_MAX);
}

/* ---- CAPA after the login ---- */

static void send_capa(const char *reply) {
    size_t n = strlen(reply);

    assert_int_equal(pop3_engine_command(&self.engine, POP3_CAPA, NULL, 0), POP3_SUCCESS);
    (void)pop3_engine_output(&self.engine, &n);
    pop3_engine_output_done(&self.engine, n);
    for (n = strlen(reply); n != 0;) {
        size_t used = pop3_engine_input(&self.engine, reply, n, &self.event);
        assert_true(pop3_login_capa(&self.login, &self.event));
        reply += used;
        n -= used;
    }
}

static void test_R_2449_03_Q_14_CAPA_after_the_login(void **state) {
    (void)state;
    client_begin(&self, 0, NULL);
    play(HELLO "C: CAPA\nS: +OK\nS: LOGIN-DELAY 60 USER\nS: TOP\nS: SASL PLAIN\nS: .\nC: AUTH PLAIN AHVzZXIAcGVuY2ls\n"
               "S: +OK\n");
    assert_true(self.login.capa_again);
    send_capa("-ERR unknown command\r\n"); /* */
    assert_int_equal(self.login.capabilities, POP3_CAPABILITY_LOGIN_DELAY | POP3_CAPABILITY_TOP | POP3_CAPABILITY_SASL);
    assert_int_equal(self.login.login_delay, 60);
    send_capa("+OK\r\nLOGIN-DELAY 900\r\nUIDL\r\n.\r\n");
    assert_int_equal(self.login.capabilities, POP3_CAPABILITY_LOGIN_DELAY | POP3_CAPABILITY_UIDL);
    assert_int_equal(self.login.login_delay, 900);
    assert_false(self.login.capa_again);
    assert_int_equal(self.login.lines, 2); /* those of this reply */
}

/* ---- Calls out of turn ---- */

static void test_out_of_turn(void **state) {
    static const pop3_event forged = {.type = POP3_EVENT_OK, .data = "", .length = 0};
    static const uint8_t asked[] = {POP3_GREETING, POP3_STLS, POP3_PASS, POP3_APOP, POP3_AUTH};
    (void)state;
    for (size_t i = 0; i < sizeof asked; i++) {
        client_begin(&self, 0, NULL);
        self.login.asked = asked[i];
        assert_int_equal(pop3_login_step(&self.login, &self.engine, &forged), POP3_LOGIN_FAILED);
        assert_int_equal(self.login.failure, POP3_FAILURE_PROTOCOL);
    }
    client_begin(&self, 0, NULL); /* TLS where none was asked for */
    assert_int_equal(pop3_login_step(&self.login, &self.engine, NULL), POP3_LOGIN_FAILED);
    client_begin(&self, STLS, NULL); /* before the server accepted it */
    play(HELLO "C: STLS\n");
    assert_int_equal(pop3_login_step(&self.login, &self.engine, NULL), POP3_LOGIN_FAILED);
    client_begin(&self, STLS, NULL); /* before the engine knows */
    play(HELLO "C: STLS\nS: +OK\n");
    assert_int_equal(pop3_login_step(&self.login, &self.engine, NULL), POP3_LOGIN_FAILED);
    client_begin(&self, STLS, NULL); /* and twice */
    play(HELLO "C: STLS\nS: +OK\nTLS\nC: CAPA\n");
    assert_int_equal(pop3_login_step(&self.login, &self.engine, NULL), POP3_LOGIN_FAILED);
    assert_int_equal(self.login.failure, POP3_FAILURE_PROTOCOL);
}

static void test_the_end_is_the_end(void **state) {
    static const pop3_event ok = {.type = POP3_EVENT_OK, .verb = POP3_PASS};
    static const pop3_event no = {.type = POP3_EVENT_ERR, .verb = POP3_PASS, .data = "", .length = 0};
    (void)state;
    client_begin(&self, CERTIFICATE, NULL);
    play(HELLO "C: CAPA\nS: +OK\nS: SASL EXTERNAL PLAIN\nS: .\nC: AUTH EXTERNAL =\nS: -ERR no\n"
               "C: AUTH PLAIN AHVzZXIAcGVuY2ls\nS: +OK\n");
    assert_int_equal(pop3_login_step(&self.login, &self.engine, &ok), POP3_LOGIN_DONE);
    assert_int_equal(pop3_login_step(&self.login, &self.engine, &no), POP3_LOGIN_DONE);
    client_begin(&self, 0, NULL);
    play(PLAIN_ANNOUNCED "C: AUTH PLAIN AHVzZXIAcGVuY2ls\nS: +OK\n");
    assert_int_equal(pop3_login_step(&self.login, &self.engine, &ok), POP3_LOGIN_DONE);
    client_begin(&self, 0, NULL);
    play(HELLO "C: CAPA\nS: +OK\nS: SASL EXTERNAL PLAIN\nS: .\nC: AUTH PLAIN AHVzZXIAcGVuY2ls\nS: -ERR [AUTH]\n");
    assert_int_equal(pop3_login_step(&self.login, &self.engine, &ok), POP3_LOGIN_FAILED);
    assert_int_equal(pop3_login_step(&self.login, &self.engine, NULL), POP3_LOGIN_FAILED);
    assert_int_equal(self.login.failure, POP3_FAILURE_CREDENTIALS);
}

/* The server answers what was not sent: with the response still in the lent buffer, only hanging up is safe (F-03). */
static void test_F_03_answers_before_the_output_was_sent(void **state) {
    static const char *const replies[] = {"-ERR\r\n", "+OK\r\n", "+ \r\n"};
    (void)state;
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        client_begin(&self, 0, NULL);
        play(HELLO "C: CAPA\nS: +OK\nS: SASL LOGIN\nS: .\nC: AUTH LOGIN\n");
        pop3_engine_input(&self.engine, "+ \r\n", 4, &self.event);
        assert_int_equal(pop3_login_step(&self.login, &self.engine, &self.event), POP3_LOGIN_CONTINUE);
        pop3_engine_input(&self.engine, replies[i], strlen(replies[i]), &self.event);
        self.result = pop3_login_step(&self.login, &self.engine, &self.event);
        check_outcome("FAILED PROTOCOL LOGIN");
        assert_int_equal(pop3_engine_phase(&self.engine), POP3_PHASE_FAILED);
    }
}

static void test_no_room_for_commands(void **state) {
    const pop3_engine_buffers small = {self.line, self.output, sizeof self.line, 10};
    const pop3_engine_buffers none = {self.line, self.output, sizeof self.line, 4};
    (void)state;
    client_begin(&self, 0, NULL);
    pop3_engine_init(&self.engine, &small);
    client_lines(&self, "+OK\r\n-ERR\r\n", 11);
    check_outcome("FAILED PROTOCOL - quit");
    client_begin(&self, 0, NULL);
    pop3_engine_init(&self.engine, &none);
    client_take(&self, "+OK\r\n", 5, 0);
    assert_int_equal(self.login.failure, POP3_FAILURE_PROTOCOL);
    assert_int_equal(self.sent, 0);
}

/* ---- What is left ---- */

static bool holds(const void *memory, size_t n, const char *text) {
    for (size_t i = 0; i + strlen(text) <= n; i++) {
        if (memcmp((const char *)memory + i, text, strlen(text)) == 0) {
            return true;
        }
    }
    return false;
}

static void test_R_AUTH_02_wiped(void **state) {
    static const char *const replies[] = {"S: +OK\n", "S: -ERR [AUTH]\n", "EOF\n", ""};
    (void)state;
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        client_begin(&self, TWO_STEP, NULL);
        play(PLAIN_ANNOUNCED "C: AUTH PLAIN\nS: + \nC: AHVzZXIAcGVuY2ls\n");
        assert_true(holds(self.buffer, sizeof self.buffer, "AHVzZXIAcGVuY2ls"));
        play(replies[i]);
        pop3_login_end(&self.login);
        pop3_login_end(&self.login);
        for (size_t j = 0; j < sizeof self.buffer; j++) {
            assert_int_equal(self.buffer[j], 0);
        }
        assert_null(self.login.credentials.password);
        assert_string_equal(self.login.mechanism->name, "PLAIN");
        assert_false(holds(self.output, sizeof self.output, "AHVzZXIAcGVuY2ls"));
    }
    client_begin(&self, TWO_STEP, NULL); /* what is not AUTH needs no buffer */
    play(HELLO "C: CAPA\nS: +OK\nS: SASL PLAIN\nS: USER\nS: .\nC: AUTH PLAIN\nS: + \nC: AHVzZXIAcGVuY2ls\nS: -ERR\n"
               "C: USER user\n");
    assert_false(holds(self.buffer, sizeof self.buffer, "AHVzZXIAcGVuY2ls"));
    client_begin(&self, 0, NULL); /* before anything was begun */
    pop3_login_end(&self.login);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R_5034_04_every_length),
        cmocka_unit_test(test_R_5034_08_long_tokens),
        cmocka_unit_test(test_R_1939_04_lengths_of_USER_and_PASS),
        cmocka_unit_test(test_R_1939_04_lengths_of_APOP),
        cmocka_unit_test(test_A_13_not_an_octet_is_sent),
        cmocka_unit_test(test_local_failures),
        cmocka_unit_test(test_R_AUTH_01_past_what_cannot_be_done),
        cmocka_unit_test(test_R_6856_01_UTF8_where_it_is_needed),
        cmocka_unit_test(test_R_6856_02_non_ASCII_is_not_sent),
        cmocka_unit_test(test_R_2449_19_lines_of_CAPA),
        cmocka_unit_test(test_lines_that_were_cut),
        cmocka_unit_test(test_R_2449_05_what_is_not_announced_by_SASL),
        cmocka_unit_test(test_R_5034_08_challenges_in_parts),
        cmocka_unit_test(test_R_2449_10_R_2449_16_numbers),
        cmocka_unit_test(test_R_2449_03_Q_14_CAPA_after_the_login),
        cmocka_unit_test(test_out_of_turn),
        cmocka_unit_test(test_the_end_is_the_end),
        cmocka_unit_test(test_F_03_answers_before_the_output_was_sent),
        cmocka_unit_test(test_no_room_for_commands),
        cmocka_unit_test(test_R_AUTH_02_wiped),
    };
    return cmocka_run_group_tests_name("login limits", tests, NULL, NULL);
}
