/* SPDX-License-Identifier: MIT */
/* Folders and what they stand on. Refuses to know what is in them. */
#ifndef SATCHEL_DELIVER_FOLDER_H
#define SATCHEL_DELIVER_FOLDER_H

#include "deliver/error.h"

/*
 * Opens an absolute path's folder; missing ones are made with mode 0700, and are on the disk with their parents when it
 * returns. -1: *error tells.
 */
int deliver_folder(const char *path, struct deliver_error *error);

/* The same below an open folder, one level. `path` is only for messages. */
int deliver_subfolder(int parent, const char *name, const char *path, struct deliver_error *error);

/* The file system keeps nothing without power. */
bool deliver_is_volatile(int folder);

/* The file system renames atomically and writes renames in order: ext4 with a journal, xfs, btrfs, zfs (D-06). */
bool deliver_is_ordered(int folder);

#endif
