/* SPDX-License-Identifier: MIT */
/* What a caller of auth and login hands in, by OpenSSL; and random octets that a test chooses. Knows no mechanism. */
#ifndef SATCHEL_TESTS_CRYPTO_H
#define SATCHEL_TESTS_CRYPTO_H

#include <satchel/pop3_sasl.h>

extern size_t md5_calls;

pop3_digest md5;
pop3_digest sha1;
pop3_digest sha256;

bool pbkdf2(size_t size, const pop3_span *password, const pop3_span *salt, uint32_t iterations, uint8_t *out);

/* The octets whose base64 this is, then none. */
void random_is(const char *base64);
bool chosen_random(void *out, size_t n);

/* All of them; `portable` has no PBKDF2, so that it is made of the digest. */
extern const pop3_crypto openssl, portable;

#endif
