/* SPDX-License-Identifier: MIT */
/* The window from which the caller sends: what is left of a borrowed SASL reply, then the commands in output[]. */
#include <string.h>

#include "core/engine.h"

const void *pop3_engine_output(const pop3_engine *engine, size_t *n) {
    const pop3_sasl *sasl = engine->sasl;

    if (sasl != NULL && sasl->reply_length != 0) {
        *n = sasl->reply_length;
        return sasl->reply;
    }
    *n = engine->output_length;
    return engine->buffers.output;
}

void pop3_engine_output_done(pop3_engine *engine, size_t n) {
    char *output = engine->buffers.output;
    pop3_sasl *sasl = engine->sasl;
    size_t left;

    if (sasl != NULL && sasl->reply_length != 0) {
        sasl->reply += n;
        sasl->reply_length -= n;
        return;
    }
    left = engine->output_length - n;
    engine->output_length = (uint16_t)left;
    memmove(output, output + n, left);
    memset(output + left, 0, n); /* it may have been a password */
}
