/* SPDX-License-Identifier: MIT */
/* ThreadX's tick counter, which an application may set: an offset to the world's clock. */
#include "clock.h"
#include "tx_api.h"

ULONG tx_time_get(VOID) {
    return (ULONG)(clock_ticks() + clock_offset());
}

VOID tx_time_set(ULONG new_time) {
    clock_set_offset(new_time - (ULONG)clock_ticks());
}
