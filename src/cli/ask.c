/* SPDX-License-Identifier: MIT */
/* Waits with poll(), not in read(): a signal may find another thread than the one that asks. */
#define _POSIX_C_SOURCE 200809L

#include "cli/ask.h"
#include "cli/stop.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum { LOOK_MS = 100, IDLE_LOOKS = 100 };

bool ask_possible(void) {
    return isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0;
}

/* False: a signal came. */
static bool wait_for_line(ask_idle_fn *idle, void *context) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

    for (unsigned looks = 1; poll(&input, 1, LOOK_MS) <= 0; looks++) {
        if (stop_wanted()) {
            return false;
        }
        if (idle != NULL && looks % IDLE_LOOKS == 0) {
            idle(context);
        }
    }
    return !stop_wanted();
}

/* Of the line; no buffer keeps what lies behind it. */
static char first_letter(void) {
    char first = '\0';
    char letter;
    bool begun = false;

    while (read(STDIN_FILENO, &letter, 1) == 1 && letter != '\n') {
        first = begun ? first : letter;
        begun = true;
    }
    return first;
}

bool ask(const char *question, ask_idle_fn *idle, void *context) {
    char letter;

    (void)fflush(stdout);
    (void)fprintf(stderr, "%s [y/N] ", question);
    (void)fflush(stderr);
    if (!wait_for_line(idle, context)) {
        (void)fputc('\n', stderr);
        return false;
    }
    letter = first_letter();
    return letter == 'y' || letter == 'Y';
}
