/* SPDX-License-Identifier: MIT */
/* Calls that not every user of the engine needs, apart so that firmware does not pay for them. */
#include "core/engine.h"

unsigned pop3_engine_in_flight(const pop3_engine *engine) {
    return engine->phase == POP3_PHASE_GREETING ? 0 : engine->queue_count;
}

bool pop3_engine_can(const pop3_engine *engine, pop3_verb verb) {
    return pop3_engine_admits(engine, &pop3_verb_rows[verb]) == POP3_SUCCESS;
}

void pop3_engine_tls_started(pop3_engine *engine) {
    if (engine->phase == POP3_PHASE_TLS_PENDING) {
        engine->phase = POP3_PHASE_AUTHORIZATION;
        engine->lf_mode = false; /* whoever sent the clear-text greeting has no say in it any more (R-TLS-04) */
    }
}

void pop3_engine_eof(pop3_engine *engine) {
    if (engine->queue_count != 0) {
        pop3_engine_abort(engine, POP3_IO);
    } else if (engine->phase < POP3_PHASE_CLOSED) {
        engine->phase = POP3_PHASE_CLOSED;
    }
}

const char *pop3_verb_name(pop3_verb verb) {
    return pop3_verb_rows[verb].name;
}

bool pop3_verb_secret(pop3_verb verb) {
    return verb == POP3_PASS || verb == POP3_APOP || verb == POP3_AUTH;
}
