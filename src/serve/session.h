/* SPDX-License-Identifier: MIT */
/* One POP3 session: commands in, answers out (RFC 1939, 2449, 3206). Refuses to know sockets, time and buffers. */
#ifndef SATCHEL_SERVE_SESSION_H
#define SATCHEL_SERVE_SESSION_H

#include "serve/base64.h"
#include "serve/reply.h"
#include "serve/sasl.h"
#include "serve/serve.h"

#define SERVE_LINE_OCTETS 512 /* longest command with its line end; RFC 2449 section 4 asks for 255 */
#define SERVE_RESPONSE_OCTETS (SERVE_BASE64_MOST + 2) /* longest line within AUTH */

struct serve_session {
    const struct serve_config *config;
    struct serve_maildrop *maildrop;
    unsigned phase; /* one of serve_phase */
    bool locked;
    bool muted;                     /* says nothing any more */
    bool ended;                     /* to be closed when the answer is out */
    struct serve_security security; /* TLS around the session, and what it proves */
    struct serve_sasl sasl;
    bool exchanging;   /* AUTH is going on: the next line is a response */
    bool starting_tls; /* STLS was granted: TLS begins behind the answer */
    bool user_known;   /* USER named our user; PASS tells, not USER */
    unsigned failures; /* of logging in */
    enum serve_verb answering;
    struct serve_reply reply;
    char stamp[256];
    char mechanisms[160];                               /* SASL, as CAPA lists it */
    char line[SERVE_BASE64_TEXT(SERVE_SCRAM_PART) + 4]; /* a challenge on its way out */
};

/* Starts with the greeting as the answer to SERVE_GREETING. */
void serve_session_start(struct serve_session *session, const struct serve_config *config,
                         struct serve_maildrop *maildrop);

/* One command without its line end; the answer is in `reply`, unless the session is muted or ended. */
void serve_session_command(struct serve_session *session, const char *line, size_t size);

/* One line within AUTH, while session->exchanging. */
void serve_session_response(struct serve_session *session, const char *line, size_t size);

/* A line that was longer than any command may be. */
void serve_session_too_long(struct serve_session *session);

/* TLS is around the session: what was said before it does not count (RFC 2595 section 4). */
void serve_session_secured(struct serve_session *session);

/* Gives back the lock; nothing is removed. */
void serve_session_stop(struct serve_session *session);

#endif
