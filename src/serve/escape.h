/* SPDX-License-Identifier: MIT */
/* The one way for octets of a peer into anything that people read (A-14, R-OUT-01). Refuses to guess encodings. */
#ifndef SATCHEL_SERVE_ESCAPE_H
#define SATCHEL_SERVE_ESCAPE_H

#include <stddef.h>

#define SERVE_ESCAPED_MOST 4 /* octets of text for one octet of data */

/* Printable ASCII stays; the backslash and every other octet become \xNN. Writes at most 4 x size octets, no NUL. */
size_t serve_escape(const char *data, size_t size, char *text);

/* The other way, for text in options: \r \n \t \0 \\ \xNN. Works in place and returns the new size;
   SIZE_MAX when a backslash stands before anything else. */
size_t serve_unescape(char *text, size_t size);

#endif
