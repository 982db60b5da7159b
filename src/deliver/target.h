/* SPDX-License-Identifier: MIT */
/* What the parts of src/deliver share: an open destination, a batch on its way, and what a kind of destination does. */
#ifndef SATCHEL_DELIVER_TARGET_H
#define SATCHEL_DELIVER_TARGET_H

#include "deliver/deliver.h"

#include <sys/stat.h>

#define DELIVER_BUFFER ((size_t)256 * 1024) /* one write(2) for a small message, few for a large one */
#define DELIVER_SPOOL_PREFIX "satchel-"
#define DELIVER_MARK ".batch" /* created first, removed last: proves that the spool folder lost no name (D-06) */

/* What differs between kinds of destinations. */
struct deliver_sink {
    bool (*open)(struct deliver_target *target, struct deliver_error *error);
    bool (*prepare)(struct deliver_batch *batch, struct deliver_error *error); /* after S2: a lock, an offset */
    bool (*publish)(struct deliver_batch *batch, struct deliver_error *error); /* S4, S5 */
    void (*release)(struct deliver_batch *batch);                              /* what prepare took */
    bool (*recover)(struct deliver_batch *batch, bool same_boot, struct deliver_pending *rows, size_t count,
                    struct deliver_error *error);
};

extern const struct deliver_sink deliver_maildir;
extern const struct deliver_sink deliver_mbox;

struct deliver_target {
    struct deliver_config config;
    const struct deliver_sink *sink;
    int folder;  /* the Maildir, or the folder of the mbox */
    int fresh;   /* new/ */
    int current; /* cur/ */
    int spool;   /* where spool folders are made */
    struct deliver_place place;
    bool volatile_;  /* nothing here outlives the power anyway */
    bool ordered;    /* renames are atomic and reach the disk in order */
    bool exact_mode; /* files come out with the wanted mode despite the umask */

    /* Of the thread that fills batches. */
    char host[64];
    uint64_t last_us;
    struct deliver_content *content;
    uint8_t *buffer;
    uint8_t *scratch; /* with CRLF kept: what is only digested */
    struct deliver_ids *ids;
};

struct deliver_message {
    struct deliver_batch *batch;
    int fd;
    size_t fill; /* octets in the target's buffer */
    uint64_t size;
    char name[DELIVER_NAME_SIZE];
};

struct deliver_entry {
    int fd; /* -1 once it is synced */
    uint64_t size;
    char name[DELIVER_NAME_SIZE];
};

struct deliver_batch {
    struct deliver_target *target;
    int folder;                                                  /* the spool folder; -1: there is none */
    char name[sizeof DELIVER_SPOOL_PREFIX + DELIVER_BATCH_SIZE]; /* of the spool folder */
    struct deliver_entry *entries;
    size_t count;
    size_t room;
    struct deliver_message message;
    bool moved; /* no entry is in the spool folder any more */
    uint64_t offset;
    int mbox; /* the locked file, or -1 */
    bool dot_locked;
};

#endif
