/* SPDX-License-Identifier: MIT */
/*
 * How mechanisms get at a digest, one function of the caller's over a message in parts; and APOP, which needs nothing
 * else (RFC 1939 section 7). Knows no digest algorithm.
 */
#ifndef SATCHEL_POP3_DIGEST_H
#define SATCHEL_POP3_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pop3_span {
    const void *data;
    size_t length;
} pop3_span;

/* Writes the digest of the n spans, one behind the other, to out: 16 octets for MD5, 20 for SHA-1, 32 for SHA-256. */
typedef void pop3_digest(const pop3_span *spans, size_t n, uint8_t *out);

#define POP3_APOP_HEX 32

/*
 * The digest of the timestamp (angle brackets included) and the shared secret, in lower-case hex, ended by NUL
 * (R-1939-19). pop3_parse_timestamp() finds and judges the timestamp.
 */
void pop3_apop_digest(const pop3_span message[2], pop3_digest *md5, char hex[POP3_APOP_HEX + 1]);

#ifdef __cplusplus
}
#endif
#endif
