/* SPDX-License-Identifier: MIT */
/* A folder of its own for a test of src/deliver, a target in it, and messages through all steps. */
#ifndef SATCHEL_TESTS_DELIVER_WORLD_H
#define SATCHEL_TESTS_DELIVER_WORLD_H

#include "deliver/deliver.h"

#include <limits.h>

struct world {
    char folder[64];
    char path[128];  /* of the Maildir or the mbox */
    char spool[128]; /* of an mbox */
    uint8_t secret[DELIVER_SECRET_SIZE];
    struct deliver_config config;
    struct deliver_target *target;
    struct deliver_error error;
};

void world_begin(struct world *world, enum deliver_kind kind);
void world_end(struct world *world);

/* Closes and opens the target again, as another run. */
void world_open(struct world *world);

/* One message into a batch; `seed` makes its id. */
void world_put(struct world *world, struct deliver_batch *batch, uint8_t seed, const char *content,
               struct deliver_facts *facts);

/* All octets of a file in folder/..., freed by the caller, with NUL behind them. NULL: there is none. */
char *world_read(const struct world *world, const char *name, size_t *n);
void world_write(const struct world *world, const char *name, const char *content);

/* Names in folder/NAME without "." and "..": how many; the last one read goes to `one` unless it is NULL. */
size_t world_count(const struct world *world, const char *name, char one[NAME_MAX + 1]);

bool world_exists(const struct world *world, const char *format, const char *a, const char *b);

#endif
