/* SPDX-License-Identifier: MIT */
/*
 * Asks for a password on the terminal, without echo. Whatever signal comes meanwhile finds the terminal as it was; one that
 * stops the process leads to a second question when it goes on. Refuses to read anything but /dev/tty.
 */
#define _GNU_SOURCE /* O_CLOEXEC */

#include "account/private.h"
#include "text/safe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU};

enum { CAUGHT = sizeof caught / sizeof caught[0] };

static volatile sig_atomic_t pending[CAUGHT];

static void on_signal(int number) {
    for (size_t i = 0; i < CAUGHT; i++) {
        if (caught[i] == number) {
            pending[i] = 1;
        }
    }
}

static bool any_pending(void) {
    for (size_t i = 0; i < CAUGHT; i++) {
        if (pending[i] != 0) {
            return true;
        }
    }
    return false;
}

/* What is ignored stays ignored: nohup, and shells without job control. */
static void catch_signals(struct sigaction *before) {
    struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART: read() must end */

    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < CAUGHT; i++) {
        pending[i] = 0;
        (void)sigaction(caught[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN) {
            (void)sigaction(caught[i], &action, NULL);
        }
    }
}

static void release_signals(const struct sigaction *before) {
    for (size_t i = 0; i < CAUGHT; i++) {
        (void)sigaction(caught[i], &before[i], NULL);
    }
}

enum outcome { READ_LINE, READ_STOPPED, READ_INTERRUPTED, READ_NOTHING };

/* Now that the terminal is as it was, each signal does what it would have done. */
static enum outcome deliver_signals(enum outcome outcome) {
    for (size_t i = 0; i < CAUGHT; i++) {
        if (pending[i] != 0) {
            bool stops = caught[i] == SIGTSTP || caught[i] == SIGTTIN || caught[i] == SIGTTOU;

            (void)kill(getpid(), caught[i]);
            if (outcome != READ_INTERRUPTED) {
                outcome = stops ? READ_STOPPED : READ_INTERRUPTED;
            }
        }
    }
    return outcome;
}

/* Up to the line's end, which is left out. False: interrupted, or the terminal is gone. */
static bool read_line(int fd, char *line, size_t *n) {
    char c;

    *n = 0;
    while (!any_pending()) {
        ssize_t got = read(fd, &c, 1);
        if (got == 1 && c == '\n') {
            return true;
        }
        if (got == 1 && *n <= ACCOUNT_SECRET_MOST) {
            line[(*n)++] = c;
        } else if (got == 0 || (got < 0 && errno != EINTR)) {
            return false;
        }
    }
    return false;
}

static void say(int fd, const char *text) {
    (void)!write(fd, text, strlen(text));
}

static enum outcome ask(int fd, const char *question, char *line, size_t *n) {
    struct sigaction before[CAUGHT];
    struct termios normal;
    struct termios silent;
    enum outcome outcome = READ_NOTHING;

    if (tcgetattr(fd, &normal) != 0) {
        return READ_NOTHING;
    }
    catch_signals(before);
    silent = normal;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    if (tcsetattr(fd, TCSAFLUSH, &silent) == 0) {
        say(fd, question);
        outcome = read_line(fd, line, n) ? READ_LINE : READ_NOTHING;
        say(fd, "\n");
    }
    while (tcsetattr(fd, TCSAFLUSH, &normal) != 0 && errno == EINTR && !any_pending()) {}
    release_signals(before);
    return deliver_signals(outcome);
}

/* User and host may have been copied from anywhere. */
static void make_question(const struct account *account, char *out, size_t size) {
    char user[256];
    char host[256];

    (void)safe_text(user, sizeof user, account->user, strlen(account->user));
    (void)safe_text(host, sizeof host, account->host, strlen(account->host));
    (void)snprintf(out, size, "Password of %s at %s: ", user, host);
}

char *account_secret_from_terminal(const struct account *account, struct account_error *error) {
    char question[640];
    char *line = account_secret_new(NULL, ACCOUNT_SECRET_MOST + 1);
    char *secret = NULL;
    enum outcome outcome = READ_NOTHING;
    size_t n = 0;
    int fd;

    if (line == NULL) {
        (void)account_fail_memory(error);
        return NULL;
    }
    fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    make_question(account, question, sizeof question);
    if (fd >= 0) {
        do {
            outcome = ask(fd, question, line, &n);
        } while (outcome == READ_STOPPED);
        (void)close(fd);
    }
    if (outcome == READ_LINE && n != 0) {
        secret = account_secret_line(line, n, "the terminal", error);
    } else if (outcome == READ_INTERRUPTED) {
        (void)account_fail(error, ACCOUNT_INTERRUPTED, NULL, "interrupted");
    } else if (fd < 0) {
        (void)account_fail(error, ACCOUNT_NO_CREDENTIALS,
                           "set password-command or password-file, or run it on a terminal",
                           "there is no password, and no terminal to ask for it");
    } else {
        (void)account_fail(error, ACCOUNT_NO_CREDENTIALS, NULL, "no password was typed");
    }
    account_secret_free(line);
    return secret;
}
