/* SPDX-License-Identifier: MIT */
/*
 * Events as text, one line each: "OK+ 2 messages" (+: more follows), "BODY ..." whole however it was cut, a CHALLENGE
 * in parts likewise. What a server's reply must give, in the same words. Knows nothing of the engine but its names.
 */
#ifndef SATCHEL_TESTS_TRACE_H
#define SATCHEL_TESTS_TRACE_H

#include "exchanges.h"

#define TRACE_ROOM (5U << 18) /* a message with a line of 1 MiB */

struct trace {
    char octets[TRACE_ROOM];
    size_t length;
    unsigned open; /* event type of a line that may go on; 0: none */
};

void trace_clear(struct trace *trace);

/* Appends an event; NEED_INPUT leaves no trace. */
void trace_event(struct trace *trace, const pop3_event *event);

/* Appends what the reply must give, sent as it should be. */
void trace_expect(struct trace *trace, const struct turn *turn);

/* The octets of a reply, its lines ended by line_end, into wire[TRACE_ROOM]; returns how many. */
size_t turn_octets(const struct turn *turn, const char *line_end, char *wire);

#endif
