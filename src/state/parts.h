/* SPDX-License-Identifier: MIT */
/* What accounts, places and administration read alike. Refuses to be included outside this room. */
#ifndef SATCHEL_STATE_PARTS_H
#define SATCHEL_STATE_PARTS_H

#include "state/internal.h"

bool state_account_exists(struct state *state, int64_t id, bool *exists, struct state_error *error);

/* *changed, unless NULL: whether there is such an account, 0 or 1. */
bool state_account_name_set(struct state *state, int64_t id, const char *name, int64_t *changed,
                            struct state_error *error);

/* Name, memory and last run out of the first columns of SQL_ACCOUNT_STATE and SQL_ACCOUNT_LIST. */
void state_read_account(struct query *query, struct state_account *account);

/* Four columns: kind, path, device, inode. */
void state_read_place(struct query *query, int column, struct state_place *place);

#endif
