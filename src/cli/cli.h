/* SPDX-License-Identifier: MIT */
/* What the subcommands share. Refuses to hold more than that. */
#ifndef SATCHEL_CLI_CLI_H
#define SATCHEL_CLI_CLI_H

#include <sysexits.h>

/* argv[0] is the subcommand's name. The result is the exit code. */
int cli_caps(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_config(int argc, char **argv);
int cli_delete(int argc, char **argv);
int cli_demo(int argc, char **argv);
int cli_fetch(int argc, char **argv);
int cli_list(int argc, char **argv);
int cli_serve(int argc, char **argv);
int cli_show(int argc, char **argv);
int cli_status(int argc, char **argv);
int cli_state(int argc, char **argv);
int cli_top(int argc, char **argv);

#endif
