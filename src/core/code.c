/* SPDX-License-Identifier: MIT */
/* Response codes at the start of a status text (RFC 2449 section 8, RFC 3206, RFC 6856). */
#include "core/parse.h"

#include <string.h>

pop3_response_code pop3_parse_code(const char *text, size_t length, size_t *code_length) {
    static const char names[][12] = {"IN-USE", "LOGIN-DELAY", "SYS/TEMP", "SYS/PERM", "AUTH", "UTF8"};
    const char *end = length != 0 && text[0] == '[' ? memchr(text, ']', length) : NULL;

    *code_length = 0;
    if (end == NULL) {
        return POP3_CODE_NONE;
    }
    *code_length = (size_t)(end + 1 - text);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t name = strlen(names[i]);
        if (pop3_matches(text + 1, length - 1, names[i]) && (text[1 + name] == ']' || text[1 + name] == '/')) {
            return (pop3_response_code)(POP3_CODE_IN_USE + i);
        }
    }
    return POP3_CODE_UNKNOWN;
}
