/* SPDX-License-Identifier: MIT */
/* The server's SASL mechanisms (RFC 4422), octets in and out. Refuses to know base64, POP3 and the maildrop. */
#ifndef SATCHEL_SERVE_SASL_H
#define SATCHEL_SERVE_SASL_H

#include "serve/scram.h"
#include "serve/secret.h"

enum serve_mechanism {
    SERVE_SCRAM_SHA_256_PLUS, /* as CAPA lists them */
    SERVE_SCRAM_SHA_256,
    SERVE_SCRAM_SHA_1_PLUS,
    SERVE_SCRAM_SHA_1,
    SERVE_CRAM_MD5,
    SERVE_EXTERNAL,
    SERVE_OAUTHBEARER,
    SERVE_XOAUTH2,
    SERVE_PLAIN,
    SERVE_LOGIN,
    SERVE_NO_MECHANISM /* also the number of them */
};

/* Credentials; what is NULL makes the mechanisms that need it impossible. */
struct serve_sasl_config {
    unsigned offered; /* a set of 1 << serve_mechanism */
    bool allow_plaintext;
    bool endless;         /* a challenge behind every response: a fault */
    const char *token;    /* for OAUTHBEARER and XOAUTH2 */
    uint32_t iterations;  /* for SCRAM */
    unsigned scram_fault; /* one of serve_scram_fault */
};

/* What the connection gives. */
struct serve_security {
    bool secure;               /* there is TLS */
    bool certificate_is_users; /* the client's certificate names the user */
    struct serve_channel channel;
};

enum serve_sasl_result { SERVE_SASL_CHALLENGE, SERVE_SASL_GOOD, SERVE_SASL_BAD };

struct serve_sasl {
    enum serve_mechanism mechanism;
    unsigned step;
    const struct serve_sasl_config *config;
    const char *user;
    const char *password;
    const struct serve_security *security;
    bool known; /* LOGIN: the name was right */
    char stamp[SERVE_STAMP_TEXT];
    struct serve_scram scram;
    char challenge[SERVE_SCRAM_PART]; /* a text */
};

/* Names separated by commas, or "all"; false when one is unknown. */
bool serve_mechanisms_read(const char *list, unsigned *set);
enum serve_mechanism serve_mechanism_find(struct serve_span name);
const char *serve_mechanism_name(enum serve_mechanism mechanism);

/* Whether it is on offer now. */
bool serve_mechanism_usable(enum serve_mechanism mechanism, const struct serve_sasl_config *config,
                            const char *password, const struct serve_security *security);

/* Begins. `response` is the initial one; data NULL: none. Then a step for each response, decoded. All is borrowed. */
enum serve_sasl_result serve_sasl_start(struct serve_sasl *sasl, struct serve_span response);
enum serve_sasl_result serve_sasl_step(struct serve_sasl *sasl, struct serve_span response);

#endif
