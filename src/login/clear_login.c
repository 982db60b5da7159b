/* SPDX-License-Identifier: MIT */
/* What to send after each reply. */
#include "login/clear_login.h"

#include <string.h>

/*
 * Only a digest that was judged and found wrong lets USER/PASS follow: a plain -ERR, [AUTH] or [AUTH/...] (N-40,
 * R-3206-02, R-2449-09).
 */
static bool digest_was_judged(const pop3_event *event) {
    const char *text = event->data;
    size_t code;

    if (event->verb != POP3_APOP || event->length == 0 || text[0] != '[') {
        return event->verb == POP3_APOP;
    }
    code = pop3_begins_with(text, event->length, "[AUTH");
    return code < event->length && (text[code] == ']' || text[code] == '/');
}

/* The digest that the greeting asks for, or none. */
static bool digest(const pop3_clear_login *login, const pop3_event *greeting, char hex[POP3_APOP_HEX + 1]) {
    pop3_span message[2];

    message[0].data = pop3_parse_timestamp(greeting->data, greeting->length, &message[0].length);
    if (message[0].data == NULL || message[0].length > login->timestamp_max) {
        return false;
    }
    message[1].data = login->secret;
    message[1].length = strlen(login->secret);
    pop3_apop_digest(message, login->md5, hex);
    return true;
}

pop3_clear_login_result pop3_clear_login_step(const pop3_clear_login *login, pop3_engine *engine,
                                              const pop3_event *event) {
    pop3_arg arg = {login->user, NULL, 0, 0};
    pop3_verb verb = POP3_USER;
    char hex[POP3_APOP_HEX + 1];

    if (event->type == POP3_EVENT_OK) {
        if (event->verb != POP3_USER) {
            return POP3_CLEAR_LOGIN_DONE;
        }
        verb = POP3_PASS;
        arg.text = login->secret;
    } else if (event->type == POP3_EVENT_ERR) {
        if (!digest_was_judged(event)) {
            return POP3_CLEAR_LOGIN_REFUSED;
        }
    } else if (login->policy != POP3_CLEAR_LOGIN_USER_PASS && digest(login, event, hex)) {
        verb = POP3_APOP;
        arg.second = hex;
    }
    if (verb == POP3_USER && login->policy == POP3_CLEAR_LOGIN_APOP_REQUIRED) {
        return POP3_CLEAR_LOGIN_APOP_FAILED;
    }
    return pop3_engine_command(engine, verb, &arg, 0) == POP3_SUCCESS ? POP3_CLEAR_LOGIN_CONTINUE
                                                                      : POP3_CLEAR_LOGIN_STATE;
}
