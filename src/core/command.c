/* SPDX-License-Identifier: MIT */
/* Commands out: what may be sent when, with which octets, and the window from which it is sent. */
#include <string.h>

#include "core/engine.h"
#include "core/verbs.h"

/* A command under construction behind what the output window holds; it counts on past the end of its room. */
typedef struct draft {
    char *octets;
    uint16_t room;
    uint16_t length;
    bool forbidden; /* an octet that no argument may have */
} draft;

static void put(draft *line, const char *text, size_t length, unsigned lowest) {
    for (size_t i = 0; i < length && line->length <= POP3_COMMAND_MAX; i++) {
        unsigned char octet = (unsigned char)text[i];
        if (octet < lowest || octet == 0x7F) {
            line->forbidden = true;
        }
        if (line->length < line->room) {
            line->octets[line->length] = (char)octet;
        }
        line->length++;
    }
}

static void put_argument(draft *line, const char *text, size_t length, unsigned lowest) {
    if (length != 0) {
        put(line, " ", 1, ' ');
        put(line, text, length, lowest);
    }
}

static void put_number(draft *line, uint32_t number) {
    char digits[10];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    put_argument(line, digits + at, sizeof digits - at, '0');
}

static bool arguments_match(pop3_verb verb, unsigned shape, unsigned given) {
    unsigned wanted = shape & SHAPE_ARGUMENTS;

    return given == wanted || (given == 0 && (shape & SHAPE_OPTIONAL) != 0) ||
           (given == SHAPE_TEXT && verb == POP3_AUTH);
}

pop3_error pop3_engine_admits(const pop3_engine *engine, pop3_verb verb) {
    unsigned last = engine->queue_head + engine->queue_count - 1U;

    if ((pop3_verb_rows[verb].phases & PHASE_BIT(engine->phase) & 0x1FU) == 0) {
        return POP3_STATE;
    }
    if (engine->queue_count != 0 && (engine->queue[last % POP3_ENGINE_DEPTH].shape & SHAPE_BARRIER) != 0) {
        return POP3_STATE;
    }
    return engine->queue_count < POP3_ENGINE_DEPTH ? POP3_SUCCESS : POP3_LIMIT;
}

pop3_error pop3_engine_command(pop3_engine *engine, pop3_verb verb, const pop3_arg *arg, uint32_t tag) {
    static const pop3_arg nothing;
    const pop3_verb_row *row = &pop3_verb_rows[verb];
    draft line = {engine->buffers.output + engine->output_end,
                  (uint16_t)(engine->buffers.output_size - engine->output_end), 0, false};
    unsigned shape = row->shape;
    unsigned given;
    pop3_error error = pop3_engine_admits(engine, verb);

    if (error != POP3_SUCCESS) {
        return error;
    }
    if (arg == NULL) {
        arg = &nothing;
    }
    given = (arg->text_length != 0 ? SHAPE_TEXT : 0U) | (arg->second_length != 0 ? SHAPE_SECOND : 0U) |
            (arg->number != 0 ? SHAPE_NUMBER | (shape & SHAPE_LINES) : 0U);
    put(&line, row->name, row->name[3] != '\0' ? 4 : 3, 0);
    put_argument(&line, arg->text, arg->text_length, verb == POP3_PASS ? ' ' : ' ' + 1);
    put_argument(&line, arg->second, arg->second_length, ' ' + 1);
    if (arg->number != 0) {
        put_number(&line, arg->number);
        if ((shape & SHAPE_LINES) != 0) {
            put_number(&line, arg->lines);
        }
    }
    put(&line, "\r\n", 2, 0);
    if (line.forbidden || line.length > POP3_COMMAND_MAX || !arguments_match(verb, shape, given)) {
        return POP3_ARG;
    }
    if (line.length > line.room) {
        return POP3_LIMIT;
    }
    if (given != 0) {
        shape &= ~(unsigned)SHAPE_LISTING;
    }
    engine->queue[(engine->queue_head + engine->queue_count) % POP3_ENGINE_DEPTH] =
        (pop3_pending){tag, (uint8_t)verb, (uint8_t)shape};
    engine->queue_count++;
    engine->output_end = (uint16_t)(engine->output_end + line.length);
    if (verb == POP3_QUIT && engine->phase == POP3_PHASE_TRANSACTION) {
        engine->phase = POP3_PHASE_UPDATE;
    }
    return POP3_SUCCESS;
}
