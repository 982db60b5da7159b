/* SPDX-License-Identifier: MIT */
/* SCRAM-SHA-256 (RFC 7677). */
#include "auth/scram.h"

const pop3_sasl_mechanism pop3_sasl_scram_sha_256 = {
    .name = "SCRAM-SHA-256",
    .client_first = true,
    .digest_size = POP3_SHA_256_SIZE,
    .start = pop3_scram_start,
    .challenge = pop3_scram_challenge,
};
