/* SPDX-License-Identifier: MIT */
/* What the files of the login for hosts share: what was announced, what to try next, what a refusal means. */
#ifndef SATCHEL_LOGIN_HOST_LOGIN_H
#define SATCHEL_LOGIN_HOST_LOGIN_H

#include <satchel/pop3_login.h>

/* Forgets all that CAPA said. */
void pop3_login_forget(pop3_login *login);

/* The place in the list of options of the mechanism to try now, or POP3_LOGIN_MECHANISMS_MAX: none is left. */
size_t pop3_login_choose(const pop3_login *login);

/* What -ERR with this text to USER, PASS, APOP or AUTH means; its code is in login->code already. */
pop3_failure pop3_login_judge(const pop3_login *login, const char *text, size_t length);

/* The same of -ERR for a greeting (W-01). */
pop3_failure pop3_login_judge_greeting(pop3_response_code code);

#endif
