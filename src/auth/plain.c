/* SPDX-License-Identifier: MIT */
/* PLAIN (RFC 4616, R-PLAIN-01). */
#include "auth/exchange.h"

static pop3_sasl_result start(pop3_sasl *sasl) {
    const pop3_credentials *credentials = sasl->credentials;
    pop3_writer writer = pop3_sasl_writer(sasl, 0);

    if (!pop3_sasl_is_text(sasl, credentials->authzid) || !pop3_sasl_has_text(sasl, credentials->user) ||
        !pop3_sasl_has_text(sasl, credentials->password)) {
        return POP3_SASL_CREDENTIALS;
    }
    pop3_write_text(&writer, credentials->authzid);
    pop3_write(&writer, "", 1);
    pop3_write_text(&writer, credentials->user);
    pop3_write(&writer, "", 1);
    pop3_write_text(&writer, credentials->password);
    sasl->complete = true;
    return pop3_sasl_respond(sasl, &writer);
}

const pop3_sasl_mechanism pop3_sasl_plain = {
    .name = "PLAIN",
    .client_first = true,
    .plaintext = true,
    .blind = true,
    .start = start,
};
