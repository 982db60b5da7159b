/* SPDX-License-Identifier: MIT */
/* The caller's side of an AUTH exchange (RFC 5034 section 4). */
#include <string.h>

#include "core/engine.h"

pop3_error pop3_engine_sasl_reply(pop3_engine *engine, const char *base64, size_t n) {
    if (engine->phase >= POP3_PHASE_CLOSED || engine->expect != EXPECT_SASL_REPLY) {
        return POP3_STATE;
    }
    if (engine->output_length != 0) {
        return POP3_LIMIT;
    }
    if (n > UINT16_MAX) {
        return POP3_ARG;
    }
    for (size_t i = 0; i < n; i++) {
        if (base64[i] <= ' ' || base64[i] > '~') {
            return POP3_ARG;
        }
    }
    engine->reply = base64;
    engine->reply_length = (uint16_t)n;
    memcpy(engine->buffers.output, "\r\n", 2);
    engine->output_length = 2;
    engine->expect = EXPECT_STATUS;
    return POP3_SUCCESS;
}
