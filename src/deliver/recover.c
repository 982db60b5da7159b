/* SPDX-License-Identifier: MIT */
/* After an interruption: spool folders found again, verified, finished, cleaned (D-06). Refuses to know the journal. */
#define _GNU_SOURCE

#include "deliver/recover.h"

#include "deliver/ids.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Is it what was written ---- */

static bool digest_open_file(int fd, struct deliver_content *content, struct deliver_facts *found) {
    uint8_t *in = malloc(DELIVER_BUFFER);
    uint8_t *out = malloc(DELIVER_BUFFER + DELIVER_CONTENT_ROOM);
    ssize_t n = in != NULL && out != NULL ? 1 : -1;

    found->size = 0;
    deliver_content_begin(content);
    while (n > 0) {
        n = read(fd, in, DELIVER_BUFFER);
        if (n > 0) {
            (void)deliver_content_take(content, in, (size_t)n, out);
            found->size += (uint64_t)n;
        } else if (n < 0 && errno == EINTR) {
            n = 1;
        }
    }
    if (n == 0) {
        (void)deliver_content_end(content, out, &found->digests);
    }
    free(in);
    free(out);
    return n == 0;
}

/* Size and digests of folder/name; false: it cannot be read. */
static bool digest_file(const struct deliver_target *target, int folder, const char *name,
                        struct deliver_facts *found) {
    struct deliver_content *content = deliver_content_new(target->config.secret);
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    bool good = content != NULL && fd >= 0 && digest_open_file(fd, content, found);

    if (fd >= 0) {
        (void)close(fd);
    }
    deliver_content_free(content);
    return good;
}

bool deliver_is_intact(const struct deliver_batch *batch, const struct deliver_facts *facts) {
    struct deliver_facts found;

    return digest_file(batch->target, batch->folder, facts->name, &found) && found.size == facts->size &&
           memcmp(&found.digests, &facts->digests, sizeof found.digests) == 0;
}

bool deliver_find(struct deliver_target *target, const uint8_t id[DELIVER_ID_SIZE], bool *found,
                  struct deliver_facts *facts, struct deliver_error *error) {
    const int folders[] = {target->fresh, target->current};
    const char *name = "";
    int which;

    if (target->ids == NULL) {
        target->ids = deliver_ids_read(folders, sizeof folders / sizeof folders[0]);
    }
    if (target->ids == NULL) {
        return deliver_fail(error, errno, "cannot read %s", target->config.path);
    }
    which = deliver_ids_find(target->ids, id, &name);
    (void)snprintf(facts->name, sizeof facts->name, "%s", name);
    *found = which >= 0 && digest_file(target, folders[which], name, facts);
    return true;
}

/* ---- Finishing ---- */

bool deliver_recover(struct deliver_target *target, const char *id, uint64_t offset, bool same_boot,
                     struct deliver_pending *rows, size_t count, struct deliver_error *error) {
    struct deliver_batch batch = {.target = target, .folder = -1, .mbox = -1, .offset = offset};
    bool good;

    for (size_t i = 0; i < count; i++) {
        rows[i].outcome = DELIVER_UNKNOWN;
    }
    (void)snprintf(batch.name, sizeof batch.name, DELIVER_SPOOL_PREFIX "%s", id);
    batch.folder = openat(target->spool, batch.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (batch.folder < 0 && errno != ENOENT) {
        return deliver_fail(error, errno, "cannot open a folder in %s", target->config.path);
    }
    good = count == 0 || target->sink->recover(&batch, same_boot, rows, count, error);
    target->sink->release(&batch);
    if (batch.folder >= 0) {
        (void)close(batch.folder);
    }
    return good;
}

/* ---- Cleaning ---- */

struct cleaning {
    struct deliver_target *target;
    deliver_wanted_fn *wanted;
    void *context;
    int folder; /* the one that is emptied */
};

static void remove_file(void *context, const char *name) {
    const struct cleaning *cleaning = context;

    if (strcmp(name, DELIVER_MARK) != 0 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
        (void)unlinkat(cleaning->folder, name, 0);
    }
}

/* A folder that cannot be removed now is removed by a later run. */
static void remove_if_unwanted(void *context, const char *name) {
    struct cleaning *cleaning = context;
    const struct deliver_target *target = cleaning->target;
    size_t prefix = sizeof DELIVER_SPOOL_PREFIX - 1;

    if (strncmp(name, DELIVER_SPOOL_PREFIX, prefix) != 0 ||
        strncmp(name + prefix, target->config.owner, strlen(target->config.owner)) != 0 ||
        cleaning->wanted(cleaning->context, name + prefix)) {
        return;
    }
    cleaning->folder = openat(target->spool, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (cleaning->folder >= 0) {
        (void)deliver_names(cleaning->folder, remove_file, cleaning);
        (void)unlinkat(cleaning->folder, DELIVER_MARK, 0);
        (void)close(cleaning->folder);
        (void)unlinkat(target->spool, name, AT_REMOVEDIR);
    }
}

bool deliver_clean(struct deliver_target *target, deliver_wanted_fn *wanted, void *context,
                   struct deliver_error *error) {
    struct cleaning cleaning = {.target = target, .wanted = wanted, .context = context, .folder = -1};

    if (!deliver_names(target->spool, remove_if_unwanted, &cleaning)) {
        return deliver_fail(error, errno, "cannot read %s", target->config.path);
    }
    return true;
}
