/* SPDX-License-Identifier: MIT */
/* Names of files in a Maildir (D-07). */
#ifndef SATCHEL_DELIVER_NAME_H
#define SATCHEL_DELIVER_NAME_H

#include "deliver/deliver.h"

#define DELIVER_HOST_SIZE 64

/* This machine's name as Maildir wants it: without '/' and ':'. */
void deliver_host(char out[DELIVER_HOST_SIZE]);

/* A name for now, which rises with each: readers sort by it. *last_us is the one before, 0 at first. */
void deliver_name(char out[DELIVER_NAME_SIZE], uint64_t *last_us, uint32_t run, const uint8_t id[DELIVER_ID_SIZE],
                  const char *host);

/* The id in such a name, with or without what readers put behind it; false: the name is not ours. */
bool deliver_name_id(const char *name, uint8_t id[DELIVER_ID_SIZE]);

/* Octets of a name without what readers append: up to the first ':' or ','. */
size_t deliver_name_stem(const char *name);

#endif
