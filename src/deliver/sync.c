/* SPDX-License-Identifier: MIT */
/* Write-out hints for all files, then fsync of each by a few threads (D-31). Refuses to sync a file twice (D-12). */
#define _GNU_SOURCE /* sync_file_range */

#include "deliver/sync.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define THREADS 8
#define FEW 4 /* files that need no threads */

struct work {
    struct deliver_batch *batch;
    atomic_size_t next;
    atomic_int failed; /* errno's value of a failure */
    atomic_size_t which;
};

static int sync_and_close(int fd) {
    int code = fsync(fd) == 0 ? 0 : errno;

    return close(fd) == 0 || code != 0 ? code : errno;
}

static void *sync_some(void *context) {
    struct work *work = context;
    struct deliver_batch *batch = work->batch;

    for (size_t i = atomic_fetch_add(&work->next, 1); i < batch->count; i = atomic_fetch_add(&work->next, 1)) {
        int code = sync_and_close(batch->entries[i].fd);

        batch->entries[i].fd = -1;
        if (code != 0) {
            atomic_store(&work->which, i);
            atomic_store(&work->failed, code);
        }
    }
    return NULL;
}

static void hint_all(const struct deliver_batch *batch) {
    for (size_t i = 0; i < batch->count; i++) {
        (void)sync_file_range(batch->entries[i].fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    }
}

bool deliver_sync_files(struct deliver_batch *batch, struct deliver_error *error) {
    struct work work = {.batch = batch};
    pthread_t threads[THREADS];
    size_t started = 0;

    if (!batch->target->volatile_ && batch->count > FEW) {
        hint_all(batch);
        while (started < THREADS && pthread_create(&threads[started], NULL, sync_some, &work) == 0) {
            started++;
        }
    }
    (void)sync_some(&work);
    while (started > 0) {
        (void)pthread_join(threads[--started], NULL);
    }
    if (atomic_load(&work.failed) != 0) {
        return deliver_fail(error, atomic_load(&work.failed), "cannot write %s to the disk, in %s",
                            batch->entries[atomic_load(&work.which)].name, batch->target->config.path);
    }
    return true;
}
