/* SPDX-License-Identifier: MIT */
/* A folder for a test, and files in it. Refuses to know what they are for. */
#ifndef TESTS_ACCOUNT_FOLDER_H
#define TESTS_ACCOUNT_FOLDER_H

#include <stddef.h>
#include <sys/types.h>

#define FOLDER_PATH 512

/* For cmocka's set-up and tear-down: the folder is $HOME, and nothing of the user's own environment counts. */
int folder_make(void **state);
int folder_remove(void **state);

/* Where a file of that name lies; valid for four calls more. */
const char *folder_path(const char *name);

/* Writes n octets, whatever the umask, into a new file of that mode; returns its path. */
const char *folder_write(const char *name, const char *octets, size_t n, mode_t mode);
const char *folder_text(const char *name, const char *text, mode_t mode);

#endif
