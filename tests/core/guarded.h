/* SPDX-License-Identifier: MIT */
/*
 * Memory between two unreadable pages: an octet read or written outside it ends the program at once, with or without
 * sanitizers. Knows nothing of POP3.
 */
#ifndef SATCHEL_TESTS_GUARDED_H
#define SATCHEL_TESTS_GUARDED_H

#include <stdbool.h>
#include <stddef.h>

struct guarded {
    char *base; /* the first readable octet */
    size_t size;
    size_t page;
};

/* At least `size` octets; ends the program where the system gives none. */
void guarded_open(struct guarded *memory, size_t size);
void guarded_close(struct guarded *memory);

/* The last, or the first, n octets: flush against the unreadable page. */
char *guarded_tail(const struct guarded *memory, size_t n);
char *guarded_head(const struct guarded *memory, size_t n);

/* Overwrites everything, so that whoever still reads it reads nonsense. */
void guarded_scribble(const struct guarded *memory);

#endif
