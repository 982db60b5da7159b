/* SPDX-License-Identifier: MIT */
/*
 * The nine documented services over the engine: packets in and out, the rules of N-40 to N-58. What a POP3 reply looks
 * like is the engine's business; how to log in, login's.
 */
#include "nx_pop3_client_internal.h"

#include <string.h>

#include "login/login.h"
#include "nx_ip.h"

#define CLIENT_ID 0x50505050UL

#ifdef NX_DISABLE_PACKET_CHAIN
#define NEXT_SEGMENT(packet) ((NX_PACKET *)NX_NULL)
#else
#define NEXT_SEGMENT(packet) ((packet)->nx_packet_next)
#endif

static ULONG saturate(uint64_t octets) {
    return octets > 0xFFFFFFFFUL ? 0xFFFFFFFFUL : (ULONG)octets;
}

static UINT in_transaction(const NX_POP3_CLIENT *client_ptr) {
    return pop3_engine_phase(&client_ptr->nx_pop3_client_engine) == POP3_PHASE_TRANSACTION;
}

/* ---- The connection ---- */

static VOID release(NX_POP3_CLIENT *client_ptr) {
    if (client_ptr->nx_pop3_client_message_ptr != NX_NULL) {
        nx_packet_release(client_ptr->nx_pop3_client_message_ptr);
        client_ptr->nx_pop3_client_message_ptr = NX_NULL;
    }
}

/* Makes the next packet received the one being read. */
static UINT receive(NX_POP3_CLIENT *client_ptr, ULONG wait) {
    release(client_ptr);
    return nx_tcp_socket_receive(&client_ptr->nx_pop3_client_tcp_socket, &client_ptr->nx_pop3_client_message_ptr, wait);
}

/* The session is over, the socket ready for the next. */
static VOID disconnect(NX_POP3_CLIENT *client_ptr, ULONG wait) {
    pop3_engine_abort(&client_ptr->nx_pop3_client_engine, POP3_IO);
    client_ptr->nx_pop3_client_ready_to_download = NX_FALSE;
    release(client_ptr);
    nx_tcp_socket_disconnect(&client_ptr->nx_pop3_client_tcp_socket, wait);
    nx_tcp_client_socket_unbind(&client_ptr->nx_pop3_client_tcp_socket);
}

/* One tick, for with NX_NO_WAIT and NX_DISABLE_RESET_DISCONNECT the socket could not be unbound (N-49). */
UINT _nx_pop3_client_session_end(NX_POP3_CLIENT *client_ptr, UINT status) {
    disconnect(client_ptr, 1);
    return status;
}

/*
 * Sends the command in the engine's output. What came before it is no reply to it but a protocol error (N-57). Where no
 * packet can be had nothing was sent, and the session lives.
 */
static UINT command_send(NX_POP3_CLIENT *client_ptr) {
    NX_PACKET_POOL *pool_ptr = client_ptr->nx_pop3_client_packet_pool_ptr;
    size_t length;
    const void *octets;
    UINT status = receive(client_ptr, NX_NO_WAIT);

    if (status != NX_NO_PACKET) {
        return _nx_pop3_client_session_end(client_ptr, status == NX_SUCCESS ? NX_POP3_SERVER_ERROR_STATUS : status);
    }
    status = nx_packet_allocate(pool_ptr, &client_ptr->nx_pop3_client_message_ptr, NX_TCP_PACKET,
                                NX_POP3_CLIENT_PACKET_TIMEOUT);
    if (status != NX_SUCCESS) {
        return status;
    }
    octets = pop3_engine_output(&client_ptr->nx_pop3_client_engine, &length);
    status = nx_packet_data_append(client_ptr->nx_pop3_client_message_ptr, (VOID *)octets, (ULONG)length, pool_ptr,
                                   NX_POP3_CLIENT_PACKET_TIMEOUT);
    if (status != NX_SUCCESS) {
        release(client_ptr);
        return status == NX_SIZE_ERROR ? NX_POP3_INSUFFICIENT_PACKET_PAYLOAD : status;
    }
    pop3_engine_output_done(&client_ptr->nx_pop3_client_engine, length);
    status = nx_tcp_socket_send(&client_ptr->nx_pop3_client_tcp_socket, client_ptr->nx_pop3_client_message_ptr,
                                NX_POP3_TCP_SOCKET_SEND_WAIT);
    if (status != NX_SUCCESS) {
        return _nx_pop3_client_session_end(client_ptr, status);
    }
    client_ptr->nx_pop3_client_message_ptr = NX_NULL; /* it is NetX's now */
    return NX_SUCCESS;
}

/* ---- Replies ---- */

#ifndef NX_POP3_CLIENT_RAW_MESSAGE

/*
 * Moves what the event gave of a message to write_ptr; returns where the next goes. An event that used no octets gives a
 * CR that the engine withheld in an earlier segment. In the same chain it goes behind the octets of that segment, where
 * the dot and the CR left room; in a packet already handed out, into the head's header room (N-56).
 */
static UCHAR *content_keep(NX_POP3_CLIENT *client_ptr, NX_PACKET *held, UCHAR *write_ptr, pop3_event *event,
                           size_t used) {
    if (used == 0) {
        *(held != NX_NULL ? held->nx_packet_append_ptr++
                          : --client_ptr->nx_pop3_client_message_ptr->nx_packet_prepend_ptr) = '\r';
        return write_ptr;
    }
    if (event->length != 0) {
        memmove(write_ptr, event->data, event->length);
    }
    return write_ptr + event->length;
}

#else

static UCHAR *content_keep(NX_POP3_CLIENT *client_ptr, NX_PACKET *held, UCHAR *write_ptr, pop3_event *event,
                           size_t used) {
    NX_PARAMETER_NOT_USED(held);
    event->length = client_ptr->nx_pop3_client_ready_to_download ? used : 0;
    return write_ptr + event->length;
}

#endif

/*
 * Gives the packet or chain to the engine up to the next line. What it holds of a message is moved together where it lies;
 * event->length then tells how much that is.
 */
static VOID packet_read(NX_POP3_CLIENT *client_ptr, pop3_event *event) {
    NX_PACKET *segment;
    NX_PACKET *held = NX_NULL; /* the last segment from which octets were taken away */
    UCHAR *read_ptr;
    UCHAR *write_ptr;
    size_t content = 0;
    size_t used;

    for (segment = client_ptr->nx_pop3_client_message_ptr; segment != NX_NULL; segment = NEXT_SEGMENT(segment)) {
        read_ptr = write_ptr = segment->nx_packet_prepend_ptr;
        while (read_ptr != segment->nx_packet_append_ptr && event->type != POP3_EVENT_END) {
            used = pop3_engine_input(&client_ptr->nx_pop3_client_engine, read_ptr,
                                     (size_t)(segment->nx_packet_append_ptr - read_ptr), event);
            read_ptr += used;
            client_ptr->nx_pop3_client_message_ptr->nx_packet_length -= (ULONG)used;
            if (event->type != POP3_EVENT_NEED_INPUT && event->type <= POP3_EVENT_LINE) {
                segment->nx_packet_prepend_ptr = read_ptr;
                return;
            }
            write_ptr = content_keep(client_ptr, held, write_ptr, event, used);
            content += event->length;
        }
        if (write_ptr != segment->nx_packet_append_ptr) {
            held = segment;
        }
        segment->nx_packet_append_ptr = write_ptr;
    }
    event->length = content;
}

UINT _nx_pop3_client_event_get(NX_POP3_CLIENT *client_ptr, pop3_event *event) {
    UINT status;

    event->type = POP3_EVENT_NEED_INPUT;
    for (;;) {
        packet_read(client_ptr, event);
        if (event->type == POP3_EVENT_FAIL) {
            return _nx_pop3_client_session_end(client_ptr, NX_POP3_SERVER_ERROR_STATUS);
        }
        if (event->type != POP3_EVENT_NEED_INPUT || event->length != 0) {
            return NX_SUCCESS;
        }
        status = receive(client_ptr, NX_POP3_SERVER_REPLY_TIMEOUT);
        if (status != NX_SUCCESS) {
            return _nx_pop3_client_session_end(client_ptr, status);
        }
    }
}

VOID _nx_pop3_client_reply_done(NX_POP3_CLIENT *client_ptr) {
    if (client_ptr->nx_pop3_client_message_ptr->nx_packet_length != 0) {
        disconnect(client_ptr, 1);
    }
    release(client_ptr);
}

/* The first event of a reply. Its text stands in the client's buffer and outlives the packet. */
static UINT status_get(NX_POP3_CLIENT *client_ptr, pop3_event *event) {
    UINT status = _nx_pop3_client_event_get(client_ptr, event);

    if (status != NX_SUCCESS) {
        return status;
    }
#if NX_POP3_CLIENT_RESPONSE_SIZE > 0
    client_ptr->nx_pop3_client_response_length =
        event->length < NX_POP3_CLIENT_RESPONSE_SIZE ? (UINT)event->length : NX_POP3_CLIENT_RESPONSE_SIZE;
    memcpy(client_ptr->nx_pop3_client_response, event->data, client_ptr->nx_pop3_client_response_length);
#endif
    if (!event->more) {
        _nx_pop3_client_reply_done(client_ptr);
    }
    return NX_SUCCESS;
}

/* ---- Commands ---- */

/* Reads the rest of a message that the application left unread (N-53). */
static UINT drain(NX_POP3_CLIENT *client_ptr, pop3_event *event) {
    size_t left = NX_POP3_CLIENT_DRAIN_LIMIT;
    UINT status;

    while (client_ptr->nx_pop3_client_ready_to_download) {
        status = _nx_pop3_client_event_get(client_ptr, event);
        if (status != NX_SUCCESS) {
            return status;
        }
        if (event->type == POP3_EVENT_END) {
            client_ptr->nx_pop3_client_ready_to_download = NX_FALSE;
        }
        _nx_pop3_client_reply_done(client_ptr);
        if (event->length > left) {
            disconnect(client_ptr, 1);
        }
        left -= event->length;
    }
    return in_transaction(client_ptr) ? NX_SUCCESS : NX_POP3_CLIENT_INVALID_STATE;
}

/* May the command be sent? Only DELE among those about an item before the count is known (N-45). */
static UINT command_check(const NX_POP3_CLIENT *client_ptr, pop3_verb verb, UINT item) {
    UINT about_item = verb > POP3_STAT && verb <= POP3_DELE;

    if (about_item && item == 0) {
        return NX_POP3_CLIENT_INVALID_INDEX;
    }
    if (!in_transaction(client_ptr)) {
        return NX_POP3_CLIENT_INVALID_STATE;
    }
    if (about_item && item > client_ptr->nx_pop3_client_maildrop_items &&
        (verb != POP3_DELE || client_ptr->nx_pop3_client_mail_status)) {
        return NX_POP3_INVALID_MAIL_ITEM;
    }
    return NX_SUCCESS;
}

UINT _nx_pop3_client_command(NX_POP3_CLIENT *client_ptr, pop3_verb verb, UINT item, ULONG lines, pop3_reply *reply) {
    pop3_engine *engine = &client_ptr->nx_pop3_client_engine;
    const pop3_arg arg = {NULL, NULL, item, lines};
    pop3_engine before;
    UINT status = command_check(client_ptr, verb, item);

    if (status == NX_SUCCESS) {
        status = drain(client_ptr, &reply->event);
    }
    if (status == NX_SUCCESS) {
        before = *engine;
        pop3_engine_command(engine, verb, &arg, 0);
        status = command_send(client_ptr);
        if (status != NX_SUCCESS && pop3_engine_phase(engine) != POP3_PHASE_FAILED) {
            *engine = before; /* nothing was sent */
        }
    }
    if (status == NX_SUCCESS) {
        status = status_get(client_ptr, &reply->event);
    }
    if (status == NX_SUCCESS) {
        reply->count = pop3_parse_numbers(reply->event.data, reply->event.length, reply->numbers);
        if (reply->event.type != POP3_EVENT_OK) {
            status = NX_POP3_SERVER_ERROR_STATUS;
        }
    }
    return status;
}

UINT _nx_pop3_client_simple_command(NX_POP3_CLIENT *client_ptr, pop3_verb verb, UINT item) {
    pop3_reply reply;

    return _nx_pop3_client_command(client_ptr, verb, item, 0, &reply);
}

/* ---- Sessions ---- */

static void md5(const pop3_span *spans, size_t n, uint8_t *out) {
    NX_MD5 context;

    _nx_md5_initialize(&context);
    for (; n != 0; n--, spans++) {
        _nx_md5_update(&context, (UCHAR *)spans->data, (UINT)spans->length);
    }
    _nx_md5_digest_calculate(&context, out);
}

#ifdef NX_POP3_CLIENT_NO_CLEARTEXT_FALLBACK
#define FALLBACK 0
#else
#define FALLBACK POP3_LOGIN_USER_PASS
#endif

static UINT log_in(NX_POP3_CLIENT *client_ptr) {
    static const UCHAR methods[] = {POP3_LOGIN_USER_PASS, POP3_LOGIN_APOP | FALLBACK, POP3_LOGIN_APOP};
    pop3_login login;
    pop3_event event;
    pop3_login_result result;
    UINT status;

    login.user = client_ptr->nx_pop3_client_name;
    login.secret = client_ptr->nx_pop3_client_password;
    login.md5 = md5;
    login.methods = methods[client_ptr->nx_pop3_client_enable_APOP_authentication];
    login.timestamp_max = NX_POP3_SERVER_PROCESS_ID_SIZE;
    for (;;) {
        status = status_get(client_ptr, &event);
        if (status != NX_SUCCESS) {
            return status;
        }
        result = pop3_login_step(&login, &client_ptr->nx_pop3_client_engine, &event);
        if (result != POP3_LOGIN_CONTINUE) {
            break;
        }
        status = command_send(client_ptr);
        if (status != NX_SUCCESS) {
            return status;
        }
    }
    if (in_transaction(client_ptr)) {
        return NX_SUCCESS;
    }
    return result == POP3_LOGIN_APOP_FAILED ? NX_POP3_APOP_FAILED_MD5_DIGEST : NX_POP3_SERVER_ERROR_STATUS;
}

static UINT session_open(NX_POP3_CLIENT *client_ptr) {
    NX_TCP_SOCKET *socket_ptr = &client_ptr->nx_pop3_client_tcp_socket;
    pop3_engine_buffers buffers;
    UINT status;

    memset(client_ptr, 0, offsetof(NX_POP3_CLIENT, nx_pop3_client_id));
    buffers.line = buffers.output = client_ptr->nx_pop3_client_buffer;
    buffers.line_size = buffers.output_size = sizeof client_ptr->nx_pop3_client_buffer;
    pop3_engine_init(&client_ptr->nx_pop3_client_engine, &buffers);
    status = nx_tcp_client_socket_bind(socket_ptr, NX_ANY_PORT, NX_POP3_CLIENT_PACKET_TIMEOUT);
    if (status == NX_SUCCESS) {
        status = nxd_tcp_client_socket_connect(socket_ptr, &client_ptr->nx_pop3_client_server_address,
                                               client_ptr->nx_pop3_client_server_port,
                                               NX_POP3_CLIENT_CONNECTION_TIMEOUT);
    }
    if (status == NX_SUCCESS) {
        status = log_in(client_ptr);
    }
    return status == NX_SUCCESS ? NX_SUCCESS : _nx_pop3_client_session_end(client_ptr, status);
}

/* NetX does not judge the address where error checking is disabled, but hangs (N-58). */
static UINT address_check(const NXD_ADDRESS *address) {
    if (address->nxd_ip_version == NX_IP_VERSION_V6) {
#ifdef NX_DISABLE_IPV6
        return NX_NOT_SUPPORTED;
#else
        return NX_SUCCESS;
#endif
    }
    if (address->nxd_ip_version != NX_IP_VERSION_V4) {
        return NX_POP3_PARAM_ERROR;
    }
#ifdef NX_DISABLE_IPV4
    return NX_NOT_SUPPORTED;
#else
    return address->nxd_ip_address.v4 != 0 ? NX_SUCCESS : NX_POP3_PARAM_ERROR;
#endif
}

/* Copies a credential of 1 to max octets, none of them a control octet or below `lowest` (A-13, N-44, N-58). */
static UINT credential_set(CHAR *destination, const CHAR *source, UINT max, UINT lowest) {
    do {
        UINT octet = (UCHAR)*source++;
        if (octet < lowest || octet == 0x7F || max-- == 0) {
            return NX_FALSE;
        }
        *destination++ = (CHAR)octet;
    } while (*source != '\0');
    *destination = '\0';
    return NX_TRUE;
}

static UINT settings_set(NX_POP3_CLIENT *client_ptr, UINT APOP_authentication, const NXD_ADDRESS *address,
                         ULONG port, const CHAR *name, const CHAR *password) {
    client_ptr->nx_pop3_client_enable_APOP_authentication = APOP_authentication;
    client_ptr->nx_pop3_client_server_address = *address;
    client_ptr->nx_pop3_client_server_port = (USHORT)port;
    if (client_ptr->nx_pop3_client_server_port != port || port == 0 || APOP_authentication > NX_POP3_APOP_REQUIRED ||
        !credential_set(client_ptr->nx_pop3_client_name, name, NX_POP3_MAX_USERNAME, ' ' + 1) ||
        !credential_set(client_ptr->nx_pop3_client_password, password, NX_POP3_MAX_PASSWORD, ' ')) {
        return NX_POP3_PARAM_ERROR;
    }
    return address_check(&client_ptr->nx_pop3_client_server_address);
}

/* Both twins check everything: what is wrong here would be found out on the network, or never. */
UINT _nxd_pop3_client_create(NX_POP3_CLIENT *client_ptr, UINT APOP_authentication, NX_IP *ip_ptr,
                             NX_PACKET_POOL *packet_pool_ptr, NXD_ADDRESS *server_ip_address, ULONG server_port,
                             CHAR *client_name, CHAR *client_password) {
    UINT status;

    if (client_ptr == NX_NULL) {
        return NX_PTR_ERROR;
    }
    client_ptr->nx_pop3_client_id = 0;
    if (ip_ptr == NX_NULL || packet_pool_ptr == NX_NULL || server_ip_address == NX_NULL || client_name == NX_NULL ||
        client_password == NX_NULL) {
        return NX_PTR_ERROR;
    }
    client_ptr->nx_pop3_client_packet_pool_ptr = packet_pool_ptr;
    status = settings_set(client_ptr, APOP_authentication, server_ip_address, server_port, client_name,
                          client_password);
    if (ip_ptr->nx_ip_id != NX_IP_ID) {
        status = NX_POP3_PARAM_ERROR;
    }
    if (status == NX_SUCCESS) {
        status = nx_tcp_socket_create(ip_ptr, &client_ptr->nx_pop3_client_tcp_socket, "POP3", NX_IP_NORMAL,
                                      NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, NX_POP3_CLIENT_TCP_WINDOW_SIZE, NX_NULL,
                                      NX_NULL);
    }
    if (status == NX_SUCCESS) {
        status = session_open(client_ptr);
        if (status == NX_SUCCESS) {
            client_ptr->nx_pop3_client_id = CLIENT_ID;
            return NX_SUCCESS;
        }
        nx_tcp_socket_delete(&client_ptr->nx_pop3_client_tcp_socket);
    }
    memset(client_ptr, 0, sizeof *client_ptr);
    return status;
}

UINT _nx_pop3_client_create(NX_POP3_CLIENT *client_ptr, UINT APOP_authentication, NX_IP *ip_ptr,
                            NX_PACKET_POOL *packet_pool_ptr, ULONG server_ip_address, ULONG server_port,
                            CHAR *client_name, CHAR *client_password) {
    NXD_ADDRESS address;

    address.nxd_ip_version = NX_IP_VERSION_V4;
#ifdef NX_DISABLE_IPV4
    NX_PARAMETER_NOT_USED(server_ip_address);
#else
    address.nxd_ip_address.v4 = server_ip_address;
#endif
    return _nxd_pop3_client_create(client_ptr, APOP_authentication, ip_ptr, packet_pool_ptr, &address, server_port,
                                   client_name, client_password);
}

UINT _nx_pop3_client_quit(NX_POP3_CLIENT *client_ptr) {
    UINT status;

    if (client_ptr->nx_pop3_client_ready_to_download) { /* QUIT might delete a message that nobody has (R-1939-25) */
        disconnect(client_ptr, 1);
    }
    status = _nx_pop3_client_simple_command(client_ptr, POP3_QUIT, 0);
    if (pop3_engine_phase(&client_ptr->nx_pop3_client_engine) == POP3_PHASE_CLOSED) {
        disconnect(client_ptr, NX_POP3_CLIENT_DISCONNECT_TIMEOUT);
    }
    return status;
}

UINT _nx_pop3_client_delete(NX_POP3_CLIENT *client_ptr) {
    UINT status;

    if (client_ptr->nx_pop3_client_id != CLIENT_ID) {
        return NX_SUCCESS;
    }
    disconnect(client_ptr, NX_POP3_CLIENT_DISCONNECT_TIMEOUT);
    status = nx_tcp_socket_delete(&client_ptr->nx_pop3_client_tcp_socket);
    if (status == NX_SUCCESS) {
        memset(client_ptr, 0, sizeof *client_ptr);
    }
    return status;
}

/* ---- Items ---- */

UINT _nx_pop3_client_mail_items_get(NX_POP3_CLIENT *client_ptr, UINT *number_mail_items, ULONG *maildrop_total_size) {
    pop3_reply reply;
    UINT status = NX_SUCCESS;

    *number_mail_items = 0;
    *maildrop_total_size = 0;
    if (client_ptr->nx_pop3_client_id != CLIENT_ID) {
        return NX_POP3_CLIENT_INVALID_STATE;
    }
    if (!in_transaction(client_ptr)) {
        status = session_open(client_ptr);
    }
    if (status == NX_SUCCESS) {
        status = _nx_pop3_client_command(client_ptr, POP3_STAT, 0, 0, &reply);
    }
    if (status != NX_SUCCESS) {
        return status;
    }
    if (reply.count == 0 || reply.numbers[0] > 0xFFFFFFFFUL) {
        return _nx_pop3_client_session_end(client_ptr, NX_POP3_SERVER_ERROR_STATUS);
    }
    client_ptr->nx_pop3_client_mail_status = NX_TRUE;
    *number_mail_items = client_ptr->nx_pop3_client_maildrop_items = (UINT)reply.numbers[0];
    if (reply.count == 2) { /* a negative size is none */
        *maildrop_total_size = saturate(reply.numbers[1]);
    }
    client_ptr->nx_pop3_client_total_message_size = *maildrop_total_size;
    return NX_SUCCESS;
}

UINT _nx_pop3_client_mail_item_size_get(NX_POP3_CLIENT *client_ptr, UINT mail_item, ULONG *size) {
    pop3_reply reply;
    UINT status;

    *size = 0;
    status = _nx_pop3_client_command(client_ptr, POP3_LIST, mail_item, 0, &reply);
    if (status != NX_SUCCESS) {
        return status;
    }
    if (reply.count != 2 || reply.numbers[0] != mail_item) {
        return _nx_pop3_client_session_end(client_ptr, NX_POP3_SERVER_ERROR_STATUS);
    }
    client_ptr->nx_pop3_client_maildrop_index = mail_item;
    *size = client_ptr->nx_pop3_client_item_size = saturate(reply.numbers[1]);
    return NX_SUCCESS;
}

UINT _nx_pop3_client_mail_item_get(NX_POP3_CLIENT *client_ptr, UINT mail_item, ULONG *item_size) {
    pop3_reply reply;
    UINT status;

    *item_size = 0;
    status = _nx_pop3_client_command(client_ptr, POP3_RETR, mail_item, 0, &reply);
    if (status == NX_SUCCESS) {
        client_ptr->nx_pop3_client_ready_to_download = NX_TRUE;
        if (reply.count != 0) {
            *item_size = saturate(reply.numbers[0]);
        } else if (client_ptr->nx_pop3_client_maildrop_index == mail_item) { /* N-46 */
            *item_size = client_ptr->nx_pop3_client_item_size;
        }
    }
    return status;
}

UINT _nx_pop3_client_mail_item_delete(NX_POP3_CLIENT *client_ptr, UINT mail_index) {
    return _nx_pop3_client_simple_command(client_ptr, POP3_DELE, mail_index);
}

/* ---- Messages ---- */

#ifdef NX_POP3_CLIENT_RAW_MESSAGE

/* As upstream: no octets are counted of a last packet that holds but the end of CRLF.CRLF (N-42). */
static ULONG octets_retrieved(NX_PACKET *packet_ptr, const pop3_event *event) {
    static const CHAR terminator[] = NX_POP3_END_OF_MESSAGE;
    CHAR octets[sizeof terminator - 1];
    ULONG copied = 0;

    if (event->type == POP3_EVENT_END && event->length <= sizeof octets) {
        nx_packet_data_extract_offset(packet_ptr, 0, octets, sizeof octets, &copied);
    }
    return memcmp(octets, terminator + sizeof octets - copied, copied) == 0 && copied != 0 ? 0 : (ULONG)event->length;
}

#else
#define octets_retrieved(packet_ptr, event) ((ULONG)(event)->length)
#endif

UINT _nx_pop3_client_mail_item_message_get(NX_POP3_CLIENT *client_ptr, NX_PACKET **recv_packet_ptr,
                                           ULONG *bytes_retrieved, UINT *final_packet) {
    pop3_event event;
    NX_PACKET *packet_ptr;
    ULONG behind;
    UINT status = NX_POP3_CLIENT_INVALID_STATE;

    *recv_packet_ptr = NX_NULL;
    *bytes_retrieved = 0;
    *final_packet = NX_FALSE;
    if (client_ptr->nx_pop3_client_ready_to_download) {
        status = _nx_pop3_client_event_get(client_ptr, &event);
    }
    if (status == NX_SUCCESS) {
        packet_ptr = client_ptr->nx_pop3_client_message_ptr;
        client_ptr->nx_pop3_client_message_ptr = NX_NULL;
        behind = packet_ptr->nx_packet_length;
        packet_ptr->nx_packet_length = (ULONG)event.length;
        *recv_packet_ptr = packet_ptr;
        *bytes_retrieved = octets_retrieved(packet_ptr, &event);
        if (event.type == POP3_EVENT_END) {
            *final_packet = NX_TRUE;
            client_ptr->nx_pop3_client_ready_to_download = NX_FALSE;
            if (behind != 0) { /* N-54 */
                disconnect(client_ptr, 1);
            }
        }
    }
    return status;
}

/* ---- The checked twins ---- */

UINT _nxde_pop3_client_create(NX_POP3_CLIENT *client_ptr, UINT APOP_authentication, NX_IP *ip_ptr,
                              NX_PACKET_POOL *packet_pool_ptr, NXD_ADDRESS *server_ip_address, ULONG server_port,
                              CHAR *client_name, CHAR *client_password) {
    return _nxd_pop3_client_create(client_ptr, APOP_authentication, ip_ptr, packet_pool_ptr, server_ip_address,
                                   server_port, client_name, client_password);
}

UINT _nxe_pop3_client_create(NX_POP3_CLIENT *client_ptr, UINT APOP_authentication, NX_IP *ip_ptr,
                             NX_PACKET_POOL *packet_pool_ptr, ULONG server_ip_address, ULONG server_port,
                             CHAR *client_name, CHAR *client_password) {
    return _nx_pop3_client_create(client_ptr, APOP_authentication, ip_ptr, packet_pool_ptr, server_ip_address,
                                  server_port, client_name, client_password);
}

UINT _nxe_pop3_client_mail_items_get(NX_POP3_CLIENT *client_ptr, UINT *number_mail_items, ULONG *maildrop_total_size) {
    if (client_ptr == NX_NULL || number_mail_items == NX_NULL || maildrop_total_size == NX_NULL) {
        return NX_PTR_ERROR;
    }
    return _nx_pop3_client_mail_items_get(client_ptr, number_mail_items, maildrop_total_size);
}

UINT _nxe_pop3_client_mail_item_size_get(NX_POP3_CLIENT *client_ptr, UINT mail_item, ULONG *size) {
    if (client_ptr == NX_NULL || size == NX_NULL) {
        return NX_PTR_ERROR;
    }
    return _nx_pop3_client_mail_item_size_get(client_ptr, mail_item, size);
}

UINT _nxe_pop3_client_mail_item_get(NX_POP3_CLIENT *client_ptr, UINT mail_item, ULONG *item_size) {
    if (client_ptr == NX_NULL || item_size == NX_NULL) {
        return NX_PTR_ERROR;
    }
    return _nx_pop3_client_mail_item_get(client_ptr, mail_item, item_size);
}

UINT _nxe_pop3_client_mail_item_message_get(NX_POP3_CLIENT *client_ptr, NX_PACKET **recv_packet_ptr,
                                            ULONG *bytes_retrieved, UINT *final_packet) {
    if (client_ptr == NX_NULL || recv_packet_ptr == NX_NULL || bytes_retrieved == NX_NULL || final_packet == NX_NULL) {
        return NX_PTR_ERROR;
    }
    return _nx_pop3_client_mail_item_message_get(client_ptr, recv_packet_ptr, bytes_retrieved, final_packet);
}

UINT _nxe_pop3_client_mail_item_delete(NX_POP3_CLIENT *client_ptr, UINT mail_index) {
    return client_ptr == NX_NULL ? NX_PTR_ERROR : _nx_pop3_client_mail_item_delete(client_ptr, mail_index);
}

UINT _nxe_pop3_client_quit(NX_POP3_CLIENT *client_ptr) {
    return client_ptr == NX_NULL ? NX_PTR_ERROR : _nx_pop3_client_quit(client_ptr);
}

UINT _nxe_pop3_client_delete(NX_POP3_CLIENT *client_ptr) {
    return client_ptr == NX_NULL ? NX_PTR_ERROR : _nx_pop3_client_delete(client_ptr);
}
