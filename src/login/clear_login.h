/* SPDX-License-Identifier: MIT */
/*
 * The small login of the NetX services: USER/PASS and APOP, by N-40. It turns each event of the AUTHORIZATION phase into
 * the next command; the caller moves the octets. Knows no CAPA, TLS or AUTH (that is satchel/pop3_login.h), no socket,
 * no clock and no digest algorithm.
 */
#ifndef SATCHEL_LOGIN_CLEAR_LOGIN_H
#define SATCHEL_LOGIN_CLEAR_LOGIN_H

#include <satchel/pop3_digest.h>
#include <satchel/pop3_engine.h>

/* PREFERRED: APOP, then USER/PASS where N-40 lets it follow. */
typedef enum pop3_clear_login_policy {
    POP3_CLEAR_LOGIN_USER_PASS,
    POP3_CLEAR_LOGIN_APOP_PREFERRED,
    POP3_CLEAR_LOGIN_APOP_REQUIRED
} pop3_clear_login_policy;

/* Filled by the caller; every pointer is borrowed until the login is over. */
typedef struct pop3_clear_login {
    const char *user;       /* NUL-ended */
    const char *secret;     /* password and APOP secret, NUL-ended */
    pop3_digest *md5;       /* for APOP */
    unsigned policy;        /* pop3_clear_login_policy */
    unsigned timestamp_max; /* octets; a longer APOP timestamp counts as none */
} pop3_clear_login;

typedef enum pop3_clear_login_result {
    POP3_CLEAR_LOGIN_CONTINUE,    /* a command is in the engine's output: send it, bring the event of its reply */
    POP3_CLEAR_LOGIN_DONE,        /* logged in: phase TRANSACTION */
    POP3_CLEAR_LOGIN_REFUSED,     /* the server answered -ERR to the greeting, USER or PASS, or to APOP with a code that
                                     says that the digest was not judged */
    POP3_CLEAR_LOGIN_APOP_FAILED, /* APOP was refused or not offered, and nothing else is allowed */
    POP3_CLEAR_LOGIN_STATE        /* the engine takes no command: the session is over, or an argument may not be sent */
} pop3_clear_login_result;

/*
 * Takes GREETING, OK or ERR, as soon as it came and before the next call on the engine: its span is read here.
 * Every result but CONTINUE ends the login.
 */
pop3_clear_login_result pop3_clear_login_step(const pop3_clear_login *login, pop3_engine *engine,
                                              const pop3_event *event);

#endif
