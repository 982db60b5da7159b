/* SPDX-License-Identifier: MIT */
/* The shape of nx_ip.h: the mark of a created IP instance. For measuring only. */
#ifndef NX_IP_H
#define NX_IP_H

#include "nx_api.h"

#define NX_IP_ID 0x49502020UL

#endif
