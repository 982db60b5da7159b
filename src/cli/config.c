/* SPDX-License-Identifier: MIT */
/* `satchel config`: writes a first configuration, tells what is wrong with one, lists the keys. Connects to nobody. */
#define _POSIX_C_SOURCE 200809L

#include "account/account.h"
#include "cli/cli.h"
#include "cli/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void print_help(FILE *file) {
    (void)fputs("Usage: satchel config ACTION\n\n"
                "Actions:\n"
                "  check  tell what is wrong with the configuration\n"
                "  init   write a first configuration, unless there is one\n"
                "  keys   list the keys of the configuration\n\n"
                "The configuration is $SATCHEL_CONFIG, else $XDG_CONFIG_HOME/satchel/config,\n"
                "else ~/.config/satchel/config. Its manual page is satchel-config(5).\n",
                file);
}

/* ---- init ---- */

/* The folders above a file, as far as they are missing. They are for their owner alone (R-FILE-01). */
static bool make_folders(char *path) {
    for (char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        bool good = mkdir(path, S_IRWXU) == 0 || errno == EEXIST;
        *at = '/';
        if (!good) {
            return false;
        }
    }
    return true;
}

static bool write_all(int fd, const char *text, size_t n) {
    while (n != 0) {
        ssize_t written = write(fd, text, n);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        text += written > 0 ? written : 0;
        n -= written > 0 ? (size_t)written : 0;
    }
    return true;
}

/* A new file, or none: errno tells why. */
static bool write_sample(const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    int error;

    if (fd < 0) {
        return false;
    }
    error = fchmod(fd, S_IRUSR | S_IWUSR) == 0 && /* whatever the umask */
                    write_all(fd, account_config_sample, strlen(account_config_sample)) && fsync(fd) == 0
                ? 0
                : errno;
    if (close(fd) != 0 && error == 0) {
        error = errno;
    }
    if (error != 0) {
        (void)unlink(path);
        errno = error;
    }
    return error == 0;
}

static int init(void) {
    char *path = account_config_path();
    int code = EX_OK;

    if (path == NULL) {
        (void)fputs("satchel config: there is no home folder; set HOME\n", stderr);
        return EX_CANTCREAT;
    }
    if (make_folders(path) && write_sample(path)) {
        (void)printf("%s\n", path);
    } else {
        (void)fprintf(stderr, "satchel config: %s: %s\n", path,
                      errno == EEXIST ? "it exists already, and stays as it is" : strerror(errno));
        code = EX_CANTCREAT;
    }
    free(path);
    return code;
}

/* ---- check ---- */

/* What is no problem, but should be known. */
static void print_notes(const struct account_config *config) {
    for (size_t i = 0; i < config->count; i++) {
        const struct account *account = config->accounts[i];
        const char *warning = account_warning(account);
        if (warning != NULL) {
            (void)printf("account %s: %s\n", account->name, warning);
        }
        if (account->to.kind == ACCOUNT_TO_NOTHING) {
            (void)printf("account %s: nothing can be fetched, for there is no key to\n", account->name);
        }
    }
    for (size_t i = 0; i < REPORT_VARIABLES; i++) {
        if (report_variable(i) != NULL) {
            (void)printf("%s is set: it changes what TLS trusts or does\n", report_variable(i));
        }
    }
}

static int report(const struct account_config *config) {
    if (config->absent) {
        (void)fprintf(stderr, "%s: there is no such file; `satchel config init` writes one\n", config->path);
        return EX_CONFIG;
    }
    print_notes(config);
    (void)printf("%s: %zu account%s, no problem\n", config->path, config->count, config->count == 1 ? "" : "s");
    return EX_OK;
}

static int check(void) {
    struct account_config config;
    int code = EX_CONFIG;

    if (account_config_read(&config, NULL)) {
        code = report(&config);
    } else {
        report_config(&config);
    }
    account_config_free(&config);
    return code;
}

/* ---- keys ---- */

static int list_keys(void) {
    size_t count;
    const struct account_key *keys = account_keys(&count);

    for (size_t i = 0; i < count; i++) {
        (void)printf("%s = %s\n    %s%s\n", keys[i].name, keys[i].values, keys[i].meaning,
                     keys[i].scope == ACCOUNT_SCOPE_TOP ? "; outside of accounts" : "");
        if (keys[i].standard[0] != '\0') {
            (void)printf("    without it: %s\n", keys[i].standard);
        }
    }
    return EX_OK;
}

/* ---- All ---- */

int cli_config(int argc, char **argv) {
    static const struct {
        const char *name;
        int (*run)(void);
    } actions[] = {{"check", check}, {"init", init}, {"keys", list_keys}};

    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        print_help(stdout);
        return EX_OK;
    }
    for (size_t i = 0; argc == 2 && i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(argv[1], actions[i].name) == 0) {
            account_protect_process();
            return actions[i].run();
        }
    }
    (void)fputs("satchel config: check, init or keys is wanted; `satchel config --help` tells more\n", stderr);
    return EX_USAGE;
}
