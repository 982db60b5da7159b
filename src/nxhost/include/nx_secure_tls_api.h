/* SPDX-License-Identifier: MIT */
/* NetX Secure's TLS for clients: what a NetX application needs to speak TLS 1.2 and 1.3 with a server it verifies. */
#ifndef NX_SECURE_TLS_API_H
#define NX_SECURE_TLS_API_H

#include "nx_secure_tls.h"

#ifdef __cplusplus
extern "C" {
#endif

VOID _nx_secure_tls_initialize(VOID);

UINT _nx_secure_tls_session_create(NX_SECURE_TLS_SESSION *session, const NX_SECURE_TLS_CRYPTO *cipher_table,
                                   VOID *metadata_area, ULONG metadata_size);
UINT _nx_secure_tls_session_delete(NX_SECURE_TLS_SESSION *session);
UINT _nx_secure_tls_session_packet_buffer_set(NX_SECURE_TLS_SESSION *session, UCHAR *buffer, ULONG buffer_size);
UINT _nx_secure_tls_remote_certificate_allocate(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate,
                                                UCHAR *raw_certificate_buffer, UINT buffer_size);
UINT _nx_secure_tls_trusted_certificate_add(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate);
UINT _nx_secure_tls_session_sni_extension_set(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_DNS_NAME *dns_name);
UINT _nx_secure_tls_session_certificate_callback_set(NX_SECURE_TLS_SESSION *session,
                                                     ULONG (*callback)(NX_SECURE_TLS_SESSION *, NX_SECURE_X509_CERT *));
UINT _nx_secure_tls_session_time_function_set(NX_SECURE_TLS_SESSION *session, ULONG (*time_function)(VOID));
UINT _nx_secure_tls_session_start(NX_SECURE_TLS_SESSION *session, NX_TCP_SOCKET *socket, UINT wait);
UINT _nx_secure_tls_packet_allocate(NX_SECURE_TLS_SESSION *session, NX_PACKET_POOL *pool, NX_PACKET **packet,
                                    ULONG wait);
UINT _nx_secure_tls_session_send(NX_SECURE_TLS_SESSION *session, NX_PACKET *packet, ULONG wait);
UINT _nx_secure_tls_session_receive(NX_SECURE_TLS_SESSION *session, NX_PACKET **packet, ULONG wait);
UINT _nx_secure_tls_session_end(NX_SECURE_TLS_SESSION *session, UINT wait);

UINT _nxe_secure_tls_session_create(NX_SECURE_TLS_SESSION *session, const NX_SECURE_TLS_CRYPTO *cipher_table,
                                    VOID *metadata_area, ULONG metadata_size);
UINT _nxe_secure_tls_session_delete(NX_SECURE_TLS_SESSION *session);
UINT _nxe_secure_tls_session_packet_buffer_set(NX_SECURE_TLS_SESSION *session, UCHAR *buffer, ULONG buffer_size);
UINT _nxe_secure_tls_remote_certificate_allocate(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate,
                                                 UCHAR *raw_certificate_buffer, UINT buffer_size);
UINT _nxe_secure_tls_trusted_certificate_add(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate);
UINT _nxe_secure_tls_session_sni_extension_set(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_DNS_NAME *dns_name);
UINT _nxe_secure_tls_session_certificate_callback_set(NX_SECURE_TLS_SESSION *session,
                                                      ULONG (*callback)(NX_SECURE_TLS_SESSION *,
                                                                        NX_SECURE_X509_CERT *));
UINT _nxe_secure_tls_session_time_function_set(NX_SECURE_TLS_SESSION *session, ULONG (*time_function)(VOID));
UINT _nxe_secure_tls_session_start(NX_SECURE_TLS_SESSION *session, NX_TCP_SOCKET *socket, UINT wait);
UINT _nxe_secure_tls_packet_allocate(NX_SECURE_TLS_SESSION *session, NX_PACKET_POOL *pool, NX_PACKET **packet,
                                     ULONG wait);
UINT _nxe_secure_tls_session_send(NX_SECURE_TLS_SESSION *session, NX_PACKET *packet, ULONG wait);
UINT _nxe_secure_tls_session_receive(NX_SECURE_TLS_SESSION *session, NX_PACKET **packet, ULONG wait);
UINT _nxe_secure_tls_session_end(NX_SECURE_TLS_SESSION *session, UINT wait);

#define nx_secure_tls_initialize _nx_secure_tls_initialize

#ifdef NX_SECURE_DISABLE_ERROR_CHECKING
#define nx_secure_tls_session_create _nx_secure_tls_session_create
#define nx_secure_tls_session_delete _nx_secure_tls_session_delete
#define nx_secure_tls_session_packet_buffer_set _nx_secure_tls_session_packet_buffer_set
#define nx_secure_tls_remote_certificate_allocate _nx_secure_tls_remote_certificate_allocate
#define nx_secure_tls_trusted_certificate_add _nx_secure_tls_trusted_certificate_add
#define nx_secure_tls_session_sni_extension_set _nx_secure_tls_session_sni_extension_set
#define nx_secure_tls_session_certificate_callback_set _nx_secure_tls_session_certificate_callback_set
#define nx_secure_tls_session_time_function_set _nx_secure_tls_session_time_function_set
#define nx_secure_tls_session_start _nx_secure_tls_session_start
#define nx_secure_tls_packet_allocate _nx_secure_tls_packet_allocate
#define nx_secure_tls_session_send _nx_secure_tls_session_send
#define nx_secure_tls_session_receive _nx_secure_tls_session_receive
#define nx_secure_tls_session_end _nx_secure_tls_session_end
#else
#define nx_secure_tls_session_create _nxe_secure_tls_session_create
#define nx_secure_tls_session_delete _nxe_secure_tls_session_delete
#define nx_secure_tls_session_packet_buffer_set _nxe_secure_tls_session_packet_buffer_set
#define nx_secure_tls_remote_certificate_allocate _nxe_secure_tls_remote_certificate_allocate
#define nx_secure_tls_trusted_certificate_add _nxe_secure_tls_trusted_certificate_add
#define nx_secure_tls_session_sni_extension_set _nxe_secure_tls_session_sni_extension_set
#define nx_secure_tls_session_certificate_callback_set _nxe_secure_tls_session_certificate_callback_set
#define nx_secure_tls_session_time_function_set _nxe_secure_tls_session_time_function_set
#define nx_secure_tls_session_start _nxe_secure_tls_session_start
#define nx_secure_tls_packet_allocate _nxe_secure_tls_packet_allocate
#define nx_secure_tls_session_send _nxe_secure_tls_session_send
#define nx_secure_tls_session_receive _nxe_secure_tls_session_receive
#define nx_secure_tls_session_end _nxe_secure_tls_session_end
#endif

#ifdef __cplusplus
}
#endif

#endif
