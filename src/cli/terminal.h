/* SPDX-License-Identifier: MIT */
/* The standard output as a terminal: its width, text cut to columns, foreign text that cannot command it (R-OUT-01). */
#ifndef SATCHEL_CLI_TERMINAL_H
#define SATCHEL_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* Columns of the terminal that the standard output is; 0: it is none. */
size_t terminal_columns(void);

/* Prints as much of a safe text as `columns` take, "..." in place of what does not fit; then blanks, if `pad`. */
void terminal_print(const char *text, size_t columns, bool pad);

/* A message on its way to the terminal. Begin with {0}. */
struct terminal_page {
    char waiting[4]; /* a character may come in pieces */
    size_t count;
};

/* Prints octets of a message as safe text; line ends and tabs stay. False: the standard output failed. */
bool terminal_write(struct terminal_page *page, const char *octets, size_t n);

/* Its end: what still waits. */
bool terminal_end(struct terminal_page *page);

#endif
