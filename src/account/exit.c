/* SPDX-License-Identifier: MIT */
/* Failures of the client library as exit codes (D-26): the one table of them. */
#include "account/account.h"

#include <sysexits.h>

/* Who the server is cannot be trusted: 77 as for credentials. What it speaks is wrong: 76. */
static int tls_code(int failure) {
    switch (failure) {
    case POP3_CLIENT_TLS_CERTIFICATE:
    case POP3_CLIENT_TLS_EXPIRED:
    case POP3_CLIENT_TLS_IDENTITY:
    case POP3_CLIENT_TLS_PIN:
    case POP3_CLIENT_TLS_CLIENT: return EX_NOPERM;
    default: return EX_PROTOCOL;
    }
}

int account_exit_code(const pop3_client_error *error, bool reached, bool from_url) {
    switch (error->class_) {
    case POP3_CLIENT_OK: return EX_OK;
    case POP3_CLIENT_ARG: return from_url ? EX_USAGE : EX_CONFIG;
    case POP3_CLIENT_NAME: return EX_NOHOST;
    case POP3_CLIENT_CONNECT: return EX_UNAVAILABLE;
    case POP3_CLIENT_TIMEOUT: return reached ? EX_TEMPFAIL : EX_UNAVAILABLE;
    case POP3_CLIENT_TLS: return tls_code(error->code);
    case POP3_CLIENT_CREDENTIALS: return EX_NOPERM;
    case POP3_CLIENT_BUSY:
    case POP3_CLIENT_CLOSED: return EX_TEMPFAIL;
    case POP3_CLIENT_REFUSED:
    case POP3_CLIENT_PROTOCOL: return EX_PROTOCOL;
    case POP3_CLIENT_SINK: return EX_IOERR;
    case POP3_CLIENT_CANCELLED: return ACCOUNT_EXIT_CANCELLED;
    case POP3_CLIENT_MEMORY:
    case POP3_CLIENT_SYSTEM: return EX_OSERR;
    case POP3_CLIENT_STATE: break;
    }
    return EX_SOFTWARE;
}
