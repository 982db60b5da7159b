/* SPDX-License-Identifier: MIT */
/*
 * Received octets in, one event out. Lines are judged where they lie if an input holds them whole, else in line[];
 * bodies are never collected.
 */
#include "core/engine.h"

#include <string.h>

#include "core/verbs.h"

void pop3_engine_init(pop3_engine *engine, const pop3_engine_buffers *buffers) {
    memset(engine, 0, sizeof *engine);
    engine->buffers = *buffers;
    engine->queue_count = 1; /* the zeroed row is the greeting's */
}

static void fail(pop3_engine *engine, pop3_event *event, pop3_error error) {
    pop3_engine_abort(engine, error);
    event->type = POP3_EVENT_FAIL;
    event->error = (uint8_t)error;
    event->data = NULL;
    event->length = 0;
}

static void reply_complete(pop3_engine *engine) {
    engine->queue_head = (uint16_t)((engine->queue_head + 1U) % POP3_ENGINE_DEPTH);
    engine->queue_count--;
    engine->expect = EXPECT_STATUS;
}

/* ---- Lines ---- */

/*
 * line[] is full in mid-greeting: keeps the indicator and what may still become the APOP timestamp, which may stand
 * anywhere in a greeting of any length (N-40). False: nothing can be given up.
 */
static bool make_room(pop3_engine *engine) {
    char *line = engine->buffers.line;
    size_t length = engine->line_length;
    size_t text;
    size_t keep = length;

    if (pop3_parse_indicator(line, length, &text) == POP3_INDICATOR_BAD ||
        pop3_parse_timestamp(line + text, length - text, &keep) != NULL) {
        return false;
    }
    keep = length;
    for (size_t i = length; i > text && line[i - 1] != '>'; i--) {
        if (line[i - 1] == '<') {
            keep = i - 1;
        }
    }
    if (keep <= text + 1) { /* it fills the whole of line[]: too long */
        keep = length;
    }
    line[text++] = ' ';
    memmove(line + text, line + keep, length - keep);
    engine->line_length = (uint16_t)(text + length - keep);
    return true;
}

/* Appends to line[] what fits; returns how many octets did. */
static size_t store(pop3_engine *engine, const char *in, size_t n) {
    size_t done = 0;

    do {
        size_t room = (size_t)engine->buffers.line_size - engine->line_length;
        size_t part = n - done < room ? n - done : room;
        memcpy(engine->buffers.line + engine->line_length, in + done, part);
        engine->line_length = (uint16_t)(engine->line_length + part);
        done += part;
    } while (done < n && engine->queue[engine->queue_head].verb == POP3_GREETING && make_room(engine));
    return done;
}

static size_t line_max(const pop3_engine *engine) {
    if (engine->expect == EXPECT_LISTING) {
        return engine->buffers.line_size < POP3_LISTING_MAX ? engine->buffers.line_size : POP3_LISTING_MAX;
    }
    return engine->queue[engine->queue_head].verb == POP3_AUTH ? POP3_CHALLENGE_MAX : POP3_STATUS_MAX;
}

/* Does line[] hold a challenge, or the rest of one? Such a line comes in parts where others are cut. */
static bool is_challenge(const pop3_engine *engine) {
    const char *line = engine->buffers.line;

    return engine->expect == EXPECT_CHALLENGE_REST ||
           (engine->queue[engine->queue_head].verb == POP3_AUTH && line[0] == '+' && line[1] == ' ');
}

static void trim_line_end(pop3_event *event) {
    if (event->length > 0 && event->data[event->length - 1] == '\n') {
        event->length--;
    }
    if (event->length > 0 && event->data[event->length - 1] == '\r') {
        event->length--;
    }
}

/* Takes octets of the current line; event->data stays NULL until it, or a part of a challenge, is complete. */
static size_t take_line(pop3_engine *engine, const char *in, size_t n, pop3_event *event) {
    const char *lf = memchr(in, '\n', n);
    size_t used = lf != NULL ? (size_t)(lf + 1 - in) : n;
    size_t stored;

    if (used > line_max(engine) - engine->line_total) {
        fail(engine, event, POP3_LIMIT);
        return n;
    }
    if (lf != NULL && engine->line_total == 0 && used <= engine->buffers.line_size) {
        event->data = in;
        event->length = used;
        trim_line_end(event);
        return used;
    }
    stored = store(engine, in, used);
    if (stored < used && is_challenge(engine) &&
        !(in[stored] == '\n' && engine->buffers.line[engine->line_length - 1] == '\r')) {
        event->more = true;
        used = stored;
        lf = NULL;
    }
    engine->line_total = (uint16_t)(engine->line_total + used);
    if (lf != NULL || event->more) {
        event->data = engine->buffers.line;
        event->length = engine->line_length;
        event->cut = engine->line_total > engine->buffers.line_size;
        engine->line_length = 0;
    }
    if (lf != NULL) {
        engine->line_total = 0;
        trim_line_end(event);
    }
    return used;
}

/* ---- Replies ---- */

static void challenge(pop3_engine *engine, pop3_event *event) {
    event->type = POP3_EVENT_CHALLENGE;
    event->cut = false;
    engine->expect = event->more ? EXPECT_CHALLENGE_REST : EXPECT_SASL_REPLY;
}

static void status(pop3_engine *engine, pop3_event *event) {
    const pop3_pending *command = &engine->queue[engine->queue_head];
    size_t text;
    pop3_indicator indicator = pop3_parse_indicator(event->data, event->length, &text);
    unsigned after = PHASE_AFTER_OK(&pop3_verb_rows[command->verb]);

    if (indicator == POP3_INDICATOR_BAD || (indicator == POP3_INDICATOR_CONTINUE && command->verb != POP3_AUTH)) {
        fail(engine, event, POP3_PROTO);
        return;
    }
    event->data += text;
    event->length -= text;
    if (indicator == POP3_INDICATOR_CONTINUE) {
        challenge(engine, event);
        return;
    }
    while (event->length > 0 && (*event->data == ' ' || *event->data == '\t')) {
        event->data++;
        event->length--;
    }
    event->type = POP3_EVENT_ERR;
    if (indicator == POP3_INDICATOR_OK) {
        event->type = POP3_EVENT_OK;
        if ((command->shape & (SHAPE_LISTING | SHAPE_BODY)) != 0) {
            event->more = true;
            engine->expect = (command->shape & SHAPE_BODY) != 0 ? EXPECT_BODY : EXPECT_LISTING;
            engine->dot = DOT_LINE_START;
            return;
        }
        if (command->verb == POP3_GREETING) {
            event->type = POP3_EVENT_GREETING;
        } else if (command->verb == POP3_STLS) {
            event->type = POP3_EVENT_START_TLS;
        }
        if (after != 0) {
            engine->phase = (uint8_t)after;
        }
    } else if (command->verb == POP3_GREETING || command->verb == POP3_QUIT) {
        engine->phase = POP3_PHASE_CLOSED;
    } else if (engine->phase == POP3_PHASE_USER_ACCEPTED) {
        engine->phase = POP3_PHASE_AUTHORIZATION;
    }
    reply_complete(engine);
}

/* A line of a listing: LF ends it, so its dots are judged by lines, unlike those of a body. */
static void listing(pop3_engine *engine, pop3_event *event) {
    if (event->length > 0 && *event->data == '.') {
        event->data++;
        event->length--;
        if (event->length == 0) {
            event->type = POP3_EVENT_END;
            event->data = NULL;
            reply_complete(engine);
            return;
        }
    }
    event->type = POP3_EVENT_LINE;
}

static size_t take_reply(pop3_engine *engine, const char *in, size_t n, pop3_event *event) {
    size_t used = take_line(engine, in, n, event);
    char before_lf = engine->dot == DOT_TEXT_CR ? '\r' : '\0';

    if (event->data == NULL) {
        engine->dot = in[n - 1] == '\r' ? DOT_TEXT_CR : DOT_TEXT;
    } else if (engine->expect == EXPECT_LISTING) {
        listing(engine, event);
    } else if (engine->expect == EXPECT_CHALLENGE_REST) {
        challenge(engine, event);
    } else {
        if (engine->phase == POP3_PHASE_GREETING) {
            engine->lf_mode = (used > 1 ? in[used - 2] : before_lf) != '\r';
        }
        status(engine, event);
    }
    return used;
}

size_t pop3_engine_input(pop3_engine *engine, const void *in, size_t n, pop3_event *event) {
    const pop3_pending *command = &engine->queue[engine->queue_head];

    memset(event, 0, sizeof *event);
    event->verb = command->verb;
    event->tag = command->tag;
    if (engine->phase >= POP3_PHASE_CLOSED) {
        event->type = engine->phase == POP3_PHASE_CLOSED ? POP3_EVENT_CLOSED : POP3_EVENT_FAIL;
        event->error = engine->error;
        return n;
    }
    if (n == 0) {
        return 0;
    }
    if (engine->queue_count == 0 || engine->expect == EXPECT_SASL_REPLY) { /* F-03, R-TLS-05 */
        fail(engine, event, POP3_PROTO);
        return n;
    }
    if (engine->expect != EXPECT_BODY) {
        return take_reply(engine, in, n, event);
    }
    n = pop3_dot_decode(engine, in, n, event);
    if (event->type == POP3_EVENT_END) {
        reply_complete(engine);
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
