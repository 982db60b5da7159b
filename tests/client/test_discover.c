/* SPDX-License-Identifier: MIT */
/* From a mail address to POP3 servers: R-SRV-01, A-13, L-05. The name server is tests/net's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <satchel/pop3_client.h>

#include "name_server.h"
#include "net/stream.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define NOBODY "127.0.0.1:1"

enum { ROOM = 8 };

/* ---- Asking ---- */

static pop3_client_class discover(const char *address, struct name_server *server, pop3_client_service found[ROOM],
                                  pop3_client_error *error) {
    const pop3_client_discovery_options options = {.size = sizeof options, .name_servers = name_server_address(server)};
    pop3_client_class result;

    memset(found, 0xA5, ROOM * sizeof found[0]);
    result = pop3_client_discover(address, &options, found, ROOM, error);
    assert_int_equal(result, error->class_);
    return result;
}

static void expect_in(const struct name_answer *answers, const char *address, const pop3_client_service *expected,
                      size_t count) {
    struct name_server *server = name_server_start(answers);
    pop3_client_service found[ROOM];
    pop3_client_error error;

    if (discover(address, server, found, &error) != POP3_CLIENT_OK) {
        fail_msg("%s", error.what);
    }
    for (size_t i = 0; i < ROOM; i++) {
        assert_string_equal(found[i].host, i < count ? expected[i].host : "");
        assert_int_equal(found[i].port, i < count ? expected[i].port : 0);
        assert_int_equal(found[i].tls, i < count ? expected[i].tls : 0);
        assert_int_equal(found[i].foreign, i < count && expected[i].foreign);
    }
    assert_string_equal(error.what, "");
    name_server_stop(server);
}

static void expect_failure(const struct name_answer *answers, pop3_client_class class_, int code, const char *what) {
    struct name_server *server = name_server_start(answers);
    pop3_client_service found[ROOM];
    pop3_client_error error;

    assert_int_equal(discover("me@example.org", server, found, &error), class_);
    assert_int_equal(error.code, code);
    assert_string_equal(error.what, what);
    for (size_t i = 0; i < ROOM; i++) {
        assert_string_equal(found[i].host, "");
    }
    assert_int_equal(name_server_asked(server) != 0, class_ != POP3_CLIENT_ARG);
    name_server_stop(server);
}

/* ---- Which service ---- */

static const struct name_record implicit[] = {{20, 0, 9955, "b.example.org"}, {10, 0, 995, "a.example.org"}};
static const struct name_record stls[] = {{1, 0, 110, "c.example.org"}};
static const struct name_record nowhere[] = {{0, 0, 0, ""}};

#define POP3S(...) \
    { .name = "_pop3s._tcp.example.org", __VA_ARGS__ }
#define POP3(...) \
    { .name = "_pop3._tcp.example.org", __VA_ARGS__ }
#define RECORDS(array) .records = (array), .count = COUNT(array)
#define END \
    { .name = NULL }

/* A better priority of _pop3 does not help it. */
static void R_SRV_01_implicit_tls_comes_before_stls(void **state) {
    static const pop3_client_service expected[] = {{"a.example.org", 995, POP3_TLS_IMPLICIT, false},
                                                   {"b.example.org", 9955, POP3_TLS_IMPLICIT, false},
                                                   {"c.example.org", 110, POP3_TLS_STLS, false}};
    const struct name_answer both[] = {POP3S(RECORDS(implicit)), POP3(RECORDS(stls)), END};
    const struct name_answer only_implicit[] = {POP3S(RECORDS(implicit)), END};
    const struct name_answer only_stls[] = {POP3(RECORDS(stls)), END};

    (void)state;
    expect_in(both, "me@example.org", expected, 3);
    expect_in(only_implicit, "me@example.org", expected, 2);
    expect_in(only_stls, "me@example.org", expected + 2, 1);
}

static void R_SRV_01_the_root_is_believed(void **state) {
    static const pop3_client_service expected[] = {{"c.example.org", 110, POP3_TLS_STLS, false}};
    static const char what[] = "the domain of the mail address says that it offers no POP3";
    const struct name_answer no_implicit[] = {POP3S(RECORDS(nowhere)), POP3(RECORDS(stls)), END};
    const struct name_answer neither[] = {POP3S(RECORDS(nowhere)), POP3(RECORDS(nowhere)), END};
    const struct name_answer first[] = {POP3S(RECORDS(nowhere)), END};
    const struct name_answer second[] = {POP3(RECORDS(nowhere)), END};

    (void)state;
    expect_in(no_implicit, "me@example.org", expected, 1);
    expect_failure(neither, POP3_CLIENT_NAME, POP3_CLIENT_NAME_NOT_OFFERED, what);
    expect_failure(first, POP3_CLIENT_NAME, POP3_CLIENT_NAME_NOT_OFFERED, what);
    expect_failure(second, POP3_CLIENT_NAME, POP3_CLIENT_NAME_NOT_OFFERED, what);
}

static void nothing_is_told(void **state) {
    const struct name_answer none[] = {END};
    const struct name_answer empty[] = {POP3S(.count = 0), POP3(.count = 0), END};
    static const char what[] = "the domain of the mail address does not tell of a POP3 server";

    (void)state;
    expect_failure(none, POP3_CLIENT_NAME, POP3_CLIENT_NAME_NOT_TOLD, what);
    expect_failure(empty, POP3_CLIENT_NAME, POP3_CLIENT_NAME_NOT_TOLD, what);
}

/* One service that cannot be looked up hides none that can; and without that nobody knows. */
static void one_look_up_fails(void **state) {
    static const pop3_client_service expected[] = {{"a.example.org", 995, POP3_TLS_IMPLICIT, false},
                                                   {"b.example.org", 9955, POP3_TLS_IMPLICIT, false}};
    static const pop3_client_service clear[] = {{"c.example.org", 110, POP3_TLS_STLS, false}};
    const struct name_answer first[] = {POP3S(.rcode = NAME_SERVFAIL), POP3(RECORDS(stls)), END};
    const struct name_answer second[] = {POP3S(RECORDS(implicit)), POP3(.rcode = NAME_SERVFAIL), END};
    const struct name_answer alone[] = {POP3S(.rcode = NAME_SERVFAIL), END};
    const struct name_answer refused[] = {POP3S(RECORDS(nowhere)), POP3(.rcode = NAME_SERVFAIL), END};

    (void)state;
    expect_in(first, "me@example.org", clear, 1);
    expect_in(second, "me@example.org", expected, 2);
    expect_failure(alone, POP3_CLIENT_NAME, 0, "the name servers did not tell about _pop3s._tcp.example.org");
    expect_failure(refused, POP3_CLIENT_NAME, 0, "the name servers did not tell about _pop3._tcp.example.org");
}

static void L_05_silence_has_an_end(void **state) {
    const struct name_answer silent[] = {POP3S(.silent = true), POP3(.silent = true), END};
    struct name_server *server = name_server_start(silent);
    const pop3_client_discovery_options options = {
        .size = sizeof options, .name_servers = name_server_address(server), .timeout_ms = 100};
    uint64_t began = net_now_ms();
    pop3_client_service found[1];
    pop3_client_error error;

    (void)state;
    assert_int_equal(pop3_client_discover("me@example.org", &options, found, 1, &error), POP3_CLIENT_TIMEOUT);
    assert_true(net_now_ms() >= began + 100 && net_now_ms() < began + 2000);
    name_server_stop(server);
}

/* ---- Whose servers ---- */

static void R_SRV_01_foreign_targets_are_marked(void **state) {
    static const struct {
        const char *target;
        bool foreign;
    } rows[] = {{"example.org", false},
                {"mail.example.org", false},
                {"MAIL.b.Example.ORG", false},
                {"evilexample.org", true},
                {"example.org.evil.example", true},
                {"org", true},
                {"mail.example.com", true},
                {"xample.org", true},
                {"example.or", true},
                {"mail.example.org.org", true},
                {"evil-example.org", true}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct name_record record = {0, 0, 995, rows[i].target};
        const struct name_answer answers[] = {POP3S(.records = &record, .count = 1), END};
        struct name_server *server = name_server_start(answers);
        pop3_client_service found[ROOM];
        pop3_client_error error;

        assert_int_equal(discover("me@example.org", server, found, &error), POP3_CLIENT_OK);
        if (found[0].foreign != rows[i].foreign) {
            fail_msg("%s", rows[i].target);
        }
        name_server_stop(server);
    }
}

static void international_domains_are_asked_in_ascii(void **state) {
    static const struct name_record record[] = {{0, 0, 995, "mail.xn--mnchen-3ya.example"}};
    static const pop3_client_service expected[] = {{"mail.xn--mnchen-3ya.example", 995, POP3_TLS_IMPLICIT, false}};
    static const char *const addresses[] = {"me@m\xc3\xbcnchen.example", "me@M\xc3\x9cNCHEN.example",
                                            "m\xc3\xbc@xn--mnchen-3ya.example", "me@XN--MNCHEN-3YA.example."};
    const struct name_answer answers[] = {{.name = "_pop3s._tcp.xn--mnchen-3ya.example", RECORDS(record)}, END};

    (void)state;
    for (size_t i = 0; i < COUNT(addresses); i++) {
        expect_in(answers, addresses[i], expected, 1);
    }
}

/* ---- Addresses ---- */

static void addresses_that_are_none(void **state) {
    static const char *const rows[] = {"",
                                       "@",
                                       "me",
                                       "me@",
                                       "@example.org",
                                       "example.org",
                                       "me@.",
                                       "me@a..example.org",
                                       "me@-a.example.org",
                                       "me@exa mple.org",
                                       "Me <me@example.org>",
                                       "me@example.org/x",
                                       "me@example.org:995",
                                       "me@127.0.0.1",
                                       "me@[127.0.0.1]",
                                       "me@::1",
                                       "me@\xff.example",
                                       "pops://me@example.org/"};
    struct name_server *server = name_server_start((const struct name_answer[]){END});
    pop3_client_service found[ROOM];
    pop3_client_error error;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (discover(rows[i], server, found, &error) != POP3_CLIENT_ARG) {
            fail_msg("%s", rows[i]);
        }
        assert_string_equal(error.what, "that is no mail address");
        assert_string_equal(found[0].host, "");
    }
    assert_int_equal(name_server_asked(server), 0);
    name_server_stop(server);
}

static void A_13_addresses_with_controls(void **state) {
    static const char *const parts[] = {"%cme@example.org", "m%ce@example.org", "me%c@example.org",
                                        "me@%cexample.org", "me@exa%cmple.org", "me@example.org%c"};
    struct name_server *server = name_server_start((const struct name_answer[]){END});
    pop3_client_service found[ROOM];
    pop3_client_error error;
    char address[64];

    (void)state;
    for (int octet = 1; octet <= 0x7F; octet = octet == 0x1F ? 0x7F : octet + 1) {
        for (size_t i = 0; i < COUNT(parts); i++) {
            (void)snprintf(address, sizeof address, parts[i], octet); /* NOLINT(-Wformat-nonliteral): parts[] */
            assert_int_equal(discover(address, server, found, &error), POP3_CLIENT_ARG);
        }
    }
    assert_int_equal(name_server_asked(server), 0);
    name_server_stop(server);
}

static void odd_addresses(void **state) {
    static const pop3_client_service expected[] = {{"c.example.org", 110, POP3_TLS_STLS, false}};
    static const char *const rows[] = {"me@EXAMPLE.ORG", "me@example.org.", "\"a@b\"@example.org", "m+e@example.org"};
    const struct name_answer answers[] = {POP3(RECORDS(stls)), END};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        expect_in(answers, rows[i], expected, 1);
    }
}

/* ---- Arguments ---- */

static void there_may_be_little_room(void **state) {
    const struct name_answer answers[] = {POP3S(RECORDS(implicit)), POP3(RECORDS(stls)), END};
    struct name_server *server = name_server_start(answers);
    const pop3_client_discovery_options options = {.size = sizeof options, .name_servers = name_server_address(server)};
    pop3_client_service found[2];

    (void)state;
    memset(found, 0xA5, sizeof found);
    assert_int_equal(pop3_client_discover("me@example.org", &options, found, 1, NULL), POP3_CLIENT_OK);
    assert_string_equal(found[0].host, "a.example.org");
    assert_int_equal(found[1].port, 0xA5A5);
    assert_int_equal(pop3_client_discover("me@example.org", &options, found, 0, NULL), POP3_CLIENT_ARG);
    name_server_stop(server);
}

static void arguments_that_are_none(void **state) {
    struct {
        pop3_client_discovery_options options;
        char later;
    } newer = {{.size = sizeof newer, .name_servers = NOBODY}, 0};
    pop3_client_discovery_options options = {.size = 0};
    pop3_client_service found[1];
    pop3_client_error error;

    (void)state;
    assert_int_equal(pop3_client_discover("me", NULL, found, 1, &error), POP3_CLIENT_ARG);
    assert_int_equal(pop3_client_discover("me@example.org", &options, found, 1, &error), POP3_CLIENT_ARG);
    assert_string_equal(error.what, "options.size is not the size of the options");
    options = (pop3_client_discovery_options){.size = sizeof options, .name_servers = "localhost"};
    assert_int_equal(pop3_client_discover("me@example.org", &options, found, 1, &error), POP3_CLIENT_ARG);
    assert_string_equal(error.what, "the name servers are no numeric addresses");
    assert_int_equal(pop3_client_discover("me@example.org", &newer.options, found, 1, &error), POP3_CLIENT_NAME);
    newer.later = 1;
    assert_int_equal(pop3_client_discover("me@example.org", &newer.options, found, 1, &error), POP3_CLIENT_ARG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R_SRV_01_implicit_tls_comes_before_stls),
        cmocka_unit_test(R_SRV_01_the_root_is_believed),
        cmocka_unit_test(nothing_is_told),
        cmocka_unit_test(one_look_up_fails),
        cmocka_unit_test(L_05_silence_has_an_end),
        cmocka_unit_test(R_SRV_01_foreign_targets_are_marked),
        cmocka_unit_test(international_domains_are_asked_in_ascii),
        cmocka_unit_test(addresses_that_are_none),
        cmocka_unit_test(A_13_addresses_with_controls),
        cmocka_unit_test(odd_addresses),
        cmocka_unit_test(there_may_be_little_room),
        cmocka_unit_test(arguments_that_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
