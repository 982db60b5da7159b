/* SPDX-License-Identifier: MIT */
/* What the parts of `satchel fetch` share. */
#ifndef SATCHEL_CLI_FETCH_H
#define SATCHEL_CLI_FETCH_H

#include "cli/options.h"
#include "fetch/fetch.h"

struct fetch_command {
    /* The command line. */
    const char *config;
    const char *state;
    bool dry_run;
    bool delete_;
    bool again;
    bool accept_uid_reset;
    bool yes;
    bool exit_status_new;
    bool json;
    bool quiet;
    bool verbose;
    bool help;
    uint32_t jobs;
    struct option_keys keys;

    /* What it leads to. */
    struct account_config file;
    struct account *one_off;
    struct fetch_run *runs;
    size_t run_count;
    char state_folder[4096];
    struct progress *progress;
};

/* One account's part. */
struct fetch_run {
    struct fetch_command *command;
    struct account *account;
    struct account_credentials credentials;
    struct fetch_outcome outcome;
    struct fetch_job *job; /* while it runs */
    uint64_t shown_octets; /* by the bar */
    uint64_t deletions;    /* of a dry run */
};

/* fetch_report.c: events as lines for people or as JSON; the observer of all jobs, which takes turns. */
void fetch_report_event(void *context, const struct fetch_event *event);
void fetch_report_pause(const struct fetch_command *command, bool paused);
void fetch_report_end(const struct fetch_run *run);
void fetch_report_trace(void *context, bool sent, const char *line);

#endif
