/* SPDX-License-Identifier: MIT */
/*
 * killer kill N PROGRAM [ARGUMENT...]: kills a program, with all its threads, by SIGKILL at the N-th point: the entry and the exit
 * of each system call of any of its threads.
 * killer fail N ERRNO PROGRAM [ARGUMENT...]: lets its N-th system call of those that can fail for want of disk not happen, but
 * return ERRNO (x86-64 only).
 * Points count from the program's first flock(2) on: its own work, not the loader's. N = 0: none. Says on file descriptor 3
 * "POINTS hit|ended CODE CALL", CALL being the system call's number. Refuses to know the program.
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
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

struct run {
    pid_t pid;
    int fail_with; /* 0: kill */
    unsigned long wanted;
    unsigned long points;
    bool begun; /* flock was seen */
    bool hit;
    pid_t failing; /* the thread whose call must return fail_with */
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

static bool can_fail(uint64_t call) {
    static const long calls[] = {SYS_read,      SYS_pread64,    SYS_write,     SYS_pwrite64, SYS_fsync,
                                 SYS_fdatasync, SYS_openat,     SYS_mkdirat,   SYS_mkdir,    SYS_renameat2,
                                 SYS_rename,    SYS_renameat,   SYS_ftruncate, SYS_unlinkat, SYS_unlink,
                                 SYS_fchmod,    SYS_getdents64, SYS_mmap,      SYS_fstatfs,  SYS_close};

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        if ((uint64_t)calls[i] == call) {
            return true;
        }
    }
    return false;
}

#if defined(__x86_64__)
/* At the entry: another call, one that does not exist, is made; at the exit: it returned what is wanted. */
static void break_call(struct run *run, pid_t thread, bool entry) {
    struct user_regs_struct registers;

    if (ptrace(PTRACE_GETREGS, thread, NULL, &registers) != 0) {
        fail("PTRACE_GETREGS");
    }
    if (entry) {
        registers.orig_rax = (unsigned long long)-1;
    } else {
        registers.rax = (unsigned long long)-run->fail_with;
    }
    if (ptrace(PTRACE_SETREGS, thread, NULL, &registers) != 0) {
        fail("PTRACE_SETREGS");
    }
    run->failing = entry ? thread : 0;
}
#else
static void break_call(struct run *run, pid_t thread, bool entry) {
    (void)run;
    (void)thread;
    (void)entry;
    errno = ENOSYS;
    fail("fail");
}
#endif

/* A thread stands at the entry or the exit of a system call. */
static void at_point(struct run *run, pid_t thread) {
    struct __ptrace_syscall_info info = {.op = PTRACE_SYSCALL_INFO_NONE};
    bool entry;

    (void)ptrace(PTRACE_GET_SYSCALL_INFO, thread, (void *)sizeof info, &info);
    entry = info.op == PTRACE_SYSCALL_INFO_ENTRY;
    if (run->failing == thread && !entry) {
        break_call(run, thread, false);
        return;
    }
    if (run->hit) {
        return;
    }
    if (entry) {
        run->call = info.entry.nr;
        run->begun = run->begun || info.entry.nr == SYS_flock;
    }
    if (!run->begun || (run->fail_with != 0 && (!entry || !can_fail(info.entry.nr)))) {
        return;
    }
    run->points++;
    if (run->points != run->wanted) {
        return;
    }
    run->hit = true;
    if (run->fail_with != 0) {
        break_call(run, thread, true);
    } else {
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
    int program = 3;

    if (argc < 4) {
        (void)fputs("usage: killer kill N PROGRAM [ARGUMENT...]; killer fail N ERRNO PROGRAM [ARGUMENT...]\n", stderr);
        return 64;
    }
    run.wanted = strtoul(argv[2], NULL, 10);
    if (strcmp(argv[1], "fail") == 0) {
        run.fail_with = (int)strtol(argv[3], NULL, 10);
        program = 4;
    }
    begin(&run, argv + program);
    follow(&run);
    (void)dprintf(3, "%lu %s %d %llu\n", run.points, run.hit ? "hit" : "ended", run.code, (unsigned long long)run.call);
    return 0;
}
