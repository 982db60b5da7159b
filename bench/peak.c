/* SPDX-License-Identifier: MIT */
/*
 * peak PROGRAM [ARGUMENT...]: runs a program and prints seconds on the clock, seconds of processor time, and KiB of memory at its
 * peak. A small program of its own, because the kernel counts what the parent had before exec(2) as memory of the child.
 */
#define _DEFAULT_SOURCE /* wait4 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(long whole, long parts, double unit) {
    return (double)whole + (double)parts / unit;
}

static void run(char **argv) {
    int nothing = open("/dev/null", O_RDWR);

    (void)dup2(nothing, STDIN_FILENO);
    (void)dup2(nothing, STDOUT_FILENO);
    (void)execvp(argv[0], argv);
    perror(argv[0]);
    _exit(127);
}

int main(int argc, char **argv) {
    struct timespec begin;
    struct timespec end;
    struct rusage used;
    int status;
    pid_t child;

    if (argc < 2) {
        return 64;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    child = fork();
    if (child == 0) {
        run(argv + 1);
    }
    if (child < 0 || wait4(child, &status, 0, &used) != child) {
        perror("wait4");
        return 71;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    (void)printf(
        "%f %f %ld\n", seconds(end.tv_sec - begin.tv_sec, end.tv_nsec - begin.tv_nsec, 1e9),
        seconds(used.ru_utime.tv_sec + used.ru_stime.tv_sec, used.ru_utime.tv_usec + used.ru_stime.tv_usec, 1e6),
        used.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
