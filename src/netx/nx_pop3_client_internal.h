/* SPDX-License-Identifier: MIT */
/* What the objects of the services share. */
#ifndef NX_POP3_CLIENT_INTERNAL_H
#define NX_POP3_CLIENT_INTERNAL_H

#define NX_POP3_CLIENT_SOURCE_CODE
#include "nxd_pop3_client.h"

/*
 * Sends a command and reads the first event of its reply into *event: NX_SUCCESS only for +OK. A message still unread
 * is read and thrown away first (N-53). The text of a status line without continuation is in the client's buffer.
 */
UINT _nx_pop3_client_command(NX_POP3_CLIENT *client_ptr, pop3_verb verb, const pop3_arg *arg, pop3_event *event);

/* The same for commands about an item, whose number is checked against the count: items from 1 to limit. */
UINT _nx_pop3_client_item_command(NX_POP3_CLIENT *client_ptr, pop3_verb verb, UINT item, UINT limit, ULONG lines,
                                  pop3_event *event);

/* The next event of the reply in progress; receives as needed. On failure the session is over. */
UINT _nx_pop3_client_event_get(NX_POP3_CLIENT *client_ptr, pop3_event *event);

/* The server broke the protocol: the session is over. Returns NX_POP3_SERVER_ERROR_STATUS. */
UINT _nx_pop3_client_protocol_error(NX_POP3_CLIENT *client_ptr);

/* The reply in progress is over: releases its packet. Octets behind the reply end the session (F-03). */
VOID _nx_pop3_client_reply_done(NX_POP3_CLIENT *client_ptr);

#endif
