/* SPDX-License-Identifier: MIT */
/* `satchel state`: the accounts that the database knows, another name for one, forgetting. Connects to nobody. */
#define _GNU_SOURCE /* getopt_long */

#include "state/state.h"
#include "account/account.h"
#include "cli/cli.h"
#include "text/safe.h"

#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define SHOWN 1024 /* octets of a text as it is shown */

struct options {
    const char *folder; /* NULL: the one of D-29 */
    bool json;
    bool yes;
    bool help;
};

static void print_help(FILE *file) {
    (void)fputs("Usage: satchel state [OPTION...] ACTION\n\n"
                "Actions:\n"
                "  list                  the accounts, and what is known of their messages\n"
                "  rename ACCOUNT NAME   another name for an account\n"
                "  forget ACCOUNT [UID]  forget an account, or the messages that have that unique id;\n"
                "                        those that the server still has will be fetched again\n\n"
                "ACCOUNT is a name that `list` shows, USER@HOST, USER@HOST:PORT or a URL.\n\n"
                "Options:\n"
                "  --state FOLDER        the folder of the database, in place of ~/.local/state/satchel\n"
                "  --json                for list: one JSON object a line\n"
                "  -y, --yes             for forget: do not ask\n"
                "  -h, --help            this text\n",
                file);
}

static int complain(const char *wrong) {
    (void)fprintf(stderr, "satchel state: %s; `satchel state --help` tells more\n", wrong);
    return EX_USAGE;
}

static int exit_code(enum state_problem problem) {
    switch (problem) {
    case STATE_MISSING: return EX_NOINPUT;
    case STATE_HELD: return EX_TEMPFAIL;
    case STATE_MEMORY: return EX_OSERR;
    case STATE_ARGUMENT: return EX_USAGE;
    case STATE_NEWER:
    case STATE_PERMISSION: return EX_CONFIG;
    default: return EX_IOERR;
    }
}

static int report(const struct state_error *error) {
    (void)fprintf(stderr, "satchel state: %s\n", error->text);
    if (error->hint[0] != '\0') {
        (void)fprintf(stderr, "  %s\n", error->hint);
    }
    return exit_code(error->problem);
}

/* ---- Which account ---- */

struct search {
    const char *wanted;
    struct account *url; /* NULL: it is none */
    size_t found;
    struct state_account account;
};

static bool same_server(const struct account *url, const struct state_account *account) {
    const char *user = url->user != NULL ? url->user : "";
    unsigned port = url->port == 110 ? 995 : url->port;

    return strcasecmp(url->host, account->host) == 0 && strcmp(user, account->user) == 0 && port == account->port;
}

static bool matches(const struct search *search, const struct state_account *account) {
    char address[2 * STATE_IDENTITY];
    size_t n;

    if (search->url != NULL) {
        return same_server(search->url, account);
    }
    n = (size_t)snprintf(address, sizeof address, "%s@%s", account->user, account->host);
    if (strcmp(search->wanted, account->name) == 0 || strcasecmp(search->wanted, address) == 0) {
        return true;
    }
    (void)snprintf(address + n, sizeof address - n, ":%u", (unsigned)account->port);
    return strcasecmp(search->wanted, address) == 0;
}

static bool look_at(void *context, const struct state_account *account) {
    struct search *search = context;

    if (matches(search, account)) {
        search->account = *account;
        search->found++;
    }
    return true;
}

/* EX_OK, or the exit code after a message. */
static int find(struct state *state, const char *wanted, struct state_account *account) {
    struct search search = {.wanted = wanted};
    struct account_error ignored;
    struct state_error error;
    bool good;

    search.url = strstr(wanted, "://") != NULL ? account_from_url(wanted, &ignored) : NULL;
    good = state_accounts(state, look_at, &search, &error);
    account_free(search.url);
    if (!good) {
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

static void show(char out[SHOWN], const char *text) {
    (void)safe_text(out, SHOWN, text, strlen(text));
}

static void format_time(char out[32], int64_t seconds) {
    time_t when = (time_t)seconds;
    struct tm parts;

    if (gmtime_r(&when, &parts) == NULL || strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        (void)snprintf(out, 32, "%" PRId64, seconds);
    }
}

static void print_run(const struct state_run *run) {
    char text[SHOWN];
    char when[32];

    if (run->started_s == 0) {
        return;
    }
    format_time(when, run->started_s);
    show(text, run->text);
    (void)printf("  last news    %s, exit code %d: fetched %" PRIu64 ", deleted %" PRIu64 ", failed %" PRIu64
                 ", waiting %" PRIu64 "%s%s\n",
                 when, run->exit_code, run->fetched, run->deleted, run->failed, run->waiting,
                 text[0] != '\0' ? "; " : "", text);
}

static bool print_account(void *context, const struct state_account *account) {
    char text[SHOWN];
    char user[SHOWN];
    char when[32];

    (void)context;
    show(user, account->user);
    show(text, account->name);
    (void)printf("%s%s", text, text[0] != '\0' ? " " : "");
    show(text, account->host);
    (void)printf("(%s@%s:%u)%s\n", user, text, (unsigned)account->port, account->held ? ", in use" : "");
    if (account->place.kind[0] != '\0') {
        show(text, account->place.path);
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

static json_t *time_or_null(int64_t seconds) {
    char when[32];

    format_time(when, seconds);
    return seconds != 0 ? json_string(when) : json_null();
}

/* JSON is UTF-8: names that are none are shown as safe text. */
static json_t *text_of(const char *octets) {
    char text[SHOWN];

    show(text, octets);
    return json_string(text);
}

static json_t *run_of(const struct state_run *run) {
    return run->started_s == 0
               ? json_null()
               : json_pack("{so sI si sI sI sI sI sI so}", "started", time_or_null(run->started_s), "seconds",
                           (json_int_t)(run->ended_s - run->started_s), "exit", run->exit_code, "fetched",
                           (json_int_t)run->fetched, "octets", (json_int_t)run->octets, "deleted",
                           (json_int_t)run->deleted, "failed", (json_int_t)run->failed, "waiting",
                           (json_int_t)run->waiting, "text", text_of(run->text));
}

static bool print_json(void *context, const struct state_account *account) {
    bool placed = account->place.kind[0] != '\0';
    json_t *object = json_pack("{so so so si so so sb sI sI sI sI so so}", "name", text_of(account->name), "user",
                               text_of(account->user), "host", text_of(account->host), "port", (int)account->port,
                               "kind", placed ? text_of(account->place.kind) : json_null(), "path",
                               placed ? text_of(account->place.path) : json_null(), "in-use", (int)account->held,
                               "delivered", (json_int_t)account->delivered, "deleted", (json_int_t)account->deleted,
                               "absent", (json_int_t)account->absent, "unfinished", (json_int_t)account->unfinished,
                               "looked", time_or_null(account->looked_s), "run", run_of(&account->run));

    (void)context;
    (void)json_dumpf(object, stdout, JSON_COMPACT);
    json_decref(object);
    (void)putchar('\n');
    return true;
}

static int list(struct state *state, const struct options *options, char **operands) {
    struct state_error error;

    (void)operands;
    if (!state_accounts(state, options->json ? print_json : print_account, NULL, &error)) {
        return report(&error);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        (void)fputs("satchel state: the standard output cannot be written\n", stderr);
        return EX_IOERR;
    }
    return EX_OK;
}

/* ---- rename ---- */

static int rename_account(struct state *state, const struct options *options, char **operands) {
    struct state_account account;
    struct state_error error;
    int code = find(state, operands[0], &account);

    (void)options;
    if (code != EX_OK) {
        return code;
    }
    return state_rename(state, account.id, operands[1], &error) ? EX_OK : report(&error);
}

/* ---- forget ---- */

/* Only a person at a terminal is asked. */
static bool agrees(const struct state_account *account, const char *uid) {
    char name[SHOWN];
    char answer[8] = "";

    show(name, account->name[0] != '\0' ? account->name : account->user);
    if (uid == NULL) {
        (void)printf("%s: %" PRIu64 " messages are known; forget them all?", name,
                     account->delivered + account->deleted + account->unfinished);
    } else {
        char text[SHOWN];

        show(text, uid);
        (void)printf("%s: forget what is known of %s?", name, text);
    }
    (void)fputs(" What the server still has will be fetched again. [y/N] ", stdout);
    (void)fflush(stdout);
    return fgets(answer, sizeof answer, stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y');
}

static int forget(struct state *state, const struct options *options, char **operands) {
    struct state_account account;
    struct state_error error;
    const char *uid = operands[1];
    uint64_t count;
    int code = find(state, operands[0], &account);

    if (code != EX_OK) {
        return code;
    }
    if (!options->yes && (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0)) {
        return complain("forgetting without a terminal to ask at needs --yes");
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
    int (*run)(struct state *state, const struct options *options, char **operands);
} actions[] = {{"list", STATE_READ, 0, 0, list},
               {"rename", STATE_WRITE, 2, 2, rename_account},
               {"forget", STATE_WRITE, 1, 2, forget}};

static bool read_options(struct options *options, int argc, char **argv) {
    static const struct option table[] = {{"state", required_argument, NULL, 's'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"yes", no_argument, NULL, 'y'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int found;

    while ((found = getopt_long(argc, argv, "yh", table, NULL)) != -1) {
        switch (found) {
        case 's': options->folder = optarg; break;
        case 'j': options->json = true; break;
        case 'y': options->yes = true; break;
        case 'h': options->help = true; break;
        default: return false;
        }
    }
    return true;
}

static const struct action *find_action(const char *name) {
    for (size_t i = 0; name != NULL && i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(name, actions[i].name) == 0) {
            return &actions[i];
        }
    }
    return NULL;
}

static int open_and_run(const struct action *action, const struct options *options, char **operands) {
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
    struct options options = {0};
    const struct action *action;
    int count;

    if (!read_options(&options, argc, argv)) {
        return EX_USAGE;
    }
    if (options.help) {
        print_help(stdout);
        return EX_OK;
    }
    action = find_action(argv[optind]);
    if (action == NULL) {
        return complain("list, rename or forget is wanted");
    }
    count = argc - optind - 1;
    if (count < action->least || count > action->most) {
        return complain("the action wants another number of words");
    }
    return open_and_run(action, &options, argv + optind + 1);
}
