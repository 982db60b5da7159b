/* SPDX-License-Identifier: MIT */
/* What is done with secrets only. */
#ifndef SATCHEL_AUTH_SECRET_H
#define SATCHEL_AUTH_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroes; no compiler may leave it out, though nobody reads the memory afterwards. */
void pop3_wipe(void *memory, size_t n);

/* Equal? The time it takes tells nothing of where they differ. */
bool pop3_same_secret(const void *one, const void *other, size_t n);

#endif
