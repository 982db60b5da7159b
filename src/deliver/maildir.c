/* SPDX-License-Identifier: MIT */
/* Maildir (D-20): what is synced in the spool is renamed to new/. Refuses to write anywhere but in tmp/ and new/. */
#define _GNU_SOURCE /* renameat2 */

#include "deliver/target.h"

#include "deliver/folder.h"
#include "deliver/ids.h"
#include "deliver/name.h"
#include "deliver/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Opening ---- */

static bool same_file_system(const struct deliver_target *target, struct deliver_error *error) {
    struct stat fresh;
    struct stat spool;

    if (fstat(target->fresh, &fresh) != 0 || fstat(target->spool, &spool) != 0) {
        return deliver_fail(error, errno, "cannot look at %s", target->config.path);
    }
    if (fresh.st_dev != spool.st_dev) {
        return deliver_fail(error, 0, "new/ and tmp/ in %s are on different file systems: a Maildir must be on one",
                            target->config.path);
    }
    return true;
}

static int open_part(const struct deliver_target *target, const char *name, struct deliver_error *error) {
    const char *path = target->config.path;
    int fd;

    if (!target->config.existing) {
        return name == NULL ? deliver_folder(path, error) : deliver_subfolder(target->folder, name, path, error);
    }
    fd = openat(target->folder, name != NULL ? name : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* path is absolute */
    if (fd < 0 && errno == ENOENT) {
        (void)deliver_fail(error, 0,
                           "%s, where mail went so far, is no Maildir any more; mount its disk, or begin it anew: "
                           "mkdir -p %s/new %s/cur %s/tmp",
                           path, path, path, path);
    } else if (fd < 0) {
        (void)deliver_fail(error, errno, "cannot open %s", path);
    }
    return fd;
}

static bool open_maildir(struct deliver_target *target, struct deliver_error *error) {
    target->folder = open_part(target, NULL, error);
    if (target->folder < 0) {
        return false;
    }
    target->fresh = open_part(target, "new", error);
    target->current = target->fresh < 0 ? -1 : open_part(target, "cur", error);
    target->spool = target->current < 0 ? -1 : open_part(target, "tmp", error);
    return target->spool >= 0 && same_file_system(target, error);
}

/* ---- Publishing ---- */

struct wanted {
    const char *name;
    bool found;
};

static void compare(void *context, const char *name) {
    struct wanted *wanted = context;
    size_t stem = deliver_name_stem(name);

    if (strncmp(name, wanted->name, stem) == 0 && wanted->name[stem] == '\0') {
        wanted->found = true;
    }
}

/* Where the file system cannot refuse an existing name: no message of this name may be there, read or not. */
static bool is_free(const struct deliver_target *target, const char *name) {
    struct wanted wanted = {.name = name};

    return deliver_names(target->fresh, compare, &wanted) && deliver_names(target->current, compare, &wanted) &&
           !wanted.found;
}

static int move_to_new(const struct deliver_batch *batch, const char *name) {
    const struct deliver_target *target = batch->target;

    if (renameat2(batch->folder, name, target->fresh, name, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return errno;
    }
    if (!is_free(target, name)) {
        return EEXIST;
    }
    return renameat(batch->folder, name, target->fresh, name) == 0 ? 0 : errno;
}

/* The files' new names, and that the old ones are gone, are on the disk. */
static bool sync_folders(const struct deliver_batch *batch, struct deliver_error *error) {
    const struct deliver_target *target = batch->target;

    if (fsync(target->fresh) != 0 || (batch->folder >= 0 && fsync(batch->folder) != 0)) {
        return deliver_fail(error, errno, "cannot write new/ of %s to the disk", target->config.path);
    }
    return true;
}

static bool publish(struct deliver_batch *batch, struct deliver_error *error) {
    for (size_t i = 0; i < batch->count; i++) {
        int code = move_to_new(batch, batch->entries[i].name);

        if (code != 0) {
            return deliver_fail(error, code, "cannot move a message to new/ of %s", batch->target->config.path);
        }
    }
    batch->moved = true;
    return sync_folders(batch, error);
}

static bool nothing_to_prepare(struct deliver_batch *batch, struct deliver_error *error) {
    (void)batch;
    (void)error;
    return true;
}

static void nothing_to_release(struct deliver_batch *batch) {
    (void)batch;
}

/* ---- After an interruption (D-06) ---- */

/* The rows in the order of their names, each with what the folders say of it. */
struct row {
    struct deliver_pending *pending;
    bool delivered; /* new/ or cur/ have it */
};

struct rows {
    struct row *all;
    size_t count;
};

static int by_name(const void *a, const void *b) {
    const struct row *left = a;
    const struct row *right = b;

    return strcmp(left->pending->facts.name, right->pending->facts.name);
}

static int stem_against_row(const void *key, const void *row) {
    const char *name = key;
    const char *other = ((const struct row *)row)->pending->facts.name;
    size_t stem = deliver_name_stem(name);
    int order = strncmp(name, other, stem);

    return order != 0 || other[stem] == '\0' ? order : -1;
}

static void mark_delivered(void *context, const char *name) {
    const struct rows *rows = context;
    struct row *row = bsearch(name, rows->all, rows->count, sizeof *rows->all, stem_against_row);

    if (row != NULL) {
        row->delivered = true;
    }
}

/* What is in the spool goes to new/, if it is what the journal says. */
static bool finish_spooled(const struct deliver_batch *batch, struct row *row, struct deliver_error *error) {
    const char *name = row->pending->facts.name;
    int code;

    if (row->delivered) {
        (void)unlinkat(batch->folder, name, 0); /* renamed, but the old name came back with the power */
        return true;
    }
    if (!deliver_is_intact(batch, &row->pending->facts)) {
        (void)unlinkat(batch->folder, name, 0);
        row->pending->outcome = DELIVER_ABSENT;
        return true;
    }
    code = move_to_new(batch, name);
    if (code != 0) {
        return deliver_fail(error, code, "cannot move a message to new/ of %s", batch->target->config.path);
    }
    row->delivered = true;
    return true;
}

/*
 * Absent from the spool, new/ and cur/: a reader took it from new/ and removed it, or the spool lost its name with the power.
 * The first is proven by the mark in the spool folder, where nothing but a rename of ours can have taken the name away.
 */
static bool absence_proves_delivery(const struct deliver_batch *batch, bool same_boot) {
    return batch->folder >= 0 && faccessat(batch->folder, DELIVER_MARK, F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
           (same_boot || batch->target->ordered);
}

static bool finish(const struct deliver_batch *batch, struct row *row, bool same_boot, struct deliver_error *error) {
    struct stat spooled;

    row->pending->outcome = DELIVER_UNKNOWN;
    if (batch->folder >= 0 && fstatat(batch->folder, row->pending->facts.name, &spooled, AT_SYMLINK_NOFOLLOW) == 0) {
        if (!finish_spooled(batch, row, error)) {
            return false;
        }
    } else if (!row->delivered) {
        row->delivered = absence_proves_delivery(batch, same_boot);
        row->pending->outcome = row->delivered ? DELIVER_UNKNOWN : DELIVER_ABSENT;
    }
    return true;
}

static void settle(const struct rows *rows) {
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->all[i].delivered) {
            rows->all[i].pending->outcome = DELIVER_THERE;
        }
    }
}

static bool recover_rows(const struct deliver_batch *batch, bool same_boot, struct rows *rows,
                         struct deliver_error *error) {
    const struct deliver_target *target = batch->target;

    if (!deliver_names(target->fresh, mark_delivered, rows) || !deliver_names(target->current, mark_delivered, rows)) {
        return deliver_fail(error, errno, "cannot read %s", target->config.path);
    }
    for (size_t i = 0; i < rows->count; i++) {
        if (!finish(batch, &rows->all[i], same_boot, error)) {
            return false;
        }
    }
    if (!sync_folders(batch, error)) {
        return false;
    }
    if (fsync(target->current) != 0) {
        return deliver_fail(error, errno, "cannot write cur/ of %s to the disk", target->config.path);
    }
    settle(rows);
    return true;
}

static bool recover(struct deliver_batch *batch, bool same_boot, struct deliver_pending *pending, size_t count,
                    struct deliver_error *error) {
    struct rows rows = {.all = calloc(count, sizeof *rows.all), .count = count};
    bool good;

    if (rows.all == NULL) {
        return deliver_fail(error, ENOMEM, "cannot look into %s", batch->target->config.path);
    }
    for (size_t i = 0; i < count; i++) {
        rows.all[i].pending = &pending[i];
    }
    qsort(rows.all, count, sizeof *rows.all, by_name);
    good = recover_rows(batch, same_boot, &rows, error);
    free(rows.all);
    return good;
}

const struct deliver_sink deliver_maildir = {.open = open_maildir,
                                             .prepare = nothing_to_prepare,
                                             .publish = publish,
                                             .release = nothing_to_release,
                                             .recover = recover};
