/* SPDX-License-Identifier: MIT */
/* send() and recv() of this program, replaced: on one descriptor they do as a plan says. */
#ifndef SATCHEL_TESTS_NET_FLAKY_H
#define SATCHEL_TESTS_NET_FLAKY_H

#include <stdbool.h>
#include <stddef.h>

struct flaky_plan {
    int fd;          /* 0: none */
    size_t fail_at;  /* the call, counted from 1, that fails with `error`, as do all after it; 0: none */
    int error;       /* errno's value */
    size_t end_at;   /* recv() has given so many octets: the connection ends there; 0: never */
    bool silent;     /* from end_at on, 0 too, nothing comes any more; the connection stays */
    bool dribble;    /* an octet a call; and every second call is interrupted, or finds nothing to do */
    size_t calls;    /* how many there were */
    size_t received; /* octets */
};

extern struct flaky_plan flaky;

#endif
