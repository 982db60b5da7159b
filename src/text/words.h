/* SPDX-License-Identifier: MIT */
/* Encoded words in header fields (RFC 2047) become text. Refuses to read the structure of a field. */
#ifndef SATCHEL_TEXT_WORDS_H
#define SATCHEL_TEXT_WORDS_H

#include <stddef.h>

#define WORDS_MOST 2048 /* octets of a value that are looked at, with a NUL */

/*
 * The value of a field as safe UTF-8 in out[size]; what is no encoded word, is broken or is in an unknown charset stays as
 * it came. It passed safe_text(), behind the decoding. Returns the length.
 */
size_t words_text(char *out, size_t size, const char *value, size_t n);

#endif
