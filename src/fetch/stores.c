/* SPDX-License-Identifier: MIT */
/* The journal and the destination of a run: opened in an order in which nothing is made before the account is locked. */
#define _POSIX_C_SOURCE 200809L

#include "fetch/job.h"

#include <fcntl.h>
#include <inttypes.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

int64_t fetch_now(void) {
    return (int64_t)time(NULL);
}

struct state_key fetch_key(const struct listing *listing, const struct listing_entry *entry) {
    return (struct state_key){.uid = listing_uid(listing, entry), .uid_size = entry->uid_size, .k = entry->k};
}

/* The first octets of SHA-256 of account, uid and occurrence (D-07): a server cannot make two of its uids meet. */
void fetch_message_id(const struct fetch_job *job, const struct listing_entry *entry, uint8_t id[DELIVER_ID_SIZE]) {
    uint8_t octets[ACCOUNT_IDENTITY_MOST + STATE_UID + 16];
    uint8_t digest[SHA256_DIGEST_LENGTH];
    size_t n = job->identity_size;

    memcpy(octets, job->identity, n);
    octets[n++] = '\0';
    memcpy(octets + n, listing_uid(&job->listing, entry), entry->uid_size);
    n += entry->uid_size;
    octets[n++] = '\0';
    n += (size_t)snprintf((char *)octets + n, 12, "%" PRIu32, entry->k);
    (void)SHA256(octets, n, digest);
    memcpy(id, digest, DELIVER_ID_SIZE);
}

/* Begins the names of all spool folders of the account. */
static void make_owner(struct fetch_job *job) {
    uint8_t digest[SHA256_DIGEST_LENGTH];

    (void)SHA256((const uint8_t *)job->identity, job->identity_size, digest);
    for (size_t i = 0; i < 8; i++) {
        (void)snprintf(job->owner + 2 * i, 3, "%02x", digest[i]);
    }
}

/* This machine's boot; "" where it is not told, which never equals another. */
static void read_boot_id(char *out, size_t size) {
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, out, size - 1) : 0;

    if (fd >= 0) {
        (void)close(fd);
    }
    out[n > 0 ? n : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

static bool open_state(struct fetch_job *job) {
    const struct account *account = job->account;
    struct state_identity identity;
    struct state_error error;

    job->state = state_open(job->options.state_folder, job->options.dry_run ? STATE_READ : STATE_WRITE, &error);
    if (job->state == NULL) {
        return (job->options.dry_run && error.problem == STATE_MISSING) || fetch_fail_state(job, &error);
    }
    if (!state_identity_make(&identity, account->host, account->user != NULL ? account->user : "EXTERNAL",
                             account->port)) {
        return fetch_fail(job, EX_CONFIG, "", "the account's host and user name are too long");
    }
    return (state_account_use(job->state, &identity, account->name, &error) &&
            state_memory_get(job->state, &job->memory, &error)) ||
           fetch_fail_state(job, &error);
}

/* ---- The destination ---- */

static const char *kind_of(const struct account *account) {
    return account->to.kind == ACCOUNT_TO_MBOX ? "mbox" : "maildir";
}

/* D-27: mail of one account does not spread over two destinations by mistake. */
static bool refuse_place(struct fetch_job *job, const struct state_place *before) {
    return fetch_fail(
        job, EX_CONFIG,
        "name that destination; or --again fetches all that the server still has into the new one; or give "
        "this use a database of its own with --state",
        "mail of this account goes to %s:%s so far, not to %s:%s", before->kind, before->path, kind_of(job->account),
        job->account->to.path);
}

/*
 * Did mail of this account go there before? False: another destination was stored, and there is nothing yet at this one, so
 * nothing is made there. With --again whatever is there may be new.
 */
static bool compare_place(struct fetch_job *job, bool *known) {
    const char *path = job->account->to.path;
    struct state_place before;
    struct state_error error;

    *known = false;
    if (!state_place_current(job->state, &before, &error)) {
        return fetch_fail_state(job, &error);
    }
    if (before.kind[0] == '\0' || job->options.again) {
        return true;
    }
    *known = strcmp(before.kind, kind_of(job->account)) == 0 && strcmp(before.path, path) == 0;
    return *known || access(path, F_OK) == 0 || refuse_place(job, &before);
}

static bool open_target(struct fetch_job *job) {
    const struct account *account = job->account;
    struct deliver_config config = {.kind = account->to.kind == ACCOUNT_TO_MBOX ? DELIVER_MBOX : DELIVER_MAILDIR,
                                    .path = account->to.path,
                                    .spool = job->spool,
                                    .crlf = account->line_ends == ACCOUNT_LINE_ENDS_KEEP,
                                    .secret = state_secret(job->state),
                                    .owner = job->owner,
                                    .run = state_run_number(job->state)};
    struct deliver_error error;

    if (!compare_place(job, &config.existing)) {
        return false;
    }
    (void)snprintf(job->spool, sizeof job->spool, "%s/spool", state_folder(job->state));
    job->target = deliver_open(&config, &error);
    return job->target != NULL || fetch_fail_deliver(job, &error);
}

static bool use_place(struct fetch_job *job) {
    struct deliver_place where = deliver_where(job->target);
    struct state_place place = {.device = where.device, .inode = where.inode};
    struct state_place before;
    struct state_error error;

    (void)snprintf(place.kind, sizeof place.kind, "%s", kind_of(job->account));
    (void)snprintf(place.path, sizeof place.path, "%s", job->account->to.path);
    if (!state_place_use(job->state, &place, job->options.again, &job->place, &before, &error)) {
        return fetch_fail_state(job, &error);
    }
    return job->place != 0 || refuse_place(job, &before);
}

bool fetch_stores_open(struct fetch_job *job) {
    make_owner(job);
    read_boot_id(job->boot_id, sizeof job->boot_id);
    if (!open_state(job)) {
        return false;
    }
    return job->options.dry_run || (open_target(job) && use_place(job));
}

void fetch_stores_close(struct fetch_job *job) {
    deliver_close(job->target);
    job->target = NULL;
    state_close(job->state);
    job->state = NULL;
}
