/* SPDX-License-Identifier: MIT */
/* UIDL of one item. */
#include "nx_pop3_client_internal.h"

#include <string.h>

UINT _nx_pop3_client_mail_item_uid_get(NX_POP3_CLIENT *client_ptr, UINT mail_item, CHAR *uid, UINT uid_size) {
    pop3_reply reply;
    uint32_t number = 0;
    const char *start = NX_NULL;
    size_t length = 0;
    UINT status;

    if (uid == NX_NULL) {
        return NX_PTR_ERROR;
    }
    if (uid_size != 0) {
        uid[0] = '\0';
    }
    status = _nx_pop3_client_command(client_ptr, POP3_UIDL, mail_item, &reply);
    if (status != NX_SUCCESS) {
        return status;
    }
    if (!pop3_parse_uidl(reply.event.data, reply.event.length, &number, &start, &length) || number != mail_item ||
        length == 0) {
        return _nx_pop3_client_session_end(client_ptr, NX_POP3_SERVER_ERROR_STATUS);
    }
    if (reply.event.cut || length >= uid_size) {
        return NX_SIZE_ERROR;
    }
    memcpy(uid, start, length);
    uid[length] = '\0';
    return NX_SUCCESS;
}

NX_POP3_CLIENT_TWIN(_nxe_pop3_client_mail_item_uid_get, _nx_pop3_client_mail_item_uid_get,
                    (NX_POP3_CLIENT * client_ptr, UINT mail_item, CHAR *uid, UINT uid_size),
                    (client_ptr, mail_item, uid, uid_size))
