/* SPDX-License-Identifier: MIT */
/* The Date field of a message (RFC 5322 section 3.3). Refuses to format it, and to know where we are. */
#ifndef SATCHEL_TEXT_DATE_H
#define SATCHEL_TEXT_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Seconds since 1970. The day of the week is not looked at; an unknown zone is UTC. False: it is no date. */
bool date_read(const char *value, size_t n, int64_t *seconds);

#endif
