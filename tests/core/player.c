/* SPDX-License-Identifier: MIT */
/*
 * Feeds, compares, and watches the engine's promises between calls: spans lie where they may, nothing consumed twice,
 * the invariant holds, commands leave exactly once. Knows nothing of files.
 */
#define _POSIX_C_SOURCE 200809L
#include "player.h"

#include "guarded.h"
#include "invariant.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stage {
    struct guarded input;
    struct guarded line;
    struct guarded output;
};

struct command {
    unsigned verb;
    uint32_t tag;
};

struct player {
    struct stage *stage;
    const struct script *script;
    const struct plan *plan;
    const struct step *step;
    pop3_engine engine;
    size_t available; /* octets of the stream that the server has sent so far */
    size_t taken;     /* octets of the stream that were in a chunk so far */
    char *chunk;
    size_t chunk_length;
    size_t chunk_used;
    uint32_t random;
    bool empty_next;
    struct command queue[POP3_ENGINE_DEPTH];
    size_t first, last;
    uint32_t tags;
    char *report;
    size_t report_size;
};

/* ---- reports ---- */

static void quote(char *to, size_t room, const char *data, size_t length) {
    size_t used = 0;
    for (size_t i = 0; i < length && used + 8 < room; i++) {
        unsigned char c = (unsigned char)data[i];
        int n = snprintf(to + used, room - used, c >= 0x20 && c < 0x7F ? "%c" : "\\x%02x", c);
        used += n > 0 ? (size_t)n : 0;
    }
    to[used] = '\0';
}

__attribute__((format(printf, 2, 3))) static bool differ(struct player *player, const char *format, ...) {
    const struct plan *plan = player->plan;
    static const char *const cuts[] = {"whole", "byte by byte", "cut once", "cut at random"};
    int n = snprintf(player->report, player->report_size,
                     "line %u (%s, cut %zu, seed %u, line[%u]%s%s%s): ", player->step != NULL ? player->step->line : 0,
                     cuts[plan->cuts], plan->cut, (unsigned)plan->seed, plan->line_size, plan->shared ? ", shared" : "",
                     plan->empties ? ", empty inputs" : "", plan->head ? ", page before" : "");
    va_list list;
    va_start(list, format);
    if (n > 0 && (size_t)n < player->report_size) {
        vsnprintf(player->report + n, player->report_size - (size_t)n, format, list);
    }
    va_end(list);
    return false;
}

static bool differ_event(struct player *player, const char *what, const pop3_event *event) {
    char text[160];
    quote(text, sizeof text, event->data, event->data != NULL ? event->length : 0);
    return differ(player, "%s; got at %zu: %s %s %s%s%s, %zu octets \"%s\"", what,
                  player->taken - player->chunk_length + player->chunk_used, script_event_name(event->type),
                  script_verb_name(event->verb), script_error_name(event->error), event->more ? " more" : "",
                  event->cut ? " cut" : "", event->length, text);
}

/* ---- input ---- */

static uint32_t next_random(struct player *player) {
    uint32_t x = player->random;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return player->random = x;
}

static size_t consumed(const struct player *player) {
    return player->taken - player->chunk_length + player->chunk_used;
}

static size_t next_length(struct player *player) {
    const struct plan *plan = player->plan;
    size_t rest = player->available - player->taken;
    size_t wanted = rest;
    if (plan->cuts == CUT_EVERYWHERE) {
        wanted = 1;
    } else if (plan->cuts == CUT_ONCE && player->taken < plan->cut) {
        wanted = plan->cut - player->taken;
    } else if (plan->cuts == CUT_AT_RANDOM) {
        uint32_t dice = next_random(player);
        wanted = 1 + (dice >> 8) % (dice % 4 == 0 ? 600 : 9);
    }
    return wanted < rest ? wanted : rest;
}

/* The next chunk lies flush against an unreadable page; the one before it is gone. */
static void load_chunk(struct player *player) {
    size_t n = next_length(player);
    char *old = player->chunk;
    if (old != NULL) {
        memset(old, 0xA5, player->chunk_length);
    }
    player->chunk =
        player->plan->head ? guarded_head(&player->stage->input, n) : guarded_tail(&player->stage->input, n);
    memcpy(player->chunk, player->script->stream + player->taken, n);
    player->chunk_length = n;
    player->chunk_used = 0;
    player->taken += n;
}

static bool inside(const char *data, size_t length, const char *area, size_t size) {
    return area != NULL && (uintptr_t)data >= (uintptr_t)area && (uintptr_t)data + length <= (uintptr_t)area + size;
}

/* Spans lie in the input just consumed, in line[], or are static; BODY never in line[] (zero copy). */
static bool span_is_good(struct player *player, const pop3_event *event, size_t used) {
    if (event->data == NULL) {
        return event->length == 0;
    }
    if (inside(event->data, event->length, player->chunk, player->chunk_used) && used > 0) {
        return true;
    }
    bool in_line = inside(event->data, event->length, player->engine.buffers.line, player->plan->line_size);
    if (event->type == POP3_EVENT_BODY) {
        return event->length == 1 && *event->data == '\r' && !in_line && used == 0;
    }
    return in_line || event->length == 0;
}

static bool check_call(struct player *player, const pop3_event *event, size_t given, size_t used) {
    if (used > given) {
        return differ_event(player, "more consumed than given", event);
    }
    const char *broken = pop3_engine_invariant(&player->engine);
    if (broken != NULL) {
        return differ_event(player, broken, event);
    }
    if (event->type == POP3_EVENT_NEED_INPUT && used != given) {
        return differ_event(player, "NEED_INPUT before everything was consumed", event);
    }
    if (event->type == POP3_EVENT_BODY && event->length == 0) {
        return differ_event(player, "BODY without octets", event);
    }
    if ((event->error != POP3_SUCCESS) != (event->type == POP3_EVENT_FAIL)) {
        return differ_event(player, "error set or missing", event);
    }
    return span_is_good(player, event, used) ||
           differ_event(player, "the span is not in input, line[] or static", event);
}

static bool call_input(struct player *player, bool empty, pop3_event *event) {
    size_t given = empty ? 0 : player->chunk_length - player->chunk_used;
    const char *in = given == 0 ? NULL : player->chunk + player->chunk_used;
    memset(event, 0xA5, sizeof *event);
    size_t used = pop3_engine_input(&player->engine, in, given, event);
    player->chunk_used += used <= given ? used : 0;
    return check_call(player, event, given, used);
}

/* The next event that is not NEED_INPUT; NEED_INPUT when the server has said all that it has to say now. */
static bool next_event(struct player *player, pop3_event *event) {
    for (;;) {
        bool empty = player->plan->empties && (player->empty_next = !player->empty_next);
        if (!empty && player->chunk_used == player->chunk_length && player->taken < player->available) {
            load_chunk(player);
        }
        if (!call_input(player, empty, event)) {
            return false;
        }
        bool done = player->chunk_used == player->chunk_length && player->taken == player->available;
        if (event->type != POP3_EVENT_NEED_INPUT || (done && !empty)) {
            return true;
        }
    }
}

/* ---- output ---- */

/* Takes the whole output in pieces, as a socket would, and compares it with text and CRLF. */
static bool output_is(struct player *player, const char *text, size_t length) {
    size_t sent = 0, n = 0;
    for (const char *out; (void)(out = pop3_engine_output(&player->engine, &n)), n > 0;) {
        size_t piece = player->plan->cuts == CUT_NOWHERE ? n : 1 + next_random(player) % n;
        for (size_t i = 0; i < piece; i++, sent++) {
            char wanted = sent < length ? text[sent] : sent == length ? '\r' : '\n';
            if (sent >= length + 2 || out[i] != wanted) {
                return differ(player, "octet %zu of the output is 0x%02x", sent, (unsigned char)out[i]);
            }
        }
        pop3_engine_output_done(&player->engine, piece);
        if (pop3_engine_invariant(&player->engine) != NULL) {
            return differ(player, "%s", pop3_engine_invariant(&player->engine));
        }
    }
    return sent == length + 2 || differ(player, "%zu octets went out instead of %zu", sent, length + 2);
}

static bool nothing_to_send(struct player *player) {
    size_t n = 0;
    pop3_engine_output(&player->engine, &n);
    return n == 0 || differ(player, "%zu octets to send", n);
}

/* ---- steps ---- */

static bool play_command(struct player *player, const struct step *step) {
    pop3_verb verb;
    pop3_arg arg;
    if (!script_command(step, &verb, &arg)) {
        return differ(player, "no such command");
    }
    bool refused = step->kind == STEP_COMMAND_REFUSED;
    pop3_phase before = pop3_engine_phase(&player->engine);
    bool can = pop3_engine_can(&player->engine, verb);
    bool full = pop3_engine_in_flight(&player->engine) == POP3_ENGINE_DEPTH;
    pop3_error error = pop3_engine_command(&player->engine, verb, &arg, ++player->tags);
    unsigned wanted = refused ? step->value : POP3_SUCCESS;
    /* A full queue is looked at before what the last command in it is. */
    if (error != wanted && !(wanted == POP3_STATE && error == POP3_LIMIT && full)) {
        return differ(player, "%s instead of %s", script_error_name(error), script_error_name(wanted));
    }
    if (can != (error == POP3_SUCCESS || error == POP3_ARG)) {
        return differ(player, "pop3_engine_can() says otherwise");
    }
    if (refused) {
        return pop3_engine_phase(&player->engine) == before ? nothing_to_send(player)
                                                            : differ(player, "the phase changed");
    }
    player->queue[player->last++ % POP3_ENGINE_DEPTH] = (struct command){verb, player->tags};
    return output_is(player, step->text, step->length);
}

#if POP3_ENGINE_SASL
static bool play_answer(struct player *player, const struct step *step) {
    pop3_error error = pop3_engine_sasl_reply(&player->engine, step->text, step->length);
    unsigned wanted = step->kind == STEP_ANSWER_REFUSED ? step->value : POP3_SUCCESS;
    if (error != wanted) {
        return differ(player, "%s instead of %s", script_error_name(error), script_error_name(wanted));
    }
    return error == POP3_SUCCESS ? output_is(player, step->text, step->length) : nothing_to_send(player);
}
#else
static bool play_answer(struct player *player, const struct step *step) {
    (void)step;
    return differ(player, "no engine for AUTH");
}
#endif

/* Replies come in the order of the commands, each event with its command's tag. */
static bool check_tag(struct player *player, const pop3_event *event) {
    bool replies =
        event->type != POP3_EVENT_GREETING && event->type < POP3_EVENT_CLOSED && event->verb != POP3_GREETING;
    if (!replies) {
        return true;
    }
    if (player->first == player->last) {
        return differ_event(player, "a reply to no command", event);
    }
    const struct command *oldest = &player->queue[player->first % POP3_ENGINE_DEPTH];
    if (event->verb != oldest->verb || event->tag != oldest->tag) {
        return differ_event(player, "the reply to another command", event);
    }
    bool ends = (event->type == POP3_EVENT_OK && !event->more) || event->type == POP3_EVENT_ERR ||
                event->type == POP3_EVENT_END || event->type == POP3_EVENT_START_TLS;
    player->first += ends;
    return true;
}

static bool play_body(struct player *player, const struct step *step) {
    for (size_t have = 0; have < step->length;) {
        pop3_event event;
        if (!next_event(player, &event) || !check_tag(player, &event)) {
            return false;
        }
        if (event.type != POP3_EVENT_BODY || event.verb != step->verb) {
            return differ_event(player, "BODY expected", &event);
        }
        if (event.length > step->length - have || memcmp(event.data, step->text + have, event.length) != 0) {
            return differ_event(player, "other octets of BODY expected", &event);
        }
        have += event.length;
    }
    return true;
}

/* `more` and `cut` mean nothing where the engine's header does not name the event. */
static bool same_flags(const struct step *step, const pop3_event *event) {
    bool over = event->type == POP3_EVENT_FAIL || event->type == POP3_EVENT_CLOSED;
    return event->type == step->value && event->error == step->error &&
           (over || (event->more == step->more && event->cut == step->cut));
}

static bool play_event(struct player *player, const struct step *step) {
    pop3_event event;
    if (step->value == POP3_EVENT_BODY) {
        return play_body(player, step);
    }
    if (!next_event(player, &event) || !check_tag(player, &event)) {
        return false;
    }
    bool named =
        event.type != POP3_EVENT_FAIL && event.type != POP3_EVENT_CLOSED && event.type != POP3_EVENT_NEED_INPUT;
    if (!same_flags(step, &event) || (named && event.verb != step->verb)) {
        return differ_event(player, "another event expected", &event);
    }
    if (step->offset != SCRIPT_ANY_OFFSET && step->offset != consumed(player)) {
        return differ_event(player, "event at another offset expected", &event);
    }
    if (step->text == NULL && (step->cut || event.type == POP3_EVENT_FAIL)) {
        return true;
    }
    if (event.length != step->length ||
        (event.length > 0 && step->text != NULL && memcmp(event.data, step->text, event.length) != 0)) {
        return differ_event(player, "other data expected", &event);
    }
    return true;
}

static bool play_step(struct player *player, const struct step *step) {
    player->step = step;
    switch (step->kind) {
    case STEP_SERVER: player->available = step->offset; return true;
    case STEP_COMMAND:
    case STEP_COMMAND_REFUSED: return play_command(player, step);
    case STEP_ANSWER:
    case STEP_ANSWER_REFUSED: return play_answer(player, step);
    case STEP_EVENT: return play_event(player, step);
    case STEP_EOF: pop3_engine_eof(&player->engine); return true;
    case STEP_ABORT: pop3_engine_abort(&player->engine, (pop3_error)step->value); return true;
    case STEP_TLS: pop3_engine_tls_started(&player->engine); return true;
    case STEP_PHASE:
        return pop3_engine_phase(&player->engine) == step->value ||
               differ(player, "phase %s", script_phase_name(pop3_engine_phase(&player->engine)));
    case STEP_IN_FLIGHT:
        return pop3_engine_in_flight(&player->engine) == step->value ||
               differ(player, "%u in flight", pop3_engine_in_flight(&player->engine));
    }
    return false;
}

/* Nothing more may come; an end is an end for ever. */
static bool play_end(struct player *player) {
    pop3_phase phase = pop3_engine_phase(&player->engine);
    uint8_t wanted = phase == POP3_PHASE_CLOSED   ? POP3_EVENT_CLOSED
                     : phase == POP3_PHASE_FAILED ? POP3_EVENT_FAIL
                                                  : POP3_EVENT_NEED_INPUT;
    player->step = NULL;
    for (int i = 0; i < 3; i++) {
        pop3_event event;
        if (!next_event(player, &event)) {
            return false;
        }
        if (event.type != wanted || pop3_engine_phase(&player->engine) != phase) {
            return differ_event(player, "nothing more expected", &event);
        }
        if (wanted != POP3_EVENT_NEED_INPUT && pop3_engine_command(&player->engine, POP3_QUIT, NULL, 0) != POP3_STATE) {
            return differ(player, "a command was taken behind the end");
        }
    }
    return nothing_to_send(player);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the report is written through player */
bool play(struct stage *stage, const struct script *script, const struct plan *plan, char *report, size_t report_size) {
    struct player player = {.stage = stage,
                            .script = script,
                            .plan = plan,
                            .random = plan->seed | 1,
                            .report = report,
                            .report_size = report_size};
    uint16_t output_size = plan->shared && plan->line_size > POP3_COMMAND_MAX ? plan->line_size : POP3_COMMAND_MAX;
    char *output = guarded_tail(&stage->output, output_size);
    pop3_engine_buffers buffers = {plan->shared ? output : guarded_tail(&stage->line, plan->line_size), output,
                                   plan->line_size, output_size};
    guarded_scribble(&stage->line);
    guarded_scribble(&stage->output);
    memset(&player.engine, 0xA5, sizeof player.engine);
    pop3_engine_init(&player.engine, &buffers);
    for (size_t i = 0; i < script->count; i++) {
        if (!play_step(&player, &script->steps[i])) {
            return false;
        }
    }
    return play_end(&player);
}

struct stage *stage_open(size_t stream_length) {
    struct stage *stage = malloc(sizeof *stage);
    if (stage == NULL) {
        abort();
    }
    guarded_open(&stage->input, stream_length);
    guarded_open(&stage->line, UINT16_MAX);
    guarded_open(&stage->output, UINT16_MAX);
    guarded_scribble(&stage->input);
    return stage;
}

void stage_close(struct stage *stage) {
    guarded_close(&stage->input);
    guarded_close(&stage->line);
    guarded_close(&stage->output);
    free(stage);
}
