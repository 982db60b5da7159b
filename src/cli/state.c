/* SPDX-License-Identifier: MIT */
/* `satchel state`: the accounts that the database knows, another name for one, forgetting. Connects to nobody. */
#define _POSIX_C_SOURCE 200809L

#include "state/state.h"
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/known.h"
#include "cli/options.h"
#include "cli/report.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct state_options {
    const char *folder; /* NULL: the one of D-29 */
    bool json;
    bool yes;
    bool help;
};

#define FIELD(name) offsetof(struct state_options, name)

static const struct option_row rows[] = {
    {"state", "DIR", OPTION_TEXT, 0, FIELD(folder),
     "the database of what was fetched, in place of ~/.local/state/satchel"},
    {"json", NULL, OPTION_FLAG, 0, FIELD(json), "for list: one JSON object a line"},
    {"yes", NULL, OPTION_FLAG, 'y', FIELD(yes), "for forget: do not ask"},
    {"help", NULL, OPTION_FLAG, 'h', FIELD(help), "this text"},
};

static const struct option_set command_line = {
    .command = "state",
    .synopsis = "[OPTION...] list | rename ACCOUNT NAME | forget ACCOUNT [UID]",
    .text = "Shows the accounts and what is known of their messages, gives an account another name, or forgets an "
            "account or the messages of one unique id: those that the server still has will be fetched again. ACCOUNT "
            "is a name that `list` shows, USER@HOST, USER@HOST:PORT or a URL.",
    .rows = rows,
    .count = sizeof rows / sizeof rows[0]};

/* What was told about is the command line's. */
static int report(const struct state_error *error) {
    int code = report_state("state", error);

    return error->problem == STATE_ARGUMENT ? EX_USAGE : code;
}

/* ---- Which account ---- */

struct search {
    const char *wanted;
    size_t found;
    struct state_account account;
};

static bool look_at(void *context, const struct state_account *account) {
    struct search *search = context;

    if (known_is_meant(search->wanted, account)) {
        search->account = *account;
        search->found++;
    }
    return true;
}

/* EX_OK, or the exit code after a message. */
static int find(struct state *state, const char *wanted, struct state_account *account) {
    struct search search = {.wanted = wanted};
    struct state_error error;

    if (!state_accounts(state, look_at, &search, &error)) {
        return report(&error);
    }
    if (search.found != 1) {
        (void)fprintf(stderr, "satchel state: %s account is \"%s\"; `satchel state list` shows them all\n",
                      search.found == 0 ? "no" : "more than one", wanted);
        return EX_USAGE;
    }
    *account = search.account;
    return EX_OK;
}

/* ---- list ---- */

static void format_time(char out[32], int64_t seconds) {
    time_t when = (time_t)seconds;
    struct tm parts;

    if (gmtime_r(&when, &parts) == NULL || strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        (void)snprintf(out, 32, "%" PRId64, seconds);
    }
}

static void print_run(const struct state_run *run) {
    char text[KNOWN_TEXT];
    char when[32];

    if (run->started_s == 0) {
        return;
    }
    format_time(when, run->started_s);
    known_text(text, run->text);
    (void)printf("  last news    %s, exit code %d: fetched %" PRIu64 ", deleted %" PRIu64 ", failed %" PRIu64
                 ", waiting %" PRIu64 "%s%s\n",
                 when, run->exit_code, run->fetched, run->deleted, run->failed, run->waiting,
                 text[0] != '\0' ? "; " : "", text);
}

static bool print_account(void *context, const struct state_account *account) {
    char text[KNOWN_TEXT];
    char user[KNOWN_TEXT];
    char when[32];

    (void)context;
    known_text(user, account->user);
    known_text(text, account->name);
    (void)printf("%s%s", text, text[0] != '\0' ? " " : "");
    known_text(text, account->host);
    (void)printf("(%s@%s:%u)%s\n", user, text, (unsigned)account->port, account->held ? ", in use" : "");
    if (account->place.kind[0] != '\0') {
        known_text(text, account->place.path);
        (void)printf("  destination  %s:%s\n", account->place.kind, text);
    }
    (void)printf("  delivered    %" PRIu64 "\n  deleted      %" PRIu64 "\n  absent       %" PRIu64
                 "\n  unfinished   %" PRIu64 "\n",
                 account->delivered, account->deleted, account->absent, account->unfinished);
    if (account->looked_s != 0) {
        format_time(when, account->looked_s);
        (void)printf("  last look    %s\n", when);
    }
    print_run(&account->run);
    return true;
}

static bool print_json(void *context, const struct state_account *account) {
    json_t *object = known_json(account);

    (void)context;
    (void)json_dumpf(object, stdout, JSON_COMPACT);
    json_decref(object);
    (void)putchar('\n');
    return true;
}

static int list(struct state *state, const struct state_options *options, char **operands) {
    struct state_error error;

    (void)operands;
    if (!state_accounts(state, options->json ? print_json : print_account, NULL, &error)) {
        return report(&error);
    }
    return report_output("state", EX_OK);
}

/* ---- rename ---- */

static int rename_account(struct state *state, const struct state_options *options, char **operands) {
    struct state_account account = {0};
    struct state_error error;
    int code = find(state, operands[0], &account);

    (void)options;
    if (code != EX_OK) {
        return code;
    }
    return state_rename(state, account.id, operands[1], &error) ? EX_OK : report(&error);
}

/* ---- forget ---- */

static bool agrees(const struct state_account *account, const char *uid) {
    char name[KNOWN_TEXT];
    char text[KNOWN_TEXT];
    char question[3 * KNOWN_TEXT];

    known_text(name, account->name[0] != '\0' ? account->name : account->user);
    if (uid == NULL) {
        (void)snprintf(text, sizeof text, "all %" PRIu64 " messages",
                       account->delivered + account->deleted + account->unfinished);
    } else {
        known_text(text, uid);
    }
    (void)snprintf(question, sizeof question,
                   "%s: forget what is known of %s? What the server still has will be fetched again.", name, text);
    return ask(question, NULL, NULL);
}

static int forget(struct state *state, const struct state_options *options, char **operands) {
    struct state_account account = {0};
    struct state_error error;
    const char *uid = operands[1];
    uint64_t count;
    int code = find(state, operands[0], &account);

    if (code != EX_OK) {
        return code;
    }
    if (!options->yes && !ask_possible()) {
        (void)options_complain(&command_line, "forgetting without a terminal to ask at needs --yes");
        return EX_USAGE;
    }
    if (!options->yes && !agrees(&account, uid)) {
        (void)puts("Nothing was forgotten.");
        return EX_OK;
    }
    if (!state_forget(state, account.id, uid, uid != NULL ? strlen(uid) : 0, &count, &error)) {
        return report(&error);
    }
    (void)printf("%" PRIu64 " message%s forgotten\n", count, count == 1 ? "" : "s");
    return EX_OK;
}

/* ---- All ---- */

static const struct action {
    const char *name;
    enum state_use use;
    int least; /* operands */
    int most;
    int (*run)(struct state *state, const struct state_options *options, char **operands);
} actions[] = {{"list", STATE_READ, 0, 0, list},
               {"rename", STATE_WRITE, 2, 2, rename_account},
               {"forget", STATE_WRITE, 1, 2, forget}};

static const struct action *find_action(const char *name) {
    for (size_t i = 0; name != NULL && i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(name, actions[i].name) == 0) {
            return &actions[i];
        }
    }
    return NULL;
}

static int open_and_run(const struct action *action, const struct state_options *options, char **operands) {
    char folder[STATE_PATH];
    struct state_error error;
    struct state *state;
    int code;

    if (options->folder == NULL && !state_default_folder(folder, &error)) {
        return report(&error);
    }
    state = state_open(options->folder != NULL ? options->folder : folder, STATE_READ, &error);
    if (state != NULL && action->use == STATE_WRITE) { /* it is there: nothing will be made */
        state_close(state);
        state = state_open(options->folder != NULL ? options->folder : folder, STATE_WRITE, &error);
    }
    if (state == NULL) {
        return report(&error);
    }
    code = action->run(state, options, operands);
    state_close(state);
    return code;
}

int cli_state(int argc, char **argv) {
    struct state_options given = {0};
    const struct action *action;
    int first;
    int count;

    if (!options_read(&command_line, &given, NULL, argc, argv, &first)) {
        return EX_USAGE;
    }
    if (given.help) {
        options_help(&command_line, stdout);
        return EX_OK;
    }
    action = find_action(argv[first]);
    if (action == NULL) {
        (void)options_complain(&command_line, "list, rename or forget is wanted");
        return EX_USAGE;
    }
    count = argc - first - 1;
    if (count < action->least || count > action->most) {
        (void)options_complain(&command_line, "the action wants another number of words");
        return EX_USAGE;
    }
    return open_and_run(action, &given, argv + first + 1);
}
