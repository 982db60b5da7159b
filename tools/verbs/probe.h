/* SPDX-License-Identifier: MIT */
/*
 * Engines tried out: what a command, a reply or a call does to the phase, and which events a reply gives. It knows the
 * verb table's arguments; where they lead is seen, not read, so that what is printed is what the engine does.
 */
#ifndef SATCHEL_VERBS_PROBE_H
#define SATCHEL_VERBS_PROBE_H

#include "core/verbs.h"

enum { PROBE_PHASES = POP3_PHASE_FAILED + 1, PROBE_VERBS = POP3_VERB_COUNT, PROBE_FORMS = 8 };

enum probe_act {
    PROBE_SEND,     /* the command */
    PROBE_OK,       /* the command and +OK; POP3_GREETING: +OK to what is owed */
    PROBE_ERR,      /* likewise -ERR */
    PROBE_EOF_OWED, /* the command if no reply is owed, then eof() */
    PROBE_EOF,      /* where no reply is owed; from here on the verb means nothing */
    PROBE_ABORT,
    PROBE_NO_REPLY, /* a line that is no reply */
    PROBE_TLS_STARTED,
    PROBE_ACTS
};

struct probe_step {
    enum probe_act act;
    pop3_verb verb;
};

/* Finds a way to each phase. False: there is one to which none leads. */
bool probe_explore(void);

/* Where the step leads. False: it cannot be taken in this phase. */
bool probe_try(pop3_phase from, struct probe_step step, pop3_phase *to);

/* May an argument of this form (GIVEN_TEXT and so on, added up) come with the verb? */
bool probe_accepts(pop3_verb verb, unsigned form);

/* Do `lines` matter with this verb? */
bool probe_takes_lines(pop3_verb verb);

/* The events of an accepted command of this form, in order, none twice; returns how many. */
unsigned probe_events(pop3_verb verb, unsigned form, pop3_event_type events[8]);

const char *probe_phase_name(pop3_phase phase);
const char *probe_event_name(pop3_event_type type);

#endif
