/* SPDX-License-Identifier: MIT */
/*
 * The nine documented services: sessions, items, messages. What goes over the wire is sent and read by
 * nx_pop3_client_exchange.c; how to log in is login's business.
 */
#include "nx_pop3_client_internal.h"

#include <string.h>

#include "login/clear_login.h"
#include "nx_ip.h"

#define CLIENT_ID 0xB0000000UL /* neither an address nor a count, and short in Thumb code */

_Static_assert(NX_POP3_CLIENT_BUFFER_SIZE >= POP3_LINE_MIN && NX_POP3_CLIENT_BUFFER_SIZE <= UINT16_MAX,
               "NX_POP3_CLIENT_BUFFER_SIZE is out of the engine's range");

/* ---- Sessions ---- */

static void md5(const pop3_span *spans, size_t n, uint8_t *out) {
    NX_MD5 context;

    _nx_md5_initialize(&context);
    for (; n != 0; n--, spans++) {
        /* NOLINTNEXTLINE(-Wcast-qual): it reads only */
        _nx_md5_update(&context, (UCHAR *)spans->data, (UINT)spans->length);
    }
    _nx_md5_digest_calculate(&context, out);
}

#ifdef NX_POP3_CLIENT_ENABLE_TLS

/* The event is the greeting: asks for TLS and makes it. Nothing but STLS goes out before (R-TLS-03, R-TLS-06). */
static UINT stls(NX_POP3_CLIENT *client_ptr, pop3_event *event) {
    UINT status;

    if (pop3_engine_command(&client_ptr->nx_pop3_client_engine, POP3_STLS, NULL, 0) != POP3_SUCCESS) {
        return NX_POP3_SERVER_ERROR_STATUS; /* the greeting was -ERR */
    }
    status = _nx_pop3_client_exchange(client_ptr, event);
    if (status != NX_SUCCESS) {
        return status;
    }
    if (event->type != POP3_EVENT_START_TLS) {
        return NX_POP3_STLS_REFUSED;
    }
    /* Octets behind the reply, in its packet or in the next, would be taken for the server's under TLS (R-TLS-05). */
    if (pop3_engine_phase(&client_ptr->nx_pop3_client_engine) == POP3_PHASE_TLS_PENDING) {
        status = _nx_pop3_client_packet_receive(client_ptr, NX_NO_WAIT);
    }
    if (status != NX_NO_PACKET) {
        return status == NX_SUCCESS ? NX_POP3_SERVER_ERROR_STATUS : status;
    }
    status = _nx_pop3_client_tls_start(client_ptr);
    if (status == NX_SUCCESS) {
        pop3_engine_tls_started(&client_ptr->nx_pop3_client_engine);
    }
    return status;
}

/* From the connected socket to the event that the log-in begins with: the greeting, or TLS behind STLS. */
static UINT log_in_begin(NX_POP3_CLIENT *client_ptr, pop3_event *event) {
    UINT status = NX_SUCCESS;

    if (client_ptr->nx_pop3_client_tls_mode == NX_POP3_TLS_IMPLICIT) {
        status = _nx_pop3_client_tls_start(client_ptr);
    }
    if (status == NX_SUCCESS) {
        status = _nx_pop3_client_event_get(client_ptr, event);
    }
    if (status == NX_SUCCESS && client_ptr->nx_pop3_client_tls_mode == NX_POP3_TLS_STLS) {
        status = stls(client_ptr, event);
    }
    return status;
}

#else
#define log_in_begin _nx_pop3_client_event_get
#endif

static UINT log_in(NX_POP3_CLIENT *client_ptr) {
    pop3_clear_login login;
    pop3_event event;
    pop3_clear_login_result result;
    UINT status;

    login.user = client_ptr->nx_pop3_client_name;
    login.secret = client_ptr->nx_pop3_client_password;
    login.md5 = md5;
    login.policy = client_ptr->nx_pop3_client_enable_APOP_authentication;
#ifdef NX_POP3_CLIENT_NO_CLEARTEXT_FALLBACK
    if (login.policy == POP3_CLEAR_LOGIN_APOP_PREFERRED) {
        login.policy = POP3_CLEAR_LOGIN_APOP_REQUIRED;
    }
#endif
    login.timestamp_max = NX_POP3_SERVER_PROCESS_ID_SIZE;
    status = log_in_begin(client_ptr, &event);
    while (status == NX_SUCCESS && !_nx_pop3_client_in_transaction(client_ptr)) {
        result = pop3_clear_login_step(&login, &client_ptr->nx_pop3_client_engine, &event);
        if (result == POP3_CLEAR_LOGIN_CONTINUE) {
            status = _nx_pop3_client_exchange(client_ptr, &event);
        } else {
            status =
                result == POP3_CLEAR_LOGIN_APOP_FAILED ? NX_POP3_APOP_FAILED_MD5_DIGEST : NX_POP3_SERVER_ERROR_STATUS;
        }
    }
    return status;
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
        status =
            nxd_tcp_client_socket_connect(socket_ptr, &client_ptr->nx_pop3_client_server_address,
                                          client_ptr->nx_pop3_client_server_port, NX_POP3_CLIENT_CONNECTION_TIMEOUT);
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
static UINT credential_set(CHAR *destination, const CHAR *source, size_t max, UINT lowest) {
    size_t length = pop3_sendable(source, lowest);

    if (length == 0 || length > max) {
        return NX_FALSE;
    }
    memcpy(destination, source, length + 1);
    return NX_TRUE;
}

static UINT settings_set(NX_POP3_CLIENT *client_ptr, UINT APOP_authentication, const NXD_ADDRESS *address, ULONG port,
                         const CHAR *name, const CHAR *password) {
    client_ptr->nx_pop3_client_enable_APOP_authentication = APOP_authentication;
    client_ptr->nx_pop3_client_server_address = *address;
    client_ptr->nx_pop3_client_server_port = (USHORT)port;
    if (port == 0 || port != (USHORT)port || APOP_authentication > NX_POP3_APOP_REQUIRED ||
        !credential_set(client_ptr->nx_pop3_client_name, name, NX_POP3_MAX_USERNAME, ' ' + 1) ||
        !credential_set(client_ptr->nx_pop3_client_password, password, NX_POP3_MAX_PASSWORD, ' ')) {
        return NX_POP3_PARAM_ERROR;
    }
    return address_check(&client_ptr->nx_pop3_client_server_address);
}

UINT _nxd_pop3_client_create(NX_POP3_CLIENT *client_ptr, UINT APOP_authentication, NX_IP *ip_ptr,
                             NX_PACKET_POOL *packet_pool_ptr, NXD_ADDRESS *server_ip_address, ULONG server_port,
                             CHAR *client_name, CHAR *client_password) {
    UINT status;

    if (client_ptr == NX_NULL) {
        return NX_PTR_ERROR;
    }
#ifdef NX_POP3_CLIENT_ENABLE_TLS
    if (APOP_authentication == NX_POP3_CLIENT_OVER_TLS) {
        APOP_authentication = NX_FALSE;
    } else { /* a block full of stack garbage has a mode, too */
        client_ptr->nx_pop3_client_tls_mode = 0;
        client_ptr->nx_pop3_client_tls_status = NX_SUCCESS;
    }
#endif
    client_ptr->nx_pop3_client_id = 0;
    if (ip_ptr == NX_NULL || packet_pool_ptr == NX_NULL || server_ip_address == NX_NULL || client_name == NX_NULL ||
        client_password == NX_NULL) {
        return NX_PTR_ERROR;
    }
    client_ptr->nx_pop3_client_packet_pool_ptr = packet_pool_ptr;
    status =
        settings_set(client_ptr, APOP_authentication, server_ip_address, server_port, client_name, client_password);
    if (ip_ptr->nx_ip_id != NX_IP_ID) {
        status = NX_POP3_PARAM_ERROR;
    }
    if (status == NX_SUCCESS) {
        status =
            nx_tcp_socket_create(ip_ptr, &client_ptr->nx_pop3_client_tcp_socket, "POP3", NX_IP_NORMAL, NX_FRAGMENT_OKAY,
                                 NX_IP_TIME_TO_LIVE, NX_POP3_CLIENT_TCP_WINDOW_SIZE, NX_NULL, NX_NULL);
    }
    if (status == NX_SUCCESS) {
        status = session_open(client_ptr);
        if (status == NX_SUCCESS) {
            client_ptr->nx_pop3_client_id = CLIENT_ID;
            return NX_SUCCESS;
        }
        nx_tcp_socket_delete(&client_ptr->nx_pop3_client_tcp_socket);
    }
    memset(client_ptr, 0, NX_POP3_CLIENT_CLEARED);
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

    if (client_ptr == NX_NULL) {
        return NX_PTR_ERROR;
    }
    if (client_ptr->nx_pop3_client_ready_to_download) { /* QUIT might delete a message that nobody has (R-1939-25) */
        _nx_pop3_client_disconnect(client_ptr, 1);
    }
    status = _nx_pop3_client_simple_command(client_ptr, POP3_QUIT, 0);
    if (pop3_engine_phase(&client_ptr->nx_pop3_client_engine) == POP3_PHASE_CLOSED) {
        _nx_pop3_client_disconnect(client_ptr, NX_POP3_CLIENT_DISCONNECT_TIMEOUT);
    }
    return status;
}

UINT _nx_pop3_client_delete(NX_POP3_CLIENT *client_ptr) {
    UINT status;

    if (client_ptr == NX_NULL) {
        return NX_PTR_ERROR;
    }
    if (client_ptr->nx_pop3_client_id != CLIENT_ID) {
        return NX_SUCCESS;
    }
    _nx_pop3_client_disconnect(client_ptr, NX_POP3_CLIENT_DISCONNECT_TIMEOUT);
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

    if (client_ptr == NX_NULL || number_mail_items == NX_NULL || maildrop_total_size == NX_NULL) {
        return NX_PTR_ERROR;
    }
    *number_mail_items = 0;
    *maildrop_total_size = 0;
    if (client_ptr->nx_pop3_client_id != CLIENT_ID) {
        return NX_POP3_CLIENT_INVALID_STATE;
    }
    if (!_nx_pop3_client_in_transaction(client_ptr)) {
        status = session_open(client_ptr);
    }
    if (status == NX_SUCCESS) {
        status = _nx_pop3_client_command(client_ptr, POP3_STAT, 0, &reply);
    }
    if (status != NX_SUCCESS) {
        return status;
    }
    if (reply.count == 0) {
        return _nx_pop3_client_session_end(client_ptr, NX_POP3_SERVER_ERROR_STATUS);
    }
    client_ptr->nx_pop3_client_mail_status = NX_TRUE;
    *number_mail_items = client_ptr->nx_pop3_client_maildrop_items = reply.numbers[0];
    *maildrop_total_size = client_ptr->nx_pop3_client_total_message_size = reply.numbers[1]; /* 0 if negative */
    return NX_SUCCESS;
}

UINT _nx_pop3_client_mail_item_size_get(NX_POP3_CLIENT *client_ptr, UINT mail_item, ULONG *size) {
    pop3_reply reply;
    UINT status;

    if (size == NX_NULL) {
        return NX_PTR_ERROR;
    }
    *size = 0;
    status = _nx_pop3_client_command(client_ptr, POP3_LIST, mail_item, &reply);
    if (status != NX_SUCCESS) {
        return status;
    }
    if (reply.numbers[0] != mail_item || (reply.count != 2 && reply.numbers[1] == 0)) { /* saturated: not counted */
        return _nx_pop3_client_session_end(client_ptr, NX_POP3_SERVER_ERROR_STATUS);
    }
    client_ptr->nx_pop3_client_maildrop_index = mail_item;
    *size = client_ptr->nx_pop3_client_item_size = reply.numbers[1];
    return NX_SUCCESS;
}

UINT _nx_pop3_client_mail_item_get(NX_POP3_CLIENT *client_ptr, UINT mail_item, ULONG *item_size) {
    pop3_reply reply;
    UINT status;

    if (item_size == NX_NULL) {
        return NX_PTR_ERROR;
    }
    *item_size = 0;
    status = _nx_pop3_client_command(client_ptr, POP3_RETR, mail_item, &reply);
    if (status == NX_SUCCESS) {
        client_ptr->nx_pop3_client_ready_to_download = NX_TRUE;
        if (reply.count != 0 || reply.numbers[0] != 0) { /* saturated: not counted */
            *item_size = reply.numbers[0];
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
        if (memcmp(octets, terminator + sizeof octets - copied, copied) == 0) {
            return 0;
        }
    }
    return (ULONG)event->length;
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

    if (client_ptr == NX_NULL || recv_packet_ptr == NX_NULL || bytes_retrieved == NX_NULL || final_packet == NX_NULL) {
        return NX_PTR_ERROR;
    }
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
                _nx_pop3_client_disconnect(client_ptr, 1);
            }
        }
    }
    return status;
}

/* ---- The names that a build with error checking calls ---- */

NX_POP3_CLIENT_TWIN(_nxde_pop3_client_create, _nxd_pop3_client_create,
                    (NX_POP3_CLIENT * client_ptr, UINT APOP_authentication, NX_IP *ip_ptr,
                     NX_PACKET_POOL *packet_pool_ptr, NXD_ADDRESS *server_ip_address, ULONG server_port,
                     CHAR *client_name, CHAR *client_password),
                    (client_ptr, APOP_authentication, ip_ptr, packet_pool_ptr, server_ip_address, server_port,
                     client_name, client_password))

NX_POP3_CLIENT_TWIN(_nxe_pop3_client_create, _nx_pop3_client_create,
                    (NX_POP3_CLIENT * client_ptr, UINT APOP_authentication, NX_IP *ip_ptr,
                     NX_PACKET_POOL *packet_pool_ptr, ULONG server_ip_address, ULONG server_port, CHAR *client_name,
                     CHAR *client_password),
                    (client_ptr, APOP_authentication, ip_ptr, packet_pool_ptr, server_ip_address, server_port,
                     client_name, client_password))

NX_POP3_CLIENT_TWIN(_nxe_pop3_client_mail_items_get, _nx_pop3_client_mail_items_get,
                    (NX_POP3_CLIENT * client_ptr, UINT *number_mail_items, ULONG *maildrop_total_size),
                    (client_ptr, number_mail_items, maildrop_total_size))

NX_POP3_CLIENT_TWIN(_nxe_pop3_client_mail_item_size_get, _nx_pop3_client_mail_item_size_get,
                    (NX_POP3_CLIENT * client_ptr, UINT mail_item, ULONG *size), (client_ptr, mail_item, size))

NX_POP3_CLIENT_TWIN(_nxe_pop3_client_mail_item_get, _nx_pop3_client_mail_item_get,
                    (NX_POP3_CLIENT * client_ptr, UINT mail_item, ULONG *item_size), (client_ptr, mail_item, item_size))

NX_POP3_CLIENT_TWIN(_nxe_pop3_client_mail_item_message_get, _nx_pop3_client_mail_item_message_get,
                    (NX_POP3_CLIENT * client_ptr, NX_PACKET **recv_packet_ptr, ULONG *bytes_retrieved,
                     UINT *final_packet),
                    (client_ptr, recv_packet_ptr, bytes_retrieved, final_packet))

NX_POP3_CLIENT_TWIN(_nxe_pop3_client_mail_item_delete, _nx_pop3_client_mail_item_delete,
                    (NX_POP3_CLIENT * client_ptr, UINT mail_index), (client_ptr, mail_index))

NX_POP3_CLIENT_TWIN(_nxe_pop3_client_quit, _nx_pop3_client_quit, (NX_POP3_CLIENT * client_ptr), (client_ptr))

NX_POP3_CLIENT_TWIN(_nxe_pop3_client_delete, _nx_pop3_client_delete, (NX_POP3_CLIENT * client_ptr), (client_ptr))
