/* SPDX-License-Identifier: MIT */
/*
 * What the mechanisms are, which credentials they take, and what they refuse besides SCRAM: R-PLAIN-01, R-LOGIN-01, R-CRAM-01,
 * R-OAUTHB-01, R-XOAUTH2-01, R-EXT-01, R-5034-13, A-13.
 */
#include "crypto.h"
#include "dialogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 512 };

static const pop3_sasl_mechanism *const all[] = {
    &pop3_sasl_external,      &pop3_sasl_plain,
    &pop3_sasl_login,         &pop3_sasl_cram_md5,
    &pop3_sasl_scram_sha_1,   &pop3_sasl_scram_sha_1_plus,
    &pop3_sasl_scram_sha_256, &pop3_sasl_scram_sha_256_plus,
    &pop3_sasl_oauthbearer,   &pop3_sasl_xoauth2,
};
enum { MECHANISMS = sizeof all / sizeof all[0] };

/* R-5034-04, R-TLS-08, Q-15, R-AUTH-01. */
static void test_what_they_are(void **state) {
    static const struct {
        const char *name;
        bool client_first, plaintext, two_step, uses_token, plus;
    } rows[MECHANISMS] = {
        {"EXTERNAL", true, false, false, false, false},      {"PLAIN", true, true, false, false, false},
        {"LOGIN", false, true, false, false, false},         {"CRAM-MD5", false, false, false, false, false},
        {"SCRAM-SHA-1", true, false, false, false, false},   {"SCRAM-SHA-1-PLUS", true, false, false, false, true},
        {"SCRAM-SHA-256", true, false, false, false, false}, {"SCRAM-SHA-256-PLUS", true, false, false, false, true},
        {"OAUTHBEARER", true, true, true, true, false},      {"XOAUTH2", true, true, true, true, false},
    };
    (void)state;
    for (size_t i = 0; i < MECHANISMS; i++) {
        assert_string_equal(all[i]->name, rows[i].name);
        assert_int_equal(all[i]->client_first, rows[i].client_first);
        assert_int_equal(all[i]->plaintext, rows[i].plaintext);
        assert_int_equal(all[i]->two_step, rows[i].two_step);
        assert_int_equal(all[i]->uses_token, rows[i].uses_token);
        assert_int_equal(all[i]->plus, rows[i].plus);
    }
}

/* ---- Credentials ---- */

/* Credentials with which each mechanism begins. */
static pop3_credentials complete(void) {
    return (pop3_credentials){.user = "user",
                              .password = "secret",
                              .token = "token",
                              .host = "pop.example.org",
                              .port = 995,
                              .binding_type = "tls-exporter",
                              .binding = {"octets", 6}};
}

static pop3_sasl_result start(const pop3_sasl_mechanism *mechanism, const pop3_credentials *credentials) {
    char buffer[ROOM];
    pop3_sasl sasl;
    pop3_sasl_result result;
    size_t n;

    random_is("anyAnyanyAnyanyAnyanyAny");
    result = pop3_sasl_start(&sasl, mechanism, credentials, &openssl, buffer, sizeof buffer);
    if (result != POP3_SASL_OK) {
        assert_null(pop3_sasl_response(&sasl, &n)); /* nothing is sent */
        assert_int_equal(pop3_sasl_finish(&sasl), POP3_SASL_SERVER);
    }
    pop3_sasl_end(&sasl);
    return result;
}

/* Which member of the credentials does a mechanism need? */
static bool needs(const pop3_sasl_mechanism *mechanism, const char *member) {
    if (mechanism == &pop3_sasl_external) {
        return false;
    }
    return strcmp(member, "user") == 0 || mechanism->uses_token == (strcmp(member, "token") == 0);
}

static void check_needed(const char *member, const char **place, pop3_credentials *credentials) {
    static const char *const missing[] = {NULL, ""};
    const char *good = *place;

    for (size_t i = 0; i < MECHANISMS; i++) {
        for (size_t j = 0; j < 2; j++) {
            *place = missing[j];
            assert_int_equal(start(all[i], credentials), needs(all[i], member) ? POP3_SASL_CREDENTIALS : POP3_SASL_OK);
        }
    }
    *place = good;
}

static void test_missing_credentials(void **state) {
    pop3_credentials credentials = complete();
    (void)state;
    for (size_t i = 0; i < MECHANISMS; i++) {
        assert_int_equal(start(all[i], &credentials), POP3_SASL_OK);
    }
    check_needed("user", &credentials.user, &credentials);
    check_needed("password", &credentials.password, &credentials);
    check_needed("token", &credentials.token, &credentials);
}

/* Does the mechanism send what stands there? */
static bool sends(const pop3_sasl_mechanism *mechanism, const pop3_credentials *credentials, const char *const *place) {
    bool scram = mechanism->digest_size != 0;

    if (place == &credentials->authzid) {
        return mechanism == &pop3_sasl_external || mechanism == &pop3_sasl_plain || scram ||
               mechanism == &pop3_sasl_oauthbearer;
    }
    if (place == &credentials->host) {
        return mechanism == &pop3_sasl_oauthbearer;
    }
    return needs(mechanism, place == &credentials->user ? "user" : place == &credentials->token ? "token" : "password");
}

/* Who cannot say whom to act for must not act: it would be for another one. */
static void test_an_authzid_that_cannot_be_said(void **state) {
    static const pop3_sasl_mechanism *const silent[] = {&pop3_sasl_login, &pop3_sasl_cram_md5, &pop3_sasl_xoauth2};
    pop3_credentials credentials = complete();

    (void)state;
    for (size_t i = 0; i < sizeof silent / sizeof silent[0]; i++) {
        credentials.authzid = "shared";
        assert_int_equal(start(silent[i], &credentials), POP3_SASL_CREDENTIALS);
        credentials.authzid = "";
        assert_int_equal(start(silent[i], &credentials), POP3_SASL_OK);
    }
}

/* Each octet in each string: control octets never, others than ASCII only if prepared and never in token and host. */
static void test_A_13_octets(void **state) {
    pop3_credentials credentials = complete();
    const char **const places[] = {&credentials.user, &credentials.authzid, &credentials.password, &credentials.token,
                                   &credentials.host};
    (void)state;
    for (size_t place = 0; place < sizeof places / sizeof places[0]; place++) {
        const char *before = *places[place];
        bool word = places[place] == &credentials.token || places[place] == &credentials.host;
        for (unsigned octet = 1; octet < 256; octet++) {
            const char text[] = {'a', (char)octet, 'b', '\0'};
            *places[place] = text;
            for (unsigned i = 0; i < MECHANISMS * 2; i++) {
                const pop3_sasl_mechanism *mechanism = all[i / 2];
                bool good, sent = sends(mechanism, &credentials, places[place]);
                if (!sent && places[place] == &credentials.authzid) {
                    continue;
                }
                credentials.prepared = i % 2 != 0;
                good =
                    octet >= (word ? 0x21 : 0x20) && octet != 0x7F && (octet < 0x80 || (credentials.prepared && !word));
                assert_int_equal(start(mechanism, &credentials), good || !sent ? POP3_SASL_OK : POP3_SASL_CREDENTIALS);
            }
        }
        *places[place] = before;
    }
}

/* ---- One by one ---- */

static struct dialogue with(const pop3_sasl_mechanism *mechanism, pop3_credentials credentials) {
    return (struct dialogue){.mechanism = mechanism, .credentials = credentials, .text = true};
}

static void check_initial(const pop3_sasl_mechanism *mechanism, pop3_credentials credentials, const char *text) {
    const struct dialogue dialogue = with(mechanism, credentials);
    struct exchange exchange;
    char line[DIALOGUE_TEXT];

    assert_int_equal(exchange_open(&exchange, &dialogue, NULL, ROOM), POP3_SASL_OK);
    exchange_sends(&exchange, dialogue_line(&dialogue, text, line));
    exchange_close(&exchange);
}

static void test_R_OAUTHB_01_what_it_says(void **state) {
    pop3_credentials credentials = {.user = "u", .token = "t"};
    (void)state;
    check_initial(&pop3_sasl_oauthbearer, credentials, "n,a=u,\1auth=Bearer t\1\1");
    credentials.authzid = "";
    credentials.port = 1;
    check_initial(&pop3_sasl_oauthbearer, credentials, "n,a=u,\1port=1\1auth=Bearer t\1\1");
    credentials.authzid = "a,b=c";
    credentials.host = "h";
    credentials.port = 65535;
    check_initial(&pop3_sasl_oauthbearer, credentials, "n,a=a=2Cb=3Dc,\1host=h\1port=65535\1auth=Bearer t\1\1");
    credentials.port = 110;
    check_initial(&pop3_sasl_oauthbearer, credentials, "n,a=a=2Cb=3Dc,\1host=h\1port=110\1auth=Bearer t\1\1");
    credentials.authzid = NULL;
    check_initial(&pop3_sasl_xoauth2, credentials, "user=u\1auth=Bearer t\1\1");
}

/* R-OAUTHB-01, R-XOAUTH2-01: the refusal is answered with ^A or an empty line; of its JSON only the status is told. */
static void test_refused_tokens(void **state) {
    static const struct {
        const char *json, *status;
    } rows[] = {
        {"{\"status\":\"invalid_token\",\"scope\":\"example_scope\"}", "invalid_token"},
        {"{\"scope\":\"s\", \"status\" :\r\n\t \"401\"}", "401"},
        {"{\"status\":\"\"}", ""},
        {"{\"status\":401}", ""},
        {"{\"status\":", ""},
        {"{\"status\":  ", ""},
        {"{\"status\" ", ""},
        {"{\"status\"", ""},
        {"{\"status\"x", ""},
        {"{\"status\":\"", ""},
        {"{\"status\":\"invalid", ""},
        {"{\"statu", ""},
        {"status: no", ""},
        {"x", ""},
    };
    const pop3_sasl_mechanism *const mechanisms[] = {&pop3_sasl_oauthbearer, &pop3_sasl_xoauth2};
    (void)state;
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        const struct dialogue dialogue = with(mechanisms[i % 2], complete());
        struct exchange exchange;
        pop3_span status;
        assert_int_equal(exchange_open(&exchange, &dialogue, NULL, ROOM), POP3_SASL_OK);
        assert_int_equal(exchange_told(&exchange, rows[i / 2].json), POP3_SASL_REFUSED);
        exchange_sends(&exchange, i % 2 == 0 ? "AQ==" : "");
        status = pop3_sasl_refusal(&exchange.sasl);
        assert_int_equal(status.length, strlen(rows[i / 2].status));
        assert_memory_equal(status.data != NULL ? status.data : "", rows[i / 2].status, status.length);
        assert_int_equal(pop3_sasl_finish(&exchange.sasl), POP3_SASL_SERVER);
        assert_int_equal(exchange_told(&exchange, "again"), POP3_SASL_CHALLENGE);
        exchange_sends(&exchange, NULL);
        exchange_close(&exchange);
    }
}

/* R-LOGIN-01, Q-16: what is asked does not matter, neither does how. */
static void test_R_LOGIN_01_contents_are_ignored(void **state) {
    static const char *const asked[] = {"", "VXNlcm5hbWU6", "UGFzc3dvcmQ6", "Username:", "=", "\x80"};
    enum { ASKED = sizeof asked / sizeof asked[0] };
    const struct dialogue *dialogue = dialogue_named("V-LOGIN");
    (void)state;
    for (size_t i = 0; i < (size_t)ASKED * ASKED; i++) {
        const char *first = asked[i % ASKED], *second = asked[i / ASKED];
        struct exchange exchange;
        assert_int_equal(exchange_open(&exchange, dialogue, NULL, ROOM), POP3_SASL_OK);
        exchange_sends(&exchange, NULL);
        assert_int_equal(pop3_sasl_challenge(&exchange.sasl, first, strlen(first), false), POP3_SASL_OK);
        exchange_sends(&exchange, "dGlt");
        assert_int_equal(pop3_sasl_challenge(&exchange.sasl, second, strlen(second), false), POP3_SASL_OK);
        exchange_sends(&exchange, "dGFuc3RhYWZ0YW5zdGFhZg==");
        exchange_close(&exchange);
    }
}

/* R-CRAM-01: keys longer than a block are hashed; nothing to sign is no challenge; MD5 must be there. */
static void test_R_CRAM_01(void **state) {
    struct dialogue dialogue = *dialogue_named("V-CRAM");
    pop3_crypto crypto = {.sha1 = sha1};
    struct exchange exchange;
    char secret[81], line[DIALOGUE_TEXT];
    (void)state;
    memset(secret, 'k', sizeof secret - 1);
    secret[sizeof secret - 1] = '\0';
    dialogue.text = true;
    dialogue.credentials = (pop3_credentials){.user = "two words", .password = secret};
    assert_int_equal(exchange_open(&exchange, &dialogue, &openssl, ROOM), POP3_SASL_OK);
    assert_int_equal(exchange_told(&exchange, "<1@a>"), POP3_SASL_OK);
    exchange_sends(&exchange, dialogue_line(&dialogue, "two words 286fcf333c08d8c6e02ed9fc9e31bc05", line));
    exchange_close(&exchange);
    assert_int_equal(exchange_open(&exchange, &dialogue, &openssl, ROOM), POP3_SASL_OK);
    assert_int_equal(exchange_told(&exchange, ""), POP3_SASL_CHALLENGE);
    exchange_close(&exchange);
    assert_int_equal(exchange_open(&exchange, &dialogue, &crypto, ROOM), POP3_SASL_CRYPTO);
    exchange_close(&exchange);
    assert_int_equal(exchange_open(&exchange, &dialogue, NULL, ROOM), POP3_SASL_CRYPTO);
    exchange_close(&exchange);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_they_are),
        cmocka_unit_test(test_missing_credentials),
        cmocka_unit_test(test_an_authzid_that_cannot_be_said),
        cmocka_unit_test(test_A_13_octets),
        cmocka_unit_test(test_R_OAUTHB_01_what_it_says),
        cmocka_unit_test(test_refused_tokens),
        cmocka_unit_test(test_R_LOGIN_01_contents_are_ignored),
        cmocka_unit_test(test_R_CRAM_01),
    };
    return cmocka_run_group_tests_name("SASL mechanisms", tests, NULL, NULL);
}
