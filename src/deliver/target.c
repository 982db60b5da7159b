/* SPDX-License-Identifier: MIT */
/* Opening and closing a destination. Refuses to know what kinds do with messages. */
#define _POSIX_C_SOURCE 200809L

#include "deliver/target.h"

#include "deliver/folder.h"
#include "deliver/ids.h"
#include "deliver/name.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

static void close_folder(int fd) {
    if (fd >= 0) {
        (void)close(fd);
    }
}

static bool make_buffers(struct deliver_target *target, struct deliver_error *error) {
    size_t size = DELIVER_BUFFER + DELIVER_CONTENT_ROOM;

    target->content = deliver_content_new(target->config.secret);
    target->buffer = malloc(size);
    target->scratch = target->config.crlf ? malloc(size) : NULL;
    if (target->content == NULL || target->buffer == NULL || (target->config.crlf && target->scratch == NULL)) {
        return deliver_fail(error, ENOMEM, "cannot deliver to %s", target->config.path);
    }
    return true;
}

static bool learn(struct deliver_target *target, struct deliver_error *error) {
    struct stat where;

    if (fstat(target->folder, &where) != 0) {
        return deliver_fail(error, errno, "cannot look at %s", target->config.path);
    }
    if (target->config.kind == DELIVER_MAILDIR) {
        target->place = (struct deliver_place){.device = where.st_dev, .inode = where.st_ino};
    }
    target->volatile_ = deliver_is_volatile(target->spool);
    target->ordered = deliver_is_ordered(target->spool);
    deliver_host(target->host);
    return true;
}

struct deliver_target *deliver_open(const struct deliver_config *config, struct deliver_error *error) {
    struct deliver_target *target = calloc(1, sizeof *target);

    if (target == NULL) {
        (void)deliver_fail(error, ENOMEM, "cannot deliver to %s", config->path);
        return NULL;
    }
    target->config = *config;
    target->sink = config->kind == DELIVER_MBOX ? &deliver_mbox : &deliver_maildir;
    target->folder = target->fresh = target->current = target->spool = -1;
    if (!target->sink->open(target, error) || !learn(target, error) || !make_buffers(target, error)) {
        deliver_close(target);
        return NULL;
    }
    return target;
}

void deliver_close(struct deliver_target *target) {
    if (target == NULL) {
        return;
    }
    close_folder(target->fresh);
    close_folder(target->current);
    close_folder(target->spool);
    close_folder(target->folder);
    deliver_content_free(target->content);
    deliver_ids_free(target->ids);
    free(target->buffer);
    free(target->scratch);
    free(target);
}

struct deliver_place deliver_where(const struct deliver_target *target) {
    return target->place;
}

bool deliver_space(const struct deliver_target *target, uint64_t *free_octets, uint64_t *all_octets) {
    struct statvfs space;

    if (fstatvfs(target->spool, &space) != 0 || space.f_blocks == 0) {
        return false;
    }
    *free_octets = (uint64_t)space.f_bavail * space.f_frsize;
    *all_octets = (uint64_t)space.f_blocks * space.f_frsize;
    return true;
}
