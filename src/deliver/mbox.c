/* SPDX-License-Identifier: MIT */
/*
 * An mbox (D-21): a batch is appended under locks, at an offset that the journal knows before. What a batch becomes there
 * follows from its spool files alone, so after an interruption it is compared with what the mbox holds. Refuses links
 * (R-FILE-01) and to truncate what it did not write.
 */
#define _GNU_SOURCE /* F_OFD_SETLK: locks of a descriptor, which exclude other threads of this process too */

#include "deliver/target.h"

#include "deliver/folder.h"
#include "deliver/mboxrd.h"
#include "deliver/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <lockfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TRIES 300 /* of 100 ms */
#define DOT_LOCK_TRIES 3
#define REPLACED_TRIES 3
#define MODE 0600

/* ---- Opening ---- */

static bool check_file(const char *path, int fd, struct stat *what, struct deliver_error *error) {
    if (fstat(fd, what) != 0) {
        return deliver_fail(error, errno, "cannot look at %s", path);
    }
    if (!S_ISREG(what->st_mode)) {
        return deliver_fail(error, 0, "%s is no file; an mbox is one (maildir: is for folders)", path);
    }
    if (what->st_nlink != 1) {
        return deliver_fail(error, 0, "%s has %lu hard links; name a file that has one", path,
                            (unsigned long)what->st_nlink);
    }
    return true;
}

/* -1: *error tells. Never through a symbolic link. */
static int open_file(const struct deliver_target *target, struct stat *what, struct deliver_error *error) {
    const char *path = target->config.path;
    const char *name = strrchr(path, '/') + 1;
    int fd = openat(target->folder, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 && errno == ENOENT) {
        fd = openat(target->folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE);
        if (fd >= 0 && (fchmod(fd, MODE) != 0 || fsync(fd) != 0 || fsync(target->folder) != 0)) {
            (void)close(fd);
            fd = -1;
        }
    }
    if (fd < 0) {
        if (errno == ELOOP) {
            (void)deliver_fail(error, 0, "%s is a symbolic link; name the file itself", path);
        } else {
            (void)deliver_fail(error, errno, "cannot open %s", path);
        }
        return -1;
    }
    if (!check_file(path, fd, what, error)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static bool open_mbox(struct deliver_target *target, struct deliver_error *error) {
    const char *path = target->config.path;
    const char *name = strrchr(path, '/');
    char folder[PATH_MAX];
    struct stat what;
    int fd;

    if (name == NULL || name[1] == '\0' || (size_t)(name - path) >= sizeof folder) {
        return deliver_fail(error, 0, "%s is no absolute path of a file", path);
    }
    (void)snprintf(folder, sizeof folder, "%.*s", name == path ? 1 : (int)(name - path), path);
    target->folder = deliver_folder(folder, error);
    target->spool = target->folder < 0 ? -1 : deliver_folder(target->config.spool, error);
    if (target->spool < 0) {
        return false;
    }
    fd = open_file(target, &what, error);
    return fd >= 0 && (close(fd) == 0 || deliver_fail(error, errno, "cannot close %s", path));
}

/* ---- Locks: fcntl, then the dot lock ---- */

static bool lock_descriptor(const char *path, int fd, struct deliver_error *error) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    for (int i = 0; i < LOCK_TRIES; i++) {
        if (fcntl(fd, F_OFD_SETLK, &lock) == 0) {
            return true;
        }
        if (errno != EAGAIN && errno != EACCES) {
            return deliver_fail(error, errno, "cannot lock %s", path);
        }
        (void)nanosleep(&(struct timespec){.tv_nsec = 100000000L}, NULL);
    }
    return deliver_fail(error, 0, "%s is locked by another program; run again when it is done", path);
}

static bool lock_by_name(struct deliver_batch *batch, struct deliver_error *error) {
    const char *path = batch->target->config.path;
    char lock[PATH_MAX];
    int n = snprintf(lock, sizeof lock, "%s.lock", path);
    int result = n > 0 && (size_t)n < sizeof lock ? lockfile_create(lock, DOT_LOCK_TRIES, L_PID) : L_NAMELEN;

    if (result == L_MAXTRYS) {
        return deliver_fail(error, 0, "%s is locked by another program; if none runs, remove %s", path, lock);
    }
    batch->dot_locked = result == L_SUCCESS;
    return batch->dot_locked || deliver_fail(error, errno, "cannot make the lock file %s", lock);
}

static bool open_and_lock(struct deliver_batch *batch, struct deliver_error *error) {
    struct stat what;

    batch->mbox = open_file(batch->target, &what, error);
    return batch->mbox >= 0 && lock_descriptor(batch->target->config.path, batch->mbox, error) &&
           lock_by_name(batch, error);
}

/* Who had the lock before may have put another file in the place of the one that was waited for. */
static bool has_its_name(const struct deliver_batch *batch) {
    const struct deliver_target *target = batch->target;
    struct stat open;
    struct stat named;

    return fstat(batch->mbox, &open) == 0 &&
           fstatat(target->folder, strrchr(target->config.path, '/') + 1, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

static void release(struct deliver_batch *batch) {
    char lock[PATH_MAX];

    if (batch->dot_locked) {
        (void)snprintf(lock, sizeof lock, "%s.lock", batch->target->config.path);
        (void)lockfile_remove(lock);
        batch->dot_locked = false;
    }
    if (batch->mbox >= 0) {
        (void)close(batch->mbox);
        batch->mbox = -1;
    }
}

static bool lock_mbox(struct deliver_batch *batch, struct stat *what, struct deliver_error *error) {
    const char *path = batch->target->config.path;

    for (int i = 0; i < REPLACED_TRIES; i++) {
        if (!open_and_lock(batch, error)) {
            return false;
        }
        if (has_its_name(batch)) {
            return check_file(path, batch->mbox, what, error); /* its size, now that nobody changes it */
        }
        release(batch);
    }
    return deliver_fail(error, 0, "another program replaces %s again and again; run again when it is done", path);
}

static bool prepare(struct deliver_batch *batch, struct deliver_error *error) {
    struct stat what = {0};

    if (!lock_mbox(batch, &what, error)) {
        return false;
    }
    batch->offset = (uint64_t)what.st_size;
    return true;
}

/* ---- What a batch becomes ---- */

/* Line ends that are missing before the offset: a separator follows an empty line, or begins the file. */
static size_t missing_line_ends(int mbox, uint64_t offset) {
    char last[2] = {'\0', '\0'};

    if (offset == 0) {
        return 0;
    }
    if (offset == 1) {
        return pread(mbox, &last[1], 1, 0) == 1 && last[1] == '\n' ? 0 : 2;
    }
    if (pread(mbox, last, 2, (off_t)offset - 2) != 2 || last[1] != '\n') {
        return 2;
    }
    return last[0] == '\n' ? 0 : 1;
}

static bool write_file(const struct deliver_batch *batch, const char *name, mboxrd_out_fn *out, void *context,
                       int *code) {
    int fd = openat(batch->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    bool good;

    if (fd < 0) {
        *code = errno;
        return false;
    }
    good = mboxrd_write(fd, (int64_t)strtoll(name, NULL, 10), out, context, code);
    (void)close(fd);
    return good;
}

/* The octets of all messages from batch->offset on. False: `out` stopped (*code 0), or a spool file cannot be read. */
static bool write_batch(const struct deliver_batch *batch, mboxrd_out_fn *out, void *context, int *code) {
    size_t missing = missing_line_ends(batch->mbox, batch->offset);

    *code = 0;
    if (missing > 0 && !out(context, "\n\n", missing)) {
        return false;
    }
    for (size_t i = 0; i < batch->count; i++) {
        if (!write_file(batch, batch->entries[i].name, out, context, code)) {
            return false;
        }
    }
    return true;
}

/* ---- Appending ---- */

struct append {
    int mbox;
    off_t at;
    char *buffer;
    size_t fill;
    int code;
};

static bool flush(struct append *append) {
    size_t done = 0;

    while (done < append->fill) {
        ssize_t n = pwrite(append->mbox, append->buffer + done, append->fill - done, append->at);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            append->code = n < 0 ? errno : EIO;
            return false;
        }
        done += (size_t)n;
        append->at += n;
    }
    append->fill = 0;
    return true;
}

static bool append_some(void *context, const void *octets, size_t n) {
    struct append *append = context;
    const char *at = octets;

    while (n > 0) {
        size_t some = DELIVER_BUFFER - append->fill < n ? DELIVER_BUFFER - append->fill : n;

        memcpy(append->buffer + append->fill, at, some);
        append->fill += some;
        at += some;
        n -= some;
        if (append->fill == DELIVER_BUFFER && !flush(append)) {
            return false;
        }
    }
    return true;
}

static bool append_batch(const struct deliver_batch *batch, struct deliver_error *error) {
    struct append append = {.mbox = batch->mbox, .at = (off_t)batch->offset, .buffer = malloc(DELIVER_BUFFER)};
    int code = append.buffer != NULL ? 0 : ENOMEM;
    bool good = append.buffer != NULL && write_batch(batch, append_some, &append, &code) && flush(&append) &&
                fsync(batch->mbox) == 0;

    if (!good && code == 0) {
        code = append.code != 0 ? append.code : errno;
    }
    free(append.buffer);
    if (!good) {
        (void)!ftruncate(batch->mbox, (off_t)batch->offset); /* what stays is found by recover() */
        return deliver_fail(error, code, "cannot append to %s", batch->target->config.path);
    }
    return true;
}

static bool publish(struct deliver_batch *batch, struct deliver_error *error) {
    bool good = append_batch(batch, error);

    release(batch);
    return good;
}

/* ---- After an interruption ---- */

enum found { FOUND_WHOLE, FOUND_START, FOUND_OTHER };

struct comparison {
    int mbox;
    off_t at;
    bool ended; /* the mbox ends where the batch goes on */
};

static bool compare_some(void *context, const void *octets, size_t n) {
    struct comparison *comparison = context;
    const char *expected = octets;
    char there[4096];

    while (n > 0) {
        ssize_t some = pread(comparison->mbox, there, n < sizeof there ? n : sizeof there, comparison->at);

        if (some <= 0) {
            comparison->ended = some == 0;
            return false;
        }
        if (memcmp(there, expected, (size_t)some) != 0) {
            return false;
        }
        comparison->at += some;
        expected += some;
        n -= (size_t)some;
    }
    return true;
}

static enum found compare(const struct deliver_batch *batch, const struct stat *what) {
    struct comparison comparison = {.mbox = batch->mbox, .at = (off_t)batch->offset};
    int code;

    if ((uint64_t)what->st_size < batch->offset) {
        return FOUND_OTHER;
    }
    if (write_batch(batch, compare_some, &comparison, &code)) {
        return FOUND_WHOLE;
    }
    return comparison.ended ? FOUND_START : FOUND_OTHER;
}

static bool take_rows(struct deliver_batch *batch, const struct deliver_pending *rows, size_t count) {
    batch->entries = calloc(count + 1, sizeof *batch->entries);
    if (batch->entries == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        batch->entries[i] = (struct deliver_entry){.fd = -1, .size = rows[i].facts.size};
        memcpy(batch->entries[i].name, rows[i].facts.name, sizeof batch->entries[i].name);
    }
    batch->count = count;
    return true;
}

/* Where the mbox was changed since, nobody knows whether the batch was in it: it comes again, at the end (D-02). */
static bool finish(struct deliver_batch *batch, struct deliver_error *error) {
    struct stat what = {0};

    if (!lock_mbox(batch, &what, error)) {
        return false;
    }
    switch (compare(batch, &what)) {
    case FOUND_WHOLE:
        return fsync(batch->mbox) == 0 ||
               deliver_fail(error, errno, "cannot write %s to the disk", batch->target->config.path);
    case FOUND_START:
        if (ftruncate(batch->mbox, (off_t)batch->offset) != 0) {
            return deliver_fail(error, errno, "cannot shorten %s", batch->target->config.path);
        }
        break;
    case FOUND_OTHER: batch->offset = (uint64_t)what.st_size; break;
    }
    return append_batch(batch, error);
}

static bool recover(struct deliver_batch *batch, bool same_boot, struct deliver_pending *rows, size_t count,
                    struct deliver_error *error) {
    enum deliver_outcome outcome = DELIVER_THERE;
    bool good;

    (void)same_boot;
    for (size_t i = 0; i < count; i++) {
        if (batch->folder < 0 || !deliver_is_intact(batch, &rows[i].facts)) {
            outcome = DELIVER_ABSENT; /* of all: the batch stands in the mbox as a whole or not at all */
        }
    }
    good = outcome == DELIVER_ABSENT ||
           (take_rows(batch, rows, count)
                ? finish(batch, error)
                : deliver_fail(error, ENOMEM, "cannot look into %s", batch->target->config.path));
    release(batch);
    free(batch->entries);
    batch->entries = NULL;
    for (size_t i = 0; i < count && good; i++) {
        rows[i].outcome = outcome;
    }
    return good;
}

const struct deliver_sink deliver_mbox = {
    .open = open_mbox, .prepare = prepare, .publish = publish, .release = release, .recover = recover};
