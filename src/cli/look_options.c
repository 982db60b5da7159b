/* SPDX-License-Identifier: MIT */
/*
 * One table of options for the looking commands: what getopt_long reads and what --help prints. The keys of an account
 * come from src/account's own table. Refuses to know what the options do.
 */
#define _GNU_SOURCE /* getopt_long */

#include "cli/look_options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#define BIT(command) (1U << (command))
#define ALL (~0U)
#define LOGGED_OUT (BIT(LOOK_CAPS) | BIT(LOOK_CHECK))

static const struct {
    const char *name;
    const char *synopsis;
    const char *text;
} commands[] = {
    [LOOK_LIST] =
        {"list", "[OPTION...] [ACCOUNT|URL]",
         "Lists the messages: number, size, date, unique id, sender, subject. On a terminal as a table; into a "
         "pipe or file one line for each message, with tabs between and with dates in UTC."},
    [LOOK_SHOW] = {"show", "[OPTION...] N [ACCOUNT|URL]",
                   "Shows message N: as it is into a pipe or file; on a terminal without what could command it."},
    [LOOK_TOP] = {"top", "[OPTION...] N [K] [ACCOUNT|URL]",
                  "Shows the header of message N and the first K lines behind it, 10 without K."},
    [LOOK_CAPS] = {"caps", "[OPTION...] [ACCOUNT|URL]", "Tells what the server announces, without a login."},
    [LOOK_CHECK] =
        {"check", "[OPTION...] [ACCOUNT|URL]",
         "Tells whether the server can be reached, whether its certificate is good, what it offers, and how a "
         "login would go, without a login."},
};

enum row_type { ROW_FLAG, ROW_TEXT, ROW_U32 };

struct row {
    const char *name;
    const char *value;
    size_t where; /* in struct look_options */
    unsigned commands;
    enum row_type type;
    const char *help;
    char letter; /* 0: none */
};

#define FIELD(name) offsetof(struct look_options, name)

static const struct row rows[] = {
    {"no-headers", NULL, FIELD(no_headers), BIT(LOOK_LIST), ROW_FLAG, "numbers, sizes and unique ids alone: quicker",
     0},
    {"newest", "N", FIELD(newest), BIT(LOOK_LIST), ROW_U32, "the last N messages only", 0},
    {"login", NULL, FIELD(login), LOGGED_OUT, ROW_FLAG, "log in as well", 0},
    {"json", NULL, FIELD(json), BIT(LOOK_LIST) | LOGGED_OUT, ROW_FLAG, "one JSON object a line", 0},
    {"config", "FILE", FIELD(config), ALL, ROW_TEXT, "the configuration, in place of ~/.config/satchel/config", 0},
    {"quiet", NULL, FIELD(quiet), ALL, ROW_FLAG, "no warnings", 'q'},
    {"verbose", NULL, FIELD(verbose), ALL, ROW_FLAG, "the dialogue on stderr, secrets masked", 'v'},
    {"help", NULL, FIELD(help), ALL, ROW_FLAG, "this text", 'h'},
};

#define ROWS (sizeof rows / sizeof rows[0])

/* Keys about what becomes of messages: looking has no use for them. */
static const char *const foreign_keys[] = {"to", "keep", "max-message", "max-messages", "order", "line-ends"};

static bool is_own_key(const struct account_key *key) {
    for (size_t i = 0; i < sizeof foreign_keys / sizeof foreign_keys[0]; i++) {
        if (strcmp(key->name, foreign_keys[i]) == 0) {
            return false;
        }
    }
    return key->scope == ACCOUNT_SCOPE_ACCOUNT;
}

const char *look_command_name(enum look_command command) {
    return commands[command].name;
}

bool look_is_url(const char *target) {
    return strstr(target, "://") != NULL;
}

/* ---- Help ---- */

enum { INDENT = 28, WIDTH = 78 };

/* From column `at` on, further lines at INDENT. */
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

void look_options_help(enum look_command command, FILE *file) {
    size_t count;
    const struct account_key *keys = account_keys(&count);

    (void)fprintf(file, "Usage: satchel %s %s\n\n", commands[command].name, commands[command].synopsis);
    print_wrapped(file, commands[command].text, 0, 0);
    (void)fputs("\nACCOUNT is a section of the configuration; it may be left out where there is only one.\n"
                "URL is pops://USER@HOST (TLS from the start) or pop://USER@HOST (STLS).\n\nOptions:\n",
                file);
    for (size_t i = 0; i < ROWS; i++) {
        if ((rows[i].commands & BIT(command)) != 0) {
            print_option(file, rows[i].letter, rows[i].name, rows[i].value, rows[i].help);
        }
    }
    (void)fputs("\nKeys of the account, for this run (see satchel-config(5)):\n", file);
    for (size_t i = 0; i < count; i++) {
        if (is_own_key(&keys[i])) {
            print_option(file, '\0', keys[i].name, keys[i].values, keys[i].meaning);
        }
    }
}

/* ---- Reading ---- */

__attribute__((format(printf, 2, 3))) static bool complain(enum look_command command, const char *format, ...) {
    va_list values;

    (void)fprintf(stderr, "satchel %s: ", commands[command].name);
    va_start(values, format);
    (void)vfprintf(stderr, format, values);
    va_end(values);
    (void)fprintf(stderr, "; `satchel %s --help` tells more\n", commands[command].name);
    return false;
}

static bool is_number(const char *text) {
    return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* False: it is none, or too large. */
static bool read_number(const char *text, uint32_t *number) {
    uint64_t value = 0;

    if (!is_number(text) || strlen(text) > 10) {
        return false;
    }
    for (; *text != '\0'; text++) {
        value = value * 10 + (uint64_t)(*text - '0');
    }
    *number = (uint32_t)value;
    return value <= UINT32_MAX;
}

static bool apply(struct look_options *options, const struct row *row, const char *value) {
    void *where = (char *)options + row->where;

    switch (row->type) {
    case ROW_FLAG: *(bool *)where = true; break;
    case ROW_TEXT: *(const char **)where = value; break;
    case ROW_U32:
        if (!read_number(value, where) || *(uint32_t *)where == 0) {
            return complain(options->command, "--%s %s: that is no number above 0", row->name, value);
        }
    }
    return true;
}

static bool apply_key(struct look_options *options, const struct account_key *key, const char *value) {
    if (options->key_count == LOOK_KEYS_MOST) {
        return complain(options->command, "there are too many options");
    }
    options->keys[options->key_count].key = key;
    options->keys[options->key_count++].value = value;
    return true;
}

/* What getopt_long tells an option by. */
enum { VALUE_ROW = 256, VALUE_KEY = 512, VALUE_SECRET = 1024 };

/* Operands are numbers and one target, in any order. */
static bool read_operands(struct look_options *options, int count, char **operands) {
    enum look_command command = options->command;
    int numbers_most = command == LOOK_SHOW ? 1 : command == LOOK_TOP ? 2 : 0;
    int numbers = 0;

    options->lines = 10;
    for (int i = 0; i < count; i++) {
        const char *operand = operands[i];

        if (numbers < numbers_most && is_number(operand)) {
            if (!read_number(operand, numbers == 0 ? &options->message : &options->lines)) {
                return complain(command, "%s is too large a number", operand);
            }
            numbers++;
        } else if (options->target == NULL) {
            options->target = operand;
        } else {
            return complain(command, "\"%s\" is one argument too many", operand);
        }
    }
    if (numbers_most != 0 && options->message == 0) {
        return complain(command, numbers == 0 ? "which message? Give its number" : "messages are counted from 1");
    }
    return true;
}

static bool take_option(struct look_options *options, int found, const char *given) {
    size_t count;

    if (found == VALUE_SECRET) {
        return complain(options->command,
                        "a password or token on the command line is there for every user of this machine to see: use "
                        "--password-command, --password-file or --token-command, or wait to be asked");
    }
    if (found == ':') {
        return complain(options->command, "%s needs a value", given);
    }
    if (found >= VALUE_KEY) {
        return apply_key(options, &account_keys(&count)[found - VALUE_KEY], optarg);
    }
    for (size_t i = 0; i < ROWS; i++) {
        if (found == VALUE_ROW + (int)i || (found == rows[i].letter && found != 0)) {
            return apply(options, &rows[i], optarg != NULL ? optarg : "");
        }
    }
    /* What stands behind it may be a secret. */
    return complain(options->command, "\"%.*s\" is not understood", (int)strcspn(given, "="), given);
}

static void fill_table(struct option *table, size_t most, enum look_command command) {
    size_t n = 0;
    size_t count;
    const struct account_key *keys = account_keys(&count);

    table[n++] = (struct option){"password", optional_argument, NULL, VALUE_SECRET};
    table[n++] = (struct option){"token", optional_argument, NULL, VALUE_SECRET};
    for (size_t i = 0; i < ROWS; i++) {
        if ((rows[i].commands & BIT(command)) != 0) {
            table[n++] = (struct option){rows[i].name, rows[i].value != NULL ? required_argument : no_argument, NULL,
                                         VALUE_ROW + (int)i};
        }
    }
    for (size_t i = 0; i < count && n + 1 < most; i++) {
        if (is_own_key(&keys[i])) {
            table[n++] = (struct option){keys[i].name, required_argument, NULL, VALUE_KEY + (int)i};
        }
    }
}

bool look_options_read(struct look_options *options, enum look_command command, int argc, char **argv) {
    struct option table[ROWS + LOOK_KEYS_MOST] = {{NULL, 0, NULL, 0}};
    int found;

    *options = (struct look_options){.command = command};
    fill_table(table, sizeof table / sizeof table[0], command);
    opterr = 0;
    while ((found = getopt_long(argc, argv, ":hqv", table, NULL)) != -1) {
        if (!take_option(options, found, argv[optind - 1])) {
            return false;
        }
    }
    return options->help || read_operands(options, argc - optind, argv + optind);
}
