/* SPDX-License-Identifier: MIT */
/* S2 of a batch: many files to the disk at once (D-31). */
#ifndef SATCHEL_DELIVER_SYNC_H
#define SATCHEL_DELIVER_SYNC_H

#include "deliver/target.h"

/* Syncs and closes the file of each entry, on a small pool of threads. False: *error names the first that failed. */
bool deliver_sync_files(struct deliver_batch *batch, struct deliver_error *error);

#endif
