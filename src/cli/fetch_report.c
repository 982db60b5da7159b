/* SPDX-License-Identifier: MIT */
/* What `satchel fetch` says: lines for people, objects for programs. Accounts that run side by side take turns. */
#define _POSIX_C_SOURCE 200809L

#include "cli/fetch.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "text/safe.h"

#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

#define UID_TEXT 1024

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

/* ---- Words ---- */

static const char *action_word(enum plan_action action, bool then_delete) {
    switch (action) {
    case PLAN_KEEP: return "keep";
    case PLAN_FETCH: return then_delete ? "fetch, then delete" : "fetch";
    case PLAN_DELETE: return "delete";
    case PLAN_NO_UID: return "skip: it has no unique id";
    case PLAN_TOO_LARGE: return "skip: larger than max-message";
    case PLAN_FAILING: return "skip: the server failed to give it three times (`satchel state forget` tries again)";
    case PLAN_LATER: return "later: max-messages";
    case PLAN_WAITING: break;
    }
    return "wait: its destination is away";
}

static const char *event_word(enum fetch_event_kind kind) {
    switch (kind) {
    case FETCH_WARNING: return "warning";
    case FETCH_CONNECTED: return "connected";
    case FETCH_PLANNED: return "plan";
    case FETCH_MESSAGE: return "message";
    case FETCH_PROGRESS: return "progress";
    case FETCH_RECEIVED: return "received";
    case FETCH_DELIVERED: return "delivered";
    case FETCH_SKIPPED: return "skipped";
    case FETCH_REFUSED: return "refused";
    case FETCH_DELETED: break;
    }
    return "deleted";
}

/* ---- For programs ---- */

static void print_json(json_t *object) {
    if (object != NULL) {
        (void)json_dumpf(object, stdout, JSON_COMPACT);
        (void)putchar('\n');
        (void)fflush(stdout);
        json_decref(object);
    }
}

static void add_message(json_t *object, const struct fetch_event *event) {
    char uid[UID_TEXT];

    (void)safe_text(uid, sizeof uid, event->uid, event->uid_size);
    (void)json_object_set_new(object, "number", json_integer((json_int_t)event->number));
    (void)json_object_set_new(object, "uid", json_string(uid));
    (void)json_object_set_new(object, "octets",
                              event->octets == LISTING_SIZE_UNKNOWN ? json_null()
                                                                    : json_integer((json_int_t)event->octets));
    if (event->kind == FETCH_MESSAGE || event->kind == FETCH_SKIPPED) {
        (void)json_object_set_new(object, "action", json_string(action_word(event->action, event->then_delete)));
    }
}

static void event_as_json(const struct fetch_event *event) {
    const struct fetch_totals *totals = event->totals;
    json_t *object = json_pack("{ss ss}", "event", event_word(event->kind), "account", account_title(event->account));

    switch (event->kind) {
    case FETCH_PROGRESS: json_decref(object); return;
    case FETCH_CONNECTED: (void)json_object_set_new(object, "mechanism", json_string(event->text)); break;
    case FETCH_PLANNED:
        (void)json_object_set_new(object, "listed", json_integer((json_int_t)totals->listed));
        (void)json_object_set_new(object, "fetch", json_integer((json_int_t)totals->wanted));
        (void)json_object_set_new(object, "octets", json_integer((json_int_t)totals->wanted_size));
        (void)json_object_set_new(object, "waiting", json_integer((json_int_t)totals->waiting));
        break;
    case FETCH_DELIVERED:
        (void)json_object_set_new(object, "fetched", json_integer((json_int_t)totals->fetched));
        break;
    case FETCH_WARNING: (void)json_object_set_new(object, "text", json_string(event->text)); break;
    case FETCH_REFUSED: (void)json_object_set_new(object, "text", json_string(event->text)); /* fall through */
    case FETCH_MESSAGE:
    case FETCH_RECEIVED:
    case FETCH_SKIPPED:
    case FETCH_DELETED: add_message(object, event);
    }
    print_json(object);
}

static void end_as_json(const struct fetch_run *run) {
    const struct fetch_outcome *outcome = &run->outcome;
    const struct fetch_totals *totals = &outcome->totals;

    print_json(json_pack("{ss ss si ss ss ss sI sI sI sI sI sI sI}", "event", "end", "account",
                         account_title(run->account), "exit_code", outcome->exit_code, "what", outcome->what, "server",
                         outcome->server, "hint", outcome->hint, "listed", (json_int_t)totals->listed, "fetched",
                         (json_int_t)totals->fetched, "octets", (json_int_t)totals->octets, "known",
                         (json_int_t)totals->known, "deleted", (json_int_t)totals->deleted, "failed",
                         (json_int_t)totals->failed, "waiting", (json_int_t)totals->waiting));
}

/* ---- For people ---- */

static void message_line(FILE *file, const struct fetch_event *event, const char *what) {
    char uid[UID_TEXT];
    char size[PROGRESS_SIZE] = "?";

    (void)safe_text(uid, sizeof uid, event->uid, event->uid_size);
    if (event->octets != LISTING_SIZE_UNKNOWN) {
        progress_size(size, event->octets);
    }
    (void)fprintf(file, "%s: %6" PRIu32 " %10s  %s  %s%s%s\n", account_title(event->account), event->number, size, uid,
                  what, event->text[0] != '\0' ? ": " : "", event->text);
}

static void event_as_line(const struct fetch_command *command, const struct fetch_event *event) {
    switch (event->kind) {
    case FETCH_WARNING:
        if (!command->quiet) {
            (void)fprintf(stderr, "satchel fetch: %s: warning: %s\n", account_title(event->account), event->text);
        }
        break;
    case FETCH_MESSAGE: message_line(stdout, event, action_word(event->action, event->then_delete)); break;
    case FETCH_SKIPPED:
        if (!command->quiet) {
            message_line(stderr, event, action_word(event->action, false));
        }
        break;
    case FETCH_REFUSED: message_line(stderr, event, "the server did not give it"); break;
    case FETCH_RECEIVED:
    case FETCH_DELETED:
        if (command->verbose) {
            message_line(stdout, event, event_word(event->kind));
        }
        break;
    case FETCH_CONNECTED:
    case FETCH_PLANNED:
    case FETCH_PROGRESS:
    case FETCH_DELIVERED: break;
    }
}

struct sentence {
    char text[512];
    size_t length;
};

/* "; " stands between the parts. */
__attribute__((format(printf, 2, 3))) static void add(struct sentence *sentence, const char *format, ...) {
    size_t left = sizeof sentence->text - sentence->length;
    va_list values;
    int n = snprintf(sentence->text + sentence->length, left, "%s", sentence->length != 0 ? "; " : "");

    va_start(values, format);
    n += vsnprintf(sentence->text + sentence->length + n, left - (size_t)n, format, values);
    va_end(values);
    sentence->length += (size_t)n < left ? (size_t)n : left - 1;
}

static void add_rest(struct sentence *sentence, const struct fetch_totals *totals) {
    if (totals->waiting > 0) {
        add(sentence, "%" PRIu64 " left there for another run", totals->waiting);
    }
}

static void print_plan(const struct fetch_run *run) {
    const struct fetch_totals *totals = &run->outcome.totals;
    struct sentence sentence = {.length = 0};
    char size[PROGRESS_SIZE];

    progress_size(size, totals->wanted_size);
    add(&sentence, "dry run: %" PRIu64 " message%s on the server", totals->listed, totals->listed == 1 ? "" : "s");
    add(&sentence, "%" PRIu64 " would be fetched, %s", totals->wanted, size);
    if (run->deletions > 0) {
        add(&sentence, "%" PRIu64 " would be deleted there", run->deletions);
    }
    add_rest(&sentence, totals);
    (void)printf("%s: %s\n", account_title(run->account), sentence.text);
}

static void print_totals(const struct fetch_run *run) {
    const struct fetch_totals *totals = &run->outcome.totals;
    struct sentence sentence = {.length = 0};
    char size[PROGRESS_SIZE];

    if (totals->fetched > 0) {
        progress_size(size, totals->octets);
        add(&sentence, "%" PRIu64 " message%s fetched, %s", totals->fetched, totals->fetched == 1 ? "" : "s", size);
    }
    if (totals->known > 0) {
        add(&sentence, "%" PRIu64 " here already", totals->known);
    }
    if (totals->deleted > 0) {
        add(&sentence, "%" PRIu64 " deleted on the server", totals->deleted);
    }
    if (sentence.length == 0) {
        add(&sentence, "nothing new");
    }
    add_rest(&sentence, totals);
    (void)printf("%s: %s\n", account_title(run->account), sentence.text);
}

static void end_as_line(const struct fetch_run *run) {
    const struct fetch_outcome *outcome = &run->outcome;

    if (!run->command->quiet && (outcome->exit_code == 0 || outcome->totals.fetched + outcome->totals.deleted > 0)) {
        (run->command->dry_run ? print_plan : print_totals)(run);
    }
    if (outcome->exit_code != 0) {
        report_failure("fetch", account_title(run->account), outcome->what, outcome->server, outcome->hint);
    }
    (void)fflush(stdout);
}

/* ---- The bar ---- */

static bool prints(const struct fetch_command *command, enum fetch_event_kind kind) {
    if (kind == FETCH_RECEIVED || kind == FETCH_DELETED) {
        return command->verbose;
    }
    return kind == FETCH_WARNING || kind == FETCH_MESSAGE || kind == FETCH_SKIPPED || kind == FETCH_REFUSED;
}

static void update_bar(struct progress *progress, struct fetch_run *run, const struct fetch_event *event) {
    switch (event->kind) {
    case FETCH_PLANNED: progress_add(progress, event->totals->wanted, event->totals->wanted_size); break;
    case FETCH_PROGRESS:
        progress_octets(progress, event->totals->octets - run->shown_octets);
        run->shown_octets = event->totals->octets;
        break;
    case FETCH_RECEIVED: progress_message(progress); break;
    default: break;
    }
}

/* ---- All ---- */

void fetch_report_event(void *context, const struct fetch_event *event) {
    struct fetch_run *run = context;
    const struct fetch_command *command = run->command;

    if (event->kind == FETCH_PROGRESS && command->progress == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&turn);
    run->deletions += event->kind == FETCH_MESSAGE && (event->action == PLAN_DELETE || event->then_delete);
    if (command->json) {
        event_as_json(event);
    } else {
        if (prints(command, event->kind)) {
            progress_hide(command->progress);
        }
        event_as_line(command, event);
        update_bar(command->progress, run, event);
    }
    (void)pthread_mutex_unlock(&turn);
}

void fetch_report_pause(const struct fetch_command *command, bool paused) {
    (void)pthread_mutex_lock(&turn);
    progress_pause(command->progress, paused);
    (void)pthread_mutex_unlock(&turn);
}

void fetch_report_end(const struct fetch_run *run) {
    (void)pthread_mutex_lock(&turn);
    progress_hide(run->command->progress);
    if (run->command->json) {
        end_as_json(run);
    } else {
        end_as_line(run);
    }
    (void)pthread_mutex_unlock(&turn);
}

void fetch_report_trace(void *context, bool sent, const char *line) {
    const struct fetch_run *run = context;

    (void)pthread_mutex_lock(&turn);
    (void)fprintf(stderr, "%s %s %s\n", account_title(run->account), sent ? "C:" : "S:", line);
    (void)pthread_mutex_unlock(&turn);
}
