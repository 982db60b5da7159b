/* SPDX-License-Identifier: MIT */
/* Questions to the person at the terminal. Refuses to know what they are about. */
#ifndef SATCHEL_CLI_ASK_H
#define SATCHEL_CLI_ASK_H

#include <stdbool.h>

/* Is anybody there to answer, and to read the question on stderr? */
bool ask_possible(void);

/* Called every ten seconds of waiting. */
typedef void ask_idle_fn(void *context);

/* Prints the question, with " [y/N] " behind it, and waits. Anything but yes is no: an empty line, the end, a signal. */
bool ask(const char *question, ask_idle_fn *idle, void *context);

#endif
