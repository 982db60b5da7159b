/* SPDX-License-Identifier: MIT */
/* Opens the account that a looking command is about. Knows none of the commands. */
#define _POSIX_C_SOURCE 200809L

#include "cli/look.h"
#include "cli/report.h"
#include "cli/stop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pop3_client *volatile running;

static void cancel_running(void) {
    pop3_client *client = running;

    if (client != NULL) {
        pop3_client_cancel(client);
    }
}

/* ---- The account ---- */

const char *look_scheme(pop3_tls_mode tls) {
    return tls == POP3_TLS_IMPLICIT ? "pops" : "pop";
}

static const char *name_of(const struct look *look) {
    return look_command_name(look->options.command);
}

static int fail(const struct look *look, const struct account_error *error) {
    if (error->fault == ACCOUNT_INTERRUPTED) {
        return EX_SOFTWARE; /* the signal decides */
    }
    report_account(name_of(look), error);
    return report_account_code(error, look->one_off != NULL);
}

static int read_config(struct look *look) {
    const struct account_config *config = &look->config;

    if (!account_config_read(&look->config, look->options.config)) {
        report_config(config);
        return EX_CONFIG;
    }
    if (config->absent) {
        (void)fprintf(stderr,
                      "satchel %s: there is no configuration %s\n"
                      "  what to do: name the server, as in `satchel %s pops://me@mail.example.org`, or write a\n"
                      "  configuration: `satchel config init` begins one\n",
                      name_of(look), config->path, name_of(look));
        return look->options.target != NULL || look->options.config != NULL ? EX_CONFIG : EX_USAGE;
    }
    return EX_OK;
}

/* The only one, where none is named. */
static int pick_only(struct look *look) {
    if (look->config.count == 1) {
        look->account = look->config.accounts[0];
        return EX_OK;
    }
    (void)fprintf(stderr, "satchel %s: which account?", name_of(look));
    for (size_t i = 0; i < look->config.count; i++) {
        (void)fprintf(stderr, "%s %s", i == 0 ? " There are" : ",", look->config.accounts[i]->name);
    }
    (void)fputs(look->config.count == 0 ? " The configuration has none\n" : "\n", stderr);
    return EX_USAGE;
}

/* R-SRV-01: to look is all that DNS may decide; a login goes to a server that the user named. */
static int find_by_address(struct look *look, const char *address) {
    pop3_client_error error;
    struct account_error wrong;
    char url[sizeof look->found[0].host + 32];

    if (look->options.login) {
        (void)fputs("satchel check: a mail address only finds the server; for --login name its URL\n", stderr);
        return EX_USAGE;
    }
    if (pop3_client_discover(address, NULL, look->found, LOOK_FOUND_MOST, &error) != POP3_CLIENT_OK) {
        report_client(name_of(look), &error);
        return account_exit_code(&error, false, true);
    }
    (void)snprintf(url, sizeof url, "%s://%.255s:%u", look_scheme(look->found[0].tls), look->found[0].host,
                   (unsigned)look->found[0].port);
    look->account = look->one_off = account_from_url(url, &wrong);
    if (look->account == NULL || !account_set(look->account, "user", address, &wrong)) {
        report_account(name_of(look), &wrong);
        return report_account_code(&wrong, true);
    }
    return EX_OK;
}

/* One whose name the configuration knows; without it, `check` takes a mail address. */
static int find_by_name(struct look *look, const char *target) {
    bool address = look->options.command == LOOK_CHECK && strchr(target, '@') != NULL;
    struct account_error error;
    int code;

    if (address && account_config_read(&look->config, look->options.config) &&
        (look->config.absent || account_find(&look->config, target, &error) == NULL)) {
        return find_by_address(look, target);
    }
    account_config_free(&look->config);
    code = read_config(look);
    if (code != EX_OK) {
        return code;
    }
    look->account = account_find(&look->config, target, &error);
    return look->account != NULL ? EX_OK : fail(look, &error);
}

static int find_account(struct look *look) {
    const char *target = look->options.target;
    struct account_error error;
    int code;

    if (target != NULL && look_is_url(target)) {
        look->account = look->one_off = account_from_url(target, &error);
        if (look->one_off == NULL) {
            report_account(name_of(look), &error);
            return report_account_code(&error, true);
        }
        return EX_OK;
    }
    if (target != NULL) {
        return find_by_name(look, target);
    }
    code = read_config(look);
    return code == EX_OK ? pick_only(look) : code;
}

static bool logs_in(const struct look *look) {
    return look->options.login || (look->options.command != LOOK_CAPS && look->options.command != LOOK_CHECK);
}

/* Without a login nobody asks for a name; src/account wants one, and it is never sent. */
static bool fill_in_user(struct look *look, struct account_error *error) {
    look->no_user = look->account->user == NULL && !logs_in(look);
    return !look->no_user || account_set(look->account, "user", "nobody", error);
}

static int complete_account(struct look *look) {
    const struct look_options *options = &look->options;
    struct account_error error;
    const char *warning;

    for (size_t i = 0; i < options->keys.count; i++) {
        if (!account_set(look->account, options->keys.all[i].key->name, options->keys.all[i].value, &error)) {
            report_account(name_of(look), &error);
            return report_account_code(&error, true);
        }
    }
    if (!fill_in_user(look, &error) || !account_check(look->account, &error)) {
        return fail(look, &error);
    }
    warning = account_warning(look->account);
    if (warning != NULL && !options->quiet && options->command != LOOK_CHECK) {
        (void)fprintf(stderr, "satchel %s: warning: %s\n", name_of(look), warning);
    }
    return EX_OK;
}

/* ---- The client ---- */

static void show_dialogue(void *context, bool sent, const char *line) {
    (void)context;
    (void)fprintf(stderr, "%s %s\n", sent ? "C:" : "S:", line);
}

static void drop_client(struct look *look) {
    pop3_client *client = look->client;

    running = NULL;
    look->client = NULL;
    pop3_client_free(client);
}

static int make_client(struct look *look, const struct account_credentials *credentials) {
    pop3_client_options options;
    pop3_client_error error;

    account_client_options(look->account, credentials, &options);
    if (credentials == NULL) {
        options.token = look->account->token_command != NULL ? "" : NULL;
        options.password = options.token == NULL ? "" : NULL;
    }
    options.trace = look->options.verbose ? show_dialogue : NULL;
    look->client = pop3_client_new(&options, &error);
    if (look->client == NULL) {
        report_client(name_of(look), &error);
        return account_exit_code(&error, false, look->one_off != NULL);
    }
    running = look->client;
    if (stop_wanted()) {
        pop3_client_cancel(look->client); /* it came before there was what to cancel */
    }
    return EX_OK;
}

int look_client(struct look *look, bool with_credentials) {
    struct account_credentials credentials = {NULL, NULL};
    struct account_error error;
    int code;

    drop_client(look);
    if (!with_credentials) {
        return make_client(look, NULL);
    }
    if (!account_credentials_get(&credentials, look->account, true, &error)) {
        return fail(look, &error);
    }
    code = make_client(look, &credentials);
    account_credentials_wipe(&credentials);
    return code;
}

int look_judge(const struct look *look, pop3_client_class result) {
    const pop3_client_error *error = pop3_client_last_error(look->client);

    if (result == POP3_CLIENT_OK) {
        return EX_OK;
    }
    if (result != POP3_CLIENT_CANCELLED) {
        report_client(name_of(look), error);
    }
    return account_exit_code(error, pop3_client_address(look->client)[0] != '\0', look->one_off != NULL);
}

int look_log_in(struct look *look) {
    int code = look_client(look, true);

    return code == EX_OK ? look_judge(look, pop3_client_open(look->client)) : code;
}

int look_flush(const struct look *look) {
    return report_output(name_of(look), EX_OK);
}

/* ---- All ---- */

static int open_and_work(struct look *look, int (*work)(struct look *look)) {
    int code = find_account(look);

    stop_on_signals(cancel_running); /* until here a signal may simply end it */
    code = code == EX_OK ? complete_account(look) : code;
    return code == EX_OK ? work(look) : code;
}

int look_run(enum look_command command, int argc, char **argv, int (*work)(struct look *look)) {
    static struct look look;
    int code;

    if (!look_options_read(&look.options, command, argc, argv)) {
        return EX_USAGE;
    }
    if (look.options.help) {
        look_options_help(command, stdout);
        return EX_OK;
    }
    account_protect_process();
    code = open_and_work(&look, work);
    drop_client(&look);
    account_free(look.one_off);
    account_config_free(&look.config);
    return stop_exit_code(code);
}
