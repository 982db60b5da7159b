/* SPDX-License-Identifier: MIT */
/* Received octets in, one event out. Lines are collected in line[] and then judged; bodies are never collected. */
#include "core/engine.h"

#include <string.h>

#include "core/parse.h"

_Static_assert(POP3_ENGINE_DEPTH >= 1 && POP3_ENGINE_DEPTH <= UINT16_MAX, "POP3_ENGINE_DEPTH is out of range");

void pop3_engine_init(pop3_engine *engine, const pop3_engine_buffers *buffers) {
    memset(engine, 0, sizeof *engine);
    engine->buffers = *buffers;
    engine->queue_count = 1; /* the greeting, as if it had been asked for */
    engine->queue[0].shape = THEN(AUTHORIZATION);
}

/* In phases before CLOSED. */
static void fail(pop3_engine *engine, pop3_error why) {
    engine->phase = POP3_PHASE_FAILED;
    engine->error = (uint8_t)why;
}

static pop3_pending *current(pop3_engine *engine) {
    return &engine->queue[pop3_queue_slot(engine, 0)];
}

/* ---- What a line means ---- */

static void accepted(pop3_engine *engine, pop3_event *event) {
    unsigned shape = current(engine)->shape;

    if (event->verb == POP3_GREETING) {
        event->type = POP3_EVENT_GREETING;
    } else if (!POP3_ENGINE_MINIMAL && event->verb == POP3_STLS) {
        event->type = POP3_EVENT_START_TLS;
    }
    engine->expect = shape & (SHAPE_LISTING | SHAPE_BODY);
    if (engine->expect != EXPECT_STATUS) {
        event->more = true;
    } else if (PHASE_AFTER_OK(shape) != 0) {
        engine->phase = (uint8_t)PHASE_AFTER_OK(shape);
    }
}

static void refused(pop3_engine *engine, const pop3_event *event) {
    if (event->verb == POP3_GREETING || event->verb == POP3_QUIT) {
        engine->phase = POP3_PHASE_CLOSED;
    } else if (engine->phase == POP3_PHASE_USER_ACCEPTED) {
        engine->phase = POP3_PHASE_AUTHORIZATION;
    }
}

/* The status indicator (R-1939-05) and what it does to the engine. Returns where the text begins. */
static size_t status(pop3_engine *engine, pop3_event *event, const char *line, size_t length, char first) {
    size_t text = pop3_begins_with(line, length, first == '-' ? "-ERR" : "+OK");

    if (text != 0 && first == '-') {
        event->type = POP3_EVENT_ERR;
        refused(engine, event);
    } else if (text != 0) {
        event->type = POP3_EVENT_OK;
        accepted(engine, event);
    } else {
        fail(engine, POP3_PROTO);
    }
    return pop3_behind_blanks(line, text, length);
}

/* The line in line[] as an event. */
static void judge_line(pop3_engine *engine, pop3_event *event) {
    const char *line = engine->buffers.line;
    size_t length = engine->line_length;
    char first = length != 0 ? line[0] : '\0';
    size_t text = 0;

    if (length != 0 && line[length - 1] == '\r') {
        length--;
    }
    if (!pop3_in_listing(engine)) {
        text = status(engine, event, line, length, first);
    } else { /* its dots are judged by lines, unlike those of a body */
        text = first == '.';
        event->type = text != 0 && length == 1 ? POP3_EVENT_END : POP3_EVENT_LINE;
    }
    event->cut = engine->line_total != engine->line_length + 1;
    event->data = line + text;
    event->length = length - text;
    engine->line_length = engine->line_total = 0;
}

/* ---- Lines ---- */

/*
 * The APOP timestamp may stand anywhere in a greeting (N-40), also behind more text than line[] holds: where the
 * longest might not fit behind what is there, each `<` outside of brackets begins the text anew until line[] has one.
 */
static void watch_greeting(pop3_engine *engine, char octet) {
    const char *line = engine->buffers.line;
    size_t length = engine->line_length;
    size_t found;

    engine->lf_mode = octet != '\r';
    if (octet == '<' && engine->bracket != '<' && length > 4 && line[0] == '+' &&
        length + POP3_TIMESTAMP_MAX > engine->buffers.line_size && pop3_parse_timestamp(line, length, &found) == NULL) {
        engine->line_length = 3U + (line[3] != '<'); /* behind +OK and what ends it: +OKAY stays wrong */
    }
    if (octet == '<' || octet == '>') {
        engine->bracket = octet;
    }
}

/* Takes octets into line[] up to the line's end. What does not fit is dropped, but a challenge comes in parts. */
static size_t take_line(pop3_engine *engine, const char *in, size_t n, pop3_event *event) {
    unsigned line_max = POP3_ENGINE_SASL && event->verb == POP3_AUTH ? POP3_CHALLENGE_MAX
                        : pop3_in_listing(engine)                    ? POP3_LISTING_MAX
                                                                     : POP3_STATUS_MAX;

    for (const char *next = in; next != in + n;) {
        char octet = *next++;
        bool whole = octet == '\n';
        if (engine->line_total++ == line_max) {
            fail(engine, POP3_LIMIT);
            return n;
        }
        if (!whole && engine->phase == POP3_PHASE_GREETING) {
            watch_greeting(engine, octet);
        }
        if (!whole && engine->line_length < engine->buffers.line_size) {
            engine->buffers.line[engine->line_length++] = octet;
        } else if (pop3_auth_challenge(engine, event, whole)) {
            return (size_t)(next - in) - !whole;
        } else if (whole) {
            judge_line(engine, event);
            return (size_t)(next - in);
        }
    }
    return n;
}

/* ---- Events ---- */

static size_t take(pop3_engine *engine, const char *in, size_t n, pop3_event *event) {
    if (engine->queue_count == 0 || (POP3_ENGINE_SASL && engine->expect == EXPECT_SASL_REPLY)) { /* F-03, R-TLS-05 */
        fail(engine, POP3_PROTO);
        return n;
    }
    return engine->expect == EXPECT_BODY ? pop3_dot_decode(engine, in, n, event) : take_line(engine, in, n, event);
}

size_t pop3_engine_input(pop3_engine *engine, const void *in, size_t n, pop3_event *event) {
    memset(event, 0, sizeof *event);
    event->verb = current(engine)->verb;
    event->tag = current(engine)->tag;
    if (n != 0 && engine->phase < POP3_PHASE_CLOSED) {
        n = take(engine, in, n, event);
    }
    if (event->type >= POP3_EVENT_GREETING && !event->more) {
        engine->queue_head = (uint16_t)pop3_queue_slot(engine, 1);
        engine->queue_count--;
        engine->expect = EXPECT_STATUS;
    } else if (event->type == POP3_EVENT_NEED_INPUT && engine->phase >= POP3_PHASE_CLOSED) {
        event->type = (uint8_t)(POP3_EVENT_CLOSED + (engine->phase - POP3_PHASE_CLOSED));
        event->error = engine->error;
    }
    return n;
}

void pop3_engine_abort(pop3_engine *engine, pop3_error why) {
    if (engine->phase < POP3_PHASE_CLOSED) {
        fail(engine, why);
    }
}
