/* SPDX-License-Identifier: MIT */
/* APOP. */
#ifndef SATCHEL_AUTH_APOP_H
#define SATCHEL_AUTH_APOP_H

#include <satchel/pop3_digest.h>

#endif
