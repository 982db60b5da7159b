/* SPDX-License-Identifier: MIT */
/* The shape of nx_secure_tls_api.h: what src/netx names of NetX Secure. For measuring only. */
#ifndef NX_SECURE_TLS_API_H
#define NX_SECURE_TLS_API_H

#include "nx_api.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NX_SECURE_TLS_SESSION_UNINITIALIZED 0x101
#define NX_SECURE_TLS_UNKNOWN_CERT_SIG_ALGORITHM 0x116
#define NX_SECURE_TLS_CERTIFICATE_SIG_CHECK_FAILED 0x117
#define NX_SECURE_TLS_INVALID_SELF_SIGNED_CERT 0x11A
#define NX_SECURE_TLS_ISSUER_CERTIFICATE_NOT_FOUND 0x11B
#define NX_SECURE_TLS_EMPTY_REMOTE_CERTIFICATE_RECEIVED 0x132

#define NX_SECURE_X509_DNS_NAME_MAX 100

typedef struct NX_SECURE_X509_DNS_NAME_STRUCT {
    UCHAR nx_secure_x509_dns_name[NX_SECURE_X509_DNS_NAME_MAX];
    USHORT nx_secure_x509_dns_name_length;
} NX_SECURE_X509_DNS_NAME;

typedef struct NX_SECURE_X509_CERT_STRUCT NX_SECURE_X509_CERT;

/* The two members lie far inside the real one: loads need a long offset there, too. */
typedef struct NX_SECURE_TLS_SESSION_STRUCT {
    ULONG shape_handshake[64];
    NX_TCP_SOCKET *nx_secure_tls_tcp_socket;
    ULONG shape_keys[256];
    ULONG(*nx_secure_tls_session_certificate_callback)
    (struct NX_SECURE_TLS_SESSION_STRUCT *session, NX_SECURE_X509_CERT *certificate);
} NX_SECURE_TLS_SESSION;

#ifdef NX_SECURE_DISABLE_ERROR_CHECKING
#define nx_secure_tls_packet_allocate _nx_secure_tls_packet_allocate
#define nx_secure_tls_session_certificate_callback_set _nx_secure_tls_session_certificate_callback_set
#define nx_secure_tls_session_delete _nx_secure_tls_session_delete
#define nx_secure_tls_session_end _nx_secure_tls_session_end
#define nx_secure_tls_session_receive _nx_secure_tls_session_receive
#define nx_secure_tls_session_send _nx_secure_tls_session_send
#define nx_secure_tls_session_sni_extension_set _nx_secure_tls_session_sni_extension_set
#define nx_secure_tls_session_start _nx_secure_tls_session_start
#define nx_secure_x509_common_name_dns_check _nx_secure_x509_common_name_dns_check
#define nx_secure_x509_dns_name_initialize _nx_secure_x509_dns_name_initialize
#else
#define nx_secure_tls_packet_allocate _nxe_secure_tls_packet_allocate
#define nx_secure_tls_session_certificate_callback_set _nxe_secure_tls_session_certificate_callback_set
#define nx_secure_tls_session_delete _nxe_secure_tls_session_delete
#define nx_secure_tls_session_end _nxe_secure_tls_session_end
#define nx_secure_tls_session_receive _nxe_secure_tls_session_receive
#define nx_secure_tls_session_send _nxe_secure_tls_session_send
#define nx_secure_tls_session_sni_extension_set _nxe_secure_tls_session_sni_extension_set
#define nx_secure_tls_session_start _nxe_secure_tls_session_start
#define nx_secure_x509_common_name_dns_check _nxe_secure_x509_common_name_dns_check
#define nx_secure_x509_dns_name_initialize _nxe_secure_x509_dns_name_initialize
#endif

UINT nx_secure_tls_packet_allocate(NX_SECURE_TLS_SESSION *session, NX_PACKET_POOL *pool, NX_PACKET **packet,
                                   ULONG wait);
UINT nx_secure_tls_session_certificate_callback_set(NX_SECURE_TLS_SESSION *session,
                                                    ULONG (*callback)(NX_SECURE_TLS_SESSION *, NX_SECURE_X509_CERT *));
UINT nx_secure_tls_session_delete(NX_SECURE_TLS_SESSION *session);
UINT nx_secure_tls_session_end(NX_SECURE_TLS_SESSION *session, UINT wait);
UINT nx_secure_tls_session_receive(NX_SECURE_TLS_SESSION *session, NX_PACKET **packet, ULONG wait);
UINT nx_secure_tls_session_send(NX_SECURE_TLS_SESSION *session, NX_PACKET *packet, ULONG wait);
UINT nx_secure_tls_session_sni_extension_set(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_DNS_NAME *dns_name);
UINT nx_secure_tls_session_start(NX_SECURE_TLS_SESSION *session, NX_TCP_SOCKET *socket, UINT wait);
UINT nx_secure_x509_common_name_dns_check(NX_SECURE_X509_CERT *certificate, const UCHAR *dns_name, UINT length);
UINT nx_secure_x509_dns_name_initialize(NX_SECURE_X509_DNS_NAME *dns_name, const UCHAR *name, USHORT length);

#ifdef __cplusplus
}
#endif
#endif
