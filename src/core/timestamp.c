/* SPDX-License-Identifier: MIT */
/* The APOP timestamp (RFC 1939 section 7): strict, so that a chosen one cannot be made to collide. */
#include <satchel/pop3_engine.h>

#include <string.h>

/* How many of these may not stand in each part of `local@domain` (R-APOP-01). */
static const char specials[] = "<@()[],;:\\\"";
enum { IN_DOMAIN = 2, IN_LOCAL = sizeof specials - 1 };

static bool is_address(const char *text, const char *end) {
    const char *first = text;
    size_t kind = IN_LOCAL;

    for (; text != end; text++) {
        if (*text == '@' && text != first && kind == IN_LOCAL) {
            kind = IN_DOMAIN;
        } else if (*text <= ' ' || *text > '~' || memchr(specials, *text, kind) != NULL) {
            return false;
        }
    }
    return kind == IN_DOMAIN && text[-1] != '@';
}

const char *pop3_parse_timestamp(const char *text, size_t length, size_t *timestamp_length) {
    const char *end = text + length;
    const char *open;
    const char *close;

    while ((open = memchr(text, '<', (size_t)(end - text))) != NULL &&
           (close = memchr(open, '>', (size_t)(end - open))) != NULL) {
        text = close + 1;
        *timestamp_length = (size_t)(text - open);
        if (*timestamp_length <= POP3_TIMESTAMP_MAX && is_address(open + 1, close)) {
            return open;
        }
    }
    return NULL;
}
