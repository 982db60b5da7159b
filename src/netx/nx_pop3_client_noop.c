/* SPDX-License-Identifier: MIT */
/* NOOP. */
#include "nx_pop3_client_internal.h"

UINT _nx_pop3_client_noop(NX_POP3_CLIENT *client_ptr) {
    return _nx_pop3_client_simple_command(client_ptr, POP3_NOOP, 0);
}

NX_POP3_CLIENT_TWIN(_nxe_pop3_client_noop, _nx_pop3_client_noop, (NX_POP3_CLIENT * client_ptr), (client_ptr))
