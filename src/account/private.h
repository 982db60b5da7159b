/* SPDX-License-Identifier: MIT */
/* What the sources of this room share. No other room includes it; tests may. */
#ifndef SATCHEL_ACCOUNT_PRIVATE_H
#define SATCHEL_ACCOUNT_PRIVATE_H

#include "account/account.h"

enum {
    ACCOUNT_CONFIG_MOST = 1 << 20, /* octets of a configuration file */
    ACCOUNT_NETRC_MOST = 1 << 16,
    ACCOUNT_SECRET_MOST = 8192, /* octets of a password or token (R-CRED-01) */
    ACCOUNT_COMMAND_MS = 60000
};

/* ---- error.c ---- */

/* Notes a failure; hint NULL: none. Always false. */
__attribute__((format(printf, 4, 5))) bool account_fail(struct account_error *error, enum account_fault fault,
                                                        const char *hint, const char *what, ...);
bool account_fail_memory(struct account_error *error);

/* `text` within quotes, safe to print, cut to `size`. */
const char *account_shown(char *out, size_t size, const char *text);

/* The name that `wanted` was probably meant to be, or NULL. name() gives each of `count`. */
const char *account_nearest(const char *wanted, size_t count, const char *(*name)(const void *names, size_t i),
                            const void *names);

/* ---- key.c ---- */

/* Sets one key. Relative paths are refused where `from_file`; otherwise what is set takes the place of all that it contradicts. */
bool account_set_key(struct account *account, const struct account_key *key, const char *value, bool from_file,
                     struct account_error *error);

/* ---- account.c ---- */

/* Without url, all else as the table of keys says. NULL: no memory. */
struct account *account_new(const char *name);

/* user, auth and tls from what the URL and the keys say. */
void account_resolve(struct account *account);

bool account_is_external(const struct account *account);

/* ---- value.c: texts as values. False: *error. ---- */

struct account_value {
    const struct account_key *key;
    const char *text;
    bool from_file;
    struct account_error *error;
};

bool account_value_wrong(const struct account_value *value, const char *hint);
bool account_value_text(const struct account_value *value, char **out);
bool account_value_path(const struct account_value *value, char **out);
bool account_value_destination(const struct account_value *value, struct account_destination *out);
bool account_value_keep(const struct account_value *value, struct account_keep *out);
bool account_value_count(const struct account_value *value, uint32_t most, uint32_t *out);
bool account_value_octets(const struct account_value *value, uint64_t *out);
bool account_value_duration(const struct account_value *value, uint32_t *ms);
bool account_value_mechanisms(const struct account_value *value, char **out);
bool account_value_pin(const struct account_value *value, char **out);
/* The index of the value among key->values, "a|b|c". */
bool account_value_word(const struct account_value *value, unsigned *index);

/* ---- file.c ---- */

enum account_trust {
    ACCOUNT_TRUST_CONFIG, /* ours or root's; nobody else may write */
    ACCOUNT_TRUST_SECRET, /* ours, nobody else may read or write, neither symbolic nor hard link (R-FILE-01) */
    ACCOUNT_TRUST_SERVICE /* the service manager made it */
};

struct account_file {
    char *octets; /* memory of account_secret_new(), with a NUL behind */
    size_t n;
    bool readable_by_others;
    bool absent; /* there is none: no error of its own */
};

/* A file as a whole. False: *error, or file->absent. */
bool account_file_read(struct account_file *file, const char *path, enum account_trust trust, size_t most,
                       struct account_error *error);

/* "a/b" in new memory, or NULL. */
char *account_path_join(const char *folder, const char *name);
/* $HOME, else what the system's user database says; NULL: none. Valid until the next call. */
const char *account_home(void);

/* ---- scan.c ---- */

/*
 * Prepares a configuration for libConfuse: comments become blanks. False: what libConfuse would take without a word, with
 * its line.
 */
bool account_scan(char *text, struct account_problem *problem);

/* ---- config.c and parse.c ---- */

/* Accounts and problems of a text, which changes. */
void account_parse(struct account_config *config, char *text, bool readable_by_others);

/* One problem more; the text may have anything of the file in it. False: no memory. */
bool account_config_complain(struct account_config *config, unsigned line, const char *text);

/* No accounts, no problems. */
void account_config_clear(struct account_config *config);

/* ---- Sources of credentials: a secret, or NULL and *error ---- */

/* secret.c: the first line, checked. `from` tells whence it is. */
char *account_secret_line(const char *octets, size_t n, const char *from, struct account_error *error);

/* command.c: the first line that /bin/sh -c prints. */
char *account_secret_from_command(const char *command, const char *name, int timeout_ms, struct account_error *error);

/* netrc.c: NULL also without an error, where the file has no such entry. */
char *account_secret_from_netrc(const char *path, const char *host, const char *user, struct account_error *error);

/* prompt.c */
char *account_secret_from_terminal(const struct account *account, struct account_error *error);

#endif
