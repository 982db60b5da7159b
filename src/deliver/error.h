/* SPDX-License-Identifier: MIT */
/* Why a delivery failed: what, where, what to do. Refuses to print it. */
#ifndef SATCHEL_DELIVER_ERROR_H
#define SATCHEL_DELIVER_ERROR_H

#include <stdbool.h>

#define DELIVER_ERROR_TEXT 512

struct deliver_error {
    int code;                      /* errno's value; 0: no system call failed */
    char text[DELIVER_ERROR_TEXT]; /* a sentence without a full stop; file names as the user wrote them */
};

/* Fills *error in printf's manner, with errno's words and what to do at its end if code is not 0. Always false. */
__attribute__((format(printf, 3, 4))) bool deliver_fail(struct deliver_error *error, int code, const char *text, ...);

#endif
