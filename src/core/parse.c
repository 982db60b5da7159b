/* SPDX-License-Identifier: MIT */
/* Status lines and numbers: pure functions over text. */
#include "core/parse.h"

static bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

bool pop3_matches(const char *text, size_t length, const char *word) {
    size_t i;

    for (i = 0; word[i] != '\0'; i++) {
        char c = i < length ? text[i] : '\0';
        if (c >= 'a' && c <= 'z') {
            c = (char)(c - 0x20);
        }
        if (c != word[i]) {
            return false;
        }
    }
    return i == length || !is_alphanumeric(text[i]);
}

pop3_indicator pop3_parse_indicator(const char *line, size_t length, size_t *end) {
    if (pop3_matches(line, length, "+OK")) {
        *end = 3;
        return POP3_INDICATOR_OK;
    }
    if (pop3_matches(line, length, "-ERR")) {
        *end = 4;
        return POP3_INDICATOR_ERR;
    }
    if (length == 0 || line[0] != '+' || (length > 1 && line[1] != ' ')) {
        return POP3_INDICATOR_BAD;
    }
    *end = length > 1 ? 2 : 1;
    return POP3_INDICATOR_CONTINUE;
}

size_t pop3_skip_blanks(const char *text, size_t length) {
    size_t i = 0;

    while (i < length && (text[i] == ' ' || text[i] == '\t')) {
        i++;
    }
    return i;
}

size_t pop3_parse_number(const char *text, size_t length, uint64_t *value) {
    uint64_t sum = 0;
    size_t i;

    for (i = 0; i < length && text[i] >= '0' && text[i] <= '9'; i++) {
        unsigned digit = (unsigned)(text[i] - '0');
        if (sum > UINT64_MAX / 10 || (sum == UINT64_MAX / 10 && digit > UINT64_MAX % 10)) {
            return 0;
        }
        sum = sum * 10 + digit;
    }
    *value = sum;
    return i;
}

size_t pop3_parse_word_number(const char *text, size_t length, uint64_t *value) {
    size_t digits = pop3_parse_number(text, length, value);

    if (digits == 0 || (digits < length && text[digits] != ' ' && text[digits] != '\t')) {
        return 0;
    }
    return digits + pop3_skip_blanks(text + digits, length - digits);
}

bool pop3_parse_stat(const char *text, size_t length, uint32_t *count, uint64_t *octets) {
    uint64_t number;
    size_t at = pop3_parse_word_number(text, length, &number);

    if (at == 0 || number > UINT32_MAX) {
        return false;
    }
    *count = (uint32_t)number;
    if (pop3_parse_word_number(text + at, length - at, octets) == 0) {
        *octets = POP3_SIZE_UNKNOWN;
    }
    return true;
}

size_t pop3_parse_message(const char *text, size_t length, uint32_t *number) {
    uint64_t value;
    size_t at = pop3_parse_word_number(text, length, &value);

    if (at == 0 || value == 0 || value > UINT32_MAX) {
        return 0;
    }
    *number = (uint32_t)value;
    return at;
}

bool pop3_parse_list(const char *text, size_t length, uint32_t *number, uint64_t *octets) {
    size_t at = pop3_parse_message(text, length, number);

    return at != 0 && pop3_parse_word_number(text + at, length - at, octets) != 0;
}
