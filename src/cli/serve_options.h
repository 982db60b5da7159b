/* SPDX-License-Identifier: MIT */
/* The options of `satchel serve`. Refuses to act on them. */
#ifndef SATCHEL_CLI_SERVE_OPTIONS_H
#define SATCHEL_CLI_SERVE_OPTIONS_H

#include "serve/serve.h"

#include <stdbool.h>
#include <stdio.h>

struct serve_options {
    struct serve_config config;
    bool sample; /* the credentials of RFC 1939's examples */
    bool trace;
    bool quiet;
    bool help;
    const char *port_file;
    struct serve_tls_options tls;
};

/* Reads the command line into *options, which must hold the defaults; false after a message on stderr. */
bool serve_options_read(struct serve_options *options, int argc, char **argv);

void serve_options_help(FILE *file);

#endif
