/* SPDX-License-Identifier: MIT */
/* TLS sessions as NetX Secure has them; clients only. OpenSSL holds the state of a connection. */
#ifndef NX_SECURE_TLS_H
#define NX_SECURE_TLS_H

#include "nx_secure_x509.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NX_SECURE_TLS_ID ((ULONG)0x544c5320)

#define NX_SECURE_TLS_SUCCESS 0
#define NX_SECURE_TLS_SESSION_UNINITIALIZED 0x101
#define NX_SECURE_TLS_INVALID_PACKET 0x104
#define NX_SECURE_TLS_HANDSHAKE_FAILURE 0x107
#define NX_SECURE_TLS_UNKNOWN_TLS_VERSION 0x10F
#define NX_SECURE_TLS_ALERT_RECEIVED 0x114
#define NX_SECURE_TLS_UNKNOWN_CERT_SIG_ALGORITHM 0x116
#define NX_SECURE_TLS_CERTIFICATE_SIG_CHECK_FAILED 0x117
#define NX_SECURE_TLS_INVALID_SELF_SIGNED_CERT 0x11A
#define NX_SECURE_TLS_ISSUER_CERTIFICATE_NOT_FOUND 0x11B
#define NX_SECURE_TLS_INSUFFICIENT_CERT_SPACE 0x12D
#define NX_SECURE_TLS_PROTOCOL_VERSION_CHANGED 0x12E
#define NX_SECURE_TLS_EMPTY_REMOTE_CERTIFICATE_RECEIVED 0x132
#define NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL 0x135
#define NX_SECURE_TLS_INSUFFICIENT_METADATA_SPACE 0x13F
#define NX_SECURE_TLS_AEAD_DECRYPT_FAIL 0x150
#define NX_SECURE_TLS_RECORD_OVERFLOW 0x151

#define NX_SECURE_TLS_MAX_PLAINTEXT_LENGTH 16384
#ifndef NX_SECURE_TLS_MINIMUM_MESSAGE_BUFFER_SIZE
#define NX_SECURE_TLS_MINIMUM_MESSAGE_BUFFER_SIZE 4000
#endif

/* Which algorithms there are is OpenSSL's business: the table that applications name says nothing. */
typedef struct NX_SECURE_TLS_CRYPTO_STRUCT {
    const CHAR *nxhost_name;
} NX_SECURE_TLS_CRYPTO;

extern const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers;

typedef struct NX_SECURE_TLS_SESSION_STRUCT {
    ULONG nx_secure_tls_id;
    NX_TCP_SOCKET *nx_secure_tls_tcp_socket;
    UCHAR *nx_secure_tls_packet_buffer;
    ULONG nx_secure_tls_packet_buffer_size;
    NX_SECURE_X509_DNS_NAME *nx_secure_tls_sni_extension_server_name;
    ULONG (*nx_secure_tls_session_time_function)(VOID);
    ULONG(*nx_secure_tls_session_certificate_callback)
    (struct NX_SECURE_TLS_SESSION_STRUCT *session, NX_SECURE_X509_CERT *certificate);
    NX_SECURE_X509_CERT *nxhost_trusted;
    NX_SECURE_X509_CERT *nxhost_remote; /* room for the server's certificate */
    struct nxhost_tls *nxhost_tls;      /* from session_start until the session is reset */
} NX_SECURE_TLS_SESSION;

#ifdef __cplusplus
}
#endif

#endif
