/* SPDX-License-Identifier: MIT */
/* What goes on, told to the observer. */
#include "fetch/job.h"

#include <stdarg.h>
#include <stdio.h>

static void tell(const struct fetch_job *job, struct fetch_event *event) {
    if (job->options.observer != NULL) {
        event->account = job->account;
        event->totals = &job->totals;
        job->options.observer(job->options.observer_context, event);
    }
}

void fetch_tell(const struct fetch_job *job, enum fetch_event_kind kind) {
    struct fetch_event event = {.kind = kind, .text = pop3_client_mechanism(job->client)};

    tell(job, &event);
}

void fetch_tell_message(const struct fetch_job *job, enum fetch_event_kind kind, const struct listing_entry *entry,
                        const char *text) {
    struct fetch_event event = {.kind = kind,
                                .number = entry->number,
                                .uid = listing_uid(&job->listing, entry),
                                .uid_size = entry->uid_size,
                                .octets = entry->size,
                                .action = (enum plan_action)entry->action,
                                .then_delete = (entry->flags & PLAN_THEN_DELETE) != 0,
                                .text = text};

    tell(job, &event);
}

void fetch_warn(const struct fetch_job *job, const char *text, ...) {
    char words[FETCH_TEXT];
    struct fetch_event event = {.kind = FETCH_WARNING, .text = words};
    va_list arguments;

    va_start(arguments, text);
    (void)vsnprintf(words, sizeof words, text, arguments);
    va_end(arguments);
    tell(job, &event);
}
