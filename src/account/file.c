/* SPDX-License-Identifier: MIT */
/* Files that must be trusted before they are believed: who may write them, who may read them (A-17, R-FILE-01). */
#define _GNU_SOURCE /* O_CLOEXEC, O_NOFOLLOW */

#include "account/private.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *account_home(void) {
    const char *home = getenv("HOME"); /* NOLINT(concurrency-mt-unsafe): nobody here sets it */
    static char texts[4096];
    static struct passwd entry;
    struct passwd *found = NULL;

    if (home != NULL && home[0] == '/') {
        return home;
    }
    (void)getpwuid_r(getuid(), &entry, texts, sizeof texts, &found);
    return found != NULL && found->pw_dir[0] == '/' ? found->pw_dir : NULL;
}

char *account_path_join(const char *folder, const char *name) {
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);

    if (path != NULL) {
        (void)snprintf(path, size, "%s/%s", folder, name);
    }
    return path;
}

/* NULL: nothing is wrong with it. */
static const char *distrust(const struct stat *status, enum account_trust trust, const char **hint) {
    uid_t me = geteuid();

    if (!S_ISREG(status->st_mode)) {
        return "is no file";
    }
    if (trust == ACCOUNT_TRUST_SERVICE) {
        return NULL;
    }
    if (status->st_uid != me && (trust == ACCOUNT_TRUST_SECRET || status->st_uid != 0)) {
        *hint = "it must belong to you";
        return "belongs to another user";
    }
    if ((status->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        *hint = "chmod go-w makes it yours alone";
        return "can be written by other users";
    }
    if (trust == ACCOUNT_TRUST_SECRET && (status->st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        *hint = "chmod 600 makes it yours alone";
        return "can be read by other users";
    }
    if (trust == ACCOUNT_TRUST_SECRET && status->st_nlink != 1) {
        *hint = "copy it, so that it has one name only";
        return "has several names (hard links)";
    }
    return NULL;
}

static bool cannot(const char *path, enum account_trust trust, struct account_error *error) {
    if (errno == ELOOP && trust == ACCOUNT_TRUST_SECRET) {
        return account_fail(error, ACCOUNT_WRONG, "name the file itself", "%s is a symbolic link", path);
    }
    return account_fail(error, ACCOUNT_WRONG, NULL, "%s cannot be read: %s", path, strerror(errno));
}

/* One octet more than allowed shows that there is more. */
static bool read_all(int fd, struct account_file *file, size_t most) {
    while (file->n <= most) {
        ssize_t got = read(fd, file->octets + file->n, most + 1 - file->n);
        if (got == 0) {
            return true;
        }
        if (got > 0) {
            file->n += (size_t)got;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

static bool take(int fd, struct account_file *file, const char *path, enum account_trust trust, size_t most,
                 struct account_error *error) {
    struct stat status;
    const char *hint = NULL;
    const char *wrong;

    if (fstat(fd, &status) != 0) {
        return cannot(path, trust, error);
    }
    wrong = distrust(&status, trust, &hint);
    if (wrong != NULL) {
        return account_fail(error, ACCOUNT_WRONG, hint, "%s %s", path, wrong);
    }
    file->readable_by_others = (status.st_mode & (S_IRGRP | S_IROTH)) != 0 || status.st_uid != geteuid();
    file->octets = account_secret_new(NULL, most + 1);
    if (file->octets == NULL) {
        return account_fail_memory(error);
    }
    if (!read_all(fd, file, most)) {
        return cannot(path, trust, error);
    }
    if (file->n > most) {
        return account_fail(error, ACCOUNT_WRONG, NULL, "%s has more than %zu octets", path, most);
    }
    file->octets[file->n] = '\0';
    return true;
}

bool account_file_read(struct account_file *file, const char *path, enum account_trust trust, size_t most,
                       struct account_error *error) {
    /* Without O_NONBLOCK a pipe of that name would block for ever. */
    int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (trust == ACCOUNT_TRUST_SECRET ? O_NOFOLLOW : 0);
    int fd = open(path, flags);
    bool good;

    *file = (struct account_file){.absent = fd < 0 && (errno == ENOENT || errno == ENOTDIR)};
    if (fd < 0) {
        return cannot(path, trust, error);
    }
    good = take(fd, file, path, trust, most, error);
    (void)close(fd);
    if (!good) {
        account_secret_free(file->octets);
        file->octets = NULL;
    }
    return good;
}
