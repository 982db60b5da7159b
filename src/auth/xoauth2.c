/* SPDX-License-Identifier: MIT */
/* XOAUTH2 (R-XOAUTH2-01), in two steps by default, for Exchange Online knows no other. */
#include "auth/oauth.h"

static pop3_sasl_result start(pop3_sasl *sasl) {
    pop3_writer writer = pop3_sasl_writer(sasl, 0);

    if (!pop3_oauth_has_credentials(sasl) || !pop3_sasl_acts_for_itself(sasl)) {
        return POP3_SASL_CREDENTIALS;
    }
    pop3_write_text(&writer, "user=");
    pop3_write_text(&writer, sasl->credentials->user);
    pop3_oauth_write_token(sasl, &writer);
    sasl->complete = true;
    return pop3_sasl_respond(sasl, &writer);
}

static pop3_sasl_result challenge(pop3_sasl *sasl, size_t n) {
    return pop3_oauth_refused(sasl, n, "");
}

const pop3_sasl_mechanism pop3_sasl_xoauth2 = {
    .name = "XOAUTH2",
    .client_first = true,
    .plaintext = true,
    .two_step = true,
    .uses_token = true,
    .start = start,
    .challenge = challenge,
};
