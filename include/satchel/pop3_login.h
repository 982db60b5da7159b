/* SPDX-License-Identifier: MIT */
/*
 * Takes a session through the AUTHORIZATION state: STLS, CAPA, the best mechanism that both sides have (R-AUTH-01), and
 * tells what a failure means (RFC 3206). Like the engine it has no socket, clock, heap, callback or log: it turns each
 * event of the engine into the next command; the caller moves the octets and makes the TLS handshake.
 *
 *     pop3_login_init(&login, &options);
 *     for (;;) {
 *         if (n == 0) { send everything that pop3_engine_output() offers; receive n octets at in; }
 *         used = pop3_engine_input(&engine, in, n, &event);    in += used;  n -= used;
 *         switch (pop3_login_step(&login, &engine, &event)) { ... HANDSHAKE: see there; DONE or FAILED: leave ... }
 *     }
 *     pop3_login_end(&login);
 *
 * A login is used by one thread at a time; logins share nothing.
 */
#ifndef SATCHEL_POP3_LOGIN_H
#define SATCHEL_POP3_LOGIN_H

#include <satchel/pop3_engine.h>
#include <satchel/pop3_sasl.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What the caller wants ---- */

typedef enum pop3_tls_mode {
    POP3_TLS_IMPLICIT, /* TLS was up before the greeting */
    POP3_TLS_STLS,     /* STLS or nothing: there is no opportunistic mode (R-TLS-07) */
    POP3_TLS_OFF
} pop3_tls_mode;

/*
 * USER/PASS and APOP, to stand beside the SASL mechanisms in lists of what is allowed; named "USER" and "APOP". Neither is
 * ever given to pop3_sasl_start().
 */
extern const pop3_sasl_mechanism pop3_login_user_pass;
extern const pop3_sasl_mechanism pop3_login_apop;

/* Every mechanism in the order of R-AUTH-01, NULL behind the last. A program that names it carries them all. */
extern const pop3_sasl_mechanism *const pop3_login_all_mechanisms[];

#define POP3_LOGIN_MECHANISMS_MAX 32 /* of a list that count; what stands behind them is ignored */

/* Borrowed, with all that it points to, until pop3_login_end(). */
typedef struct pop3_login_options {
    pop3_tls_mode tls;
    /*
     * The binding may be set as late as with TLS: under STLS before pop3_login_step() with NULL. `plus_offered` is not
     * read: what the server announces decides. With a token no password is ever sent (R-AUTH-01).
     */
    const pop3_credentials *credentials;
    const pop3_crypto *crypto;
    const pop3_sasl_mechanism *const *mechanisms; /* what is allowed, the preferred first, NULL behind the last */
    /*
     * The user named these mechanisms: plaintext ones may run without TLS, CRAM-MD5 and APOP with it, and those that were
     * not announced are tried last (R-TLS-08, R-5034-02). A token never goes out without TLS, named or not.
     */
    bool chosen;
    bool loopback;           /* the server is on this machine: plaintext ones may run without TLS */
    bool client_certificate; /* one was configured for TLS: EXTERNAL makes sense (R-TLS-13) */
    bool probe;              /* no login: see DONE. Credentials only say by being there what there will be */
    bool no_capa;            /* CAPA breaks this server. Under STLS it is asked all the same (R-TLS-04) */
    bool one_step;           /* initial responses stand in AUTH itself, whatever the mechanism prefers */
    bool two_step;           /* they never do */
    char *buffer;            /* lent to pop3_sasl_start() */
    size_t size;
} pop3_login_options;

/* ---- What came of it ---- */

typedef enum pop3_failure {
    POP3_FAILURE_NONE,
    POP3_FAILURE_CREDENTIALS,  /* the server says that name, password or token is wrong: do not try again unchanged */
    POP3_FAILURE_UNCLEAR,      /* refused or hung up on without a reason: it may be the password, or temporary
                                  (R-3206-03, Q-17) */
    POP3_FAILURE_TEMPORARY,    /* [SYS/TEMP], or refused for a reason that is not the credentials: try later */
    POP3_FAILURE_PERMANENT,    /* [SYS/PERM]: the server's administrator must act */
    POP3_FAILURE_IN_USE,       /* [IN-USE]: the credentials were right, another session has the maildrop */
    POP3_FAILURE_LOGIN_DELAY,  /* [LOGIN-DELAY]: not before `login_delay` seconds, 900 where that is 0 (R-2449-10) */
    POP3_FAILURE_NO_TLS,       /* STLS was refused */
    POP3_FAILURE_NO_MECHANISM, /* the server announces none that is allowed here */
    POP3_FAILURE_LOCAL,        /* the credentials cannot be sent by any: see `sasl` */
    POP3_FAILURE_SERVER_PROOF, /* the server did not prove that it knows the password: it may be an impostor (R-5034-09) */
    POP3_FAILURE_PROTOCOL,     /* the server broke the rules, or pop3_login_step() was called out of turn */
    POP3_FAILURE_CLOSED        /* the connection ended before a proof or password was due */
} pop3_failure;

/*
 * CONTINUE   Offer the engine what was received already: an answer in advance is a failure (F-03). Then send the whole
 *            output, and bring the next event.
 * HANDSHAKE  Offer the engine what was received already, and bring the event: it is a failure (R-TLS-05). If there was
 *            nothing, make the TLS handshake, then pop3_engine_tls_started(), then pop3_login_step() with NULL. If the
 *            handshake fails, the login is over.
 * DONE       Logged in: phase TRANSACTION. With `probe`: it is known what the server offers, and `mechanism` is what would be
 *            tried first, or NULL; phase AUTHORIZATION, nothing of the credentials was sent.
 * FAILED     See `failure`. QUIT may be sent if pop3_engine_can() says so; else hang up and send nothing, not even what is
 *            in the output.
 */
typedef enum pop3_login_result {
    POP3_LOGIN_CONTINUE,
    POP3_LOGIN_HANDSHAKE,
    POP3_LOGIN_DONE,
    POP3_LOGIN_FAILED
} pop3_login_result;

/* Public so that it can be static or on a stack. These members are for reading; they stay after pop3_login_end(). */
typedef struct pop3_login {
    pop3_failure failure;    /* means something with FAILED only */
    pop3_response_code code; /* of the last -ERR */
    pop3_sasl_result sasl;   /* of the last mechanism: with LOCAL, PROTOCOL and SERVER_PROOF it tells why */
    bool capa;               /* CAPA was answered by +OK */
    bool capa_again;         /* EXPIRE or LOGIN-DELAY differ by user: ask again in TRANSACTION, see pop3_login_capa() */
    bool secret_sent;        /* a proof, password or token was sent (R-5034-10) */
    bool reconnect_without_capa;          /* FAILED: a new connection with no_capa may do better */
    bool reconnect_other_form;            /* FAILED: so may one with `two_step` the other way round */
    bool two_step;                        /* the initial response went, or was to go, behind an empty challenge */
    const pop3_sasl_mechanism *mechanism; /* the one in use, or that failed; NULL: none was begun */
    uint32_t capabilities;                /* pop3_capability bits */
    uint32_t announced;                   /* bit n: options.mechanisms[n] stands in SASL */
    uint32_t login_delay;                 /* seconds; 0: none announced */
    uint32_t expire;                      /* days; UINT32_MAX: NEVER, or not announced */
    char stamp[POP3_TIMESTAMP_MAX + 1];   /* APOP timestamp of the greeting, unless STLS came behind it, or "" */

    /* The rest is the login's own. */
    const pop3_login_options *options;
    pop3_credentials credentials; /* with plus_offered as each mechanism needs it */
    pop3_sasl exchange;
    uint32_t plus;  /* bit n: -PLUS of options.mechanisms[n] stands in SASL */
    uint32_t tried; /* bit n: options.mechanisms[n] was tried, or cannot be */
    uint16_t lines; /* of CAPA */
    uint8_t asked;  /* pop3_verb of the command sent last */
    uint8_t responses;
    bool secure, utf8_user, utf8, capa_refused, cancelled, last_chance, over;
} pop3_login;

void pop3_login_init(pop3_login *login, const pop3_login_options *options);

/*
 * Takes each event from the greeting on, as soon as it came and before the next call on the engine: its span is read
 * here. NULL: TLS is up, the engine knows. The output window of the engine must hold POP3_COMMAND_MAX octets.
 *
 * FAILED and DONE are the last results; a further call gives the same again.
 */
pop3_login_result pop3_login_step(pop3_login *login, pop3_engine *engine, const pop3_event *event);

#define POP3_CAPA_MAX 256 /* lines (R-2449-19) */

/*
 * Takes the events of a CAPA that the caller sends after the login: capabilities, login_delay and expire become what the
 * server says then; if it refuses, they stay. False: it sent more than POP3_CAPA_MAX lines; hang up.
 */
bool pop3_login_capa(pop3_login *login, const pop3_event *event);

/* Wipes what is secret, the buffer too. In any state, also twice; always due in the end. */
void pop3_login_end(pop3_login *login);

#ifdef __cplusplus
}
#endif
#endif
