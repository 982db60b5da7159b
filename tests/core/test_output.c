/* SPDX-License-Identifier: MIT */
/*
 * The output window: partial sends, wiping, room, borrowed SASL replies; and input given before the output was sent.
 * R-5034-08, A-05, R-AUTH-02.
 */
#include "driver.h"
#include "guarded.h"
#include "invariant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct driver driver;

static bool contains(const char *memory, size_t size, const char *secret) {
    size_t n = strlen(secret);
    for (size_t i = 0; i + n <= size; i++) {
        if (memcmp(memory + i, secret, n) == 0) {
            return true;
        }
    }
    return false;
}

static pop3_arg text(const char *octets) {
    return (pop3_arg){.text = octets};
}

static void test_octet_by_octet(void **state) {
    static const char wanted[] = "CAPA\r\n";
    (void)state;
    driver_enter(&driver, POP3_PHASE_AUTHORIZATION);
    assert_int_equal(driver_command(&driver, POP3_CAPA), POP3_SUCCESS);
    for (size_t i = 0; i < sizeof wanted - 1; i++) {
        size_t n;
        const char *out = pop3_engine_output(&driver.engine, &n);
        assert_int_equal(n, sizeof wanted - 1 - i);
        assert_memory_equal(out, wanted + i, n);
        pop3_engine_output_done(&driver.engine, 0);
        assert_int_equal(driver_output(&driver), n);
        pop3_engine_output_done(&driver.engine, 1);
        assert_null(pop3_engine_invariant(&driver.engine));
    }
    assert_int_equal(driver_output(&driver), 0);
}

static void test_R_AUTH_02_what_was_sent_is_wiped(void **state) {
    const pop3_arg password = text("mvan99-very-secret");
    (void)state;
    driver_enter(&driver, POP3_PHASE_USER_ACCEPTED);
    assert_int_equal(pop3_engine_command(&driver.engine, POP3_PASS, &password, 0), POP3_SUCCESS);
    assert_true(contains(driver.output, sizeof driver.output, "very-secret"));
    pop3_engine_output_done(&driver.engine, 12);
    assert_false(contains(driver.output, sizeof driver.output, "mvan99"));
    assert_true(contains(driver.output, sizeof driver.output, "secret"));
    driver_send(&driver);
    assert_false(contains(driver.output, sizeof driver.output, "secret"));
    assert_false(contains(driver.output, sizeof driver.output, "ret"));
}

/* A password that was refused does not stay behind either. */
static void test_R_AUTH_02_what_was_refused_is_wiped(void **state) {
    const pop3_arg bad = text("mvan99-very-secret\r"), good = text("mvan99-very-secret");
    (void)state;
    driver_enter(&driver, POP3_PHASE_USER_ACCEPTED);
    assert_int_equal(pop3_engine_command(&driver.engine, POP3_PASS, &bad, 0), POP3_ARG);
    assert_false(contains(driver.output, sizeof driver.output, "mvan99"));
    driver_start(&driver, 16);
    driver_receive(&driver, "+OK\r\n", POP3_EVENT_GREETING);
    assert_int_equal(driver_command(&driver, POP3_USER), POP3_SUCCESS);
    driver_send(&driver);
    driver_receive(&driver, "+OK\r\n", POP3_EVENT_OK);
    assert_int_equal(pop3_engine_command(&driver.engine, POP3_PASS, &good, 0), POP3_LIMIT);
    assert_false(contains(driver.output, sizeof driver.output, "mvan99"));
    assert_int_equal(driver_output(&driver), 0);
}

/* Room for exactly one command; POP3_LIMIT changes nothing and is not fatal. */
static void test_the_output_is_full(void **state) {
    (void)state;
#if POP3_ENGINE_DEPTH > 2
    driver_start(&driver, 13);
    driver_receive(&driver, "+OK\r\n", POP3_EVENT_GREETING);
    assert_int_equal(driver_command(&driver, POP3_CAPA), POP3_SUCCESS);
    assert_int_equal(driver_command(&driver, POP3_UTF8), POP3_SUCCESS);
    assert_true(pop3_engine_can(&driver.engine, POP3_LANG));
    assert_int_equal(driver_command(&driver, POP3_LANG), POP3_LIMIT);
    assert_int_equal(pop3_engine_in_flight(&driver.engine), 2);
    assert_int_equal(driver_output(&driver), 12);
    assert_int_equal(driver.output[13], 0x5A);
    driver_send(&driver);
    assert_int_equal(driver_command(&driver, POP3_LANG), POP3_SUCCESS);
    assert_int_equal(driver_output(&driver), 6);
#endif
}

/* Output of every size up to 40: what does not fit is refused, and no octet behind it is touched. */
static void test_nothing_is_written_behind_the_output(void **state) {
    const pop3_arg name = text("0123456789");
    (void)state;
    for (uint16_t size = 1; size < 40; size++) {
        driver_start(&driver, size);
        driver_receive(&driver, "+OK\r\n", POP3_EVENT_GREETING);
        pop3_error error = pop3_engine_command(&driver.engine, POP3_USER, &name, 0);
        assert_int_equal(error, size >= 17 ? POP3_SUCCESS : POP3_LIMIT);
        assert_int_equal(driver_output(&driver), size >= 17 ? 17 : 0);
        assert_int_equal(driver.output[size], 0x5A);
    }
}

/* ---- SASL replies ---- */

#if POP3_ENGINE_SASL

static void start_challenge(void) {
    driver_enter(&driver, POP3_PHASE_AUTHORIZATION);
    assert_int_equal(driver_command(&driver, POP3_AUTH), POP3_SUCCESS);
    driver_send(&driver);
    driver_receive(&driver, "+ \r\n", POP3_EVENT_CHALLENGE);
}

/* Takes the output in pieces of up to `step` octets into `wire`. */
static size_t collect(char *wire, size_t step) {
    size_t total = 0, n;
    for (const char *out; (void)(out = pop3_engine_output(&driver.engine, &n)), n > 0;) {
        n = n < step ? n : step;
        memcpy(wire + total, out, n);
        total += n;
        pop3_engine_output_done(&driver.engine, n);
        assert_null(pop3_engine_invariant(&driver.engine));
    }
    return total;
}

static void test_R_5034_08_a_reply_of_any_length(void **state) {
    static const size_t lengths[] = {0, 1, 2, 253, 254, 255, 256, 4096, 65535, 65536};
    static const size_t steps[] = {1, 7, 1460, 100000};
    char *token = malloc(65536), *wire = malloc(65536 + 2);
    (void)state;
    assert_non_null(token);
    assert_non_null(wire);
    for (size_t i = 0; i < 65536; i++) {
        token[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[(i * 7 + i / 64) % 64];
    }
    for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
        for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
            size_t n;
            start_challenge();
            assert_int_equal(pop3_engine_sasl_reply(&driver.engine, lengths[i] > 0 ? token : NULL, lengths[i]),
                             POP3_SUCCESS);
            if (lengths[i] > 0) {
                assert_ptr_equal(pop3_engine_output(&driver.engine, &n), token);
            }
            assert_int_equal(collect(wire, steps[k]), lengths[i] + 2);
            assert_memory_equal(wire, token, lengths[i]);
            assert_memory_equal(wire + lengths[i], "\r\n", 2);
            driver_receive(&driver, "+OK\r\n", POP3_EVENT_OK);
            assert_int_equal(pop3_engine_phase(&driver.engine), POP3_PHASE_TRANSACTION);
        }
    }
    free(token);
    free(wire);
}

static void test_A13_every_octet_in_a_reply(void **state) {
    (void)state;
    for (int octet = 0; octet < 256; octet++) {
        char reply[] = "QUI?";
        reply[3] = (char)octet;
        start_challenge();
        bool good = octet >= 0x21 && octet <= 0x7E;
        assert_int_equal(pop3_engine_sasl_reply(&driver.engine, reply, 4), good ? POP3_SUCCESS : POP3_ARG);
        assert_int_equal(driver_output(&driver) > 0, good);
    }
}

/* A server that answers before the command was sent: nothing is written outside the output or goes out of order. */
static void test_a_challenge_before_AUTH_was_sent(void **state) {
    for (size_t length = 1; length <= 248; length++) {
        char mechanism[256];
        const pop3_arg arg = {.text = mechanism};
        (void)state;
        memset(mechanism, 'm', length);
        mechanism[length] = '\0';
        driver_enter(&driver, POP3_PHASE_AUTHORIZATION);
        memset(driver.output, 0x5A, sizeof driver.output);
        assert_int_equal(pop3_engine_command(&driver.engine, POP3_AUTH, &arg, 0), POP3_SUCCESS);
        pop3_engine_output_done(&driver.engine, length % 5);
        size_t unsent = driver_output(&driver);
        size_t used = pop3_engine_input(&driver.engine, "+ \r\n", 4, &driver.event);
        assert_int_equal(used, 4);
        pop3_error error = pop3_engine_sasl_reply(&driver.engine, "QQ==", 4);
        assert_null(pop3_engine_invariant(&driver.engine));
        assert_int_equal(driver.output[DRIVER_OUTPUT], 0x5A);
        assert_int_equal(driver.output[DRIVER_OUTPUT + 1], 0x5A);
        size_t n;
        const char *out = pop3_engine_output(&driver.engine, &n);
        if (error != POP3_SUCCESS) {
            assert_int_equal(n, unsent);
        }
        assert_int_equal(out[0], length % 5 < 4 ? "AUTH"[length % 5] : ' ');
    }
}

/* The next challenge arrives while the reply to the last is not sent: not one octet of it is lost or doubled. */
static void test_a_challenge_before_the_reply_was_sent(void **state) {
    char wire[64];
    (void)state;
    start_challenge();
    assert_int_equal(pop3_engine_sasl_reply(&driver.engine, "Zmlyc3Q=", 8), POP3_SUCCESS);
    pop3_engine_output_done(&driver.engine, 3);
    pop3_engine_input(&driver.engine, "+ \r\n", 4, &driver.event);
    pop3_error error = pop3_engine_sasl_reply(&driver.engine, "c2Vjb25k", 8);
    assert_null(pop3_engine_invariant(&driver.engine));
    size_t n = collect(wire, 64);
    assert_memory_equal(wire, "yc3Q=\r\n", 7);
    assert_int_equal(n, error == POP3_SUCCESS ? 17 : 7);
}

#else

/* An engine without POP3_ENGINE_SASL takes AUTH with an initial response, and no challenge. */
static void test_R_5034_03_a_challenge_is_no_reply(void **state) {
    (void)state;
    driver_enter(&driver, POP3_PHASE_AUTHORIZATION);
    assert_int_equal(driver_command(&driver, POP3_AUTH), POP3_SUCCESS);
    driver_send(&driver);
    driver_receive(&driver, "+ \r\n", POP3_EVENT_FAIL);
    assert_int_equal(driver.event.error, POP3_PROTO);
    driver_enter(&driver, POP3_PHASE_AUTHORIZATION);
    assert_int_equal(driver_command(&driver, POP3_AUTH), POP3_SUCCESS);
    driver_send(&driver);
    driver_receive(&driver, "+OK\r\n", POP3_EVENT_OK);
    assert_int_equal(pop3_engine_phase(&driver.engine), POP3_PHASE_TRANSACTION);
}

#endif

/* Output may be taken in any phase, also when all is over. */
static void test_output_in_any_phase(void **state) {
    (void)state;
    for (unsigned phase = POP3_PHASE_GREETING; phase <= POP3_PHASE_FAILED; phase++) {
        driver_enter(&driver, (pop3_phase)phase);
        assert_int_equal(driver_output(&driver), 0);
        pop3_engine_output_done(&driver.engine, 0);
        assert_null(pop3_engine_invariant(&driver.engine));
    }
    driver_enter(&driver, POP3_PHASE_TRANSACTION);
    assert_int_equal(driver_command(&driver, POP3_NOOP), POP3_SUCCESS);
    pop3_engine_output_done(&driver.engine, 3);
    pop3_engine_abort(&driver.engine, POP3_IO);
    pop3_engine_output_done(&driver.engine, driver_output(&driver));
    assert_int_equal(driver_output(&driver), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_octet_by_octet),
        cmocka_unit_test(test_R_AUTH_02_what_was_sent_is_wiped),
        cmocka_unit_test(test_R_AUTH_02_what_was_refused_is_wiped),
        cmocka_unit_test(test_the_output_is_full),
        cmocka_unit_test(test_nothing_is_written_behind_the_output),
#if POP3_ENGINE_SASL
        cmocka_unit_test(test_R_5034_08_a_reply_of_any_length),
        cmocka_unit_test(test_A13_every_octet_in_a_reply),
        cmocka_unit_test(test_a_challenge_before_AUTH_was_sent),
        cmocka_unit_test(test_a_challenge_before_the_reply_was_sent),
#else
        cmocka_unit_test(test_R_5034_03_a_challenge_is_no_reply),
#endif
        cmocka_unit_test(test_output_in_any_phase),
    };
    return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
