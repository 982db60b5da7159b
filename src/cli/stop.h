/* SPDX-License-Identifier: MIT */
/* How commands end by a signal. Refuses to know what they do. */
#ifndef SATCHEL_CLI_STOP_H
#define SATCHEL_CLI_STOP_H

#include <stdbool.h>

/* Must be good in a signal handler; errno is kept for it. */
typedef void stop_fn(void);

/* From now on SIGINT, SIGTERM and SIGHUP call this function, and end system calls: a prompt ends too. */
void stop_on_signals(stop_fn *stop);

/* One of them came. */
bool stop_wanted(void);

/* 128 and the signal's number, as shells tell it, if one came; else `code`. */
int stop_exit_code(int code);

#endif
