/* SPDX-License-Identifier: MIT */
/* TLS sessions: made, set up and taken away. What goes over the connection is nx_secure_stream.c's business. */
#include "hooks.h"
#include "sched.h"
#include "secure.h"

const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers = {"OpenSSL"};

/* Nothing to prepare: OpenSSL does so by itself. */
VOID _nx_secure_tls_initialize(VOID) {}

UINT secure_session_error(const NX_SECURE_TLS_SESSION *session) {
    if (session == NULL) {
        return NX_PTR_ERROR;
    }
    if (session->nx_secure_tls_id != NX_SECURE_TLS_ID) {
        return NX_SECURE_TLS_SESSION_UNINITIALIZED;
    }
    return sched_self() == NULL ? NX_CALLER_ERROR : NX_SUCCESS;
}

UINT _nx_secure_tls_session_create(NX_SECURE_TLS_SESSION *session, const NX_SECURE_TLS_CRYPTO *cipher_table,
                                   VOID *metadata_area, ULONG metadata_size) {
    NX_PARAMETER_NOT_USED(cipher_table);
    NX_PARAMETER_NOT_USED(metadata_area);
    NX_PARAMETER_NOT_USED(metadata_size);
    memset(session, 0, sizeof *session);
    session->nx_secure_tls_id = NX_SECURE_TLS_ID;
    return NX_SUCCESS;
}

UINT _nxe_secure_tls_session_create(NX_SECURE_TLS_SESSION *session, const NX_SECURE_TLS_CRYPTO *cipher_table,
                                    VOID *metadata_area, ULONG metadata_size) {
    if (session == NULL || cipher_table == NULL || metadata_area == NULL ||
        session->nx_secure_tls_id == NX_SECURE_TLS_ID) {
        return NX_PTR_ERROR;
    }
    return sched_self() == NULL ? NX_CALLER_ERROR
                                : _nx_secure_tls_session_create(session, cipher_table, metadata_area, metadata_size);
}

void secure_session_reset(NX_SECURE_TLS_SESSION *session) {
    secure_tls_free(session->nxhost_tls);
    session->nxhost_tls = NULL;
}

UINT _nx_secure_tls_session_delete(NX_SECURE_TLS_SESSION *session) {
    secure_session_reset(session);
    session->nx_secure_tls_id = 0;
    return NX_SUCCESS;
}

UINT _nxe_secure_tls_session_delete(NX_SECURE_TLS_SESSION *session) {
    UINT error = secure_session_error(session);
    if (error == NX_SECURE_TLS_SESSION_UNINITIALIZED) { /* it is in no list of created ones */
        error = NX_PTR_ERROR;
    }
    return error != NX_SUCCESS ? error : _nx_secure_tls_session_delete(session);
}

/* --- What the application sets ----------------------------------------------------------------------------------- */

UINT _nx_secure_tls_session_packet_buffer_set(NX_SECURE_TLS_SESSION *session, UCHAR *buffer, ULONG buffer_size) {
    session->nx_secure_tls_packet_buffer = buffer;
    session->nx_secure_tls_packet_buffer_size = buffer_size;
    return NX_SUCCESS;
}

UINT _nxe_secure_tls_session_packet_buffer_set(NX_SECURE_TLS_SESSION *session, UCHAR *buffer, ULONG buffer_size) {
    if (session == NULL || buffer == NULL) {
        return NX_PTR_ERROR;
    }
    if (buffer_size < NX_SECURE_TLS_MINIMUM_MESSAGE_BUFFER_SIZE) {
        return NX_INVALID_PARAMETERS;
    }
    UINT error = secure_session_error(session);
    return error != NX_SUCCESS ? error : _nx_secure_tls_session_packet_buffer_set(session, buffer, buffer_size);
}

UINT _nx_secure_tls_remote_certificate_allocate(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate,
                                                UCHAR *raw_certificate_buffer, UINT buffer_size) {
    memset(certificate, 0, sizeof *certificate);
    certificate->nx_secure_x509_certificate_raw_data = raw_certificate_buffer;
    certificate->nx_secure_x509_certificate_raw_buffer_size = buffer_size;
    certificate->nx_secure_x509_next_certificate = session->nxhost_remote;
    session->nxhost_remote = certificate;
    return NX_SUCCESS;
}

UINT _nxe_secure_tls_remote_certificate_allocate(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate,
                                                 UCHAR *raw_certificate_buffer, UINT buffer_size) {
    if (session == NULL || certificate == NULL || raw_certificate_buffer == NULL) {
        return NX_PTR_ERROR;
    }
    UINT error = secure_session_error(session);
    if (error == NX_SUCCESS && buffer_size == 0) {
        error = NX_SECURE_TLS_INSUFFICIENT_CERT_SPACE;
    }
    return error != NX_SUCCESS
               ? error
               : _nx_secure_tls_remote_certificate_allocate(session, certificate, raw_certificate_buffer, buffer_size);
}

UINT _nx_secure_tls_trusted_certificate_add(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate) {
    certificate->nx_secure_x509_next_certificate = session->nxhost_trusted;
    session->nxhost_trusted = certificate;
    return NX_SUCCESS;
}

UINT _nxe_secure_tls_trusted_certificate_add(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate) {
    UINT error = certificate == NULL ? NX_PTR_ERROR : secure_session_error(session);
    return error != NX_SUCCESS ? error : _nx_secure_tls_trusted_certificate_add(session, certificate);
}

UINT _nx_secure_tls_session_sni_extension_set(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_DNS_NAME *dns_name) {
    UINT status;
    if (hooks_fail(NXHOST_SECURE_TLS_SESSION_SNI_EXTENSION_SET, &status)) {
        return status;
    }
    session->nx_secure_tls_sni_extension_server_name = dns_name;
    return NX_SUCCESS;
}

UINT _nxe_secure_tls_session_sni_extension_set(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_DNS_NAME *dns_name) {
    UINT error = dns_name == NULL ? NX_PTR_ERROR : secure_session_error(session);
    return error != NX_SUCCESS ? error : _nx_secure_tls_session_sni_extension_set(session, dns_name);
}

UINT _nx_secure_tls_session_certificate_callback_set(NX_SECURE_TLS_SESSION *session,
                                                     ULONG (*callback)(NX_SECURE_TLS_SESSION *,
                                                                       NX_SECURE_X509_CERT *)) {
    UINT status;
    if (hooks_fail(NXHOST_SECURE_TLS_SESSION_CERTIFICATE_CALLBACK_SET, &status)) {
        return status;
    }
    session->nx_secure_tls_session_certificate_callback = callback;
    return NX_SUCCESS;
}

UINT _nxe_secure_tls_session_certificate_callback_set(NX_SECURE_TLS_SESSION *session,
                                                      ULONG (*callback)(NX_SECURE_TLS_SESSION *,
                                                                        NX_SECURE_X509_CERT *)) {
    UINT error = callback == NULL ? NX_PTR_ERROR : secure_session_error(session);
    return error != NX_SUCCESS ? error : _nx_secure_tls_session_certificate_callback_set(session, callback);
}

UINT _nx_secure_tls_session_time_function_set(NX_SECURE_TLS_SESSION *session, ULONG (*time_function)(VOID)) {
    session->nx_secure_tls_session_time_function = time_function;
    return NX_SUCCESS;
}

UINT _nxe_secure_tls_session_time_function_set(NX_SECURE_TLS_SESSION *session, ULONG (*time_function)(VOID)) {
    UINT error = time_function == NULL ? NX_PTR_ERROR : secure_session_error(session);
    return error != NX_SUCCESS ? error : _nx_secure_tls_session_time_function_set(session, time_function);
}
