/* SPDX-License-Identifier: MIT */
/* The messages of ours that a Maildir holds, by id. */
#ifndef SATCHEL_DELIVER_IDS_H
#define SATCHEL_DELIVER_IDS_H

#include "deliver/deliver.h"

struct deliver_ids;

/* Reads the names in these folders; a folder of -1 is skipped. NULL: no memory. */
struct deliver_ids *deliver_ids_read(const int *folders, size_t count);

/* Which of the folders has it, and under which name (valid until the ids are freed); -1: none. */
int deliver_ids_find(const struct deliver_ids *ids, const uint8_t id[DELIVER_ID_SIZE], const char **name);
void deliver_ids_free(struct deliver_ids *ids);

/* Calls `visit` with each name in a folder. False: errno tells. */
typedef void deliver_visit_fn(void *context, const char *name);
bool deliver_names(int folder, deliver_visit_fn *visit, void *context);

#endif
