/* SPDX-License-Identifier: MIT */
/* A ThreadX world from its definition to its end: in a process of its own (tx_kernel.c), or one of many in a test
 * program. Nothing of one world reaches the next. */
#include "clock.h"
#include "hooks.h"
#include "link.h"
#include "packet.h"
#include "sched.h"
#include "tcp.h"

#define FREE_MEMORY ((size_t)4 * 1024 * 1024)

/* Kept until the next run begins, so that a caller may still look at pools that lie in it. */
static VOID *free_memory;

struct nxhost_result nxhost_run(VOID (*define)(VOID *first_unused_memory)) {
    free(free_memory);
    free_memory = calloc(1, FREE_MEMORY);
    if (free_memory == NULL) {
        abort();
    }
    sched_open();
    clock_open();
    define(free_memory);

    struct nxhost_result result = {.end = sched_loop()};
    result.ticks = (ULONG)clock_ticks();
    result.stuck_threads = sched_unfinished();
    result.leaked_packets = packet_pools_missing();
    result.open_sockets = ip_open_sockets();
    sched_close();
    server_forget_all();
    link_close_all();
    ip_forget_all();
    packet_pools_forget();
    hooks_reset();
    return result;
}

void nxhost_stop(void) {
    sched_stop();
}
