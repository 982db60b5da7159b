/* SPDX-License-Identifier: MIT */
/* A secret that a command prints. Refuses to wait for ever, and to tell the command anything. */
#define _GNU_SOURCE /* pipe2, environ */

#include "account/private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OUTPUT_MOST = ACCOUNT_SECRET_MOST + 2, STEP_MS = 100 };

static int64_t now_ms(void) {
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * The command shares our terminal and process group, for pinentry and the like ask there. Its input is empty: what we
 * read there is not for it. What it says on stderr is for the user.
 */
static int start(const char *command, int output, pid_t *pid) {
    char shell[] = "/bin/sh";
    char flag[] = "-c";
    char *const arguments[] = {shell, flag, (char *)(uintptr_t)command, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t set;
    int result = posix_spawn_file_actions_init(&actions);

    if (result != 0) {
        return result;
    }
    result = posix_spawnattr_init(&attributes);
    if (result == 0) {
        (void)sigemptyset(&set);
        (void)posix_spawnattr_setsigmask(&attributes, &set);
        (void)sigaddset(&set, SIGPIPE);
        (void)posix_spawnattr_setsigdefault(&attributes, &set);
        (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        result = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (result == 0) {
            result = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        }
        if (result == 0) {
            result = posix_spawn(pid, shell, &actions, &attributes, arguments, environ);
        }
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return result;
}

struct run {
    pid_t pid;
    bool ended;
    int status;
    char *output; /* OUTPUT_MOST octets; the rest is read and dropped */
    size_t n;
};

static void look_for_end(struct run *run, int flags) {
    pid_t result;

    do {
        result = waitpid(run->pid, &run->status, flags);
    } while (result < 0 && errno == EINTR);
    if (result < 0) {
        run->status = 0; /* where SIGCHLD is ignored nobody knows */
    }
    run->ended = run->ended || result != 0;
}

/* False: the output has ended. */
static bool take(struct run *run, int fd) {
    char dropped[512];
    bool full = run->n == OUTPUT_MOST;
    ssize_t got = read(fd, full ? dropped : run->output + run->n, full ? sizeof dropped : OUTPUT_MOST - run->n);

    explicit_bzero(dropped, sizeof dropped);
    if (got > 0 && !full) {
        run->n += (size_t)got;
    }
    return got > 0 || (got < 0 && errno == EINTR);
}

/* Until the output ends, or the command itself does: a daemon that it left behind may hold the pipe. False: too late. */
static bool follow(struct run *run, int fd, int timeout_ms) {
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    int64_t end = now_ms() + timeout_ms;

    while (now_ms() < end) {
        int ready = poll(&wait, 1, STEP_MS);
        if (ready > 0 && !take(run, fd)) {
            return true;
        }
        if (ready == 0 && run->ended) {
            return true;
        }
        if (ready == 0) {
            look_for_end(run, WNOHANG);
        }
    }
    return false;
}

/* The output is over; the command may close it and go on. */
static bool await_end(struct run *run, int timeout_ms) {
    static const struct timespec step = {.tv_nsec = 5000000};
    int64_t end = now_ms() + timeout_ms;

    for (;;) {
        if (!run->ended) {
            look_for_end(run, WNOHANG);
        }
        if (run->ended || now_ms() >= end) {
            return run->ended;
        }
        (void)nanosleep(&step, NULL);
    }
}

static bool judge(const struct run *run, const char *name, struct account_error *error) {
    if (WIFSIGNALED(run->status)) {
        return account_fail(error, ACCOUNT_NO_CREDENTIALS, NULL, "%s was ended by signal %d", name,
                            WTERMSIG(run->status));
    }
    if (WEXITSTATUS(run->status) == 127) {
        return account_fail(error, ACCOUNT_NO_CREDENTIALS, NULL, "%s names a command that the shell does not find",
                            name);
    }
    if (WEXITSTATUS(run->status) != 0) {
        return account_fail(error, ACCOUNT_NO_CREDENTIALS, NULL, "%s failed: its exit code is %d", name,
                            WEXITSTATUS(run->status));
    }
    return true;
}

static char *collect(struct run *run, int fd, const char *name, int timeout_ms, struct account_error *error) {
    int64_t end = now_ms() + timeout_ms;

    if (!follow(run, fd, timeout_ms) || !await_end(run, (int)(end - now_ms()))) {
        if (!run->ended) {
            (void)kill(run->pid, SIGKILL);
            look_for_end(run, 0);
        }
        (void)account_fail(error, ACCOUNT_NO_CREDENTIALS, NULL, "%s took longer than %d s", name,
                           (timeout_ms + 999) / 1000);
        return NULL;
    }
    return judge(run, name, error) ? account_secret_line(run->output, run->n, name, error) : NULL;
}

char *account_secret_from_command(const char *command, const char *name, int timeout_ms, struct account_error *error) {
    struct run run = {.output = account_secret_new(NULL, OUTPUT_MOST)};
    int ends[2];
    int result;
    char *secret = NULL;

    if (run.output == NULL) {
        (void)account_fail_memory(error);
        return NULL;
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        (void)account_fail(error, ACCOUNT_SYSTEM, NULL, "there is no pipe to be had: %s", strerror(errno));
        account_secret_free(run.output);
        return NULL;
    }
    result = start(command, ends[1], &run.pid);
    (void)close(ends[1]);
    if (result == 0) {
        secret = collect(&run, ends[0], name, timeout_ms, error);
    } else {
        (void)account_fail(error, ACCOUNT_SYSTEM, NULL, "%s cannot be run: %s", name, strerror(result));
    }
    (void)close(ends[0]);
    account_secret_free(run.output);
    return secret;
}
