/* SPDX-License-Identifier: MIT */
/*
 * One cell of F-01: an engine that has sent an exchange's command and read every reply before the one in question, what
 * it then gives, and what must be left of the session. Asserts as it goes. Knows nothing of the ways to answer.
 */
#ifndef SATCHEL_TESTS_CELL_H
#define SATCHEL_TESTS_CELL_H

#include "driver.h"
#include "trace.h"

#define CRLF "\r\n"

struct cell {
    const struct exchange *exchange;
    const struct turn *turn; /* the reply in question; those before it are as they should be */
};

extern struct cell cell;
extern struct driver driver;
extern struct trace got, wanted; /* since cell_begin() */
extern char wire[TRACE_ROOM];

/* `line_end` and `greeting`: CRLF, or a server in LF mode. */
void cell_begin(void);
void cell_begin_greeted(const char *greeting, const char *line_end);

bool cell_is_challenge(void);

/* The reply as it should be, into wire[]; what it must give into `wanted`. Returns its octets. */
size_t cell_reply(const char *line_end);

/* One call on the engine. */
size_t cell_take(const char *in, size_t n);

/* The octets in pieces of up to `step`, each flush against an unreadable page, up to the end of the session. */
void cell_give(const char *octets, size_t n, size_t step);

/* The client's turn, as it should be. */
void cell_answer(const struct turn *turn);

/* Every event of the reply and no other; or some of them, in order, and not the one that completes it. */
void cell_got_all(void);
void cell_got_a_part(void);

/* A status line and a body of `length` octets in wire[]: what the reference decoder says, and END if it does. */
void cell_got_body(size_t length, bool lf_mode);

/* The session is over, for ever: nothing may be sent, what comes is ignored. */
void cell_failed(pop3_error error);
void cell_closed(void);

/* The session is in this phase, and takes the next command and its reply. */
void cell_goes_on(pop3_phase phase);

/* The reply was as it should be: its phase, or the client's turn. */
void cell_answered(void);

#endif
