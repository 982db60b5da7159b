/* SPDX-License-Identifier: MIT */
/* What the lines of CAPA mean, in words. Refuses to judge them. */
#ifndef SATCHEL_CLI_CAPABILITIES_H
#define SATCHEL_CLI_CAPABILITIES_H

#include <stddef.h>

#define CAPABILITY_NAME_MOST 32

/* Splits a line: its name in capitals, cut, and where its values begin ("": it has none). */
const char *capability_split(const char *line, char name[CAPABILITY_NAME_MOST]);

/* A phrase, or "" where the name is not known. */
const char *capability_meaning(const char *name);

#endif
