/* SPDX-License-Identifier: MIT */
/*
 * Rows of requirements.md section 3 that no single part of the engine can answer for: A-03, A-04, A-05, A-08, A-09,
 * A-11, A-24; and what is left of F-03. The others stand with their parts: A-01 timestamps, A-02 login, A-13 commands,
 * A-23 parsers.
 */
#include "driver.h"
#include "guarded.h"
#include "invariant.h"
#include "reference_decoder.h"
#include "trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CRLF "\r\n"
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static struct driver driver;
static struct guarded memory;
static struct trace got;

/* What A-08 asks of each field: around every limit that somebody else had. */
static const size_t lengths[] = {0, 1, 69, 70, 71, 72, 254, 255, 256, 257, 511, 512, 513, 514, 65536};
#define FIELD_MAX 65536

/* `before`, n times `octet`, `behind`, flush against an unreadable page; valid until the next call. */
static const char *field(const char *before, char octet, size_t n, const char *behind, size_t *length) {
    size_t first = strlen(before), last = strlen(behind);
    char *text = guarded_tail(&memory, first + n + last);
    memcpy(text, before, first);
    memset(text + first, octet, n);
    memcpy(text + first + n, behind, last);
    *length = first + n + last;
    return text;
}

/* Gives the octets in pieces and keeps the trace, up to the end of the session. */
static void give(const char *octets, size_t n, size_t step) {
    for (size_t used; n > 0; octets += used, n -= used) {
        used = pop3_engine_input(&driver.engine, octets, step < n ? step : n, &driver.event);
        assert_null(pop3_engine_invariant(&driver.engine));
        if (driver.event.type == POP3_EVENT_FAIL) {
            return;
        }
        trace_event(&got, &driver.event);
    }
}

static void send(pop3_phase phase, pop3_verb verb) {
    driver_enter(&driver, phase);
    assert_int_equal(driver_command(&driver, verb), POP3_SUCCESS);
    driver_send(&driver);
    trace_clear(&got);
}

static void assert_failed(pop3_error error) {
    assert_int_equal(driver.event.type, POP3_EVENT_FAIL);
    assert_int_equal(driver.event.error, error);
    assert_int_equal(pop3_engine_phase(&driver.engine), POP3_PHASE_FAILED);
}

/* ---- TLS ---- */

/* What comes behind STLS's +OK, from one octet to a whole forged session, in the same segment or another. */
static void test_A03_nothing_before_the_handshake(void **state) {
    static const char *const injected[] = {
        "+", "\n", CRLF, "+OK injected" CRLF, "+OK" CRLF "SASL PLAIN" CRLF "." CRLF, "-ERR" CRLF, "\x16\x03\x01", ".",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(injected); i++) {
        for (size_t step = 1; step < 100; step += 9) {
            send(POP3_PHASE_AUTHORIZATION, POP3_STLS);
            driver_receive(&driver, "+OK go" CRLF, POP3_EVENT_START_TLS);
            give(injected[i], strlen(injected[i]), step);
            assert_failed(POP3_PROTO);
            pop3_engine_tls_started(&driver.engine);
            assert_int_equal(driver_command(&driver, POP3_USER), POP3_STATE);
            assert_int_equal(got.length, 0);
        }
    }
}

/* Whoever sent the clear-text greeting does not decide how messages end behind the handshake (R-TLS-04). */
static void test_A03_LF_mode_ends_with_clear_text(void **state) {
    (void)state;
    driver_enter_greeted(&driver, POP3_PHASE_TLS_PENDING, "+OK\n");
    pop3_engine_tls_started(&driver.engine);
    assert_int_equal(driver_command(&driver, POP3_APOP), POP3_SUCCESS);
    driver_send(&driver);
    driver_receive(&driver, "+OK" CRLF, POP3_EVENT_OK);
    assert_int_equal(driver_command(&driver, POP3_RETR), POP3_SUCCESS);
    driver_send(&driver);
    driver_receive(&driver, "+OK" CRLF, POP3_EVENT_OK);
    driver_receive(&driver, "mail\n.\n", POP3_EVENT_BODY);
    driver_receive(&driver, "+OK forged" CRLF, POP3_EVENT_BODY);
    driver_receive(&driver, "." CRLF, POP3_EVENT_END);
}

/* The wire has STLS and nothing behind it, whatever the caller asks for, until the handshake is over. */
static void test_A04_nothing_is_sent_behind_STLS(void **state) {
    static const bool answered[] = {false, true};
    (void)state;
    for (size_t i = 0; i < COUNT(answered); i++) {
        driver_enter(&driver, POP3_PHASE_AUTHORIZATION);
        assert_int_equal(driver_command(&driver, POP3_STLS), POP3_SUCCESS);
        if (answered[i]) {
            driver_send(&driver);
            driver_receive(&driver, "+OK" CRLF, POP3_EVENT_START_TLS);
        }
        size_t before = driver_output(&driver);
        for (unsigned verb = POP3_GREETING + 1; verb < POP3_VERB_COUNT; verb++) {
            pop3_error error = driver_command(&driver, (pop3_verb)verb);
            assert_true(error == POP3_STATE || (error == POP3_LIMIT && POP3_ENGINE_DEPTH == 1 && !answered[i]));
        }
        assert_int_equal(driver_output(&driver), before);
        assert_int_equal(before, answered[i] ? 0 : strlen("STLS" CRLF));
    }
}

/* ---- Challenges ---- */

#if POP3_ENGINE_SASL
/* A challenge of any length up to 16,384 octets is given whole, in parts that line[] holds; a longer one never ends. */
static void test_A05_challenges_of_any_length(void **state) {
    static const size_t more[] = {1, 2, 3, 43, 44, 45, 46, 47, 48, 1024, 4096, 16379, 16380, 16381, 16382, 1U << 20};
    static char wire[(1U << 20) + 8];
    (void)state;
    for (size_t i = 0; i < COUNT(more) + COUNT(lengths); i++) {
        size_t n = i < COUNT(more) ? more[i] : lengths[i - COUNT(more)], all = n + 4;
        for (size_t step = 1; step <= all; step = step * 7 + 1) {
            memcpy(wire, "+ ", 2);
            memset(wire + 2, 'Q', n);
            memcpy(wire + 2 + n, CRLF, 2);
            send(POP3_PHASE_AUTHORIZATION, POP3_AUTH);
            give(wire, all, step);
            if (all > POP3_CHALLENGE_MAX) {
                assert_failed(POP3_LIMIT);
                assert_true(got.length <= sizeof "CHALLENGE " + POP3_CHALLENGE_MAX);
            } else {
                assert_int_equal(driver.event.type, POP3_EVENT_CHALLENGE);
                assert_false(driver.event.more);
                assert_int_equal(got.length, strlen("CHALLENGE ") + n + 1);
                assert_int_equal(pop3_engine_sasl_reply(&driver.engine, "*", 1), POP3_SUCCESS);
            }
        }
    }
}

/* What is no base64 is given as it is: the decoder above is strict (R-5034-07). It may be cancelled (R-5034-06). */
static void test_A05_challenges_that_are_no_base64(void **state) {
    static const char *const texts[] = {"=",   "====",     "=AAA", "AAA=BBB",  "A",
                                        "AA=", "AA==AA==", "AA A", "\x80\xff", "*"};
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        char wire[32];
        int n = snprintf(wire, sizeof wire, "+ %s" CRLF, texts[i]);
        send(POP3_PHASE_AUTHORIZATION, POP3_AUTH);
        give(wire, (size_t)n, 1);
        assert_int_equal(driver.event.length, strlen(texts[i]));
        assert_memory_equal(driver.event.data, texts[i], driver.event.length);
        assert_int_equal(pop3_engine_sasl_reply(&driver.engine, "*", 1), POP3_SUCCESS);
        driver_send(&driver);
        driver_receive(&driver, "-ERR cancelled" CRLF, POP3_EVENT_ERR);
        assert_int_equal(pop3_engine_phase(&driver.engine), POP3_PHASE_AUTHORIZATION);
    }
}
#endif

/* ---- Lengths ---- */

static void test_A08_numbers(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        size_t n = lengths[i], length;
        uint32_t number, values[2];
        uint64_t octets;
        const char *uid;
        size_t uid_length;
        const char *text = field("", '1', n, " 5", &length);
        assert_int_equal(pop3_parse_list(text, length, &number, &octets), n == 1);
        assert_int_equal(pop3_parse_uidl(text, length, &number, &uid, &uid_length), n == 1);
        assert_int_equal(pop3_parse_stat(text, length, &number, &octets), n == 1);
        assert_int_equal(pop3_parse_numbers(text, length, values), n == 1 ? 2 : n == 0 ? 1 : 0);
        text = field("7 ", '1', n, "", &length);
        assert_int_equal(pop3_parse_list(text, length, &number, &octets), n == 1);
        assert_true(pop3_parse_stat(text, length, &number, &octets));
        assert_true(octets == (n == 1 ? 1 : POP3_SIZE_UNKNOWN));
        assert_int_equal(pop3_parse_numbers(text, length, values), n == 1 ? 2 : 1);
    }
}

static void test_A08_words(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        size_t n = lengths[i], length, got_length;
        uint32_t number;
        const char *word;
        const char *text = field("7 ", 'u', n, "", &length);
        assert_int_equal(pop3_parse_uidl(text, length, &number, &word, &got_length), n <= 1000); /* Q-06 */
        assert_true(n > 1000 || got_length == n);
        text = field("TOP", 'X', n, "", &length);
        assert_int_equal(pop3_parse_capability(text, length, &word, &got_length), n == 0 ? POP3_CAPABILITY_TOP : 0);
        text = field("SASL ", 'X', n, "", &length);
        assert_int_equal(pop3_parse_capability(text, length, &word, &got_length), POP3_CAPABILITY_SASL);
        assert_int_equal(got_length, n);
        text = field("[IN-USE", '/', n, "]", &length);
        assert_int_equal(pop3_parse_code(text, length, &got_length), POP3_CODE_IN_USE);
        assert_int_equal(got_length, length);
        text = field("[AUTH", 'X', n, "]", &length);
        assert_int_equal(pop3_parse_code(text, length, &got_length), n == 0 ? POP3_CODE_AUTH : POP3_CODE_UNKNOWN);
        text = field("<a@", 'x', n, ">", &length);
        assert_int_equal(pop3_parse_timestamp(text, length, &got_length) != NULL, n > 0 && n + 4 <= POP3_TIMESTAMP_MAX);
        text = field("<", 'x', n, "@b>", &length);
        assert_int_equal(pop3_parse_timestamp(text, length, &got_length) != NULL, n > 0 && n + 4 <= POP3_TIMESTAMP_MAX);
    }
}

/* Lines of each kind: what line[48] cannot hold is dropped and said so, what the limits forbid ends the session. */
static void a_line(pop3_verb verb, const char *before, size_t max, size_t n) {
    static char wire[FIELD_MAX + 16];
    size_t start = strlen(before), length = start + n + 2, room = POP3_LINE_MIN - start;
    memcpy(wire, before, start);
    memset(wire + start, 'x', n);
    memcpy(wire + start + n, CRLF, 2);
    give(wire, length, 33);
    if (length > max) {
        assert_failed(POP3_LIMIT);
        return;
    }
    assert_int_equal(driver.event.verb, verb);
    assert_int_equal(driver.event.cut, n + 1 > room); /* the CR wants a place too */
    assert_int_equal(driver.event.length, n < room ? n : room);
    for (size_t i = 0; i < driver.event.length; i++) {
        assert_int_equal(driver.event.data[i], 'x');
    }
}

static void test_A08_lines(void **state) {
    static const size_t more[] = {43, 44, 45, 46, 47, 48, 49, 1021, 1022, 1023, 2041, 2042, 2043, 2044};
    (void)state;
    for (size_t i = 0; i < COUNT(lengths) + COUNT(more); i++) {
        size_t n = i < COUNT(lengths) ? lengths[i] : more[i - COUNT(lengths)];
        driver_start(&driver, 0);
        a_line(POP3_GREETING, "+OK ", POP3_STATUS_MAX, n);
        send(POP3_PHASE_TRANSACTION, POP3_STAT);
        a_line(POP3_STAT, "+OK ", POP3_STATUS_MAX, n);
        send(POP3_PHASE_AUTHORIZATION, POP3_USER);
        a_line(POP3_USER, "-ERR ", POP3_STATUS_MAX, n);
        send(POP3_PHASE_TRANSACTION, POP3_UIDL);
        driver_receive(&driver, "+OK" CRLF, POP3_EVENT_OK);
        a_line(POP3_UIDL, "", POP3_LISTING_MAX, n);
    }
}

/* ---- Silence and floods ---- */

/* The engine waits for ever and says so; the end is the caller's, in one call, wherever the server fell silent. */
static void test_A09_silence_in_every_phase(void **state) {
    (void)state;
    for (unsigned phase = POP3_PHASE_GREETING; phase < POP3_PHASE_CLOSED; phase++) {
        driver_enter(&driver, (pop3_phase)phase);
        pop3_engine before = driver.engine;
        for (int i = 0; i < 1000; i++) {
            assert_int_equal(pop3_engine_input(&driver.engine, NULL, 0, &driver.event), 0);
            assert_int_equal(driver.event.type, POP3_EVENT_NEED_INPUT);
        }
        assert_memory_equal(&driver.engine, &before, sizeof before);
        pop3_engine_abort(&driver.engine, POP3_IO);
        pop3_engine_input(&driver.engine, NULL, 0, &driver.event);
        assert_failed(POP3_IO);
    }
}

/* A listing without end costs no memory: the engine has its buffers and looks at nothing else, for a million lines. */
static void test_A11_endless_listings(void **state) {
    static const struct {
        pop3_phase phase;
        pop3_verb verb;
    } rows[] = {{POP3_PHASE_AUTHORIZATION, POP3_CAPA},
                {POP3_PHASE_TRANSACTION, POP3_LIST},
                {POP3_PHASE_TRANSACTION, POP3_UIDL}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        send(rows[i].phase, rows[i].verb);
        driver_receive(&driver, "+OK" CRLF, POP3_EVENT_OK);
        pop3_engine before = driver.engine;
        for (unsigned line = 0; line < 1000000; line++) {
            assert_int_equal(pop3_engine_input(&driver.engine, "4294967295 1" CRLF, 14, &driver.event), 14);
            assert_int_equal(driver.event.type, POP3_EVENT_LINE);
        }
        assert_memory_equal(&driver.engine, &before, sizeof before);
        pop3_engine_abort(&driver.engine, POP3_LIMIT); /* the caller's cap (L-02) */
        pop3_engine_input(&driver.engine, NULL, 0, &driver.event);
        assert_failed(POP3_LIMIT);
    }
}

/* A count is a number and no more: nothing is set aside for what the server announces. */
static void test_A11_announced_counts(void **state) {
    static const char *const texts[] = {"4294967295 1", "4294967295 18446744073709551615", "4294967295 4294967296"};
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        char wire[64];
        uint32_t count;
        uint64_t octets;
        int n = snprintf(wire, sizeof wire, "+OK %s" CRLF, texts[i]);
        send(POP3_PHASE_TRANSACTION, POP3_STAT);
        give(wire, (size_t)n, 64);
        assert_true(pop3_parse_stat(driver.event.data, driver.event.length, &count, &octets));
        assert_int_equal(count, UINT32_MAX);
    }
}

/* ---- Replies that are not ours ---- */

/* F-03, Q-03: the engine cannot know which message a text is about; the text tells the caller. */
static void test_F03_the_reply_for_another_message(void **state) {
    static const pop3_verb verbs[] = {POP3_LIST, POP3_UIDL};
    (void)state;
    for (size_t i = 0; i < COUNT(verbs); i++) {
        const pop3_arg second = {.number = 2};
        uint32_t number = 0;
        uint64_t octets;
        const char *uid;
        size_t uid_length;
        driver_enter(&driver, POP3_PHASE_TRANSACTION);
        assert_int_equal(pop3_engine_command(&driver.engine, verbs[i], &second, 0), POP3_SUCCESS);
        driver_send(&driver);
        driver_receive(&driver, "+OK 3 100" CRLF, POP3_EVENT_OK);
        if (verbs[i] == POP3_LIST) {
            assert_true(pop3_parse_list(driver.event.data, driver.event.length, &number, &octets));
        } else {
            assert_true(pop3_parse_uidl(driver.event.data, driver.event.length, &number, &uid, &uid_length));
        }
        assert_int_equal(number, 3);
    }
}

/* ---- Replies forged by mail ---- */

/* The server's side: stuffs lines behind CRLF, as RFC 1939 has it, or nothing. */
static size_t send_message(const char *content, bool stuffed, char *wire) {
    size_t at = 0;
    for (const char *p = content; *p != '\0'; p++) {
        bool line_start = p == content || (p - content > 1 && p[-1] == '\n' && p[-2] == '\r');
        if (stuffed && line_start && *p == '.') {
            wire[at++] = '.';
        }
        wire[at++] = *p;
    }
    memcpy(wire + at, CRLF "." CRLF, 5);
    return at + 5;
}

/* The message, and only then the next command and its reply: neither takes octets of the other. */
static void deliver(const char *wire, size_t length, size_t step) {
    static char content[512];
    size_t n = 0, end = reference_decode(wire, length, false, content, &n);
    const pop3_event body = {.type = POP3_EVENT_BODY, .data = content, .length = n};
    static struct trace wanted;
    send(POP3_PHASE_TRANSACTION, POP3_RETR);
    driver_receive(&driver, "+OK" CRLF, POP3_EVENT_OK);
    trace_clear(&wanted);
    if (n > 0) {
        trace_event(&wanted, &body);
    }
    trace_event(&wanted, &(pop3_event){.type = POP3_EVENT_END});
    give(wire, end, step);
    assert_int_equal(got.length, wanted.length);
    assert_memory_equal(got.octets, wanted.octets, got.length);
    assert_int_equal(pop3_engine_in_flight(&driver.engine), 0);
    if (end == length) { /* nothing is left over, so DELE gets its own reply */
        assert_int_equal(driver_command(&driver, POP3_DELE), POP3_SUCCESS);
        driver_send(&driver);
        driver_receive(&driver, "-ERR not that one" CRLF, POP3_EVENT_ERR);
        assert_int_equal(driver.event.verb, POP3_DELE);
    } else { /* the server sent a line `.` as content: what follows is nobody's reply */
        give(wire + end, length - end, step);
        assert_failed(POP3_PROTO);
    }
}

static void test_A24_smuggling(void **state) {
    static const char *const patterns[] = {
        "\n.\n",       "\n.\r\n",    "\r.\r",     "\r.\r\n", "\r\n.\n",    "\r\n.\rx",
        "\r\n.\r\r\n", "\n.\r",      "\r\n.\r\n", "\n..\n",  "\r\n..\r\n", "\r\r\n.\n",
        "\n\r.\r\n",   "\r\n.x\r\n", "\r\n\n.\n", ".\n",     ".\r",        ".\r\n",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(patterns); i++) {
        for (int form = 0; form < 4; form++) {
            char content[128], wire[256];
            snprintf(content, sizeof content, "%s%s+OK forged" CRLF "1 666" CRLF "-ERR x", form % 2 == 0 ? "mail" : "",
                     patterns[i]);
            size_t length = send_message(content, form < 2, wire);
            for (size_t step = 1; step <= length; step++) {
                deliver(wire, length, step);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_A03_nothing_before_the_handshake),
        cmocka_unit_test(test_A03_LF_mode_ends_with_clear_text),
        cmocka_unit_test(test_A04_nothing_is_sent_behind_STLS),
#if POP3_ENGINE_SASL
        cmocka_unit_test(test_A05_challenges_of_any_length),
        cmocka_unit_test(test_A05_challenges_that_are_no_base64),
#endif
        cmocka_unit_test(test_A08_numbers),
        cmocka_unit_test(test_A08_words),
        cmocka_unit_test(test_A08_lines),
        cmocka_unit_test(test_A09_silence_in_every_phase),
        cmocka_unit_test(test_A11_endless_listings),
        cmocka_unit_test(test_A11_announced_counts),
        cmocka_unit_test(test_F03_the_reply_for_another_message),
        cmocka_unit_test(test_A24_smuggling),
    };
    guarded_open(&memory, FIELD_MAX + 64);
    int failed = cmocka_run_group_tests_name("attacks", tests, NULL, NULL);
    guarded_close(&memory);
    return failed;
}
