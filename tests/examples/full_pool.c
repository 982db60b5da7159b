/* SPDX-License-Identifier: MIT */
/* examples/netx_mail.c in an application whose other parts hold every packet of the pool. */
#include "nx_api.h"
#include "nxd_pop3_client.h"

static UINT create_with_full_pool(NX_POP3_CLIENT *client_ptr, UINT apop, NX_IP *ip_ptr, NX_PACKET_POOL *pool_ptr,
                                  ULONG address, ULONG port, CHAR *user, CHAR *secret) {
    NX_PACKET *held;

    while (nx_packet_allocate(pool_ptr, &held, NX_TCP_PACKET, NX_NO_WAIT) == NX_SUCCESS) {}
    return nx_pop3_client_create(client_ptr, apop, ip_ptr, pool_ptr, address, port, user, secret);
}

#undef nx_pop3_client_create
#define nx_pop3_client_create create_with_full_pool
#include "../../examples/netx_mail.c" /* NOLINT(bugprone-suspicious-include): it is under test */
