/* SPDX-License-Identifier: MIT */
/*
 * TLS under a session, with NetX Secure: whom the client takes for the server, and the session's packets. When TLS begins
 * and what is said inside is the other files' business.
 */
#include "nx_pop3_client_internal.h"

#ifdef NX_POP3_CLIENT_ENABLE_TLS

#include "core/engine.h"

/* ---- Packets ---- */

/*
 * A CR that was withheld at the end of the last packet goes into this one's header room (N-56), which NetX Secure's packets
 * do not have: moves the octets on by one.
 */
static UINT header_room_make(NX_POP3_CLIENT *client_ptr) {
    NX_PACKET *packet_ptr = client_ptr->nx_pop3_client_message_ptr;
    NX_PACKET *segment = packet_ptr;
    UCHAR *octet_ptr;
    UCHAR carried = 0;
    UCHAR octet;
    UINT status;

    do {
        for (octet_ptr = segment->nx_packet_prepend_ptr; octet_ptr != segment->nx_packet_append_ptr; octet_ptr++) {
            octet = *octet_ptr;
            *octet_ptr = carried;
            carried = octet;
        }
        segment = _nx_pop3_client_next_segment(segment);
    } while (segment != NX_NULL);
    status = nx_packet_data_append(packet_ptr, &carried, 1, client_ptr->nx_pop3_client_packet_pool_ptr,
                                   NX_POP3_CLIENT_PACKET_TIMEOUT);
    if (status == NX_SUCCESS) {
        packet_ptr->nx_packet_prepend_ptr++;
        packet_ptr->nx_packet_length--;
    }
    return status;
}

UINT _nx_pop3_client_packet_receive(NX_POP3_CLIENT *client_ptr, ULONG wait) {
    UINT status;

    if (!client_ptr->nx_pop3_client_tls_started) {
        return nx_tcp_socket_receive(&client_ptr->nx_pop3_client_tcp_socket, &client_ptr->nx_pop3_client_message_ptr,
                                     wait);
    }
    status = nx_secure_tls_session_receive(client_ptr->nx_pop3_client_tls_session_ptr,
                                           &client_ptr->nx_pop3_client_message_ptr, wait);
    if (status == NX_SUCCESS && client_ptr->nx_pop3_client_engine.dot == DOT_DOT_CR) {
        status = header_room_make(client_ptr);
    }
    return status;
}

UINT _nx_pop3_client_packet_allocate(NX_POP3_CLIENT *client_ptr) {
    if (!client_ptr->nx_pop3_client_tls_started) {
        return nx_packet_allocate(client_ptr->nx_pop3_client_packet_pool_ptr, &client_ptr->nx_pop3_client_message_ptr,
                                  NX_TCP_PACKET, NX_POP3_CLIENT_PACKET_TIMEOUT);
    }
    return nx_secure_tls_packet_allocate(client_ptr->nx_pop3_client_tls_session_ptr,
                                         client_ptr->nx_pop3_client_packet_pool_ptr,
                                         &client_ptr->nx_pop3_client_message_ptr, NX_POP3_CLIENT_PACKET_TIMEOUT);
}

UINT _nx_pop3_client_packet_send(NX_POP3_CLIENT *client_ptr) {
    if (!client_ptr->nx_pop3_client_tls_started) {
        return nx_tcp_socket_send(&client_ptr->nx_pop3_client_tcp_socket, client_ptr->nx_pop3_client_message_ptr,
                                  NX_POP3_TCP_SOCKET_SEND_WAIT);
    }
    return nx_secure_tls_session_send(client_ptr->nx_pop3_client_tls_session_ptr,
                                      client_ptr->nx_pop3_client_message_ptr, NX_POP3_TCP_SOCKET_SEND_WAIT);
}

/* ---- TLS begins and ends ---- */

#define CERTIFICATE_ACCEPTED 1
#define CERTIFICATE_REFUSED 2

/* Called with the server's certificate once its chain is verified. NetX Secure itself compares no name. */
static ULONG certificate_check(NX_SECURE_TLS_SESSION *tls_session, NX_SECURE_X509_CERT *certificate) {
    /* The socket is a member of the block. */
    NX_POP3_CLIENT *client_ptr = (NX_POP3_CLIENT *)(VOID *)((UCHAR *)tls_session->nx_secure_tls_tcp_socket -
                                                            offsetof(NX_POP3_CLIENT, nx_pop3_client_tcp_socket));
    const NX_SECURE_X509_DNS_NAME *name = &client_ptr->nx_pop3_client_server_name;
    ULONG status = nx_secure_x509_common_name_dns_check(certificate, name->nx_secure_x509_dns_name,
                                                        name->nx_secure_x509_dns_name_length);

    if (status == NX_SUCCESS && client_ptr->nx_pop3_client_certificate_callback != NX_NULL) {
        status = client_ptr->nx_pop3_client_certificate_callback(tls_session, certificate);
    }
    client_ptr->nx_pop3_client_certificate = status == NX_SUCCESS ? CERTIFICATE_ACCEPTED : CERTIFICATE_REFUSED;
    return status;
}

/* Statuses below are those of NetX, a time-out say, and tell more than ours. */
#define FIRST_OF_NETX_SECURE NX_SECURE_TLS_SESSION_UNINITIALIZED
#define FIRST_OF_X509 0x181

/* A handshake that has shown no certificate, with a shared key say, has shown no server's name either. */
static UINT handshake_status(const NX_POP3_CLIENT *client_ptr, UINT status) {
    if (client_ptr->nx_pop3_client_certificate == CERTIFICATE_REFUSED ||
        (status == NX_SUCCESS && client_ptr->nx_pop3_client_certificate != CERTIFICATE_ACCEPTED)) {
        return NX_POP3_CERTIFICATE_REFUSED;
    }
    if (status < FIRST_OF_NETX_SECURE) {
        return status;
    }
    switch (status) {
    case NX_SECURE_TLS_UNKNOWN_CERT_SIG_ALGORITHM:
    case NX_SECURE_TLS_CERTIFICATE_SIG_CHECK_FAILED:
    case NX_SECURE_TLS_INVALID_SELF_SIGNED_CERT:
    case NX_SECURE_TLS_ISSUER_CERTIFICATE_NOT_FOUND:
    case NX_SECURE_TLS_EMPTY_REMOTE_CERTIFICATE_RECEIVED: return NX_POP3_CERTIFICATE_REFUSED;
    default: return status < FIRST_OF_X509 ? NX_POP3_TLS_FAILED : NX_POP3_CERTIFICATE_REFUSED;
    }
}

UINT _nx_pop3_client_tls_start(NX_POP3_CLIENT *client_ptr) {
    NX_SECURE_TLS_SESSION *tls_session = client_ptr->nx_pop3_client_tls_session_ptr;
    UINT status = client_ptr->nx_pop3_client_tls_setup(client_ptr, tls_session);

    if (status != NX_SUCCESS) {
        return status;
    }
    client_ptr->nx_pop3_client_tls_started = NX_TRUE;
    client_ptr->nx_pop3_client_certificate_callback = tls_session->nx_secure_tls_session_certificate_callback;
    status = nx_secure_tls_session_certificate_callback_set(tls_session, certificate_check);
    if (status == NX_SUCCESS) {
        status = nx_secure_tls_session_sni_extension_set(tls_session, &client_ptr->nx_pop3_client_server_name);
    }
    if (status == NX_SUCCESS) {
        status = nx_secure_tls_session_start(tls_session, &client_ptr->nx_pop3_client_tcp_socket,
                                             NX_POP3_SERVER_REPLY_TIMEOUT);
    }
    client_ptr->nx_pop3_client_tls_status = status;
    return handshake_status(client_ptr, status);
}

VOID _nx_pop3_client_tls_end(NX_POP3_CLIENT *client_ptr, ULONG wait) {
    if (client_ptr->nx_pop3_client_tls_started) {
        nx_secure_tls_session_end(client_ptr->nx_pop3_client_tls_session_ptr, (UINT)wait);
        nx_secure_tls_session_delete(client_ptr->nx_pop3_client_tls_session_ptr);
        client_ptr->nx_pop3_client_tls_started = NX_FALSE;
    }
}

#endif
