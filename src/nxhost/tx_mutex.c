/* SPDX-License-Identifier: MIT */
/* ThreadX mutexes: counted ownership, handed to the longest waiter, with priority inheritance when asked for. */
#include "tx_mutex.h"

#define MUTEX_ID ((ULONG)0x4D555445)

static bool is_created(const TX_MUTEX *mutex) {
    return mutex != NULL && mutex->tx_mutex_id == MUTEX_ID;
}

UINT tx_mutex_create(TX_MUTEX *mutex, CHAR *name, UINT inherit) {
    if (mutex == NULL) {
        return TX_MUTEX_ERROR;
    }
    if (inherit != TX_INHERIT && inherit != TX_NO_INHERIT) {
        return TX_INHERIT_ERROR;
    }
    memset(mutex, 0, sizeof *mutex);
    mutex->tx_mutex_id = MUTEX_ID;
    mutex->tx_mutex_name = name;
    mutex->tx_mutex_inherit = inherit;
    return TX_SUCCESS;
}

static void own(TX_MUTEX *mutex, struct nxhost_thread *owner) {
    mutex->tx_mutex_owner = owner->control;
    mutex->tx_mutex_ownership_count = 1;
    mutex->tx_mutex_owned_next = owner->owned;
    owner->owned = mutex;
}

/* The owner runs as urgently as the most urgent thread that waits for one of its inheriting mutexes. */
static void inherit(struct nxhost_thread *owner) {
    UINT priority = owner->control->tx_thread_user_priority;
    for (const TX_MUTEX *m = owner->owned; m != NULL; m = m->tx_mutex_owned_next) {
        const struct nxhost_thread *waiter = m->tx_mutex_inherit ? sched_most_urgent_waiter(m) : NULL;
        if (waiter != NULL && waiter->control->tx_thread_priority < priority) {
            priority = waiter->control->tx_thread_priority;
        }
    }
    owner->control->tx_thread_priority = priority;
}

static void disown(TX_MUTEX *mutex, struct nxhost_thread *owner) {
    TX_MUTEX **link = &owner->owned;
    while (*link != NULL && *link != mutex) {
        link = &(*link)->tx_mutex_owned_next;
    }
    if (*link != NULL) {
        *link = mutex->tx_mutex_owned_next;
    }
    mutex->tx_mutex_owner = NULL;
    mutex->tx_mutex_ownership_count = 0;
    inherit(owner);
}

UINT tx_mutex_get(TX_MUTEX *mutex, ULONG wait) {
    struct nxhost_thread *self = sched_self();
    if (!is_created(mutex)) {
        return TX_MUTEX_ERROR;
    }
    if (self == NULL) {
        return wait == TX_NO_WAIT ? TX_NOT_AVAILABLE : TX_WAIT_ERROR;
    }
    if (mutex->tx_mutex_ownership_count == 0) {
        own(mutex, self);
        return TX_SUCCESS;
    }
    if (mutex->tx_mutex_owner == self->control) {
        mutex->tx_mutex_ownership_count++;
        return TX_SUCCESS;
    }
    if (wait == TX_NO_WAIT) {
        return TX_NOT_AVAILABLE;
    }
    TX_THREAD *owner = mutex->tx_mutex_owner;
    if (mutex->tx_mutex_inherit && owner->tx_thread_priority > self->control->tx_thread_priority) {
        owner->tx_thread_priority = self->control->tx_thread_priority;
    }
    struct sched_wait until = {.channel = mutex, .fd = -1, .deadline = sched_deadline(wait)};
    enum sched_wake wake = sched_block(TX_MUTEX_SUSP, until);
    if (!is_created(mutex)) {
        return TX_DELETED;
    }
    if (wake != SCHED_WOKEN && mutex->tx_mutex_owner != NULL) {
        inherit(sched_find(mutex->tx_mutex_owner));
    }
    return wake == SCHED_WOKEN ? TX_SUCCESS : wake == SCHED_ABORTED ? TX_WAIT_ABORTED : TX_NOT_AVAILABLE;
}

void mutex_put_for(struct nxhost_thread *owner, TX_MUTEX *mutex) {
    disown(mutex, owner);
    struct nxhost_thread *next = sched_wake_first(mutex);
    if (next != NULL) {
        own(mutex, next);
        inherit(next);
    }
}

UINT tx_mutex_put(TX_MUTEX *mutex) {
    struct nxhost_thread *self = sched_self();
    if (!is_created(mutex)) {
        return TX_MUTEX_ERROR;
    }
    if (self == NULL || mutex->tx_mutex_owner != self->control) {
        return TX_NOT_OWNED;
    }
    if (mutex->tx_mutex_ownership_count > 1) {
        mutex->tx_mutex_ownership_count--;
        return TX_SUCCESS;
    }
    mutex_put_for(self, mutex);
    sched_give_way();
    return TX_SUCCESS;
}

UINT tx_mutex_delete(TX_MUTEX *mutex) {
    if (!is_created(mutex)) {
        return TX_MUTEX_ERROR;
    }
    if (mutex->tx_mutex_owner != NULL) {
        disown(mutex, sched_find(mutex->tx_mutex_owner));
    }
    mutex->tx_mutex_id = 0;
    sched_wake_all(mutex);
    sched_give_way();
    return TX_SUCCESS;
}
