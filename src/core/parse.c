/* SPDX-License-Identifier: MIT */
/* What every session needs of parsing: words and small numbers, as pure functions over text. */
#include "core/parse.h"

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

unsigned pop3_parse_numbers(const char *text, size_t length, uint32_t values[2]) {
    unsigned count = 0;
    bool in_number = false;

    values[0] = values[1] = 0;
    for (;; text++, length--) {
        char c = length != 0 ? *text : ' ';
        unsigned digit = (unsigned)c - '0';
        if (digit <= 9) {
            if (values[count] > (UINT32_MAX - digit) / 10) {
                values[count] = UINT32_MAX;
                return count;
            }
            values[count] = values[count] * 10 + digit;
            in_number = true;
        } else if (!pop3_is_blank(c)) {
            values[count] = 0;
            return count;
        } else if (in_number && ++count == 2) {
            return count;
        } else {
            in_number = false;
        }
        if (length == 0) {
            return count;
        }
    }
}
