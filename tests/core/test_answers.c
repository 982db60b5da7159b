/* SPDX-License-Identifier: MIT */
/*
 * F-01, F-03: each reply of each exchange (W-rows) answered each way. What must come of it is a rule for each way, over
 * the table of exchanges: nothing but the reply's own events, nothing done that was not answered to its end
 * (R-1939-23), and no way out of FAILED.
 */
#include "cell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MIB (1U << 20)

struct way {
    const char *name;
    void (*check)(void);
};

struct named_cell {
    struct cell cell;
    const struct way *way;
};

/* ---- The ways ---- */

static void correct(void) {
    cell_begin();
    cell_give(wire, cell_reply(CRLF), SIZE_MAX);
    cell_answered();
}

static void octet_by_octet(void) {
    cell_begin();
    cell_give(wire, cell_reply(CRLF), 1);
    cell_answered();
}

static void refused(void) {
    static const struct turn error = {.kind = REPLY_ERR, .text = "[SYS/TEMP] later"};
    cell_begin();
    trace_expect(&wanted, &error);
    cell_give(wire, turn_octets(&error, CRLF, wire), SIZE_MAX);
    cell_got_all();
    cell_goes_on(cell.exchange->refused);
}

static void eof_before(void) {
    cell_begin();
    pop3_engine_eof(&driver.engine);
    cell_failed(POP3_IO);
}

static void eof_inside(void) {
    size_t length = turn_octets(cell.turn, CRLF, wire);
    for (size_t n = 1; n < length; n++) {
        cell_begin();
        cell_reply(CRLF);
        cell_give(wire, n, SIZE_MAX);
        cell_got_a_part();
        pop3_engine_eof(&driver.engine);
        cell_failed(POP3_IO);
    }
}

/* F-03: what comes behind it is nobody's reply any more. */
static void eof_behind(void) {
    cell_begin();
    cell_give(wire, cell_reply(CRLF), SIZE_MAX);
    cell_got_all();
    pop3_engine_eof(&driver.engine);
    if (cell_is_challenge()) {
        cell_failed(POP3_IO);
    } else {
        cell_closed();
    }
}

/* The engine has no clock: nothing changes until the caller gives up. */
static void silence(void) {
    size_t length = turn_octets(cell.turn, CRLF, wire);
    for (size_t n = 0; n < length; n++) {
        cell_begin();
        cell_reply(CRLF);
        cell_give(wire, n, SIZE_MAX);
        pop3_engine before = driver.engine;
        for (int i = 0; i < 1000; i++) {
            assert_int_equal(cell_take(NULL, 0), 0);
            assert_int_equal(driver.event.type, POP3_EVENT_NEED_INPUT);
        }
        assert_memory_equal(&driver.engine, &before, sizeof before);
        cell_got_a_part();
        pop3_engine_abort(&driver.engine, POP3_IO);
        cell_failed(POP3_IO);
    }
}

/* The reply and the next one in one segment: each event takes its own octets and no more. */
static void coalesced(void) {
    cell_begin();
    size_t length = cell_reply(CRLF);
    size_t at = 0;
    memcpy(wire + length, "-ERR next" CRLF, 11);
    while (got.length < wanted.length) {
        at += cell_take(wire + at, length + 11 - at);
        trace_event(&got, &driver.event);
    }
    cell_got_all();
    assert_int_equal(at, length);
    if (cell_is_challenge() || pop3_engine_phase(&driver.engine) == POP3_PHASE_TLS_PENDING) { /* */
        assert_int_equal(cell_take(wire + at, 11), 11);
        cell_failed(POP3_PROTO);
    } else if (pop3_engine_phase(&driver.engine) == POP3_PHASE_CLOSED) {
        assert_int_equal(cell_take(wire + at, 11), 11);
        cell_closed();
    } else {
        bool user = pop3_engine_phase(&driver.engine) == POP3_PHASE_USER_ACCEPTED;
        assert_int_equal(driver_command(&driver, user ? POP3_PASS : POP3_CAPA), POP3_SUCCESS);
        driver_send(&driver);
        assert_int_equal(pop3_engine_input(&driver.engine, wire + at, 11, &driver.event), 11);
        assert_int_equal(driver.event.type, POP3_EVENT_ERR);
    }
}

/* F-03: a second reply that nobody asked for. */
static void unsolicited(void) {
    cell_begin();
    size_t length = cell_reply(CRLF);
    cell_give(wire, length, SIZE_MAX);
    cell_got_all();
    cell_give("+OK" CRLF, 5, 1);
    cell_got_all();
    if (pop3_engine_phase(&driver.engine) == POP3_PHASE_CLOSED) {
        cell_closed();
    } else {
        cell_failed(POP3_PROTO);
    }
}

/* F-03: the reply before the command; whoever expected it afterwards must not get it. */
static void too_early(void) {
    size_t length = turn_octets(cell.turn, CRLF, wire);
    if (cell.exchange->verb == POP3_GREETING) {
        return; /* nobody asks for a greeting */
    }
    driver_enter(&driver, cell.exchange->phase);
    trace_clear(&got);
    cell_give(wire, length, SIZE_MAX);
    assert_int_equal(got.length, 0);
    cell_failed(POP3_PROTO);
}

/* Lines may end with LF alone, but in a body only CRLF ends a line: it goes on for ever (R-1939-07). */
static void lf_only(void) {
    cell_begin();
    size_t length = cell_reply("\n");
    cell_give(wire, length, SIZE_MAX);
    if (cell.turn->kind == REPLY_BODY) {
        cell_got_body(length, false);
    } else if (cell.turn->kind == REPLY_GREETING) {
        cell_got_all(); /* and from now on LF mode, for which see lf_session */
    } else {
        cell_answered();
    }
}

/* A server that greets with LF uses LF throughout; content keeps its line ends. */
static void lf_session(void) {
    cell_begin_greeted("+OK\n", "\n");
    size_t length = cell_reply("\n");
    cell_give(wire, length, SIZE_MAX);
    if (cell.turn->kind == REPLY_BODY) {
        cell_got_body(length, true);
    } else {
        cell_got_all();
    }
}

/* ---- A line of 1 MiB ---- */

static char *long_text(void) {
    static char text[MIB + 1];
    memset(text, 'x', MIB);
    return text;
}

/* L-02, R-1939-04: every line but those of a message has a limit; over it nothing is given but parts of a challenge. */
static void long_status(size_t step) {
    struct turn turn = *cell.turn;
    turn.text = long_text();
    cell_begin();
    cell_give(wire, turn_octets(&turn, CRLF, wire), step);
    assert_int_equal(driver.event.type, POP3_EVENT_FAIL);
    cell_failed(POP3_LIMIT);
    if (cell_is_challenge()) {
        assert_true(got.length <= sizeof "CHALLENGE " + POP3_CHALLENGE_MAX);
        assert_int_equal(got.open, POP3_EVENT_CHALLENGE); /* never complete */
    } else {
        assert_int_equal(got.length, 0);
    }
}

static void long_line(size_t step) {
    static char lines[MIB + 2];
    struct turn turn = *cell.turn;
    memset(lines, 'x', MIB);
    lines[MIB] = '\n';
    turn.lines = lines;
    cell_begin();
    trace_expect(&wanted, &turn);
    cell_give(wire, turn_octets(&turn, CRLF, wire), step);
    if (turn.kind == REPLY_BODY) {
        cell_answered();
    } else {
        cell_got_a_part();
        cell_failed(POP3_LIMIT);
    }
}

static void mebibyte(void) {
    static const size_t steps[] = {SIZE_MAX, 1460, 1};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        long_status(steps[i]);
        if (cell.turn->lines != NULL) {
            long_line(steps[i]);
        }
    }
}

/* ---- NULs ---- */

/*
 * A NUL is an octet like others: in the indicator it makes the reply none, in a terminator it makes a line of
 * it, elsewhere it is text. It makes text of a blank in front of which it stands, and of a CR behind which it stands.
 */
static void with_nul(size_t at) {
    cell_begin();
    size_t length = cell_reply(CRLF), indicator = cell_is_challenge() ? 2 : strcspn(wire, " ");
    size_t line = (size_t)((char *)memchr(wire, '\n', length) - wire);
    bool before_stamp = cell.turn->kind == REPLY_GREETING && cell.turn->text[0] == '<' && at <= indicator + 1;
    size_t more = wire[at] == '\n' || (at == indicator && wire[at] == ' ') ? 2 : 1;
    memmove(wire + at + 1, wire + at, length - at);
    wire[at] = '\0';
    cell_give(wire, length + 1, SIZE_MAX);
    if (at < indicator) {
        assert_int_equal(got.length, 0);
        cell_failed(POP3_PROTO);
    } else if (before_stamp) {
        size_t stamp = strlen(cell.turn->text) + 1; /* N-40: of a greeting in a small line[] it is what is left */
        assert_memory_equal(got.octets + got.length - stamp, wanted.octets + wanted.length - stamp, stamp);
    } else if (at > line && cell.turn->kind == REPLY_BODY) {
        cell_got_body(length + 1, false);
    } else if (cell.turn->lines != NULL && at >= length - 3) {
        assert_non_null(memchr(got.octets, '\0', got.length));
        assert_int_equal(pop3_engine_in_flight(&driver.engine), 1); /* the terminator is none */
        pop3_engine_eof(&driver.engine);
        cell_failed(POP3_IO);
    } else {
        assert_non_null(memchr(got.octets, '\0', got.length));
        assert_int_equal(got.length, wanted.length + more);
    }
}

static void nuls(void) {
    size_t length = turn_octets(cell.turn, CRLF, wire);
    for (size_t at = 0; at < length; at++) {
        with_nul(at);
    }
}

/* ---- The table ---- */

static const struct way ways[] = {
    {"correct", correct},
    {"-ERR", refused},
    {"EOF before the line", eof_before},
    {"EOF inside the line", eof_inside},
    {"EOF behind the line", eof_behind},
    {"silence (A-09)", silence},
    {"an octet a segment", octet_by_octet},
    {"coalesced with the next", coalesced},
    {"LF only", lf_only},
    {"LF since the greeting", lf_session},
    {"NULs", nuls},
    {"a line of 1 MiB", mebibyte},
    {"twice (F-03)", unsolicited},
    {"before the command (F-03)", too_early},
};
#define WAYS (sizeof ways / sizeof ways[0])

static void test_cell(void **state) {
    const struct named_cell *named = *state;
    cell = named->cell;
    named->way->check();
}

static bool is_for_this_engine(const struct exchange *exchange) {
    return POP3_ENGINE_SASL || exchange->turns[0].kind != REPLY_CHALLENGE;
}

static char *name_of(const struct named_cell *named) {
    static const char *const kinds[] = {"greeting", "+OK", "-ERR", "+OK", "listing", "message", "challenge"};
    const struct exchange *exchange = named->cell.exchange;
    const struct turn *turn = named->cell.turn;
    size_t room = strlen(exchange->name) + strlen(named->way->name) + 40;
    char *name = malloc(room);
    assert_non_null(name);
    snprintf(name, room, "%s, reply %d (%s): %s", exchange->name, (int)(turn - exchange->turns) + 1, kinds[turn->kind],
             named->way->name);
    return name;
}

int main(void) {
    size_t room = exchange_count * EXCHANGE_TURNS * WAYS, count = 0;
    struct CMUnitTest *tests = calloc(room, sizeof *tests);
    struct named_cell *cells = calloc(room, sizeof *cells);
    if (tests == NULL || cells == NULL) {
        free(cells);
        free(tests);
        return 1;
    }
    for (size_t i = 0; i < exchange_count; i++) {
        for (size_t t = 0; t < exchanges[i].turn_count && is_for_this_engine(&exchanges[i]); t++) {
            for (size_t w = 0; w < WAYS; w++, count++) {
                cells[count] = (struct named_cell){{&exchanges[i], &exchanges[i].turns[t]}, &ways[w]};
                tests[count] =
                    (struct CMUnitTest){name_of(&cells[count]), test_cell, NULL, NULL, (void *)&cells[count]};
            }
        }
    }
    int failed = _cmocka_run_group_tests("answers", tests, count, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        free((void *)(uintptr_t)tests[i].name);
    }
    free(cells);
    free(tests);
    return failed;
}
