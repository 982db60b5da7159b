/* SPDX-License-Identifier: MIT */
/* The reference decoder: what a multi-line reply means by RFC 1939 section 3, on whole octets. Shares nothing with the
 * engine. */
#ifndef SATCHEL_TEST_REFERENCE_H
#define SATCHEL_TEST_REFERENCE_H

#include <stddef.h>

/* Writes the content of the reply to out (at least n octets); its length in *length. Returns the octets of the reply
 * with its terminator, 0 if there is none. */
size_t reference_decode(const char *wire, size_t n, char *out, size_t *length);

/* The reply that carries this content, stuffed behind CRLF only, terminator included; out has 2 * n + 5 octets. The
 * content must be empty or end with CRLF. */
size_t reference_encode(const char *content, size_t n, char *out);

#endif
