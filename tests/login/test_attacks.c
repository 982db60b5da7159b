/* SPDX-License-Identifier: MIT */
/* at the level of the login: not one octet of a credential is on the wire. */
#include "client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "crypto.h"

#define STAMP "<1896.697170952@dbc.mtview.ca.us>"

/* Plays what cannot be written as a script: octets, pieces of each length up to 40. */
static void attack(unsigned flags, const char *const *parts, pop3_failure failure) {
    static client self;

    for (size_t piece = 0; piece <= 40; piece++) {
        client_begin(&self, flags, NULL);
        for (const char *const *part = parts; *part != NULL; part++) {
            client_take(&self, *part, strlen(*part), piece);
        }
        if (self.result == POP3_LOGIN_CONTINUE || self.result == POP3_LOGIN_HANDSHAKE) {
            client_eof(&self);
        }
        assert_int_equal(self.result, POP3_LOGIN_FAILED);
        assert_int_equal(self.login.failure, failure);
        client_sent_nothing(&self);
        assert_false(self.login.secret_sent);
    }
}

#define ATTACK(flags, failure, ...) attack(flags, (const char *const[]){__VA_ARGS__, NULL}, failure)

static void test_A_01_no_APOP(void **state) {
    static const char *const stamps[] = {
        "no-at-sign>", "<no-at-sign>", "<a@b@c>", "<<a@b>", "<a@<b>", "<\x80\x81@b>", "<a\x01@b>",
        "<a@b\x7f>",   "<a b@c>",      "<@b>",    "<a@>",   "<>",     ">a@b<",
    };
    static client self;
    (void)state;
    for (size_t i = 0; i < sizeof stamps / sizeof stamps[0]; i++) {
        client_begin(&self, OFF | CHOSEN, LIST(&pop3_login_apop));
        client_take(&self, "+OK ", 4, 0);
        client_take(&self, stamps[i], strlen(stamps[i]), 0);
        client_lines(&self, "\r\n+OK\r\n.\r\n", 10);
        assert_string_equal(client_outcome(&self), "FAILED NO_MECHANISM - quit");
        client_sent_nothing(&self);
    }
    client_begin(&self, OFF | CHOSEN, LIST(&pop3_login_apop));
    client_lines(&self, "+OK <a\0@b>\r\n+OK\r\n.\r\n", 20);
    assert_string_equal(client_outcome(&self), "FAILED NO_MECHANISM - quit");
    client_sent_nothing(&self);
}

/* A digest would be made of the password: none is, over TLS, behind STLS, or in the clear under required TLS. */
static void test_A_01_no_digest_unasked(void **state) {
    static client self;
    (void)state;
    md5_calls = 0;
    ATTACK(STLS, POP3_FAILURE_NO_TLS, "+OK " STAMP "\r\n", "-ERR no TLS here\r\n");
    ATTACK(0, POP3_FAILURE_NO_MECHANISM, "+OK " STAMP "\r\n", "+OK\r\nSASL CRAM-MD5\r\n.\r\n");
    client_begin(&self, STLS | CHOSEN, LIST(&pop3_login_apop));
    client_play(&self, "STLS", "S: +OK " STAMP "\nC: STLS\nS: +OK\nTLS\nC: CAPA\nS: -ERR\n", 0);
    assert_string_equal(client_outcome(&self), "FAILED NO_MECHANISM - quit");
    assert_string_equal(self.login.stamp, "");
    client_sent_nothing(&self);
    assert_int_equal(md5_calls, 0);
}

static void test_A_02_STLS_stripped(void **state) {
    (void)state;
    ATTACK(STLS, POP3_FAILURE_NO_TLS, "+OK ready\r\n", "-ERR unknown command\r\n");
    ATTACK(STLS, POP3_FAILURE_NO_TLS, "+OK ready\r\n", "-ERR [AUTH] STLS is not needed, log in\r\n");
    ATTACK(STLS, POP3_FAILURE_NO_TLS, "+OK already logged in\r\n", "-ERR TLS is active already\r\n");
    ATTACK(STLS, POP3_FAILURE_CLOSED, "+OK already logged in\r\n", "+OK begin TLS\r\n");
    ATTACK(STLS, POP3_FAILURE_CLOSED, "+OK ready\r\n");
    ATTACK(STLS, POP3_FAILURE_PROTOCOL, "+OK ready\r\n", "+ go ahead\r\n");
    ATTACK(STLS, POP3_FAILURE_PROTOCOL, "+OK ready\r\n", "\r\n");
    ATTACK(STLS, POP3_FAILURE_PROTOCOL, "* PREAUTH\r\n");
}

/* F-03: who answers before he was asked is not believed. */
static void test_A_02_answers_in_advance(void **state) {
    static client self;
    (void)state;
    client_begin(&self, STLS, NULL);
    client_play(&self, "STLS", "S: +OK ready\nS: +OK logged in\nS: +OK\n", 0);
    assert_string_equal(client_outcome(&self), "FAILED PROTOCOL -");
    assert_int_equal(self.sent, 0);
    client_begin(&self, 0, NULL);
    client_play(&self, "CAPA", "S: +OK ready\nS: +OK\nS: SASL PLAIN\nS: .\n", 0);
    assert_string_equal(client_outcome(&self), "FAILED PROTOCOL -");
    assert_int_equal(self.sent, 0);
    client_begin(&self, 0, NULL);
    client_play(&self, "AUTH", "S: +OK ready\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: .\nS: -ERR\n", 0);
    assert_string_equal(client_outcome(&self), "FAILED PROTOCOL PLAIN secret");
    assert_false(client_sent(&self, "AUTH"));
}

/* R-TLS-05: what comes behind the +OK of STLS before the handshake is not an answer to anything. */
static void test_A_03_injection(void **state) {
    (void)state;
    ATTACK(STLS, POP3_FAILURE_PROTOCOL, "+OK ready\r\n", "+OK go\r\n+OK injected\r\n");
    ATTACK(STLS, POP3_FAILURE_PROTOCOL, "+OK ready\r\n", "+OK go\r\n", "+OK injected\r\n");
    ATTACK(STLS, POP3_FAILURE_PROTOCOL, "+OK ready\r\n", "+OK go\r\n+");
    ATTACK(STLS, POP3_FAILURE_PROTOCOL, "+OK ready\r\n", "+OK go\r\n", "+OK inj");
    ATTACK(STLS, POP3_FAILURE_PROTOCOL, "+OK ready\r\n", "+OK go\r\n+OK\r\nSASL PLAIN\r\n.\r\n+OK\r\n+OK\r\n");
    ATTACK(STLS, POP3_FAILURE_PROTOCOL, "+OK ready\r\n", "+OK go\r\n\n");
}

/* R-TLS-04: a CAPA reply pushed in before TLS, and all that the greeting said, mean nothing behind it. */
static void test_A_03_nothing_of_before_TLS_counts(void **state) {
    static client self;
    (void)state;
    client_begin(&self, STLS, NULL);
    client_play(&self, "before", "S: +OK [SYS/PERM] " STAMP "\nC: STLS\nS: +OK [UTF8] SASL PLAIN\nTLS\nC: CAPA\n", 0);
    assert_int_equal(self.login.code, POP3_CODE_NONE);
    assert_int_equal(self.login.capabilities, 0);
    assert_int_equal(self.login.announced, 0);
    assert_string_equal(self.login.stamp, "");
    client_play(&self, "behind", "S: +OK\nS: SASL GSSAPI\nS: .\n", 0);
    assert_string_equal(client_outcome(&self), "FAILED NO_MECHANISM - quit");
    client_sent_nothing(&self);
}

/* the wire between STLS and TLS is empty, however often the login is asked. client.c looks at each step. */
static void test_A_04_nothing_behind_STLS(void **state) {
    static client self;
    pop3_event event;
    (void)state;
    client_begin(&self, STLS, NULL);
    client_play(&self, "STLS", "S: +OK\nC: STLS\nS: +OK\n", 0);
    assert_int_equal(self.result, POP3_LOGIN_HANDSHAKE);
    for (int i = 0; i < 3; i++) {
        size_t n;
        pop3_engine_input(&self.engine, NULL, 0, &event);
        assert_int_equal(pop3_login_step(&self.login, &self.engine, &event), POP3_LOGIN_CONTINUE);
        (void)pop3_engine_output(&self.engine, &n);
        assert_int_equal(n, 0);
        assert_false(pop3_engine_can(&self.engine, POP3_QUIT));
    }
}

/* whatever stands for base64, the answer is "*"; no proof is made of it. */
static void test_A_05_challenges(void **state) {
    static const char *const challenges[] = {
        "====", "=", "A", "AA=", "AA==AA==", "AA A", "=AAA", "AAA=BBB", "AAAA=", "\x80\x80\x80\x80", "AAA\x01", "+ +",
    };
    static const pop3_sasl_mechanism *const mechanisms[] = {
        &pop3_sasl_cram_md5,
        &pop3_sasl_scram_sha_1,
        &pop3_sasl_scram_sha_256,
    };
    static client self;
    (void)state;
    for (size_t i = 0; i < sizeof challenges / sizeof challenges[0]; i++) {
        for (size_t j = 0; j < sizeof mechanisms / sizeof mechanisms[0]; j++) {
            client_begin(&self, CHOSEN, LIST(mechanisms[j]));
            client_lines(&self, "+OK\r\n-ERR\r\n", 11);
            self.expected = self.sent;
            if (mechanisms[j]->client_first) {
                client_take(&self, "+ \r\n", 4, 0); /* the nonce */
                self.expected = self.sent;
            }
            client_take(&self, "+ ", 2, 0);
            client_take(&self, challenges[i], strlen(challenges[i]), 0);
            client_play(&self, challenges[i], "S: \nC: *\nS: -ERR\n", 0);
            assert_int_equal(self.login.failure, POP3_FAILURE_PROTOCOL);
            assert_false(self.login.secret_sent);
            assert_false(client_sent(&self, "pencil"));
            assert_false(client_sent(&self, "cGVuY2ls"));
        }
    }
}

static void test_A_05_a_challenge_of_1_MiB(void **state) {
    static client self;
    static char octets[4096];
    (void)state;
    memset(octets, 'A', sizeof octets);
    client_begin(&self, CHOSEN, LIST(&pop3_sasl_cram_md5));
    client_lines(&self, "+OK\r\n-ERR\r\n+ ", 13);
    for (int i = 0; i < 256; i++) {
        client_take(&self, octets, sizeof octets, 0);
    }
    assert_string_equal(client_outcome(&self), "FAILED PROTOCOL (space) CRAM-MD5");
    assert_false(self.login.secret_sent);
}

/* what one session learnt is not there in the next, which may be protected otherwise. */
static void test_A_06_nothing_is_kept(void **state) {
    static client self;
    pop3_login_options clear;
    (void)state;
    client_begin(&self, 0, NULL);
    client_play(&self, "over TLS",
                "S: +OK " STAMP "\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: USER\nS: .\n"
                "C: AUTH PLAIN AHVzZXIAcGVuY2ls\nS: +OK\n",
                0);
    assert_int_equal(self.result, POP3_LOGIN_DONE);
    pop3_login_end(&self.login);
    clear = self.options;
    clear.tls = POP3_TLS_OFF;
    self.options = clear;
    self.secure = false;
    self.sent = self.expected = 0;
    self.result = POP3_LOGIN_CONTINUE;
    pop3_engine_init(&self.engine,
                     &(pop3_engine_buffers){self.line, self.output, sizeof self.line, sizeof self.output});
    pop3_login_init(&self.login, &self.options);
    client_play(&self, "without", "S: +OK\nC: CAPA\nS: -ERR\n", 0);
    assert_string_equal(client_outcome(&self), "FAILED NO_MECHANISM - quit");
    client_sent_nothing(&self);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_A_01_no_APOP),
        cmocka_unit_test(test_A_01_no_digest_unasked),
        cmocka_unit_test(test_A_02_STLS_stripped),
        cmocka_unit_test(test_A_02_answers_in_advance),
        cmocka_unit_test(test_A_03_injection),
        cmocka_unit_test(test_A_03_nothing_of_before_TLS_counts),
        cmocka_unit_test(test_A_04_nothing_behind_STLS),
        cmocka_unit_test(test_A_05_challenges),
        cmocka_unit_test(test_A_05_a_challenge_of_1_MiB),
        cmocka_unit_test(test_A_06_nothing_is_kept),
    };
    return cmocka_run_group_tests_name("login attacks", tests, NULL, NULL);
}
