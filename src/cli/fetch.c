/* SPDX-License-Identifier: MIT */
/* `satchel fetch`: accounts, credentials, threads, signals, exit codes. What a run does is src/fetch's. */
#define _POSIX_C_SOURCE 200809L

#include "cli/fetch.h"

#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/stop.h"
#include "state/state.h"

#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define STATUS_NOTHING_NEW 1
#define JOBS_MOST 16

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

/* Its exit code. */
static int fail_account(const struct account *account, struct account_error *error, const char *what,
                        const char *hint) {
    error->fault = ACCOUNT_WRONG;
    (void)snprintf(error->what, sizeof error->what, "%s", what);
    (void)snprintf(error->hint, sizeof error->hint, "%s", hint);
    return report_account_code(error, account->name == NULL);
}

static int complete_account(struct fetch_run *run, struct account_error *error) {
    struct account *account = run->account;
    bool from_url = account->name == NULL;
    const char *warning;

    for (size_t i = 0; i < command.keys.count; i++) {
        if (!account_set(account, command.keys.all[i].key->name, command.keys.all[i].value, error)) {
            return report_account_code(error, true);
        }
    }
    if ((command.delete_ && !account_set(account, "keep", "none", error)) || !account_check(account, error)) {
        return report_account_code(error, from_url);
    }
    if (account->to.kind == ACCOUNT_TO_NOTHING) {
        return fail_account(account, error, "nothing says where its mail goes",
                            from_url ? "--to maildir:DIR or --to mbox:FILE"
                                     : "add to = \"maildir:DIR\" to the account, or --to maildir:DIR for once");
    }
    warning = account_warning(account);
    if (warning != NULL && !command.quiet) {
        (void)fprintf(stderr, "satchel fetch: %s: warning: %s\n", account_title(account), warning);
    }
    return EX_OK;
}

/* ---- The jobs ---- */

static pthread_mutex_t jobs_lock = PTHREAD_MUTEX_INITIALIZER; /* of runs[].job, next_run, working */
static size_t next_run;
static size_t working; /* threads */
static sem_t news;     /* a signal came, or a thread ended */

static void tell_main(void) {
    (void)sem_post(&news);
}

/* One question at a time, and no bar while it stands there. */
static bool confirm(void *context, uint64_t deletions) {
    static pthread_mutex_t asking = PTHREAD_MUTEX_INITIALIZER;
    const struct fetch_run *run = context;
    char question[512];
    bool yes;

    (void)snprintf(question, sizeof question,
                   "%.128s: this is the first run that deletes: %" PRIu64 " message%s will be deleted on the server, "
                   "each\nonce it is delivered here. Go on?",
                   account_title(run->account), deletions, deletions == 1 ? "" : "s");
    (void)pthread_mutex_lock(&asking);
    fetch_report_pause(&command, true);
    yes = !stop_wanted() && ask(question, NULL, NULL);
    fetch_report_pause(&command, false);
    (void)pthread_mutex_unlock(&asking);
    return yes;
}

/* Who is asked is a person at a terminal; a script that says keep = none means it. */
static struct fetch_job *make_job(struct fetch_run *run) {
    const struct fetch_options job_options = {.account = run->account,
                                              .credentials = &run->credentials,
                                              .state_folder = command.state_folder,
                                              .dry_run = command.dry_run,
                                              .again = command.again,
                                              .accept_uid_reset = command.accept_uid_reset,
                                              .trace = command.verbose ? fetch_report_trace : NULL,
                                              .trace_context = run,
                                              .observer = fetch_report_event,
                                              .confirm = !command.yes && ask_possible() ? confirm : NULL,
                                              .observer_context = run};

    return fetch_job_new(&job_options, &run->outcome);
}

/* Where it is found by whoever cancels it; NULL takes it away again. */
static void show_job(struct fetch_run *run, struct fetch_job *job) {
    (void)pthread_mutex_lock(&jobs_lock);
    run->job = job;
    if (job != NULL && stop_wanted()) {
        fetch_job_cancel(job); /* it came before there was what to cancel */
    }
    (void)pthread_mutex_unlock(&jobs_lock);
}

static void run_account(struct fetch_run *run) {
    struct fetch_job *job = make_job(run);

    if (job != NULL) {
        show_job(run, job);
        fetch_job_run(job, &run->outcome);
        show_job(run, NULL);
        fetch_job_free(job);
    }
    fetch_report_end(run);
}

/* NULL: there is no more. */
static struct fetch_run *take_run(void) {
    struct fetch_run *run = NULL;

    (void)pthread_mutex_lock(&jobs_lock);
    while (run == NULL && next_run < command.run_count && !stop_wanted()) {
        run = &command.runs[next_run++];
        run = run->outcome.exit_code == EX_OK ? run : NULL;
    }
    (void)pthread_mutex_unlock(&jobs_lock);
    return run;
}

static void *run_some(void *context) {
    struct fetch_run *run;

    (void)context;
    while ((run = take_run()) != NULL) {
        run_account(run);
    }
    (void)pthread_mutex_lock(&jobs_lock);
    working--;
    (void)pthread_mutex_unlock(&jobs_lock);
    tell_main();
    return NULL;
}

static void cancel_jobs(void) {
    for (size_t i = 0; i < command.run_count; i++) {
        if (command.runs[i].job != NULL) {
            fetch_job_cancel(command.runs[i].job);
        }
    }
}

/* Until all threads have ended. A job is cancelled from here, not in the signal handler: it may be freed meanwhile. */
static void wait_for_threads(void) {
    bool done = false;

    while (!done) {
        (void)sem_wait(&news);
        (void)pthread_mutex_lock(&jobs_lock);
        if (stop_wanted()) {
            cancel_jobs();
        }
        done = working == 0;
        (void)pthread_mutex_unlock(&jobs_lock);
    }
}

/* They wait for the lock until all are counted. */
static size_t start_threads(pthread_t *threads, size_t most) {
    size_t count = 0;

    (void)pthread_mutex_lock(&jobs_lock);
    for (; count < most; count++) {
        if (pthread_create(&threads[count], NULL, run_some, NULL) != 0) {
            break;
        }
    }
    working = count;
    (void)pthread_mutex_unlock(&jobs_lock);
    return count;
}

static int run_all(void) {
    pthread_t threads[JOBS_MOST];
    size_t most = command.jobs != 0 ? command.jobs : command.file.jobs != 0 ? command.file.jobs : 1;
    size_t started;

    most = most < command.run_count ? most : command.run_count;
    most = most < JOBS_MOST ? most : JOBS_MOST;
    started = start_threads(threads, most);
    if (started == 0) {
        (void)fputs("satchel fetch: no thread can be started\n", stderr);
        return EX_OSERR;
    }
    wait_for_threads();
    while (started > 0) {
        (void)pthread_join(threads[--started], NULL);
    }
    return EX_OK;
}

/* ---- All ---- */

/* An account that cannot be used does not keep the others from their mail. */
static void prepare_run(struct fetch_run *run) {
    struct account_error error = {.fault = ACCOUNT_FINE};
    int code = complete_account(run, &error);

    if (code == EX_OK && !account_credentials_get(&run->credentials, run->account, true, &error)) {
        code = report_account_code(&error, run->account->name == NULL);
    }
    run->outcome.exit_code = code;
    if (code != EX_OK && error.fault != ACCOUNT_INTERRUPTED) {
        (void)snprintf(run->outcome.what, sizeof run->outcome.what, "%s", error.what);
        (void)snprintf(run->outcome.hint, sizeof run->outcome.hint, "%s", error.hint);
        fetch_report_end(run);
    }
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

    if (code != EX_OK) {
        return code;
    }
    for (size_t i = 0; i < command.run_count && !stop_wanted(); i++) {
        prepare_run(&command.runs[i]);
    }
    command.progress = command.json || command.quiet || command.verbose || command.dry_run ? NULL : progress_new();
    code = run_all();
    progress_free(command.progress);
    command.progress = NULL;
    return code == EX_OK ? exit_code_of_all() : code;
}

static void clean_up(void) {
    for (size_t i = 0; i < command.run_count; i++) {
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
    (void)sem_init(&news, 0, 0);
    stop_on_signals(tell_main);
    code = work(argc - first, argv + first);
    clean_up();
    return stop_exit_code(code);
}
