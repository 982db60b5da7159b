/* SPDX-License-Identifier: MIT */
/* In place of cryptography, for speed: no secret is safe, but each octet counts. */
#ifndef SATCHEL_TESTS_FUZZ_MIX_H
#define SATCHEL_TESTS_FUZZ_MIX_H

#include <satchel/pop3_sasl.h>

/* `size` octets that depend on each octet of the spans. */
void mix(const pop3_span *spans, size_t n, size_t size, uint8_t *out);

/* The same as digests of 16, 20 and 32 octets. */
pop3_digest mix_16, mix_20, mix_32;

/* Zeros in place of random octets: nonces are AAAA... */
bool mix_nothing(void *out, size_t n);

#endif
