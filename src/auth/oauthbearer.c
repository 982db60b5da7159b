/* SPDX-License-Identifier: MIT */
/* OAUTHBEARER (RFC 7628, R-OAUTHB-01). */
#include "auth/oauth.h"

static void write_port(pop3_writer *writer, unsigned port) {
    char digits[5];
    size_t first = sizeof digits;

    for (; port != 0; port /= 10) {
        digits[--first] = (char)('0' + port % 10);
    }
    pop3_write(writer, digits + first, sizeof digits - first);
}

static pop3_sasl_result start(pop3_sasl *sasl) {
    const pop3_credentials *credentials = sasl->credentials;
    const bool acts_for = credentials->authzid != NULL && credentials->authzid[0] != '\0';
    pop3_writer writer = pop3_sasl_writer(sasl, 0);

    if (!pop3_oauth_has_credentials(sasl) || !pop3_sasl_is_text(sasl, credentials->authzid) ||
        !pop3_sasl_is_word(credentials->host)) {
        return POP3_SASL_CREDENTIALS;
    }
    pop3_write_text(&writer, "n");
    pop3_write_authzid(&writer, acts_for ? credentials->authzid : credentials->user);
    if (credentials->host != NULL) {
        pop3_write_text(&writer, "\1host=");
        pop3_write_text(&writer, credentials->host);
    }
    if (credentials->port != 0) {
        pop3_write_text(&writer, "\1port=");
        write_port(&writer, credentials->port);
    }
    pop3_oauth_write_token(sasl, &writer);
    sasl->complete = true;
    return pop3_sasl_respond(sasl, &writer);
}

static pop3_sasl_result challenge(pop3_sasl *sasl, size_t n) {
    return pop3_oauth_refused(sasl, n, "AQ=="); /* ^A */
}

const pop3_sasl_mechanism pop3_sasl_oauthbearer = {
    .name = "OAUTHBEARER",
    .client_first = true,
    .plaintext = true,
    .two_step = true,
    .uses_token = true,
    .start = start,
    .challenge = challenge,
};
