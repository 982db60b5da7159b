/* SPDX-License-Identifier: MIT */
/* Response codes at the start of a status text (RFC 2449 section 8, RFC 3206, RFC 6856). */
#include "core/parse.h"

#include <string.h>

pop3_response_code pop3_parse_code(const char *text, size_t length, size_t *code_length) {
    static const char codes[][13] = {"[IN-USE", "[LOGIN-DELAY", "[SYS/TEMP", "[SYS/PERM", "[AUTH", "[UTF8"};
    const char *end = length != 0 && text[0] == '[' ? memchr(text, ']', length) : NULL;

    *code_length = 0;
    if (end == NULL) {
        return POP3_CODE_NONE;
    }
    *code_length = (size_t)(end + 1 - text);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        size_t name = pop3_begins_with(text, length, codes[i]);
        if (name != 0 && (text[name] == ']' || text[name] == '/')) {
            return (pop3_response_code)(POP3_CODE_IN_USE + i);
        }
    }
    return POP3_CODE_UNKNOWN;
}
