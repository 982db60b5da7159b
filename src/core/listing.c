/* SPDX-License-Identifier: MIT */
/* Replies to STAT, lines of LIST and UIDL, with the tolerance of. */
#include "core/parse.h"

enum { UID_LENGTH_MAX = 1000, DIGITS_MAX = 19 }; /* 10^19 - 1 fits 64 bits */

size_t pop3_parse_number(const char *text, size_t length, uint64_t *value) {
    size_t digits = 0;
    size_t end;

    *value = 0;
    while (digits < length && text[digits] >= '0' && text[digits] <= '9') {
        *value = *value * 10 + (unsigned)(text[digits++] - '0');
    }
    end = pop3_behind_blanks(text, digits, length);
    return digits > DIGITS_MAX || digits == 0 || (end == digits && end != length) ? 0 : end;
}

bool pop3_parse_stat(const char *text, size_t length, uint32_t *count, uint64_t *octets) {
    uint64_t value;
    size_t used = pop3_parse_number(text, length, &value);

    if (used == 0 || value > UINT32_MAX) {
        return false;
    }
    *count = (uint32_t)value;
    if (pop3_parse_number(text + used, length - used, octets) == 0) {
        *octets = POP3_SIZE_UNKNOWN;
    }
    return true;
}

static bool is_message(uint64_t number) {
    return number != 0 && number <= UINT32_MAX;
}

bool pop3_parse_list(const char *text, size_t length, uint32_t *number, uint64_t *octets) {
    uint64_t value;
    size_t used = pop3_parse_number(text, length, &value);

    if (used == 0 || !is_message(value) || pop3_parse_number(text + used, length - used, octets) == 0) {
        return false;
    }
    *number = (uint32_t)value;
    return true;
}

bool pop3_parse_uidl(const char *text, size_t length, uint32_t *number, const char **uid, size_t *uid_length) {
    uint64_t value;
    size_t at = pop3_parse_number(text, length, &value);

    if (at == 0 || !is_message(value)) {
        return false;
    }
    length = pop3_trimmed(text, length);
    *number = (uint32_t)value;
    *uid = text + at;
    *uid_length = length > at ? length - at : 0;
    for (; at < length; at++) {
        if ((unsigned char)text[at] < ' ' || text[at] == 0x7F) {
            return false;
        }
    }
    return *uid_length <= UID_LENGTH_MAX;
}
