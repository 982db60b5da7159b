/* SPDX-License-Identifier: MIT */
/* What the objects of the services share. */
#ifndef NX_POP3_CLIENT_INTERNAL_H
#define NX_POP3_CLIENT_INTERNAL_H

#define NX_POP3_CLIENT_SOURCE_CODE
#include "nxd_pop3_client.h"

/* The reply to a command. */
typedef struct pop3_reply {
    pop3_event event;    /* its text stands in the client's buffer */
    uint64_t numbers[2]; /* at the start of its text, as many ... */
    unsigned count;      /* ... as this */
} pop3_reply;

/*
 * Sends a command (item: message number, for commands that carry one) and reads the first event of its reply into
 * *reply: NX_SUCCESS only for +OK. A message still unread is read and thrown away first (N-53).
 */
UINT _nx_pop3_client_command(NX_POP3_CLIENT *client_ptr, pop3_verb verb, UINT item, ULONG lines, pop3_reply *reply);

/* The same for a command whose reply is nothing but +OK or -ERR. */
UINT _nx_pop3_client_simple_command(NX_POP3_CLIENT *client_ptr, pop3_verb verb, UINT item);

/* The next event of the reply in progress; receives as needed. On failure the session is over. */
UINT _nx_pop3_client_event_get(NX_POP3_CLIENT *client_ptr, pop3_event *event);

/* The reply in progress is over: releases its packet. Octets behind the reply end the session (F-03). */
VOID _nx_pop3_client_reply_done(NX_POP3_CLIENT *client_ptr);

/* The session is over because of `status`, which it returns; a reply broke the protocol: NX_POP3_SERVER_ERROR_STATUS. */
UINT _nx_pop3_client_session_end(NX_POP3_CLIENT *client_ptr, UINT status);

#endif
