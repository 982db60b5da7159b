/* SPDX-License-Identifier: MIT */
/* Commands out: what may be sent when, and with which octets. Knows nothing of replies. */
#include <string.h>

#include "core/engine.h"

/* Control octets never; a blank only where `lowest` allows it. */
static inline bool may_be_sent(char octet, unsigned lowest) {
    return (unsigned char)octet >= lowest && octet != 0x7F;
}

size_t pop3_sendable(const char *text, unsigned lowest) {
    size_t length;

    for (length = 0; text[length] != '\0'; length++) {
        if (!may_be_sent(text[length], lowest)) {
            return 0;
        }
    }
    return length;
}

/* Appends a word and a blank to the output, or leaves in engine->error why not. */
static void put(pop3_engine *engine, const char *word, unsigned lowest) {
    do {
        if (!may_be_sent(*word, lowest)) {
            engine->error = POP3_ARG;
            return;
        }
        if (engine->buffers.output_size - engine->output_length <= 2) { /* a sum might wrap in an int of 16 bits */
            engine->error = POP3_LIMIT;
            return;
        }
        engine->buffers.output[engine->output_length++] = *word++;
    } while (*word != '\0');
    engine->buffers.output[engine->output_length++] = ' ';
}

static void put_number(pop3_engine *engine, uint32_t number) {
    char digits[sizeof "4294967295"];
    char *first = digits + sizeof digits - 1;

    *first = '\0';
    do {
        *--first = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    put(engine, first, '0');
}

/* Returns what the argument had. */
static unsigned put_argument(pop3_engine *engine, pop3_verb verb, const pop3_arg *arg) {
    unsigned lowest = verb == POP3_PASS ? ' ' : ' ' + 1;
    unsigned given = 0;

    if (arg->text != NULL) {
        given = GIVEN_TEXT;
        put(engine, arg->text, lowest);
    }
    if (arg->second != NULL) {
        given |= GIVEN_SECOND;
        put(engine, arg->second, lowest);
    }
    if (arg->number != 0) {
        given |= GIVEN_NUMBER;
        put_number(engine, arg->number);
        if (!POP3_ENGINE_MINIMAL && verb == POP3_TOP) {
            put_number(engine, arg->lines);
        }
    }
    return given;
}

pop3_error pop3_engine_command(pop3_engine *engine, pop3_verb verb, const pop3_arg *arg, uint32_t tag) {
    const pop3_verb_row *row = &pop3_verb_rows[verb];
    pop3_pending *command = &engine->queue[pop3_queue_slot(engine, engine->queue_count)];
    unsigned before = engine->output_length;
    char *start = engine->buffers.output + before;
    unsigned given = 0;
    unsigned length;
    unsigned accepts = row->accepts;
    unsigned shape = row->shape;
    pop3_error error = pop3_engine_admits(engine, row);

    if (error != POP3_SUCCESS) {
        return error;
    }
    put(engine, row->name, ' ');
    if (arg != NULL) {
        given = put_argument(engine, verb, arg);
    }
    error = (pop3_error)engine->error;
    length = engine->output_length - before;
    if (length >= POP3_COMMAND_MAX || (accepts & 1U << given) == 0) {
        error = POP3_ARG;
    }
    if (error != POP3_SUCCESS) {
        engine->error = POP3_SUCCESS;
        engine->output_length = (uint16_t)before;
        memset(start, 0, length); /* it may have been a password */
        return error;
    }
    start[length - 1] = '\r';
    start[length] = '\n';
    engine->output_length++;
    command->verb = (uint8_t)verb;
    command->tag = tag;
    command->shape = (uint8_t)(given == 0 ? shape : shape & ~(unsigned)SHAPE_LISTING);
    engine->queue_count++;
    if (verb == POP3_QUIT && engine->phase == POP3_PHASE_TRANSACTION) {
        engine->phase = POP3_PHASE_UPDATE;
    }
    return POP3_SUCCESS;
}

void pop3_engine_undo(pop3_engine *engine) {
    engine->queue_count--;
    if (engine->phase == POP3_PHASE_UPDATE) {
        engine->phase = POP3_PHASE_TRANSACTION;
    }
}
