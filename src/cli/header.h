/* SPDX-License-Identifier: MIT */
/* Sender, subject and date of a message, as text. Refuses to fetch them. */
#ifndef SATCHEL_CLI_HEADER_H
#define SATCHEL_CLI_HEADER_H

#include "text/fields.h"

#include <stdbool.h>

enum { HEADER_TEXT = 2 * WORDS_MOST, HEADER_DATE = 32 };

/* All are safe to print; "" where they are not there. */
struct header {
    char from[HEADER_TEXT];
    char subject[HEADER_TEXT];
    char date[HEADER_DATE];
    bool has_from, has_subject, has_date;
};

/* Before the first octet of a message. */
void header_begin(struct fields *fields);

/* When all octets of the header were taken. `local`: the date in the reader's own time, else in UTC, for programs. */
void header_read(struct header *header, const struct fields *fields, bool local);

#endif
