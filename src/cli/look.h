/* SPDX-License-Identifier: MIT */
/* What the looking commands share: the account, a client for it, signals, and how they end. */
#ifndef SATCHEL_CLI_LOOK_H
#define SATCHEL_CLI_LOOK_H

#include "cli/look_options.h"

#include <sysexits.h>

enum { LOOK_FOUND_MOST = 4 };

struct look {
    struct look_options options;
    struct account_config config;
    struct account *account; /* of the configuration, or `one_off` */
    struct account *one_off; /* from a URL, or NULL */
    bool no_user;            /* none is known, and none needed */
    pop3_client *client;     /* look_client() makes it */
    /* Where a mail address stands in place of an account: its servers; host "": no more. */
    pop3_client_service found[LOOK_FOUND_MOST];
};

/*
 * Reads the command line, finds the account, catches signals, calls `work`, whose result is the exit code unless a signal
 * came, and cleans up.
 */
int look_run(enum look_command command, int argc, char **argv, int (*work)(struct look *look));

/*
 * Makes a client, in place of the one before. With credentials, asking for them if need be; else with a stand-in for each,
 * good for pop3_client_probe() only. EX_OK, or the exit code after a message.
 */
int look_client(struct look *look, bool with_credentials);

/* The same, logged in. */
int look_log_in(struct look *look);

/* The exit code of a call on the client, after a message if it failed. */
int look_judge(const struct look *look, pop3_client_class result);

/* Writes what the standard output still has to get; the exit code, after a message if it cannot. */
int look_flush(const struct look *look);

/* "pops", "pop". */
const char *look_scheme(pop3_tls_mode tls);

#endif
