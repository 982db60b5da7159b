/* SPDX-License-Identifier: MIT */
/* Lock, numbers, marks and removal, the same for the sample and a Maildir. Refuses to know how either is stored. */
#define _DEFAULT_SOURCE /* flock */

#include "serve/maildrop.h"

#include "serve/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

int serve_maildrop_maildir(struct serve_maildrop *maildrop, const char *path, bool writable, bool octets) {
    *maildrop = (struct serve_maildrop){.writable = writable, .octets = octets};
    maildrop->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (maildrop->fd < 0) {
        return errno;
    }
    if (!serve_maildir_scan(maildrop)) {
        int error = errno;

        serve_maildrop_close(maildrop);
        return error;
    }
    return 0;
}

void serve_maildrop_close(struct serve_maildrop *maildrop) {
    for (size_t i = 0; i < maildrop->known_count; i++) {
        free(maildrop->known[i].file);
    }
    free(maildrop->known);
    free(maildrop->visible);
    if (maildrop->fd >= 0) {
        (void)close(maildrop->fd);
    }
    *maildrop = (struct serve_maildrop){.fd = -1};
}

static bool number_messages(struct serve_maildrop *maildrop) {
    free(maildrop->visible);
    maildrop->visible_count = 0;
    maildrop->visible = calloc(maildrop->known_count + 1, sizeof(struct serve_message *));
    if (maildrop->visible == NULL) {
        return false;
    }
    for (size_t i = 0; i < maildrop->known_count; i++) {
        if (!maildrop->known[i].removed) {
            maildrop->visible[maildrop->visible_count++] = &maildrop->known[i];
        }
    }
    return true;
}

/* Another process that serves the same Maildir is kept out too. */
static bool lock_folder(const struct serve_maildrop *maildrop) {
    return maildrop->fd < 0 || flock(maildrop->fd, LOCK_EX | LOCK_NB) == 0;
}

static void unlock_folder(const struct serve_maildrop *maildrop) {
    if (maildrop->fd >= 0) {
        (void)flock(maildrop->fd, LOCK_UN);
    }
}

enum serve_lock serve_maildrop_lock(struct serve_maildrop *maildrop) {
    if (maildrop->locked || !lock_folder(maildrop)) {
        return SERVE_IN_USE;
    }
    if ((maildrop->fd >= 0 && !serve_maildir_scan(maildrop)) || !number_messages(maildrop)) {
        unlock_folder(maildrop);
        return SERVE_UNREADABLE;
    }
    maildrop->locked = true;
    return SERVE_LOCKED;
}

void serve_maildrop_unlock(struct serve_maildrop *maildrop) {
    serve_maildrop_unmark(maildrop);
    maildrop->visible_count = 0;
    maildrop->locked = false;
    unlock_folder(maildrop);
}

struct serve_message *serve_maildrop_get(const struct serve_maildrop *maildrop, uint64_t number) {
    if (number == 0 || number > maildrop->visible_count || maildrop->visible[number - 1]->marked) {
        return NULL;
    }
    return maildrop->visible[number - 1];
}

size_t serve_maildrop_count(const struct serve_maildrop *maildrop, uint64_t *octets) {
    size_t count = 0;

    *octets = 0;
    for (size_t i = 0; i < maildrop->visible_count; i++) {
        if (!maildrop->visible[i]->marked) {
            count++;
            *octets += maildrop->visible[i]->octets;
        }
    }
    return count;
}

void serve_maildrop_unmark(struct serve_maildrop *maildrop) {
    for (size_t i = 0; i < maildrop->visible_count; i++) {
        maildrop->visible[i]->marked = false;
    }
}

bool serve_maildrop_update(struct serve_maildrop *maildrop) {
    bool all = true;

    for (size_t i = 0; i < maildrop->visible_count; i++) {
        struct serve_message *message = maildrop->visible[i];

        if (!message->marked) {
            continue;
        }
        if (maildrop->writable && message->file != NULL && !serve_maildir_remove(maildrop, message)) {
            all = false;
        } else {
            message->removed = true;
        }
    }
    return all;
}

bool serve_maildrop_open(const struct serve_maildrop *maildrop, const struct serve_message *message,
                         struct serve_body_style style, struct serve_body *body) {
    style.octets = maildrop->octets;
    if (message->file == NULL) {
        serve_body_from_text(body, style, message->text, message->text_size);
        return true;
    }
    int fd = serve_maildir_open(maildrop, message);

    if (fd >= 0) {
        serve_body_from_file(body, style, fd);
    }
    return fd >= 0;
}
