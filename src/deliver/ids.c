/* SPDX-License-Identifier: MIT */
/* A sorted array of ids and names, read once. Refuses to open any file. */
#define _POSIX_C_SOURCE 200809L

#include "deliver/ids.h"

#include "deliver/name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_ROOM 256

struct known {
    uint8_t id[DELIVER_ID_SIZE];
    int folder;
    char *name;
};

struct deliver_ids {
    struct known *all;
    size_t count;
    size_t room;
    int folder; /* that is being read */
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

static bool has_room(struct deliver_ids *ids) {
    size_t room = ids->room == 0 ? FIRST_ROOM : 2 * ids->room;
    struct known *more;

    if (ids->count < ids->room) {
        return true;
    }
    more = realloc(ids->all, room * sizeof *more);
    if (more == NULL) {
        return false;
    }
    ids->all = more;
    ids->room = room;
    return true;
}

static void take(void *context, const char *name) {
    struct deliver_ids *ids = context;
    struct known known = {.folder = ids->folder};

    if (ids->failed || !deliver_name_id(name, known.id)) {
        return;
    }
    known.name = strdup(name);
    if (known.name == NULL || !has_room(ids)) {
        free(known.name);
        ids->failed = true;
        return;
    }
    ids->all[ids->count++] = known;
}

static int by_id(const void *a, const void *b) {
    return memcmp(((const struct known *)a)->id, ((const struct known *)b)->id, DELIVER_ID_SIZE);
}

struct deliver_ids *deliver_ids_read(const int *folders, size_t count) {
    struct deliver_ids *ids = calloc(1, sizeof *ids);

    for (size_t i = 0; ids != NULL && i < count; i++) {
        ids->folder = (int)i;
        if (folders[i] >= 0 && !deliver_names(folders[i], take, ids)) {
            ids->failed = true;
        }
    }
    if (ids == NULL || ids->failed) {
        deliver_ids_free(ids);
        return NULL;
    }
    if (ids->count > 0) {
        qsort(ids->all, ids->count, sizeof *ids->all, by_id);
    }
    return ids;
}

int deliver_ids_find(const struct deliver_ids *ids, const uint8_t id[DELIVER_ID_SIZE], const char **name) {
    struct known wanted = {.folder = -1};
    const struct known *found;

    memcpy(wanted.id, id, DELIVER_ID_SIZE);
    found = ids->count > 0 ? bsearch(&wanted, ids->all, ids->count, sizeof *ids->all, by_id) : NULL;
    if (found == NULL) {
        return -1;
    }
    *name = found->name;
    return found->folder;
}

void deliver_ids_free(struct deliver_ids *ids) {
    if (ids != NULL) {
        for (size_t i = 0; i < ids->count; i++) {
            free(ids->all[i].name);
        }
        free(ids->all);
        free(ids);
    }
}
