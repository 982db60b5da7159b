/* SPDX-License-Identifier: MIT */
/*
 * The nine documented services over the engine: packets in and out, the rules of N-40 to N-58. What a POP3 reply looks
 * like is the engine's business; how to log in, login's.
 */
#include "nx_pop3_client_internal.h"

#include <string.h>

#include "login/login.h"
#include "nx_ip.h"

#define CLIENT_ID 0x504F5033UL

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

/*
 * The session is over, the socket ready for the next. The wait is at least one tick: with NX_NO_WAIT and
 * NX_DISABLE_RESET_DISCONNECT the socket could not be unbound (N-49).
 */
static VOID drop(NX_POP3_CLIENT *client_ptr, ULONG wait) {
    pop3_engine_abort(&client_ptr->nx_pop3_client_engine, POP3_IO);
    client_ptr->nx_pop3_client_ready_to_download = NX_FALSE;
    release(client_ptr);
    nx_tcp_socket_disconnect(&client_ptr->nx_pop3_client_tcp_socket, wait);
    nx_tcp_client_socket_unbind(&client_ptr->nx_pop3_client_tcp_socket);
}

UINT _nx_pop3_client_protocol_error(NX_POP3_CLIENT *client_ptr) {
    drop(client_ptr, 1);
    return NX_POP3_SERVER_ERROR_STATUS;
}

/* Octets that came before the command they might seem to answer are a protocol error (N-57). */
static UINT expect_silence(NX_POP3_CLIENT *client_ptr) {
    NX_PACKET *packet_ptr;
    ULONG octets;
    UINT status;

    while ((status = nx_tcp_socket_receive(&client_ptr->nx_pop3_client_tcp_socket, &packet_ptr, NX_NO_WAIT)) ==
           NX_SUCCESS) {
        octets = packet_ptr->nx_packet_length;
        nx_packet_release(packet_ptr);
        if (octets != 0) {
            return _nx_pop3_client_protocol_error(client_ptr);
        }
    }
    if (status != NX_NO_PACKET) {
        drop(client_ptr, 1);
        return status;
    }
    return NX_SUCCESS;
}

/* Sends the engine's output in one packet or chain. While nothing was sent, a failure leaves the session as it is. */
static UINT send_output(NX_POP3_CLIENT *client_ptr) {
    NX_PACKET *packet_ptr;
    size_t length;
    const void *octets = pop3_engine_output(&client_ptr->nx_pop3_client_engine, &length);
    UINT status;

    if (length == 0) {
        return NX_SUCCESS;
    }
    status = expect_silence(client_ptr);
    if (status != NX_SUCCESS) {
        return status;
    }
    status = nx_packet_allocate(client_ptr->nx_pop3_client_packet_pool_ptr, &packet_ptr, NX_TCP_PACKET,
                                NX_POP3_CLIENT_PACKET_TIMEOUT);
    if (status != NX_SUCCESS) {
        return status;
    }
    status = nx_packet_data_append(packet_ptr, (VOID *)octets, (ULONG)length,
                                   client_ptr->nx_pop3_client_packet_pool_ptr, NX_POP3_CLIENT_PACKET_TIMEOUT);
    if (status != NX_SUCCESS) {
        nx_packet_release(packet_ptr);
        return status == NX_SIZE_ERROR ? NX_POP3_INSUFFICIENT_PACKET_PAYLOAD : status;
    }
    pop3_engine_output_done(&client_ptr->nx_pop3_client_engine, length);
    status = nx_tcp_socket_send(&client_ptr->nx_pop3_client_tcp_socket, packet_ptr, NX_POP3_TCP_SOCKET_SEND_WAIT);
    if (status != NX_SUCCESS) {
        nx_packet_release(packet_ptr);
        drop(client_ptr, 1);
    }
    return status;
}

/* Makes message_ptr a packet, if it is none: the next one received. */
static UINT receive(NX_POP3_CLIENT *client_ptr) {
    UINT status = NX_SUCCESS;

    if (client_ptr->nx_pop3_client_message_ptr == NX_NULL) {
        status = nx_tcp_socket_receive(&client_ptr->nx_pop3_client_tcp_socket,
                                       &client_ptr->nx_pop3_client_message_ptr, NX_POP3_SERVER_REPLY_TIMEOUT);
        if (status != NX_SUCCESS) {
            client_ptr->nx_pop3_client_message_ptr = NX_NULL;
            drop(client_ptr, 1);
        }
    }
    return status;
}

/* ---- Replies ---- */

UINT _nx_pop3_client_event_get(NX_POP3_CLIENT *client_ptr, pop3_event *event) {
    NX_PACKET *segment;
    size_t used;
    UINT status;

    for (;;) {
        status = receive(client_ptr);
        if (status != NX_SUCCESS) {
            return status;
        }
        for (segment = client_ptr->nx_pop3_client_message_ptr; segment != NX_NULL; segment = NEXT_SEGMENT(segment)) {
            used = pop3_engine_input(&client_ptr->nx_pop3_client_engine, segment->nx_packet_prepend_ptr,
                                     (size_t)(segment->nx_packet_append_ptr - segment->nx_packet_prepend_ptr), event);
            segment->nx_packet_prepend_ptr += used;
            client_ptr->nx_pop3_client_message_ptr->nx_packet_length -= (ULONG)used;
            if (event->type == POP3_EVENT_FAIL) {
                return _nx_pop3_client_protocol_error(client_ptr);
            }
            if (event->type != POP3_EVENT_NEED_INPUT) {
                return NX_SUCCESS;
            }
        }
        release(client_ptr);
    }
}

VOID _nx_pop3_client_reply_done(NX_POP3_CLIENT *client_ptr) {
    if (client_ptr->nx_pop3_client_message_ptr->nx_packet_length != 0) {
        drop(client_ptr, 1);
    }
    release(client_ptr);
}

/* The engine is idle, so its line buffer is free: the text outlives the packet. */
static VOID keep_text(NX_POP3_CLIENT *client_ptr, pop3_event *event) {
    event->data = memmove(client_ptr->nx_pop3_client_buffer, event->data, event->length);
    _nx_pop3_client_reply_done(client_ptr);
}

/* Sends what the engine has to send and reads the first event of the reply. */
static UINT exchange(NX_POP3_CLIENT *client_ptr, pop3_event *event) {
    UINT status = send_output(client_ptr);

    if (status == NX_SUCCESS) {
        status = _nx_pop3_client_event_get(client_ptr, event);
    }
    if (status != NX_SUCCESS) {
        return status;
    }
#if NX_POP3_CLIENT_RESPONSE_SIZE > 0
    client_ptr->nx_pop3_client_response_length =
        event->length < NX_POP3_CLIENT_RESPONSE_SIZE ? (UINT)event->length : NX_POP3_CLIENT_RESPONSE_SIZE;
    memcpy(client_ptr->nx_pop3_client_response, event->data, client_ptr->nx_pop3_client_response_length);
#endif
    if (!event->more) {
        keep_text(client_ptr, event);
    }
    return NX_SUCCESS;
}

/* Reads the rest of a message that the application left unread (N-53). */
static UINT drain(NX_POP3_CLIENT *client_ptr) {
    ULONG left = NX_POP3_CLIENT_DRAIN_LIMIT;
    NX_PACKET *packet_ptr;
    ULONG octets;
    UINT final_packet;
    UINT status;

    while (client_ptr->nx_pop3_client_ready_to_download) {
        status = _nx_pop3_client_mail_item_message_get(client_ptr, &packet_ptr, &octets, &final_packet);
        if (status != NX_SUCCESS) {
            return status;
        }
        nx_packet_release(packet_ptr);
        if (octets > left) {
            drop(client_ptr, 1);
        }
        left -= octets;
    }
    return in_transaction(client_ptr) ? NX_SUCCESS : NX_POP3_CLIENT_INVALID_STATE;
}

UINT _nx_pop3_client_command(NX_POP3_CLIENT *client_ptr, pop3_verb verb, const pop3_arg *arg, pop3_event *event) {
    pop3_engine *engine = &client_ptr->nx_pop3_client_engine;
    pop3_engine before;
    size_t unsent;
    UINT status = drain(client_ptr);

    if (status != NX_SUCCESS) {
        return status;
    }
    before = *engine;
    if (pop3_engine_command(engine, verb, arg, 0) != POP3_SUCCESS) {
        return NX_POP3_PARAM_ERROR;
    }
    status = exchange(client_ptr, event);
    if (status == NX_SUCCESS) {
        return event->type == POP3_EVENT_OK ? NX_SUCCESS : NX_POP3_SERVER_ERROR_STATUS;
    }
    pop3_engine_output(engine, &unsent);
    if (unsent != 0 && pop3_engine_phase(engine) != POP3_PHASE_FAILED) {
        *engine = before;
    }
    return status;
}

UINT _nx_pop3_client_item_command(NX_POP3_CLIENT *client_ptr, pop3_verb verb, UINT item, UINT limit, ULONG lines,
                                  pop3_event *event) {
    const pop3_arg arg = {NULL, NULL, 0, 0, item, lines};

    if (item == 0) {
        return NX_POP3_CLIENT_INVALID_INDEX;
    }
    if (!in_transaction(client_ptr)) {
        return NX_POP3_CLIENT_INVALID_STATE;
    }
    if (item > limit) {
        return NX_POP3_INVALID_MAIL_ITEM;
    }
    return _nx_pop3_client_command(client_ptr, verb, &arg, event);
}

/* ---- Sessions ---- */

static void md5(const pop3_span *spans, size_t n, uint8_t *out) {
    NX_MD5 context;

    _nx_md5_initialize(&context);
    for (size_t i = 0; i < n; i++) {
        _nx_md5_update(&context, (UCHAR *)spans[i].data, (UINT)spans[i].length);
    }
    _nx_md5_digest_calculate(&context, out);
}

static UINT log_in(NX_POP3_CLIENT *client_ptr) {
    static const UCHAR methods[] = {POP3_LOGIN_USER_PASS, POP3_LOGIN_APOP | POP3_LOGIN_USER_PASS, POP3_LOGIN_APOP};
    pop3_login login;
    pop3_event event;
    pop3_login_result result;
    UINT status;

    login.user.data = client_ptr->nx_pop3_client_name;
    login.user.length = strlen(client_ptr->nx_pop3_client_name);
    login.secret.data = client_ptr->nx_pop3_client_password;
    login.secret.length = strlen(client_ptr->nx_pop3_client_password);
    login.md5 = md5;
    login.methods = methods[client_ptr->nx_pop3_client_enable_APOP_authentication];
    login.timestamp_max = NX_POP3_SERVER_PROCESS_ID_SIZE;
    do {
        status = exchange(client_ptr, &event);
        if (status != NX_SUCCESS) {
            return status;
        }
        result = pop3_login_step(&login, &client_ptr->nx_pop3_client_engine, &event);
    } while (result == POP3_LOGIN_CONTINUE);
    if (result == POP3_LOGIN_DONE) {
        return NX_SUCCESS;
    }
    return result == POP3_LOGIN_APOP_FAILED ? NX_POP3_APOP_FAILED_MD5_DIGEST : NX_POP3_SERVER_ERROR_STATUS;
}

static UINT session_open(NX_POP3_CLIENT *client_ptr) {
    const pop3_engine_buffers buffers = {client_ptr->nx_pop3_client_buffer, client_ptr->nx_pop3_client_buffer,
                                         sizeof client_ptr->nx_pop3_client_buffer,
                                         sizeof client_ptr->nx_pop3_client_buffer};
    UINT status;

    pop3_engine_init(&client_ptr->nx_pop3_client_engine, &buffers);
    client_ptr->nx_pop3_client_mail_status = NX_FALSE;
    client_ptr->nx_pop3_client_maildrop_items = 0;
    client_ptr->nx_pop3_client_maildrop_index = 0;
    status = nx_tcp_client_socket_bind(&client_ptr->nx_pop3_client_tcp_socket, NX_ANY_PORT,
                                       NX_POP3_CLIENT_PACKET_TIMEOUT);
    if (status == NX_SUCCESS) {
        status = nxd_tcp_client_socket_connect(&client_ptr->nx_pop3_client_tcp_socket,
                                               &client_ptr->nx_pop3_client_server_address,
                                               client_ptr->nx_pop3_client_server_port,
                                               NX_POP3_CLIENT_CONNECTION_TIMEOUT);
    }
    if (status == NX_SUCCESS) {
        status = log_in(client_ptr);
    }
    if (status != NX_SUCCESS) {
        drop(client_ptr, 1);
    }
    return status;
}

/* Copies a credential: 1 to size - 1 octets, none of them a control octet or below `lowest` (A-13, N-44, N-58). */
static UINT credential_set(CHAR *destination, UINT size, CHAR *source, CHAR lowest) {
    UINT length;
    UINT i;

    if (_nx_utility_string_length_check(source, &length, size - 1) != NX_SUCCESS || length == 0) {
        return NX_POP3_PARAM_ERROR;
    }
    for (i = 0; i < length; i++) {
        if ((UCHAR)source[i] < (UCHAR)lowest || source[i] == 0x7F) {
            return NX_POP3_PARAM_ERROR;
        }
    }
    memcpy(destination, source, length + 1);
    return NX_SUCCESS;
}

static UINT address_check(const NXD_ADDRESS *address) {
    if (address->nxd_ip_version == NX_IP_VERSION_V4) {
#ifdef NX_DISABLE_IPV4
        return NX_NOT_SUPPORTED;
#else
        return address->nxd_ip_address.v4 != 0 ? NX_SUCCESS : NX_POP3_PARAM_ERROR;
#endif
    }
    if (address->nxd_ip_version == NX_IP_VERSION_V6) {
#ifdef NX_DISABLE_IPV6
        return NX_NOT_SUPPORTED;
#else
        return NX_SUCCESS;
#endif
    }
    return NX_POP3_PARAM_ERROR;
}

static UINT settings_set(NX_POP3_CLIENT *client_ptr, UINT APOP_authentication, const NXD_ADDRESS *address,
                         ULONG port, CHAR *name, CHAR *password) {
    UINT status = address_check(address);

    if (status != NX_SUCCESS) {
        return status;
    }
    if (port == 0 || port > 0xFFFF || APOP_authentication > NX_POP3_APOP_REQUIRED ||
        credential_set(client_ptr->nx_pop3_client_name, sizeof client_ptr->nx_pop3_client_name, name, ' ' + 1) ||
        credential_set(client_ptr->nx_pop3_client_password, sizeof client_ptr->nx_pop3_client_password, password, ' ')) {
        return NX_POP3_PARAM_ERROR;
    }
#ifdef NX_POP3_CLIENT_NO_CLEARTEXT_FALLBACK
    if (APOP_authentication == NX_TRUE) {
        APOP_authentication = NX_POP3_APOP_REQUIRED;
    }
#endif
    client_ptr->nx_pop3_client_enable_APOP_authentication = APOP_authentication;
    client_ptr->nx_pop3_client_server_address = *address;
    client_ptr->nx_pop3_client_server_port = (USHORT)port;
    return NX_SUCCESS;
}

UINT _nxd_pop3_client_create(NX_POP3_CLIENT *client_ptr, UINT APOP_authentication, NX_IP *ip_ptr,
                             NX_PACKET_POOL *packet_pool_ptr, NXD_ADDRESS *server_ip_address, ULONG server_port,
                             CHAR *client_name, CHAR *client_password) {
    UINT status;

    memset(client_ptr, 0, sizeof *client_ptr);
    client_ptr->nx_pop3_client_packet_pool_ptr = packet_pool_ptr;
    status = settings_set(client_ptr, APOP_authentication, server_ip_address, server_port, client_name,
                          client_password);
    if (status == NX_SUCCESS) {
        status = nx_tcp_socket_create(ip_ptr, &client_ptr->nx_pop3_client_tcp_socket, "POP3 Client", NX_IP_NORMAL,
                                      NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, NX_POP3_CLIENT_TCP_WINDOW_SIZE, NX_NULL,
                                      NX_NULL);
        if (status == NX_SUCCESS) {
            client_ptr->nx_pop3_client_id = CLIENT_ID;
            status = session_open(client_ptr);
            if (status == NX_SUCCESS) {
                return NX_SUCCESS;
            }
            nx_tcp_socket_delete(&client_ptr->nx_pop3_client_tcp_socket);
        }
    }
    memset(client_ptr, 0, sizeof *client_ptr);
    return status;
}

UINT _nx_pop3_client_create(NX_POP3_CLIENT *client_ptr, UINT APOP_authentication, NX_IP *ip_ptr,
                            NX_PACKET_POOL *packet_pool_ptr, ULONG server_ip_address, ULONG server_port,
                            CHAR *client_name, CHAR *client_password) {
#ifdef NX_DISABLE_IPV4
    NX_PARAMETER_NOT_USED(APOP_authentication);
    NX_PARAMETER_NOT_USED(ip_ptr);
    NX_PARAMETER_NOT_USED(packet_pool_ptr);
    NX_PARAMETER_NOT_USED(server_ip_address);
    NX_PARAMETER_NOT_USED(server_port);
    NX_PARAMETER_NOT_USED(client_name);
    NX_PARAMETER_NOT_USED(client_password);
    memset(client_ptr, 0, sizeof *client_ptr);
    return NX_NOT_SUPPORTED;
#else
    NXD_ADDRESS address;

    address.nxd_ip_version = NX_IP_VERSION_V4;
    address.nxd_ip_address.v4 = server_ip_address;
    return _nxd_pop3_client_create(client_ptr, APOP_authentication, ip_ptr, packet_pool_ptr, &address, server_port,
                                   client_name, client_password);
#endif
}

UINT _nx_pop3_client_quit(NX_POP3_CLIENT *client_ptr) {
    pop3_event event;
    UINT status = NX_POP3_CLIENT_INVALID_STATE;

    if (client_ptr->nx_pop3_client_ready_to_download) {
        drop(client_ptr, 1);
    }
    if (in_transaction(client_ptr)) {
        status = _nx_pop3_client_command(client_ptr, POP3_QUIT, NULL, &event);
        if (!in_transaction(client_ptr)) {
            drop(client_ptr, NX_POP3_CLIENT_DISCONNECT_TIMEOUT);
        }
    }
    return status;
}

UINT _nx_pop3_client_delete(NX_POP3_CLIENT *client_ptr) {
    UINT status;

    if (client_ptr->nx_pop3_client_id != CLIENT_ID) {
        return NX_SUCCESS;
    }
    drop(client_ptr, NX_POP3_CLIENT_DISCONNECT_TIMEOUT);
    status = nx_tcp_socket_delete(&client_ptr->nx_pop3_client_tcp_socket);
    if (status == NX_SUCCESS) {
        memset(client_ptr, 0, sizeof *client_ptr);
    }
    return status;
}

/* ---- Items ---- */

UINT _nx_pop3_client_mail_items_get(NX_POP3_CLIENT *client_ptr, UINT *number_mail_items, ULONG *maildrop_total_size) {
    pop3_event event;
    uint32_t count;
    uint64_t octets;
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
        status = _nx_pop3_client_command(client_ptr, POP3_STAT, NULL, &event);
    }
    if (status != NX_SUCCESS) {
        return status;
    }
    if (!pop3_parse_stat(event.data, event.length, &count, &octets)) {
        return _nx_pop3_client_protocol_error(client_ptr);
    }
    client_ptr->nx_pop3_client_mail_status = NX_TRUE;
    client_ptr->nx_pop3_client_maildrop_items = *number_mail_items = count;
    client_ptr->nx_pop3_client_total_message_size = *maildrop_total_size =
        octets == POP3_SIZE_UNKNOWN ? 0 : saturate(octets);
    return NX_SUCCESS;
}

UINT _nx_pop3_client_mail_item_size_get(NX_POP3_CLIENT *client_ptr, UINT mail_item, ULONG *size) {
    pop3_event event;
    uint32_t number;
    uint64_t octets;
    UINT status = _nx_pop3_client_item_command(client_ptr, POP3_LIST, mail_item,
                                               client_ptr->nx_pop3_client_maildrop_items, 0, &event);

    *size = 0;
    if (status != NX_SUCCESS) {
        return status;
    }
    if (!pop3_parse_list(event.data, event.length, &number, &octets) || number != mail_item) {
        return _nx_pop3_client_protocol_error(client_ptr);
    }
    client_ptr->nx_pop3_client_maildrop_index = mail_item;
    client_ptr->nx_pop3_client_item_size = *size = saturate(octets);
    return NX_SUCCESS;
}

UINT _nx_pop3_client_mail_item_get(NX_POP3_CLIENT *client_ptr, UINT mail_item, ULONG *item_size) {
    pop3_event event;
    uint64_t octets;
    UINT status = _nx_pop3_client_item_command(client_ptr, POP3_RETR, mail_item,
                                               client_ptr->nx_pop3_client_maildrop_items, 0, &event);

    *item_size = 0;
    if (status != NX_SUCCESS) {
        return status;
    }
    client_ptr->nx_pop3_client_ready_to_download = NX_TRUE;
    if (pop3_parse_number(event.data, event.length, &octets) != 0) {
        *item_size = saturate(octets);
    } else if (client_ptr->nx_pop3_client_maildrop_index == mail_item) {
        *item_size = client_ptr->nx_pop3_client_item_size;
    }
    return NX_SUCCESS;
}

UINT _nx_pop3_client_mail_item_delete(NX_POP3_CLIENT *client_ptr, UINT mail_index) {
    pop3_event event;

    return _nx_pop3_client_item_command(client_ptr, POP3_DELE, mail_index,
                                        client_ptr->nx_pop3_client_mail_status ? client_ptr->nx_pop3_client_maildrop_items
                                                                               : 0xFFFFFFFFUL,
                                        0, &event);
}

/* ---- Messages ---- */

/* A received packet or chain on its way to the application. */
typedef struct message_part {
    NX_PACKET *head;
    NX_PACKET *held;     /* the last segment that had octets, if there is one */
    ULONG content;       /* octets of content */
    ULONG behind;        /* octets behind the terminator */
    UINT final_packet;
} message_part;

#ifndef NX_POP3_CLIENT_RAW_MESSAGE

/*
 * The engine gives back a CR that it withheld in an earlier segment. In the same chain it goes behind that segment's
 * octets, where the dot and the CR left room; in a packet already handed out, into the head's header room (N-56).
 */
static VOID put_back_cr(message_part *part) {
    if (part->held != NX_NULL) {
        *part->held->nx_packet_append_ptr++ = '\r';
    } else {
        *--part->head->nx_packet_prepend_ptr = '\r';
    }
}

/* Moves what the event gave of the message to write_ptr; returns where the next goes. */
static UCHAR *keep_content(message_part *part, UCHAR *write_ptr, const pop3_event *event, size_t used) {
    part->content += (ULONG)event->length;
    if (event->type == POP3_EVENT_BODY && used == 0) {
        put_back_cr(part);
        return write_ptr;
    }
    memmove(write_ptr, event->data, event->length);
    return write_ptr + event->length;
}

#define RETRIEVED(part) ((part)->content)

#else

static UCHAR *keep_content(message_part *part, UCHAR *write_ptr, const pop3_event *event, size_t used) {
    NX_PARAMETER_NOT_USED(event);
    part->content += (ULONG)used;
    return write_ptr + used;
}

/* Is the part nothing but the end of CRLF.CRLF? Upstream counts no octets then, though they are in the packet (N-42). */
static UINT is_terminator(const message_part *part) {
    static const CHAR terminator[] = NX_POP3_END_OF_MESSAGE;
    CHAR octets[sizeof terminator - 1];
    ULONG copied = 0;

    if (!part->final_packet || part->content > sizeof octets) {
        return NX_FALSE;
    }
    nx_packet_data_extract_offset(part->head, 0, octets, sizeof octets, &copied);
    return memcmp(octets, terminator + sizeof octets - copied, copied) == 0;
}

#define RETRIEVED(part) (is_terminator(part) ? 0 : (part)->content)

#endif

/* Gives a segment to the engine and moves its content together where it lies. */
static VOID segment_decode(pop3_engine *engine, NX_PACKET *segment, message_part *part) {
    UCHAR *read_ptr = segment->nx_packet_prepend_ptr;
    UCHAR *write_ptr = read_ptr;
    UCHAR *end_ptr = segment->nx_packet_append_ptr;
    pop3_event event;
    size_t used;

    if (read_ptr == end_ptr) {
        return;
    }
    event.type = POP3_EVENT_BODY;
    while (!part->final_packet && event.type == POP3_EVENT_BODY) {
        used = pop3_engine_input(engine, read_ptr, (size_t)(end_ptr - read_ptr), &event);
        write_ptr = keep_content(part, write_ptr, &event, used);
        read_ptr += used;
        part->final_packet = event.type == POP3_EVENT_END;
    }
    part->behind += (ULONG)(end_ptr - read_ptr);
    part->held = segment;
    segment->nx_packet_append_ptr = write_ptr;
}

UINT _nx_pop3_client_mail_item_message_get(NX_POP3_CLIENT *client_ptr, NX_PACKET **recv_packet_ptr,
                                           ULONG *bytes_retrieved, UINT *final_packet) {
    message_part part;
    NX_PACKET *segment;
    UINT status;

    *recv_packet_ptr = NX_NULL;
    *bytes_retrieved = 0;
    *final_packet = NX_FALSE;
    if (!client_ptr->nx_pop3_client_ready_to_download) {
        return NX_POP3_CLIENT_INVALID_STATE;
    }
    for (;;) {
        status = receive(client_ptr);
        if (status != NX_SUCCESS) {
            return status;
        }
        memset(&part, 0, sizeof part);
        part.head = client_ptr->nx_pop3_client_message_ptr;
        for (segment = part.head; segment != NX_NULL; segment = NEXT_SEGMENT(segment)) {
            segment_decode(&client_ptr->nx_pop3_client_engine, segment, &part);
        }
        part.head->nx_packet_length = part.content;
        if (part.content != 0 || part.final_packet) {
            break;
        }
        release(client_ptr); /* nothing was left of it (N-55) */
    }
    client_ptr->nx_pop3_client_message_ptr = NX_NULL;
    *recv_packet_ptr = part.head;
    *bytes_retrieved = RETRIEVED(&part);
    *final_packet = part.final_packet;
    if (part.final_packet) {
        client_ptr->nx_pop3_client_ready_to_download = NX_FALSE;
        if (part.behind != 0) { /* N-54 */
            drop(client_ptr, 1);
        }
    }
    return NX_SUCCESS;
}

/* ---- The checked twins ---- */

UINT _nxde_pop3_client_create(NX_POP3_CLIENT *client_ptr, UINT APOP_authentication, NX_IP *ip_ptr,
                              NX_PACKET_POOL *packet_pool_ptr, NXD_ADDRESS *server_ip_address, ULONG server_port,
                              CHAR *client_name, CHAR *client_password) {
    if (client_ptr == NX_NULL) {
        return NX_PTR_ERROR;
    }
    client_ptr->nx_pop3_client_id = 0;
    if (ip_ptr == NX_NULL || packet_pool_ptr == NX_NULL || server_ip_address == NX_NULL || client_name == NX_NULL ||
        client_password == NX_NULL) {
        return NX_PTR_ERROR;
    }
    if (ip_ptr->nx_ip_id != NX_IP_ID) {
        return NX_POP3_PARAM_ERROR;
    }
    return _nxd_pop3_client_create(client_ptr, APOP_authentication, ip_ptr, packet_pool_ptr, server_ip_address,
                                   server_port, client_name, client_password);
}

UINT _nxe_pop3_client_create(NX_POP3_CLIENT *client_ptr, UINT APOP_authentication, NX_IP *ip_ptr,
                             NX_PACKET_POOL *packet_pool_ptr, ULONG server_ip_address, ULONG server_port,
                             CHAR *client_name, CHAR *client_password) {
    NXD_ADDRESS address;

    address.nxd_ip_version = NX_IP_VERSION_V4;
    address.nxd_ip_address.v4 = server_ip_address;
    return _nxde_pop3_client_create(client_ptr, APOP_authentication, ip_ptr, packet_pool_ptr, &address, server_port,
                                    client_name, client_password);
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
