/* SPDX-License-Identifier: MIT */
/* Words and numbers: pure functions over text, from which all other parsers are made. */
#include "core/parse.h"

static bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

size_t pop3_begins_with(const char *text, size_t length, const char *word) {
    size_t i;

    for (i = 0; word[i] != '\0'; i++) {
        if (i == length || (text[i] != word[i] && (!is_alphanumeric(text[i]) || (text[i] & ~0x20) != word[i]))) {
            return 0;
        }
    }
    return i < length && is_alphanumeric(text[i]) ? 0 : i;
}

size_t pop3_parse_number(const char *text, size_t length, uint64_t *value) {
    uint64_t sum = 0;
    size_t i;

    for (i = 0; i < length; i++) {
        unsigned digit = (unsigned)text[i] - '0';
        if (digit > 9) {
            break;
        }
        if (sum > UINT64_MAX / 10) {
            return 0;
        }
        sum = sum * 10 + digit;
        if (sum < digit) {
            return 0;
        }
    }
    *value = sum;
    return i;
}

unsigned pop3_parse_numbers(const char *text, size_t length, uint64_t values[2]) {
    unsigned count = 0;
    size_t at = 0;

    do {
        size_t digits = pop3_parse_number(text + at, length - at, &values[count]);
        at += digits;
        if (digits == 0 || (at < length && !pop3_is_blank(text[at]))) {
            break;
        }
        while (at < length && pop3_is_blank(text[at])) {
            at++;
        }
    } while (++count < 2);
    return count;
}
