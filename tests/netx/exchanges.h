/* SPDX-License-Identifier: MIT */
/* Every exchange between the services and a server (the W-rows of the requirements). */
#ifndef SATCHEL_TEST_EXCHANGES_H
#define SATCHEL_TEST_EXCHANGES_H

#include "world.h"

/* The services about item 1, the message with all its packets. All but do_create want a session in which STAT told of two
 * items. Each returns the service's status and checks that the outputs fit it, and the replies of the table below. */
UINT do_create(void);
UINT do_stat(void);
UINT do_list(void);
UINT do_retr(void);
UINT do_dele(void);
UINT do_quit(void);
UINT do_capabilities(void);
UINT do_uid(void);
UINT do_top(void);
UINT do_noop(void);
UINT do_reset(void);

struct exchange {
    const char *name;
    UINT (*service)(void);
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

extern const struct exchange exchanges[EXCHANGES];

#endif
