/* SPDX-License-Identifier: MIT */
/* The APOP timestamp (RFC 1939 section 7): strict, so that a chosen one cannot be made to collide (A-01). */
#include "core/parse.h"

#include <string.h>

/* May c stand in local@domain? atext, dot, and what address literals need; no blank, quote, bracket, 8-bit octet. */
static bool is_atom(char c) {
    return c > ' ' && c <= '~' && memchr("<>@", c, 3) == NULL;
}

/* `<`, one or more atom octets, `@`, one or more atom octets, `>`. */
static bool is_msg_id(const char *text, size_t length) {
    size_t at = 0;

    if (length > POP3_TIMESTAMP_MAX) {
        return false;
    }
    for (size_t i = 1; i < length - 1; i++) {
        if (text[i] == '@' && at == 0) {
            at = i;
        } else if (!is_atom(text[i])) {
            return false;
        }
    }
    return at > 1 && at + 2 < length;
}

const char *pop3_parse_timestamp(const char *text, size_t length, size_t *timestamp_length) {
    const char *end = text + length;
    const char *open;

    while ((open = memchr(text, '<', (size_t)(end - text))) != NULL) {
        text = memchr(open, '>', (size_t)(end - open));
        if (text == NULL) {
            return NULL;
        }
        text++;
        *timestamp_length = (size_t)(text - open);
        if (is_msg_id(open, *timestamp_length)) {
            return open;
        }
    }
    return NULL;
}
