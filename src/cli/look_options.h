/* SPDX-License-Identifier: MIT */
/* The command lines of the commands that look at an account: list, show, top, caps, check, delete. Refuses to act on them. */
#ifndef SATCHEL_CLI_LOOK_OPTIONS_H
#define SATCHEL_CLI_LOOK_OPTIONS_H

#include "cli/options.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum look_command { LOOK_LIST, LOOK_SHOW, LOOK_TOP, LOOK_CAPS, LOOK_CHECK, LOOK_DELETE };

struct look_options {
    enum look_command command;
    const char *target; /* an account's name, a URL, of check a mail address; NULL: the only account there is */
    uint32_t message;   /* show, top */
    uint32_t lines;     /* top */
    uint32_t newest;    /* list; 0: all */
    char **uids;        /* delete; NULL behind the last */
    const char *config; /* file; NULL: where it usually is */
    bool no_headers;    /* list */
    bool login;         /* caps, check: for the others it goes without saying */
    bool yes;           /* delete */
    bool json;
    bool quiet;
    bool verbose;
    bool help;
    struct option_keys keys; /* of the account */
};

const char *look_command_name(enum look_command command);

/* Is it a URL, and not the name of an account? */
bool look_is_url(const char *target);

/* Reads the command line; false after a message on stderr. */
bool look_options_read(struct look_options *options, enum look_command command, int argc, char **argv);

void look_options_help(enum look_command command, FILE *file);

#endif
