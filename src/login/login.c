/* SPDX-License-Identifier: MIT */
/*
 * The steps of the login for hosts: what to send after each event. Which mechanism comes next is choice.c's business, what
 * a refusal means failure.c's.
 */
#include <string.h>

#include "auth/secret.h"
#include "login/host_login.h"

void pop3_login_init(pop3_login *login, const pop3_login_options *options) {
    memset(login, 0, sizeof *login);
    login->options = options;
    login->secure = options->tls == POP3_TLS_IMPLICIT;
    pop3_login_forget(login);
}

void pop3_login_end(pop3_login *login) {
    pop3_sasl_end(&login->exchange);
    pop3_wipe(&login->credentials, sizeof login->credentials);
}

/* ---- How it ends ---- */

static pop3_login_result failed(pop3_login *login, pop3_failure failure) {
    login->failure = failure;
    login->over = true;
    return POP3_LOGIN_FAILED;
}

/* The engine takes no command any more, QUIT neither. */
static pop3_login_result hang_up(pop3_login *login, pop3_engine *engine, pop3_failure failure, pop3_error why) {
    pop3_engine_abort(engine, why);
    return failed(login, failure);
}

static pop3_login_result logged_in(pop3_login *login) {
    login->failure = POP3_FAILURE_NONE;
    login->over = true;
    return POP3_LOGIN_DONE;
}

/* ---- Commands ---- */

static pop3_error ask(pop3_login *login, pop3_engine *engine, pop3_verb verb, const pop3_arg *arg) {
    pop3_error error = pop3_engine_command(engine, verb, arg, 0);

    if (error == POP3_SUCCESS) {
        login->asked = (uint8_t)verb;
    }
    return error;
}

static pop3_login_result command(pop3_login *login, pop3_engine *engine, pop3_verb verb, const pop3_arg *arg) {
    return ask(login, engine, verb, arg) == POP3_SUCCESS ? POP3_LOGIN_CONTINUE : failed(login, POP3_FAILURE_PROTOCOL);
}

/* ---- USER/PASS and APOP ---- */

static bool is_ascii(const char *text) {
    while (*text != '\0' && (unsigned char)*text < 0x80) {
        text++;
    }
    return *text == '\0';
}

static bool needs_utf8(const pop3_login *login) {
    return !is_ascii(login->credentials.user) || !is_ascii(login->credentials.password);
}

static bool fits(const char *text, unsigned lowest) {
    size_t n = text != NULL ? pop3_sendable(text, lowest) : 0;

    return n != 0 && n <= POP3_COMMAND_MAX - strlen("PASS \r\n");
}

/*
 * May they stand in commands (R-6856-02)? Looked at before anything is sent. An authzid cannot be said, and without it the
 * maildrop would be another one.
 */
static bool are_arguments(const pop3_login *login) {
    const pop3_credentials *credentials = &login->credentials;

    return fits(credentials->user, ' ' + 1) && fits(credentials->password, ' ') &&
           (credentials->authzid == NULL || credentials->authzid[0] == '\0') &&
           (!needs_utf8(login) || (login->utf8_user && credentials->prepared));
}

static pop3_error begin_user(pop3_login *login, pop3_engine *engine) {
    const pop3_arg arg = {login->credentials.user, NULL, 0, 0};

    return ask(login, engine, POP3_USER, &arg);
}

static pop3_error begin_apop(pop3_login *login, pop3_engine *engine) {
    const pop3_crypto *crypto = login->options->crypto;
    const pop3_span message[2] = {{login->stamp, strlen(login->stamp)},
                                  {login->credentials.password, strlen(login->credentials.password)}};
    char hex[POP3_APOP_HEX + 1];
    const pop3_arg arg = {login->credentials.user, hex, 0, 0};

    if (strlen("APOP  \r\n") + strlen(login->credentials.user) + POP3_APOP_HEX > POP3_COMMAND_MAX) {
        login->sasl = POP3_SASL_CREDENTIALS;
        return POP3_ARG;
    }
    if (crypto == NULL || crypto->md5 == NULL) {
        login->sasl = POP3_SASL_CRYPTO;
        return POP3_ARG;
    }
    pop3_apop_digest(message, crypto->md5, hex);
    login->secret_sent = true;
    return ask(login, engine, POP3_APOP, &arg);
}

static pop3_login_result send_password(pop3_login *login, pop3_engine *engine) {
    const pop3_arg arg = {login->credentials.password, NULL, 0, 0};

    login->secret_sent = true;
    return command(login, engine, POP3_PASS, &arg);
}

/* UTF8 goes before them where they need it (R-6856-01); its answer leads here again. */
static pop3_error begin_command(pop3_login *login, pop3_engine *engine, const pop3_sasl_mechanism *mechanism) {
    if (!are_arguments(login)) {
        login->sasl = POP3_SASL_CREDENTIALS;
        return POP3_ARG;
    }
    login->sasl = POP3_SASL_OK;
    if (needs_utf8(login) && !login->utf8) {
        return ask(login, engine, POP3_UTF8, NULL);
    }
    return mechanism == &pop3_login_apop ? begin_apop(login, engine) : begin_user(login, engine);
}

/* ---- AUTH ---- */

/* The first response has the proof, but LOGIN's is a name and SCRAM's a nonce. */
static void responded(pop3_login *login) {
    const pop3_sasl_mechanism *mechanism = login->exchange.mechanism;
    unsigned proof = mechanism->client_first == mechanism->plaintext ? 1 : 2;

    login->responses++;
    login->secret_sent = login->secret_sent || login->responses == proof;
}

/* The initial response as AUTH carries it (R-5034-04, R-5034-05). False: it has to wait for an empty challenge. */
static bool take_initial_response(const pop3_login *login, const pop3_sasl_mechanism *mechanism,
                                  char initial[POP3_COMMAND_MAX]) {
    const pop3_login_options *options = login->options;
    bool early = options->one_step || (!mechanism->two_step && !options->two_step);
    size_t n;
    const char *response = pop3_sasl_response(&login->exchange, &n);

    if (!early || response == NULL || (login->capabilities & POP3_CAPABILITY_SASL) == 0 ||
        strlen("AUTH  \r\n") + strlen(mechanism->name) + n > POP3_COMMAND_MAX) {
        return false;
    }
    if (n == 0) {
        initial[n++] = '=';
    } else {
        memcpy(initial, response, n);
    }
    initial[n] = '\0';
    return true;
}

static pop3_error begin_auth(pop3_login *login, pop3_engine *engine, size_t choice) {
    const pop3_login_options *options = login->options;
    const pop3_sasl_mechanism *mechanism = options->mechanisms[choice];
    char initial[POP3_COMMAND_MAX];
    pop3_arg arg = {mechanism->name, NULL, 0, 0};
    pop3_error error;

    /* One that we do not know to be without -PLUS is not told that it has none (R-SCRAM-05). */
    login->credentials.plus_offered = (login->plus >> choice & 1U) != 0 || (login->announced >> choice & 1U) == 0;
    login->sasl = pop3_sasl_start(&login->exchange, mechanism, &login->credentials, options->crypto, options->buffer,
                                  options->size);
    if (login->sasl != POP3_SASL_OK) {
        return POP3_ARG;
    }
    login->responses = 0;
    if (take_initial_response(login, mechanism, initial)) {
        arg.second = initial;
        responded(login);
    }
    login->two_step = mechanism->client_first && arg.second == NULL;
    error = ask(login, engine, POP3_AUTH, &arg);
    pop3_wipe(initial, sizeof initial);
    return error;
}

static pop3_error send_response(pop3_engine *engine, const char *response, size_t n) {
#if POP3_ENGINE_SASL
    return pop3_engine_sasl_reply(engine, response, n);
#else
    (void)engine, (void)response, (void)n;
    return POP3_STATE;
#endif
}

/* What the mechanism does not take is cancelled (R-5034-06); behind that, and behind REFUSED, only -ERR may come. */
static pop3_login_result challenged(pop3_login *login, pop3_engine *engine, const pop3_event *event) {
    const char *response = "*";
    size_t n = 1;

    if (login->sasl == POP3_SASL_OK) {
        login->sasl = pop3_sasl_challenge(&login->exchange, event->data, event->length, event->more);
    }
    if (event->more) {
        return POP3_LOGIN_CONTINUE;
    }
    if (login->sasl == POP3_SASL_OK || login->sasl == POP3_SASL_REFUSED) {
        response = pop3_sasl_response(&login->exchange, &n);
    }
    if (login->cancelled || send_response(engine, response, n) != POP3_SUCCESS) {
        return hang_up(login, engine, POP3_FAILURE_PROTOCOL, POP3_PROTO);
    }
    if (login->sasl == POP3_SASL_OK) {
        responded(login);
    }
    login->cancelled = login->sasl != POP3_SASL_OK;
    return POP3_LOGIN_CONTINUE;
}

/* ---- One mechanism after the other ---- */

/* POP3_ARG: the caller's credentials or crypto do not do for it, login->sasl tells why; nothing was sent. */
static pop3_error begin(pop3_login *login, pop3_engine *engine, size_t choice) {
    const pop3_sasl_mechanism *mechanism = login->options->mechanisms[choice];

    pop3_sasl_end(&login->exchange);
    login->cancelled = false;
    login->credentials = *login->options->credentials;
    return mechanism->start == NULL ? begin_command(login, engine, mechanism) : begin_auth(login, engine, choice);
}

static pop3_login_result probed(pop3_login *login) {
    size_t choice = pop3_login_choose(login);

    login->mechanism = choice != POP3_LOGIN_MECHANISMS_MAX ? login->options->mechanisms[choice] : NULL;
    login->over = true;
    return POP3_LOGIN_DONE;
}

static pop3_login_result try_next(pop3_login *login, pop3_engine *engine) {
    size_t choice;

    if (login->options->probe) {
        return probed(login);
    }
    while ((choice = pop3_login_choose(login)) != POP3_LOGIN_MECHANISMS_MAX) {
        pop3_sasl_result before = login->sasl;
        pop3_error error = begin(login, engine, choice);

        if (error == POP3_SUCCESS) {
            login->mechanism = login->options->mechanisms[choice];
            login->code = POP3_CODE_NONE;
            login->tried |= login->asked != POP3_UTF8 ? UINT32_C(1) << choice : 0;
            return POP3_LOGIN_CONTINUE;
        }
        if (error != POP3_ARG) {
            return failed(login, POP3_FAILURE_PROTOCOL);
        }
        login->tried |= UINT32_C(1) << choice;
        if (login->failure == POP3_FAILURE_NONE) {
            login->failure = POP3_FAILURE_LOCAL;
            login->mechanism = login->options->mechanisms[choice];
        } else {
            login->sasl = before; /* the first failure is what is told */
        }
    }
    return failed(login, login->failure != POP3_FAILURE_NONE ? login->failure : POP3_FAILURE_NO_MECHANISM);
}

/* May the other form of the initial response do better, without another proof of a password (Q-15, R-5034-10)? */
static bool is_form_in_doubt(const pop3_login *login) {
    const pop3_login_options *options = login->options;
    bool first_reply = login->responses == !login->two_step && !login->cancelled;

    return login->asked == POP3_AUTH && login->mechanism->client_first && first_reply &&
           login->code == POP3_CODE_NONE && (login->capabilities & POP3_CAPABILITY_SASL) != 0 &&
           (login->mechanism->uses_token || !login->secret_sent) && !options->one_step && !options->two_step;
}

/* Why our "*" was sent. */
static pop3_failure cancelled_why(pop3_sasl_result result) {
    if (result == POP3_SASL_SERVER) {
        return POP3_FAILURE_SERVER_PROOF;
    }
    return result == POP3_SASL_CRYPTO || result == POP3_SASL_SPACE ? POP3_FAILURE_LOCAL : POP3_FAILURE_PROTOCOL;
}

/* -ERR to USER, PASS, APOP, AUTH. R-5034-10: one more mechanism at most once something was judged, none behind a code. */
static pop3_login_result refused(pop3_login *login, pop3_engine *engine, const pop3_event *event) {
    bool cancelled = login->cancelled && login->sasl != POP3_SASL_REFUSED;
    bool form = is_form_in_doubt(login);
    bool final;
    pop3_login_result result;

    login->failure = cancelled ? cancelled_why(login->sasl) : pop3_login_judge(login, event->data, event->length);
    final = login->secret_sent && (login->last_chance || (!cancelled && login->failure != POP3_FAILURE_UNCLEAR));
    final = final || login->failure == POP3_FAILURE_SERVER_PROOF ||
            (login->code >= POP3_CODE_IN_USE && login->code != POP3_CODE_UTF8);
    login->last_chance = login->secret_sent;
    result = final ? failed(login, login->failure) : try_next(login, engine);
    login->reconnect_other_form = form && result == POP3_LOGIN_FAILED;
    return result;
}

/* +OK to PASS, APOP, AUTH. Before the exchange is complete it is a lie, or meant as a challenge (R-5034-09, Q-16). */
static pop3_login_result accepted(pop3_login *login, pop3_engine *engine) {
    if (pop3_engine_phase(engine) != POP3_PHASE_TRANSACTION) {
        return failed(login, POP3_FAILURE_PROTOCOL);
    }
    if (login->asked == POP3_AUTH && (login->responses == 0 || pop3_sasl_finish(&login->exchange) != POP3_SASL_OK)) {
        login->sasl = POP3_SASL_SERVER;
        login->reconnect_other_form = is_form_in_doubt(login);
        return hang_up(login, engine, POP3_FAILURE_SERVER_PROOF, POP3_PROTO);
    }
    return logged_in(login);
}

/* ---- What comes before ---- */

static pop3_login_result ask_capa(pop3_login *login, pop3_engine *engine) {
    pop3_login_forget(login);
    return command(login, engine, POP3_CAPA, NULL);
}

/* Before STLS nothing of the greeting counts, for anyone on the way may have written it (R-TLS-04). */
static pop3_login_result greeted(pop3_login *login, pop3_engine *engine, const pop3_event *event) {
    size_t n;
    const char *stamp = pop3_parse_timestamp(event->data, event->length, &n);

    if (login->options->tls == POP3_TLS_STLS) {
        return command(login, engine, POP3_STLS, NULL);
    }
    if (stamp != NULL) {
        memcpy(login->stamp, stamp, n);
        login->stamp[n] = '\0';
    }
    return login->options->no_capa ? try_next(login, engine) : ask_capa(login, engine);
}

static pop3_login_result secured(pop3_login *login, pop3_engine *engine) {
    if (login->asked != POP3_STLS || pop3_engine_phase(engine) != POP3_PHASE_AUTHORIZATION) {
        return failed(login, POP3_FAILURE_PROTOCOL);
    }
    login->secure = true;
    return ask_capa(login, engine);
}

static pop3_login_result capa(pop3_login *login, pop3_engine *engine, const pop3_event *event) {
    if (!pop3_login_capa(login, event)) {
        return hang_up(login, engine, POP3_FAILURE_PROTOCOL, POP3_LIMIT);
    }
    return event->type == POP3_EVENT_END ? try_next(login, engine) : POP3_LOGIN_CONTINUE;
}

/* ---- Events ---- */

static pop3_login_result answered(pop3_login *login, pop3_engine *engine, const pop3_event *event) {
    login->capa_refused = false;
    switch (login->asked) {
    case POP3_CAPA: return capa(login, engine, event);
    case POP3_UTF8: login->utf8 = true; return try_next(login, engine);
    case POP3_USER: return send_password(login, engine);
    case POP3_PASS:
    case POP3_APOP:
    case POP3_AUTH: return accepted(login, engine);
    default: return failed(login, POP3_FAILURE_PROTOCOL);
    }
}

static pop3_login_result denied(pop3_login *login, pop3_engine *engine, const pop3_event *event) {
    size_t n;

    login->code = pop3_parse_code(event->data, event->length, &n);
    login->capa_refused = login->asked == POP3_CAPA;
    switch (login->asked) {
    case POP3_GREETING: return failed(login, pop3_login_judge_greeting(login->code));
    case POP3_STLS: return hang_up(login, engine, POP3_FAILURE_NO_TLS, POP3_REFUSED);
    case POP3_CAPA: return try_next(login, engine); /* R-2449-01, R-2449-18 */
    case POP3_UTF8: login->utf8_user = false; return try_next(login, engine);
    default: return refused(login, engine, event);
    }
}

/* hanging up in the middle is a refusal, and one try. */
static pop3_login_result dropped(pop3_login *login) {
    login->reconnect_other_form = is_form_in_doubt(login);
    if (login->cancelled) {
        return failed(login,
                      login->sasl == POP3_SASL_REFUSED ? pop3_login_judge(login, NULL, 0) : cancelled_why(login->sasl));
    }
    return failed(login, POP3_FAILURE_UNCLEAR);
}

/* where CAPA breaks a server, another connection does without. */
static pop3_login_result ended(pop3_login *login, const pop3_event *event) {
    if (event->error != POP3_SUCCESS && event->error != POP3_IO) {
        return failed(login, POP3_FAILURE_PROTOCOL);
    }
    login->reconnect_without_capa =
        (login->asked == POP3_CAPA || login->capa_refused) && login->options->tls != POP3_TLS_STLS;
    switch (login->asked) {
    case POP3_USER:
    case POP3_PASS:
    case POP3_APOP:
    case POP3_AUTH: return dropped(login);
    default: return failed(login, POP3_FAILURE_CLOSED);
    }
}

/* An answer to what was not sent yet. */
static bool is_early(const pop3_engine *engine) {
    size_t n;

    (void)pop3_engine_output(engine, &n);
    return n != 0;
}

pop3_login_result pop3_login_step(pop3_login *login, pop3_engine *engine, const pop3_event *event) {
    if (login->over) {
        return login->failure == POP3_FAILURE_NONE ? POP3_LOGIN_DONE : POP3_LOGIN_FAILED;
    }
    if (event == NULL) {
        return secured(login, engine);
    }
    if (event->type == POP3_EVENT_NEED_INPUT) {
        return POP3_LOGIN_CONTINUE;
    }
    if (event->type == POP3_EVENT_FAIL || event->type == POP3_EVENT_CLOSED) {
        return ended(login, event);
    }
    if (is_early(engine)) {
        return hang_up(login, engine, POP3_FAILURE_PROTOCOL, POP3_PROTO);
    }
    switch (event->type) {
    case POP3_EVENT_GREETING: return greeted(login, engine, event);
    case POP3_EVENT_START_TLS: return POP3_LOGIN_HANDSHAKE;
    case POP3_EVENT_CHALLENGE: return challenged(login, engine, event);
    case POP3_EVENT_ERR: return denied(login, engine, event);
    default: return answered(login, engine, event);
    }
}
