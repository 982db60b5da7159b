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

/* ---- What TLS changes: nx_pop3_client_tls.c has it; without the option these are NetX's own calls ---- */

#ifdef NX_POP3_CLIENT_ENABLE_TLS

/* Of the session's packets: through TLS once it is up. The packet is nx_pop3_client_message_ptr. */
UINT _nx_pop3_client_packet_receive(NX_POP3_CLIENT *client_ptr, ULONG wait);
UINT _nx_pop3_client_packet_allocate(NX_POP3_CLIENT *client_ptr);
UINT _nx_pop3_client_packet_send(NX_POP3_CLIENT *client_ptr);

/* Makes TLS on the connected socket, as the block says. */
UINT _nx_pop3_client_tls_start(NX_POP3_CLIENT *client_ptr);

/* Ends TLS, if there is any; the socket stays connected. */
VOID _nx_pop3_client_tls_end(NX_POP3_CLIENT *client_ptr, ULONG wait);

/* As APOP_authentication: nxd_pop3_client_secure_create calls, and the block says how TLS is to be made. */
#define NX_POP3_CLIENT_OVER_TLS 0x544C5301U

/* What a failed create clears. */
#define NX_POP3_CLIENT_CLEARED offsetof(NX_POP3_CLIENT, nx_pop3_client_tls_status)

#else

#define _nx_pop3_client_packet_receive(client_ptr, wait) \
    nx_tcp_socket_receive(&(client_ptr)->nx_pop3_client_tcp_socket, &(client_ptr)->nx_pop3_client_message_ptr, wait)
#define _nx_pop3_client_packet_allocate(client_ptr)                                                             \
    nx_packet_allocate((client_ptr)->nx_pop3_client_packet_pool_ptr, &(client_ptr)->nx_pop3_client_message_ptr, \
                       NX_TCP_PACKET, NX_POP3_CLIENT_PACKET_TIMEOUT)
#define _nx_pop3_client_packet_send(client_ptr)                                                            \
    nx_tcp_socket_send(&(client_ptr)->nx_pop3_client_tcp_socket, (client_ptr)->nx_pop3_client_message_ptr, \
                       NX_POP3_TCP_SOCKET_SEND_WAIT)
#define _nx_pop3_client_tls_end(client_ptr, wait) ((void)0)
#define NX_POP3_CLIENT_CLEARED sizeof(NX_POP3_CLIENT)

#endif

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

/* In a chain of packets; NULL behind the last. */
#ifdef NX_DISABLE_PACKET_CHAIN
#define _nx_pop3_client_next_segment(packet) ((NX_PACKET *)NX_NULL)
#else
#define _nx_pop3_client_next_segment(packet) ((packet)->nx_packet_next)
#endif

/* Is there a session? */
#define _nx_pop3_client_in_transaction(client_ptr) \
    (pop3_engine_phase(&(client_ptr)->nx_pop3_client_engine) == POP3_PHASE_TRANSACTION)

#endif
