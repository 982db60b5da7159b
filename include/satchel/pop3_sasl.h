/* SPDX-License-Identifier: MIT */
/*
 * SASL mechanisms for AUTH (RFC 5034), the client's side, one object each: a program carries those that it names.
 *
 * Like the engine it has no socket, clock, heap, callback or log: challenges in, responses out, both in the base64 that
 * goes over the wire. Digests and random octets come in as functions. It links with nothing but mem* and strlen. It knows
 * neither the engine nor TLS: which mechanism may be used where is the caller's decision (R-TLS-08, R-AUTH-01).
 *
 *     result = pop3_sasl_start(&sasl, &pop3_sasl_scram_sha_256, &credentials, &crypto, buffer, sizeof buffer);
 *     initial = pop3_sasl_response(&sasl, &n);                for AUTH itself, or for the first, empty challenge
 *     on CHALLENGE: result = pop3_sasl_challenge(&sasl, event.data, event.length, event.more);
 *                   if it was whole, send pop3_sasl_response(), or "*" where `result` says so
 *     on OK:        result = pop3_sasl_finish(&sasl);         anything but POP3_SASL_OK: you are not logged in, hang up
 *     in the end:   pop3_sasl_end(&sasl);                     always
 *
 * An exchange is used by one thread at a time; exchanges share nothing.
 */
#ifndef SATCHEL_POP3_SASL_H
#define SATCHEL_POP3_SASL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <satchel/pop3_digest.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What the caller brings ---- */

/* What the caller's platform computes. Members that no mechanism in use needs may be NULL. */
typedef struct pop3_crypto {
    pop3_digest *md5;    /* APOP, CRAM-MD5 */
    pop3_digest *sha1;   /* SCRAM-SHA-1 and its -PLUS */
    pop3_digest *sha256; /* SCRAM-SHA-256 and its -PLUS */
    /*
     * PBKDF2 (RFC 8018) by HMAC over the digest of `size` octets (20 or 32), which is also how many it writes to out. False:
     * it cannot. NULL: it is made of the digest, which costs four blocks of digest an iteration instead of two.
     */
    bool (*pbkdf2)(size_t size, const pop3_span *password, const pop3_span *salt, uint32_t iterations, uint8_t *out);
    bool (*random)(void *out, size_t n); /* SCRAM: n octets that nobody can foretell. False: there are none */
} pop3_crypto;

/*
 * Borrowed, with all that it points to, until pop3_sasl_end(). Strings are UTF-8 and end with NUL; no string may have an
 * octet below 0x20 or 0x7F, `token` and `host` no blank either.
 */
typedef struct pop3_credentials {
    const char *user;     /* authentication identity; all but EXTERNAL */
    const char *authzid;  /* identity to act for; NULL or empty: none said. Not LOGIN, CRAM-MD5, XOAUTH2 */
    const char *password; /* PLAIN, LOGIN, CRAM-MD5, SCRAM */
    const char *token;    /* OAuth bearer token: OAUTHBEARER, XOAUTH2 */
    const char *host;     /* of the server, as configured: OAUTHBEARER; NULL: not said */
    uint16_t port;        /* OAUTHBEARER; 0: not said */
    bool prepared;        /* user, authzid and password went through SASLprep (R-5034-13); else they must be ASCII */
    const char *binding_type; /* "tls-exporter" or "tls-server-end-point" (R-SCRAM-04); NULL: none can be had */
    pop3_span binding;        /* its octets */
    bool plus_offered;        /* the server announced -PLUS of this mechanism, so it knows bindings (R-SCRAM-05) */
    uint32_t iterations_min;  /* SCRAM takes no fewer; 0: POP3_SCRAM_ITERATIONS_MIN */
    uint32_t iterations_max;  /* SCRAM takes no more; 0: POP3_SCRAM_ITERATIONS_MAX */
} pop3_credentials;

#define POP3_SCRAM_ITERATIONS_MIN 4096U
#define POP3_SCRAM_ITERATIONS_MAX 1000000U

/* ---- Mechanisms ---- */

/* Behind REFUSED the response is to be sent, behind the others "*" (R-5034-06); -ERR follows both. */
typedef enum pop3_sasl_result {
    POP3_SASL_OK,          /* pop3_sasl_response() has what is to be sent, or NULL for nothing yet */
    POP3_SASL_CREDENTIALS, /* start: a credential is missing, empty, has an octet that may not be sent, or is not ASCII
                              and not prepared */
    POP3_SASL_CRYPTO,      /* the crypto lacks what the mechanism needs, or one of its functions cannot do it */
    POP3_SASL_BINDING,     /* start: a -PLUS mechanism without a binding */
    POP3_SASL_SPACE,       /* the buffer is too small for the challenge or the response */
    POP3_SASL_BASE64,      /* the challenge is no strict base64 (R-5034-07) */
    POP3_SASL_CHALLENGE,   /* the challenge does not belong here, or breaks the mechanism's syntax or limits */
    POP3_SASL_SERVER, /* the server does not know the password: wrong or missing v=, another nonce, +OK too early */
    POP3_SASL_REFUSED /* the challenge carries the server's refusal, see pop3_sasl_refusal() */
} pop3_sasl_result;

struct pop3_sasl;

/* What a mechanism is. The members behind the blank line are its own. */
typedef struct pop3_sasl_mechanism {
    const char *name;  /* as AUTH and SASL have it: "SCRAM-SHA-256-PLUS" */
    bool client_first; /* it has an initial response (R-5034-04) */
    bool plaintext;    /* it shows the secret to whoever reads along: only under TLS (R-TLS-08) */
    bool two_step;     /* its initial response is better sent behind an empty challenge */
    bool uses_token;   /* token instead of password */
    bool plus;         /* it needs a channel binding */

    bool blind;          /* what challenges say is ignored (R-LOGIN-01, Q-16) */
    uint8_t digest_size; /* octets of SCRAM's digest */
    enum pop3_sasl_result (*start)(struct pop3_sasl *sasl);
    enum pop3_sasl_result (*challenge)(struct pop3_sasl *sasl, size_t n); /* n decoded octets are in the buffer */
} pop3_sasl_mechanism;

extern const pop3_sasl_mechanism pop3_sasl_external;         /* RFC 4422 appendix A */
extern const pop3_sasl_mechanism pop3_sasl_plain;            /* RFC 4616 */
extern const pop3_sasl_mechanism pop3_sasl_login;            /* an expired draft, widely deployed */
extern const pop3_sasl_mechanism pop3_sasl_cram_md5;         /* RFC 2195 */
extern const pop3_sasl_mechanism pop3_sasl_scram_sha_1;      /* RFC 5802 */
extern const pop3_sasl_mechanism pop3_sasl_scram_sha_1_plus; /* with channel binding: RFC 5929, 9266 */
extern const pop3_sasl_mechanism pop3_sasl_scram_sha_256;    /* RFC 7677 */
extern const pop3_sasl_mechanism pop3_sasl_scram_sha_256_plus;
extern const pop3_sasl_mechanism pop3_sasl_oauthbearer; /* RFC 7628 */
extern const pop3_sasl_mechanism pop3_sasl_xoauth2;     /* Google's and Microsoft's form of it */

/* ---- The exchange ---- */

#define POP3_SASL_NONCE 24 /* octets of SCRAM's nonce: the base64 of 18 random ones (R-SCRAM-01) */

/* One exchange. Public so that it can be static or on a stack; its members are the exchange's own. */
typedef struct pop3_sasl {
    const pop3_sasl_mechanism *mechanism;
    const pop3_credentials *credentials;
    const pop3_crypto *crypto;
    char *buffer; /* lent: the challenge as it comes, then the response */
    size_t size;
    size_t received;      /* octets of the challenge in the buffer */
    const char *response; /* NULL: none */
    size_t length;
    pop3_span refusal;
    uint8_t result;                  /* pop3_sasl_result; anything but OK stays */
    uint8_t step;                    /* challenges answered */
    bool more;                       /* the challenge goes on */
    bool proved;                     /* SCRAM: our proof is made */
    bool complete;                   /* +OK may come */
    char nonce[POP3_SASL_NONCE + 1]; /* SCRAM: ours, ended by NUL */
    uint8_t signature[32];           /* SCRAM: what the server must send */
} pop3_sasl;

/*
 * Begins an exchange of this mechanism. All pointers are borrowed until pop3_sasl_end(). `buffer` holds each challenge and
 * each response; 512 octets do for passwords, 4 KiB for most tokens (docs/sasl.md has the exact sum).
 *
 * OK, or CREDENTIALS, CRYPTO, BINDING, SPACE: then nothing may be sent, not even AUTH. pop3_sasl_end() is due in any case.
 */
pop3_sasl_result pop3_sasl_start(pop3_sasl *sasl, const pop3_sasl_mechanism *mechanism,
                                 const pop3_credentials *credentials, const pop3_crypto *crypto, char *buffer,
                                 size_t size);

/*
 * What is to be sent now, in base64, *n octets of it (0 for an empty line). NULL: nothing is to be sent yet, *n is 0.
 * Behind pop3_sasl_start() it is the initial response of a mechanism that has one; as an argument of AUTH an empty one is
 * written "=" (R-5034-05). Valid until the next call of pop3_sasl_challenge() or pop3_sasl_end(). It is a secret.
 */
const char *pop3_sasl_response(const pop3_sasl *sasl, size_t *n);

/*
 * A challenge as the engine's CHALLENGE events bring it, in parts as long as `more` is set; n may be 0. What was to be sent
 * before must be out (not merely given to the engine), for its octets are overwritten.
 *
 * The first challenge of a client-first mechanism, if it is empty, asks for the initial response, sent already or not: it
 * is the response again. PLAIN, LOGIN and EXTERNAL take any first challenge for an empty one, base64 or not.
 *
 * Anything but OK ends the exchange: CRYPTO, SPACE, BASE64, CHALLENGE, SERVER: send "*", read -ERR; REFUSED: send the
 * response, read -ERR (R-OAUTHB-01, R-XOAUTH2-01). Further challenges are CHALLENGE.
 */
pop3_sasl_result pop3_sasl_challenge(pop3_sasl *sasl, const char *base64, size_t n, bool more);

/*
 * +OK came. OK: believe it. SERVER: it came before the exchange was complete, with SCRAM before the server had proved that
 * it knows the password, or behind a failure: close the session, send nothing (R-5034-09, R-LOGIN-01).
 */
pop3_sasl_result pop3_sasl_finish(const pop3_sasl *sasl);

/*
 * Behind REFUSED: the server's own word for it, from SCRAM's e= ("unknown-user") or from the `status` of OAuth's JSON
 * ("invalid_token"); as the server sent it, so not to be printed as it is. Length 0: it has none. Valid until
 * pop3_sasl_end(). In any other state its length is 0.
 */
pop3_span pop3_sasl_refusal(const pop3_sasl *sasl);

/* Wipes the exchange and the whole buffer. In any state behind pop3_sasl_start(), also twice. */
void pop3_sasl_end(pop3_sasl *sasl);

/* ---- Base64, strict (R-5034-07) ---- */

/* Octets of the base64 of n octets. */
#define POP3_BASE64_LENGTH(n) (((n) + 2) / 3 * 4)

/* Writes POP3_BASE64_LENGTH(n) octets to out, which may be where the n octets are; no NUL. Returns how many. */
size_t pop3_base64_encode(const void *octets, size_t n, char *out);

/*
 * Writes what the n octets of base64 stand for to out, which may be where they are or begin before them, at most 3 / 4 of
 * n; how many in *length.
 * False: an octet outside the alphabet, no multiple of four, padding that is not at the end, or bits behind the last octet
 * that are not 0, so that no two texts mean the same; what is in out then means nothing.
 */
bool pop3_base64_decode(const char *base64, size_t n, void *out, size_t *length);

#ifdef __cplusplus
}
#endif
#endif
