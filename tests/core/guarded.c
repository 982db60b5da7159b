/* SPDX-License-Identifier: MIT */
/* Two unreadable pages around readable ones, by mmap and mprotect. Knows nothing of POP3. */
#define _GNU_SOURCE
#include "guarded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void give_up(const char *what) {
    perror(what);
    abort();
}

void guarded_open(struct guarded *memory, size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t pages = (size + page - 1) / page + (size == 0);
    char *all = mmap(NULL, (pages + 2) * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) {
        give_up("mmap");
    }
    if (mprotect(all + page, pages * page, PROT_READ | PROT_WRITE) != 0) {
        give_up("mprotect");
    }
    memory->base = all + page;
    memory->size = pages * page;
    memory->page = page;
}

void guarded_close(struct guarded *memory) {
    munmap(memory->base - memory->page, memory->size + 2 * memory->page);
    memory->base = NULL;
}

char *guarded_tail(const struct guarded *memory, size_t n) {
    if (n > memory->size) {
        give_up("guarded memory is too small");
    }
    return memory->base + memory->size - n;
}

char *guarded_head(const struct guarded *memory, size_t n) {
    if (n > memory->size) {
        give_up("guarded memory is too small");
    }
    return memory->base;
}

void guarded_scribble(const struct guarded *memory) {
    memset(memory->base, 0xA5, memory->size);
}
