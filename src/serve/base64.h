/* SPDX-License-Identifier: MIT */
/* Base64 (RFC 4648 section 4), strict: no blank, no missing or superfluous "=", no stray bits. Refuses to allocate. */
#ifndef SATCHEL_SERVE_BASE64_H
#define SATCHEL_SERVE_BASE64_H

#include "serve/command.h"

#define SERVE_BASE64_MOST 12288 /* characters that are decoded at a time */
#define SERVE_BASE64_TEXT(octets) (((octets) + 2) / 3 * 4 + 1)

/* Writes SERVE_BASE64_TEXT(size) characters with their NUL; gives the length without it. */
size_t serve_base64_encode(const void *data, size_t size, char *text);

/* `octets` has room for 3/4 of the text. False: the text is no base64, or too long. */
bool serve_base64_decode(struct serve_span text, char *octets, size_t *size);

#endif
