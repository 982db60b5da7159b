/* SPDX-License-Identifier: MIT */
/* The commands that log in. Refuses to know the others. */
#ifndef SATCHEL_SERVE_LOGIN_H
#define SATCHEL_SERVE_LOGIN_H

#include "serve/session.h"

void serve_handle_user(struct serve_session *session, const struct serve_command *command);
void serve_handle_pass(struct serve_session *session, const struct serve_command *command);
void serve_handle_apop(struct serve_session *session, const struct serve_command *command);
void serve_handle_auth(struct serve_session *session, const struct serve_command *command);

/* A line of the client within AUTH. */
void serve_login_response(struct serve_session *session, struct serve_span line);

/* Writes CAPA's line SASL to session->mechanisms; false when no mechanism is on offer now. */
bool serve_login_mechanisms(struct serve_session *session);

#endif
