/* SPDX-License-Identifier: MIT */
/* A sorted array of ids, read from file names once. Refuses to open any file. */
#define _POSIX_C_SOURCE 200809L

#include "deliver/ids.h"

#include "deliver/name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct deliver_ids {
    uint8_t (*all)[DELIVER_ID_SIZE];
    size_t count;
    size_t room;
    bool failed;
};

bool deliver_names(int folder, deliver_visit_fn *visit, void *context) {
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* readdir moves the offset of its descriptor */
    DIR *names = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    int code;

    if (names == NULL) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return false;
    }
    errno = 0;
    while ((entry = readdir(names)) != NULL) {
        visit(context, entry->d_name);
        errno = 0;
    }
    code = errno;
    (void)closedir(names);
    errno = code;
    return code == 0;
}

static void take(void *context, const char *name) {
    struct deliver_ids *ids = context;
    uint8_t id[DELIVER_ID_SIZE];

    if (!deliver_name_id(name, id) || ids->failed) {
        return;
    }
    if (ids->count == ids->room) {
        size_t room = ids->room == 0 ? 1024 : 2 * ids->room;
        void *more = realloc(ids->all, room * sizeof *ids->all);

        if (more == NULL) {
            ids->failed = true;
            return;
        }
        ids->all = more;
        ids->room = room;
    }
    memcpy(ids->all[ids->count++], id, DELIVER_ID_SIZE);
}

static int by_octets(const void *a, const void *b) {
    return memcmp(a, b, DELIVER_ID_SIZE);
}

struct deliver_ids *deliver_ids_read(const int *folders, size_t count) {
    struct deliver_ids *ids = calloc(1, sizeof *ids);

    for (size_t i = 0; ids != NULL && i < count; i++) {
        if (folders[i] >= 0 && !deliver_names(folders[i], take, ids)) {
            ids->failed = true;
        }
    }
    if (ids == NULL || ids->failed) {
        deliver_ids_free(ids);
        return NULL;
    }
    if (ids->count > 0) {
        qsort(ids->all, ids->count, sizeof *ids->all, by_octets);
    }
    return ids;
}

bool deliver_ids_have(const struct deliver_ids *ids, const uint8_t id[DELIVER_ID_SIZE]) {
    return ids->count > 0 && bsearch(id, ids->all, ids->count, sizeof *ids->all, by_octets) != NULL;
}

void deliver_ids_free(struct deliver_ids *ids) {
    if (ids != NULL) {
        free(ids->all);
        free(ids);
    }
}
