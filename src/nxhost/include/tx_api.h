/* SPDX-License-Identifier: MIT */
/* The ThreadX services that NetX applications use, on POSIX threads: one runs at a time, the most urgent first.
 * Names, values and statuses are those of the ThreadX documentation; members not named there are this host's own. */
#ifndef TX_API_H
#define TX_API_H

#include "tx_port.h"

#ifdef __cplusplus
extern "C" {
#endif

#define THREADX_MAJOR_VERSION 6
#define THREADX_MINOR_VERSION 4

#define TX_NO_WAIT ((ULONG)0)
#define TX_WAIT_FOREVER ((ULONG)0xFFFFFFFFUL)
#define TX_NO_TIME_SLICE ((ULONG)0)
#define TX_AUTO_START ((UINT)1)
#define TX_DONT_START ((UINT)0)
#define TX_TRUE ((UINT)1)
#define TX_FALSE ((UINT)0)
#define TX_NULL ((void *)0)
#define TX_INHERIT ((UINT)1)
#define TX_NO_INHERIT ((UINT)0)

/* Thread states. */
#define TX_READY ((UINT)0)
#define TX_COMPLETED ((UINT)1)
#define TX_TERMINATED ((UINT)2)
#define TX_SUSPENDED ((UINT)3)
#define TX_SLEEP ((UINT)4)
#define TX_SEMAPHORE_SUSP ((UINT)6)
#define TX_TCP_IP ((UINT)12)
#define TX_MUTEX_SUSP ((UINT)13)

/* Statuses. */
#define TX_SUCCESS ((UINT)0x00)
#define TX_DELETED ((UINT)0x01)
#define TX_PTR_ERROR ((UINT)0x03)
#define TX_WAIT_ERROR ((UINT)0x04)
#define TX_SIZE_ERROR ((UINT)0x05)
#define TX_OPTION_ERROR ((UINT)0x08)
#define TX_SEMAPHORE_ERROR ((UINT)0x0C)
#define TX_NO_INSTANCE ((UINT)0x0D)
#define TX_THREAD_ERROR ((UINT)0x0E)
#define TX_PRIORITY_ERROR ((UINT)0x0F)
#define TX_NO_MEMORY ((UINT)0x10)
#define TX_START_ERROR ((UINT)0x10)
#define TX_DELETE_ERROR ((UINT)0x11)
#define TX_RESUME_ERROR ((UINT)0x12)
#define TX_CALLER_ERROR ((UINT)0x13)
#define TX_SUSPEND_ERROR ((UINT)0x14)
#define TX_THRESH_ERROR ((UINT)0x18)
#define TX_SUSPEND_LIFTED ((UINT)0x19)
#define TX_WAIT_ABORTED ((UINT)0x1A)
#define TX_WAIT_ABORT_ERROR ((UINT)0x1B)
#define TX_MUTEX_ERROR ((UINT)0x1C)
#define TX_NOT_AVAILABLE ((UINT)0x1D)
#define TX_NOT_OWNED ((UINT)0x1E)
#define TX_INHERIT_ERROR ((UINT)0x1F)
#define TX_NOT_DONE ((UINT)0x20)
#define TX_CEILING_EXCEEDED ((UINT)0x21)
#define TX_INVALID_CEILING ((UINT)0x22)

typedef struct TX_THREAD_STRUCT {
    ULONG tx_thread_id;
    ULONG tx_thread_run_count;
    CHAR *tx_thread_name;
    VOID *tx_thread_stack_start;
    ULONG tx_thread_stack_size;
    UINT tx_thread_priority;
    UINT tx_thread_preempt_threshold;
    UINT tx_thread_state;
    UINT tx_thread_delayed_suspend;
    UINT tx_thread_user_priority;
    struct nxhost_thread *tx_thread_host;
} TX_THREAD;

typedef struct TX_SEMAPHORE_STRUCT {
    ULONG tx_semaphore_id;
    CHAR *tx_semaphore_name;
    ULONG tx_semaphore_count;
    VOID (*tx_semaphore_put_notify)(struct TX_SEMAPHORE_STRUCT *);
} TX_SEMAPHORE;

typedef struct TX_MUTEX_STRUCT {
    ULONG tx_mutex_id;
    CHAR *tx_mutex_name;
    UINT tx_mutex_ownership_count;
    TX_THREAD *tx_mutex_owner;
    UINT tx_mutex_inherit;
    struct TX_MUTEX_STRUCT *tx_mutex_owned_next;
} TX_MUTEX;

/* Runs the program: calls tx_application_define, then the threads. Never returns: when no thread can run again the
 * output is flushed and the process exits with 0. */
VOID tx_kernel_enter(VOID);
/* Written by the application. The memory is zeroed, suitably aligned and at least 1 MiB. */
VOID tx_application_define(VOID *first_unused_memory);

UINT tx_thread_create(TX_THREAD *thread, CHAR *name, VOID (*entry)(ULONG), ULONG input, VOID *stack, ULONG stack_size,
                      UINT priority, UINT preempt_threshold, ULONG time_slice, UINT auto_start);
UINT tx_thread_delete(TX_THREAD *thread);
TX_THREAD *tx_thread_identify(VOID);
UINT tx_thread_info_get(TX_THREAD *thread, CHAR **name, UINT *state, ULONG *run_count, UINT *priority,
                        UINT *preempt_threshold, ULONG *time_slice, TX_THREAD **next_thread,
                        TX_THREAD **next_suspended_thread);
UINT tx_thread_interrupt_control(UINT new_posture);
UINT tx_thread_preemption_change(TX_THREAD *thread, UINT new_threshold, UINT *old_threshold);
UINT tx_thread_priority_change(TX_THREAD *thread, UINT new_priority, UINT *old_priority);
VOID tx_thread_relinquish(VOID);
UINT tx_thread_reset(TX_THREAD *thread);
UINT tx_thread_resume(TX_THREAD *thread);
UINT tx_thread_sleep(ULONG ticks);
UINT tx_thread_suspend(TX_THREAD *thread);
UINT tx_thread_terminate(TX_THREAD *thread);
UINT tx_thread_wait_abort(TX_THREAD *thread);
#define tx_interrupt_control tx_thread_interrupt_control

ULONG tx_time_get(VOID);
VOID tx_time_set(ULONG new_time);

UINT tx_semaphore_create(TX_SEMAPHORE *semaphore, CHAR *name, ULONG initial_count);
UINT tx_semaphore_delete(TX_SEMAPHORE *semaphore);
UINT tx_semaphore_get(TX_SEMAPHORE *semaphore, ULONG wait);
UINT tx_semaphore_put(TX_SEMAPHORE *semaphore);
UINT tx_semaphore_ceiling_put(TX_SEMAPHORE *semaphore, ULONG ceiling);
UINT tx_semaphore_put_notify(TX_SEMAPHORE *semaphore, VOID (*notify)(TX_SEMAPHORE *));

UINT tx_mutex_create(TX_MUTEX *mutex, CHAR *name, UINT inherit);
UINT tx_mutex_delete(TX_MUTEX *mutex);
UINT tx_mutex_get(TX_MUTEX *mutex, ULONG wait);
UINT tx_mutex_put(TX_MUTEX *mutex);

#ifdef __cplusplus
}
#endif

#endif
