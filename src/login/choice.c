/* SPDX-License-Identifier: MIT */
/* Which mechanism may be used here, and which of them comes next (R-AUTH-01, R-TLS-08). Sends nothing. */
#include <string.h>

#include "login/host_login.h"

/* Has the caller what it needs? With a token no password mechanism is tried. EXTERNAL needs nothing but TLS. */
static bool is_equipped(const pop3_login *login, const pop3_sasl_mechanism *mechanism) {
    const pop3_login_options *options = login->options;
    const pop3_credentials *credentials = options->credentials;

    if (pop3_begins_with(mechanism->name, strlen(mechanism->name), "EXTERNAL") != 0) {
        return options->chosen || (options->client_certificate && login->secure);
    }
    if (mechanism->uses_token || credentials->token != NULL) {
        return mechanism->uses_token && credentials->token != NULL;
    }
    if (mechanism == &pop3_login_apop && login->stamp[0] == '\0') {
        return false;
    }
    return credentials->password != NULL && (!mechanism->plus || credentials->binding_type != NULL);
}

/* Challenges in clear, and no proof of the server's: CRAM-MD5 and APOP. */
static bool is_obsolete(const pop3_sasl_mechanism *mechanism) {
    return !mechanism->client_first && !mechanism->plaintext;
}

/*
 * Without TLS a plaintext mechanism never follows a proof that was refused: refusing would be how an attacker gets the
 * password (W-06).
 */
static bool is_safe(const pop3_login *login, const pop3_sasl_mechanism *mechanism) {
    const pop3_login_options *options = login->options;

    if (login->secure) {
        return options->chosen || !is_obsolete(mechanism);
    }
    if (options->tls != POP3_TLS_OFF || mechanism->plus || mechanism->uses_token) {
        return false;
    }
    return !mechanism->plaintext || ((options->chosen || options->loopback) && !login->secret_sent);
}

/* USER/PASS is assumed of a server that does not say how to log in (R-2449-01, R-2449-18). */
static bool is_announced(const pop3_login *login, size_t i) {
    const pop3_sasl_mechanism *mechanism = login->options->mechanisms[i];

    if (mechanism == &pop3_login_apop) { /* by the greeting (R-2449-05), or is_equipped() says no */
        return true;
    }
    if (mechanism == &pop3_login_user_pass) {
        return (login->capabilities & POP3_CAPABILITY_USER) != 0 || (login->capabilities & POP3_CAPABILITY_SASL) == 0;
    }
    return (login->announced >> i & 1U) != 0;
}

/* The first that is left of those that were announced, or of those that were not. */
static size_t find(const pop3_login *login, bool announced) {
    const pop3_sasl_mechanism *const *list = login->options->mechanisms;

    for (size_t i = 0; i < POP3_LOGIN_MECHANISMS_MAX && list[i] != NULL; i++) {
        if ((login->tried >> i & 1U) == 0 && is_announced(login, i) == announced && is_equipped(login, list[i]) &&
            is_safe(login, list[i])) {
            return i;
        }
    }
    return POP3_LOGIN_MECHANISMS_MAX;
}

size_t pop3_login_choose(const pop3_login *login) {
    size_t i = find(login, true);

    return i == POP3_LOGIN_MECHANISMS_MAX && login->options->chosen ? find(login, false) : i;
}
