/* SPDX-License-Identifier: MIT */
/* Failures as messages for people and as exit codes (D-26). Refuses to know what was tried. */
#ifndef SATCHEL_CLI_REPORT_H
#define SATCHEL_CLI_REPORT_H

#include "account/account.h"
#include "fetch/fetch.h"

#include <stdbool.h>

/* "satchel COMMAND: ACCOUNT: what", then what the server said and what to do, on stderr. "": there is none of it. */
void report_failure(const char *command, const char *account, const char *what, const char *server, const char *hint);
void report_client(const char *command, const pop3_client_error *error);
void report_account(const char *command, const struct account_error *error);

/* The same of the database; gives the exit code. */
int report_state(const char *command, const struct state_error *error);

/* At the end of a command: `code`, or the failure to write what it printed, after a message. */
int report_output(const char *command, int code);

/* FILE:LINE: what, for each problem of a configuration. */
void report_config(const struct account_config *config);

/* `from_url`: the options are the command line's. */
int report_account_code(const struct account_error *error, bool from_url);

/* The name of variable i, 0 to REPORT_VARIABLES - 1, that changes whom TLS trusts (R-ENV-01); NULL: it is not set. */
enum { REPORT_VARIABLES = 3 };
const char *report_variable(size_t i);

#endif
