/* SPDX-License-Identifier: MIT */
/* Reads command lines and prints their help, both from one table. */
#define _GNU_SOURCE /* getopt_long */

#include "cli/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <string.h>

enum { ROWS_MOST = 32 };

/* What getopt_long tells an option by. */
enum { VALUE_ROW = 256, VALUE_KEY = 512, VALUE_SECRET = 1024 };

/* ---- Help ---- */

enum { INDENT = 28, WIDTH = 78 };

/* From column `at` on, further lines at `indent`. */
static void print_wrapped(FILE *file, const char *text, size_t indent, size_t at) {
    while (*text != '\0') {
        size_t n = strcspn(text, " ");

        if (at != indent && at + 1 + n > WIDTH) {
            (void)fprintf(file, "\n%*s", (int)indent, "");
            at = indent;
        } else if (at != indent) {
            (void)fputc(' ', file);
            at++;
        }
        (void)fprintf(file, "%.*s", (int)n, text);
        at += n;
        text += n + strspn(text + n, " ");
    }
    (void)fputc('\n', file);
}

static void print_option(FILE *file, char letter, const char *name, const char *value, const char *help) {
    int n = letter != '\0' ? fprintf(file, "  -%c, --%s", letter, name) : fprintf(file, "  --%s", name);

    if (value != NULL) {
        n += fprintf(file, " %s", value);
    }
    if (n > INDENT - 2) {
        n = fprintf(file, "\n") - 1;
    }
    (void)fprintf(file, "%*s", INDENT - n, "");
    print_wrapped(file, help, INDENT, INDENT);
}

static bool is_option(const struct option_set *set, const struct account_key *key) {
    for (const char *const *name = set->foreign_keys; name != NULL && *name != NULL; name++) {
        if (strcmp(key->name, *name) == 0) {
            return false;
        }
    }
    return key->scope == ACCOUNT_SCOPE_ACCOUNT;
}

void options_help(const struct option_set *set, FILE *file) {
    size_t count;
    const struct account_key *keys = account_keys(&count);

    (void)fprintf(file, "Usage: satchel %s %s\n\n", set->command, set->synopsis);
    print_wrapped(file, set->text, 0, 0);
    (void)fputs("\nOptions:\n", file);
    for (size_t i = 0; i < set->count; i++) {
        print_option(file, set->rows[i].letter, set->rows[i].name, set->rows[i].value, set->rows[i].help);
    }
    if (!set->keys) {
        return;
    }
    (void)fputs("\nKeys of the account, for this run (see satchel-config(5)):\n", file);
    for (size_t i = 0; i < count; i++) {
        if (is_option(set, &keys[i])) {
            print_option(file, '\0', keys[i].name, keys[i].values, keys[i].meaning);
        }
    }
}

/* ---- Reading ---- */

bool options_complain(const struct option_set *set, const char *format, ...) {
    va_list values;

    (void)fprintf(stderr, "satchel %s: ", set->command);
    va_start(values, format);
    (void)vfprintf(stderr, format, values);
    va_end(values);
    (void)fprintf(stderr, "; `satchel %s --help` tells more\n", set->command);
    return false;
}

bool options_number(const char *text, uint32_t *number) {
    uint64_t value = 0;
    size_t n = strlen(text);

    if (n == 0 || n > 10 || text[strspn(text, "0123456789")] != '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        value = value * 10 + (uint64_t)(*text - '0');
    }
    *number = (uint32_t)value;
    return value <= UINT32_MAX;
}

static bool apply(const struct option_set *set, void *target, const struct option_row *row, const char *value) {
    void *where = (char *)target + row->where;

    switch (row->type) {
    case OPTION_FLAG: *(bool *)where = true; break;
    case OPTION_TEXT: *(const char **)where = value; break;
    case OPTION_NUMBER:
        if (!options_number(value, where) || *(uint32_t *)where == 0) {
            return options_complain(set, "--%s %s: that is no number above 0", row->name, value);
        }
    }
    return true;
}

static bool apply_key(const struct option_set *set, struct option_keys *keys, const struct account_key *key) {
    if (keys->count == OPTION_KEYS_MOST) {
        return options_complain(set, "there are too many options");
    }
    keys->all[keys->count].key = key;
    keys->all[keys->count++].value = optarg;
    return true;
}

static bool take(const struct option_set *set, void *target, struct option_keys *keys, int found, const char *given) {
    size_t count;

    if (found == VALUE_SECRET) {
        return options_complain(set,
                                "a password or token on the command line is there for every user of this machine to "
                                "see: use --password-command, --password-file or --token-command, or wait to be asked");
    }
    if (found == ':') {
        return options_complain(set, "%s needs a value", given);
    }
    if (found >= VALUE_KEY) {
        return apply_key(set, keys, &account_keys(&count)[found - VALUE_KEY]);
    }
    if (found >= VALUE_ROW) {
        return apply(set, target, &set->rows[found - VALUE_ROW], optarg);
    }
    for (size_t i = 0; i < set->count; i++) {
        if (set->rows[i].letter == found) {
            return apply(set, target, &set->rows[i], optarg);
        }
    }
    /* What stands behind it may be a secret. */
    return options_complain(set, "\"%.*s\" is not understood", (int)strcspn(given, "="), given);
}

static void add_keys(const struct option_set *set, struct option *table, size_t n, size_t most) {
    size_t count;
    const struct account_key *keys = account_keys(&count);

    table[n++] = (struct option){"password", optional_argument, NULL, VALUE_SECRET};
    table[n++] = (struct option){"token", optional_argument, NULL, VALUE_SECRET};
    for (size_t i = 0; i < count && n + 1 < most; i++) {
        if (is_option(set, &keys[i])) {
            table[n++] = (struct option){keys[i].name, required_argument, NULL, VALUE_KEY + (int)i};
        }
    }
}

/* The letters for getopt_long, and the long options. */
static void fill_tables(const struct option_set *set, char *letters, struct option *table, size_t most) {
    size_t n = 0;

    *letters++ = ':';
    for (size_t i = 0; i < set->count; i++) {
        const struct option_row *row = &set->rows[i];

        table[n++] =
            (struct option){row->name, row->value != NULL ? required_argument : no_argument, NULL, VALUE_ROW + (int)i};
        if (row->letter != '\0') {
            *letters++ = row->letter;
            if (row->value != NULL) {
                *letters++ = ':';
            }
        }
    }
    *letters = '\0';
    if (set->keys) {
        add_keys(set, table, n, most);
    }
}

bool options_read(const struct option_set *set, void *target, struct option_keys *keys, int argc, char **argv,
                  int *first) {
    struct option table[ROWS_MOST + OPTION_KEYS_MOST] = {{NULL, 0, NULL, 0}};
    char letters[2 * ROWS_MOST + 2];
    int found;

    fill_tables(set, letters, table, sizeof table / sizeof table[0]);
    opterr = 0;
    optind = 0; /* it may be the second command line of this process */
    while ((found = getopt_long(argc, argv, letters, table, NULL)) != -1) {
        if (!take(set, target, keys, found, argv[optind - 1])) {
            return false;
        }
    }
    *first = optind;
    return true;
}
