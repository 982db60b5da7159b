/* SPDX-License-Identifier: MIT */
/* The one way for a peer's octets into anything that people read (A-14, R-OUT-01). Refuses to guess encodings. */
#ifndef SATCHEL_TEXT_SAFE_H
#define SATCHEL_TEXT_SAFE_H

#include <stddef.h>

#define SAFE_PIECE 4 /* octets that one octet, or one character of UTF-8, becomes at most */

struct safe_piece {
    char octets[SAFE_PIECE];
    size_t length;
    size_t used; /* octets of the text that it stands for */
};

/*
 * What the character at `text`, of which n > 0 octets are left, becomes: itself, if it is printable ASCII or valid UTF-8
 * and neither a control character nor one that turns the direction of text; else its first octet becomes \xNN.
 */
struct safe_piece safe_character(const char *text, size_t n);

/* The same, but only printable ASCII stays: for names that are compared by eye, where letters that look alike mislead. */
struct safe_piece safe_ascii(const char *text, size_t n);

/* All of a text, cut to `size` with its NUL; no character and no \xNN is cut in two. Returns the length. */
size_t safe_text(char *out, size_t size, const char *text, size_t n);

#endif
