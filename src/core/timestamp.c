/* SPDX-License-Identifier: MIT */
/* The APOP timestamp (RFC 1939 section 7): strict, so that a chosen one cannot be made to collide (A-01). */
#include "core/parse.h"

#include <string.h>

/* `<`, one or more octets of a local part, `@`, one or more octets of a domain, `>` (RFC 822 msg-id, R-APOP-01). */
static bool is_msg_id(const char *text, size_t length) {
    static const char specials[] = "[]:()<>,;\\\"@"; /* the first three may stand in a domain */
    size_t at = 0;

    for (size_t i = 1; i < length - 1; i++) {
        size_t allowed = at != 0 ? 3 : 0;
        if (text[i] == '@' && at == 0) {
            at = i;
        } else if (text[i] <= ' ' || text[i] > '~' ||
                   memchr(specials + allowed, text[i], sizeof specials - 1 - allowed) != NULL) {
            return false;
        }
    }
    return at > 1 && at + 2 < length && length <= POP3_TIMESTAMP_MAX;
}

const char *pop3_parse_timestamp(const char *text, size_t length, size_t *timestamp_length) {
    const char *open = NULL;

    for (size_t i = 0; i < length; i++) {
        if (text[i] == '<' && open == NULL) {
            open = text + i;
        } else if (text[i] == '>' && open != NULL) {
            *timestamp_length = (size_t)(text + i + 1 - open);
            if (is_msg_id(open, *timestamp_length)) {
                return open;
            }
            open = NULL;
        }
    }
    return NULL;
}
