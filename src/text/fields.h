/* SPDX-License-Identifier: MIT */
/* The values of some fields out of a message's header (RFC 5322), unfolded. Refuses to look at the body. */
#ifndef SATCHEL_TEXT_FIELDS_H
#define SATCHEL_TEXT_FIELDS_H

#include <stddef.h>

#include "text/words.h"

#define FIELDS_MOST 4
#define FIELDS_NAME 32 /* octets of a field's name that is looked for, with a NUL */

/* Begin with {.names = ...}: names as they are written, NULL behind the last, at most FIELDS_MOST. */
struct fields {
    const char *const *names;

    /* The rest is its own. */
    char values[FIELDS_MOST][WORDS_MOST];
    size_t lengths[FIELDS_MOST];
    char name[FIELDS_NAME];
    size_t name_length;
    size_t current; /* FIELDS_MOST: a field that nobody asked for */
    enum { FIELDS_LINE, FIELDS_NAMED, FIELDS_VALUE, FIELDS_OVER } state;
};

/* A piece of the header, cut anywhere. What lies behind the empty line is ignored. */
void fields_take(struct fields *self, const char *octets, size_t n);

/* The value of names[i], not NUL-terminated, of *n octets; 0: it is not there. The first one counts, and its first 2 KB. */
const char *fields_value(const struct fields *self, size_t i, size_t *n);

#endif
