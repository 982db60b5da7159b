/* SPDX-License-Identifier: MIT */
/* Accounts of the database, as people name them and as programs read them. Refuses to open it. */
#ifndef SATCHEL_CLI_KNOWN_H
#define SATCHEL_CLI_KNOWN_H

#include "state/state.h"

#include <jansson.h>

/* Does somebody who wrote this mean the account: its name, USER@HOST, USER@HOST:PORT, or its URL? */
bool known_is_meant(const char *written, const struct state_account *account);

#define KNOWN_TEXT 1024

/* Safe to print; cut, if need be. */
void known_text(char out[KNOWN_TEXT], const char *text);

/* The same as a value of JSON, which is UTF-8. */
json_t *known_json_text(const char *text);

/* All of an account: the one object that `state list --json` and `status --json` print. NULL: out of memory. */
json_t *known_json(const struct state_account *account);

#endif
