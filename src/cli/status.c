/* SPDX-License-Identifier: MIT */
/* `satchel status`: how each account is doing, by the database alone. Connects to nobody, and needs no configuration. */
#define _POSIX_C_SOURCE 200809L

#include "cli/cli.h"
#include "cli/known.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/report.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct status {
    const char *state;
    bool json;
    bool help;
    char **wanted; /* accounts, NULL behind the last; none: all */
    bool *found;   /* of each of them */
    size_t shown;
};

#define FIELD(name) offsetof(struct status, name)

static const struct option_row rows[] = {
    {"json", NULL, OPTION_FLAG, 0, FIELD(json), "one JSON object a line for each account"},
    {"state", "DIR", OPTION_TEXT, 0, FIELD(state),
     "the database of what was fetched, in place of ~/.local/state/satchel"},
    {"help", NULL, OPTION_FLAG, 'h', FIELD(help), "this text"},
};

static const struct option_set options = {
    .command = "status",
    .synopsis = "[OPTION...] [ACCOUNT...]",
    .text =
        "Tells of each account when `satchel fetch` last looked, how that went, what waits on the server, and where "
        "the mail is. ACCOUNT is a name, USER@HOST or a URL; without one all are shown.",
    .rows = rows,
    .count = sizeof rows / sizeof rows[0]};

/* ---- For people ---- */

static void print_time(int64_t seconds) {
    time_t when = (time_t)seconds;
    struct tm parts;
    char text[32];

    if (localtime_r(&when, &parts) != NULL && strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts) != 0) {
        (void)fputs(text, stdout);
    } else {
        (void)printf("%" PRId64, seconds);
    }
}

static void print_look(const struct state_account *account) {
    const struct state_run *run = &account->run;
    int64_t last_s = account->looked_s > run->ended_s ? account->looked_s : run->ended_s;

    (void)fputs("  last run     ", stdout);
    if (last_s == 0) {
        (void)fputs("none yet", stdout);
    } else {
        print_time(last_s);
    }
    (void)puts(account->held ? ", one goes on now" : "");
    if (account->memory.not_before_s > (int64_t)time(NULL)) {
        (void)fputs("  next login   not before ", stdout);
        print_time(account->memory.not_before_s);
        (void)puts(", as the server asks");
    }
}

/* A run that had nothing to tell is not noted: this may be older than the last one. */
static void print_news(const struct state_run *run) {
    char text[KNOWN_TEXT];
    char size[PROGRESS_SIZE];

    if (run->fetched + run->deleted != 0) {
        progress_size(size, run->octets);
        (void)fputs("  last news    ", stdout);
        print_time(run->ended_s);
        (void)printf(": %" PRIu64 " fetched (%s), %" PRIu64 " deleted on the server\n", run->fetched, size,
                     run->deleted);
    }
    if (run->exit_code != EX_OK) {
        known_text(text, run->text);
        (void)fputs("  problem      since ", stdout);
        print_time(run->started_s);
        (void)printf(": %s (exit code %d)\n", text, run->exit_code);
    }
    if (run->waiting + run->failed != 0) {
        (void)printf("  waiting      %" PRIu64 " on the server\n", run->waiting + run->failed);
    }
}

static void print_account(const struct state_account *account) {
    char name[KNOWN_TEXT];
    char text[KNOWN_TEXT];

    known_text(name, account->name);
    known_text(text, account->user);
    (void)printf("%s%s%s%s", name, name[0] != '\0' ? "  " : "", text, text[0] != '\0' ? "@" : "");
    known_text(text, account->host);
    (void)printf("%s:%u\n", text, (unsigned)account->port);
    print_look(account);
    print_news(&account->run);
    (void)printf("  delivered    %" PRIu64, account->delivered + account->deleted);
    known_text(text, account->place.path);
    if (account->place.kind[0] != '\0') {
        (void)printf(" to %s:%s", account->place.kind, text);
    }
    (void)fputc('\n', stdout);
    if (account->unfinished != 0) {
        (void)printf("  unfinished   %" PRIu64 ", which the next run completes\n", account->unfinished);
    }
}

/* ---- All ---- */

static void print_object(const struct state_account *account) {
    json_t *object = known_json(account);

    if (object != NULL) {
        (void)json_dumpf(object, stdout, JSON_COMPACT);
        (void)putchar('\n');
        json_decref(object);
    }
}

static bool is_wanted(struct status *self, const struct state_account *account) {
    bool wanted = self->wanted[0] == NULL;

    for (size_t i = 0; self->wanted[i] != NULL; i++) {
        if (known_is_meant(self->wanted[i], account)) {
            wanted = self->found[i] = true;
        }
    }
    return wanted;
}

static bool show(void *context, const struct state_account *account) {
    struct status *self = context;

    if (is_wanted(self, account)) {
        (self->json ? print_object : print_account)(account);
        self->shown++;
    }
    return true;
}

static int complain_of_strangers(const struct status *self) {
    int code = EX_OK;

    for (size_t i = 0; self->wanted[i] != NULL; i++) {
        if (!self->found[i]) {
            char text[KNOWN_TEXT];
            char what[KNOWN_TEXT + 64];

            known_text(text, self->wanted[i]);
            (void)snprintf(what, sizeof what, "nothing is known of \"%s\"", text);
            report_failure("status", "", what, "", "`satchel status` shows all accounts from which mail was fetched");
            code = EX_USAGE;
        }
    }
    return code;
}

static int show_all(struct status *self) {
    char folder[STATE_PATH];
    struct state_error error;
    struct state *state;
    bool good;

    if (self->state == NULL && !state_default_folder(folder, &error)) {
        return report_state("status", &error);
    }
    state = state_open(self->state != NULL ? self->state : folder, STATE_READ, &error);
    if (state == NULL && error.problem != STATE_MISSING) {
        return report_state("status", &error);
    }
    good = state == NULL || state_accounts(state, show, self, &error);
    state_close(state);
    if (!good) {
        return report_state("status", &error);
    }
    if (self->shown == 0 && self->wanted[0] == NULL && !self->json) {
        (void)puts("Nothing was fetched yet.");
    }
    return complain_of_strangers(self);
}

int cli_status(int argc, char **argv) {
    struct status self = {.state = NULL};
    int first;
    int code;

    if (!options_read(&options, &self, NULL, argc, argv, &first)) {
        return EX_USAGE;
    }
    if (self.help) {
        options_help(&options, stdout);
        return EX_OK;
    }
    self.wanted = argv + first;
    self.found = calloc((size_t)(argc - first) + 1, sizeof *self.found);
    if (self.found == NULL) {
        (void)fputs("satchel status: out of memory\n", stderr);
        return EX_OSERR;
    }
    code = show_all(&self);
    free(self.found);
    return report_output("status", code);
}
