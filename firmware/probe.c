/* SPDX-License-Identifier: MIT */
/* sizeof(NX_POP3_CLIENT) as the size of a symbol, so that it can be read from an object of any target. */
#include "nxd_pop3_client.h"

extern const char satchel_block[sizeof(NX_POP3_CLIENT)];
const char satchel_block[sizeof(NX_POP3_CLIENT)] = {1};
