/* SPDX-License-Identifier: MIT */
/*
 * What must hold for a pop3_engine between two calls, whatever was done to it. The only place outside src/core that
 * looks at the engine's own members. Knows nothing of what the engine is used for.
 */
#ifndef SATCHEL_TESTS_INVARIANT_H
#define SATCHEL_TESTS_INVARIANT_H

#include <satchel/pop3_engine.h>

static inline bool invariant_queue(const pop3_engine *engine) {
    bool in_range = engine->queue_head < POP3_ENGINE_DEPTH && engine->queue_count <= POP3_ENGINE_DEPTH;
    if (!in_range) {
        return false;
    }
    for (unsigned i = 0; i < engine->queue_count; i++) {
        const pop3_pending *pending = &engine->queue[(engine->queue_head + i) % POP3_ENGINE_DEPTH];
        if (pending->verb >= POP3_VERB_COUNT) {
            return false;
        }
    }
    return pop3_engine_in_flight(engine) <= engine->queue_count;
}

static inline bool invariant_buffers(const pop3_engine *engine) {
    size_t n = 0;
    const void *output = pop3_engine_output(engine, &n);
    return engine->line_length <= engine->buffers.line_size && engine->output_length <= engine->buffers.output_size &&
           (n == 0 || output != NULL);
}

static inline bool invariant_phase(const pop3_engine *engine) {
    if (engine->phase > POP3_PHASE_FAILED) {
        return false;
    }
    if (engine->phase == POP3_PHASE_FAILED) {
        return engine->error == POP3_ARG || engine->error == POP3_STATE || engine->error == POP3_LIMIT ||
               engine->error == POP3_PROTO || engine->error == POP3_REFUSED || engine->error == POP3_IO;
    }
    return engine->phase != POP3_PHASE_TLS_PENDING || pop3_engine_in_flight(engine) == 0;
}

/* NULL if all is well, else what is not. */
static inline const char *pop3_engine_invariant(const pop3_engine *engine) {
    if (!invariant_buffers(engine)) {
        return "an index is outside line[] or output[]";
    }
    if (!invariant_queue(engine)) {
        return "the queue of commands is damaged";
    }
    if (!invariant_phase(engine)) {
        return "the phase and the rest disagree";
    }
    return NULL;
}

#endif
