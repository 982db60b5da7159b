/* SPDX-License-Identifier: MIT */
/* CRAM-MD5 (RFC 2195, R-CRAM-01). */
#include <string.h>

#include "auth/exchange.h"
#include "auth/hmac.h"
#include "auth/secret.h"

enum { MD5_SIZE = 16 };

static pop3_sasl_result start(pop3_sasl *sasl) {
    const pop3_credentials *credentials = sasl->credentials;

    if (!pop3_sasl_has_text(sasl, credentials->user) || !pop3_sasl_has_text(sasl, credentials->password) ||
        !pop3_sasl_acts_for_itself(sasl)) {
        return POP3_SASL_CREDENTIALS;
    }
    return sasl->crypto != NULL && sasl->crypto->md5 != NULL ? POP3_SASL_OK : POP3_SASL_CRYPTO;
}

static void write_hex(pop3_writer *writer, const uint8_t *octets, size_t n) {
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        pop3_write(writer, &digits[octets[i] >> 4], 1);
        pop3_write(writer, &digits[octets[i] & 0xFU], 1);
    }
}

static pop3_sasl_result challenge(pop3_sasl *sasl, size_t n) {
    const char *password = sasl->credentials->password;
    const pop3_span secret = {password, strlen(password)};
    pop3_span message[2] = {{NULL, 0}, {sasl->buffer, n}};
    pop3_writer writer = pop3_sasl_writer(sasl, 0);
    uint8_t digest[MD5_SIZE];
    pop3_hmac_key key;

    if (sasl->complete || n == 0) { /* the digest of an empty challenge would be good for ever */
        return POP3_SASL_CHALLENGE;
    }
    pop3_hmac_init(&key, sasl->crypto->md5, sizeof digest, secret);
    pop3_hmac(&key, message, 2, digest);
    pop3_wipe(&key, sizeof key);
    pop3_write_text(&writer, sasl->credentials->user);
    pop3_write_text(&writer, " ");
    write_hex(&writer, digest, sizeof digest);
    sasl->complete = true;
    return pop3_sasl_respond(sasl, &writer);
}

const pop3_sasl_mechanism pop3_sasl_cram_md5 = {
    .name = "CRAM-MD5",
    .start = start,
    .challenge = challenge,
};
