/* SPDX-License-Identifier: MIT */
/* SCRAM (RFC 5802), the same for each digest. */
#ifndef SATCHEL_AUTH_SCRAM_H
#define SATCHEL_AUTH_SCRAM_H

#include <satchel/pop3_sasl.h>

enum { POP3_SHA_1_SIZE = 20, POP3_SHA_256_SIZE = 32 };

pop3_sasl_result pop3_scram_start(pop3_sasl *sasl);
pop3_sasl_result pop3_scram_challenge(pop3_sasl *sasl, size_t n);

#endif
