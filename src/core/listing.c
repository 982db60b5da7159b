/* SPDX-License-Identifier: MIT */
/* Replies to STAT, lines of LIST and UIDL, with the tolerance of. */
#include "core/parse.h"

enum { UID_MAX = 1000 };

bool pop3_parse_stat(const char *text, size_t length, uint32_t *count, uint64_t *octets) {
    uint64_t values[2];
    unsigned found = pop3_parse_numbers(text, length, values);

    if (found == 0 || values[0] > UINT32_MAX) {
        return false;
    }
    *count = (uint32_t)values[0];
    *octets = found == 2 ? values[1] : POP3_SIZE_UNKNOWN;
    return true;
}

static bool is_message(uint64_t number) {
    return number != 0 && number <= UINT32_MAX;
}

bool pop3_parse_list(const char *text, size_t length, uint32_t *number, uint64_t *octets) {
    uint64_t values[2];

    if (pop3_parse_numbers(text, length, values) != 2 || !is_message(values[0])) {
        return false;
    }
    *number = (uint32_t)values[0];
    *octets = values[1];
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
    return *uid_length <= UID_MAX;
}
