/* SPDX-License-Identifier: MIT */
/* Commands out: what may be sent when, with which octets, and the window from which it is sent. */
#include <string.h>

#include "core/engine.h"
#include "core/verbs.h"

enum { NUMBER_MAX = sizeof "4294967295" - 1 };

/* May every octet of an argument be sent? The lowest one that may is a blank in PASS, what follows it elsewhere. */
static bool sendable(const char *text, size_t length, unsigned lowest) {
    for (size_t i = 0; i < length; i++) {
        unsigned char octet = (unsigned char)text[i];
        if (octet < lowest || octet == 0x7F) {
            return false;
        }
    }
    return length <= POP3_COMMAND_MAX;
}

static char *put_argument(char *at, const char *text, size_t length) {
    if (length != 0) {
        *at++ = ' ';
        memcpy(at, text, length);
    }
    return at + length;
}

static char *put_number(char *at, uint32_t number) {
    char digits[NUMBER_MAX];
    char *first = digits + sizeof digits;

    do {
        *--first = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    return put_argument(at, first, (size_t)(digits + sizeof digits - first));
}

/* Puts the whole command at `at`; returns its end. */
static char *put_command(char *at, const pop3_verb_row *row, const pop3_arg *arg) {
    for (const char *name = row->name; *name != '\0';) {
        *at++ = *name++;
    }
    at = put_argument(at, arg->text, arg->text_length);
    at = put_argument(at, arg->second, arg->second_length);
    if (arg->number != 0) {
        at = put_number(at, arg->number);
        if ((row->shape & SHAPE_LINES) != 0) {
            at = put_number(at, arg->lines);
        }
    }
    *at++ = '\r';
    *at++ = '\n';
    return at;
}

pop3_error pop3_engine_admits(const pop3_engine *engine, pop3_verb verb) {
    unsigned last = (engine->queue_head + engine->queue_count - 1U) % POP3_ENGINE_DEPTH;

    if ((pop3_verb_rows[verb].phases & PHASE_BIT(engine->phase) & PHASE_BITS) == 0 ||
        (engine->queue_count != 0 && (engine->queue[last].shape & SHAPE_BARRIER) != 0)) {
        return POP3_STATE;
    }
    return engine->queue_count < POP3_ENGINE_DEPTH ? POP3_SUCCESS : POP3_LIMIT;
}

static void enqueue(pop3_engine *engine, pop3_verb verb, unsigned shape, uint32_t tag) {
    pop3_pending *command = &engine->queue[(engine->queue_head + engine->queue_count) % POP3_ENGINE_DEPTH];

    command->verb = (uint8_t)verb;
    command->shape = (uint8_t)shape;
    command->tag = tag;
    engine->queue_count++;
    if (verb == POP3_QUIT && engine->phase == POP3_PHASE_TRANSACTION) {
        engine->phase = POP3_PHASE_UPDATE;
    }
}

pop3_error pop3_engine_command(pop3_engine *engine, pop3_verb verb, const pop3_arg *arg, uint32_t tag) {
    static const pop3_arg nothing;
    const pop3_verb_row *row = &pop3_verb_rows[verb];
    unsigned shape = row->shape;
    unsigned given = 0;
    unsigned lowest = verb == POP3_PASS ? ' ' : ' ' + 1;
    size_t length = sizeof "XXXX\r\n" - 1;
    char *output = engine->buffers.output;
    pop3_error error = pop3_engine_admits(engine, verb);

    if (error != POP3_SUCCESS) {
        return error;
    }
    if (arg == NULL) {
        arg = &nothing;
    }
    if (!sendable(arg->text, arg->text_length, lowest) || !sendable(arg->second, arg->second_length, lowest)) {
        return POP3_ARG;
    }
    if (arg->text_length != 0) {
        given = SHAPE_TEXT;
        length += 1 + arg->text_length;
    }
    if (arg->second_length != 0) {
        given |= SHAPE_SECOND;
        length += 1 + arg->second_length;
    }
    if (arg->number != 0) {
        given |= SHAPE_NUMBER | (shape & SHAPE_LINES);
        length += 2 * (1 + NUMBER_MAX);
    }
    if (given != 0) {
        shape &= ~(unsigned)SHAPE_LISTING;
    }
    /* All that the row wants; or nothing, or AUTH without initial response, where that is optional. */
    if ((given != (shape & SHAPE_ARGUMENTS) &&
         ((shape & SHAPE_OPTIONAL) == 0 || (given != 0 && given != (shape & SHAPE_TEXT)))) ||
        length > POP3_COMMAND_MAX) {
        return POP3_ARG;
    }
    if (length > (size_t)engine->buffers.output_size - engine->output_end) {
        return POP3_LIMIT;
    }
    engine->output_end = (uint16_t)(put_command(output + engine->output_end, row, arg) - output);
    enqueue(engine, verb, shape, tag);
    return POP3_SUCCESS;
}
