/* SPDX-License-Identifier: MIT */
/*
 * Each mechanism against libgsasl as the server, which was written by others: good and wrong secrets, names with commas,
 * channel bindings that agree and that do not. It knows neither OAuth nor tls-server-end-point.
 */
#include "crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsasl.h>
#include <openssl/rand.h>

enum { ROOM = 512 };

/* What the server knows. */
static struct {
    const char *user, *authzid, *password;
    const char *binding; /* in base64 */
    const char *iterations;
    unsigned asked; /* how often the server judged, or asked for the password */
} server;

static const char *or_none(const char *text) {
    return text != NULL ? text : "";
}

/* For PLAIN without an authzid, libgsasl tells the user in its place. */
static bool is_who(Gsasl_session *session) {
    const char *authid = gsasl_property_fast(session, GSASL_AUTHID);
    const char *authzid = or_none(gsasl_property_fast(session, GSASL_AUTHZID));

    return strcmp(or_none(authid), server.user) == 0 && (strcmp(authzid, or_none(server.authzid)) == 0 ||
                                                         (server.authzid == NULL && strcmp(authzid, server.user) == 0));
}

static int set(Gsasl_session *session, Gsasl_property property, const char *value) {
    return value != NULL ? gsasl_property_set(session, property, value) : GSASL_NO_CALLBACK;
}

static int answer(Gsasl *context, Gsasl_session *session, Gsasl_property property) {
    (void)context;
    switch (property) {
    case GSASL_PASSWORD:
        server.asked++;
        return is_who(session) ? set(session, property, server.password) : GSASL_NO_PASSWORD;
    case GSASL_SCRAM_ITER: return set(session, property, server.iterations);
    case GSASL_CB_TLS_EXPORTER: return set(session, property, server.binding);
    case GSASL_VALIDATE_SIMPLE:
        server.asked++;
        return is_who(session) && strcmp(gsasl_property_fast(session, GSASL_PASSWORD), server.password) == 0
                   ? GSASL_OK
                   : GSASL_AUTHENTICATION_ERROR;
    case GSASL_VALIDATE_EXTERNAL:
        server.asked++;
        return strcmp(or_none(gsasl_property_fast(session, GSASL_AUTHZID)), or_none(server.authzid)) == 0
                   ? GSASL_OK
                   : GSASL_AUTHENTICATION_ERROR;
    default: return GSASL_NO_CALLBACK;
    }
}

static bool some_random(void *out, size_t n) {
    return RAND_bytes(out, (int)n) == 1;
}

/* The server's step: its challenge is handed to the client, if there is one. */
static int step(Gsasl_session *session, pop3_sasl *sasl, const char *line, pop3_sasl_result *result) {
    char *challenge = NULL;
    int rc = gsasl_step64(session, line, &challenge);

    if (rc == GSASL_NEEDS_MORE || (rc == GSASL_OK && challenge != NULL && challenge[0] != '\0')) {
        *result = pop3_sasl_challenge(sasl, challenge, strlen(challenge), false);
    }
    gsasl_free(challenge);
    return rc;
}

/* Runs the exchange; does the server say +OK, and does the client believe it? */
static bool authenticate(const pop3_sasl_mechanism *mechanism, const pop3_credentials *credentials, bool two_step) {
    pop3_crypto crypto = openssl;
    char buffer[ROOM], line[ROOM + 1];
    Gsasl *context;
    Gsasl_session *session;
    pop3_sasl sasl;
    pop3_sasl_result result;
    bool believed;
    int rc;

    crypto.random = some_random;
    assert_int_equal(gsasl_init(&context), GSASL_OK);
    gsasl_callback_set(context, answer);
    assert_int_equal(gsasl_server_start(context, mechanism->name, &session), GSASL_OK);
    gsasl_property_set(session, GSASL_SERVICE, "pop");
    gsasl_property_set(session, GSASL_HOSTNAME, "localhost");
    result = pop3_sasl_start(&sasl, mechanism, credentials, &crypto, buffer, sizeof buffer);
    rc = GSASL_NEEDS_MORE;
    if (two_step || !mechanism->client_first) {
        rc = step(session, &sasl, NULL, &result);
    }
    while (rc == GSASL_NEEDS_MORE && result == POP3_SASL_OK) {
        size_t n;
        const char *response = pop3_sasl_response(&sasl, &n);
        assert_non_null(response);
        memcpy(line, response, n);
        line[n] = '\0';
        rc = step(session, &sasl, line, &result);
    }
    believed = rc == GSASL_OK && pop3_sasl_finish(&sasl) == POP3_SASL_OK;
    assert_true(believed || rc != GSASL_OK || result != POP3_SASL_OK); /* a good +OK is believed */
    pop3_sasl_end(&sasl);
    gsasl_finish(session);
    gsasl_done(context);
    return believed;
}

static const pop3_sasl_mechanism *const mechanisms[] = {
    &pop3_sasl_plain,
    &pop3_sasl_login,
    &pop3_sasl_cram_md5,
    &pop3_sasl_scram_sha_1,
    &pop3_sasl_scram_sha_256,
    &pop3_sasl_scram_sha_1_plus,
    &pop3_sasl_scram_sha_256_plus,
};
enum { MECHANISMS = sizeof mechanisms / sizeof mechanisms[0] };

static void reset(const char *user, const char *authzid, const char *password) {
    server.user = user;
    server.authzid = authzid;
    server.password = password;
    server.binding = "YmluZGluZyBvY3RldHM=";
    server.iterations = "4096";
    server.asked = 0;
}

static pop3_credentials client(const char *user, const char *authzid, const char *password) {
    return (pop3_credentials){.user = user,
                              .authzid = authzid,
                              .password = password,
                              .prepared = true,
                              .plus_offered = true,
                              .binding_type = "tls-exporter",
                              .binding = {"binding octets", 14}};
}

static bool takes_authzid(const pop3_sasl_mechanism *mechanism) {
    return mechanism == &pop3_sasl_plain || mechanism->digest_size != 0;
}

static void test_good_and_wrong_secrets(void **state) {
    static const struct {
        const char *user, *authzid, *password;
    } rows[] = {{"user", NULL, "pencil"},
                {"tim", NULL, "tanstaaf tanstaaf"},
                {"a,b=c", NULL, "=2C=3D,"},
                {"user", "another,one", "pencil"},
                {"m\xC3\xBCller", NULL, "gr\xC3\xBC\xC3\x9F"},
                {"u", NULL, "a password that is longer than the block of each digest, that is than sixty-four octets"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] * MECHANISMS; i++) {
        const pop3_sasl_mechanism *mechanism = mechanisms[i % MECHANISMS];
        const char *authzid = rows[i / MECHANISMS].authzid;
        pop3_credentials credentials = client(rows[i / MECHANISMS].user, authzid, rows[i / MECHANISMS].password);
        if (authzid != NULL && !takes_authzid(mechanism)) {
            continue;
        }
        print_message("    %s as %s\n", mechanism->name, credentials.user);
        reset(credentials.user, authzid, credentials.password);
        for (int two_step = 0; two_step < 2; two_step++) {
            assert_true(authenticate(mechanism, &credentials, two_step != 0));
        }
        assert_true(server.asked >= 2);
        credentials.password = "wrong";
        assert_false(authenticate(mechanism, &credentials, false));
        credentials.password = server.password;
        credentials.user = "somebody";
        assert_false(authenticate(mechanism, &credentials, false));
    }
}

static void test_EXTERNAL(void **state) {
    pop3_credentials credentials = client(NULL, NULL, NULL);
    (void)state;
    reset("", NULL, "");
    assert_true(authenticate(&pop3_sasl_external, &credentials, false));
    assert_true(authenticate(&pop3_sasl_external, &credentials, true));
    reset("", "fred@example.com", "");
    assert_false(authenticate(&pop3_sasl_external, &credentials, false));
    credentials.authzid = "fred@example.com";
    assert_true(authenticate(&pop3_sasl_external, &credentials, false));
    assert_int_equal(server.asked, 2);
}

/* R-SCRAM-04, R-SCRAM-05: another channel, and a list of mechanisms that someone shortened. */
static void test_bindings(void **state) {
    (void)state;
    for (size_t i = 5; i < MECHANISMS; i++) {
        pop3_credentials credentials = client("user", NULL, "pencil");
        reset("user", NULL, "pencil");
        assert_true(mechanisms[i]->plus);
        assert_true(authenticate(mechanisms[i], &credentials, false));
        server.binding = "YW5vdGhlciBiaW5kaW5n";
        assert_false(authenticate(mechanisms[i], &credentials, false));
        credentials.binding = (pop3_span){"another binding", 15};
        assert_true(authenticate(mechanisms[i], &credentials, false));
    }
}

static void test_more_iterations(void **state) {
    pop3_credentials credentials = client("user", NULL, "pencil");
    (void)state;
    reset("user", NULL, "pencil");
    server.iterations = "10000";
    assert_true(authenticate(&pop3_sasl_scram_sha_256, &credentials, false));
    credentials.iterations_max = 9999;
    assert_false(authenticate(&pop3_sasl_scram_sha_256, &credentials, false));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_and_wrong_secrets),
        cmocka_unit_test(test_EXTERNAL),
        cmocka_unit_test(test_bindings),
        cmocka_unit_test(test_more_iterations),
    };
    return cmocka_run_group_tests_name("SASL against libgsasl", tests, NULL, NULL);
}
