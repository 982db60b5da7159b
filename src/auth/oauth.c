/* SPDX-License-Identifier: MIT */
/* Bearer tokens, and the status in the JSON that refuses one (RFC 7628 section 3.2.2). Of JSON it knows one string. */
#include "auth/oauth.h"

#include <string.h>

bool pop3_oauth_has_credentials(const pop3_sasl *sasl) {
    const pop3_credentials *credentials = sasl->credentials;

    return pop3_sasl_has_text(sasl, credentials->user) && credentials->token != NULL && credentials->token[0] != '\0' &&
           pop3_sasl_is_word(credentials->token);
}

void pop3_oauth_write_token(const pop3_sasl *sasl, pop3_writer *writer) {
    pop3_write_text(writer, "\1auth=Bearer ");
    pop3_write_text(writer, sasl->credentials->token);
    pop3_write_text(writer, "\1\1");
}

static size_t behind_blanks(const char *json, size_t at, size_t n) {
    while (at < n && (json[at] == ' ' || json[at] == '\t' || json[at] == '\r' || json[at] == '\n')) {
        at++;
    }
    return at;
}

/* The string behind `at`, a colon and blanks; empty if there is none. */
static pop3_span member_value(const char *json, size_t at, size_t n) {
    pop3_span value = {NULL, 0};
    const char *end;

    at = behind_blanks(json, at, n);
    if (at == n || json[at] != ':') {
        return value;
    }
    at = behind_blanks(json, at + 1, n);
    if (at == n || json[at] != '"') {
        return value;
    }
    at++;
    end = memchr(json + at, '"', n - at);
    if (end != NULL) {
        value.data = json + at;
        value.length = (size_t)(end - json) - at;
    }
    return value;
}

static pop3_span status_of(const char *json, size_t n) {
    static const char key[] = "\"status\"";
    const pop3_span none = {NULL, 0};

    for (size_t at = 0; n - at >= sizeof key - 1; at++) {
        if (memcmp(json + at, key, sizeof key - 1) == 0) {
            return member_value(json, at + sizeof key - 1, n);
        }
    }
    return none;
}

pop3_sasl_result pop3_oauth_refused(pop3_sasl *sasl, size_t n, const char *response) {
    sasl->refusal = status_of(sasl->buffer, n);
    sasl->response = response;
    sasl->length = strlen(response);
    return POP3_SASL_REFUSED;
}
