/* SPDX-License-Identifier: MIT */
/* The shortest dialogues into each phase. Knows nothing of what is tested there. */
#include "driver.h"

#include "invariant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

void driver_start(struct driver *driver, uint16_t output_size) {
    uint16_t size = output_size != 0 ? output_size : DRIVER_OUTPUT;
    memset(driver, 0x5A, sizeof *driver);
    pop3_engine_init(&driver->engine, &(pop3_engine_buffers){driver->line, driver->output, sizeof driver->line, size});
    assert_null(pop3_engine_invariant(&driver->engine));
}

void driver_receive(struct driver *driver, const char *octets, pop3_event_type type) {
    for (size_t n = strlen(octets), used; n > 0; octets += used, n -= used) {
        used = pop3_engine_input(&driver->engine, octets, n, &driver->event);
        assert_true(used <= n);
        assert_null(pop3_engine_invariant(&driver->engine));
    }
    assert_int_equal(driver->event.type, type);
}

pop3_error driver_command(struct driver *driver, pop3_verb verb) {
    pop3_arg arg = {0};
    switch (verb) {
    case POP3_USER:
    case POP3_PASS:
    case POP3_AUTH: arg.text = "x"; break;
    case POP3_APOP: arg.text = arg.second = "x"; break;
    case POP3_RETR:
    case POP3_TOP:
    case POP3_DELE: arg.number = 1; break;
    default: break;
    }
    pop3_error error = pop3_engine_command(&driver->engine, verb, &arg, 1);
    assert_null(pop3_engine_invariant(&driver->engine));
    return error;
}

size_t driver_output(const struct driver *driver) {
    size_t n = 77;
    pop3_engine_output(&driver->engine, &n);
    return n;
}

size_t driver_send(struct driver *driver) {
    size_t total = 0;
    for (size_t n; (n = driver_output(driver)) > 0; total += n) {
        pop3_engine_output_done(&driver->engine, n);
    }
    return total;
}

static void exchange(struct driver *driver, pop3_verb verb, const char *reply, pop3_event_type type) {
    assert_int_equal(driver_command(driver, verb), POP3_SUCCESS);
    driver_send(driver);
    if (reply != NULL) {
        driver_receive(driver, reply, type);
    }
}

void driver_enter(struct driver *driver, pop3_phase phase) {
    driver_enter_greeted(driver, phase, "+OK\r\n");
}

void driver_enter_greeted(struct driver *driver, pop3_phase phase, const char *greeting) {
    driver_start(driver, 0);
    if (phase == POP3_PHASE_FAILED) {
        pop3_engine_abort(&driver->engine, POP3_IO);
    } else if (phase != POP3_PHASE_GREETING) {
        driver_receive(driver, greeting, POP3_EVENT_GREETING);
    }
    switch (phase) {
    case POP3_PHASE_USER_ACCEPTED: exchange(driver, POP3_USER, "+OK\r\n", POP3_EVENT_OK); break;
    case POP3_PHASE_TLS_PENDING: exchange(driver, POP3_STLS, "+OK\r\n", POP3_EVENT_START_TLS); break;
    case POP3_PHASE_CLOSED: exchange(driver, POP3_QUIT, "+OK\r\n", POP3_EVENT_OK); break;
    case POP3_PHASE_TRANSACTION:
    case POP3_PHASE_UPDATE: exchange(driver, POP3_APOP, "+OK\r\n", POP3_EVENT_OK); break;
    default: break;
    }
    if (phase == POP3_PHASE_UPDATE) {
        exchange(driver, POP3_QUIT, NULL, POP3_EVENT_OK);
    }
    assert_int_equal(pop3_engine_phase(&driver->engine), phase);
}
