/* SPDX-License-Identifier: MIT */
/* What went wrong, in words; which name was meant. Refuses to print. */
#include "account/private.h"
#include "text/safe.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool account_fail(struct account_error *error, enum account_fault fault, const char *hint, const char *what, ...) {
    char text[sizeof error->what];
    va_list arguments;

    error->fault = fault;
    va_start(arguments, what);
    (void)vsnprintf(text, sizeof text, what, arguments);
    va_end(arguments);
    (void)safe_text(error->what, sizeof error->what, text, strlen(text));
    (void)snprintf(error->hint, sizeof error->hint, "%s", hint != NULL ? hint : "");
    return false;
}

bool account_fail_memory(struct account_error *error) {
    return account_fail(error, ACCOUNT_SYSTEM, NULL, "there is no memory left");
}

const char *account_shown(char *out, size_t size, const char *text) {
    size_t n = safe_text(out + 1, size - 2, text, strlen(text));

    out[0] = '"';
    out[1 + n] = '"';
    out[2 + n] = '\0';
    return out;
}

/* ---- Names that look alike ---- */

enum { NAME_MOST = 32 }; /* longer ones are alike to none */

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
static size_t distance(const char *a, size_t a_size, const char *b, size_t b_size) {
    size_t table[NAME_MOST + 1][NAME_MOST + 1];

    for (size_t i = 0; i <= a_size; i++) {
        for (size_t j = 0; j <= b_size; j++) {
            if (i == 0 || j == 0) {
                table[i][j] = i + j;
                continue;
            }
            table[i][j] =
                least(least(table[i - 1][j], table[i][j - 1]) + 1, table[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                table[i][j] = least(table[i][j], table[i - 2][j - 2] + 1);
            }
        }
    }
    return table[a_size][b_size];
}

const char *account_nearest(const char *wanted, size_t count, const char *(*name)(const void *names, size_t i),
                            const void *names) {
    size_t n = strlen(wanted);
    size_t nearest = (n + 2) / 3; /* what is further away is another word */
    const char *found = NULL;

    for (size_t i = 0; i < count && n <= NAME_MOST; i++) {
        const char *candidate = name(names, i);
        size_t length = strlen(candidate);
        size_t away = length <= NAME_MOST ? distance(wanted, n, candidate, length) : SIZE_MAX;
        if (away < nearest + (found == NULL)) {
            nearest = away;
            found = candidate;
        }
    }
    return found;
}
