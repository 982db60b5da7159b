/* SPDX-License-Identifier: MIT */
/* Lines of CAPA (RFC 2449 section 5) and response codes (section 8). */
#include "core/parse.h"

uint32_t pop3_parse_capability(const char *line, size_t length, const char **parameters, size_t *parameters_length) {
    static const char tags[][16] = {"TOP",        "USER",           "UIDL",        "SASL",   "STLS", "PIPELINING",
                                    "RESP-CODES", "AUTH-RESP-CODE", "LOGIN-DELAY", "EXPIRE", "UTF8", "LANG",
                                    "IMPLEMENTATION"};
    size_t tag = 0;
    size_t start;

    while (tag < length && line[tag] != ' ' && line[tag] != '\t') {
        tag++;
    }
    start = tag + pop3_skip_blanks(line + tag, length - tag);
    while (length > start && (line[length - 1] == ' ' || line[length - 1] == '\t')) {
        length--;
    }
    *parameters = line + start;
    *parameters_length = length - start;
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        if (pop3_matches(line, tag, tags[i]) && tags[i][tag] == '\0') {
            return UINT32_C(1) << i;
        }
    }
    return 0;
}
