/* SPDX-License-Identifier: MIT */
/* A second opinion on bodies, octet by octet, sharing nothing with the engine (RFC 1939 section 3, R-1939-07). */
#ifndef SATCHEL_TESTS_REFERENCE_DECODER_H
#define SATCHEL_TESTS_REFERENCE_DECODER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The content of the body at the start of wire into content[] (which needs as much room as wire), its length into
 * *content_length. Returns the octets up to and including the terminator, 0 if there is none (then a final `.` or
 * `.CR` at a line start is withheld).
 */
size_t reference_decode(const char *wire, size_t length, bool lf_mode, char *content, size_t *content_length);

#endif
