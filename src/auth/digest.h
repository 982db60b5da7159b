/* SPDX-License-Identifier: MIT */
/* What mechanisms get at a digest by. */
#ifndef SATCHEL_AUTH_DIGEST_H
#define SATCHEL_AUTH_DIGEST_H

#include <satchel/pop3_digest.h>

#endif
