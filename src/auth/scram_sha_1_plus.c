/* SPDX-License-Identifier: MIT */
/* SCRAM-SHA-1-PLUS (RFC 5802), bound to its TLS channel. */
#include "auth/scram.h"

const pop3_sasl_mechanism pop3_sasl_scram_sha_1_plus = {
    .name = "SCRAM-SHA-1-PLUS",
    .client_first = true,
    .plus = true,
    .digest_size = POP3_SHA_1_SIZE,
    .start = pop3_scram_start,
    .challenge = pop3_scram_challenge,
};
