/* SPDX-License-Identifier: MIT */
/* Opening a session: options, TLS, what each failure of the login is called, and how often it is tried. */
#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "authority.h"
#include "net/tls.h"
#include "session.h"

static struct session s;

/* The result of open; the error stays for reading. */
static pop3_client_error open_and_end(void) {
    pop3_client_error error;
    pop3_client_class result;

    session_start(&s);
    result = pop3_client_open(s.client);
    error = *pop3_client_last_error(s.client);
    assert_int_equal(result, error.class_);
    assert_int_equal(pop3_client_noop(s.client), result == POP3_CLIENT_OK ? POP3_CLIENT_OK : POP3_CLIENT_STATE);
    session_end(&s);
    return error;
}

static pop3_client_error open_clear(const char *script) {
    session_begin(&s, script);
    return open_and_end();
}

/* ---- Options ---- */

static void refused(const char *text) {
    pop3_client_error error;

    assert_null(pop3_client_new(&s.options, &error));
    assert_int_equal(error.class_, POP3_CLIENT_ARG);
    assert_non_null(strstr(error.what, text));
    session_begin(&s, "");
}

static void options_are_checked(void **state) {
    struct {
        pop3_client_options options;
        char more[16];
    } newer = {.options = {.size = sizeof newer, .host = "localhost"}};
    pop3_client *client;

    (void)state;
    session_begin(&s, "");
    assert_null(pop3_client_new(NULL, NULL));
    s.options.size = 0;
    refused("size");
    s.options.host = NULL;
    refused("host");
    s.options.tls = (pop3_tls_mode)7;
    refused("tls");
    s.options.verify_pin_only = true;
    refused("pin");
    s.options.auth = "PLAIN NTLM";
    refused("unknown");
    s.options.auth = "  ";
    refused("no mechanism");
    s.options.user = "\xff";
    refused("user name");
    s.options.password = "a\xd8\xa7\x62"; /* left-to-right around right-to-left: RFC 4013 section 3 */
    refused("password");
    client = pop3_client_new(&newer.options, NULL);
    assert_non_null(client);
    pop3_client_free(client);
    newer.more[3] = 1;
    assert_null(pop3_client_new(&newer.options, NULL));
    pop3_client_free(NULL);
}

static void the_options_are_the_callers_to_change(void **state) {
    char host[] = "127.0.0.1", password[] = PASSWORD;

    (void)state;
    session_begin(&s, LOGIN);
    s.options.host = host;
    s.options.password = password;
    session_start(&s);
    memset(host, 'x', sizeof host - 1);
    memset(password, 'x', sizeof password - 1);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_OK);
    session_end(&s);
}

/* ---- TLS ---- */

#define SECURE_LOGIN "C: CAPA\nS: +OK\nS: SASL PLAIN\nS: .\nC: AUTH PLAIN AG1yb3NlAHRhbnN0YWFmLWNhbmFyeQ==\nS: +OK in\n"
#define NOOP "C: NOOP\nS: +OK\n"

static void implicit_tls(void **state) {
    (void)state;
    session_begin_tls(&s, "TLS\nS: +OK ready\n" SECURE_LOGIN NOOP, POP3_TLS_IMPLICIT);
    assert_int_equal(open_and_end().class_, POP3_CLIENT_OK);
}

static void stls(void **state) {
    (void)state;
    session_begin_tls(&s, "S: +OK ready\nC: STLS\nS: +OK go\nTLS\n" SECURE_LOGIN NOOP, POP3_TLS_STLS);
    assert_int_equal(open_and_end().class_, POP3_CLIENT_OK);
}

/* nothing but STLS goes out. */
static void stls_refused_or_injected(void **state) {
    pop3_client_error error;

    (void)state;
    session_begin_tls(&s, "S: +OK ready\nC: STLS\nS: -ERR no\n", POP3_TLS_STLS);
    error = open_and_end();
    assert_int_equal(error.class_, POP3_CLIENT_TLS);
    assert_int_equal(error.code, POP3_CLIENT_TLS_NO_STLS);
    assert_string_equal(error.server, "no");
    assert_string_equal(s.server.heard, "STLS\n");
    session_begin_tls(&s, "S: +OK ready\nC: STLS\nS: +OK go\nS: +OK injected\nWAIT\n", POP3_TLS_STLS);
    assert_int_equal(open_and_end().class_, POP3_CLIENT_PROTOCOL);
    assert_string_equal(s.server.heard, "STLS\n");
}

static void certificates_are_judged_before_anything_is_said(void **state) {
    pop3_client_error error;

    (void)state;
    session_begin_tls(&s, "TLS\nC: *\n", POP3_TLS_IMPLICIT);
    s.options.ca_file = NULL;
    error = open_and_end();
    assert_int_equal(error.class_, POP3_CLIENT_TLS);
    assert_int_equal(error.code, POP3_CLIENT_TLS_CERTIFICATE);
    assert_true(error.hint[0] != '\0');
    session_begin_tls(&s, "TLS\nC: *\n", POP3_TLS_IMPLICIT);
    s.options.host = "localhost";
    error = open_and_end();
    assert_int_equal(error.class_, POP3_CLIENT_TLS);
    assert_int_equal(error.code, POP3_CLIENT_TLS_IDENTITY);
    session_begin_tls(&s, "S: +OK ready\nC: STLS\nS: +OK\nTLS\nC: *\n", POP3_TLS_STLS);
    s.options.pin = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    error = open_and_end();
    assert_int_equal(error.class_, POP3_CLIENT_TLS);
    assert_int_equal(error.code, POP3_CLIENT_TLS_PIN);
    assert_string_equal(s.server.heard, "STLS\n");
    session_begin_tls(&s, "S: +OK ready\nC: *\n", POP3_TLS_IMPLICIT);
    error = open_and_end();
    assert_int_equal(error.class_, POP3_CLIENT_TLS);
    assert_int_equal(error.code, POP3_CLIENT_TLS_HANDSHAKE);
}

static void a_pin_alone_can_decide(void **state) {
    char pin[NET_TLS_PIN_SIZE];

    (void)state;
    net_certificate_pin(authority.leaf, pin);
    session_begin_tls(&s, "TLS\nS: +OK ready\n" SECURE_LOGIN NOOP, POP3_TLS_IMPLICIT);
    s.options.ca_file = NULL;
    s.options.pin = pin;
    s.options.verify_pin_only = true;
    assert_int_equal(open_and_end().class_, POP3_CLIENT_OK);
}

/* ---- What failures are called ---- */

#define REFUSE(text) LOGIN_UP_TO_REPLY "S: -ERR " text "\nC: *\n"
#define LOGIN_UP_TO_REPLY                                  \
    "S: +OK ready\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: .\n" \
    "C: AUTH PLAIN AG1yb3NlAHRhbnN0YWFmLWNhbmFyeQ==\n"

static void refusals_have_their_class(void **state) {
    static const struct {
        const char *script;
        pop3_client_class class_;
        int code;
        uint32_t retry_s;
        const char *server;
    } rows[] = {
        {REFUSE("[AUTH] no"), POP3_CLIENT_CREDENTIALS, POP3_FAILURE_CREDENTIALS, 0, "[AUTH] no"},
        {REFUSE("no"), POP3_CLIENT_CREDENTIALS, POP3_FAILURE_UNCLEAR, 0, "no"},
        {REFUSE("[IN-USE] x"), POP3_CLIENT_BUSY, POP3_CODE_IN_USE, 0, "[IN-USE] x"},
        {REFUSE("[SYS/TEMP] x"), POP3_CLIENT_BUSY, POP3_CODE_SYS_TEMP, 0, "[SYS/TEMP] x"},
        {REFUSE("[LOGIN-DELAY] x"), POP3_CLIENT_BUSY, POP3_CODE_LOGIN_DELAY, 900, "[LOGIN-DELAY] x"},
        {REFUSE("[SYS/PERM] x"), POP3_CLIENT_REFUSED, POP3_CODE_SYS_PERM, 0, "[SYS/PERM] x"},
        {REFUSE("maildrop locked"), POP3_CLIENT_BUSY, POP3_CODE_NONE, 0, "maildrop locked"},
        {"S: -ERR [SYS/TEMP] full\n", POP3_CLIENT_BUSY, POP3_CODE_SYS_TEMP, 0, "[SYS/TEMP] full"},
        {"S: HTTP/1.1 400\n", POP3_CLIENT_PROTOCOL, 0, 0, NULL},
        {"S: +OK ready\nC: CAPA\nS: +OK\nS: SASL GSSAPI\nS: .\nC: QUIT\nS: +OK\n", POP3_CLIENT_CREDENTIALS,
         POP3_FAILURE_NO_MECHANISM, 0, ""},
        {"", POP3_CLIENT_CLOSED, 0, 0, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pop3_client_error error = open_clear(rows[i].script);
        assert_int_equal(error.class_, rows[i].class_);
        assert_int_equal(error.code, rows[i].code);
        assert_int_equal(error.retry_s, rows[i].retry_s);
        assert_true(error.what[0] != '\0');
        if (rows[i].server != NULL) {
            assert_string_equal(error.server, rows[i].server);
        }
    }
}

static void nobody_listens(void **state) {
    struct net_listener listener;
    pop3_client *client;

    (void)state;
    session_begin(&s, "");
    assert_int_equal(net_listen(&listener, "127.0.0.1", 0), 0);
    net_unlisten(&listener);
    s.options.port = listener.port;
    client = pop3_client_new(&s.options, NULL);
    assert_non_null(client);
    assert_int_equal(pop3_client_open(client), POP3_CLIENT_CONNECT);
    pop3_client_free(client);
}

/* R-5034-10, R-3206-03 */
static void wrong_credentials_are_tried_once(void **state) {
    (void)state;
    session_begin(&s, REFUSE("[AUTH] no"));
    s.server.scripts[1] = LOGIN;
    session_start(&s);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_CREDENTIALS);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_STATE);
    session_end(&s);
    assert_int_equal(s.server.connections, 1);
}

static void doubtful_credentials_are_tried_three_times(void **state) {
    (void)state;
    session_begin(&s, REFUSE("no"));
    s.server.scripts[1] = s.server.scripts[2] = s.server.scripts[3] = REFUSE("no");
    session_start(&s);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_CREDENTIALS);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_CREDENTIALS);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_CREDENTIALS);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_STATE);
    session_end(&s);
    assert_int_equal(s.server.connections, 3);
}

/* ---- Another connection ---- */

#define WITHOUT_CAPA "S: +OK ready\nC: USER mrose\nS: +OK\nC: PASS " PASSWORD "\nS: +OK\n" NOOP

/* */
static void a_server_that_breaks_down_at_capa(void **state) {
    (void)state;
    session_begin(&s, "S: +OK ready\nC: CAPA\n");
    s.server.scripts[1] = WITHOUT_CAPA;
    assert_int_equal(open_and_end().class_, POP3_CLIENT_OK);
    session_begin(&s, "S: +OK ready\nC: CAPA\nWAIT\n");
    s.server.scripts[1] = WITHOUT_CAPA;
    s.options.reply_ms = 50;
    assert_int_equal(open_and_end().class_, POP3_CLIENT_OK);
    session_begin(&s, "S: +OK ready\nC: CAPA\n");
    s.server.scripts[1] = s.server.scripts[2] = "S: +OK ready\nC: USER mrose\n";
    assert_int_equal(open_and_end().class_, POP3_CLIENT_CREDENTIALS);
    assert_int_equal(s.server.connections, 2);
}

/* the same token, behind an empty challenge and within AUTH. */
static void a_server_that_wants_the_other_form(void **state) {
    (void)state;
    session_begin_tls(
        &s, "TLS\nS: +OK ready\nC: CAPA\nS: +OK\nS: SASL XOAUTH2\nS: .\nC: AUTH XOAUTH2\nS: -ERR Protocol error\n",
        POP3_TLS_IMPLICIT);
    s.server.scripts[1] = "TLS\nS: +OK ready\nC: CAPA\nS: +OK\nS: SASL XOAUTH2\nS: .\n"
                          "C: AUTH XOAUTH2 dXNlcj1tcm9zZQFhdXRoPUJlYXJlciB0b2szbgEB\nS: +OK\n" NOOP;
    s.options.token = "tok3n";
    assert_int_equal(open_and_end().class_, POP3_CLIENT_OK);
}

/* Cyrus announces -PLUS, but knows no channel binding of TLS 1.3: what helps is not another password. */
static void refused_channel_binding(void **state) {
    pop3_client_error error;

    (void)state;
    session_begin_tls(&s,
                      "TLS\nS: +OK ready\nC: CAPA\nS: +OK\nS: SASL SCRAM-SHA-256 SCRAM-SHA-256-PLUS\nS: .\nC: *\n"
                      "S: -ERR [AUTH] bad protocol / cancel\nC: QUIT\nS: +OK\n",
                      POP3_TLS_IMPLICIT);
    error = open_and_end();
    assert_int_equal(error.class_, POP3_CLIENT_CREDENTIALS);
    assert_true(session_sent(&s, "AUTH SCRAM-SHA-256-PLUS "));
    assert_non_null(strstr(error.hint, "allow another mechanism in auth"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(the_options_are_the_callers_to_change),
        cmocka_unit_test(implicit_tls),
        cmocka_unit_test(stls),
        cmocka_unit_test(stls_refused_or_injected),
        cmocka_unit_test(certificates_are_judged_before_anything_is_said),
        cmocka_unit_test(a_pin_alone_can_decide),
        cmocka_unit_test(refusals_have_their_class),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(wrong_credentials_are_tried_once),
        cmocka_unit_test(doubtful_credentials_are_tried_three_times),
        cmocka_unit_test(a_server_that_breaks_down_at_capa),
        cmocka_unit_test(a_server_that_wants_the_other_form),
        cmocka_unit_test(refused_channel_binding),
    };

    return cmocka_run_group_tests(tests, authority_make, authority_end);
}
