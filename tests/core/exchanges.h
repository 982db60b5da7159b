/* SPDX-License-Identifier: MIT */
/*
 * The exchanges of requirements.md 1.10 that concern the engine, as the RFCs have them: who says what, and which phase
 * follows. Knows nothing of how a server may go wrong, and nothing of the engine but its names.
 */
#ifndef SATCHEL_TESTS_EXCHANGES_H
#define SATCHEL_TESTS_EXCHANGES_H

#include <satchel/pop3_engine.h>

enum reply_kind { REPLY_GREETING, REPLY_OK, REPLY_ERR, REPLY_TLS, REPLY_LISTING, REPLY_BODY, REPLY_CHALLENGE };

/* One reply of the server. */
struct turn {
    enum reply_kind kind;
    const char *text;   /* behind the status indicator, or the challenge */
    const char *lines;  /* of a listing or a body, un-stuffed, each ended by LF */
    const char *answer; /* what the client says to a challenge */
};

#define EXCHANGE_TURNS 4

struct exchange {
    const char *name;
    pop3_phase phase; /* in which the command is sent */
    pop3_verb verb;   /* POP3_GREETING: no command */
    pop3_arg arg;
    pop3_phase accepted, refused; /* the phase afterwards */
    struct turn turns[EXCHANGE_TURNS];
    size_t turn_count;
};

extern const struct exchange exchanges[];
extern const size_t exchange_count;

#endif
