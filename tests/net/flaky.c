/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE

#include "flaky.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct flaky_plan flaky;

/* What the linker takes for send() and recv(). */
ssize_t flaky_send(int fd, const void *data, size_t size, int flags) __asm__("send");
ssize_t flaky_recv(int fd, void *buffer, size_t size, int flags) __asm__("recv");

/* False: errno has why. */
static bool may_go_on(void) {
    flaky.calls++;
    if (flaky.fail_at != 0 && flaky.calls >= flaky.fail_at) {
        errno = flaky.error;
        return false;
    }
    if (flaky.dribble && flaky.calls % 2 == 0) {
        errno = flaky.calls % 4 == 0 ? EINTR : EAGAIN;
        return false;
    }
    return true;
}

static ssize_t real_send(int fd, const void *data, size_t size, int flags) {
    return syscall(SYS_sendto, fd, data, size, flags, NULL, 0);
}

static ssize_t real_recv(int fd, void *buffer, size_t size, int flags) {
    return syscall(SYS_recvfrom, fd, buffer, size, flags, NULL, NULL);
}

ssize_t flaky_send(int fd, const void *data, size_t size, int flags) {
    if (flaky.fd == 0 || fd != flaky.fd) {
        return real_send(fd, data, size, flags);
    }
    return may_go_on() ? real_send(fd, data, flaky.dribble ? 1 : size, flags) : -1;
}

ssize_t flaky_recv(int fd, void *buffer, size_t size, int flags) {
    ssize_t got;

    if (flaky.fd == 0 || fd != flaky.fd) {
        return real_recv(fd, buffer, size, flags);
    }
    if (!may_go_on()) {
        return -1;
    }
    if (flaky.end_at != 0 || flaky.silent) {
        size = size < flaky.end_at - flaky.received ? size : flaky.end_at - flaky.received;
        if (size == 0) {
            errno = EAGAIN;
            return flaky.silent ? -1 : 0;
        }
    }
    got = real_recv(fd, buffer, flaky.dribble ? 1 : size, flags);
    flaky.received += got > 0 ? (size_t)got : 0;
    return got;
}
