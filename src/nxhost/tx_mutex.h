/* SPDX-License-Identifier: MIT */
/* What ends a thread must be able to put back the mutexes it owned. */
#ifndef NXHOST_TX_MUTEX_H
#define NXHOST_TX_MUTEX_H

#include "sched.h"

/* Puts the mutex on behalf of its owner, the last time that it holds it. */
void mutex_put_for(struct nxhost_thread *owner, TX_MUTEX *mutex);

#endif
