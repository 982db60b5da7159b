/* SPDX-License-Identifier: MIT */
/* Messages as an mbox holds them (mboxrd, D-21): a separator, content with each "From " line quoted, an empty line. */
#ifndef SATCHEL_DELIVER_MBOXRD_H
#define SATCHEL_DELIVER_MBOXRD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes octets of the mbox; false stops. */
typedef bool mboxrd_out_fn(void *context, const void *octets, size_t n);

/*
 * Writes the message that `fd` holds, from its first octet on, received at `when` (seconds since 1970). The same file and time
 * always give the same octets. False: `out` stopped, or the file cannot be read (*code is errno's value then, else 0).
 */
bool mboxrd_write(int fd, int64_t when, mboxrd_out_fn *out, void *context, int *code);

#endif
