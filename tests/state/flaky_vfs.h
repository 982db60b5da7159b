/* SPDX-License-Identifier: MIT */
/* SQLite's files with a disk that fails on demand. Refuses to fail twice unless asked to. */
#ifndef SATCHEL_TESTS_STATE_FLAKY_VFS_H
#define SATCHEL_TESTS_STATE_FLAKY_VFS_H

#include <stdbool.h>

enum flaky_failure {
    FLAKY_IO,   /* EIO's codes; a write has written its first half */
    FLAKY_FULL, /* only what needs space fails, with SQLITE_FULL */
    FLAKY_KINDS
};

/* Becomes the default VFS; all goes well. Syncs are left out: nothing here cuts the power. */
void flaky_install(void);

/* The n-th operation from now on fails, counted from 1; with `for_good` all behind it too. 0: none. */
void flaky_arm(enum flaky_failure failure, unsigned long n, bool for_good);

/* Whether an operation has failed since flaky_arm(). */
bool flaky_failed(void);

#endif
