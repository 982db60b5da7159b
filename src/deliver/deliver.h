/* SPDX-License-Identifier: MIT */
/*
 * Messages to their destination, each exactly once whatever is interrupted (requirements.md section 4). The caller keeps a
 * journal between the steps, which is not known here:
 *
 *     batch = deliver_batch_new(target, id)                S1: a spool folder on the destination's file system
 *     message = deliver_begin(batch, label)                S1: a file in it
 *     deliver_write(message, ...), deliver_end(message)
 *     deliver_batch_sync(batch)                            S2: files and spool folder are on the disk
 *                  journal: what will be there             S3
 *     deliver_batch_publish(batch)                         S4, S5: the files are mail, durably
 *                  journal: it is there                    S6
 *     deliver_batch_end(batch)                             the spool folder goes
 *
 * After an interruption deliver_recover() finishes what the journal says was between S3 and S6.
 *
 * A target may be used by two threads at once, one that fills a batch and one that syncs and publishes another.
 * Files are made with mode 0600 and folders with 0700 whatever the umask (R-FILE-01). Refuses to know POP3.
 */
#ifndef SATCHEL_DELIVER_DELIVER_H
#define SATCHEL_DELIVER_DELIVER_H

#include "deliver/content.h"
#include "deliver/error.h"

#define DELIVER_NAME_SIZE 192 /* a file's name, NUL included */
#define DELIVER_ID_SIZE 16
#define DELIVER_BATCH_SIZE 48 /* a batch's id, NUL included */

enum deliver_kind { DELIVER_MAILDIR, DELIVER_MBOX };

struct deliver_config {
    enum deliver_kind kind;
    const char *path;      /* absolute */
    const char *spool;     /* an absolute folder for spools of an mbox; made if it is missing. Maildir: not used */
    bool existing;         /* mail went there before: a Maildir that is gone is not made anew, its disk may be away */
    bool crlf;             /* line ends stay as they came */
    const uint8_t *secret; /* DELIVER_SECRET_SIZE octets */
    const char *owner; /* [0-9a-z]{1,20}: one account's; every batch id begins with it. Only its folders are cleaned */
    uint32_t run;      /* number of the account's run, part of names (D-07) */
};

/* ---- The destination ---- */

struct deliver_target;

/*
 * Checks the destination and makes what is missing of it, durably. What config points to is borrowed until the target is
 * closed. NULL: *error tells.
 */
struct deliver_target *deliver_open(const struct deliver_config *config, struct deliver_error *error);
void deliver_close(struct deliver_target *target);

/* What a Maildir is on its machine (st_dev, st_ino), to be recognised again. 0 for an mbox: its readers replace the file. */
struct deliver_place {
    uint64_t device;
    uint64_t inode;
};
struct deliver_place deliver_where(const struct deliver_target *target);

/* Free octets on the file system that takes the spool, and all of it (L-05); false: it does not tell. */
bool deliver_space(const struct deliver_target *target, uint64_t *free_octets, uint64_t *all_octets);

/* ---- A batch ---- */

struct deliver_batch;
struct deliver_message;

/* Of a stored message, for the journal. */
struct deliver_facts {
    char name[DELIVER_NAME_SIZE]; /* of the file, in the spool and in new/ */
    uint64_t size;                /* of the file */
    struct deliver_digests digests;
};

/* Makes the spool folder of a batch; `id` is new for each, begins with config.owner, [0-9a-z.]. NULL: *error tells. */
struct deliver_batch *deliver_batch_new(struct deliver_target *target, const char *id, struct deliver_error *error);

/*
 * A file for the next message. `id` is what names it for ever: the first octets of a cryptographic digest of account, uid and
 * occurrence (D-07). One message at a time. NULL: *error tells.
 */
struct deliver_message *deliver_begin(struct deliver_batch *batch, const uint8_t id[DELIVER_ID_SIZE],
                                      struct deliver_error *error);

/* Octets as the server sent them. False: the message cannot be stored; deliver_abort() is due. */
bool deliver_write(struct deliver_message *message, const void *octets, size_t n, struct deliver_error *error);

/* The message is complete and belongs to the batch. False: it does not, and is gone. */
bool deliver_end(struct deliver_message *message, struct deliver_facts *facts, struct deliver_error *error);

/* Removes what there is of a message. */
void deliver_abort(struct deliver_message *message);

/* Takes the message that ended last out of the batch again: it proved to be a copy. */
void deliver_drop(struct deliver_batch *batch);

size_t deliver_batch_count(const struct deliver_batch *batch);

/*
 * S2. False: nothing of the batch may be published, and syncing is not tried again (D-12). An mbox is locked from here until
 * the batch is published or abandoned.
 */
bool deliver_batch_sync(struct deliver_batch *batch, struct deliver_error *error);

/* For the journal, after sync: where in the destination the batch begins (mbox), 0 elsewhere. */
uint64_t deliver_batch_offset(const struct deliver_batch *batch);

/* S4, S5. False: some may be there; deliver_recover() in this or another run finishes it. Do not abandon it. */
bool deliver_batch_publish(struct deliver_batch *batch, struct deliver_error *error);

/* After S6: removes the spool folder, and frees the batch. A folder that stays is cleaned by a later run. */
void deliver_batch_end(struct deliver_batch *batch);

/* Before S3: removes spool folder and files, and frees the batch. */
void deliver_batch_abandon(struct deliver_batch *batch);

/* After a failed publish: closes descriptors and frees the batch; all files stay for deliver_recover(). */
void deliver_batch_leave(struct deliver_batch *batch);

/* ---- After an interruption (D-06) ---- */

enum deliver_outcome {
    DELIVER_THERE,  /* it is delivered: the journal may say so */
    DELIVER_ABSENT, /* it is not, and nothing of it is left: fetch it again */
    DELIVER_UNKNOWN /* the destination cannot be asked now: try again later */
};

struct deliver_pending {
    struct deliver_facts facts; /* from the journal, in the order in which the batch took them */
    enum deliver_outcome outcome;
};

/*
 * Finishes the batch `id` at `target` as far as the journal's rows tell; each row's outcome is set. `same_boot`: the rows were
 * written since this machine's last boot. The spool folder stays until deliver_clean(), for only the journal's next record
 * makes it superfluous. False: *error tells, and some outcomes are UNKNOWN.
 */
bool deliver_recover(struct deliver_target *target, const char *id, uint64_t offset, bool same_boot,
                     struct deliver_pending *rows, size_t count, struct deliver_error *error);

/* Removes spool folders of config.owner that `wanted` does not want; while no batch of this owner is on its way. */
typedef bool deliver_wanted_fn(void *context, const char *id);
bool deliver_clean(struct deliver_target *target, deliver_wanted_fn *wanted, void *context,
                   struct deliver_error *error);

/*
 * Looks for a message with this id in the destination, by its name (D-07), so that loss of the journal alone does not
 * duplicate; the facts are those of the file. Reads the folders at the first call; an mbox never has any. False: *error
 * tells.
 */
bool deliver_find(struct deliver_target *target, const uint8_t id[DELIVER_ID_SIZE], bool *found,
                  struct deliver_facts *facts, struct deliver_error *error);

#endif
