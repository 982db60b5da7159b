/* SPDX-License-Identifier: MIT */
/* What the objects of the services share. */
#ifndef NX_POP3_CLIENT_INTERNAL_H
#define NX_POP3_CLIENT_INTERNAL_H

#define NX_POP3_CLIENT_SOURCE_CODE
#include "nxd_pop3_client.h"

/* The reply to a command. */
typedef struct pop3_reply {
    pop3_event event;    /* its text stands in the client's buffer */
    uint32_t numbers[2]; /* at the start of its text, see pop3_parse_numbers() ... */
    unsigned count;      /* ... for both */
} pop3_reply;

/*
 * Sends a command (item: message number, for commands that carry one) and reads the first event of its reply into
 * *reply: NX_SUCCESS only for +OK. A message still unread is read and thrown away first (N-53).
 */
UINT _nx_pop3_client_command(NX_POP3_CLIENT *client_ptr, pop3_verb verb, UINT item, pop3_reply *reply);

/* The same where nothing but +OK or -ERR matters of the reply. */
UINT _nx_pop3_client_simple_command(NX_POP3_CLIENT *client_ptr, pop3_verb verb, UINT item);

/*
 * The next event of the reply in progress; receives as needed. On failure the session is over. A line's text stands in
 * the client's buffer; octets behind the last line of a reply end the session (F-03). Of a message there is one event
 * for each packet or chain, END with the last: its length tells how many octets of the message are left in the packet,
 * which stays nx_pop3_client_message_ptr; nx_packet_length then tells how many came behind the message.
 */
UINT _nx_pop3_client_event_get(NX_POP3_CLIENT *client_ptr, pop3_event *event);

/*
 * Sends the command in the engine's output and reads the first event of its reply. What came before is no reply to it
 * but a protocol error (N-57). Where no packet can be had nothing was sent, and the session lives.
 */
UINT _nx_pop3_client_exchange(NX_POP3_CLIENT *client_ptr, pop3_event *event);

/* The session is over, the socket ready for the next. */
VOID _nx_pop3_client_disconnect(NX_POP3_CLIENT *client_ptr, ULONG wait);

/* The same at once, because of `status`, which it returns. A reply broke the protocol: NX_POP3_SERVER_ERROR_STATUS. */
UINT _nx_pop3_client_session_end(NX_POP3_CLIENT *client_ptr, UINT status);

/*
 * Both twins of a service check the same (see nxd_pop3_client.h), so the second is another name of the first; a compiler
 * that knows no aliases gets a function that calls it.
 */
#if defined(__GNUC__) && defined(__ELF__)
#define NX_POP3_CLIENT_TWIN(twin, service, parameters, arguments) UINT twin parameters __attribute__((alias(#service)));
#else
#define NX_POP3_CLIENT_TWIN(twin, service, parameters, arguments) \
    UINT twin parameters {                                        \
        return service arguments;                                 \
    }
#endif

/* Is there a session? */
#define _nx_pop3_client_in_transaction(client_ptr) \
    (pop3_engine_phase(&(client_ptr)->nx_pop3_client_engine) == POP3_PHASE_TRANSACTION)

#endif
