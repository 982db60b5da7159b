/* SPDX-License-Identifier: MIT */
/*
 * main() for a fuzz target without libFuzzer: runs every file of the named corpus folders (or named files) once.
 * An empty corpus is a failure, so that a mistyped path cannot pass. Knows nothing of the target.
 */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned files_run;

static bool run_file(const char *path, size_t size) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return false;
    }
    /* Exactly as large as the input, so that ASan sees a read behind it. */
    uint8_t *data = malloc(size > 0 ? size : 1);
    bool whole = data != NULL && fread(data, 1, size, file) == size;
    (void)fclose(file);
    if (whole) {
        LLVMFuzzerTestOneInput(data, size);
        files_run++;
    } else {
        fprintf(stderr, "%s: cannot be read\n", path);
    }
    free(data);
    return whole;
}

static bool run_path(const char *path);

static bool run_folder(const char *path) { /* NOLINT(misc-no-recursion): as deep as the folders */
    DIR *folder = opendir(path);
    if (folder == NULL) {
        perror(path);
        return false;
    }
    bool good = true;
    for (const struct dirent *entry; good && (entry = readdir(folder)) != NULL;) {
        char name[4096];
        if (entry->d_name[0] == '.') {
            continue;
        }
        int length = snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        good = length > 0 && (size_t)length < sizeof name && run_path(name);
    }
    closedir(folder);
    return good;
}

static bool run_path(const char *path) { /* NOLINT(misc-no-recursion): as deep as the folders */
    struct stat info;
    if (stat(path, &info) != 0) {
        perror(path);
        return false;
    }
    return S_ISDIR(info.st_mode) ? run_folder(path) : run_file(path, (size_t)info.st_size);
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (!run_path(argv[i])) {
            return 1;
        }
    }
    printf("%u inputs\n", files_run);
    return files_run > 0 ? 0 : 1;
}
