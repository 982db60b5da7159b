/* SPDX-License-Identifier: MIT */
/* The APOP timestamp (RFC 1939 section 7): strict, so that a chosen one cannot be made to collide. */
#include "core/timestamp.h"

#include <string.h>

#include "core/parse.h"

unsigned pop3_timestamp_step(unsigned state, char octet) {
    static const char specials[] = "()[],;:\\\""; /* of a local part */

    if (state <= TIMESTAMP_COMPLETE) {
        return state == TIMESTAMP_NONE && octet == '<' ? TIMESTAMP_OPEN : state;
    }
    if (octet == '>') {
        return state == TIMESTAMP_DOMAIN ? TIMESTAMP_COMPLETE : TIMESTAMP_NONE;
    }
    if (octet == '@' && state == TIMESTAMP_LOCAL) {
        return TIMESTAMP_AT;
    }
    if (state == TIMESTAMP_BAD || octet <= ' ' || octet > '~' || octet == '<' || octet == '@' ||
        (state < TIMESTAMP_AT && memchr(specials, octet, sizeof specials - 1) != NULL)) {
        return TIMESTAMP_BAD;
    }
    return state | 1; /* a first octet or one more */
}

const char *pop3_parse_timestamp(const char *text, size_t length, size_t *timestamp_length) {
    const char *open = text;
    unsigned state = TIMESTAMP_NONE;

    for (; length != 0; length--) {
        state = pop3_timestamp_step(state, *text++);
        if (state == TIMESTAMP_OPEN) {
            open = text - 1;
        } else if (state == TIMESTAMP_COMPLETE) {
            *timestamp_length = (size_t)(text - open);
            if (*timestamp_length <= POP3_TIMESTAMP_MAX) {
                return open;
            }
            state = TIMESTAMP_NONE;
        }
    }
    return NULL;
}
