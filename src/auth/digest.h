/* SPDX-License-Identifier: MIT */
/* How mechanisms get at a digest: one function of the caller's, over a message in parts. */
#ifndef SATCHEL_AUTH_DIGEST_H
#define SATCHEL_AUTH_DIGEST_H

#include <stddef.h>
#include <stdint.h>

typedef struct pop3_span {
    const void *data;
    size_t length;
} pop3_span;

/* Writes the digest of the n spans, one behind the other, to out: 16 octets for MD5. */
typedef void pop3_digest(const pop3_span *spans, size_t n, uint8_t *out);

#endif
