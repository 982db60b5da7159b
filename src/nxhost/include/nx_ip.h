/* SPDX-License-Identifier: MIT */
/* The mark of a created IP instance, for add-ons that check their parameters. */
#ifndef NX_IP_H
#define NX_IP_H

#include "nx_api.h"

#define NX_IP_ID ((ULONG)0x49502020)

#endif
