/* SPDX-License-Identifier: MIT */
/*
 * killer N PROGRAM [ARGUMENT...]: runs a program and kills it, with all its threads, by SIGKILL at the N-th point: the entry and
 * the exit of each system call of any of its threads, from its first flock(2) on (its own work, not the loader's). N = 0: no
 * kill. Says on file descriptor 3 "POINTS killed|ended CODE CALL", CALL being the system call's number. Refuses to know the program.
 */
#define _GNU_SOURCE /* __WALL */

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

struct run {
    pid_t pid;
    unsigned long wanted;
    unsigned long points;
    bool begun; /* flock was seen */
    bool killed;
    uint64_t call;
    int code;
};

static _Noreturn void fail(const char *what) {
    (void)fprintf(stderr, "killer: %s: %s\n", what, strerror(errno));
    exit(70);
}

static _Noreturn void run_program(char **argv) {
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
        fail("PTRACE_TRACEME");
    }
    (void)close(3);
    (void)raise(SIGSTOP);
    (void)execvp(argv[0], argv);
    fail(argv[0]);
}

static void begin(struct run *run, char **argv) {
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                   PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    int status;

    run->pid = fork();
    if (run->pid < 0) {
        fail("fork");
    }
    if (run->pid == 0) {
        run_program(argv);
    }
    if (waitpid(run->pid, &status, 0) != run->pid || !WIFSTOPPED(status) ||
        ptrace(PTRACE_SETOPTIONS, run->pid, NULL, (void *)options) != 0 ||
        ptrace(PTRACE_SYSCALL, run->pid, NULL, NULL) != 0) {
        fail("ptrace");
    }
}

/* A thread stands at the entry or the exit of a system call. */
static void at_point(struct run *run, pid_t thread) {
    struct __ptrace_syscall_info info = {.op = PTRACE_SYSCALL_INFO_NONE};

    (void)ptrace(PTRACE_GET_SYSCALL_INFO, thread, (void *)sizeof info, &info);
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        run->call = info.entry.nr;
        run->begun = run->begun || info.entry.nr == SYS_flock;
    }
    if (!run->begun) {
        return;
    }
    run->points++;
    if (run->points == run->wanted) {
        run->killed = true;
        (void)kill(run->pid, SIGKILL);
    }
}

static void go_on(struct run *run, pid_t thread, int status) {
    int number = WSTOPSIG(status);
    long deliver = 0;

    if (number == (SIGTRAP | 0x80)) {
        at_point(run, thread);
    } else if (number != SIGTRAP && number != SIGSTOP) {
        deliver = number;
    }
    (void)ptrace(PTRACE_SYSCALL, thread, NULL, (void *)deliver);
}

static void follow(struct run *run) {
    int status;
    pid_t thread;

    while ((thread = waitpid(-1, &status, __WALL)) > 0) {
        if (WIFSTOPPED(status)) {
            go_on(run, thread, status);
        } else if (thread == run->pid) {
            run->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
    }
}

int main(int argc, char **argv) {
    struct run run = {0};

    if (argc < 3) {
        (void)fputs("usage: killer N PROGRAM [ARGUMENT...]\n", stderr);
        return 64;
    }
    run.wanted = strtoul(argv[1], NULL, 10);
    begin(&run, argv + 2);
    follow(&run);
    (void)dprintf(3, "%lu %s %d %llu\n", run.points, run.killed ? "killed" : "ended", run.code,
                  (unsigned long long)run.call);
    return 0;
}
