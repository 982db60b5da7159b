/* SPDX-License-Identifier: MIT */
/* One function a command, one switch over what came back. */
#include "login/login.h"

#include "auth/apop.h"

static pop3_login_result command(pop3_engine *engine, pop3_verb verb, pop3_span text, pop3_span second) {
    const pop3_arg arg = {text.data, second.data, text.length, second.length, 0, 0};

    return pop3_engine_command(engine, verb, &arg, 0) == POP3_SUCCESS ? POP3_LOGIN_CONTINUE : POP3_LOGIN_STATE;
}

static const pop3_span nothing;

/* USER, where APOP did not come to pass and USER/PASS is allowed. */
static pop3_login_result user(const pop3_login *login, pop3_engine *engine) {
    if ((login->methods & POP3_LOGIN_USER_PASS) == 0) {
        return POP3_LOGIN_APOP_FAILED;
    }
    return command(engine, POP3_USER, login->user, nothing);
}

static pop3_login_result greeted(const pop3_login *login, pop3_engine *engine, const pop3_event *event) {
    char hex[POP3_APOP_HEX];
    pop3_span timestamp;

    if ((login->methods & POP3_LOGIN_APOP) == 0) {
        return user(login, engine);
    }
    timestamp.data = pop3_parse_timestamp(event->data, event->length, &timestamp.length);
    if (timestamp.data == NULL || timestamp.length > login->timestamp_max) {
        return user(login, engine);
    }
    pop3_apop_digest(timestamp, login->secret, login->md5, hex);
    return command(engine, POP3_APOP, login->user, (pop3_span){hex, sizeof hex});
}

/* Only a digest that was judged and found wrong lets USER/PASS follow: a plain -ERR or [AUTH] (N-40, R-3206-02). */
static bool digest_was_judged(const pop3_event *event) {
    size_t length;
    pop3_response_code code = pop3_parse_code(event->data, event->length, &length);

    return code == POP3_CODE_NONE || code == POP3_CODE_AUTH;
}

pop3_login_result pop3_login_step(const pop3_login *login, pop3_engine *engine, const pop3_event *event) {
    if (event->type == POP3_EVENT_GREETING) {
        return greeted(login, engine, event);
    }
    if (event->type == POP3_EVENT_OK) {
        return event->verb == POP3_USER ? command(engine, POP3_PASS, login->secret, nothing) : POP3_LOGIN_DONE;
    }
    if (event->verb == POP3_APOP && digest_was_judged(event)) {
        return user(login, engine);
    }
    return POP3_LOGIN_REFUSED;
}
