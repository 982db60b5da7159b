/* SPDX-License-Identifier: MIT */
/* S1 and S2: a spool folder and the files in it. Refuses to know where they go. */
#define _GNU_SOURCE

#include "deliver/target.h"

#include "deliver/folder.h"
#include "deliver/name.h"
#include "deliver/sync.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_ROOM 16

/* ---- The spool folder ---- */

static bool make_mark(struct deliver_batch *batch, struct deliver_error *error) {
    int fd = openat(batch->folder, DELIVER_MARK, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0 || close(fd) != 0) {
        return deliver_fail(error, errno, "cannot make a file in %s", batch->target->config.path);
    }
    return true;
}

static bool make_spool(struct deliver_batch *batch, struct deliver_error *error) {
    const struct deliver_target *target = batch->target;

    if (mkdirat(target->spool, batch->name, 0700) != 0) {
        return deliver_fail(error, errno, "cannot make a folder in %s", target->config.path);
    }
    batch->folder = openat(target->spool, batch->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (batch->folder < 0 || fchmod(batch->folder, 0700) != 0) {
        return deliver_fail(error, errno, "cannot open a folder in %s", target->config.path);
    }
    return make_mark(batch, error);
}

static void free_batch(struct deliver_batch *batch) {
    batch->target->sink->release(batch);
    for (size_t i = 0; i < batch->count; i++) {
        if (batch->entries[i].fd >= 0) {
            (void)close(batch->entries[i].fd);
        }
    }
    if (batch->folder >= 0) {
        (void)close(batch->folder);
    }
    free(batch->entries);
    free(batch);
}

static void remove_spool(struct deliver_batch *batch) {
    if (batch->folder >= 0) {
        (void)unlinkat(batch->folder, DELIVER_MARK, 0);
    }
    (void)unlinkat(batch->target->spool, batch->name, AT_REMOVEDIR);
}

struct deliver_batch *deliver_batch_new(struct deliver_target *target, const char *id, struct deliver_error *error) {
    struct deliver_batch *batch = calloc(1, sizeof *batch);

    if (batch == NULL) {
        (void)deliver_fail(error, ENOMEM, "cannot deliver to %s", target->config.path);
        return NULL;
    }
    batch->target = target;
    batch->folder = -1;
    batch->mbox = -1;
    batch->message.fd = -1;
    (void)snprintf(batch->name, sizeof batch->name, DELIVER_SPOOL_PREFIX "%s", id);
    if (!make_spool(batch, error)) {
        remove_spool(batch);
        free_batch(batch);
        return NULL;
    }
    return batch;
}

size_t deliver_batch_count(const struct deliver_batch *batch) {
    return batch->count;
}

uint64_t deliver_batch_offset(const struct deliver_batch *batch) {
    return batch->offset;
}

/* ---- One message ---- */

static bool has_room(struct deliver_batch *batch) {
    size_t room = batch->room == 0 ? FIRST_ROOM : 2 * batch->room;
    struct deliver_entry *more;

    if (batch->count < batch->room) {
        return true;
    }
    more = realloc(batch->entries, room * sizeof *more);
    if (more == NULL) {
        return false;
    }
    batch->entries = more;
    batch->room = room;
    return true;
}

/* open(2) subtracts the umask; once one file came out right, all do. */
static int make_file(struct deliver_batch *batch, const char *name) {
    int fd = openat(batch->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    struct stat made;

    if (fd < 0 || batch->target->exact_mode) {
        return fd;
    }
    if (fstat(fd, &made) == 0 && (made.st_mode & 07777) == 0600) {
        batch->target->exact_mode = true;
    } else if (fchmod(fd, 0600) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

struct deliver_message *deliver_begin(struct deliver_batch *batch, const uint8_t id[DELIVER_ID_SIZE],
                                      struct deliver_error *error) {
    struct deliver_target *target = batch->target;
    struct deliver_message *message = &batch->message;

    if (!has_room(batch)) {
        (void)deliver_fail(error, ENOMEM, "cannot deliver to %s", target->config.path);
        return NULL;
    }
    *message = (struct deliver_message){.batch = batch, .fd = -1};
    deliver_name(message->name, &target->last_us, target->config.run, id, target->host);
    message->fd = make_file(batch, message->name);
    if (message->fd < 0) {
        (void)deliver_fail(error, errno, "cannot make a file in %s", target->config.path);
        return NULL;
    }
    deliver_content_begin(target->content);
    return message;
}

static bool write_all(const struct deliver_message *message, const uint8_t *octets, size_t n,
                      struct deliver_error *error) {
    while (n > 0) {
        ssize_t done = write(message->fd, octets, n);

        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return deliver_fail(error, done < 0 ? errno : EIO, "cannot write a message to %s",
                                message->batch->target->config.path);
        }
        octets += done;
        n -= (size_t)done;
    }
    return true;
}

static bool flush(struct deliver_message *message, struct deliver_error *error) {
    bool good = write_all(message, message->batch->target->buffer, message->fill, error);

    message->size += message->fill;
    message->fill = 0;
    return good;
}

/* As many octets as the buffer takes; the digests see LF, the file what config.crlf says. */
static void take(struct deliver_message *message, const uint8_t *octets, size_t n) {
    const struct deliver_target *target = message->batch->target;
    uint8_t *out = target->buffer + message->fill;

    if (target->config.crlf) {
        memcpy(out, octets, n);
        message->fill += n;
        (void)deliver_content_take(target->content, octets, n, target->scratch);
    } else {
        message->fill += deliver_content_take(target->content, octets, n, out);
    }
}

bool deliver_write(struct deliver_message *message, const void *octets, size_t n, struct deliver_error *error) {
    const uint8_t *at = octets;

    while (n > 0) {
        size_t some;

        if (message->fill >= DELIVER_BUFFER && !flush(message, error)) {
            return false;
        }
        some = DELIVER_BUFFER - message->fill < n ? DELIVER_BUFFER - message->fill : n;
        take(message, at, some);
        at += some;
        n -= some;
    }
    return true;
}

bool deliver_end(struct deliver_message *message, struct deliver_facts *facts, struct deliver_error *error) {
    struct deliver_batch *batch = message->batch;
    struct deliver_target *target = batch->target;
    struct deliver_entry *entry = &batch->entries[batch->count];
    uint8_t last;
    size_t held = deliver_content_end(target->content, &last, &facts->digests);

    if (held > 0 && !target->config.crlf) {
        target->buffer[message->fill++] = last;
    }
    if (!flush(message, error)) {
        deliver_abort(message);
        return false;
    }
    facts->size = message->size;
    memcpy(facts->name, message->name, sizeof facts->name);
    *entry = (struct deliver_entry){.fd = message->fd, .size = message->size};
    memcpy(entry->name, message->name, sizeof entry->name);
    message->fd = -1;
    batch->count++;
    return true;
}

void deliver_abort(struct deliver_message *message) {
    if (message->fd >= 0) {
        (void)close(message->fd);
        (void)unlinkat(message->batch->folder, message->name, 0);
        message->fd = -1;
    }
}

void deliver_drop(struct deliver_batch *batch) {
    const struct deliver_entry *entry = &batch->entries[--batch->count];

    (void)close(entry->fd);
    (void)unlinkat(batch->folder, entry->name, 0);
}

/* ---- The steps ---- */

bool deliver_batch_sync(struct deliver_batch *batch, struct deliver_error *error) {
    const struct deliver_target *target = batch->target;

    if (!deliver_sync_files(batch, error)) {
        return false;
    }
    if (fsync(batch->folder) != 0 || fsync(target->spool) != 0) {
        return deliver_fail(error, errno, "cannot write a folder in %s to the disk", target->config.path);
    }
    return target->sink->prepare(batch, error);
}

bool deliver_batch_publish(struct deliver_batch *batch, struct deliver_error *error) {
    return batch->target->sink->publish(batch, error);
}

void deliver_batch_end(struct deliver_batch *batch) {
    deliver_batch_abandon(batch);
}

void deliver_batch_abandon(struct deliver_batch *batch) {
    deliver_abort(&batch->message);
    for (size_t i = 0; i < batch->count && !batch->moved; i++) {
        (void)unlinkat(batch->folder, batch->entries[i].name, 0);
    }
    remove_spool(batch);
    free_batch(batch);
}

void deliver_batch_leave(struct deliver_batch *batch) {
    free_batch(batch);
}
