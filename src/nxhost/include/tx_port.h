/* SPDX-License-Identifier: MIT */
/* The basic types of ThreadX on a POSIX host. UINT and ULONG have 32 bits, so a pointer never fits in a ULONG.
 * The C headers are included because programs written for ThreadX rely on the port header for them. */
#ifndef TX_PORT_H
#define TX_PORT_H

#ifdef TX_INCLUDE_USER_DEFINE_FILE
#include "tx_user.h"
#endif

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void VOID;
typedef char CHAR;
typedef unsigned char UCHAR;
typedef short SHORT;
typedef unsigned short USHORT;
typedef int INT;
typedef unsigned int UINT;
#if UINTPTR_MAX > 0xFFFFFFFFu
typedef int LONG;
typedef unsigned int ULONG;
#else
typedef long LONG;
typedef unsigned long ULONG;
#endif
typedef uint64_t ULONG64;
typedef uintptr_t ALIGN_TYPE;
#define ULONG64_DEFINED
#define ALIGN_TYPE_DEFINED

#ifndef TX_MAX_PRIORITIES
#define TX_MAX_PRIORITIES 32
#endif
#ifndef TX_MINIMUM_STACK
#define TX_MINIMUM_STACK 200
#endif
#ifndef TX_TIMER_TICKS_PER_SECOND
#define TX_TIMER_TICKS_PER_SECOND 100U
#endif

#define TX_INT_DISABLE 1
#define TX_INT_ENABLE 0

/* One thread runs at a time and is never interrupted, so there is nothing to lock out. */
#define TX_INTERRUPT_SAVE_AREA
#define TX_DISABLE
#define TX_RESTORE

#endif
