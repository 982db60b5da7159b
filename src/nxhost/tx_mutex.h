/* SPDX-License-Identifier: MIT */
/* For the end of a thread, which frees the mutexes that it owned. */
#ifndef NXHOST_TX_MUTEX_H
#define NXHOST_TX_MUTEX_H

#include "sched.h"

/* Takes the mutex from its owner, however often it had got it, and hands it to the longest waiter. */
void mutex_put_for(struct nxhost_thread *owner, TX_MUTEX *mutex);

#endif
