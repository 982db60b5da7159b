/* SPDX-License-Identifier: MIT */
/*
 * A transcript file in memory: what the server sends, what the caller does, which events must come, in order. The
 * format is described in transcripts/README.md. Knows how to read it, not how to play it.
 */
#ifndef SATCHEL_TESTS_SCRIPT_H
#define SATCHEL_TESTS_SCRIPT_H

#include <satchel/pop3_engine.h>

enum step_kind {
    STEP_SERVER,
    STEP_COMMAND, /* accepted; text is what goes out, without CRLF */
    STEP_COMMAND_REFUSED,
    STEP_ANSWER, /* pop3_engine_sasl_reply() */
    STEP_ANSWER_REFUSED,
    STEP_EVENT,
    STEP_EOF,
    STEP_ABORT,
    STEP_TLS,
    STEP_PHASE,
    STEP_IN_FLIGHT
};

#define SCRIPT_ANY_OFFSET SIZE_MAX
#define SCRIPT_LINE_SIZES 8

struct step {
    enum step_kind kind;
    unsigned line; /* in the file */
    char *text;    /* allocated; NULL: none */
    size_t length;
    size_t offset;  /* EVENT: octets consumed so far; SERVER: end of its octets in the stream */
    unsigned value; /* EVENT: type; REFUSED, ABORT: pop3_error; PHASE: phase; IN_FLIGHT: how many */
    unsigned verb;  /* EVENT */
    unsigned error; /* EVENT */
    bool more;      /* EVENT */
    bool cut;       /* EVENT */
};

struct script {
    struct step *steps;
    size_t count;
    char *stream; /* all that the server sends */
    size_t stream_length;
    uint16_t line_sizes[SCRIPT_LINE_SIZES]; /* to run it with; ends with 0 */
    unsigned max_in_flight;
    bool authenticates; /* has an AUTH command: for an engine with POP3_ENGINE_SASL */
};

/* How many connections the file has, in *scripts; 0: cannot be read, and the reason was printed with file and line. */
size_t script_read(const char *path, struct script **scripts);
void script_free(struct script *scripts, size_t count);

/* The command of a C: or X: line, in the words of the engine's interface. arg->text and so on point into the step. */
bool script_command(const struct step *step, pop3_verb *verb, pop3_arg *arg);

const char *script_event_name(unsigned type);
const char *script_error_name(unsigned error);
const char *script_phase_name(unsigned phase);
const char *script_verb_name(unsigned verb);

#endif
