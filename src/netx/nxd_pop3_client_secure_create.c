/* SPDX-License-Identifier: MIT */
/* The client whose sessions run over TLS. */
#include "nx_pop3_client_internal.h"

#ifdef NX_POP3_CLIENT_ENABLE_TLS

#include <string.h>

UINT _nxd_pop3_client_secure_create(NX_POP3_CLIENT *client_ptr, NX_IP *ip_ptr, NX_PACKET_POOL *packet_pool_ptr,
                                    NXD_ADDRESS *server_ip_address, ULONG server_port, CHAR *client_name,
                                    CHAR *client_password, CHAR *server_name, UINT mode,
                                    NX_SECURE_TLS_SESSION *tls_session,
                                    UINT (*tls_setup)(NX_POP3_CLIENT *client_ptr, NX_SECURE_TLS_SESSION *tls_session)) {
    size_t length;

    if (client_ptr == NX_NULL) {
        return NX_PTR_ERROR;
    }
    memset(client_ptr, 0, sizeof *client_ptr);
    if (server_name == NX_NULL || tls_session == NX_NULL || tls_setup == NX_NULL) {
        return NX_PTR_ERROR;
    }
    length = pop3_sendable(server_name, ' ' + 1);
    if (length == 0 || length > NX_SECURE_X509_DNS_NAME_MAX ||
        (mode != NX_POP3_TLS_IMPLICIT && mode != NX_POP3_TLS_STLS)) {
        return NX_POP3_PARAM_ERROR;
    }
    nx_secure_x509_dns_name_initialize(&client_ptr->nx_pop3_client_server_name, (const UCHAR *)server_name,
                                       (USHORT)length);
    client_ptr->nx_pop3_client_tls_mode = mode;
    client_ptr->nx_pop3_client_tls_session_ptr = tls_session;
    client_ptr->nx_pop3_client_tls_setup = tls_setup;
    return _nxd_pop3_client_create(client_ptr, NX_POP3_CLIENT_OVER_TLS, ip_ptr, packet_pool_ptr, server_ip_address,
                                   server_port, client_name, client_password);
}

NX_POP3_CLIENT_TWIN(_nxde_pop3_client_secure_create, _nxd_pop3_client_secure_create,
                    (NX_POP3_CLIENT * client_ptr, NX_IP *ip_ptr, NX_PACKET_POOL *packet_pool_ptr,
                     NXD_ADDRESS *server_ip_address, ULONG server_port, CHAR *client_name, CHAR *client_password,
                     CHAR *server_name, UINT mode, NX_SECURE_TLS_SESSION *tls_session,
                     UINT (*tls_setup)(NX_POP3_CLIENT *client_ptr, NX_SECURE_TLS_SESSION *tls_session)),
                    (client_ptr, ip_ptr, packet_pool_ptr, server_ip_address, server_port, client_name, client_password,
                     server_name, mode, tls_session, tls_setup))

#endif
