/* SPDX-License-Identifier: MIT */
/* Lines of UIDL (R-1939-17), with the tolerance of. */
#include "core/parse.h"

enum { UID_MAX = 1000 };

bool pop3_parse_uidl(const char *text, size_t length, uint32_t *number, const char **uid, size_t *uid_length) {
    size_t at = pop3_parse_message(text, length, number);

    if (at == 0) {
        return false;
    }
    while (length > at && (text[length - 1] == ' ' || text[length - 1] == '\t')) {
        length--;
    }
    for (size_t i = at; i < length; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7F) {
            return false;
        }
    }
    *uid = text + at;
    *uid_length = length - at;
    return *uid_length <= UID_MAX;
}
