/* SPDX-License-Identifier: MIT */
/* The command `satchel`: finds the subcommand and runs it. Refuses to do any work itself. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

static int help(int argc, char **argv);
static int version(int argc, char **argv);

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"fetch", cli_fetch, "mail to its destination, each message exactly once"},
    {"status", cli_status, "how each account is doing: last run, what waits, problems"},
    {"list", cli_list, "the messages of an account: number, size, date, sender, subject"},
    {"show", cli_show, "one message"},
    {"top", cli_top, "the beginning of a message"},
    {"delete", cli_delete, "messages on the server, by unique id; shows them, and asks"},
    {"check", cli_check, "is the server well, is its certificate good, how would a login go"},
    {"caps", cli_caps, "what the server announces"},
    {"config", cli_config, "write, check and explain the configuration"},
    {"state", cli_state, "what is known of fetched messages: list, rename, forget"},
    {"serve", cli_serve, "a local POP3 server for trials and tests, with faults on demand"},
    {"demo", cli_demo, "fetch from such a server into a folder, to see how it goes"},
    {"help", help, "this text; `satchel help serve` for one command"},
    {"version", version, "the version"},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static void print_help(FILE *file) {
    (void)fputs("Usage: satchel COMMAND [OPTION...]\n\nCommands:\n", file);
    for (size_t i = 0; i < COMMANDS; i++) {
        (void)fprintf(file, "  %-10s %s\n", commands[i].name, commands[i].summary);
    }
    (void)fputs("\n`satchel COMMAND --help` lists the options of a command.\n", file);
}

static int unknown(const char *name) {
    (void)fprintf(stderr, "satchel: no command \"%s\"; `satchel help` lists them\n", name);
    return EX_USAGE;
}

static int run(const char *name, int argc, char **argv) {
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return commands[i].run(argc, argv);
        }
    }
    return unknown(name);
}

static int help(int argc, char **argv) {
    char flag[] = "--help";

    if (argc > 1 && argv[1][0] != '-') {
        char *arguments[] = {argv[1], flag, NULL};

        return run(argv[1], 2, arguments);
    }
    print_help(stdout);
    return EX_OK;
}

static int version(int argc, char **argv) {
    (void)argc;
    (void)argv;
    (void)puts("satchel " SATCHEL_VERSION);
    return EX_OK;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        print_help(stderr);
        return EX_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        return help(1, argv);
    }
    if (strcmp(argv[1], "--version") == 0) {
        return version(1, argv);
    }
    return run(argv[1], argc - 1, argv + 1);
}
