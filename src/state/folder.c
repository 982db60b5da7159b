/* SPDX-License-Identifier: MIT */
/* The folder of the state and the files in it: made for their user alone whatever the umask, refused where others could
 * have written them (R-FILE-01). Refuses to open the database. */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700

#include "state/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static bool join(char folder[STATE_PATH], const char *first, size_t first_size, const char *second) {
    int size = snprintf(folder, STATE_PATH, "%.*s%s", (int)first_size, first, second);

    return size > 0 && size < STATE_PATH;
}

bool state_default_folder(char folder[STATE_PATH], struct state_error *error) {
    static const struct {
        const char *variable;
        const char *behind;
        const char *end;
    } places[] = {
        {"STATE_DIRECTORY", "", ":"}, {"XDG_STATE_HOME", "/satchel", ""}, {"HOME", "/.local/state/satchel", ""}};

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const char *value = getenv(places[i].variable);

        if (value == NULL || value[0] != '/') {
            continue;
        }
        size_t size = places[i].end[0] != '\0' ? strcspn(value, places[i].end) : strlen(value);

        if (join(folder, value, size, places[i].behind)) {
            return true;
        }
    }
    (void)state_fail(error, STATE_MISSING,
                     "there is no folder for the state: no HOME, XDG_STATE_HOME or STATE_DIRECTORY");
    return state_hint(error, "name one of them");
}

/* What a file system cannot do with folders it need not do. */
static bool sync_file(int file) {
    return fsync(file) == 0 || errno == EINVAL || errno == ENOTSUP;
}

/* A folder that this process has just made. */
static bool complete_folder(const char *path) {
    int file = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool good = file >= 0 && fchmod(file, S_IRWXU) == 0 && sync_file(file);
    int number = errno;

    if (file >= 0) {
        (void)close(file);
    }
    errno = number;
    return good;
}

/* So that its new entry survives a power cut (S1). */
static bool sync_parent(char *path) {
    char *slash = strrchr(path, '/');
    const char *parent = slash == NULL ? "." : slash == path ? "/" : path;
    int file;
    bool good;

    if (slash != NULL && slash != path) {
        *slash = '\0';
    }
    file = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    good = file >= 0 && sync_file(file);
    if (slash != NULL) {
        *slash = '/';
    }
    if (file >= 0) {
        (void)close(file);
    }
    return good;
}

static bool make_one(char *path) {
    if (mkdir(path, S_IRWXU) != 0) {
        return errno == EEXIST;
    }
    return complete_folder(path) && sync_parent(path);
}

/* The folder, and the folders above it. */
static bool make_folders(const char *folder, struct state_error *error) {
    char path[STATE_PATH];

    (void)snprintf(path, sizeof path, "%s", folder);
    for (char *at = path; *at != '\0'; at++) {
        if (at[1] != '/' && at[1] != '\0') {
            continue;
        }
        char next = at[1];

        at[1] = '\0';
        if (*at != '/' && !make_one(path)) {
            return state_fail_errno(error, errno, "cannot make the folder", path, "");
        }
        at[1] = next;
    }
    return true;
}

/* Where a lock of one machine may not hold on another, or memory is not shared: statfs(2)'s f_type. FUSE may be either. */
static bool on_network(int file) {
    static const uint32_t types[] = {
        0x6969,     /* NFS */
        0x517B,     /* SMB */
        0xFF534D42, /* CIFS */
        0xFE534D42, /* SMB2 */
        0x65735546, /* FUSE */
        0x01021997, /* 9P */
        0x5346414F, /* AFS */
        0x73757245, /* Coda */
        0x00C36400, /* Ceph */
        0x01161970, /* GFS2 */
        0x7461636F, /* OCFS2 */
        0x0BD00BD0, /* Lustre */
        0x786F4256, /* VirtualBox */
    };
    struct statfs facts;

    if (fstatfs(file, &facts) != 0) {
        return true;
    }
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if ((uint32_t)facts.f_type == types[i]) {
            return true;
        }
    }
    return false;
}

static bool check_owner(const struct stat *facts, const char *path, struct state_error *error) {
    if (facts->st_uid == geteuid()) {
        return true;
    }
    (void)state_fail(error, STATE_PERMISSION,
                     "%s belongs to the user with the number %lu, not to the one who runs this", path,
                     (unsigned long)facts->st_uid);
    return state_hint(error, "run this as that user, or choose another folder for the state");
}

static bool check_folder(const struct state *state, struct state_error *error) {
    struct stat facts;

    if (fstat(state->folder_file, &facts) != 0) {
        return state_fail_errno(error, errno, "cannot look at", state->folder, "");
    }
    if (!check_owner(&facts, state->folder, error)) {
        return false;
    }
    if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        (void)state_fail(error, STATE_PERMISSION, "others may write to the folder %s", state->folder);
        return state_hint(error, "chmod 700 %s", state->folder);
    }
    return true;
}

static bool resolve(struct state *state, const char *folder, struct state_error *error) {
    char *path = realpath(folder, NULL);
    bool fits;

    if (path == NULL) {
        return errno == ENOENT && state->use == STATE_READ
                   ? state_fail(error, STATE_MISSING, "there is no state yet: no folder %s", folder)
                   : state_fail_errno(error, errno, "cannot find", folder, "");
    }
    fits = strlen(path) < sizeof state->folder;
    (void)snprintf(state->folder, sizeof state->folder, "%s", path);
    free(path);
    return fits || state_fail(error, STATE_ARGUMENT, "the path of the folder %s is longer than %zu octets",
                              state->folder, sizeof state->folder - 1);
}

bool state_folder_open(struct state *state, const char *folder, struct state_error *error) {
    if (folder[0] == '\0' || strlen(folder) >= STATE_PATH) {
        return state_fail(error, STATE_ARGUMENT, "the path of the folder for the state is empty or too long");
    }
    if ((state->use == STATE_WRITE && !make_folders(folder, error)) || !resolve(state, folder, error)) {
        return false;
    }
    state->folder_file = open(state->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (state->folder_file < 0) {
        return state_fail_errno(error, errno, "cannot open the folder", state->folder, "");
    }
    state->alone = on_network(state->folder_file);
    return check_folder(state, error);
}

bool state_folder_sync(struct state *state, struct state_error *error) {
    return sync_file(state->folder_file) || state_fail_errno(error, errno, "cannot sync", state->folder, "");
}

bool state_subfolder_make(struct state *state, const char *name, struct state_error *error) {
    char path[STATE_FILE];

    (void)snprintf(path, sizeof path, "%s/%s", state->folder, name);
    return make_one(path) || state_fail_errno(error, errno, "cannot make the folder", path, "");
}

bool state_file_size(const struct state *state, const char *name, int64_t *size, struct state_error *error) {
    struct stat facts;

    if (fstatat(state->folder_file, name, &facts, AT_SYMLINK_NOFOLLOW) == 0) {
        *size = (int64_t)facts.st_size;
        return true;
    }
    *size = -1;
    return errno == ENOENT || state_fail_errno(error, errno, "cannot look at", state->folder, name);
}

bool state_file_check(struct state *state, const char *name, struct state_error *error) {
    char path[STATE_FILE];
    struct stat facts;

    if (fstatat(state->folder_file, name, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
        return state_fail_errno(error, errno, "cannot look at", state->folder, name);
    }
    if (!S_ISREG(facts.st_mode) || facts.st_nlink > 1) {
        (void)state_fail(error, STATE_PERMISSION, "%s/%s is %s", state->folder, name,
                         S_ISLNK(facts.st_mode)   ? "a symbolic link"
                         : S_ISREG(facts.st_mode) ? "a file with several names"
                                                  : "no file");
        return state_hint(error, "put the file itself there");
    }
    (void)snprintf(path, sizeof path, "%s/%s", state->folder, name);
    if (!check_owner(&facts, path, error)) {
        return false;
    }
    if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        (void)state_fail(error, STATE_PERMISSION, "others may read or write %s", path);
        return state_hint(error, "chmod 600 %s", path);
    }
    return true;
}
