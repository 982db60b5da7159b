/* SPDX-License-Identifier: MIT */
/* The text of the last status line. */
#include "nx_pop3_client_internal.h"

#include <string.h>

UINT _nx_pop3_client_response_get(NX_POP3_CLIENT *client_ptr, CHAR *text, UINT text_size) {
#if NX_POP3_CLIENT_RESPONSE_SIZE > 0
    UINT length;

    if (client_ptr == NX_NULL || text == NX_NULL) {
        return NX_PTR_ERROR;
    }
    if (text_size == 0) {
        return NX_SIZE_ERROR;
    }
    length = client_ptr->nx_pop3_client_response_length;
    if (length >= text_size) {
        length = text_size - 1;
    }
    memcpy(text, client_ptr->nx_pop3_client_response, length);
    text[length] = '\0';
    return NX_SUCCESS;
#else
    if (client_ptr == NX_NULL || text == NX_NULL) {
        return NX_PTR_ERROR;
    }
    if (text_size != 0) {
        text[0] = '\0';
    }
    return NX_NOT_SUPPORTED;
#endif
}

NX_POP3_CLIENT_TWIN(_nxe_pop3_client_response_get, _nx_pop3_client_response_get,
                    (NX_POP3_CLIENT * client_ptr, CHAR *text, UINT text_size), (client_ptr, text, text_size))
