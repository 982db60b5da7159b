/* SPDX-License-Identifier: MIT */
/*
 * Finds messages in new/ and cur/ of a Maildir: regular files only, no symbolic link followed, order by name.
 * Refuses to write anything; removal is asked for by name.
 */
#define _POSIX_C_SOURCE 200809L

#include "serve/maildir.h"

#include "serve/secret.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_LENGTH 4 /* "new/", "cur/" */

struct found {
    struct serve_message *message;
    size_t count;
    size_t room;
};

/* The unique part of a Maildir name: without folder and flags, so that it survives a mail reader's touch. */
static size_t base_length(const struct serve_message *message) {
    return strcspn(message->file + FOLDER_LENGTH, ":");
}

/* By the time that Maildir names begin with, then by unique part; what is left are twins. */
static int by_name(const void *left, const void *right) {
    const struct serve_message *a = left;
    const struct serve_message *b = right;
    unsigned long long first = strtoull(a->file + FOLDER_LENGTH, NULL, 10);
    unsigned long long second = strtoull(b->file + FOLDER_LENGTH, NULL, 10);
    size_t a_size = base_length(a);
    size_t b_size = base_length(b);
    int order = (first > second) - (first < second);

    if (order == 0) {
        order = memcmp(a->file + FOLDER_LENGTH, b->file + FOLDER_LENGTH, a_size < b_size ? a_size : b_size);
    }
    if (order == 0) {
        order = (a_size > b_size) - (a_size < b_size);
    }
    return order != 0 ? order : strcmp(a->file, b->file);
}

static int by_uid(const void *left, const void *right) {
    return strcmp((*(struct serve_message *const *)left)->uid, (*(struct serve_message *const *)right)->uid);
}

static bool grow(struct found *found) {
    if (found->count < found->room) {
        return true;
    }
    size_t room = found->room > 0 ? found->room * 2 : 64;
    struct serve_message *bigger = realloc(found->message, room * sizeof *bigger);

    if (bigger == NULL) {
        return false;
    }
    found->message = bigger;
    found->room = room;
    return true;
}

/* False only without memory: what is no regular file, or just vanished, is no message. */
static bool consider(struct found *found, int folder, const char *folder_name, const char *name) {
    struct stat status;
    struct serve_message message = {.text = NULL};
    size_t size = FOLDER_LENGTH + strlen(name) + 1;

    if (name[0] == '.' || fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode)) {
        return true;
    }
    message.file_size = (int64_t)status.st_size;
    message.changed_s = (int64_t)status.st_mtim.tv_sec;
    message.changed_ns = (int64_t)status.st_mtim.tv_nsec;
    message.file = malloc(size);
    if (message.file == NULL || !grow(found)) {
        free(message.file);
        return false;
    }
    (void)snprintf(message.file, size, "%s/%s", folder_name, name);
    found->message[found->count++] = message;
    return true;
}

static bool read_folder(const struct serve_maildrop *maildrop, struct found *found, const char *name) {
    int fd = openat(maildrop->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;
    bool good = folder != NULL;

    if (folder == NULL) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return false;
    }
    while (good && (entry = readdir(folder)) != NULL) {
        good = consider(found, fd, name, entry->d_name);
    }
    (void)closedir(folder);
    return good;
}

static bool is_uid(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] < 0x21 || (unsigned char)text[i] > 0x7E) {
            return false;
        }
    }
    return size > 0 && size < SERVE_UID_TEXT;
}

/* The unique name where it can be a uid, else its hash; of two files with one name the second is told by its folder. */
static bool name_uid(struct serve_message *message, const struct serve_message *before) {
    const char *base = message->file + FOLDER_LENGTH;
    size_t size = base_length(message);
    bool twin = before != NULL && base_length(before) == size && memcmp(before->file + FOLDER_LENGTH, base, size) == 0;

    if (!twin && is_uid(base, size)) {
        memcpy(message->uid, base, size);
        message->uid[size] = '\0';
        return true;
    }
    return twin ? serve_hash_text(message->file, strlen(message->file), message->uid)
                : serve_hash_text(base, size, message->uid);
}

static bool measure(const struct serve_maildrop *maildrop, struct serve_message *message) {
    struct serve_body body;
    struct serve_body_style style = {.octets = maildrop->octets, .final_crlf = true, .lines = SERVE_ALL_LINES};
    int fd = serve_maildir_open(maildrop, message);

    if (fd < 0) {
        return false;
    }
    serve_body_from_file(&body, style, fd);
    message->octets = serve_body_measure(&body);
    return message->octets != UINT64_MAX;
}

/* Takes over what an earlier scan knew of the same message; a file that cannot be read counts as removed. */
static void settle(const struct serve_maildrop *maildrop, struct serve_message *message, struct serve_message **earlier,
                   size_t count) {
    struct serve_message **same =
        count > 0 ? bsearch(&message, earlier, count, sizeof(struct serve_message *), by_uid) : NULL;

    if (same != NULL && (*same)->file_size == message->file_size && (*same)->changed_s == message->changed_s &&
        (*same)->changed_ns == message->changed_ns) {
        message->octets = (*same)->octets;
        message->removed = (*same)->removed;
        return;
    }
    message->removed = !measure(maildrop, message);
}

static bool merge(const struct serve_maildrop *maildrop, struct found *found) {
    struct serve_message **earlier = calloc(maildrop->known_count + 1, sizeof(struct serve_message *));

    if (earlier == NULL) {
        return false;
    }
    for (size_t i = 0; i < maildrop->known_count; i++) {
        earlier[i] = &maildrop->known[i];
    }
    qsort(earlier, maildrop->known_count, sizeof(struct serve_message *), by_uid);
    for (size_t i = 0; i < found->count; i++) {
        settle(maildrop, &found->message[i], earlier, maildrop->known_count);
    }
    free(earlier);
    return true;
}

static void discard(struct serve_message *message, size_t count) {
    for (size_t i = 0; i < count; i++) {
        free(message[i].file);
    }
    free(message);
}

static bool name_all(struct found *found) {
    bool good = true;

    if (found->count > 0) {
        qsort(found->message, found->count, sizeof *found->message, by_name);
    }
    for (size_t i = 0; i < found->count && good; i++) {
        good = name_uid(&found->message[i], i > 0 ? &found->message[i - 1] : NULL);
    }
    return good;
}

bool serve_maildir_scan(struct serve_maildrop *maildrop) {
    struct found found = {NULL, 0, 0};

    if (!read_folder(maildrop, &found, "new") || !read_folder(maildrop, &found, "cur") || !name_all(&found) ||
        !merge(maildrop, &found)) {
        discard(found.message, found.count);
        return false;
    }
    discard(maildrop->known, maildrop->known_count);
    maildrop->known = found.message;
    maildrop->known_count = found.count;
    return true;
}

/* The folder is opened first, so that no link stands anywhere below the Maildir. */
static int open_folder(const struct serve_maildrop *maildrop, const struct serve_message *message) {
    char folder[FOLDER_LENGTH] = {message->file[0], message->file[1], message->file[2], '\0'};

    return openat(maildrop->fd, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int serve_maildir_open(const struct serve_maildrop *maildrop, const struct serve_message *message) {
    struct stat status;
    int folder = open_folder(maildrop, message);
    int fd;

    if (folder < 0) {
        return -1;
    }
    /* O_NONBLOCK: a FIFO put in its place must not hang us. */
    fd = openat(folder, message->file + FOLDER_LENGTH, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    (void)close(folder);
    if (fd >= 0 && (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

bool serve_maildir_remove(const struct serve_maildrop *maildrop, const struct serve_message *message) {
    int folder = open_folder(maildrop, message);
    bool gone = folder >= 0 && (unlinkat(folder, message->file + FOLDER_LENGTH, 0) == 0 || errno == ENOENT);

    if (folder >= 0) {
        (void)close(folder);
    }
    return gone;
}
