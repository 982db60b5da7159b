/* SPDX-License-Identifier: MIT */
/* APOP (RFC 1939 section 7). Knows no engine and no digest algorithm: MD5 comes in as a function. */
#ifndef SATCHEL_AUTH_APOP_H
#define SATCHEL_AUTH_APOP_H

#include "auth/digest.h"

enum { POP3_APOP_HEX = 32 };

/* The digest of the timestamp (angle brackets included) and the shared secret, in lower-case hex, ended by NUL. */
void pop3_apop_digest(const pop3_span message[2], pop3_digest *md5, char hex[POP3_APOP_HEX + 1]);

#endif
