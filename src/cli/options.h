/* SPDX-License-Identifier: MIT */
/*
 * Command lines by one table: what getopt_long reads and what --help prints. The keys of an account come from src/account's own
 * table. Refuses to know what any option does.
 */
#ifndef SATCHEL_CLI_OPTIONS_H
#define SATCHEL_CLI_OPTIONS_H

#include "account/account.h"

#include <stdbool.h>
#include <stdio.h>

enum option_type { OPTION_FLAG, OPTION_TEXT, OPTION_NUMBER }; /* bool, const char *, uint32_t above 0 */

struct option_row {
    const char *name;
    const char *value; /* NULL: it has none */
    enum option_type type;
    char letter;  /* 0: none */
    size_t where; /* in the command's own struct */
    const char *help;
};

struct option_set {
    const char *command; /* "fetch" */
    const char *synopsis;
    const char *text;
    const struct option_row *rows;
    size_t count;
    bool keys;                       /* --KEY VALUE for each key of an account, */
    const char *const *foreign_keys; /* but these, NULL behind the last; NULL: all */
};

enum { OPTION_KEYS_MOST = 64 };

struct option_keys {
    struct {
        const struct account_key *key;
        const char *value;
    } all[OPTION_KEYS_MOST]; /* in the order given */
    size_t count;
};

/* Fills the struct at `target`; *first is the index of the first operand in argv. False after a message on stderr. */
bool options_read(const struct option_set *set, void *target, struct option_keys *keys, int argc, char **argv,
                  int *first);

/* A number as a text; false: it is none, or too large. */
bool options_number(const char *text, uint32_t *number);

/* "satchel COMMAND: ...; `satchel COMMAND --help` tells more". Always false. */
bool options_complain(const struct option_set *set, const char *format, ...) __attribute__((format(printf, 2, 3)));

void options_help(const struct option_set *set, FILE *file);

#endif
