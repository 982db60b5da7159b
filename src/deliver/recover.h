/* SPDX-License-Identifier: MIT */
/* What the kinds of destinations share after an interruption. */
#ifndef SATCHEL_DELIVER_RECOVER_H
#define SATCHEL_DELIVER_RECOVER_H

#include "deliver/target.h"

/* The file of this name in the spool folder has the size and the digest that the journal says. */
bool deliver_is_intact(const struct deliver_batch *batch, const struct deliver_facts *facts);

#endif
