/* SPDX-License-Identifier: MIT */
/* Commands out: what may be sent when, with which octets, and the window from which it is sent. */
#include <string.h>

#include "core/engine.h"
#include "core/verbs.h"

enum { NUMBER_MAX = sizeof "4294967295" - 1 };

/* May every octet of an argument be sent? A blank only in PASS. */
static bool sendable(const char *text, size_t length, unsigned lowest) {
    while (length-- != 0) {
        unsigned char octet = (unsigned char)*text++;
        if (octet < lowest || octet == 0x7F) {
            return false;
        }
    }
    return true;
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

pop3_error pop3_engine_admits(const pop3_engine *engine, pop3_verb verb) {
    unsigned last = (engine->queue_head + engine->queue_count - 1U) % POP3_ENGINE_DEPTH;

    if ((pop3_verb_rows[verb].phases & PHASE_BIT(engine->phase) & PHASE_BITS) == 0 ||
        (engine->queue_count != 0 && (engine->queue[last].shape & SHAPE_BARRIER) != 0)) {
        return POP3_STATE;
    }
    return engine->queue_count < POP3_ENGINE_DEPTH ? POP3_SUCCESS : POP3_LIMIT;
}

/* The arguments that the row allows: all of them; none where they are optional; AUTH without initial response. */
static bool acceptable(pop3_verb verb, const pop3_arg *arg, unsigned given) {
    unsigned shape = pop3_verb_rows[verb].shape;
    unsigned lowest = verb == POP3_PASS ? ' ' : ' ' + 1;

    return (given & ~shape) == 0 && given != SHAPE_SECOND &&
           ((shape & SHAPE_OPTIONAL) != 0 || given == (shape & SHAPE_ARGUMENTS)) &&
           sendable(arg->text, arg->text_length, lowest) && sendable(arg->second, arg->second_length, lowest);
}

pop3_error pop3_engine_command(pop3_engine *engine, pop3_verb verb, const pop3_arg *arg, uint32_t tag) {
    static const pop3_arg nothing;
    const pop3_verb_row *row = &pop3_verb_rows[verb];
    pop3_pending *command = &engine->queue[(engine->queue_head + engine->queue_count) % POP3_ENGINE_DEPTH];
    char *at = engine->buffers.output + engine->output_end;
    size_t length = sizeof "XXXX\r\n" - 1;
    unsigned given = 0;
    pop3_error error = pop3_engine_admits(engine, verb);

    if (error != POP3_SUCCESS) {
        return error;
    }
    if (arg == NULL) {
        arg = &nothing;
    }
    if (arg->text_length > POP3_COMMAND_MAX || arg->second_length > POP3_COMMAND_MAX) {
        return POP3_ARG;
    }
    if (arg->text_length != 0) {
        length += 1 + arg->text_length;
        given = SHAPE_TEXT;
    }
    if (arg->second_length != 0) {
        length += 1 + arg->second_length;
        given |= SHAPE_SECOND;
    }
    if (arg->number != 0) {
        length += 2 * (1 + NUMBER_MAX);
        given |= SHAPE_NUMBER;
    }
    if (length > POP3_COMMAND_MAX || !acceptable(verb, arg, given)) {
        return POP3_ARG;
    }
    if (length > (size_t)engine->buffers.output_size - engine->output_end) {
        return POP3_LIMIT;
    }
    memcpy(at, row->name, 4);
    at = put_argument(at + 4 - (row->name[3] == '\0'), arg->text, arg->text_length);
    at = put_argument(at, arg->second, arg->second_length);
    if (arg->number != 0) {
        at = put_number(at, arg->number);
        if ((row->shape & SHAPE_LINES) != 0) {
            at = put_number(at, arg->lines);
        }
    }
    memcpy(at, "\r\n", 2);
    engine->output_end = (uint16_t)(at + 2 - engine->buffers.output);
    command->verb = (uint8_t)verb;
    command->shape = (uint8_t)(given != 0 ? row->shape & ~SHAPE_LISTING : row->shape);
    command->tag = tag;
    engine->queue_count++;
    if (verb == POP3_QUIT && engine->phase == POP3_PHASE_TRANSACTION) {
        engine->phase = POP3_PHASE_UPDATE;
    }
    return POP3_SUCCESS;
}
