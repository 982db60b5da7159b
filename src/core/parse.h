/* SPDX-License-Identifier: MIT */
/* What the parsers share. Private to core. */
#ifndef SATCHEL_CORE_PARSE_H
#define SATCHEL_CORE_PARSE_H

#include <satchel/pop3_engine.h>

static inline bool pop3_is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* Where the blanks that begin at `at` end. */
static inline size_t pop3_behind_blanks(const char *text, size_t at, size_t length) {
    while (at < length && pop3_is_blank(text[at])) {
        at++;
    }
    return at;
}

/* The length of text without the blanks at its end. */
static inline size_t pop3_trimmed(const char *text, size_t length) {
    while (length > 0 && pop3_is_blank(text[length - 1])) {
        length--;
    }
    return length;
}

#endif
