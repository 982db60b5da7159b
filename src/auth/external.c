/* SPDX-License-Identifier: MIT */
/* EXTERNAL (RFC 4422 appendix A, R-EXT-01): TLS has proved who the client is; the response says for whom it acts. */
#include "auth/exchange.h"

static pop3_sasl_result start(pop3_sasl *sasl) {
    pop3_writer writer = pop3_sasl_writer(sasl, 0);

    if (!pop3_sasl_is_text(sasl, sasl->credentials->authzid)) {
        return POP3_SASL_CREDENTIALS;
    }
    pop3_write_text(&writer, sasl->credentials->authzid);
    sasl->complete = true;
    return pop3_sasl_respond(sasl, &writer);
}

const pop3_sasl_mechanism pop3_sasl_external = {
    .name = "EXTERNAL",
    .client_first = true,
    .blind = true,
    .start = start,
};
