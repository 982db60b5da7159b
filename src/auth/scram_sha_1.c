/* SPDX-License-Identifier: MIT */
/* SCRAM-SHA-1 (RFC 5802). */
#include "auth/scram.h"

const pop3_sasl_mechanism pop3_sasl_scram_sha_1 = {
    .name = "SCRAM-SHA-1",
    .client_first = true,
    .digest_size = POP3_SHA_1_SIZE,
    .start = pop3_scram_start,
    .challenge = pop3_scram_challenge,
};
