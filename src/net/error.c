/* SPDX-License-Identifier: MIT */
/* Filling a net_error. Refuses to let anything but printable ASCII into it: parts of it come from the peer. */
#define _POSIX_C_SOURCE 200809L /* strerror_r */

#include "net/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 0))) static void print(char out[NET_ERROR_TEXT], const char *format,
                                                        va_list arguments) {
    (void)vsnprintf(out, NET_ERROR_TEXT, format, arguments);
    for (char *at = out; *at != '\0'; at++) {
        if (*at < ' ' || *at > '~') {
            *at = '?';
        }
    }
}

bool net_fail(struct net_error *error, enum net_error_kind kind, const char *text, ...) {
    va_list arguments;

    error->kind = kind;
    error->hint[0] = '\0';
    va_start(arguments, text);
    print(error->text, text, arguments);
    va_end(arguments);
    return false;
}

bool net_hint(struct net_error *error, const char *hint, ...) {
    va_list arguments;

    va_start(arguments, hint);
    print(error->hint, hint, arguments);
    va_end(arguments);
    return false;
}

void net_errno_words(char out[NET_ERRNO_TEXT], int error) {
    if (strerror_r(error, out, NET_ERRNO_TEXT) != 0) {
        (void)snprintf(out, NET_ERRNO_TEXT, "error %d", error);
    }
}
