/* SPDX-License-Identifier: MIT */
/* The first line of an answer, in printf's manner. Refuses to know what is answered. */
#ifndef SATCHEL_SERVE_STATUS_H
#define SATCHEL_SERVE_STATUS_H

#include "serve/session.h"

#include <stddef.h>
#include <stdint.h>

__attribute__((format(printf, 2, 3))) void serve_ok(struct serve_session *session, const char *format, ...);

/* An answer whose text clients must read. */
__attribute__((format(printf, 2, 3))) void serve_ok_data(struct serve_session *session, const char *format, ...);

__attribute__((format(printf, 2, 3))) void serve_err(struct serve_session *session, const char *format, ...);

/* "+ " and this text, which must be short enough for a status. */
void serve_continue(struct serve_session *session, const char *text);

const char *serve_plural(uint64_t count);

/* "2 messages (320 octets)": RFC 1939's own words for what is in the maildrop. */
void serve_describe(const struct serve_session *session, char *text, size_t size);

#endif
