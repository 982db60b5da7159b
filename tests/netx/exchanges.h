/* SPDX-License-Identifier: MIT */
/* Every exchange between the services and a server (the W-rows of the requirements). */
#ifndef SATCHEL_TEST_EXCHANGES_H
#define SATCHEL_TEST_EXCHANGES_H

#include "world.h"

struct exchange {
    const char *name;
    UINT (*service)(void); /* its status; it checks its outputs */
    struct step before[3]; /* of create: what goes before the command */
    struct step command;
    const char *reply;
    struct step after[4];   /* of create: what has to follow for success */
    UINT refused;           /* the status where the answer is -ERR */
    size_t nul_is_harmless; /* from this octet of the status line on */
    bool creates;
    bool quits;
    bool has_body;
};

#ifdef NX_POP3_CLIENT_DISABLE_EXTRA_SERVICES
#define EXCHANGES 9
#else
#define EXCHANGES 14
#endif

/* All but those of create want a session in which STAT told of two items. */
extern const struct exchange exchanges[EXCHANGES];

#endif
