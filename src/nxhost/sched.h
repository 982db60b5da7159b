/* SPDX-License-Identifier: MIT */
/* The baton: one thread of a world runs at a time, the most urgent ready one, until it blocks or readies a more urgent
 * one. Because only its holder runs, nothing else in this room takes a lock. Knows nothing of packets or sockets. */
#ifndef NXHOST_SCHED_H
#define NXHOST_SCHED_H

#include "nxhost.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>

#define SCHED_NEVER UINT64_MAX

enum sched_wake { SCHED_WOKEN, SCHED_TIMEOUT, SCHED_ABORTED };

/* What a blocked thread waits for: a wake-up of the channel, the host descriptor (-1: none), the deadline. */
struct sched_wait {
    const void *channel;
    int fd;
    short events;
    uint64_t deadline;
};

/* The host's side of a TX_THREAD. It outlives the control block, which applications reuse as they like. */
struct nxhost_thread {
    struct nxhost_thread *next;
    TX_THREAD *control;
    VOID (*entry)(ULONG);
    ULONG input;
    pthread_t pthread;
    bool started;
    bool killed;
    sem_t baton;
    jmp_buf leave;
    struct sched_wait wait;
    enum sched_wake wake;
    uint64_t order; /* of becoming ready or blocked: first come, first served */
    TX_MUTEX *owned;
};

/* A world's run. */
void sched_open(void);
enum nxhost_end sched_loop(void);
unsigned sched_unfinished(void);
void sched_close(void);
void sched_stop(void);

/* The calling ThreadX thread; NULL in tx_application_define, in callbacks outside threads and outside runs. */
struct nxhost_thread *sched_self(void);
struct nxhost_thread *sched_find(const TX_THREAD *control);

struct nxhost_thread *sched_add(TX_THREAD *control, ULONG stack_size);
void sched_remove(struct nxhost_thread *thread);
/* Makes it forget its stack, so that it can start anew. */
void sched_reap(struct nxhost_thread *thread);
_Noreturn void sched_leave(void);

void sched_ready(struct nxhost_thread *thread);
void sched_abort(struct nxhost_thread *thread);
enum sched_wake sched_block(UINT state, struct sched_wait wait);
void sched_wake_all(const void *channel);
struct nxhost_thread *sched_wake_first(const void *channel);
struct nxhost_thread *sched_most_urgent_waiter(const void *channel);
/* Lets a more urgent thread run that has become ready. */
void sched_give_way(void);
/* Lets the ready threads run that are as urgent. */
void sched_go_last(void);

uint64_t sched_deadline(ULONG wait_option);

/* Calls ready(context) outside any thread as soon as the descriptor is readable; once, until armed again. */
void sched_watch(int fd, void (*ready)(void *), void *context);
void sched_unwatch(int fd);

#endif
