/* SPDX-License-Identifier: MIT */
/* See world.h. */
#define _XOPEN_SOURCE 700 /* nftw, mkdtemp */

#include "world.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

void world_open(struct world *world) {
    deliver_close(world->target);
    world->config.run++;
    world->target = deliver_open(&world->config, &world->error);
}

void world_begin(struct world *world, enum deliver_kind kind) {
    *world = (struct world){.folder = "/tmp/satchel-deliver-XXXXXX"};
    assert_non_null(mkdtemp(world->folder));
    (void)snprintf(world->path, sizeof world->path, "%s/%s", world->folder, kind == DELIVER_MBOX ? "mbox" : "Mail");
    (void)snprintf(world->spool, sizeof world->spool, "%s/spool", world->folder);
    for (size_t i = 0; i < sizeof world->secret; i++) {
        world->secret[i] = (uint8_t)(i * 37 + 11);
    }
    world->config = (struct deliver_config){
        .kind = kind, .path = world->path, .spool = world->spool, .secret = world->secret, .owner = "owner"};
    world_open(world);
    if (world->target == NULL) {
        fail_msg("%s", world->error.text);
    }
}

static int remove_one(const char *path, const struct stat *what, int type, struct FTW *level) {
    (void)what;
    (void)type;
    (void)level;
    return remove(path);
}

void world_end(struct world *world) {
    deliver_close(world->target);
    world->target = NULL;
    (void)nftw(world->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void world_put(struct world *world, struct deliver_batch *batch, uint8_t seed, const char *content,
               struct deliver_facts *facts) {
    uint8_t id[DELIVER_ID_SIZE];
    struct deliver_message *message;

    memset(id, seed, sizeof id);
    message = deliver_begin(batch, id, &world->error);
    assert_non_null(message);
    assert_true(deliver_write(message, content, strlen(content), &world->error));
    assert_true(deliver_end(message, facts, &world->error));
}

static void path_of(const struct world *world, const char *name, char out[PATH_MAX]) {
    (void)snprintf(out, PATH_MAX, "%s/%s", world->folder, name);
}

char *world_read(const struct world *world, const char *name, size_t *n) {
    char path[PATH_MAX];
    FILE *file;
    char *octets = malloc(1 << 20);

    path_of(world, name, path);
    file = fopen(path, "rb");
    if (file == NULL) {
        free(octets);
        return NULL;
    }
    *n = fread(octets, 1, (1 << 20) - 1, file);
    octets[*n] = '\0';
    (void)fclose(file);
    return octets;
}

void world_write(const struct world *world, const char *name, const char *content) {
    char path[PATH_MAX];
    FILE *file;

    path_of(world, name, path);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, strlen(content), file), strlen(content));
    assert_int_equal(fclose(file), 0);
}

size_t world_count(const struct world *world, const char *name, char one[NAME_MAX + 1]) {
    char path[PATH_MAX];
    size_t count = 0;
    const struct dirent *entry;
    DIR *folder;

    path_of(world, name, path);
    folder = opendir(path);
    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            count++;
            if (one != NULL) {
                (void)snprintf(one, NAME_MAX + 1, "%s", entry->d_name);
            }
        }
    }
    (void)closedir(folder);
    return count;
}

bool world_exists(const struct world *world, const char *format, const char *a, const char *b) {
    char name[PATH_MAX / 2];
    char path[PATH_MAX];

    (void)snprintf(name, sizeof name, "%s/%s/%s", format, a, b);
    path_of(world, name, path);
    return access(path, F_OK) == 0;
}
