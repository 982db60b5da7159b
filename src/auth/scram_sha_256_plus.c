/* SPDX-License-Identifier: MIT */
/* SCRAM-SHA-256-PLUS (RFC 7677), bound to its TLS channel. */
#include "auth/scram.h"

const pop3_sasl_mechanism pop3_sasl_scram_sha_256_plus = {
    .name = "SCRAM-SHA-256-PLUS",
    .client_first = true,
    .plus = true,
    .digest_size = POP3_SHA_256_SIZE,
    .start = pop3_scram_start,
    .challenge = pop3_scram_challenge,
};
