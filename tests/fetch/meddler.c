/* SPDX-License-Identifier: MIT */
/*
 * LD_PRELOAD=libmeddler.so PROGRAM [ARGUMENT...]: a world in which a program has a hard time, as its environment says:
 *   MEDDLER_ALLOCATION  number of the allocation that fails, of those that the program itself makes; 0: none
 *   MEDDLER_LIBRARY     libraries whose file has that in its name: theirs count too
 *   MEDDLER_REPORT      a file that gets the number of such allocations when the program ends
 *   MEDDLER_FSYNC       milliseconds that fsync(2) takes longer
 *   MEDDLER_CLOCK       seconds that the time of day is ahead
 *   MEDDLER_LOOKUP      milliseconds that a look-up of a name takes longer
 * Refuses to know the program.
 */
#define _GNU_SOURCE /* dl_iterate_phdr, RTLD_NEXT */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* What the linker takes for these functions, for shared libraries too. */
#define FOR_ALL __attribute__((visibility("default")))

#define OBJECTS 8

static struct {
    uintptr_t start;
    uintptr_t end;
} objects[OBJECTS];
static size_t object_count;
static atomic_ulong allocations;
static atomic_bool ended; /* main() has returned: what comes now is not the program's */
static unsigned long scarce_at;
static long fsync_ms, lookup_ms, ahead_s;

static long number(const char *name) {
    const char *text = getenv(name);

    return text != NULL ? strtol(text, NULL, 10) : 0;
}

/* Whose allocations count. The first object is the program. */
static int note_object(struct dl_phdr_info *object, size_t size, void *context) {
    const char *library = getenv("MEDDLER_LIBRARY");

    (void)size;
    (void)context;
    if (object_count == OBJECTS ||
        (object_count > 0 && (library == NULL || strstr(object->dlpi_name, library) == NULL))) {
        return 0;
    }
    objects[object_count].start = UINTPTR_MAX;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        uintptr_t start = object->dlpi_addr + object->dlpi_phdr[i].p_vaddr;

        if (object->dlpi_phdr[i].p_type == PT_LOAD) {
            objects[object_count].start = start < objects[object_count].start ? start : objects[object_count].start;
            objects[object_count].end = start + object->dlpi_phdr[i].p_memsz;
        }
    }
    object_count++;
    return 0;
}

__attribute__((constructor)) static void prepare(void) {
    scarce_at = (unsigned long)number("MEDDLER_ALLOCATION");
    fsync_ms = number("MEDDLER_FSYNC");
    lookup_ms = number("MEDDLER_LOOKUP");
    ahead_s = number("MEDDLER_CLOCK");
    (void)dl_iterate_phdr(note_object, NULL);
}

__attribute__((destructor)) static void report(void) {
    const char *path = getenv("MEDDLER_REPORT");
    int fd = path != NULL ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;

    if (fd >= 0) {
        (void)dprintf(fd, "%lu\n", atomic_load(&allocations));
        (void)close(fd);
    }
}

typedef int main_fn(int argc, char **argv, char **environment);
typedef int start_fn(main_fn *begin, int argc, char **argv, void (*init)(void), void (*fini)(void),
                     void (*rtld_fini)(void), void *stack_end);
FOR_ALL start_fn meddler_start __asm__("__libc_start_main");

static main_fn *program_main;

static int run_main(int argc, char **argv, char **environment) {
    int code = program_main(argc, argv, environment);

    atomic_store(&ended, true);
    return code;
}

int meddler_start(main_fn *begin, int argc, char **argv, void (*init)(void), void (*fini)(void),
                  void (*rtld_fini)(void), void *stack_end) {
    start_fn *real;

    *(void **)&real = dlsym(RTLD_NEXT, "__libc_start_main");
    program_main = begin;
    return real(run_main, argc, argv, init, fini, rtld_fini, stack_end);
}

static void wait_ms(long ms) {
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

    while (nanosleep(&left, &left) != 0 && errno == EINTR) {}
}

/* ---- Memory ---- */

void *libc_malloc(size_t size) __asm__("__libc_malloc");
void *libc_calloc(size_t count, size_t size) __asm__("__libc_calloc");
void *libc_realloc(void *old, size_t size) __asm__("__libc_realloc");

FOR_ALL void *meddler_malloc(size_t size) __asm__("malloc");
FOR_ALL void *meddler_calloc(size_t count, size_t size) __asm__("calloc");
FOR_ALL void *meddler_realloc(void *old, size_t size) __asm__("realloc");

static bool counts(uintptr_t caller) {
    for (size_t i = 0; i < object_count; i++) {
        if (caller >= objects[i].start && caller < objects[i].end) {
            return true;
        }
    }
    return false;
}

static bool fails(const void *caller) {
    if (atomic_load(&ended) || !counts((uintptr_t)caller) || atomic_fetch_add(&allocations, 1) + 1 != scarce_at) {
        return false;
    }
    errno = ENOMEM;
    return true;
}

void *meddler_malloc(size_t size) {
    return fails(__builtin_return_address(0)) ? NULL : libc_malloc(size);
}

void *meddler_calloc(size_t count, size_t size) {
    return fails(__builtin_return_address(0)) ? NULL : libc_calloc(count, size);
}

void *meddler_realloc(void *old, size_t size) {
    return fails(__builtin_return_address(0)) ? NULL : libc_realloc(old, size);
}

/* ---- Disk, clock, names ---- */

FOR_ALL int meddler_fsync(int fd) __asm__("fsync");
FOR_ALL int meddler_clock_gettime(clockid_t clock, struct timespec *now) __asm__("clock_gettime");
FOR_ALL time_t meddler_time(time_t *now) __asm__("time");
FOR_ALL int meddler_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                                struct addrinfo **found) __asm__("getaddrinfo");

int meddler_fsync(int fd) {
    wait_ms(fsync_ms);
    return (int)syscall(SYS_fsync, fd);
}

int meddler_clock_gettime(clockid_t clock, struct timespec *now) {
    int result = (int)syscall(SYS_clock_gettime, clock, now);

    if (result == 0 && clock == CLOCK_REALTIME) {
        now->tv_sec += ahead_s;
    }
    return result;
}

time_t meddler_time(time_t *now) {
    struct timespec exact = {.tv_sec = 0};

    (void)meddler_clock_gettime(CLOCK_REALTIME, &exact);
    if (now != NULL) {
        *now = exact.tv_sec;
    }
    return exact.tv_sec;
}

int meddler_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    wait_ms(lookup_ms);
    return real(name, service, hints, found);
}
