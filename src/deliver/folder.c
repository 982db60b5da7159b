/* SPDX-License-Identifier: MIT */
/* Folders made durably, and what their file system promises. Refuses to follow a guess: what it does not know is false. */
#define _GNU_SOURCE /* O_DIRECTORY, major(), minor() */

#include "deliver/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define FOLDER_MODE 0700 /* R-FILE-01 */
#define OPEN_FOLDER (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif
#define ZFS_SUPER_MAGIC 0x2fc12fc1

static int failed(struct deliver_error *error, int fd, const char *what, const char *path) {
    (void)deliver_fail(error, errno, "cannot %s the folder %s", what, path);
    if (fd >= 0) {
        (void)close(fd);
    }
    return -1;
}

/* Makes `name` in `parent`, if it is not there, and opens it; both are on the disk then. */
static int make(int parent, const char *name, const char *path, struct deliver_error *error) {
    bool made = mkdirat(parent, name, FOLDER_MODE) == 0;
    int fd;

    if (!made && errno != EEXIST) {
        return failed(error, -1, "make", path);
    }
    fd = openat(parent, name, OPEN_FOLDER);
    if (fd < 0) {
        return failed(error, -1, "open", path);
    }
    if ((made && fchmod(fd, FOLDER_MODE) != 0) || fsync(fd) != 0 || fsync(parent) != 0) {
        return failed(error, fd, "make", path);
    }
    return fd;
}

int deliver_subfolder(int parent, const char *name, const char *path, struct deliver_error *error) {
    int fd = openat(parent, name, OPEN_FOLDER);

    if (fd >= 0) {
        return fd;
    }
    return errno == ENOENT ? make(parent, name, path, error) : failed(error, -1, "open", path);
}

/* Opens the deepest folder on the way to `path` that exists; *n is the length of its path. */
static int open_existing(const char *path, size_t *n) {
    char part[PATH_MAX];
    int fd;

    *n = strlen(path);
    if (*n >= sizeof part) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(part, path, *n + 1);
    fd = open(path, OPEN_FOLDER);
    while (fd < 0 && errno == ENOENT && *n > 0) {
        do {
            (*n)--;
        } while (*n > 0 && part[*n] != '/');
        part[*n] = '\0';
        fd = open(*n > 0 ? part : "/", OPEN_FOLDER);
    }
    return fd;
}

int deliver_folder(const char *path, struct deliver_error *error) {
    char name[NAME_MAX + 1];
    size_t n;
    int fd = open_existing(path, &n);

    if (fd < 0) {
        return failed(error, -1, "open", path);
    }
    while (fd >= 0 && path[n] != '\0') {
        size_t length = strcspn(path + n + 1, "/");
        int parent = fd;

        if (length >= sizeof name) {
            errno = ENAMETOOLONG;
            return failed(error, parent, "make", path);
        }
        memcpy(name, path + n + 1, length);
        name[length] = '\0';
        n += 1 + length;
        if (length > 0) {
            fd = make(parent, name, path, error);
            (void)close(parent);
        }
    }
    return fd;
}

bool deliver_is_volatile(int folder) {
    struct statfs what;

    return fstatfs(folder, &what) == 0 && (what.f_type == TMPFS_MAGIC || what.f_type == RAMFS_MAGIC);
}

/* /sys/fs/ext4/DEVICE/journal_task is there if the file system has a journal. */
static bool has_journal(int folder) {
    char block[64];
    char device[PATH_MAX];
    char task[PATH_MAX];
    const char *name;
    struct stat where;
    ssize_t n;

    if (fstat(folder, &where) != 0) {
        return false;
    }
    (void)snprintf(block, sizeof block, "/sys/dev/block/%u:%u", major(where.st_dev), minor(where.st_dev));
    n = readlink(block, device, sizeof device - 1);
    if (n <= 0) {
        return false;
    }
    device[n] = '\0';
    name = strrchr(device, '/');
    n = snprintf(task, sizeof task, "/sys/fs/ext4/%s/journal_task", name != NULL ? name + 1 : device);
    return n > 0 && (size_t)n < sizeof task && access(task, F_OK) == 0;
}

bool deliver_is_ordered(int folder) {
    struct statfs what;

    if (fstatfs(folder, &what) != 0) {
        return false;
    }
    switch ((unsigned long)what.f_type) {
    case XFS_SUPER_MAGIC:
    case BTRFS_SUPER_MAGIC:
    case ZFS_SUPER_MAGIC: return true;
    case EXT4_SUPER_MAGIC: return has_journal(folder);
    default: return false;
    }
}
