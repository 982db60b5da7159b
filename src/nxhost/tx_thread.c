/* SPDX-License-Identifier: MIT */
/* ThreadX threads: the services, with their statuses. How they take turns is in sched.c. */
#include "sched.h"
#include "tx_mutex.h"

#define THREAD_ID ((ULONG)0x54485244)

static struct nxhost_thread *host_of(const TX_THREAD *thread) {
    return thread != NULL && thread->tx_thread_id == THREAD_ID ? sched_find(thread) : NULL;
}

static bool has_ended(const TX_THREAD *thread) {
    return thread->tx_thread_state == TX_COMPLETED || thread->tx_thread_state == TX_TERMINATED;
}

static UINT creation_error(const TX_THREAD *thread, VOID (*entry)(ULONG), const VOID *stack, ULONG stack_size,
                           UINT priority, UINT threshold, UINT auto_start) {
    if (thread == NULL || sched_find(thread) != NULL) {
        return TX_THREAD_ERROR;
    }
    if (stack == NULL || entry == NULL) {
        return TX_PTR_ERROR;
    }
    if (stack_size < TX_MINIMUM_STACK) {
        return TX_SIZE_ERROR;
    }
    if (priority >= TX_MAX_PRIORITIES) {
        return TX_PRIORITY_ERROR;
    }
    if (threshold > priority) {
        return TX_THRESH_ERROR;
    }
    return auto_start > TX_AUTO_START ? TX_START_ERROR : TX_SUCCESS;
}

UINT tx_thread_create(TX_THREAD *thread, CHAR *name, VOID (*entry)(ULONG), ULONG input, VOID *stack, ULONG stack_size,
                      UINT priority, UINT preempt_threshold, ULONG time_slice, UINT auto_start) {
    NX_PARAMETER_NOT_USED(time_slice);
    UINT error = creation_error(thread, entry, stack, stack_size, priority, preempt_threshold, auto_start);
    if (error != TX_SUCCESS) {
        return error;
    }
    memset(thread, 0, sizeof *thread);
    struct nxhost_thread *host = sched_add(thread, stack_size);
    if (host == NULL) {
        return TX_NO_MEMORY;
    }
    host->entry = entry;
    host->input = input;
    thread->tx_thread_id = THREAD_ID;
    thread->tx_thread_name = name;
    thread->tx_thread_stack_start = stack;
    thread->tx_thread_priority = priority;
    thread->tx_thread_user_priority = priority;
    thread->tx_thread_preempt_threshold = preempt_threshold;
    thread->tx_thread_state = TX_SUSPENDED;
    thread->tx_thread_host = host;
    if (auto_start == TX_AUTO_START) {
        sched_ready(host);
        sched_give_way();
    }
    return TX_SUCCESS;
}

UINT tx_thread_delete(TX_THREAD *thread) {
    struct nxhost_thread *host = host_of(thread);
    if (host == NULL) {
        return TX_THREAD_ERROR;
    }
    if (!has_ended(thread)) {
        return TX_DELETE_ERROR;
    }
    sched_remove(host);
    thread->tx_thread_id = 0;
    return TX_SUCCESS;
}

TX_THREAD *tx_thread_identify(VOID) {
    struct nxhost_thread *self = sched_self();
    return self != NULL ? self->control : NULL;
}

static void store(UINT *to, UINT value) {
    if (to != NULL) {
        *to = value;
    }
}

UINT tx_thread_info_get(TX_THREAD *thread, CHAR **name, UINT *state, ULONG *run_count, UINT *priority,
                        UINT *preempt_threshold, ULONG *time_slice, TX_THREAD **next_thread,
                        TX_THREAD **next_suspended_thread) {
    struct nxhost_thread *host = host_of(thread);
    if (host == NULL) {
        return TX_THREAD_ERROR;
    }
    store(state, thread->tx_thread_state);
    store(priority, thread->tx_thread_priority);
    store(preempt_threshold, thread->tx_thread_preempt_threshold);
    if (name != NULL) {
        *name = thread->tx_thread_name;
    }
    if (run_count != NULL) {
        *run_count = thread->tx_thread_run_count;
    }
    if (time_slice != NULL) {
        *time_slice = TX_NO_TIME_SLICE;
    }
    if (next_thread != NULL) {
        *next_thread = host->next != NULL ? host->next->control : thread;
    }
    if (next_suspended_thread != NULL) {
        *next_suspended_thread = NULL;
    }
    return TX_SUCCESS;
}

UINT tx_thread_interrupt_control(UINT new_posture) {
    NX_PARAMETER_NOT_USED(new_posture);
    return TX_INT_ENABLE;
}

UINT tx_thread_preemption_change(TX_THREAD *thread, UINT new_threshold, UINT *old_threshold) {
    if (host_of(thread) == NULL) {
        return TX_THREAD_ERROR;
    }
    if (old_threshold == NULL) {
        return TX_PTR_ERROR;
    }
    if (new_threshold > thread->tx_thread_user_priority) {
        return TX_THRESH_ERROR;
    }
    *old_threshold = thread->tx_thread_preempt_threshold;
    thread->tx_thread_preempt_threshold = new_threshold;
    sched_give_way();
    return TX_SUCCESS;
}

UINT tx_thread_priority_change(TX_THREAD *thread, UINT new_priority, UINT *old_priority) {
    if (host_of(thread) == NULL) {
        return TX_THREAD_ERROR;
    }
    if (old_priority == NULL) {
        return TX_PTR_ERROR;
    }
    if (new_priority >= TX_MAX_PRIORITIES) {
        return TX_PRIORITY_ERROR;
    }
    *old_priority = thread->tx_thread_user_priority;
    thread->tx_thread_user_priority = new_priority;
    thread->tx_thread_priority = new_priority;
    thread->tx_thread_preempt_threshold = new_priority;
    sched_give_way();
    return TX_SUCCESS;
}

VOID tx_thread_relinquish(VOID) {
    sched_go_last();
}

UINT tx_thread_sleep(ULONG ticks) {
    if (sched_self() == NULL) {
        return TX_CALLER_ERROR;
    }
    if (ticks == 0) {
        return TX_SUCCESS;
    }
    struct sched_wait wait = {.fd = -1, .deadline = sched_deadline(ticks)};
    return sched_block(TX_SLEEP, wait) == SCHED_ABORTED ? TX_WAIT_ABORTED : TX_SUCCESS;
}

UINT tx_thread_suspend(TX_THREAD *thread) {
    struct nxhost_thread *host = host_of(thread);
    if (host == NULL) {
        return TX_THREAD_ERROR;
    }
    if (has_ended(thread)) {
        return TX_SUSPEND_ERROR;
    }
    if (thread->tx_thread_state == TX_READY) {
        thread->tx_thread_state = TX_SUSPENDED;
        sched_give_way();
    } else if (thread->tx_thread_state != TX_SUSPENDED) {
        thread->tx_thread_delayed_suspend = TX_TRUE;
    }
    return TX_SUCCESS;
}

UINT tx_thread_resume(TX_THREAD *thread) {
    struct nxhost_thread *host = host_of(thread);
    if (host == NULL) {
        return TX_THREAD_ERROR;
    }
    if (thread->tx_thread_state == TX_SUSPENDED) {
        sched_ready(host);
        sched_give_way();
        return TX_SUCCESS;
    }
    if (thread->tx_thread_delayed_suspend) {
        thread->tx_thread_delayed_suspend = TX_FALSE;
        return TX_SUSPEND_LIFTED;
    }
    return TX_RESUME_ERROR;
}

UINT tx_thread_wait_abort(TX_THREAD *thread) {
    struct nxhost_thread *host = host_of(thread);
    if (host == NULL) {
        return TX_THREAD_ERROR;
    }
    if (thread->tx_thread_state == TX_READY || thread->tx_thread_state == TX_SUSPENDED || has_ended(thread)) {
        return TX_WAIT_ABORT_ERROR;
    }
    sched_abort(host);
    sched_give_way();
    return TX_SUCCESS;
}

static void put_owned_mutexes(struct nxhost_thread *host) {
    while (host->owned != NULL) {
        mutex_put_for(host, host->owned);
    }
}

UINT tx_thread_terminate(TX_THREAD *thread) {
    struct nxhost_thread *host = host_of(thread);
    if (host == NULL) {
        return TX_THREAD_ERROR;
    }
    if (has_ended(thread)) {
        return TX_SUCCESS;
    }
    thread->tx_thread_state = TX_TERMINATED;
    if (host == sched_self()) {
        put_owned_mutexes(host);
        sched_leave();
    }
    sched_reap(host);
    put_owned_mutexes(host);
    sched_give_way();
    return TX_SUCCESS;
}

UINT tx_thread_reset(TX_THREAD *thread) {
    struct nxhost_thread *host = host_of(thread);
    if (host == NULL) {
        return TX_THREAD_ERROR;
    }
    if (!has_ended(thread)) {
        return TX_NOT_DONE;
    }
    sched_reap(host);
    thread->tx_thread_state = TX_SUSPENDED;
    thread->tx_thread_delayed_suspend = TX_FALSE;
    return TX_SUCCESS;
}
