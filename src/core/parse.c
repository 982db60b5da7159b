/* SPDX-License-Identifier: MIT */
/* Words and numbers: pure functions over text, from which all other parsers are made. */
#include "core/parse.h"

enum { DIGITS_MAX = 19 }; /* 10^19 - 1 fits 64 bits */

static char upper(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

size_t pop3_begins_with(const char *text, size_t length, const char *word) {
    size_t i;

    for (i = 0; i < length; i++) {
        char c = upper(text[i]);
        if (word[i] == '\0') {
            return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? 0 : i;
        }
        if (c != word[i]) {
            return 0;
        }
    }
    return word[i] == '\0' ? i : 0;
}

size_t pop3_parse_number(const char *text, size_t length, uint64_t *value) {
    size_t digits = 0;
    size_t end;

    *value = 0;
    while (digits < length && text[digits] >= '0' && text[digits] <= '9') {
        *value = *value * 10 + (unsigned)(text[digits++] - '0');
    }
    for (end = digits; end < length && pop3_is_blank(text[end]); end++) {
    }
    return digits > DIGITS_MAX || digits == 0 || (end == digits && end != length) ? 0 : end;
}

unsigned pop3_parse_numbers(const char *text, size_t length, uint64_t values[2]) {
    unsigned count = 0;

    do {
        size_t used = pop3_parse_number(text, length, &values[count]);
        if (used == 0) {
            break;
        }
        text += used;
        length -= used;
    } while (++count < 2);
    return count;
}
