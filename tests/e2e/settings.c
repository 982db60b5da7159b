/* SPDX-License-Identifier: MIT */
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t find(const struct setting *settings, const char *name, size_t n) {
    for (size_t i = 0; settings[i].name != NULL; i++) {
        if (strlen(settings[i].name) == n && strncmp(settings[i].name, name, n) == 0) {
            return i;
        }
    }
    fprintf(stderr, "no setting '%.*s'\n", (int)n, name);
    exit(64);
}

void settings_read(struct setting *settings, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        size_t n = strcspn(argv[i], "=");
        size_t which = find(settings, argv[i], n);
        if (argv[i][n] != '=') {
            fprintf(stderr, "'%s' has no value\n", argv[i]);
            exit(64);
        }
        settings[which].value = argv[i] + n + 1;
    }
}

const char *settings_value(const struct setting *settings, const char *name) {
    return settings[find(settings, name, strlen(name))].value;
}

bool settings_list_names(const char *list, unsigned long number) {
    if (strcmp(list, "all") == 0) {
        return true;
    }
    if (strcmp(list, "none") == 0) {
        return false;
    }
    while (*list != '\0') {
        char *end;
        if (strtoul(list, &end, 10) == number) {
            return true;
        }
        list = end + strspn(end, ",");
    }
    return false;
}
