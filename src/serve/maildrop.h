/* SPDX-License-Identifier: MIT */
/*
 * A maildrop: numbered messages under an exclusive lock, marks, and their removal (RFC 1939 sections 4 to 6).
 * Refuses to know the protocol's text and who is logged in.
 */
#ifndef SATCHEL_SERVE_MAILDROP_H
#define SATCHEL_SERVE_MAILDROP_H

#include "serve/body.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERVE_UID_TEXT 71 /* RFC 1939 section 7: 70 octets at most, and a NUL */

struct serve_message {
    char uid[SERVE_UID_TEXT];
    char *file;       /* below the Maildir; NULL for a message in memory */
    const char *text; /* of a message in memory */
    size_t text_size;
    uint64_t octets;   /* as transmitted, without stuffing */
    bool marked;       /* by DELE, in the session that holds the lock */
    bool removed;      /* by an UPDATE of this process */
    int64_t changed_s; /* of the file, with its size: whether `octets` still holds */
    int64_t changed_ns;
    int64_t file_size;
};

struct serve_maildrop {
    int fd;        /* of the Maildir; -1 for the sample */
    bool writable; /* removal removes files */
    bool octets;   /* files are sent as they are */
    bool locked;
    struct serve_message *known; /* ordered, removed ones included */
    size_t known_count;
    struct serve_message **visible; /* what the session that holds the lock sees: [0] is message 1 */
    size_t visible_count;
};

enum serve_lock { SERVE_LOCKED, SERVE_IN_USE, SERVE_UNREADABLE };

/* The built-in one: two messages of exactly 120 and 200 octets. False without memory. */
bool serve_maildrop_sample(struct serve_maildrop *maildrop);

/* A Maildir (folders new and cur). 0 or an errno value. */
int serve_maildrop_maildir(struct serve_maildrop *maildrop, const char *path, bool writable, bool octets);

void serve_maildrop_close(struct serve_maildrop *maildrop);

/* Locks, looks for new mail, numbers the messages. */
enum serve_lock serve_maildrop_lock(struct serve_maildrop *maildrop);

/* Forgets marks and numbers. */
void serve_maildrop_unlock(struct serve_maildrop *maildrop);

/* By number from 1; NULL when there is none or it is marked. */
struct serve_message *serve_maildrop_get(const struct serve_maildrop *maildrop, uint64_t number);

/* Messages not marked, and their octets. */
size_t serve_maildrop_count(const struct serve_maildrop *maildrop, uint64_t *octets);

void serve_maildrop_unmark(struct serve_maildrop *maildrop);

/* The UPDATE state: removes what is marked; false when some of it could not be. */
bool serve_maildrop_update(struct serve_maildrop *maildrop);

/* The content of a message; false when it is not there any more. */
bool serve_maildrop_open(const struct serve_maildrop *maildrop, const struct serve_message *message,
                         struct serve_body_style style, struct serve_body *body);

#endif
