/* SPDX-License-Identifier: MIT */
/*
 * Engine and mechanisms together, as lines on the wire: W-07 to W-13, the transcripts of RFC 5034 (V-5034), Q-15, Q-16. The
 * engine has 48 octets for a line, so that challenges come in parts. `authenticate` is what docs/sasl.md shows.
 */
#include <satchel/pop3_engine.h>
#include <satchel/pop3_sasl.h>

#include "crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- The server: lines to be read and lines to be sent, in turn ---- */

static const char *script; /* "C: " and "S: " lines, each with its LF */
static pop3_engine engine;

/* The next line of the script if it is of this side; without it and its line end. */
static size_t next_line(char side, const char **line) {
    const char *end = strchr(script, '\n');

    if (end == NULL || script[0] != side) {
        return 0;
    }
    *line = script + 3;
    script = end + 1;
    return (size_t)(end - *line) + 1;
}

static void send_output(void) {
    static char sent[2048];
    static size_t length;
    size_t n;

    for (const char *out = pop3_engine_output(&engine, &n); n != 0; out = pop3_engine_output(&engine, &n)) {
        assert_true(length + n < sizeof sent);
        memcpy(sent + length, out, n);
        length += n;
        pop3_engine_output_done(&engine, n);
    }
    if (length != 0) {
        const char *line = "";
        size_t wanted = next_line('C', &line);
        assert_int_not_equal(wanted, 0);
        assert_int_equal(length, wanted + 1); /* CRLF for LF */
        assert_memory_equal(sent, line, wanted - 1);
        assert_memory_equal(sent + wanted - 1, "\r\n", 2);
        length = 0;
    }
}

/* Sends all, then the next event; what the server says comes with CRLF. */
static pop3_event next_event(void) {
    static char received[2048];
    static size_t at, length;
    pop3_event event;

    for (;;) {
        send_output();
        at += pop3_engine_input(&engine, received + at, length - at, &event);
        if (event.type != POP3_EVENT_NEED_INPUT) {
            return event;
        }
        const char *line = "";
        size_t n = next_line('S', &line);
        assert_int_not_equal(n, 0);
        memcpy(received, line, n - 1);
        memcpy(received + n - 1, "\r\n", 2);
        at = 0;
        length = n + 1;
    }
}

/* ---- The client ---- */

static bool authenticate(pop3_sasl *sasl, bool initial_response) {
    pop3_arg arg = {sasl->mechanism->name, NULL, 0, 0};
    char initial[POP3_COMMAND_MAX];
    size_t n;
    const char *response = pop3_sasl_response(sasl, &n);

    if (initial_response && response != NULL && n < sizeof initial) {
        memcpy(initial, response, n);
        initial[n] = '\0';
        arg.second = n != 0 ? initial : "=";
    }
    if (pop3_engine_command(&engine, POP3_AUTH, &arg, 0) == POP3_ARG) {
        arg.second = NULL; /* longer than a command may be: the server asks for it */
        if (pop3_engine_command(&engine, POP3_AUTH, &arg, 0) != POP3_SUCCESS) {
            return false;
        }
    }
    for (;;) {
        const pop3_event event = next_event();
        if (event.type != POP3_EVENT_CHALLENGE) {
            return event.type == POP3_EVENT_OK && pop3_sasl_finish(sasl) == POP3_SASL_OK;
        }
        pop3_sasl_challenge(sasl, event.data, event.length, event.more);
        if (!event.more) {
            response = pop3_sasl_response(sasl, &n);
            pop3_engine_sasl_reply(&engine, response != NULL ? response : "*", response != NULL ? n : 1);
        }
    }
}

static bool play(const pop3_sasl_mechanism *mechanism, const pop3_credentials *credentials, bool initial_response,
                 const char *lines) {
    static char line[POP3_LINE_MIN], output[POP3_COMMAND_MAX], buffer[512];
    const pop3_engine_buffers buffers = {line, output, sizeof line, sizeof output};
    pop3_sasl sasl;
    bool good;

    script = lines;
    random_is("fyko+d2lbbFgONRv9qkxdawL");
    pop3_engine_init(&engine, &buffers);
    assert_int_equal(next_event().type, POP3_EVENT_GREETING);
    assert_int_equal(pop3_sasl_start(&sasl, mechanism, credentials, &openssl, buffer, sizeof buffer), POP3_SASL_OK);
    good = authenticate(&sasl, initial_response);
    assert_string_equal(script, "");
    assert_true(!good || pop3_engine_phase(&engine) == POP3_PHASE_TRANSACTION);
    pop3_sasl_end(&sasl);
    return good;
}

/* ---- What must be on the wire ---- */

#define GREETING "S: +OK ready\n"
#define IN "S: +OK maildrop locked and ready\n"
#define OUT "S: -ERR no\n"

static const pop3_credentials tim = {.user = "tim", .password = "tanstaaftanstaaf"};
static const pop3_credentials test = {.authzid = "test", .user = "test", .password = "test"};
static const pop3_credentials pencil = {.user = "user", .password = "pencil"};
static const pop3_credentials token = {.user = "user@example.com",
                                       .token = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
                                       .host = "server.example.com",
                                       .port = 143};

static void test_V_5034(void **state) {
    (void)state;
    assert_true(play(&pop3_sasl_plain, &test, true, GREETING "C: AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q=\n" IN));
    assert_true(play(&pop3_sasl_plain, &test, false, GREETING "C: AUTH PLAIN\nS: + \nC: dGVzdAB0ZXN0AHRlc3Q=\n" IN));
}

static void test_W_07_PLAIN(void **state) {
    (void)state;
    assert_true(play(&pop3_sasl_plain, &test, false, GREETING "C: AUTH PLAIN\nS: +\nC: dGVzdAB0ZXN0AHRlc3Q=\n" IN));
    assert_true(
        play(&pop3_sasl_plain, &test, false, GREETING "C: AUTH PLAIN\nS: + go ahead!\nC: dGVzdAB0ZXN0AHRlc3Q=\n" IN));
    assert_false(play(&pop3_sasl_plain, &test, true, GREETING "C: AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q=\n" OUT));
    assert_false(play(&pop3_sasl_plain, &test, false,
                      GREETING "C: AUTH PLAIN\nS: + \nC: dGVzdAB0ZXN0AHRlc3Q=\nS: + \nC: *\n" OUT));
}

static void test_W_08_LOGIN(void **state) {
    (void)state;
    assert_true(play(&pop3_sasl_login, &tim, true,
                     GREETING "C: AUTH LOGIN\nS: + VXNlcm5hbWU6\nC: dGlt\nS: + UGFzc3dvcmQ6\n"
                              "C: dGFuc3RhYWZ0YW5zdGFhZg==\n" IN));
    assert_false(play(&pop3_sasl_login, &tim, true, GREETING "C: AUTH LOGIN\n" IN)); /* R-LOGIN-01 */
    assert_false(play(&pop3_sasl_login, &tim, true, GREETING "C: AUTH LOGIN\nS: + VXNlcm5hbWU6\nC: dGlt\n" IN));
}

static void test_W_09_CRAM_MD5(void **state) {
    (void)state;
    assert_true(play(&pop3_sasl_cram_md5, &tim, true,
                     GREETING "C: AUTH CRAM-MD5\nS: + PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\n"
                              "C: dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\n" IN));
    assert_false(play(&pop3_sasl_cram_md5, &tim, true, GREETING "C: AUTH CRAM-MD5\nS: + PDE4=\nC: *\n" OUT));
}

#define CLIENT_FIRST "biwsbj11c2VyLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdM"
#define SERVER_FIRST "cj1meWtvK2QybGJiRmdPTlJ2OXFreGRhd0wzcmZjTkhZSlkxWlZ2V1ZzN2oscz1RU1hDUitRNnNlazhiZjkyLGk9NDA5Ng=="
#define CLIENT_FINAL \
    "Yz1iaXdzLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdMM3JmY05IWUpZMVpWdldWczdqLHA9djBYOHYzQnoyVDBDSkdiSlF5RjBYK0hJNFRzPQ=="
#define SERVER_FINAL "dj1ybUY5cHFWOFM3c3VBb1pXamE0ZEpSa0ZzS1E9"
#define WRONG_FINAL "dj1ybUY5cHFWOFM3c3VBb1pXamE0ZEpSa0ZzS0E9"

static void test_W_10_SCRAM(void **state) {
    static const char first[] =
        GREETING "C: AUTH SCRAM-SHA-1 " CLIENT_FIRST "\nS: + " SERVER_FIRST "\nC: " CLIENT_FINAL "\n";
    char lines[1024];
    (void)state;
    snprintf(lines, sizeof lines, "%s%s", first, "S: + " SERVER_FINAL "\nC: \n" IN);
    assert_true(play(&pop3_sasl_scram_sha_1, &pencil, true, lines));
    assert_true(play(&pop3_sasl_scram_sha_1, &pencil, false,
                     GREETING "C: AUTH SCRAM-SHA-1\nS: + \nC: " CLIENT_FIRST "\nS: + " SERVER_FIRST "\nC: " CLIENT_FINAL
                              "\nS: + " SERVER_FINAL "\nC: \n" IN));
    snprintf(lines, sizeof lines, "%s%s", first, "S: + " WRONG_FINAL "\nC: *\n" OUT);
    assert_false(play(&pop3_sasl_scram_sha_1, &pencil, true, lines));
    snprintf(lines, sizeof lines, "%s%s", first, "S: + " WRONG_FINAL "\nC: *\n" IN); /* the engine is in; we are not */
    assert_false(play(&pop3_sasl_scram_sha_1, &pencil, true, lines));
    snprintf(lines, sizeof lines, "%s%s", first, IN); /* R-5034-09 */
    assert_false(play(&pop3_sasl_scram_sha_1, &pencil, true, lines));
    snprintf(lines, sizeof lines, "%s%s", first, "S: + ZT1pbnZhbGlkLXByb29m\nC: \n" OUT);
    assert_false(play(&pop3_sasl_scram_sha_1, &pencil, true, lines));
}

#define BEARER                                                                                                         \
    "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNS" \
    "bGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB"

static void test_W_11_OAUTHBEARER(void **state) {
    static const char *const json = "S: + eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=\n";
    char lines[1024];
    (void)state;
    assert_true(play(&pop3_sasl_oauthbearer, &token, true, GREETING "C: AUTH OAUTHBEARER " BEARER "\n" IN));
    assert_true(play(&pop3_sasl_oauthbearer, &token, false, GREETING "C: AUTH OAUTHBEARER\nS: + \nC: " BEARER "\n" IN));
    snprintf(lines, sizeof lines, GREETING "C: AUTH OAUTHBEARER\nS: + \nC: " BEARER "\n%sC: AQ==\n" OUT, json);
    assert_false(play(&pop3_sasl_oauthbearer, &token, false, lines));
    snprintf(lines, sizeof lines, GREETING "C: AUTH OAUTHBEARER\nS: + \nC: " BEARER "\n%sC: AQ==\n" IN, json);
    assert_false(play(&pop3_sasl_oauthbearer, &token, false, lines));
}

/* R-5034-04: a token that no command has room for goes behind the empty challenge. */
static void test_W_12_XOAUTH2(void **state) {
    static const char *const json = "S: + eyJzdGF0dXMiOiI0MDEifQ==\nC: \n";
    static char longer[200];
    const pop3_credentials credentials = {.user = "u", .token = longer};
    char lines[1024], response[400];
    (void)state;
    memset(longer, 'A', sizeof longer - 1);
    snprintf(response, sizeof response, "user=u\1auth=Bearer %s\1\1", longer);
    response[pop3_base64_encode(response, strlen(response), response)] = '\0';
    snprintf(lines, sizeof lines, GREETING "C: AUTH XOAUTH2\nS: + \nC: %s\n" IN, response);
    assert_true(play(&pop3_sasl_xoauth2, &credentials, true, lines));
    snprintf(lines, sizeof lines, GREETING "C: AUTH XOAUTH2\nS: + \nC: %s\n%s" OUT, response, json);
    assert_false(play(&pop3_sasl_xoauth2, &credentials, true, lines));
}

static void test_W_13_EXTERNAL(void **state) {
    const pop3_credentials nobody = {.user = NULL}, fred = {.authzid = "fred@example.com"};
    (void)state;
    assert_true(play(&pop3_sasl_external, &nobody, true, GREETING "C: AUTH EXTERNAL =\n" IN));
    assert_true(play(&pop3_sasl_external, &nobody, false, GREETING "C: AUTH EXTERNAL\nS: + \nC: \n" IN));
    assert_true(play(&pop3_sasl_external, &fred, true, GREETING "C: AUTH EXTERNAL ZnJlZEBleGFtcGxlLmNvbQ==\n" IN));
    assert_false(play(&pop3_sasl_external, &fred, true, GREETING "C: AUTH EXTERNAL ZnJlZEBleGFtcGxlLmNvbQ==\n" OUT));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_V_5034),       cmocka_unit_test(test_W_07_PLAIN),
        cmocka_unit_test(test_W_08_LOGIN),   cmocka_unit_test(test_W_09_CRAM_MD5),
        cmocka_unit_test(test_W_10_SCRAM),   cmocka_unit_test(test_W_11_OAUTHBEARER),
        cmocka_unit_test(test_W_12_XOAUTH2), cmocka_unit_test(test_W_13_EXTERNAL),
    };
    return cmocka_run_group_tests_name("SASL on the wire", tests, NULL, NULL);
}
