/* SPDX-License-Identifier: MIT */
/*
 * Faults on demand: which verb gets which misbehaviour. A rule is VERB=VALUE, or VALUE alone for every verb.
 * Refuses to carry them out: that is the business of reply.c, session.c and connection.c.
 */
#ifndef SATCHEL_SERVE_FAULTS_H
#define SATCHEL_SERVE_FAULTS_H

#include "serve/command.h"

#include <stdbool.h>
#include <stdint.h>

enum serve_fault_kind {
    SERVE_FAULT_ERR,         /* refuse without executing: -ERR and this text */
    SERVE_FAULT_REPLY,       /* execute, but send this text as the whole answer */
    SERVE_FAULT_UNSOLICITED, /* send this line behind the answer */
    SERVE_FAULT_SILENT,      /* execute nothing and say nothing from here on */
    SERVE_FAULT_CLOSE,       /* close instead of executing */
    SERVE_FAULT_RENEGOTIATE, /* TLS 1.2: ask for a renegotiation before the answer */
    SERVE_FAULT_ENDLESS,     /* a status line without end */
    SERVE_FAULT_DROP,        /* close after that many octets of the answer (of all output, without a verb) */
    SERVE_FAULT_DELAY,       /* milliseconds before the answer */
    SERVE_FAULT_TEXT_LENGTH  /* octets of text behind +OK or -ERR */
};

struct serve_fault {
    enum serve_fault_kind kind;
    bool any_verb;
    enum serve_verb verb;
    struct serve_span text;
    uint64_t number;
};

#define SERVE_FAULTS_MOST 64

struct serve_faults {
    struct serve_fault rule[SERVE_FAULTS_MOST];
    unsigned count;
    bool lf_only;       /* every CRLF leaves as LF */
    bool no_stuffing;   /* dots are not doubled */
    bool no_final_crlf; /* the terminator follows content that ended no line */
    uint32_t split;     /* octets a segment; 0: as they come */
    uint32_t split_pause_ms;
    uint32_t unsolicited_ms; /* send the unsolicited line that much later, in a segment of its own */
    uint32_t coalesce_ms;    /* hold output until nothing was added for so long */
};

/*
 * Adds the rule that `argument` states. Its text is unescaped in place and borrowed for the life of `faults`.
 * NULL, or what is wrong with it.
 */
const char *serve_fault_add(struct serve_faults *faults, enum serve_fault_kind kind, char *argument);

/* The rule of that kind for the verb, else the one for every verb, else NULL. */
const struct serve_fault *serve_fault_find(const struct serve_faults *faults, enum serve_fault_kind kind,
                                           enum serve_verb verb);

#endif
