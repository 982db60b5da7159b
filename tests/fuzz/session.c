/* SPDX-License-Identifier: MIT */
/* Plays a fuzz input through the engine and traps where the contract of pop3_engine.h is broken. */
#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "core/invariant.h"
#include "core/reference_decoder.h"
#include "require.h"

struct session {
    const struct session_input *input;
    pop3_engine engine;
    struct session_log *log;
    const struct session_watch *watch; /* or NULL */
    size_t next_command;
    uint32_t tag;
    uint32_t random;
    size_t consumed;
    char *line;
    char *output;
    uint8_t *body; /* of the message that is being received */
    size_t body_length;
    size_t body_start; /* in the stream */
    bool lf_mode;
    bool in_body;
    bool over; /* FAIL or CLOSED was logged: it is repeated for ever */
};

static void *allocate(size_t size) {
    void *memory = malloc(size > 0 ? size : 1);
    require(memory != NULL, "no memory");
    return memory;
}

bool session_read(struct session_input *input, const uint8_t *data, size_t size) {
    static const uint16_t line_sizes[] = {POP3_LINE_MIN, 64, 104, 512};
    if (size < 3) {
        return false;
    }
    memset(input, 0, sizeof *input);
    input->line_size = line_sizes[data[0] & 3];
    input->depth = 1 + (data[0] >> 2 & 3U);
    input->shared = (data[0] & 0x10) != 0 && input->depth == 1;
    input->no_tls = (data[0] & 0x20) != 0;
    input->command_count = data[1] < size - 3 ? data[1] : size - 3;
    input->seed = data[2];
    input->commands = data + 3;
    input->stream = input->commands + input->command_count;
    input->stream_length = size - 3 - input->command_count;
    return true;
}

/* ---- commands ---- */

pop3_verb session_verb(uint8_t octet) {
    static const uint8_t verbs[] = {POP3_GREETING, POP3_CAPA, POP3_STLS, POP3_UTF8, POP3_LANG, POP3_USER,
                                    POP3_PASS,     POP3_APOP, POP3_AUTH, POP3_STAT, POP3_LIST, POP3_UIDL,
                                    POP3_RETR,     POP3_TOP,  POP3_DELE, POP3_NOOP, POP3_RSET, POP3_QUIT};

    return (pop3_verb)verbs[(octet & 0x1FU) % sizeof verbs];
}

pop3_arg session_argument(pop3_verb verb, unsigned variant) {
    pop3_arg arg = {0};
    bool bare = (verb == POP3_AUTH || verb == POP3_LANG || verb == POP3_LIST || verb == POP3_UIDL) && variant % 3 == 0;
    if (bare) {
        return arg;
    }
    switch (verb) {
    case POP3_APOP:
        arg.second = "c4c9334bac560ecc979e58001b3e22fb";
        arg.text = "mrose";
        break;
    case POP3_AUTH:
        arg.second = variant % 3 == 2 ? "=" : NULL;
        arg.text = "PLAIN";
        break;
    case POP3_USER: arg.text = "mrose"; break;
    case POP3_PASS: arg.text = "mvan 99"; break;
    case POP3_LANG: arg.text = "*"; break;
    case POP3_LIST:
    case POP3_UIDL:
    case POP3_RETR:
    case POP3_DELE:
    case POP3_TOP:
        arg.number = 1 + variant;
        arg.lines = verb == POP3_TOP ? variant : 0;
        break;
    default: break;
    }
    return arg;
}

/* What goes out is one line for each command, with no octet in it that no command may have. */
static void send_all(struct session *session) {
    size_t n;
    for (const char *out; (void)(out = pop3_engine_output(&session->engine, &n)), n > 0;) {
        size_t piece = 1 + session->random % n;
        for (size_t i = 0; i < piece; i++) {
            unsigned char octet = (unsigned char)out[i];
            require((octet >= 0x20 && octet < 0x7F) || octet == '\r' || octet == '\n', "a control octet goes out");
        }
        pop3_engine_output_done(&session->engine, piece);
    }
}

static void issue_commands(struct session *session) {
    while (session->next_command < session->input->command_count &&
           pop3_engine_in_flight(&session->engine) < session->input->depth) {
        uint8_t octet = session->input->commands[session->next_command++];
        pop3_verb verb = session_verb(octet);
        pop3_arg arg = session_argument(verb, octet >> 5);
        bool can = pop3_engine_can(&session->engine, verb);
        size_t before, after;
        pop3_engine_output(&session->engine, &before);
        pop3_error error = pop3_engine_command(&session->engine, verb, &arg, ++session->tag);
        pop3_engine_output(&session->engine, &after);
        require(error != POP3_ARG, "a good argument refused");
        require((error == POP3_SUCCESS) == can, "pop3_engine_can() and pop3_engine_command() disagree");
        require((error == POP3_SUCCESS) == (after > before), "a refused command in the output, or an accepted one not");
        send_all(session);
    }
}

/* ---- the log ---- */

static void log_add(struct session_log *log, const void *octets, size_t n) {
    if (log->length + n > log->room) {
        log->room = 2 * (log->length + n) + 256;
        log->octets = realloc(log->octets, log->room);
        require(log->octets != NULL, "no memory");
    }
    if (n > 0 && log->octets != NULL) {
        memcpy(log->octets + log->length, octets, n);
        log->length += n;
    }
}

/* Where FAIL and CLOSED stop consuming means nothing. */
static void log_event(struct session *session, const pop3_event *event) {
    bool over = event->type == POP3_EVENT_FAIL || event->type == POP3_EVENT_CLOSED;
    if (session->over) {
        return;
    }
    session->over = over;
    uint32_t row[] = {event->type,
                      over ? 0 : event->verb,
                      event->error,
                      event->more,
                      event->cut,
                      over ? 0 : event->tag,
                      over ? 0 : (uint32_t)session->consumed,
                      (uint32_t)event->length};
    log_add(session->log, row, sizeof row);
    log_add(session->log, event->data, event->length);
}

/* ---- bodies, judged by the reference decoder ---- */

static void judge_body(struct session *session, bool ended) {
    const struct session_input *input = session->input;
    size_t length, wire = input->stream_length - session->body_start;
    char *content = allocate(wire);
    size_t end =
        reference_decode((const char *)input->stream + session->body_start, wire, session->lf_mode, content, &length);
    if (ended) {
        require(end != 0 && session->body_start + end == session->consumed, "the body ends elsewhere");
        require(length == session->body_length, "the body has another length");
    }
    require(session->body_length <= length && memcmp(session->body, content, session->body_length) == 0,
            "another body");
    free(content);
    log_add(session->log, session->body, ended ? session->body_length : 0);
}

static void follow_body(struct session *session, const pop3_event *event) {
    if (event->type == POP3_EVENT_OK && event->more && (event->verb == POP3_RETR || event->verb == POP3_TOP)) {
        session->in_body = true;
        session->body_length = 0;
        session->body_start = session->consumed;
    } else if (event->type == POP3_EVENT_BODY) {
        require(session->in_body && event->length > 0, "BODY where none may be");
        memcpy(session->body + session->body_length, event->data, event->length);
        session->body_length += event->length;
    } else if (event->type == POP3_EVENT_END && session->in_body) {
        judge_body(session, true);
        session->in_body = false;
    }
}

/* ---- events ---- */

static void react(struct session *session, const pop3_event *event) {
    bool complete = event->type == POP3_EVENT_GREETING || event->type == POP3_EVENT_ERR ||
                    event->type == POP3_EVENT_END || (event->type == POP3_EVENT_OK && !event->more);
    if (event->type == POP3_EVENT_GREETING) {
        size_t at = session->consumed;
        session->lf_mode = at < 2 || session->input->stream[at - 2] != '\r';
    } else if (event->type == POP3_EVENT_START_TLS) {
        if (!session->input->no_tls) {
            pop3_engine_tls_started(&session->engine);
            session->lf_mode = false;
        }
        complete = true;
    } else if (event->type == POP3_EVENT_CHALLENGE && !event->more) {
        require(pop3_engine_sasl_reply(&session->engine, "QUJD", 4) == POP3_SUCCESS, "a reply refused");
        send_all(session);
    }
    if (complete) {
        issue_commands(session);
    }
}

static void watch(const struct session *session, const pop3_event *event) {
    if (session->watch != NULL && event->type != POP3_EVENT_NEED_INPUT) {
        session->watch->event(session->watch->context, event, session->consumed);
    }
}

static void check_event(const struct session *session, const pop3_event *event, size_t given, size_t used) {
    const char *broken = pop3_engine_invariant(&session->engine);
    require(broken == NULL, broken);
    require(used <= given, "more consumed than given");
    require(event->type != POP3_EVENT_NEED_INPUT || used == given, "NEED_INPUT too early");
    require(event->data != NULL || event->length == 0, "no data, but a length");
    require((event->type == POP3_EVENT_FAIL) == (event->error != POP3_SUCCESS), "error and type disagree");
    require((event->type == POP3_EVENT_FAIL) == (pop3_engine_phase(&session->engine) == POP3_PHASE_FAILED),
            "FAIL and the phase disagree");
    bool may_be_free =
        event->type == POP3_EVENT_BODY || event->type == POP3_EVENT_CHALLENGE || event->type == POP3_EVENT_FAIL;
    require(used > 0 || given == 0 || may_be_free, "an event without progress");
}

/* One chunk, in memory of exactly its size. False: the connection is over. */
static bool feed(struct session *session, const uint8_t *octets, size_t n) {
    char *in = allocate(n);
    bool going = true;
    if (n > 0) {
        memcpy(in, octets, n);
    }
    for (size_t used = 0; going && (used < n || n == 0);) {
        pop3_event event;
        size_t taken = pop3_engine_input(&session->engine, n > 0 ? in + used : NULL, n - used, &event);
        check_event(session, &event, n - used, taken);
        used += taken;
        session->consumed += taken;
        watch(session, &event);
        if (event.type != POP3_EVENT_NEED_INPUT && event.type != POP3_EVENT_BODY) {
            log_event(session, &event);
        }
        follow_body(session, &event);
        react(session, &event);
        going = event.type != POP3_EVENT_FAIL && event.type != POP3_EVENT_CLOSED && n > 0;
    }
    free(in);
    return going;
}

static size_t next_cut(struct session *session, size_t chunk, size_t rest) {
    session->random = session->random * 1103515245U + 12345U;
    size_t n = chunk != 0 ? chunk : 1 + (session->random >> 16) % ((session->random >> 8) % 4 == 0 ? 300 : 6);
    return n < rest ? n : rest;
}

static void finish(struct session *session) {
    pop3_event event;
    if (session->in_body) {
        judge_body(session, false);
    }
    pop3_engine_eof(&session->engine);
    pop3_engine_input(&session->engine, NULL, 0, &event);
    require(event.type == POP3_EVENT_FAIL || event.type == POP3_EVENT_CLOSED, "the end is not the end");
    watch(session, &event);
    log_event(session, &event);
}

void session_run(const struct session_input *input, size_t chunk, struct session_log *log) {
    session_run_watched(input, chunk, log, NULL);
}

void session_run_watched(const struct session_input *input, size_t chunk, struct session_log *log,
                         const struct session_watch *watcher) {
    struct session session = {.input = input, .log = log, .watch = watcher, .random = input->seed + 1};
    uint16_t output_size = input->shared && input->line_size > POP3_COMMAND_MAX ? input->line_size : POP3_COMMAND_MAX;
    session.output = allocate(output_size);
    session.line = input->shared ? session.output : allocate(input->line_size);
    session.body = allocate(input->stream_length);
    pop3_engine_init(&session.engine,
                     &(pop3_engine_buffers){session.line, session.output, input->line_size, output_size});
    for (size_t at = 0, n; at < input->stream_length; at += n) {
        n = next_cut(&session, chunk, input->stream_length - at);
        if (session.random % 5 == 0 && chunk == 0) {
            feed(&session, NULL, 0);
        }
        if (!feed(&session, input->stream + at, n)) {
            break;
        }
    }
    finish(&session);
    if (!input->shared) {
        free(session.line);
    }
    free(session.output);
    free(session.body);
}
