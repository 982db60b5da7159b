/* SPDX-License-Identifier: MIT */
/* The AUTH exchange (RFC 5034 section 4): challenges in, replies out. Knows no mechanism. */
#include "core/engine.h"

#if POP3_ENGINE_SASL

#include <string.h>

#include "core/parse.h"

/* What follows a part may look like anything. */
bool pop3_auth_challenge(pop3_engine *engine, pop3_event *event, bool whole) {
    const pop3_pending *command = &engine->queue[pop3_queue_slot(engine, 0)];
    const char *line = engine->buffers.line;
    size_t length = engine->line_length;
    size_t text = 0;

    if (command->verb != POP3_AUTH || (command->shape & SHAPE_LISTING) != 0) {
        return false;
    }
    if (whole && length != 0 && line[length - 1] == '\r') {
        length--;
    }
    if (engine->expect == EXPECT_STATUS) {
        if (length == 0 || line[0] != '+' || (length > 1 && line[1] != ' ')) {
            return false;
        }
        text = pop3_behind_blanks(line, 1, length);
    }
    event->type = POP3_EVENT_CHALLENGE;
    event->more = !whole;
    event->cut = false;
    event->data = line + text;
    event->length = length - text;
    engine->line_length = 0;
    engine->line_total = whole ? 0 : (uint16_t)(engine->line_total - 1); /* of a part it counts towards the whole */
    engine->expect = whole ? EXPECT_SASL_REPLY : EXPECT_CHALLENGE_REST;
    return true;
}

pop3_error pop3_engine_sasl_reply(pop3_engine *engine, const char *base64, size_t n) {
    if (engine->phase >= POP3_PHASE_CLOSED || engine->expect != EXPECT_SASL_REPLY) {
        return POP3_STATE;
    }
    if (engine->output_length != 0) {
        return POP3_LIMIT;
    }
    for (size_t i = 0; i < n; i++) {
        if (base64[i] <= ' ' || base64[i] > '~') {
            return POP3_ARG;
        }
    }
    engine->reply = base64;
    engine->reply_length = n;
    memcpy(engine->buffers.output, "\r\n", 2);
    engine->output_length = 2;
    engine->expect = EXPECT_STATUS;
    return POP3_SUCCESS;
}

#else

typedef int pop3_sasl_is_left_out; /* ISO C wants a declaration in every file */

#endif
