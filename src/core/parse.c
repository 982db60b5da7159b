/* SPDX-License-Identifier: MIT */
/* What every session needs of parsing: words and small numbers, as pure functions over text. */
#include "core/parse.h"

static char upper(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

size_t pop3_begins_with(const char *text, size_t length, const char *word) {
    size_t i = 0;

    for (;; i++) {
        char c = i < length ? upper(text[i]) : ' ';
        if (word[i] == '\0') {
            return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? 0 : i;
        }
        if (c != word[i]) {
            return 0;
        }
    }
}

unsigned pop3_parse_numbers(const char *text, size_t length, uint32_t values[2]) {
    const char *end = text + length;
    const char *word = text; /* where a number may begin */
    unsigned count = 0;
    uint32_t value = 0;

    values[0] = values[1] = 0;
    for (;; text++) {
        char c = text != end ? *text : ' ';
        unsigned digit = (unsigned)c - '0';
        if (digit <= 9) {
            if (value > (UINT32_MAX - digit) / 10) {
                values[count] = UINT32_MAX;
                return count;
            }
            value = value * 10 + digit;
            continue;
        }
        if (!pop3_is_blank(c)) {
            return count;
        }
        if (text != word) {
            values[count++] = value;
            value = 0;
        }
        if (text == end || count == 2) {
            return count;
        }
        word = text + 1;
    }
}
