/* SPDX-License-Identifier: MIT */
/*
 * Received octets in, one event out. Lines are judged where they lie if an input holds them whole, else in line[];
 * bodies are never collected.
 */
#include "core/engine.h"

#include <string.h>

#include "core/parse.h"
#include "core/verbs.h"

void pop3_engine_init(pop3_engine *engine, const pop3_engine_buffers *buffers) {
    memset(engine, 0, sizeof *engine);
    engine->buffers = *buffers;
    engine->queue_count = 1; /* the zeroed row is the greeting's */
}

static pop3_pending *current(pop3_engine *engine) {
    return &engine->queue[engine->queue_head];
}

static void reply_complete(pop3_engine *engine) {
    engine->queue_head = (uint16_t)((engine->queue_head + 1U) % POP3_ENGINE_DEPTH);
    engine->queue_count--;
    engine->expect = EXPECT_STATUS;
}

/* ---- What a complete line means ---- */

static void challenge(pop3_engine *engine, pop3_event *event) {
    event->type = POP3_EVENT_CHALLENGE;
    event->cut = false;
    engine->expect = event->more ? EXPECT_CHALLENGE_REST : EXPECT_SASL_REPLY;
}

/* A listing's line ends with any LF, and its dots are judged by lines, unlike those of a body. */
static void listing(pop3_engine *engine, pop3_event *event) {
    event->type = POP3_EVENT_LINE;
    if (event->length != 0 && *event->data == '.') {
        event->data++;
        event->length--;
        if (event->length == 0) {
            event->type = POP3_EVENT_END;
            reply_complete(engine);
        }
    }
}

static void refused(pop3_engine *engine, pop3_event *event) {
    event->type = POP3_EVENT_ERR;
    if (event->verb == POP3_GREETING || event->verb == POP3_QUIT) {
        engine->phase = POP3_PHASE_CLOSED;
    } else if (engine->phase == POP3_PHASE_USER_ACCEPTED) {
        engine->phase = POP3_PHASE_AUTHORIZATION;
    }
    reply_complete(engine);
}

static void accepted(pop3_engine *engine, pop3_event *event) {
    unsigned shape = current(engine)->shape;
    unsigned after = PHASE_AFTER_OK(&pop3_verb_rows[event->verb]);

    event->type = POP3_EVENT_OK;
    if ((shape & (SHAPE_LISTING | SHAPE_BODY)) != 0) {
        event->more = true;
        engine->expect = (shape & SHAPE_BODY) != 0 ? EXPECT_BODY : EXPECT_LISTING;
        engine->dot = DOT_LINE_START;
        return;
    }
    if (after != 0) {
        engine->phase = (uint8_t)after;
    }
    if (event->verb == POP3_GREETING) {
        event->type = POP3_EVENT_GREETING;
    } else if (event->verb == POP3_STLS) {
        event->type = POP3_EVENT_START_TLS;
    }
    reply_complete(engine);
}

/* Is `+` in reply to this command a challenge (RFC 5034 section 4)? */
static bool may_challenge(pop3_engine *engine) {
    return current(engine)->verb == POP3_AUTH && (current(engine)->shape & SHAPE_LISTING) == 0;
}

/* The status indicator (R-1939-05) and what it means for the command. */
static void status(pop3_engine *engine, pop3_event *event) {
    const char *line = event->data;
    size_t length = event->length;
    size_t text;
    void (*handle)(pop3_engine *, pop3_event *) = accepted;

    text = pop3_begins_with(line, length, "+OK");
    if (text == 0) {
        handle = refused;
        text = pop3_begins_with(line, length, "-ERR");
    }
    if (text == 0 && length != 0 && line[0] == '+' && (length == 1 || line[1] == ' ') && may_challenge(engine)) {
        handle = challenge;
        text = 1;
    }
    if (text == 0) {
        pop3_engine_abort(engine, POP3_PROTO);
        return;
    }
    while (text < length && pop3_is_blank(line[text])) {
        text++;
    }
    event->data += text;
    event->length -= text;
    handle(engine, event);
}

/* The octets in line[] as an event. */
static void line_done(pop3_engine *engine, pop3_event *event) {
    event->data = engine->buffers.line;
    event->length = engine->line_length;
    event->cut = engine->line_total > engine->buffers.line_size;
    engine->line_length = 0;
    if (engine->expect == EXPECT_LISTING) {
        listing(engine, event);
    } else if (engine->expect == EXPECT_CHALLENGE_REST) {
        challenge(engine, event);
    } else {
        status(engine, event);
    }
}

/* ---- Lines ---- */

static size_t line_max(pop3_engine *engine) {
    return current(engine)->verb == POP3_AUTH ? POP3_CHALLENGE_MAX : POP3_STATUS_MAX;
}

/*
 * line[] is full in mid-greeting: keeps the indicator and what may still become the APOP timestamp, which may stand
 * anywhere in a greeting of any length (N-40). One that is longer than line[] is kept as `<<`, which no timestamp
 * begins with.
 */
static void make_room(pop3_engine *engine) {
    char *text = engine->buffers.line + 4;
    char *end = engine->buffers.line + engine->line_length;
    char *keep = end;
    size_t length;

    if (pop3_parse_timestamp(text - 1, (size_t)(end - text) + 1, &length) != NULL) {
        return;
    }
    for (char *p = end; p >= text && p[-1] != '>'; p--) {
        if (p[-1] == '<') {
            keep = p - 1;
        }
    }
    if (keep <= text) {
        keep = end - 2;
        keep[0] = keep[1] = '<';
    }
    memmove(text, keep, (size_t)(end - keep));
    engine->line_length = (uint16_t)(text + (end - keep) - engine->buffers.line);
}

/* Takes octets into line[] up to the line's end. What does not fit is dropped, but a challenge comes in parts. */
static size_t take_line(pop3_engine *engine, const char *in, size_t n, pop3_event *event) {
    char *line = engine->buffers.line;
    size_t used = 0;

    while (used < n) {
        char octet = in[used];
        if (engine->line_total >= line_max(engine)) {
            pop3_engine_abort(engine, POP3_LIMIT);
            return n;
        }
        if (engine->line_length == engine->buffers.line_size && octet != '\n') {
            if (engine->phase == POP3_PHASE_GREETING && line[0] == '+') {
                make_room(engine);
            } else if (engine->expect == EXPECT_CHALLENGE_REST || (may_challenge(engine) && line[1] == ' ')) {
                event->more = true;
                line_done(engine, event);
                return used;
            }
        }
        used++;
        engine->line_total++;
        if (octet == '\n') {
            if (engine->phase == POP3_PHASE_GREETING) {
                engine->lf_mode = engine->dot == 0;
            }
            if (engine->line_length != 0 && line[engine->line_length - 1] == '\r') {
                engine->line_length--;
            }
            line_done(engine, event);
            engine->line_total = 0;
            break;
        }
        if (engine->line_length < engine->buffers.line_size) {
            line[engine->line_length++] = octet;
        }
        engine->dot = octet == '\r';
    }
    return used;
}

static size_t take(pop3_engine *engine, const char *in, size_t n, pop3_event *event) {
    if (engine->queue_count == 0 || engine->expect == EXPECT_SASL_REPLY) { /* F-03, R-TLS-05 */
        pop3_engine_abort(engine, POP3_PROTO);
        return n;
    }
    if (engine->expect != EXPECT_BODY) {
        return take_line(engine, in, n, event);
    }
    n = pop3_dot_decode(engine, in, n, event);
    if (event->type == POP3_EVENT_END) {
        reply_complete(engine);
    }
    return n;
}

size_t pop3_engine_input(pop3_engine *engine, const void *in, size_t n, pop3_event *event) {
    memset(event, 0, sizeof *event);
    event->verb = current(engine)->verb;
    event->tag = current(engine)->tag;
    if (n != 0 && engine->phase < POP3_PHASE_CLOSED) {
        n = take(engine, in, n, event);
    }
    if (event->type == POP3_EVENT_NEED_INPUT && engine->phase >= POP3_PHASE_CLOSED) {
        event->type = engine->phase == POP3_PHASE_CLOSED ? POP3_EVENT_CLOSED : POP3_EVENT_FAIL;
        event->error = engine->error;
        event->data = NULL;
        event->length = 0;
    }
    return n;
}

void pop3_engine_eof(pop3_engine *engine) {
    if (engine->queue_count != 0) {
        pop3_engine_abort(engine, POP3_IO);
    } else if (engine->phase < POP3_PHASE_CLOSED) {
        engine->phase = POP3_PHASE_CLOSED;
    }
}

void pop3_engine_abort(pop3_engine *engine, pop3_error why) {
    if (engine->phase < POP3_PHASE_CLOSED) {
        engine->phase = POP3_PHASE_FAILED;
        engine->error = (uint8_t)why;
    }
}

pop3_phase pop3_engine_phase(const pop3_engine *engine) {
    return (pop3_phase)engine->phase;
}
