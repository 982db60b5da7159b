/* SPDX-License-Identifier: MIT */
/* One POP3 session: commands in, answers out (RFC 1939, 2449, 3206). Refuses to know sockets, time and buffers. */
#ifndef SATCHEL_SERVE_SESSION_H
#define SATCHEL_SERVE_SESSION_H

#include "serve/reply.h"
#include "serve/serve.h"

struct serve_session {
    const struct serve_config *config;
    struct serve_maildrop *maildrop;
    unsigned phase; /* one of serve_phase */
    bool locked;
    bool muted;        /* says nothing any more */
    bool ended;        /* to be closed when the answer is out */
    bool secure;       /* there is TLS around the session */
    bool starting_tls; /* STLS was granted: TLS begins behind the answer */
    bool user_known;   /* USER named our user; PASS tells, not USER */
    unsigned failures; /* of logging in */
    enum serve_verb answering;
    struct serve_reply reply;
    char stamp[256];
};

/* Starts with the greeting as the answer to SERVE_GREETING. */
void serve_session_start(struct serve_session *session, const struct serve_config *config,
                         struct serve_maildrop *maildrop);

/* One command without its line end; the answer is in `reply`, unless the session is muted or ended. */
void serve_session_command(struct serve_session *session, const char *line, size_t size);

/* A line that was longer than any command may be. */
void serve_session_too_long(struct serve_session *session);

/* TLS is around the session: what was said before it does not count (RFC 2595 section 4). */
void serve_session_secured(struct serve_session *session);

/* Gives back the lock; nothing is removed. */
void serve_session_stop(struct serve_session *session);

#endif
