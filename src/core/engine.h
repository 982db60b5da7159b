/* SPDX-License-Identifier: MIT */
/* What the engine's files share. Private to core. */
#ifndef SATCHEL_CORE_ENGINE_H
#define SATCHEL_CORE_ENGINE_H

#include <satchel/pop3_engine.h>

#include "core/verbs.h"

/* pop3_engine.expect: what the reply to the oldest command in flight goes on with. */
enum {
    EXPECT_STATUS = 0,
    EXPECT_CHALLENGE_REST = 1, /* more of a challenge that line[] could not hold */
    EXPECT_SASL_REPLY = 2,     /* nothing: the challenge is complete and the caller's turn */
    EXPECT_LISTING = SHAPE_LISTING,
    EXPECT_BODY = SHAPE_BODY
};

/* pop3_engine.dot: where in a line of a body the last octet stood (R-1939-07). LF mode sees a CR before every LF. */
enum {
    DOT_CR = 1,                      /* behind a CR */
    DOT_LINE_START = 0,              /* behind CRLF, or at the start of the body */
    DOT_DOT = 2,                     /* a dot at a line start, dropped */
    DOT_DOT_CR = DOT_DOT | DOT_CR,   /* a CR behind it, withheld: content unless an LF follows */
    DOT_TEXT = 4,                    /* inside a line */
    DOT_TEXT_CR = DOT_TEXT | DOT_CR, /* inside a line, behind a CR given as content */
    DOT_END = 6                      /* the terminator is complete */
};

static inline bool pop3_in_listing(const pop3_engine *engine) {
    return !POP3_ENGINE_MINIMAL && engine->expect == EXPECT_LISTING;
}

/* Where in the queue the n-th oldest command in flight stands, or will stand. Costs nothing at depth 1. */
static inline unsigned pop3_queue_slot(const pop3_engine *engine, unsigned n) {
    return (engine->queue_head + n) % POP3_ENGINE_DEPTH;
}

/* May such a command be sent now? SUCCESS, STATE or LIMIT: see pop3_engine_command(). */
static inline pop3_error pop3_engine_admits(const pop3_engine *engine, const pop3_verb_row *row) {
    unsigned count = engine->queue_count;

    if ((row->phases & PHASE_BIT(engine->phase)) == 0) {
        return POP3_STATE;
    }
    if (count >= POP3_ENGINE_DEPTH) {
        return POP3_LIMIT;
    }
    if (POP3_ENGINE_DEPTH > 1 && count != 0 &&
        (engine->queue[pop3_queue_slot(engine, count - 1)].shape & SHAPE_BARRIER) != 0) {
        return POP3_STATE;
    }
    return POP3_SUCCESS;
}

/* Is what line[] holds a challenge, whole or a part? Then it becomes the event. */
#if POP3_ENGINE_SASL
bool pop3_auth_challenge(pop3_engine *engine, pop3_event *event, bool whole);
#else
static inline bool pop3_auth_challenge(pop3_engine *engine, pop3_event *event, bool whole) {
    (void)engine, (void)event, (void)whole;
    return false;
}
#endif

/* Decodes octets of a body into one event: BODY, END or NEED_INPUT. Returns how many it consumed. */
size_t pop3_dot_decode(pop3_engine *engine, const char *in, size_t n, pop3_event *event);

#endif
