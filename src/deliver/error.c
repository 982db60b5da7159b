/* SPDX-License-Identifier: MIT */
/* Failures in words. Refuses to guess: what helps is told only where errno says it. */
#define _GNU_SOURCE /* strerrordesc_np: no locale, no buffer */

#include "deliver/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *remedy(int code) {
    switch (code) {
    case ENOSPC: return "; make room there and run again";
    case EDQUOT: return "; the quota is used up: make room there and run again";
    case EROFS: return "; the file system is mounted read-only";
    case EACCES:
    case EPERM: return "; give this user the permission, or name another destination";
    case EIO: return "; look after the disk";
    case EMFILE: return "; raise the limit of open files (ulimit -n)";
    default: return "";
    }
}

bool deliver_fail(struct deliver_error *error, int code, const char *text, ...) {
    va_list arguments;
    size_t used;

    va_start(arguments, text);
    (void)vsnprintf(error->text, sizeof error->text, text, arguments);
    va_end(arguments);
    error->code = code;
    used = strlen(error->text);
    if (code != 0) {
        const char *words = strerrordesc_np(code);

        (void)snprintf(error->text + used, sizeof error->text - used, ": %s%s", words != NULL ? words : "unknown error",
                       remedy(code));
    }
    return false;
}
