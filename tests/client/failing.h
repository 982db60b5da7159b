/* SPDX-License-Identifier: MIT */
/*
 * Allocations and system calls of this program and its libraries, replaced: in the thread that wants it, one of them
 * fails, or all from one on.
 */
#ifndef SATCHEL_TESTS_CLIENT_FAILING_H
#define SATCHEL_TESTS_CLIENT_FAILING_H

#include <stdbool.h>
#include <stddef.h>

/* malloc, calloc, realloc; or the calls of sockets, and poll. */
enum failing_what { FAILING_NONE, FAILING_MEMORY, FAILING_CALLS };

struct failing_plan {
    enum failing_what what;
    size_t at;    /* the first that fails, counted from 1 */
    bool onward;  /* and all after it */
    int error;    /* errno's value; of allocations ENOMEM */
    size_t count; /* how many there were */
};

/* This thread's. */
extern _Thread_local struct failing_plan failing;

#endif
