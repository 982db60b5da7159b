/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* nftw, mkdtemp */

#include "folder.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[FOLDER_PATH / 2];

int folder_make(void **state) {
    static const char *const variables[] = {"SATCHEL_CONFIG", "XDG_CONFIG_HOME", "CREDENTIALS_DIRECTORY"};

    (void)state;
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        assert_int_equal(unsetenv(variables[i]), 0);
    }
    (void)snprintf(folder, sizeof folder, "%s", "/tmp/satchel-account-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return setenv("HOME", folder, 1);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where) {
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

int folder_remove(void **state) {
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *folder_path(const char *name) {
    static char paths[4][FOLDER_PATH];
    static unsigned turn;
    char *path = paths[turn++ % 4];

    (void)snprintf(path, FOLDER_PATH, "%s/%s", folder, name);
    return path;
}

const char *folder_write(const char *name, const char *octets, size_t n, mode_t mode) {
    const char *path = folder_path(name);
    FILE *file;

    (void)unlink(path);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(octets, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

const char *folder_text(const char *name, const char *text, mode_t mode) {
    return folder_write(name, text, strlen(text), mode);
}
