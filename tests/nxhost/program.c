/* SPDX-License-Identifier: MIT */
/* A program as NetX applications are: test_kernel runs it and looks at its output and its exit code. */
#include "nx_api.h"
#include "tx_api.h"

static TX_THREAD thread;
static TX_THREAD server;
static TX_SEMAPHORE never;

static VOID waits(ULONG input) {
    NX_PARAMETER_NOT_USED(input);
    tx_semaphore_get(&never, TX_WAIT_FOREVER);
    printf("never");
}

static VOID simply_ends(ULONG input) {
    tx_thread_sleep(2);
    printf("thread %u", input);
}

VOID tx_application_define(VOID *first_unused_memory) {
    CHAR *memory = first_unused_memory;
    tx_semaphore_create(&never, "never", 0);
    tx_thread_create(&thread, "thread", simply_ends, 4294967295U, memory, 4096, 1, 1, TX_NO_TIME_SLICE, TX_AUTO_START);
    tx_thread_create(&server, "server", waits, 0, memory + 4096, 4096, 1, 1, TX_NO_TIME_SLICE, TX_AUTO_START);
    printf("defined, ");
}

int main(void) {
    tx_kernel_enter();
    return 3;
}
