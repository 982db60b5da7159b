/* SPDX-License-Identifier: MIT */
/* How a fuzz target says that something is wrong. */
#ifndef SATCHEL_FUZZ_REQUIRE_H
#define SATCHEL_FUZZ_REQUIRE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static inline void require(bool good, const char *what) {
    if (!good) {
        fprintf(stderr, "broken: %s\n", what);
        abort();
    }
}

#endif
