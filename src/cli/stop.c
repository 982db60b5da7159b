/* SPDX-License-Identifier: MIT */
/* SIGINT, SIGTERM, SIGHUP: noted, and told to the command. */
#define _POSIX_C_SOURCE 200809L

#include "cli/stop.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

#define SIGNAL_EXIT 128

static atomic_int stop_signal; /* the threads ask, too */
static stop_fn *stop_command;

static void on_signal(int number) {
    int saved = errno;

    atomic_store(&stop_signal, number);
    stop_command();
    errno = saved;
}

void stop_on_signals(stop_fn *stop) {
    struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART */
    struct sigaction hangup;

    stop_command = stop;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN) { /* nohup */
        (void)sigaction(SIGHUP, &action, NULL);
    }
}

bool stop_wanted(void) {
    return atomic_load(&stop_signal) != 0;
}

int stop_exit_code(int code) {
    int number = atomic_load(&stop_signal);

    return number != 0 ? SIGNAL_EXIT + number : code;
}
