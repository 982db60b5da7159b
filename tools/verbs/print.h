/* SPDX-License-Identifier: MIT */
/* What the program prints, each to standard output. False: the engine is not as the text says. */
#ifndef SATCHEL_VERBS_PRINT_H
#define SATCHEL_VERBS_PRINT_H

#include <stdbool.h>

/* A dictionary for libFuzzer: commands, and what servers say. */
bool print_dictionary(void);

/* The phases as a Mermaid state diagram. */
bool print_diagram(void);

/* A Markdown table of the verbs, one row for each form of the argument. */
bool print_table(void);

#endif
