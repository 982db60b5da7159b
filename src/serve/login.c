/* SPDX-License-Identifier: MIT */
/* USER, PASS, APOP and AUTH (RFC 1939, RFC 5034). Refuses to compare anything itself: secret.c and sasl.c do. */
#include "serve/login.h"

#include "serve/base64.h"
#include "serve/status.h"

#include <stdio.h>
#include <string.h>

#define FAILURES_MOST 5

void serve_handle_user(struct serve_session *session, const struct serve_command *command) {
    struct serve_span user = command->argument[0];

    if (session->config->password == NULL) {
        serve_err(session, "USER is not offered, use APOP");
        return;
    }
    session->user_known = serve_secret_equal(user, session->config->user);
    session->phase = SERVE_USER_GIVEN;
    serve_ok(session, "%.*s is valid", (int)user.size, user.data);
}

static void login_failed(struct serve_session *session) {
    session->failures++;
    session->ended = session->failures == FAILURES_MOST;
    serve_err(session, "[AUTH] wrong user, password or digest");
}

/* Credentials were right; false when the maildrop cannot be had. */
static bool enter(struct serve_session *session) {
    switch (serve_maildrop_lock(session->maildrop)) {
    case SERVE_LOCKED:
        session->locked = true;
        session->phase = SERVE_TRANSACTION;
        return true;
    case SERVE_IN_USE: serve_err(session, "[IN-USE] maildrop already locked"); break;
    case SERVE_UNREADABLE: serve_err(session, "[SYS/TEMP] maildrop cannot be read"); break;
    }
    return false;
}

void serve_handle_pass(struct serve_session *session, const struct serve_command *command) {
    bool right = serve_secret_equal(command->argument[0], session->config->password);

    session->phase = SERVE_AUTHORIZATION;
    if (!right || !session->user_known) {
        login_failed(session);
    } else if (enter(session)) {
        serve_ok(session, "%s is logged in", session->config->user);
    }
}

void serve_handle_apop(struct serve_session *session, const struct serve_command *command) {
    const struct serve_config *config = session->config;
    char content[96];

    if (config->apop_secret == NULL) {
        serve_err(session, "APOP is not offered");
        return;
    }
    bool right = serve_apop_matches(command->argument[1], session->stamp, config->apop_secret);

    if (!serve_secret_equal(command->argument[0], config->user) || !right) {
        login_failed(session);
    } else if (enter(session)) {
        serve_describe(session, content, sizeof content);
        serve_ok(session, "%s's maildrop has %s", config->user, content);
    }
}

bool serve_login_mechanisms(struct serve_session *session) {
    const struct serve_config *config = session->config;
    char *line = session->mechanisms;
    size_t room = sizeof session->mechanisms;
    size_t size = (size_t)snprintf(line, room, "SASL");
    bool any = false;

    for (int i = 0; i < SERVE_NO_MECHANISM; i++) {
        if (serve_mechanism_usable((enum serve_mechanism)i, &config->sasl, config->password, &session->security)) {
            size += (size_t)snprintf(line + size, room - size, " %s", serve_mechanism_name((enum serve_mechanism)i));
            any = true;
        }
    }
    (void)snprintf(line + size, room - size, "\r\n");
    return any;
}

/* RFC 5034 section 4: "+", a blank, and the challenge in base64, which may be empty. */
static void challenge(struct serve_session *session) {
    char text[SERVE_BASE64_TEXT(sizeof session->sasl.challenge)];

    (void)serve_base64_encode(session->sasl.challenge, strlen(session->sasl.challenge), text);
    serve_continue(session, text);
}

static void go_on(struct serve_session *session, enum serve_sasl_result result) {
    session->exchanging = result == SERVE_SASL_CHALLENGE;
    if (result == SERVE_SASL_CHALLENGE) {
        challenge(session);
    } else if (result == SERVE_SASL_BAD) {
        login_failed(session);
    } else if (enter(session)) {
        serve_ok(session, "%s is logged in", session->config->user);
    }
}

/* "=" is an initial response without octets (RFC 5034 section 4). */
void serve_handle_auth(struct serve_session *session, const struct serve_command *command) {
    const struct serve_config *config = session->config;
    enum serve_mechanism mechanism = serve_mechanism_find(command->argument[0]);
    struct serve_span initial = command->argument[1];
    char octets[SERVE_LINE_OCTETS];
    struct serve_span response = {command->count > 1 ? octets : NULL, 0};

    session->sasl = (struct serve_sasl){.mechanism = mechanism,
                                        .config = &config->sasl,
                                        .user = config->user,
                                        .password = config->password,
                                        .security = &session->security};
    if (!serve_mechanism_usable(mechanism, &config->sasl, config->password, &session->security)) {
        serve_err(session, "that mechanism is not offered");
    } else if (command->count > 1 && !(initial.size == 1 && initial.data[0] == '=') &&
               !serve_base64_decode(initial, octets, &response.size)) {
        serve_err(session, "that is no base64");
    } else {
        go_on(session, serve_sasl_start(&session->sasl, response));
    }
    serve_wipe(octets, sizeof octets);
}

void serve_login_response(struct serve_session *session, struct serve_span line) {
    char octets[SERVE_BASE64_MOST];
    struct serve_span response = {octets, 0};

    session->exchanging = false;
    if (line.size == 1 && line.data[0] == '*') {
        serve_err(session, "authentication cancelled");
    } else if (!serve_base64_decode(line, octets, &response.size)) {
        serve_err(session, "that is no base64");
    } else {
        go_on(session, serve_sasl_step(&session->sasl, response));
    }
    serve_wipe(octets, sizeof octets);
}
