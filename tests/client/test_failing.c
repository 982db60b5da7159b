/* SPDX-License-Identifier: MIT */
/*
 * A session in which each allocation, and each call of the kernel, fails in turn, those that OpenSSL makes too: it ends and
 * says so, and nothing is deleted that was not fetched.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "authority.h"
#include "failing.h"
#include "session.h"

static struct session s;
static const uint32_t numbers[] = {1, 2};
static unsigned fetched;

#define WHOLE                                                                                \
    "S: +OK ready\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: PIPELINING\nS: .\n"                    \
    "C: AUTH PLAIN AG1yb3NlAHRhbnN0YWFmLWNhbmFyeQ==\nS: +OK in\n"                            \
    "C: STAT\nC: LIST\nC: UIDL\nS: +OK 2 6\nS: +OK\nS: 1 3\nS: 2 3\nS: .\n"                  \
    "S: +OK\nS: 1 a\nS: 2 b\nS: .\nC: RETR 1\nC: RETR 2\nS: +OK\nS: a\nS: .\nS: +OK\nS: b\n" \
    "S: .\nC: DELE 1\nC: DELE 2\nC: QUIT\nS: +OK\nS: +OK\nS: +OK\n"

static int content(void *context, size_t index, const void *octets, size_t n) {
    (void)context, (void)index, (void)octets, (void)n;
    return 0;
}

static int done(void *context, size_t index, const pop3_client_error *error) {
    (void)context, (void)index;
    fetched += error->class_ == POP3_CLIENT_OK;
    return 0;
}

static void session(pop3_client *client) {
    if (pop3_client_open(client) == POP3_CLIENT_OK &&
        pop3_client_survey(client, NULL, NULL, NULL, NULL, NULL) == POP3_CLIENT_OK &&
        pop3_client_retr_many(client, numbers, 2, content, done, NULL) == POP3_CLIENT_OK) {
        (void)pop3_client_dele_quit(client, numbers, 2, NULL, NULL);
    }
}

/* From the options to QUIT under the plan; without it the handle is as good as new. */
static pop3_client_error run(struct failing_plan plan, bool again) {
    pop3_client_error error = {.class_ = POP3_CLIENT_OK};
    pop3_client *client;

    failing = plan;
    client = pop3_client_new(&s.options, &error);
    if (client != NULL) {
        session(client);
        error = *pop3_client_last_error(client);
        failing.what = FAILING_NONE;
        if (error.class_ != POP3_CLIENT_OK && again) {
            assert_int_equal(pop3_client_open(client), POP3_CLIENT_OK);
        }
    }
    pop3_client_free(client);
    failing.what = FAILING_NONE;
    return error;
}

static pop3_client_error try(struct failing_plan plan, pop3_tls_mode mode) {
    enum { OFTEN = 16 };
    bool tls = mode == POP3_TLS_IMPLICIT;
    const char *script = tls ? "TLS\n" WHOLE : WHOLE;
    const char *without = tls ? "TLS\nS: +OK ready\nC: *\n" : "S: +OK ready\nC: *\n";
    pop3_client_error error;

    session_begin_tls(&s, script, mode);
    for (int i = 1; i < SERVER_SCRIPTS; i++) { /* behind a broken connection the client may do without CAPA */
        s.server.scripts[i] = plan.what == FAILING_CALLS ? without : script;
    }
    s.options.trace = NULL;
    s.options.greeting_ms = s.options.reply_ms = s.options.login_ms = s.options.handshake_ms =
        plan.what == FAILING_CALLS ? 200 : 0; /* what was not sent is not answered */
    fetched = 0;
    server_start(&s.server);
    s.options.port = s.server.listener.port;
    error = run(plan, plan.what == FAILING_MEMORY && plan.at % OFTEN == 0);
    server_stop(&s.server);
    if (s.server.complaint[0] != '\0' || (session_sent(&s, "DELE") && fetched != 2) ||
        (error.class_ == POP3_CLIENT_OK && !session_sent(&s, "QUIT")) ||
        (error.class_ != POP3_CLIENT_OK && error.what[0] == '\0')) {
        fail_msg("at %zu: class %d, %s, %u fetched; %s", plan.at, (int)error.class_, error.what, fetched,
                 s.server.complaint);
    }
    return error;
}

/* Every how many allocations of a handshake one fails: the argument. */
static size_t step = 1;

/* Calls `judge` for the failure of the first, of another one behind it ..., until there are fewer than that. */
static void try_each(struct failing_plan plan, pop3_tls_mode mode, bool (*judge)(const pop3_client_error *error)) {
    size_t more = plan.what == FAILING_MEMORY && mode == POP3_TLS_IMPLICIT ? step : 1;

    for (plan.at = 1; plan.at == 1 || failing.count >= failing.at; plan.at += more) {
        pop3_client_error error = try(plan, mode);
        if (!judge(&error)) {
            fail_msg("at %zu: class %d, %s", plan.at, (int)error.class_, error.what);
        }
    }
    assert_true(plan.at > 2);
}

/* OpenSSL does not always know that memory was what it had too little of; and some things it can do without. */
static bool is_memory_or_tls(const pop3_client_error *error) {
    return error->class_ == POP3_CLIENT_OK || error->class_ == POP3_CLIENT_MEMORY || error->class_ == POP3_CLIENT_TLS ||
           (error->class_ == POP3_CLIENT_ARG && strstr(error->what, "ca-file") != NULL);
}

static void each_allocation_may_fail(void **state) {
    const struct failing_plan one = {.what = FAILING_MEMORY};
    const struct failing_plan all = {.what = FAILING_MEMORY, .onward = true};

    (void)state;
    try_each(one, POP3_TLS_OFF, is_memory_or_tls);
    try_each(one, POP3_TLS_IMPLICIT, is_memory_or_tls);
    try_each(all, POP3_TLS_IMPLICIT, is_memory_or_tls);
}

static bool is_about_the_connection(const pop3_client_error *error) {
    switch (error->class_) {
    case POP3_CLIENT_OK:
    case POP3_CLIENT_CONNECT:
    case POP3_CLIENT_TIMEOUT:
    case POP3_CLIENT_CREDENTIALS: /* hung up on in the middle of AUTH */
    case POP3_CLIENT_CLOSED:
    case POP3_CLIENT_SYSTEM: return true;
    default: return false;
    }
}

static void each_call_may_fail(void **state) {
    const struct failing_plan one = {.what = FAILING_CALLS, .error = ECONNRESET};
    const struct failing_plan all = {.what = FAILING_CALLS, .error = ECONNRESET, .onward = true};

    (void)state;
    try_each(one, POP3_TLS_OFF, is_about_the_connection);
    try_each(all, POP3_TLS_OFF, is_about_the_connection);
    try_each(one, POP3_TLS_IMPLICIT, is_about_the_connection);
    try_each(all, POP3_TLS_IMPLICIT, is_about_the_connection);
}

/* Who is on the way must not profit from a machine that is short of memory. */
static void no_failure_lets_a_wrong_certificate_pass(void **state) {
    const struct net_certificate_name names[] = {{.text = "other.test"}};
    const struct net_certificate_recipe recipe = {.names = names, .name_count = 1};
    struct net_tls_server_options options = {.alpn = "pop3"};
    struct net_error error;
    struct net_certificate *other = net_certificate_make(&recipe, authority.root, &error);
    struct net_tls_server *good = authority.tls;
    struct failing_plan plan = {.what = FAILING_MEMORY};
    pop3_client_class result;

    (void)state;
    options.certificate = other;
    authority.tls = net_tls_server_new(&options, &error);
    for (plan.at = 1; plan.at == 1 || failing.count >= failing.at; plan.at++) {
        session_begin_tls(&s, "TLS\n" WHOLE, POP3_TLS_IMPLICIT);
        server_start(&s.server);
        s.options.port = s.server.listener.port;
        result = run(plan, false).class_;
        server_stop(&s.server);
        if (result == POP3_CLIENT_OK || s.server.heard[0] != '\0') {
            fail_msg("at %zu: class %d, the server heard %s", plan.at, (int)result, s.server.heard);
        }
    }
    net_tls_server_free(authority.tls);
    net_certificate_free(other);
    authority.tls = good;
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_failure_lets_a_wrong_certificate_pass),
        cmocka_unit_test(each_allocation_may_fail),
        cmocka_unit_test(each_call_may_fail),
    };

    step = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : step;
    return cmocka_run_group_tests(tests, authority_make, authority_end);
}
