/* SPDX-License-Identifier: MIT */
/* ThreadX counting semaphores, served first come, first served. */
#include "sched.h"

#define SEMAPHORE_ID ((ULONG)0x53454D41)

static bool is_created(const TX_SEMAPHORE *semaphore) {
    return semaphore != NULL && semaphore->tx_semaphore_id == SEMAPHORE_ID;
}

UINT tx_semaphore_create(TX_SEMAPHORE *semaphore, CHAR *name, ULONG initial_count) {
    if (semaphore == NULL) {
        return TX_SEMAPHORE_ERROR;
    }
    memset(semaphore, 0, sizeof *semaphore);
    semaphore->tx_semaphore_id = SEMAPHORE_ID;
    semaphore->tx_semaphore_name = name;
    semaphore->tx_semaphore_count = initial_count;
    return TX_SUCCESS;
}

UINT tx_semaphore_delete(TX_SEMAPHORE *semaphore) {
    if (!is_created(semaphore)) {
        return TX_SEMAPHORE_ERROR;
    }
    semaphore->tx_semaphore_id = 0;
    sched_wake_all(semaphore);
    sched_give_way();
    return TX_SUCCESS;
}

UINT tx_semaphore_get(TX_SEMAPHORE *semaphore, ULONG wait) {
    if (!is_created(semaphore)) {
        return TX_SEMAPHORE_ERROR;
    }
    if (wait != TX_NO_WAIT && sched_self() == NULL) {
        return TX_WAIT_ERROR;
    }
    if (semaphore->tx_semaphore_count > 0) {
        semaphore->tx_semaphore_count--;
        return TX_SUCCESS;
    }
    if (wait == TX_NO_WAIT) {
        return TX_NO_INSTANCE;
    }
    struct sched_wait until = {.channel = semaphore, .fd = -1, .deadline = sched_deadline(wait)};
    enum sched_wake wake = sched_block(TX_SEMAPHORE_SUSP, until);
    if (!is_created(semaphore)) {
        return TX_DELETED;
    }
    return wake == SCHED_WOKEN ? TX_SUCCESS : wake == SCHED_ABORTED ? TX_WAIT_ABORTED : TX_NO_INSTANCE;
}

UINT tx_semaphore_put(TX_SEMAPHORE *semaphore) {
    if (!is_created(semaphore)) {
        return TX_SEMAPHORE_ERROR;
    }
    /* A waiter gets the instance itself: nobody can take it in between. */
    if (sched_wake_first(semaphore) == NULL) {
        semaphore->tx_semaphore_count++;
    }
    if (semaphore->tx_semaphore_put_notify != NULL) {
        semaphore->tx_semaphore_put_notify(semaphore);
    }
    sched_give_way();
    return TX_SUCCESS;
}

UINT tx_semaphore_ceiling_put(TX_SEMAPHORE *semaphore, ULONG ceiling) {
    if (!is_created(semaphore)) {
        return TX_SEMAPHORE_ERROR;
    }
    if (ceiling == 0) {
        return TX_INVALID_CEILING;
    }
    return semaphore->tx_semaphore_count >= ceiling ? TX_CEILING_EXCEEDED : tx_semaphore_put(semaphore);
}

UINT tx_semaphore_put_notify(TX_SEMAPHORE *semaphore, VOID (*notify)(TX_SEMAPHORE *)) {
    if (!is_created(semaphore)) {
        return TX_SEMAPHORE_ERROR;
    }
    semaphore->tx_semaphore_put_notify = notify;
    return TX_SUCCESS;
}
