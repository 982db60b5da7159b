/* SPDX-License-Identifier: MIT */
/* Which credentials may be sent at all (A-13, R-5034-13, R-PLAIN-01). Knows no mechanism. */
#include "auth/exchange.h"

/* NULL is as good as "". */
static bool is_within(const char *text, unsigned lowest, unsigned highest) {
    for (; text != NULL && *text != '\0'; text++) {
        unsigned octet = (unsigned char)*text;
        if (octet < lowest || octet > highest || octet == 0x7F) {
            return false;
        }
    }
    return true;
}

bool pop3_sasl_is_text(const pop3_sasl *sasl, const char *text) {
    return is_within(text, ' ', sasl->credentials->prepared ? 0xFF : '~');
}

bool pop3_sasl_has_text(const pop3_sasl *sasl, const char *text) {
    return text != NULL && text[0] != '\0' && pop3_sasl_is_text(sasl, text);
}

bool pop3_sasl_acts_for_itself(const pop3_sasl *sasl) {
    const char *authzid = sasl->credentials->authzid;

    return authzid == NULL || authzid[0] == '\0';
}

bool pop3_sasl_is_word(const char *text) {
    return is_within(text, '!', '~');
}
