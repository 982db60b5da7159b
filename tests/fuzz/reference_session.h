/* SPDX-License-Identifier: MIT */
/*
 * A second opinion on whole sessions: the stream is there from its first octet to its last, so it is read reply by
 * reply, with no state between octets. From the RFCs and docs/engine.md; of the engine it knows the names in the header.
 */
#ifndef SATCHEL_FUZZ_REFERENCE_SESSION_H
#define SATCHEL_FUZZ_REFERENCE_SESSION_H

#include "session.h"

struct reference_event {
    pop3_event_type type;
    pop3_verb verb;
    pop3_error error;
    uint32_t tag;
    bool more;
    const char *text; /* in the stream, but of BODY in memory of its own */
    size_t length;
    size_t offset; /* octets of its line before the text */
    size_t line;   /* octets of its line before the LF: what line[] must hold for all of it */
    size_t end;    /* octets of the stream up to the event's end */
};

struct reference_session {
    struct reference_event *events; /* a whole body is one BODY; the last is CLOSED or FAIL */
    size_t count;
    size_t room;
};

/* Reads the stream of the input as the replies to its commands. */
void reference_session_read(struct reference_session *session, const struct session_input *input);
void reference_session_free(struct reference_session *session);

/* A status line without its line end: '+', '-' or 0 for anything else (R-1939-05). Where its text begins in *text. */
char reference_status(const char *line, size_t length, size_t *text);

#endif
