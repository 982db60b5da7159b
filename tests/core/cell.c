/* SPDX-License-Identifier: MIT */
/* Runs the engine of a cell and judges it by the trace of its events. */
#include "cell.h"

#include "guarded.h"
#include "invariant.h"
#include "reference_decoder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct cell cell;
struct driver driver;
struct trace got, wanted;
char wire[TRACE_ROOM];

static struct guarded memory;

/* ---- The engine up to the reply in question ---- */

/* Takes one event; where the session is over, the same event is all that ever comes again. */
size_t cell_take(const char *in, size_t n) {
    size_t used = pop3_engine_input(&driver.engine, in, n, &driver.event);
    assert_null(pop3_engine_invariant(&driver.engine));
    assert_true(used <= n);
    if (driver.event.type < POP3_EVENT_CLOSED && driver.event.type != POP3_EVENT_NEED_INPUT) {
        assert_int_equal(driver.event.verb, cell.exchange->verb);
    }
    return used;
}

static bool is_over(void) {
    return driver.event.type == POP3_EVENT_FAIL || driver.event.type == POP3_EVENT_CLOSED;
}

/* The octets in pieces of up to `step`, each flush against an unreadable page, up to the end of the session. */
void cell_give(const char *octets, size_t n, size_t step) {
    if (memory.base == NULL) {
        guarded_open(&memory, TRACE_ROOM);
    }
    for (size_t at = 0; at < n;) {
        size_t piece = step < n - at ? step : n - at;
        char *in = guarded_tail(&memory, piece);
        memcpy(in, octets + at, piece);
        for (size_t used = 0; used < piece;) {
            used += cell_take(in + used, piece - used);
            if (is_over()) {
                return;
            }
            trace_event(&got, &driver.event);
        }
        at += piece;
    }
}

void cell_answer(const struct turn *turn) {
#if POP3_ENGINE_SASL
    assert_int_equal(pop3_engine_sasl_reply(&driver.engine, turn->answer, strlen(turn->answer)), POP3_SUCCESS);
    assert_int_equal(driver_send(&driver), strlen(turn->answer) + 2);
#else
    (void)turn;
#endif
}

/* The command is sent, and the server has said everything before the reply in question. */
void cell_begin_greeted(const char *greeting, const char *line_end) {
    const struct exchange *exchange = cell.exchange;
    driver_enter_greeted(&driver, exchange->phase, greeting);
    if (exchange->verb != POP3_GREETING) {
        assert_int_equal(pop3_engine_command(&driver.engine, exchange->verb, &exchange->arg, 7), POP3_SUCCESS);
        driver_send(&driver);
    }
    for (const struct turn *turn = exchange->turns; turn != cell.turn; turn++) {
        cell_give(wire, turn_octets(turn, line_end, wire), SIZE_MAX);
        cell_answer(turn);
    }
    trace_clear(&got);
    trace_clear(&wanted);
}

void cell_begin(void) {
    cell_begin_greeted("+OK" CRLF, CRLF);
}

/* The reply as it should be, into wire[]; what it must give into `wanted`. */
size_t cell_reply(const char *line_end) {
    trace_expect(&wanted, cell.turn);
    return turn_octets(cell.turn, line_end, wire);
}

bool cell_is_challenge(void) {
    return cell.turn->kind == REPLY_CHALLENGE;
}

/* ---- What must have come of it ---- */

void cell_got_all(void) {
    assert_int_equal(got.length, wanted.length);
    assert_memory_equal(got.octets, wanted.octets, wanted.length);
}

/* Some of the events that the whole reply gives, in order, and not the one that completes it. */
void cell_got_a_part(void) {
    assert_true(got.length < wanted.length);
    assert_memory_equal(got.octets, wanted.octets, got.length);
}

void cell_got_body(size_t length, bool lf_mode) {
    static char content[TRACE_ROOM];
    size_t start = (size_t)((char *)memchr(wire, '\n', length) + 1 - wire), n = 0;
    size_t end = reference_decode(wire + start, length - start, lf_mode, content, &n);
    const pop3_event body = {.type = POP3_EVENT_BODY, .data = content, .length = n}, ended = {.type = POP3_EVENT_END};
    trace_clear(&wanted);
    trace_event(
        &wanted,
        &(pop3_event){.type = POP3_EVENT_OK, .more = true, .data = cell.turn->text, .length = strlen(cell.turn->text)});
    if (n > 0) {
        trace_event(&wanted, &body);
    }
    if (end != 0) {
        trace_event(&wanted, &ended);
        cell_got_all();
        cell_goes_on(cell.exchange->accepted);
    } else {
        cell_got_all();
        pop3_engine_eof(&driver.engine);
        cell_failed(POP3_IO);
    }
}

static void ends_with(pop3_event_type type, pop3_error error) {
    for (int i = 0; i < 3; i++) {
        cell_take(i == 1 ? "+OK\r\n" : NULL, i == 1 ? 5 : 0);
        assert_int_equal(driver.event.type, type);
        assert_int_equal(driver.event.error, error);
    }
    for (unsigned verb = POP3_GREETING + 1; verb < POP3_VERB_COUNT; verb++) {
        assert_int_equal(driver_command(&driver, (pop3_verb)verb), POP3_STATE);
    }
    assert_int_equal(driver_output(&driver), 0);
}

void cell_failed(pop3_error error) {
    assert_int_equal(pop3_engine_phase(&driver.engine), POP3_PHASE_FAILED);
    ends_with(POP3_EVENT_FAIL, error);
}

void cell_closed(void) {
    assert_int_equal(pop3_engine_phase(&driver.engine), POP3_PHASE_CLOSED);
    ends_with(POP3_EVENT_CLOSED, POP3_SUCCESS);
}

/* The session is in this phase, and takes the next command and its reply. */
void cell_goes_on(pop3_phase phase) {
    pop3_verb next = phase == POP3_PHASE_USER_ACCEPTED ? POP3_PASS : POP3_CAPA;
    assert_int_equal(pop3_engine_phase(&driver.engine), phase);
    assert_int_equal(pop3_engine_in_flight(&driver.engine), 0);
    if (phase == POP3_PHASE_CLOSED) {
        cell_closed();
        return;
    }
    if (phase == POP3_PHASE_TLS_PENDING) {
        assert_int_equal(driver_command(&driver, POP3_CAPA), POP3_STATE);
        pop3_engine_tls_started(&driver.engine);
    }
    assert_int_equal(driver_command(&driver, next), POP3_SUCCESS);
    driver_send(&driver);
    driver_receive(&driver, "-ERR" CRLF, POP3_EVENT_ERR);
    assert_int_equal(driver.event.verb, next);
}

/* Behind the reply as it should be: its phase, or the client's turn. */
void cell_answered(void) {
    cell_got_all();
    if (cell_is_challenge()) {
        assert_int_equal(pop3_engine_phase(&driver.engine), cell.exchange->phase);
        assert_int_equal(pop3_engine_in_flight(&driver.engine), 1);
        cell_answer(cell.turn);
    } else {
        cell_goes_on(cell.turn->kind == REPLY_ERR ? cell.exchange->refused : cell.exchange->accepted);
    }
}
