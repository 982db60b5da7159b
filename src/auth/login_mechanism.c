/* SPDX-License-Identifier: MIT */
/* LOGIN (R-LOGIN-01): two challenges, whose words are ignored, for user and password. */
#include "auth/exchange.h"

static pop3_sasl_result start(pop3_sasl *sasl) {
    const pop3_credentials *credentials = sasl->credentials;

    return pop3_sasl_has_text(sasl, credentials->user) && pop3_sasl_has_text(sasl, credentials->password) &&
                   pop3_sasl_acts_for_itself(sasl)
               ? POP3_SASL_OK
               : POP3_SASL_CREDENTIALS;
}

static pop3_sasl_result challenge(pop3_sasl *sasl, size_t n) {
    pop3_writer writer = pop3_sasl_writer(sasl, 0);

    (void)n;
    if (sasl->complete) {
        return POP3_SASL_CHALLENGE;
    }
    sasl->complete = sasl->step == 2;
    pop3_write_text(&writer, sasl->complete ? sasl->credentials->password : sasl->credentials->user);
    return pop3_sasl_respond(sasl, &writer);
}

const pop3_sasl_mechanism pop3_sasl_login = {
    .name = "LOGIN",
    .plaintext = true,
    .blind = true,
    .start = start,
    .challenge = challenge,
};
