/* SPDX-License-Identifier: MIT */
/* The port constants of NetX Duo on a POSIX host. Octet order comes from the host's own headers. */
#ifndef NX_PORT_H
#define NX_PORT_H

#ifdef NX_INCLUDE_USER_DEFINE_FILE
#include "nx_user.h"
#endif

#include "tx_port.h"

#include <arpa/inet.h>

#ifndef NX_IP_PERIODIC_RATE
#define NX_IP_PERIODIC_RATE TX_TIMER_TICKS_PER_SECOND
#endif

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NX_LITTLE_ENDIAN 1
#endif

#define NX_CHANGE_ULONG_ENDIAN(value) ((value) = (ULONG)htonl((uint32_t)(value)))
#define NX_CHANGE_USHORT_ENDIAN(value) ((value) = (USHORT)htons((uint16_t)(value)))

#endif
