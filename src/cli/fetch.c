/* SPDX-License-Identifier: MIT */
/* `satchel fetch`: accounts, credentials, threads, signals, exit codes. What a run does is src/fetch's. */
#define _POSIX_C_SOURCE 200809L

#include "cli/fetch.h"

#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "state/state.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define SIGNAL_EXIT 128 /* and the signal's number: how shells tell it */
#define STATUS_NOTHING_NEW 1

#define FIELD(name) offsetof(struct fetch_command, name)

static const struct option_row rows[] = {
    {"dry-run", NULL, OPTION_FLAG, 'n', FIELD(dry_run), "show what would be done to each message, and change nothing"},
    {"delete", NULL, OPTION_FLAG, 0, FIELD(delete_), "delete on the server what is delivered: --keep none"},
    {"yes", NULL, OPTION_FLAG, 'y', FIELD(yes), "do not ask before the first run that deletes"},
    {"again", NULL, OPTION_FLAG, 0, FIELD(again), "a new destination gets all that the server still has"},
    {"accept-uid-reset", NULL, OPTION_FLAG, 0, FIELD(accept_uid_reset),
     "fetch although the server seems to have given new unique ids to old mail"},
    {"jobs", "N", OPTION_NUMBER, 'j', FIELD(jobs), "accounts at the same time (4)"},
    {"state", "DIR", OPTION_TEXT, 0, FIELD(state),
     "the database of what was fetched, in place of ~/.local/state/satchel"},
    {"config", "FILE", OPTION_TEXT, 0, FIELD(config), "the configuration, in place of ~/.config/satchel/config"},
    {"exit-status-new", NULL, OPTION_FLAG, 0, FIELD(exit_status_new), "exit with 1 if nothing was new"},
    {"json", NULL, OPTION_FLAG, 0, FIELD(json), "one JSON object a line, as things happen"},
    {"quiet", NULL, OPTION_FLAG, 'q', FIELD(quiet), "errors only"},
    {"verbose", NULL, OPTION_FLAG, 'v', FIELD(verbose), "each message; the dialogue on stderr, secrets masked"},
    {"help", NULL, OPTION_FLAG, 'h', FIELD(help), "this text"},
};

static const struct option_set options = {
    .command = "fetch",
    .synopsis = "[OPTION...] [ACCOUNT... | URL]",
    .text =
        "Fetches mail, each message exactly once, whatever is interrupted: from all accounts of the configuration, "
        "from "
        "the named ones, or from a URL such as pops://me@mail.example.org, which needs --to maildir:DIR. Nothing is "
        "deleted on the server unless keep or --delete says so.",
    .rows = rows,
    .count = sizeof rows / sizeof rows[0],
    .keys = true};

static struct fetch_command command = {.jobs = 0};

/* ---- Signals ---- */

static volatile sig_atomic_t stop_signal;

static void on_signal(int number) {
    stop_signal = number;
    for (size_t i = 0; i < command.run_count; i++) {
        struct fetch_job *job = atomic_load(&command.runs[i].job);

        if (job != NULL) {
            fetch_job_cancel(job);
        }
    }
}

/* Without SA_RESTART: a prompt ends too. */
static void catch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal};

    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
}

/* Batches keep hundreds of files open until they are synced. */
static void raise_file_limit(void) {
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* ---- The accounts ---- */

static int fail(const struct account_error *error, bool from_url) {
    if (error->fault != ACCOUNT_INTERRUPTED) {
        report_account("fetch", error);
    }
    return report_account_code(error, from_url);
}

static bool make_runs(size_t count) {
    command.runs = calloc(count + 1, sizeof *command.runs);
    if (command.runs == NULL) {
        (void)fputs("satchel fetch: out of memory\n", stderr);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        command.runs[i].command = &command;
    }
    return true;
}

static int choose_url(const char *url) {
    struct account_error error;

    command.one_off = account_from_url(url, &error);
    if (command.one_off == NULL) {
        return fail(&error, true);
    }
    if (!make_runs(1)) {
        return EX_OSERR;
    }
    command.runs[command.run_count++].account = command.one_off;
    return EX_OK;
}

static int read_config(void) {
    if (!account_config_read(&command.file, command.config)) {
        report_config(&command.file);
        return EX_CONFIG;
    }
    if (command.file.absent || command.file.count == 0) {
        (void)fprintf(stderr,
                      "satchel fetch: %s %s\n"
                      "  what to do: `satchel config init` begins a configuration; without one, name server and\n"
                      "  destination: `satchel fetch pops://me@mail.example.org --to maildir:DIR`\n",
                      command.file.absent ? "there is no configuration" : "there are no accounts in",
                      command.file.path);
        return EX_CONFIG;
    }
    return EX_OK;
}

static bool is_chosen(const struct account *account) {
    for (size_t i = 0; i < command.run_count; i++) {
        if (command.runs[i].account == account) {
            return true;
        }
    }
    return false;
}

static int choose_configured(int count, char **names) {
    struct account_error error;
    int code = read_config();

    if (code != EX_OK || !make_runs(command.file.count)) {
        return code != EX_OK ? code : EX_OSERR;
    }
    for (size_t i = 0; count == 0 && i < command.file.count; i++) {
        command.runs[command.run_count++].account = command.file.accounts[i];
    }
    for (int i = 0; i < count; i++) {
        struct account *account = account_find(&command.file, names[i], &error);

        if (account == NULL) {
            return fail(&error, false);
        }
        if (!is_chosen(account)) {
            command.runs[command.run_count++].account = account;
        }
    }
    return EX_OK;
}

static int choose(int count, char **operands) {
    bool url = count > 0 && strstr(operands[0], "://") != NULL;

    if (url && count > 1) {
        (void)options_complain(&options, "\"%s\" is one argument too many: a URL stands alone", operands[1]);
        return EX_USAGE;
    }
    return url ? choose_url(operands[0]) : choose_configured(count, operands);
}

static int complete_account(struct account *account) {
    bool from_url = account->name == NULL;
    struct account_error error;
    const char *warning;

    for (size_t i = 0; i < command.keys.count; i++) {
        if (!account_set(account, command.keys.all[i].key->name, command.keys.all[i].value, &error)) {
            return fail(&error, true);
        }
    }
    if ((command.delete_ && !account_set(account, "keep", "none", &error)) || !account_check(account, &error)) {
        return fail(&error, from_url);
    }
    if (account->to.kind == ACCOUNT_TO_NOTHING) {
        (void)fprintf(stderr, "satchel fetch: %s: no destination\n  what to do: %s\n", fetch_title(account),
                      from_url ? "--to maildir:DIR or --to mbox:FILE" : "add to = \"maildir:DIR\" to the account");
        return from_url ? EX_USAGE : EX_CONFIG;
    }
    warning = account_warning(account);
    if (warning != NULL && !command.quiet) {
        (void)fprintf(stderr, "satchel fetch: %s: warning: %s\n", fetch_title(account), warning);
    }
    return EX_OK;
}

/* ---- The jobs ---- */

static void make_job_options(struct fetch_run *run, bool dry_run, struct fetch_options *job) {
    *job = (struct fetch_options){.account = run->account,
                                  .credentials = &run->credentials,
                                  .state_folder = command.state_folder,
                                  .dry_run = dry_run,
                                  .again = command.again,
                                  .accept_uid_reset = command.accept_uid_reset,
                                  .trace = command.verbose ? fetch_report_trace : NULL,
                                  .trace_context = run,
                                  .observer = fetch_report_event,
                                  .observer_context = run};
}

static void run_job(struct fetch_run *run, const struct fetch_options *job_options) {
    struct fetch_job *job = fetch_job_new(job_options, &run->outcome);

    if (job == NULL) {
        return;
    }
    atomic_store(&run->job, job);
    if (stop_signal != 0) {
        fetch_job_cancel(job); /* it came before there was what to cancel */
    }
    fetch_job_run(job, &run->outcome);
    atomic_store(&run->job, NULL);
    fetch_job_free(job);
}

static void run_account(struct fetch_run *run) {
    struct fetch_options job_options;

    make_job_options(run, command.dry_run, &job_options);
    run_job(run, &job_options);
    fetch_report_end(run);
}

static atomic_size_t next_run;

static void *run_some(void *context) {
    (void)context;
    for (size_t i = atomic_fetch_add(&next_run, 1); i < command.run_count; i = atomic_fetch_add(&next_run, 1)) {
        if (stop_signal == 0) {
            run_account(&command.runs[i]);
        }
    }
    return NULL;
}

/* Signals go to this thread, which does its share. */
static void run_all(void) {
    pthread_t threads[16];
    size_t most = command.jobs != 0 ? command.jobs : command.file.jobs != 0 ? command.file.jobs : 1;
    size_t started = 0;

    most = most < command.run_count ? most : command.run_count;
    while (started + 1 < most && started < sizeof threads / sizeof threads[0] &&
           pthread_create(&threads[started], NULL, run_some, NULL) == 0) {
        started++;
    }
    (void)run_some(NULL);
    while (started > 0) {
        (void)pthread_join(threads[--started], NULL);
    }
}

/* ---- Before a first deletion (D-28) ---- */

struct counting {
    struct fetch_run *run;
    uint64_t deletions;
};

static void count_deletions(void *context, const struct fetch_event *event) {
    struct counting *counting = context;

    if (event->kind == FETCH_MESSAGE && (event->action == PLAN_DELETE || event->then_delete)) {
        counting->deletions++;
    }
}

static bool knows_account(const struct account *account, bool *known) {
    struct state_identity identity;
    struct state_error error;
    struct state *state = state_open(command.state_folder, STATE_READ, &error);

    *known = state != NULL && state_identity_make(&identity, account->host, account->user, account->port) &&
             state_account_use(state, &identity, NULL, &error) && !state_account_is_new(state);
    state_close(state);
    return state != NULL || error.problem == STATE_MISSING;
}

static bool agrees(const struct fetch_run *run, uint64_t deletions) {
    char answer[8] = "";

    (void)fprintf(stderr,
                  "%s: the first run with keep = none or the like: %llu messages will be deleted on the server,\n"
                  "each after it is delivered. Go on? [y/N] ",
                  fetch_title(run->account), (unsigned long long)deletions);
    return fgets(answer, sizeof answer, stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y');
}

/* Asks once, where somebody is there to answer; a script that says keep = none means it. */
static int ask_before_deleting(struct fetch_run *run) {
    struct counting counting = {.run = run};
    struct fetch_options job_options;
    bool known;

    if (run->account->keep.kind == ACCOUNT_KEEP_ALL || command.yes || command.dry_run || isatty(STDIN_FILENO) == 0 ||
        !knows_account(run->account, &known) || known) {
        return EX_OK;
    }
    make_job_options(run, true, &job_options);
    job_options.observer = count_deletions;
    job_options.observer_context = &counting;
    run_job(run, &job_options);
    if (run->outcome.exit_code != EX_OK) {
        fetch_report_end(run);
        return run->outcome.exit_code;
    }
    if (counting.deletions == 0 || agrees(run, counting.deletions)) {
        return EX_OK;
    }
    (void)fputs("Nothing was done.\n", stderr);
    return EX_TEMPFAIL;
}

/* ---- All ---- */

static int prepare_run(struct fetch_run *run) {
    struct account_error error;
    int code = complete_account(run->account);

    if (code != EX_OK) {
        return code;
    }
    if (!account_credentials_get(&run->credentials, run->account, true, &error)) {
        return fail(&error, run->account->name == NULL);
    }
    return ask_before_deleting(run);
}

static bool find_state_folder(void) {
    struct state_error error;

    if (command.state == NULL) {
        if (!state_default_folder(command.state_folder, &error)) {
            (void)fprintf(stderr, "satchel fetch: %s\n  what to do: %s\n", error.text, error.hint);
            return false;
        }
        return true;
    }
    if (command.state[0] == '/') {
        (void)snprintf(command.state_folder, sizeof command.state_folder, "%s", command.state);
        return true;
    }
    if (getcwd(command.state_folder, sizeof command.state_folder) == NULL) {
        return false;
    }
    size_t n = strlen(command.state_folder);

    (void)snprintf(command.state_folder + n, sizeof command.state_folder - n, "/%s", command.state);
    return true;
}

/* The first that applies of these (D-26). */
static int exit_code_of_all(void) {
    static const int order[] = {EX_CONFIG, EX_NOPERM, EX_PROTOCOL, EX_IOERR, EX_TEMPFAIL, EX_UNAVAILABLE};
    int any = EX_OK;
    bool something = false;

    for (size_t i = 0; i < command.run_count; i++) {
        any = any != EX_OK ? any : command.runs[i].outcome.exit_code;
        something = something || command.runs[i].outcome.totals.fetched > 0;
    }
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        for (size_t j = 0; j < command.run_count; j++) {
            if (command.runs[j].outcome.exit_code == order[i]) {
                return order[i];
            }
        }
    }
    return any == EX_OK && command.exit_status_new && !something ? STATUS_NOTHING_NEW : any;
}

static int work(int count, char **operands) {
    int code = find_state_folder() ? choose(count, operands) : EX_OSERR;

    for (size_t i = 0; code == EX_OK && i < command.run_count; i++) {
        code = prepare_run(&command.runs[i]);
    }
    if (code != EX_OK) {
        return code;
    }
    command.progress = command.json || command.quiet || command.verbose || command.dry_run ? NULL : progress_new();
    run_all();
    progress_free(command.progress);
    command.progress = NULL;
    return exit_code_of_all();
}

static void clean_up(void) {
    size_t count = command.run_count;

    command.run_count = 0; /* signals find no jobs any more */
    for (size_t i = 0; i < count; i++) {
        account_credentials_wipe(&command.runs[i].credentials);
    }
    free(command.runs);
    account_free(command.one_off);
    account_config_free(&command.file);
}

int cli_fetch(int argc, char **argv) {
    int first;
    int code;

    if (!options_read(&options, &command, &command.keys, argc, argv, &first)) {
        return EX_USAGE;
    }
    if (command.help) {
        options_help(&options, stdout);
        return EX_OK;
    }
    account_protect_process();
    raise_file_limit();
    catch_signals();
    code = work(argc - first, argv + first);
    clean_up();
    return stop_signal != 0 ? SIGNAL_EXIT + stop_signal : code;
}
