/* SPDX-License-Identifier: MIT */
/* What to send after each reply. */
#include "login/login.h"

#include "auth/apop.h"

/*
 * Only a digest that was judged and found wrong lets USER/PASS follow: a plain -ERR, [AUTH] or [AUTH/...] (N-40,
 * R-3206-02, R-2449-09).
 */
static bool digest_was_judged(const pop3_event *event) {
    size_t code = pop3_begins_with(event->data, event->length, "[AUTH");

    return event->verb == POP3_APOP &&
           (event->length == 0 || event->data[0] != '[' ||
            (code != 0 && code < event->length && (event->data[code] == ']' || event->data[code] == '/')));
}

pop3_login_result pop3_login_step(const pop3_login *login, pop3_engine *engine, const pop3_event *event) {
    pop3_arg arg = {login->user, NULL, 0, 0};
    pop3_verb verb = POP3_USER;
    pop3_span timestamp;
    char hex[POP3_APOP_HEX + 1];

    if (event->type == POP3_EVENT_OK) {
        if (event->verb != POP3_USER) {
            return POP3_LOGIN_DONE;
        }
        verb = POP3_PASS;
        arg.text = login->secret;
    } else if (event->type == POP3_EVENT_ERR) {
        if (!digest_was_judged(event)) {
            return POP3_LOGIN_REFUSED;
        }
    } else if (login->policy != POP3_LOGIN_USER_PASS) {
        timestamp.data = pop3_parse_timestamp(event->data, event->length, &timestamp.length);
        if (timestamp.data != NULL && timestamp.length <= login->timestamp_max) {
            pop3_apop_digest(timestamp, login->secret, login->md5, hex);
            hex[POP3_APOP_HEX] = '\0';
            verb = POP3_APOP;
            arg.second = hex;
        }
    }
    if (verb == POP3_USER && login->policy == POP3_LOGIN_APOP_REQUIRED) {
        return POP3_LOGIN_APOP_FAILED;
    }
    return pop3_engine_command(engine, verb, &arg, 0) == POP3_SUCCESS ? POP3_LOGIN_CONTINUE : POP3_LOGIN_STATE;
}
