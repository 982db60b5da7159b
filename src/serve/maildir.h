/* SPDX-License-Identifier: MIT */
/* The Maildir behind a maildrop: finding messages, opening and removing files. Refuses all but regular files. */
#ifndef SATCHEL_SERVE_MAILDIR_H
#define SATCHEL_SERVE_MAILDIR_H

#include "serve/maildrop.h"

/* Brings `known` up to date with new/ and cur/; false when they cannot be read. */
bool serve_maildir_scan(struct serve_maildrop *maildrop);

/* A descriptor for reading, or -1. Follows no symbolic link. */
int serve_maildir_open(const struct serve_maildrop *maildrop, const struct serve_message *message);

bool serve_maildir_remove(const struct serve_maildrop *maildrop, const struct serve_message *message);

#endif
