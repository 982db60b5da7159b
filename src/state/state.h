/* SPDX-License-Identifier: MIT */
/*
 * What was seen, intended, delivered and deleted, for every account, durable (requirements.md section 4). Knows nothing of
 * POP3, of sinks or of configurations: a message is a uid, its occurrence, and what the caller tells of its content.
 *
 *     state = state_open(folder, STATE_WRITE, &error);         or NULL
 *     state_account_use(state, &identity, "work", &error);     from here on only this process fetches the account (D-04)
 *     state_unfinished(state, &intents, &error);               what an earlier run left between S3 and S6
 *     survey = state_survey_begin(state, due, &error);         what is known of the account, in memory
 *     flags = state_survey_see(survey, key);                   for each message listed
 *     state_commit(state, &changes, &error);                   S3, S6, S8: each call is one transaction
 *     state_survey_commit(survey, now, &error);                the session was good: what vanished is noted (D-09)
 *     state_survey_free(survey);
 *     state_close(state);
 *
 * One handle is one connection to the database and at most one account. Any thread may call any function on it: the calls
 * take turns. Several handles, in one process or in many, work side by side; none of them ever waits for another's network
 * or disk for longer than one transaction (on network file systems: until the other is closed, D-29).
 *
 * Functions that return bool or a pointer: false and NULL mean that *error is filled in and that nothing was changed.
 * After a write failed for another reason than STATE_ARGUMENT or STATE_HELD, every later call on that handle fails in the
 * same way: whether the failed transaction will be found at the next opening cannot be known before it (D-29).
 *
 * Times are seconds since 1970, told by the caller. Nothing here looks at the clock.
 */
#ifndef SATCHEL_STATE_STATE_H
#define SATCHEL_STATE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Errors ---- */

enum state_problem {
    STATE_FINE,
    STATE_ARGUMENT,   /* the caller's mistake; nothing was changed */
    STATE_HELD,       /* another process, or another handle, has the account or the database */
    STATE_MISSING,    /* opened for reading, and there is no database */
    STATE_NEWER,      /* made by a newer Satchel */
    STATE_DAMAGED,    /* damaged, cut off, or no database of Satchel at all */
    STATE_PERMISSION, /* owner, permissions, links: not a file that only its user can have written */
    STATE_FULL,       /* no space, or the quota is used up */
    STATE_READ_ONLY,  /* the file system, or the file */
    STATE_IO,         /* the disk, or another failure of the system */
    STATE_MEMORY
};

#define STATE_TEXT 1024

/* Sentences without a full stop; they name the file. Nothing in them comes from a server. */
struct state_error {
    enum state_problem problem;
    char text[STATE_TEXT]; /* what failed, and where */
    char hint[STATE_TEXT]; /* what to do, or "" */
};

/* ---- Opening ---- */

#define STATE_PATH 4096

/*
 * Writes the folder by D-29 to `folder`: $STATE_DIRECTORY (the first, if there are several), $XDG_STATE_HOME/satchel,
 * $HOME/.local/state/satchel. Relative ones are passed over.
 */
bool state_default_folder(char folder[STATE_PATH], struct state_error *error);

enum state_use {
    STATE_READ, /* changes nothing: status, dry runs, lists. STATE_MISSING where there is no database */
    STATE_WRITE /* makes folder and database where they are missing */
};

struct state;

struct state *state_open(const char *folder, enum state_use use, struct state_error *error);

/* Gives up the account too. NULL is no harm. Surveys of the handle are freed before. */
void state_close(struct state *state);

/* The folder, absolute, without symbolic links; valid until state_close(). */
const char *state_folder(const struct state *state);

/*
 * The database was made by this state_open(), although its folder had been used before: it was lost, and what it knew with
 * it (last row of D-06).
 */
bool state_was_lost(const struct state *state);

#define STATE_DIGEST_ALGORITHM "XXH3-128" /* the algorithm that the database states for its digests */
#define STATE_SECRET 192

/* Random octets that all digests of this database are keyed with; they never change. Valid until state_close(). */
const uint8_t *state_secret(const struct state *state);

/* ---- The account ---- */

#define STATE_IDENTITY 1024

/* D-27: lower-case host, NUL, user, NUL, port in decimal; 110 counts as 995. */
struct state_identity {
    size_t size;
    uint8_t octets[STATE_IDENTITY];
};

/* False: there is no host, or it and the user are too long. A dot at the end of the host does not count. */
bool state_identity_make(struct state_identity *identity, const char *host, const char *user, uint16_t port);

/*
 * STATE_WRITE: locks the account, and makes its row where there is none. STATE_HELD: error->text names the process that
 * has it. `name` is for people: it replaces the one stored; NULL keeps that. STATE_READ: neither locks nor writes, and an
 * unknown account is one of which nothing is known. At most once for each handle.
 */
bool state_account_use(struct state *state, const struct state_identity *identity, const char *name,
                       struct state_error *error);

/* Nothing was ever committed for the account before this handle. */
bool state_account_is_new(const struct state *state);

/*
 * The number of this run, for names and batches (D-07): one more than that of the last run that wrote anything. It is
 * stored with the first state_commit().
 */
uint32_t state_run_number(const struct state *state);

/* What the account's server taught us. */
struct state_memory {
    bool pipelining_off;  /* */
    int64_t not_before_s; /* LOGIN-DELAY (R-2449-10): no login before that time; 0: any time */
    bool deleting;        /* its user knows that runs delete on the server (D-28) */
};

bool state_memory_get(struct state *state, struct state_memory *memory, struct state_error *error);

/* Writes only where something differs. */
bool state_memory_set(struct state *state, const struct state_memory *memory, struct state_error *error);

#define STATE_RUN_TEXT 256

/* How the last run went, for `satchel status`. */
struct state_run {
    int64_t started_s; /* 0: there was none */
    int64_t ended_s;
    int exit_code; /* of this account, D-26 */
    uint64_t fetched;
    uint64_t octets;
    uint64_t deleted;
    uint64_t failed;           /* messages that could not be had */
    uint64_t waiting;          /* messages listed that were left for another run */
    char text[STATE_RUN_TEXT]; /* what went wrong, safe to print, or "" */
};

/*
 * Notes a run. Where nothing was fetched, deleted or failed, and exit code, text and waiting are those of the last one,
 * nothing is written: the time of the last look is that of the account's lock file (state_account.looked_s).
 */
bool state_run_note(struct state *state, const struct state_run *run, struct state_error *error);

/* ---- Destinations ---- */

#define STATE_KIND 16

/* Where a message goes. `kind` is the caller's word, "maildir" for example. */
struct state_place {
    char kind[STATE_KIND];
    char path[STATE_PATH]; /* absolute, or whatever names it */
    uint64_t device;       /* st_dev and st_ino; 0 where there is nothing of the kind */
    uint64_t inode;
};

/*
 * Makes `place` the account's destination; *id is for intents. It is the one before if kind and path are equal, or kind,
 * device and inode (a folder that was moved). Any other is a conflict for an account that has one (D-27): then *conflict
 * holds the stored place, the result is true and *id is 0, unless `again`: then all that was delivered is forgotten,
 * unfinished messages are not, and the new place counts from now on. With STATE_READ nothing is written, and *id is 0
 * for a place that is not stored; conflict->kind is "" where there is no conflict.
 */
bool state_place_use(struct state *state, const struct state_place *place, bool again, int64_t *id,
                     struct state_place *conflict, struct state_error *error);

/* The account's destination; kind "": it has none yet. */
bool state_place_current(struct state *state, struct state_place *place, struct state_error *error);

/* The place of an intent. STATE_ARGUMENT: there is none with that id. */
bool state_place_get(struct state *state, int64_t id, struct state_place *place, struct state_error *error);

/* ---- Messages ---- */

#define STATE_UID 255
#define STATE_SIZE_UNKNOWN UINT64_MAX
#define STATE_DIGEST 16

/* Which message: its uid, and how many equal ones precede it in the listing (D-08). */
struct state_key {
    const void *uid; /* 1 to STATE_UID octets, of any value */
    size_t uid_size;
    uint32_t k;
};

struct state_content {
    uint64_t size; /* octets that were stored */
    uint8_t digest[STATE_DIGEST];
    uint8_t header_digest[STATE_DIGEST];
};

struct state_message {
    struct state_key key;
    uint32_t generation; /* how often the server has used this key for another message before (D-14) */
    uint64_t list_size;  /* as the server listed it, or STATE_SIZE_UNKNOWN */
    int64_t place;
    struct state_content content;
};

/* An I-record (S3). Texts end with NUL; batch, name and boot_id have at most 255 octets. */
struct state_intent {
    struct state_message message;
    const char *batch;
    const char *name; /* of the file */
    const char *boot_id;
    uint64_t offset; /* where it begins in an mbox */
};

/* One transaction. What has the count 0 is left out. Keys may be those of rows that state_unfinished() gave. */
struct state_changes {
    int64_t now_s;

    /* S3. STATE_ARGUMENT for a key that is unfinished already. What was delivered under the key before stays known
     * until the new one is delivered. */
    const struct state_intent *intents;
    size_t intent_count;

    /* S6: intents that are delivered now. STATE_ARGUMENT for a key without intent. It may have been one of an earlier
     * call only. */
    const struct state_key *delivered;
    size_t delivered_count;

    /* Copies of what is delivered already: known as delivered, without an intent (D-08). */
    const struct state_message *recognised;
    size_t recognised_count;

    /* Intents that came to nothing: their messages are to be fetched again. Others are passed over. */
    const struct state_key *dropped;
    size_t dropped_count;

    /* S8: the server confirmed their deletion. Keys of which nothing is known are passed over. */
    const struct state_key *deleted;
    size_t deleted_count;

    /* The server did not give them in this session (D-24). Delivery, or absence from a listing, forgets the count. */
    const struct state_key *failed;
    size_t failed_count;
};

/* All of it or nothing, durable when it returns (synchronous=FULL). */
bool state_commit(struct state *state, const struct state_changes *changes, struct state_error *error);

enum state_stage {
    STATE_UNKNOWN,
    STATE_UNFINISHED, /* an intent, of which the outcome is not known yet */
    STATE_DELIVERED,  /* D: a deletion may be pending, or never wanted */
    STATE_DELETED     /* Q: the server confirmed the deletion (and where it is listed again, D-10 holds) */
};

struct state_row {
    enum state_stage stage;
    int64_t delivered_s; /* 0 unless DELIVERED or DELETED */
    uint32_t failed;     /* sessions that failed to get it (D-24) */
    uint32_t generation; /* this and the following: unless UNKNOWN; of the intent where it is UNFINISHED */
    uint64_t list_size;
    int64_t place;
    struct state_content content;
};

/* All that is known of one key, its octets compared: to be called before any DELE (D-30). About two microseconds. */
bool state_find(struct state *state, struct state_key key, struct state_row *row, struct state_error *error);

/*
 * D-08: whether a message of this uid, with any k, is delivered and has this digest, however its line ends were stored.
 * *k is its occurrence. The result is false with error->problem STATE_FINE where there is none.
 */
bool state_find_copy(struct state *state, const void *uid, size_t uid_size, const struct state_content *content,
                     uint32_t *k, struct state_error *error);

/* Intents without an outcome, ordered by batch and name. */
struct state_intents {
    struct state_intent *rows;
    size_t count;
    void *memory; /* of this room */
};

bool state_unfinished(struct state *state, struct state_intents *intents, struct state_error *error);
void state_intents_free(struct state_intents *intents);

/* ---- Surveys ----
 * A survey holds a 56-bit fingerprint of each known key, keyed at random each time (D-30), 10 to 20 octets for each. While
 * nothing vanished and nothing came back, it writes nothing. One thread at a time; begin one for each session.
 */
struct state_survey;

/* What state_survey_see() tells, as bits. None: nothing is known of the message. */
enum state_seen {
    STATE_SEEN_UNFINISHED = 1, /* may come with others */
    STATE_SEEN_DELIVERED = 2,
    STATE_SEEN_DELETED = 4, /* together with DELIVERED: Q */
    STATE_SEEN_DUE = 8,     /* delivered before `due_s` */
    STATE_SEEN_FAILED = 16  /* failed in earlier sessions; state_find() tells how often */
};

/* `due_s`: what was delivered before that time is flagged, for policies of age (D-13). INT64_MIN: nothing is. */
struct state_survey *state_survey_begin(struct state *state, int64_t due_s, struct state_error *error);

/*
 * A key of the listing. Each once. Cannot fail; about 50 nanoseconds. A message is taken for another, known one with a
 * probability of 1 to 10^11 where 1,000,000 are known, and then for this survey only.
 */
unsigned state_survey_see(struct state_survey *survey, struct state_key key);

/* Counts so far, for Q-09: after the last state_survey_see() they are final. */
struct state_counts {
    size_t known;    /* delivered, not deleted, and not absent from the last listing of a good session */
    size_t seen;     /* of these in this listing */
    size_t vanished; /* the others */
    size_t returned; /* in this listing, but not in the last one */
    size_t fresh;    /* in this listing, and nothing is known of them */
};

void state_survey_counts(const struct state_survey *survey, struct state_counts *counts);

#define STATE_GRACE_S ((int64_t)30 * 24 * 60 * 60) /* how long the absent are remembered (D-09, Q-10) */

/*
 * To be called at the end of a good session whose listing was complete and well-formed, after all commits. What vanished
 * is marked with the time; what has been absent for STATE_GRACE_S is forgotten, and what was DELETED and is absent now,
 * at once. Messages that were committed after state_survey_begin() count as listed.
 */
bool state_survey_commit(struct state_survey *survey, int64_t now_s, struct state_error *error);

void state_survey_free(struct state_survey *survey);

/* ---- Administration (`satchel state`, `satchel status`): no account need be in use ---- */

#define STATE_NAME 256

struct state_account {
    int64_t id;
    char name[STATE_NAME]; /* "" where it never had one */
    char host[STATE_IDENTITY];
    char user[STATE_IDENTITY];
    uint16_t port; /* 995 for 110 too */
    uint64_t delivered;
    uint64_t deleted;
    uint64_t absent; /* of both */
    uint64_t unfinished;
    int64_t looked_s;         /* when a run last took its lock; 0: never here */
    bool held;                /* by a run just now, in this process or another one */
    struct state_place place; /* kind "": none yet */
    struct state_memory memory;
    struct state_run run;
};

/* Must not call this room. False ends the walk. */
typedef bool state_account_fn(void *context, const struct state_account *account);

/* In the order of their names. */
bool state_accounts(struct state *state, state_account_fn *each, void *context, struct state_error *error);

/* Another name for people. STATE_ARGUMENT: no such account, or the name is too long. */
bool state_rename(struct state *state, int64_t account, const char *name, struct state_error *error);

/*
 * Forgets an account, or with `uid` all messages of it that have that uid; *count is how many messages. STATE_HELD while
 * a run uses the account, STATE_ARGUMENT where there is no such account. What the server still has is fetched again by
 * the next run, but for what that finds in its Maildir by name.
 */
bool state_forget(struct state *state, int64_t account, const void *uid, size_t uid_size, uint64_t *count,
                  struct state_error *error);

#endif
