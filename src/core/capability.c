/* SPDX-License-Identifier: MIT */
/* Lines of CAPA (RFC 2449 section 5). */
#include "core/parse.h"

#include <string.h>

uint32_t pop3_parse_capability(const char *line, size_t length, const char **parameters, size_t *parameters_length) {
    static const char tags[][16] = {"TOP",        "USER",       "UIDL",           "SASL",        "STLS",
                                    "PIPELINING", "RESP-CODES", "AUTH-RESP-CODE", "LOGIN-DELAY", "EXPIRE",
                                    "UTF8",       "LANG",       "IMPLEMENTATION"};
    size_t tag = 0;
    size_t start;

    length = pop3_trimmed(line, length);
    while (tag < length && !pop3_is_blank(line[tag])) {
        tag++;
    }
    start = pop3_behind_blanks(line, tag, length);
    *parameters = line + start;
    *parameters_length = length - start;
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        if (tag != 0 && pop3_begins_with(line, tag, tags[i]) == tag) {
            return UINT32_C(1) << i;
        }
    }
    return 0;
}
