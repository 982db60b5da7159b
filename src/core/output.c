/* SPDX-License-Identifier: MIT */
/* The window from which the caller sends: what is left of a borrowed SASL reply, then the commands in output[]. */
#include <string.h>

#include "core/engine.h"

const void *pop3_engine_output(const pop3_engine *engine, size_t *n) {
    if (engine->reply_length != 0) {
        *n = engine->reply_length;
        return engine->reply;
    }
    *n = (size_t)engine->output_end - engine->output_start;
    return engine->buffers.output + engine->output_start;
}

void pop3_engine_output_done(pop3_engine *engine, size_t n) {
    if (engine->reply_length != 0) {
        engine->reply += n;
        engine->reply_length = (uint16_t)(engine->reply_length - n);
        return;
    }
    memset(engine->buffers.output + engine->output_start, 0, n); /* it may have been a password */
    engine->output_start = (uint16_t)(engine->output_start + n);
    if (engine->output_start == engine->output_end) {
        engine->output_start = engine->output_end = 0;
    }
}
