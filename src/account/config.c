/* SPDX-License-Identifier: MIT */
/* Where the configuration is, whether it may be believed, and its accounts by name. Refuses to know its language. */
#define _POSIX_C_SOURCE 200809L

#include "account/private.h"
#include "text/safe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *account_config_path(void) {
    const char *file = getenv("SATCHEL_CONFIG");    /* NOLINT(concurrency-mt-unsafe): nobody here sets it */
    const char *folder = getenv("XDG_CONFIG_HOME"); /* NOLINT(concurrency-mt-unsafe): likewise */
    const char *home;

    if (file != NULL && file[0] != '\0') {
        return strdup(file);
    }
    if (folder != NULL && folder[0] == '/') { /* a relative one is to be ignored, says the XDG specification */
        return account_path_join(folder, "satchel/config");
    }
    home = account_home();
    return home != NULL ? account_path_join(home, ".config/satchel/config") : NULL;
}

bool account_config_complain(struct account_config *config, unsigned line, const char *text) {
    struct account_problem *all = realloc(config->problems, (config->problem_count + 1) * sizeof *config->problems);

    if (all == NULL) {
        return false;
    }
    config->problems = all;
    all += config->problem_count++;
    all->line = line;
    (void)safe_text(all->text, sizeof all->text, text, strlen(text));
    return true;
}

/* Of the file as a whole. */
static void complain(struct account_config *config, const struct account_error *error) {
    char text[sizeof error->what + sizeof error->hint + 2];

    (void)snprintf(text, sizeof text, "%s%s%s", error->what, error->hint[0] != '\0' ? "; " : "", error->hint);
    (void)account_config_complain(config, 0, text);
}

bool account_config_read(struct account_config *config, const char *path) {
    struct account_file file;
    struct account_error error;

    *config = (struct account_config){.path = path != NULL ? strdup(path) : account_config_path()};
    if (config->path == NULL) {
        if (path == NULL && account_home() == NULL) {
            (void)account_fail(&error, ACCOUNT_WRONG, "set HOME",
                               "there is no home folder to look for a configuration in");
        } else {
            (void)account_fail_memory(&error);
        }
        complain(config, &error);
        return false;
    }
    if (!account_file_read(&file, config->path, ACCOUNT_TRUST_CONFIG, ACCOUNT_CONFIG_MOST, &error)) {
        config->absent = file.absent;
        if (!file.absent) {
            complain(config, &error);
        }
        return file.absent;
    }
    if (strlen(file.octets) != file.n) {
        (void)account_fail(&error, ACCOUNT_WRONG, NULL, "it has an octet 0, so it is no text");
        complain(config, &error);
    } else {
        account_parse(config, file.octets, file.readable_by_others);
    }
    account_secret_free(file.octets);
    return config->problem_count == 0;
}

void account_config_clear(struct account_config *config) {
    for (size_t i = 0; i < config->count; i++) {
        account_free(config->accounts[i]);
    }
    free(config->accounts);
    free(config->problems);
    config->accounts = NULL;
    config->problems = NULL;
    config->count = 0;
    config->problem_count = 0;
}

void account_config_free(struct account_config *config) {
    account_config_clear(config);
    free(config->path);
    config->path = NULL;
}

static const char *account_name(const void *names, size_t i) {
    return ((struct account *const *)names)[i]->name;
}

struct account *account_find(const struct account_config *config, const char *name, struct account_error *error) {
    const char *nearest;
    char shown[64];

    for (size_t i = 0; i < config->count; i++) {
        if (strcmp(config->accounts[i]->name, name) == 0) {
            return config->accounts[i];
        }
    }
    nearest = account_nearest(name, config->count, account_name, config->accounts);
    (void)account_fail(error, ACCOUNT_WRONG, NULL, "%s has no account %s", config->path,
                       account_shown(shown, sizeof shown, name));
    if (nearest != NULL) {
        (void)snprintf(error->hint, sizeof error->hint, "perhaps %s is meant", nearest);
    }
    return NULL;
}
