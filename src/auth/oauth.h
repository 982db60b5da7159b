/* SPDX-License-Identifier: MIT */
/* What OAUTHBEARER and XOAUTH2 share. */
#ifndef SATCHEL_AUTH_OAUTH_H
#define SATCHEL_AUTH_OAUTH_H

#include "auth/exchange.h"

/* May user and token be sent? */
bool pop3_oauth_has_credentials(const pop3_sasl *sasl);

/* ^A, the token as an HTTP header has it, ^A ^A: the end of the initial response. */
void pop3_oauth_write_token(const pop3_sasl *sasl, pop3_writer *writer);

/* The challenge is the server's refusal, n octets of JSON in the buffer; it is answered with `response`. */
pop3_sasl_result pop3_oauth_refused(pop3_sasl *sasl, size_t n, const char *response);

#endif
