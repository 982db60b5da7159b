/* SPDX-License-Identifier: MIT */
/* What the clients under test are told by NAME=VALUE arguments. Knows no client. */
#ifndef SATCHEL_TESTS_E2E_SETTINGS_H
#define SATCHEL_TESTS_E2E_SETTINGS_H

#include <stdbool.h>

struct setting {
    const char *name; /* NULL: the end of the table */
    const char *value;
};

/* Puts the arguments into the table; ends the program where it has no such name. */
void settings_read(struct setting *settings, int argc, char **argv);

/* The value; ends the program where the table has no such name. */
const char *settings_value(const struct setting *settings, const char *name);

/* Whether a list such as "2,5,17", or "all", names the message; "none" names nothing. */
bool settings_list_names(const char *list, unsigned long number);

#endif
