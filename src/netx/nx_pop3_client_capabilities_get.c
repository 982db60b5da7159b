/* SPDX-License-Identifier: MIT */
/* CAPA. */
#include "nx_pop3_client_internal.h"

/* Lines of a listing that a server may send (R-2449-19). */
#define CAPABILITY_LINES_MAX 256

UINT _nx_pop3_client_capabilities_get(NX_POP3_CLIENT *client_ptr, ULONG *capabilities) {
    pop3_reply reply;
    const char *parameters;
    size_t length;
    ULONG found = 0;
    UINT lines = 0;
    UINT status;

    if (capabilities == NX_NULL) {
        return NX_PTR_ERROR;
    }
    *capabilities = 0;
    status = _nx_pop3_client_command(client_ptr, POP3_CAPA, 0, &reply);
    while (status == NX_SUCCESS && reply.event.type != POP3_EVENT_END) {
        if (++lines > CAPABILITY_LINES_MAX) {
            return _nx_pop3_client_session_end(client_ptr, NX_POP3_SERVER_ERROR_STATUS);
        }
        status = _nx_pop3_client_event_get(client_ptr, &reply.event);
        if (status == NX_SUCCESS) { /* else there may be no data */
            found |= pop3_parse_capability(reply.event.data, reply.event.length, &parameters, &length);
        }
    }
    if (status == NX_SUCCESS) {
        *capabilities = found;
    }
    return status;
}

NX_POP3_CLIENT_TWIN(_nxe_pop3_client_capabilities_get, _nx_pop3_client_capabilities_get,
                    (NX_POP3_CLIENT * client_ptr, ULONG *capabilities), (client_ptr, capabilities))
