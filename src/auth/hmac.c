/* SPDX-License-Identifier: MIT */
/* HMAC (RFC 2104). Knows no digest algorithm. */
#include "auth/hmac.h"

#include <string.h>

enum { INNER = 0x36, OUTER = 0x5C };

static void mask(pop3_hmac_key *key, uint8_t octet) {
    for (size_t i = 0; i < POP3_HMAC_BLOCK; i++) {
        key->block[i] ^= octet;
    }
}

void pop3_digest_xor(uint8_t *digest, const uint8_t *other, size_t size) {
    for (size_t i = 0; i < size; i++) {
        digest[i] ^= other[i];
    }
}

void pop3_hmac_init(pop3_hmac_key *key, pop3_digest *digest, size_t size, pop3_span secret) {
    key->digest = digest;
    key->size = size;
    memset(key->block, 0, sizeof key->block);
    if (secret.length > sizeof key->block) {
        digest(&secret, 1, key->block);
    } else {
        memcpy(key->block, secret.data, secret.length);
    }
}

void pop3_hmac(pop3_hmac_key *key, pop3_span *message, size_t n, uint8_t *out) {
    const pop3_span outer[2] = {{key->block, sizeof key->block}, {key->inner, key->size}};

    message[0] = outer[0];
    mask(key, INNER);
    key->digest(message, n, key->inner);
    mask(key, INNER ^ OUTER);
    key->digest(outer, 2, out);
    mask(key, OUTER);
}
