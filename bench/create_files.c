/* SPDX-License-Identifier: MIT */
/*
 * The floor under delivery to a Maildir: create_files FOLDER COUNT OCTETS makes so many files of so many octets in FOLDER/tmp and
 * renames each to FOLDER/new, and nothing else. Prints seconds.
 */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char content[1 << 20];

static int create(int from, int to, const char *name, size_t octets) {
    int fd = openat(from, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

    return fd >= 0 && write(fd, content, octets) == (ssize_t)octets && close(fd) == 0 &&
           renameat(from, name, to, name) == 0;
}

static int folder(const char *path, const char *name) {
    char whole[4096];

    (void)snprintf(whole, sizeof whole, "%s/%s", path, name);
    (void)mkdir(path, 0700);
    (void)mkdir(whole, 0700);
    return open(whole, O_RDONLY | O_DIRECTORY);
}

int main(int argc, char **argv) {
    struct timespec begin;
    struct timespec end;
    int from;
    int to;

    if (argc != 4) {
        (void)fputs("usage: create_files FOLDER COUNT OCTETS\n", stderr);
        return 64;
    }
    memset(content, 'x', sizeof content);
    from = folder(argv[1], "tmp");
    to = folder(argv[1], "new");
    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    for (unsigned long i = 0; i < strtoul(argv[2], NULL, 10); i++) {
        char name[64];

        (void)snprintf(name, sizeof name, "1500000000.M%06luQ1.bench", i);
        if (!create(from, to, name, strtoul(argv[3], NULL, 10))) {
            perror(name);
            return 74;
        }
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    (void)printf("%f\n", (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
    return 0;
}
