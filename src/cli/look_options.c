/* SPDX-License-Identifier: MIT */
/* One table of options for the looking commands; operands are numbers and a target. Refuses to know what they do. */
#include "cli/look_options.h"

#include <stddef.h>
#include <string.h>

#define BIT(command) (1U << (command))
#define ALL (~0U)
#define LOGGED_OUT (BIT(LOOK_CAPS) | BIT(LOOK_CHECK))

#define TARGET                                                                                                         \
    " ACCOUNT is a section of the configuration; it may be left out where there is only one. URL is pops://USER@HOST " \
    "(TLS from the start) or pop://USER@HOST (STLS)."

static const struct {
    const char *name;
    const char *synopsis;
    const char *text;
} commands[] = {
    [LOOK_LIST] =
        {"list", "[OPTION...] [ACCOUNT|URL]",
         "Lists the messages: number, size, date, unique id, sender, subject. On a terminal as a table; into a "
         "pipe or file one line for each message, with tabs between and with dates in UTC." TARGET},
    [LOOK_SHOW] =
        {"show", "[OPTION...] N [ACCOUNT|URL]",
         "Shows message N: as it is into a pipe or file; on a terminal without what could command it." TARGET},
    [LOOK_TOP] = {"top", "[OPTION...] N [K] [ACCOUNT|URL]",
                  "Shows the header of message N and the first K lines behind it, 10 without K." TARGET},
    [LOOK_CAPS] = {"caps", "[OPTION...] [ACCOUNT|URL]", "Tells what the server announces, without a login." TARGET},
    [LOOK_CHECK] =
        {"check", "[OPTION...] [ACCOUNT|URL|ADDRESS]",
         "Tells whether the server can be reached, whether its certificate is good, what it offers, and how a "
         "login would go, without a login. Of a mail address it finds the server in DNS." TARGET},
    [LOOK_DELETE] =
        {"delete", "[OPTION...] ACCOUNT|URL UID...",
         "Deletes messages on the server, by the unique ids that `satchel list` shows: looks for them, shows sender, "
         "subject and date, asks, and deletes all of them or none. ACCOUNT is a section of the configuration. URL is "
         "pops://USER@HOST (TLS from the start) or pop://USER@HOST (STLS)."},
};

#define FIELD(name) offsetof(struct look_options, name)

static const struct {
    unsigned commands;
    struct option_row row;
} rows[] = {
    {BIT(LOOK_LIST),
     {"no-headers", NULL, OPTION_FLAG, 0, FIELD(no_headers), "numbers, sizes and unique ids alone: quicker"}},
    {BIT(LOOK_LIST), {"newest", "N", OPTION_NUMBER, 0, FIELD(newest), "the last N messages only"}},
    {BIT(LOOK_DELETE), {"yes", NULL, OPTION_FLAG, 'y', FIELD(yes), "do not ask"}},
    {LOGGED_OUT, {"login", NULL, OPTION_FLAG, 0, FIELD(login), "log in as well"}},
    {BIT(LOOK_LIST) | LOGGED_OUT, {"json", NULL, OPTION_FLAG, 0, FIELD(json), "one JSON object a line"}},
    {ALL, {"config", "FILE", OPTION_TEXT, 0, FIELD(config), "the configuration, in place of ~/.config/satchel/config"}},
    {ALL, {"quiet", NULL, OPTION_FLAG, 'q', FIELD(quiet), "no warnings"}},
    {ALL, {"verbose", NULL, OPTION_FLAG, 'v', FIELD(verbose), "the dialogue on stderr, secrets masked"}},
    {ALL, {"help", NULL, OPTION_FLAG, 'h', FIELD(help), "this text"}},
};

#define ROWS (sizeof rows / sizeof rows[0])

/* Keys about what becomes of messages: looking has no use for them. */
static const char *const foreign_keys[] = {"to", "keep", "max-message", "max-messages", "order", "line-ends", NULL};

const char *look_command_name(enum look_command command) {
    return commands[command].name;
}

bool look_is_url(const char *target) {
    return strstr(target, "://") != NULL;
}

/* The rows of one command. */
static struct option_set make_set(enum look_command command, struct option_row own[ROWS]) {
    struct option_set set = {.command = commands[command].name,
                             .synopsis = commands[command].synopsis,
                             .text = commands[command].text,
                             .rows = own,
                             .keys = true,
                             .foreign_keys = foreign_keys};

    for (size_t i = 0; i < ROWS; i++) {
        if ((rows[i].commands & BIT(command)) != 0) {
            own[set.count++] = rows[i].row;
        }
    }
    return set;
}

void look_options_help(enum look_command command, FILE *file) {
    struct option_row own[ROWS];
    const struct option_set set = make_set(command, own);

    options_help(&set, file);
}

/* ---- Operands ---- */

static bool is_number(const char *text) {
    return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* In any order. */
static bool read_operands(struct look_options *options, const struct option_set *set, int count, char **operands) {
    int numbers_most = options->command == LOOK_SHOW ? 1 : options->command == LOOK_TOP ? 2 : 0;
    int numbers = 0;

    options->lines = 10;
    for (int i = 0; i < count; i++) {
        const char *operand = operands[i];

        if (numbers < numbers_most && is_number(operand)) {
            if (!options_number(operand, numbers == 0 ? &options->message : &options->lines)) {
                return options_complain(set, "%s is too large a number", operand);
            }
            numbers++;
        } else if (options->target == NULL) {
            options->target = operand;
        } else {
            return options_complain(set, "\"%s\" is one argument too many", operand);
        }
    }
    if (numbers_most != 0 && options->message == 0) {
        return options_complain(set, numbers == 0 ? "which message? Give its number" : "messages are counted from 1");
    }
    return true;
}

/* A target, which may not be left out, and unique ids. */
static bool read_uids(struct look_options *options, const struct option_set *set, int count, char **operands) {
    if (count < 2) {
        return options_complain(set, "which messages? Name the account, and unique ids that `satchel list` shows");
    }
    options->target = operands[0];
    options->uids = operands + 1;
    return true;
}

bool look_options_read(struct look_options *options, enum look_command command, int argc, char **argv) {
    struct option_row own[ROWS];
    const struct option_set set = make_set(command, own);
    int first;

    *options = (struct look_options){.command = command};
    return options_read(&set, options, &options->keys, argc, argv, &first) &&
           (options->help ||
            (command == LOOK_DELETE ? read_uids : read_operands)(options, &set, argc - first, argv + first));
}
