/* SPDX-License-Identifier: MIT */
/* The exchange, of which a mechanism fills in the steps: collects challenges, keeps the response. Knows no mechanism. */
#include "auth/exchange.h"

#include <string.h>

#include "auth/secret.h"

pop3_sasl_result pop3_sasl_start(pop3_sasl *sasl, const pop3_sasl_mechanism *mechanism,
                                 const pop3_credentials *credentials, const pop3_crypto *crypto, char *buffer,
                                 size_t size) {
    pop3_sasl_result result;

    memset(sasl, 0, sizeof *sasl);
    sasl->mechanism = mechanism;
    sasl->credentials = credentials;
    sasl->crypto = crypto;
    sasl->buffer = buffer;
    sasl->size = size;
    result = mechanism->start(sasl);
    sasl->result = (uint8_t)result;
    return result;
}

const char *pop3_sasl_response(const pop3_sasl *sasl, size_t *n) {
    bool ready = !sasl->more && (sasl->result == POP3_SASL_OK || sasl->result == POP3_SASL_REFUSED);

    *n = ready ? sasl->length : 0;
    return ready ? sasl->response : NULL;
}

/* The challenge is whole. */
static pop3_sasl_result answer(pop3_sasl *sasl) {
    size_t n = sasl->received;

    sasl->received = 0;
    if (sasl->step++ == 0 && sasl->mechanism->client_first && n == 0) {
        return POP3_SASL_OK; /* the initial response is still there, for nothing was received over it */
    }
    sasl->response = NULL;
    sasl->length = 0;
    if (sasl->mechanism->challenge == NULL) {
        return POP3_SASL_CHALLENGE;
    }
    if (!pop3_base64_decode(sasl->buffer, n, sasl->buffer, &n)) {
        return POP3_SASL_BASE64;
    }
    return sasl->mechanism->challenge(sasl, n);
}

static pop3_sasl_result take(pop3_sasl *sasl, const char *base64, size_t n, bool more) {
    if (sasl->result != POP3_SASL_OK) {
        return POP3_SASL_CHALLENGE;
    }
    if (n != 0 && !sasl->mechanism->blind) {
        if (n > sasl->size - sasl->received) {
            return POP3_SASL_SPACE;
        }
        memcpy(sasl->buffer + sasl->received, base64, n);
        sasl->received += n;
    }
    sasl->more = more;
    return more ? POP3_SASL_OK : answer(sasl);
}

pop3_sasl_result pop3_sasl_challenge(pop3_sasl *sasl, const char *base64, size_t n, bool more) {
    pop3_sasl_result result = take(sasl, base64, n, more);

    sasl->result = (uint8_t)result;
    return result;
}

pop3_sasl_result pop3_sasl_finish(const pop3_sasl *sasl) {
    return sasl->result == POP3_SASL_OK && sasl->complete && !sasl->more ? POP3_SASL_OK : POP3_SASL_SERVER;
}

pop3_span pop3_sasl_refusal(const pop3_sasl *sasl) {
    const pop3_span none = {NULL, 0};

    return sasl->result == POP3_SASL_REFUSED ? sasl->refusal : none;
}

void pop3_sasl_end(pop3_sasl *sasl) {
    if (sasl->buffer != NULL) {
        pop3_wipe(sasl->buffer, sasl->size);
    }
    pop3_wipe(sasl, sizeof *sasl);
    sasl->result = POP3_SASL_CHALLENGE;
}
