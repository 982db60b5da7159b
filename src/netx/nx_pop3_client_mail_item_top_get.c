/* SPDX-License-Identifier: MIT */
/* TOP. */
#include "nx_pop3_client_internal.h"

UINT _nx_pop3_client_mail_item_top_get(NX_POP3_CLIENT *client_ptr, UINT mail_item, UINT lines) {
    UINT status;

    if (client_ptr == NX_NULL) {
        return NX_PTR_ERROR;
    }
    client_ptr->nx_pop3_client_top_lines = lines;
    status = _nx_pop3_client_simple_command(client_ptr, POP3_TOP, mail_item);
    if (status == NX_SUCCESS) {
        client_ptr->nx_pop3_client_ready_to_download = NX_TRUE;
    }
    return status;
}

NX_POP3_CLIENT_TWIN(_nxe_pop3_client_mail_item_top_get, _nx_pop3_client_mail_item_top_get,
                    (NX_POP3_CLIENT * client_ptr, UINT mail_item, UINT lines), (client_ptr, mail_item, lines))
