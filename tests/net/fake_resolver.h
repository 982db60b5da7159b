/* SPDX-License-Identifier: MIT */
/* getaddrinfo() of this program, replaced: it knows the names of a table, as slowly as told, and asks no network. */
#ifndef SATCHEL_TESTS_NET_FAKE_RESOLVER_H
#define SATCHEL_TESTS_NET_FAKE_RESOLVER_H

#include <stdatomic.h>

struct fake_name {
    const char *name;
    int status;                /* EAI_*, or 0 */
    const char *addresses[40]; /* numeric; NULL ends them */
};

extern const struct fake_name fake_names[]; /* ends with a NULL name */
extern atomic_int fake_delay_ms;            /* before each answer */
extern atomic_int fake_answers;             /* how many were given */

#endif
