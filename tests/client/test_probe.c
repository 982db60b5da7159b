/* SPDX-License-Identifier: MIT */
/* Looking at a server without a login: what is told of it, and that no credential leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "authority.h"
#include "net/tls.h"
#include "session.h"

#define ANNOUNCES(lines) "S: +OK ready\nC: CAPA\nS: +OK\n" lines "S: .\n"
#define BYE "C: QUIT\nS: +OK bye\n"

static struct session s;

static pop3_client_class probe(void) {
    session_start(&s);
    return pop3_client_probe(s.client);
}

/* Behind what is told of the server: the session is over, and nothing but this was said. */
static void end(const char *heard) {
    assert_int_equal(pop3_client_noop(s.client), POP3_CLIENT_STATE);
    session_end(&s);
    assert_string_equal(s.server.heard, heard);
}

static void tells_what_the_server_announces(void **state) {
    (void)state;
    session_begin(&s, ANNOUNCES("S: TOP\nS: SASL SCRAM-SHA-256 PLAIN\nS: EXPIRE 60\nS: IMPLEMENTATION a\033b\n") BYE);
    assert_int_equal(probe(), POP3_CLIENT_OK);
    assert_int_equal(pop3_client_capabilities(s.client), POP3_CAPABILITY_TOP | POP3_CAPABILITY_SASL |
                                                             POP3_CAPABILITY_EXPIRE | POP3_CAPABILITY_IMPLEMENTATION);
    assert_int_equal(pop3_client_expire(s.client), 60);
    assert_string_equal(pop3_client_capability_line(s.client, 0), "TOP");
    assert_string_equal(pop3_client_capability_line(s.client, 1), "SASL SCRAM-SHA-256 PLAIN");
    assert_string_equal(pop3_client_capability_line(s.client, 3), "IMPLEMENTATION a\\x1Bb");
    assert_null(pop3_client_capability_line(s.client, 4));
    assert_string_equal(pop3_client_mechanism(s.client), "SCRAM-SHA-256");
    assert_string_equal(pop3_client_address(s.client), "127.0.0.1");
    end("CAPA\nQUIT\n");
}

static void nothing_is_known_before(void **state) {
    pop3_client_tls tls;

    (void)state;
    session_begin(&s, ANNOUNCES("") BYE);
    session_start(&s);
    assert_null(pop3_client_capability_line(s.client, 0));
    assert_string_equal(pop3_client_mechanism(s.client), "");
    assert_string_equal(pop3_client_address(s.client), "");
    assert_false(pop3_client_tls_info(s.client, &tls));
    assert_int_equal(pop3_client_probe(s.client), POP3_CLIENT_OK);
    end("CAPA\nQUIT\n");
}

/* The credentials say by being there what there will be. */
static void the_mechanism_is_the_one_that_a_login_would_begin_with(void **state) {
    static const struct {
        const char *password, *token, *auth, *mechanism;
        pop3_tls_mode tls;
    } rows[] = {
        {"", NULL, NULL, "PLAIN", POP3_TLS_STLS},   {NULL, "", NULL, "XOAUTH2", POP3_TLS_STLS},
        {NULL, NULL, NULL, "", POP3_TLS_STLS},      {"", NULL, "LOGIN CRAM-MD5", "CRAM-MD5", POP3_TLS_STLS},
        {"", NULL, NULL, "CRAM-MD5", POP3_TLS_OFF},
    };
    static const char lines[] = "C: CAPA\nS: +OK\nS: SASL XOAUTH2 CRAM-MD5 PLAIN\nS: .\n" BYE;
    char script[256];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool stls = rows[i].tls == POP3_TLS_STLS;
        (void)snprintf(script, sizeof script, "S: +OK ready\n%s%s", stls ? "C: STLS\nS: +OK\nTLS\n" : "", lines);
        session_begin_tls(&s, script, rows[i].tls);
        s.options.password = rows[i].password;
        s.options.token = rows[i].token;
        s.options.auth = rows[i].auth;
        assert_int_equal(probe(), POP3_CLIENT_OK);
        assert_string_equal(pop3_client_mechanism(s.client), rows[i].mechanism);
        end(stls ? "STLS\nCAPA\nQUIT\n" : "CAPA\nQUIT\n");
    }
}

static void tells_of_a_good_certificate(void **state) {
    char pin[NET_TLS_PIN_SIZE];
    pop3_client_tls tls;

    (void)state;
    net_certificate_pin(authority.leaf, pin);
    session_begin_tls(&s, "TLS\n" ANNOUNCES("") BYE, POP3_TLS_IMPLICIT);
    assert_int_equal(probe(), POP3_CLIENT_OK);
    assert_true(pop3_client_tls_info(s.client, &tls));
    assert_string_equal(tls.protocol, "TLSv1.3");
    assert_string_not_equal(tls.cipher, "");
    assert_string_equal(tls.alpn, "pop3");
    assert_true(tls.certificate && tls.trusted);
    assert_string_equal(tls.names, "127.0.0.1, two.test");
    assert_string_equal(tls.pin, pin);
    assert_true(tls.not_before <= (int64_t)time(NULL) && (int64_t)time(NULL) < tls.not_after);
    end("CAPA\nQUIT\n");
}

static void tells_of_a_certificate_that_is_refused(void **state) {
    char pin[NET_TLS_PIN_SIZE];
    pop3_client_tls tls;

    (void)state;
    net_certificate_pin(authority.leaf, pin);
    session_begin_tls(&s, "TLS\nC: *\n", POP3_TLS_IMPLICIT);
    s.options.host = "localhost"; /* it is for 127.0.0.1 */
    assert_int_equal(probe(), POP3_CLIENT_TLS);
    assert_int_equal(pop3_client_last_error(s.client)->code, POP3_CLIENT_TLS_IDENTITY);
    assert_true(pop3_client_tls_info(s.client, &tls));
    assert_true(tls.certificate);
    assert_false(tls.trusted);
    assert_non_null(strstr(tls.verdict, "127.0.0.1"));
    assert_string_equal(tls.pin, pin);
    assert_null(pop3_client_capability_line(s.client, 0));
    assert_string_equal(pop3_client_mechanism(s.client), "");
    end("");
}

static void failures_are_those_of_open(void **state) {
    (void)state;
    session_begin_tls(&s, "S: +OK ready\nC: STLS\nS: -ERR no\nC: *\n", POP3_TLS_STLS);
    assert_int_equal(probe(), POP3_CLIENT_TLS);
    assert_int_equal(pop3_client_last_error(s.client)->code, POP3_CLIENT_TLS_NO_STLS);
    end("STLS\n");
    session_begin(&s, "S: -ERR [SYS/TEMP] full\n");
    assert_int_equal(probe(), POP3_CLIENT_BUSY);
    end("");
}

/* */
static void a_server_that_breaks_down_at_capa(void **state) {
    (void)state;
    session_begin(&s, "S: +OK ready\nC: CAPA\n");
    s.server.scripts[1] = "S: +OK ready\n" BYE;
    assert_int_equal(probe(), POP3_CLIENT_OK);
    assert_string_equal(pop3_client_mechanism(s.client), "USER");
    assert_null(pop3_client_capability_line(s.client, 0));
    end("CAPA\nQUIT\n");
}

/* A probe is no try, and no session. */
static void a_login_may_follow(void **state) {
    (void)state;
    session_begin(&s, ANNOUNCES("S: SASL PLAIN\n") BYE);
    s.server.scripts[1] = LOGIN "C: NOOP\nS: +OK\n";
    assert_int_equal(probe(), POP3_CLIENT_OK);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_OK);
    assert_string_equal(pop3_client_mechanism(s.client), "PLAIN");
    assert_int_equal(pop3_client_noop(s.client), POP3_CLIENT_OK);
    pop3_client_close(s.client);
    assert_string_equal(pop3_client_mechanism(s.client), "");
    session_end(&s);
}

/* RFC 2449 section 5: what is told behind the login counts. */
static void capabilities_are_those_behind_the_login(void **state) {
    (void)state;
    session_begin(&s, "S: +OK ready\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: EXPIRE 9 USER\nS: .\n"
                      "C: AUTH PLAIN AG1yb3NlAHRhbnN0YWFmLWNhbmFyeQ==\nS: +OK in\n"
                      "C: CAPA\nS: +OK\nS: EXPIRE 30\nS: .\n");
    session_start(&s);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_OK);
    assert_string_equal(pop3_client_capability_line(s.client, 0), "EXPIRE 30");
    assert_null(pop3_client_capability_line(s.client, 1));
    session_end(&s);
}

static void too_many_capabilities_are_cut(void **state) {
    char script[256 * 70] = "S: +OK ready\nC: CAPA\nS: +OK\n";
    size_t used = strlen(script);
    size_t lines = 0;
    const char *line;

    (void)state;
    for (; lines < 250; lines++) {
        used += (size_t)snprintf(script + used, sizeof script - used, "S: X-%03zu-%050d\n", lines, 0);
    }
    (void)snprintf(script + used, sizeof script - used, "S: .\n" BYE);
    session_begin(&s, script);
    assert_int_equal(probe(), POP3_CLIENT_OK);
    for (lines = 0; (line = pop3_client_capability_line(s.client, lines)) != NULL; lines++) {
        assert_memory_equal(line, "X-", 2);
    }
    assert_in_range(lines, 100, 200);
    end("CAPA\nQUIT\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_the_server_announces),
        cmocka_unit_test(nothing_is_known_before),
        cmocka_unit_test(the_mechanism_is_the_one_that_a_login_would_begin_with),
        cmocka_unit_test(tells_of_a_good_certificate),
        cmocka_unit_test(tells_of_a_certificate_that_is_refused),
        cmocka_unit_test(failures_are_those_of_open),
        cmocka_unit_test(a_server_that_breaks_down_at_capa),
        cmocka_unit_test(a_login_may_follow),
        cmocka_unit_test(capabilities_are_those_behind_the_login),
        cmocka_unit_test(too_many_capabilities_are_cut),
    };

    return cmocka_run_group_tests(tests, authority_make, authority_end);
}
