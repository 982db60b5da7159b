/* SPDX-License-Identifier: MIT */
/* TLS over a TCP socket: handshake, records in and out, the end. OpenSSL computes between two buffers; packets carry what
 * is in them. */
#include "hooks.h"
#include "packet.h"
#include "secure.h"

#include <openssl/err.h>

#define RECORD_HEADER 5
#define LEAST_RECORD (RECORD_HEADER + 2) /* an alert's */

/* --- OpenSSL's side ---------------------------------------------------------------------------------------------- */

/* NetX Secure puts a record together in the session's packet buffer. */
static void note_record(int written, int version, int type, const void *octets, size_t n, SSL *ssl, void *context) {
    struct nxhost_tls *tls = context;
    const UCHAR *header = octets;
    (void)version;
    (void)ssl;
    if (!written && type == SSL3_RT_HEADER && n == RECORD_HEADER &&
        (ULONG)(header[3] << 8 | header[4]) > tls->session->nx_secure_tls_packet_buffer_size) {
        tls->failure = NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL;
    }
}

static bool name_server(const struct nxhost_tls *tls) {
    const NX_SECURE_X509_DNS_NAME *name = tls->session->nx_secure_tls_sni_extension_server_name;
    CHAR text[NX_SECURE_X509_DNS_NAME_MAX + 1] = {0};
    if (name == NULL) {
        return true;
    }
    memcpy(text, name->nx_secure_x509_dns_name, name->nx_secure_x509_dns_name_length);
    return SSL_set_tlsext_host_name(tls->ssl, text) == 1;
}

static bool prepare(struct nxhost_tls *tls) {
    tls->context = SSL_CTX_new(TLS_client_method());
    if (tls->context == NULL || !secure_verify_prepare(tls) ||
        SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION) != 1) {
        return false;
    }
    SSL_CTX_set_options(tls->context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_msg_callback(tls->context, note_record);
    SSL_CTX_set_msg_callback_arg(tls->context, tls);
    tls->ssl = SSL_new(tls->context);
    tls->received = BIO_new(BIO_s_mem());
    tls->written = BIO_new(BIO_s_mem());
    if (tls->ssl == NULL || tls->received == NULL || tls->written == NULL) {
        BIO_free(tls->received);
        BIO_free(tls->written);
        return false;
    }
    SSL_set_bio(tls->ssl, tls->received, tls->written);
    return name_server(tls);
}

struct nxhost_tls *secure_tls_new(NX_SECURE_TLS_SESSION *session) {
    struct nxhost_tls *tls = OPENSSL_zalloc(sizeof *tls);
    if (tls == NULL) {
        return NULL;
    }
    tls->session = session;
    if (!prepare(tls)) {
        secure_tls_free(tls);
        return NULL;
    }
    return tls;
}

void secure_tls_free(struct nxhost_tls *tls) {
    if (tls != NULL) {
        SSL_free(tls->ssl);
        SSL_CTX_free(tls->context);
        OPENSSL_free(tls->der);
        OPENSSL_free(tls);
    }
}

/* Why OpenSSL's last call failed. no_record: what came is none; otherwise: NetX Secure has no word of its own for it. */
static UINT failure_of(const struct nxhost_tls *tls, UINT no_record, UINT otherwise) {
    int reason = ERR_GET_REASON(ERR_peek_error());
    if (tls->failure != NX_SUCCESS) {
        return tls->failure;
    }
    if (reason >= SSL_AD_REASON_OFFSET) {
        return NX_SECURE_TLS_ALERT_RECEIVED;
    }
    switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER: return no_record;
    case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC: return NX_SECURE_TLS_AEAD_DECRYPT_FAIL;
    default: return otherwise;
    }
}

/* --- Packets ----------------------------------------------------------------------------------------------------- */

static NX_PACKET_POOL *pool_of(const NX_SECURE_TLS_SESSION *session) {
    return session->nx_secure_tls_tcp_socket->nx_tcp_socket_ip_ptr->nx_ip_default_packet_pool;
}

/* Sends the records that OpenSSL has written. */
static UINT send_written(const struct nxhost_tls *tls, ULONG wait) {
    NX_TCP_SOCKET *socket = tls->session->nx_secure_tls_tcp_socket;
    UINT status = NX_SUCCESS;
    while (status == NX_SUCCESS && BIO_ctrl_pending(tls->written) > 0) {
        NX_PACKET *packet;
        status = _nx_packet_allocate(pool_of(tls->session), &packet, NX_TCP_PACKET, wait);
        if (status == NX_SUCCESS) {
            int room = (int)(packet->nx_packet_data_end - packet->nx_packet_append_ptr);
            int n = BIO_read(tls->written, packet->nx_packet_append_ptr, room);
            packet->nx_packet_length = n > 0 ? (ULONG)n : 0;
            packet->nx_packet_append_ptr += packet->nx_packet_length;
            status = _nx_tcp_socket_send(socket, packet, wait);
            if (status != NX_SUCCESS) {
                packet_give_back(packet);
            }
        }
    }
    return status;
}

/* Takes one packet from the socket to OpenSSL. */
static UINT receive_records(const struct nxhost_tls *tls, ULONG wait) {
    NX_PACKET *packet;
    UINT status = _nx_tcp_socket_receive(tls->session->nx_secure_tls_tcp_socket, &packet, wait);
    if (status != NX_SUCCESS) {
        return status;
    }
    for (const NX_PACKET *segment = packet; segment != NULL; segment = segment->nx_packet_next) {
        BIO_write(tls->received, segment->nx_packet_prepend_ptr, (int)packet_segment_length(segment));
    }
    packet_give_back(packet);
    return NX_SUCCESS;
}

/* --- Sessions ---------------------------------------------------------------------------------------------------- */

/* NX_CONTINUE: records of the server's are missing. */
static UINT step_on(struct nxhost_tls *tls) {
    ERR_clear_error();
    int done = SSL_connect(tls->ssl);
    if (done == 1 && tls->failure == NX_SUCCESS) {
        return NX_SUCCESS;
    }
    return tls->failure == NX_SUCCESS && SSL_get_error(tls->ssl, done) == SSL_ERROR_WANT_READ
               ? NX_CONTINUE
               : failure_of(tls, NX_SECURE_TLS_UNKNOWN_TLS_VERSION, NX_SECURE_TLS_HANDSHAKE_FAILURE);
}

static UINT handshake(struct nxhost_tls *tls, ULONG wait) {
    for (;;) {
        UINT progress = step_on(tls);
        UINT status = send_written(tls, wait); /* an alert, too */
        if (progress != NX_CONTINUE) {
            return progress != NX_SUCCESS ? progress : status;
        }
        if (status == NX_SUCCESS) {
            status = receive_records(tls, wait);
        }
        if (status != NX_SUCCESS) {
            return status;
        }
    }
}

UINT _nx_secure_tls_session_start(NX_SECURE_TLS_SESSION *session, NX_TCP_SOCKET *socket, UINT wait) {
    UINT status;
    if (hooks_fail(NXHOST_SECURE_TLS_SESSION_START, &status)) {
        return status;
    }
    session->nx_secure_tls_tcp_socket = socket;
    secure_session_reset(session);
    session->nxhost_tls = secure_tls_new(session);
    status =
        session->nxhost_tls != NULL ? handshake(session->nxhost_tls, wait) : NX_SECURE_TLS_INSUFFICIENT_METADATA_SPACE;
    if (status != NX_SUCCESS) {
        secure_session_reset(session);
    }
    return status;
}

UINT _nxe_secure_tls_session_start(NX_SECURE_TLS_SESSION *session, NX_TCP_SOCKET *socket, UINT wait) {
    UINT error = socket == NULL ? NX_PTR_ERROR : secure_session_error(session);
    return error != NX_SUCCESS ? error : _nx_secure_tls_session_start(session, socket, wait);
}

UINT _nx_secure_tls_session_end(NX_SECURE_TLS_SESSION *session, UINT wait) {
    UINT status;
    struct nxhost_tls *tls = session->nxhost_tls;
    bool fails = hooks_fail(NXHOST_SECURE_TLS_SESSION_END, &status);
    if (!fails) {
        status = NX_SUCCESS;
    }
    if (!fails && tls != NULL) {
        SSL_shutdown(tls->ssl);
        status = send_written(tls, wait);
    }
    secure_session_reset(session);
    return status;
}

UINT _nxe_secure_tls_session_end(NX_SECURE_TLS_SESSION *session, UINT wait) {
    UINT error = secure_session_error(session);
    return error != NX_SUCCESS ? error : _nx_secure_tls_session_end(session, wait);
}

/* An error in mid-session: its keys are forgotten. */
static UINT broken(NX_SECURE_TLS_SESSION *session, UINT status) {
    secure_session_reset(session);
    return status;
}

/* --- Sending ----------------------------------------------------------------------------------------------------- */

UINT _nx_secure_tls_packet_allocate(NX_SECURE_TLS_SESSION *session, NX_PACKET_POOL *pool, NX_PACKET **packet,
                                    ULONG wait) {
    bool v4 = session->nx_secure_tls_tcp_socket->nx_tcp_socket_connect_ip.nxd_ip_version == NX_IP_VERSION_V4;
    UINT status = _nx_packet_allocate(pool, packet, v4 ? NX_IPv4_TCP_PACKET : NX_IPv6_TCP_PACKET, wait);
    if (status != NX_SUCCESS) {
        return status;
    }
    if ((*packet)->nx_packet_data_end - (*packet)->nx_packet_prepend_ptr < LEAST_RECORD) {
        packet_give_back(*packet);
        *packet = NULL;
        return NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL;
    }
    (*packet)->nx_packet_prepend_ptr += RECORD_HEADER;
    (*packet)->nx_packet_append_ptr = (*packet)->nx_packet_prepend_ptr;
    return NX_SUCCESS;
}

static bool is_connected(const NX_SECURE_TLS_SESSION *session) {
    return session->nx_secure_tls_tcp_socket != NULL &&
           session->nx_secure_tls_tcp_socket->nx_tcp_socket_state == NX_TCP_ESTABLISHED;
}

UINT _nxe_secure_tls_packet_allocate(NX_SECURE_TLS_SESSION *session, NX_PACKET_POOL *pool, NX_PACKET **packet,
                                     ULONG wait) {
    UINT error = secure_session_error(session);
    if (error == NX_SUCCESS && !is_connected(session)) {
        error = NX_SECURE_TLS_SESSION_UNINITIALIZED;
    }
    return error != NX_SUCCESS ? error : _nx_secure_tls_packet_allocate(session, pool, packet, wait);
}

/* A packet's octets as one record. */
static bool write_record(const struct nxhost_tls *tls, const NX_PACKET *packet) {
    UCHAR octets[NX_SECURE_TLS_MAX_PLAINTEXT_LENGTH];
    size_t n = 0;
    for (; packet != NULL; packet = packet->nx_packet_next) {
        ULONG length = packet_segment_length(packet);
        if (length > sizeof octets - n) {
            return false;
        }
        memcpy(octets + n, packet->nx_packet_prepend_ptr, length);
        n += length;
    }
    ERR_clear_error();
    return SSL_write(tls->ssl, octets, (int)n) == (int)n;
}

UINT _nx_secure_tls_session_send(NX_SECURE_TLS_SESSION *session, NX_PACKET *packet, ULONG wait) {
    UINT status;
    struct nxhost_tls *tls = session->nxhost_tls;
    if (hooks_fail(NXHOST_SECURE_TLS_SESSION_SEND, &status)) {
        return status;
    }
    if (tls == NULL) {
        return NX_SECURE_TLS_SESSION_UNINITIALIZED;
    }
    status = write_record(tls, packet) ? send_written(tls, wait) : NX_SECURE_TLS_RECORD_OVERFLOW;
    if (status != NX_SUCCESS) {
        return broken(session, status);
    }
    packet_give_back(packet);
    return NX_SUCCESS;
}

UINT _nxe_secure_tls_session_send(NX_SECURE_TLS_SESSION *session, NX_PACKET *packet, ULONG wait) {
    if (packet == NULL) {
        return NX_PTR_ERROR;
    }
    UINT error = secure_session_error(session);
    if (error == NX_SUCCESS && packet->nx_packet_length == 0) {
        error = NX_INVALID_PACKET;
    }
    return error != NX_SUCCESS ? error : _nx_secure_tls_session_send(session, packet, wait);
}

/* --- Receiving --------------------------------------------------------------------------------------------------- */

/* A record's octets as one packet or chain, which has no header room: the real one has none either. */
static UINT deliver(const struct nxhost_tls *tls, UCHAR *octets, size_t room, int n, NX_PACKET **packet, ULONG wait) {
    NX_PACKET_POOL *pool = pool_of(tls->session);
    UINT status = _nx_packet_allocate(pool, packet, 0, wait);
    if (status != NX_SUCCESS) {
        return status;
    }
    do {
        status = _nx_packet_data_append(*packet, octets, (ULONG)n, pool, wait);
        n = status == NX_SUCCESS && SSL_pending(tls->ssl) > 0 ? SSL_read(tls->ssl, octets, (int)room) : 0;
    } while (n > 0);
    if (status != NX_SUCCESS) {
        packet_give_back(*packet);
        *packet = NULL;
    }
    return status;
}

UINT _nx_secure_tls_session_receive(NX_SECURE_TLS_SESSION *session, NX_PACKET **packet, ULONG wait) {
    UCHAR octets[2048];
    UINT status;
    struct nxhost_tls *tls = session->nxhost_tls;
    *packet = NULL;
    if (hooks_fail(NXHOST_SECURE_TLS_SESSION_RECEIVE, &status)) {
        return status;
    }
    if (tls == NULL) {
        return NX_SECURE_TLS_SESSION_UNINITIALIZED;
    }
    for (;;) {
        ERR_clear_error();
        int n = SSL_read(tls->ssl, octets, sizeof octets);
        int error = SSL_get_error(tls->ssl, n);
        if (n > 0 && tls->failure == NX_SUCCESS) {
            status = deliver(tls, octets, sizeof octets, n, packet, wait);
            return status == NX_SUCCESS ? NX_SUCCESS : broken(session, status);
        }
        if (error != SSL_ERROR_WANT_READ || tls->failure != NX_SUCCESS) {
            status = error == SSL_ERROR_ZERO_RETURN
                         ? NX_SECURE_TLS_ALERT_RECEIVED
                         : failure_of(tls, NX_SECURE_TLS_PROTOCOL_VERSION_CHANGED, NX_SECURE_TLS_INVALID_PACKET);
            send_written(tls, wait); /* an alert */
            return broken(session, status);
        }
        status = receive_records(tls, wait);
        if (status != NX_SUCCESS) {
            return status;
        }
    }
}

UINT _nxe_secure_tls_session_receive(NX_SECURE_TLS_SESSION *session, NX_PACKET **packet, ULONG wait) {
    UINT error = packet == NULL ? NX_PTR_ERROR : secure_session_error(session);
    return error != NX_SUCCESS ? error : _nx_secure_tls_session_receive(session, packet, wait);
}
