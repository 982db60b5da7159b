/* SPDX-License-Identifier: MIT */
/* RSET. */
#include "nx_pop3_client_internal.h"

UINT _nx_pop3_client_reset(NX_POP3_CLIENT *client_ptr) {
    return _nx_pop3_client_simple_command(client_ptr, POP3_RSET, 0);
}

NX_POP3_CLIENT_TWIN(_nxe_pop3_client_reset, _nx_pop3_client_reset, (NX_POP3_CLIENT * client_ptr), (client_ptr))
