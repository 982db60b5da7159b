/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE

#include "failing.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

_Thread_local struct failing_plan failing;

static bool fails(enum failing_what what, int error) {
    if (failing.what != what) {
        return false;
    }
    failing.count++;
    if (failing.count < failing.at || (failing.count > failing.at && !failing.onward)) {
        return false;
    }
    errno = error;
    return true;
}

/* What the linker takes for these functions, for shared libraries too. */
#define FOR_ALL __attribute__((visibility("default")))

/* ---- Memory ---- */

FOR_ALL void *failing_malloc(size_t size) __asm__("malloc");
FOR_ALL void *failing_calloc(size_t count, size_t size) __asm__("calloc");
FOR_ALL void *failing_realloc(void *old, size_t size) __asm__("realloc");

/* The real ones: glibc's, or those of the sanitizer that is in this build. */
void *libc_malloc(size_t size) __asm__("__libc_malloc");
void *libc_calloc(size_t count, size_t size) __asm__("__libc_calloc");
void *libc_realloc(void *old, size_t size) __asm__("__libc_realloc");
__attribute__((weak)) void *asan_malloc(size_t size) __asm__("__interceptor_malloc");
__attribute__((weak)) void *asan_calloc(size_t count, size_t size) __asm__("__interceptor_calloc");
__attribute__((weak)) void *asan_realloc(void *old, size_t size) __asm__("__interceptor_realloc");

void *failing_malloc(size_t size) {
    if (fails(FAILING_MEMORY, ENOMEM)) {
        return NULL;
    }
    return asan_malloc != NULL ? asan_malloc(size) : libc_malloc(size);
}

void *failing_calloc(size_t count, size_t size) {
    if (fails(FAILING_MEMORY, ENOMEM)) {
        return NULL;
    }
    return asan_calloc != NULL ? asan_calloc(count, size) : libc_calloc(count, size);
}

void *failing_realloc(void *old, size_t size) {
    if (fails(FAILING_MEMORY, ENOMEM)) {
        return NULL;
    }
    return asan_realloc != NULL ? asan_realloc(old, size) : libc_realloc(old, size);
}

/* ---- System calls ---- */

FOR_ALL int failing_socket(int family, int type, int protocol) __asm__("socket");
FOR_ALL int failing_connect(int fd, const struct sockaddr *where, socklen_t size) __asm__("connect");
FOR_ALL ssize_t failing_send(int fd, const void *data, size_t size, int flags) __asm__("send");
FOR_ALL ssize_t failing_recv(int fd, void *buffer, size_t size, int flags) __asm__("recv");
FOR_ALL int failing_poll(struct pollfd *entries, nfds_t count, int wait_ms) __asm__("poll");

int failing_socket(int family, int type, int protocol) {
    return fails(FAILING_CALLS, failing.error) ? -1 : (int)syscall(SYS_socket, family, type, protocol);
}

int failing_connect(int fd, const struct sockaddr *where, socklen_t size) {
    return fails(FAILING_CALLS, failing.error) ? -1 : (int)syscall(SYS_connect, fd, where, size);
}

ssize_t failing_send(int fd, const void *data, size_t size, int flags) {
    return fails(FAILING_CALLS, failing.error) ? -1 : syscall(SYS_sendto, fd, data, size, flags, NULL, 0);
}

ssize_t failing_recv(int fd, void *buffer, size_t size, int flags) {
    return fails(FAILING_CALLS, failing.error) ? -1 : syscall(SYS_recvfrom, fd, buffer, size, flags, NULL, NULL);
}

int failing_poll(struct pollfd *entries, nfds_t count, int wait_ms) {
    const struct timespec wait = {.tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000L};

    return fails(FAILING_CALLS, failing.error)
               ? -1
               : (int)syscall(SYS_ppoll, entries, count, wait_ms < 0 ? NULL : &wait, NULL, 0);
}
