/* SPDX-License-Identifier: MIT */
/* PBKDF2 (RFC 8018 section 5.2), one block, for platforms that bring none. */
#include <string.h>

#include "auth/hmac.h"
#include "auth/secret.h"

void pop3_pbkdf2(pop3_digest *digest, size_t size, const pop3_span *password, const pop3_span *salt,
                 uint32_t iterations, uint8_t *out) {
    static const uint8_t block[4] = {0, 0, 0, 1};
    uint8_t u[POP3_DIGEST_MAX];
    pop3_hmac_key key;
    pop3_span message[3] = {{NULL, 0}, *salt, {block, sizeof block}};

    pop3_hmac_init(&key, digest, size, *password);
    pop3_hmac(&key, message, 3, u);
    memcpy(out, u, size);
    message[1].data = u;
    message[1].length = size;
    for (uint32_t i = 1; i < iterations; i++) {
        pop3_hmac(&key, message, 2, u);
        pop3_digest_xor(out, u, size);
    }
    pop3_wipe(&key, sizeof key);
    pop3_wipe(u, sizeof u);
}
