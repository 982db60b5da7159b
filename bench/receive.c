/* SPDX-License-Identifier: MIT */
/*
 * The floor under fetch_many: sends the commands of a session blindly and receives until the server hangs up, 256 KiB a
 * call, understanding nothing.
 *
 *     POP_PASSWORD=... receive USER ADDRESS PORT MESSAGES OUT|-
 *
 * Prints octets, seconds, seconds of processor time.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { READ = 256 * 1024, COMMANDS = 1 << 16 };

static char in[READ];
static char commands[COMMANDS];

static double since(clockid_t clock, const struct timespec *begin) {
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)(now.tv_sec - begin->tv_sec) + (double)(now.tv_nsec - begin->tv_nsec) / 1e9;
}

static int dial(const char *address, const char *port) {
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    return inet_pton(AF_INET, address, &where.sin_addr) == 1 &&
                   connect(fd, (const struct sockaddr *)&where, sizeof where) == 0
               ? fd
               : -1;
}

static size_t write_commands(const char *user, unsigned long messages) {
    const char *password = getenv("POP_PASSWORD");
    size_t n =
        (size_t)snprintf(commands, sizeof commands, "USER %s\r\nPASS %s\r\n", user, password != NULL ? password : "");

    for (unsigned long i = 1; i <= messages && n < sizeof commands; i++) {
        n += (size_t)snprintf(commands + n, sizeof commands - n, "RETR %lu\r\n", i);
    }
    if (n < sizeof commands) {
        n += (size_t)snprintf(commands + n, sizeof commands - n, "QUIT\r\n");
    }
    return n < sizeof commands ? n : 0;
}

int main(int argc, char **argv) {
    struct timespec wall, cpu;
    unsigned long long octets = 0;
    ssize_t got = 0;
    int out = -1;

    if (argc != 6) {
        return 64;
    }
    if (strcmp(argv[5], "-") != 0) {
        out = open(argv[5], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    }
    clock_gettime(CLOCK_MONOTONIC, &wall);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    int fd = dial(argv[2], argv[3]);
    size_t n = write_commands(argv[1], strtoul(argv[4], NULL, 10));
    if (fd < 0 || n == 0 || send(fd, commands, n, MSG_NOSIGNAL) != (ssize_t)n) {
        perror("receive");
        return 1;
    }
    while ((got = recv(fd, in, sizeof in, 0)) > 0) {
        octets += (unsigned long long)got;
        if (out >= 0 && write(out, in, (size_t)got) != got) {
            perror(argv[5]);
            return 1;
        }
    }
    printf("%llu %.6f %.6f\n", octets, since(CLOCK_MONOTONIC, &wall), since(CLOCK_PROCESS_CPUTIME_ID, &cpu));
    return got < 0;
}
