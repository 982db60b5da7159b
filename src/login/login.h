/* SPDX-License-Identifier: MIT */
/*
 * Chooses and runs authentication: it turns each event of the AUTHORIZATION phase into the next command. The caller
 * moves the octets. Knows no socket, no clock and no digest algorithm.
 */
#ifndef SATCHEL_LOGIN_LOGIN_H
#define SATCHEL_LOGIN_LOGIN_H

#include <satchel/pop3_engine.h>

#include "auth/digest.h"

/* PREFERRED: APOP, then USER/PASS where N-40 lets it follow. */
typedef enum pop3_login_policy {
    POP3_LOGIN_USER_PASS,
    POP3_LOGIN_APOP_PREFERRED,
    POP3_LOGIN_APOP_REQUIRED
} pop3_login_policy;

/* Filled by the caller; every pointer is borrowed until the login is over. */
typedef struct pop3_login {
    const char *user;       /* NUL-ended */
    const char *secret;     /* password and APOP secret, NUL-ended */
    pop3_digest *md5;       /* for APOP */
    unsigned policy;        /* pop3_login_policy */
    unsigned timestamp_max; /* octets; a longer APOP timestamp counts as none */
} pop3_login;

typedef enum pop3_login_result {
    POP3_LOGIN_CONTINUE,    /* a command is in the engine's output: send it, bring the event of its reply */
    POP3_LOGIN_DONE,        /* logged in: phase TRANSACTION */
    POP3_LOGIN_REFUSED,     /* the server answered -ERR to the greeting, USER or PASS, or to APOP with a code that says
                               that the digest was not judged */
    POP3_LOGIN_APOP_FAILED, /* APOP was refused or not offered, and nothing else is allowed */
    POP3_LOGIN_STATE        /* the engine takes no command: the session is over, or an argument may not be sent */
} pop3_login_result;

/*
 * Takes GREETING, OK or ERR, as soon as it came and before the next call on the engine: its span is read here.
 * Every result but CONTINUE ends the login.
 */
pop3_login_result pop3_login_step(const pop3_login *login, pop3_engine *engine, const pop3_event *event);

#endif
