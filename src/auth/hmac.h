/* SPDX-License-Identifier: MIT */
/* HMAC (RFC 2104) and PBKDF2 (RFC 8018) over the caller's digest: MD5, SHA-1 or SHA-256. */
#ifndef SATCHEL_AUTH_HMAC_H
#define SATCHEL_AUTH_HMAC_H

#include <satchel/pop3_digest.h>

#define POP3_HMAC_BLOCK 64 /* octets of a block of each of the three digests */
#define POP3_DIGEST_MAX 32

/* Holds the key: to be wiped. */
typedef struct pop3_hmac_key {
    pop3_digest *digest;
    size_t size; /* octets of the digest */
    uint8_t block[POP3_HMAC_BLOCK];
    uint8_t inner[POP3_DIGEST_MAX];
} pop3_hmac_key;

void pop3_hmac_init(pop3_hmac_key *key, pop3_digest *digest, size_t size, pop3_span secret);

/* Of the spans from message[1] to message[n - 1]; message[0] is lent, for the key stands before them. `out` may be one. */
void pop3_hmac(pop3_hmac_key *key, pop3_span *message, size_t n, uint8_t *out);

/* digest ^= other, `size` octets of each. */
void pop3_digest_xor(uint8_t *digest, const uint8_t *other, size_t size);

/* The first `size` octets of the derived key. */
void pop3_pbkdf2(pop3_digest *digest, size_t size, const pop3_span *password, const pop3_span *salt,
                 uint32_t iterations, uint8_t *out);

#endif
