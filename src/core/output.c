/* SPDX-License-Identifier: MIT */
/* The window from which the caller sends: what is left of a borrowed SASL reply, then the commands in output[]. */
#include <string.h>

#include "core/engine.h"

const void *pop3_engine_output(const pop3_engine *engine, size_t *n) {
#if POP3_ENGINE_SASL
    if (engine->reply_length != 0) {
        *n = engine->reply_length;
        return engine->reply;
    }
#endif
    *n = engine->output_length;
    return engine->buffers.output;
}

void pop3_engine_output_done(pop3_engine *engine, size_t n) {
    char *output = engine->buffers.output;
    size_t left;

#if POP3_ENGINE_SASL
    if (engine->reply_length != 0) {
        engine->reply += n;
        engine->reply_length -= n;
        return;
    }
#endif
    left = engine->output_length - n;
    engine->output_length = (uint16_t)left;
    memmove(output, output + n, left);
    memset(output + left, 0, n); /* it may have been a password */
}
