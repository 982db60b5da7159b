/* SPDX-License-Identifier: MIT */
/* A host with two addresses (L-04): the next one is tried where the first says nothing, and for no other reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "authority.h"
#include "fake_resolver.h"
#include "session.h"

const struct fake_name fake_names[] = {
    {"two.test", 0, {"127.0.0.2", "127.0.0.1"}},
    {NULL, 0, {NULL}},
};

static struct session s;
static struct server first; /* on 127.0.0.2; the session's is on 127.0.0.1 */

static void start(const char *script) {
    s.options.host = "two.test";
    s.options.greeting_ms = s.options.handshake_ms = 1000;
    session_start(&s);
    server_begin(&first, script);
    first.address = "127.0.0.2";
    first.port = s.server.listener.port;
    first.tls = s.server.tls;
}

/* What open says where the first address plays `script`; *connections: to the second one. */
static pop3_client_error open_beside(const char *script, unsigned *connections) {
    pop3_client_error error;

    start(script);
    server_start(&first);
    (void)pop3_client_open(s.client);
    error = *pop3_client_last_error(s.client);
    pop3_client_close(s.client);
    server_stop(&first);
    session_end(&s);
    assert_string_equal(first.complaint, "");
    assert_int_equal(first.connections, 1);
    *connections = s.server.connections;
    return error;
}

static void the_second_one_greets(const char *script, const char *second, pop3_tls_mode mode) {
    unsigned connections;

    session_begin_tls(&s, second, mode);
    assert_int_equal(open_beside(script, &connections).class_, POP3_CLIENT_OK);
    assert_int_equal(connections, 1);
    assert_string_equal(first.heard, "");
}

static void who_says_nothing_is_left(void **state) {
    (void)state;
    the_second_one_greets("WAIT\n", LOGIN, POP3_TLS_OFF);
    the_second_one_greets("", LOGIN, POP3_TLS_OFF);
    the_second_one_greets("WAIT\n", "TLS\n" LOGIN, POP3_TLS_IMPLICIT);
    the_second_one_greets("", "TLS\n" LOGIN, POP3_TLS_IMPLICIT);
    the_second_one_greets("TLS\nWAIT\n", "TLS\n" LOGIN, POP3_TLS_IMPLICIT);
    the_second_one_greets("TLS\n", "TLS\n" LOGIN, POP3_TLS_IMPLICIT);
}

/* Half a greeting is none, and the other half never comes from elsewhere. */
static void two_halves_are_no_greeting(void **state) {
    (void)state;
    session_begin(&s, "S: K ready\n");
    start("S: +OK ready\n");
    first.cut = 2;
    server_start(&first);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_PROTOCOL);
    server_stop(&first);
    session_end(&s);
    assert_int_equal(s.server.connections, 1);
}

static pop3_client_error the_first_one_answers(const char *script, pop3_tls_mode mode) {
    unsigned connections;
    pop3_client_error error;

    session_begin_tls(&s, LOGIN, mode);
    error = open_beside(script, &connections);
    assert_int_equal(connections, 0);
    return error;
}

static void an_answer_is_the_answer_of_all(void **state) {
    (void)state;
    assert_int_equal(the_first_one_answers("S: -ERR [SYS/TEMP] busy\n", POP3_TLS_OFF).class_, POP3_CLIENT_BUSY);
    assert_int_equal(the_first_one_answers("S: 220 ready\n", POP3_TLS_OFF).class_, POP3_CLIENT_PROTOCOL);
    assert_int_equal(the_first_one_answers("S: +OK no TLS\nWAIT\n", POP3_TLS_IMPLICIT).code, POP3_CLIENT_TLS_HANDSHAKE);
    assert_int_equal(the_first_one_answers("S: +OK\nC: STLS\n", POP3_TLS_STLS).class_, POP3_CLIENT_CLOSED);
    assert_int_equal(the_first_one_answers("S: +OK\nC: STLS\nS: +OK\n", POP3_TLS_STLS).class_, POP3_CLIENT_CLOSED);
}

/* Another machine's good certificate must not hide a wrong one: who is on the way may have just one of them. */
static void a_wrong_certificate_is_told(void **state) {
    const struct net_certificate_name names[] = {{.text = "other.test"}};
    const struct net_certificate_recipe recipe = {.names = names, .name_count = 1};
    struct net_tls_server_options options = {.alpn = "pop3"};
    struct net_error error;
    struct net_certificate *other = net_certificate_make(&recipe, authority.root, &error);

    (void)state;
    options.certificate = other;
    session_begin_tls(&s, "TLS\n" LOGIN, POP3_TLS_IMPLICIT);
    start("TLS\nWAIT\n");
    first.tls = net_tls_server_new(&options, &error);
    server_start(&first);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_TLS);
    assert_int_equal(pop3_client_last_error(s.client)->code, POP3_CLIENT_TLS_IDENTITY);
    server_stop(&first);
    session_end(&s);
    assert_int_equal(s.server.connections, 0);
    net_tls_server_free(first.tls);
    net_certificate_free(other);
}

/* Never behind a proof: the next machine would count it as another try (R-5034-10). */
static void credentials_are_for_one(void **state) {
    static const char dies[] = "S: +OK ready\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: .\n"
                               "C: AUTH PLAIN AG1yb3NlAHRhbnN0YWFmLWNhbmFyeQ==\n";

    (void)state;
    assert_int_equal(the_first_one_answers(dies, POP3_TLS_OFF).class_, POP3_CLIENT_CREDENTIALS);
}

static void the_mute_one_is_told_of_if_the_other_refuses(void **state) {
    pop3_client_error error;

    (void)state;
    session_begin(&s, LOGIN);
    start("");
    server_start(&first);
    server_stop(&s.server);
    (void)pop3_client_open(s.client);
    error = *pop3_client_last_error(s.client);
    pop3_client_free(s.client);
    server_stop(&first);
    assert_int_equal(error.class_, POP3_CLIENT_CLOSED);
    assert_string_equal(error.what, "two.test closed the connection during the login");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_says_nothing_is_left),
        cmocka_unit_test(two_halves_are_no_greeting),
        cmocka_unit_test(an_answer_is_the_answer_of_all),
        cmocka_unit_test(a_wrong_certificate_is_told),
        cmocka_unit_test(credentials_are_for_one),
        cmocka_unit_test(the_mute_one_is_told_of_if_the_other_refuses),
    };

    return cmocka_run_group_tests(tests, authority_make, authority_end);
}
