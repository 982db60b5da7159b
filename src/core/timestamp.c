/* SPDX-License-Identifier: MIT */
/* The APOP timestamp (RFC 1939 section 7): strict, so that a chosen one cannot be made to collide (A-01). */
#include "core/parse.h"

#include <string.h>

/* May the octet stand in a local part, or in a domain (RFC 822 msg-id, R-APOP-01)? */
static bool is_allowed(char octet, bool in_domain) {
    static const char specials[] = "[]:()<>,;\\\"@"; /* the first three may stand in a domain */
    size_t skip = in_domain ? 3 : 0;

    return octet > ' ' && octet <= '~' && memchr(specials + skip, octet, sizeof specials - 1 - skip) == NULL;
}

const char *pop3_parse_timestamp(const char *text, size_t length, size_t *timestamp_length) {
    const char *const end = text + length;
    const char *open = NULL;
    const char *at = NULL; /* the `@`; `end` where the brackets are known to hold no timestamp */

    for (; text < end; text++) {
        if (open == NULL) {
            if (*text == '<') {
                open = text;
                at = NULL;
            }
        } else if (*text == '>') {
            if (at != NULL && text - at > 1 && text - open < POP3_TIMESTAMP_MAX) {
                *timestamp_length = (size_t)(text + 1 - open);
                return open;
            }
            open = NULL;
        } else if (*text == '@' && at == NULL && text - open > 1) {
            at = text;
        } else if (!is_allowed(*text, at != NULL)) {
            at = end;
        }
    }
    return NULL;
}
