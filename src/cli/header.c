/* SPDX-License-Identifier: MIT */
/* What the fields of a message's header say. */
#define _POSIX_C_SOURCE 200809L

#include "cli/header.h"
#include "text/date.h"

#include <stdint.h>
#include <time.h>

static const char *const names[] = {"From", "Subject", "Date", NULL};
enum { FROM, SUBJECT, DATE };

void header_begin(struct fields *fields) {
    *fields = (struct fields){.names = names};
}

static bool read_text(const struct fields *fields, size_t i, char out[HEADER_TEXT]) {
    size_t n;
    const char *value = fields_value(fields, i, &n);

    return words_text(out, HEADER_TEXT, value, n) != 0;
}

static bool read_date(const struct fields *fields, bool local, char out[HEADER_DATE]) {
    size_t n;
    const char *value = fields_value(fields, DATE, &n);
    struct tm parts;
    int64_t seconds;
    time_t when;

    out[0] = '\0';
    if (!date_read(value, n, &seconds)) {
        return false;
    }
    when = (time_t)seconds;
    if (local) {
        return localtime_r(&when, &parts) != NULL && strftime(out, HEADER_DATE, "%Y-%m-%d %H:%M", &parts) != 0;
    }
    return gmtime_r(&when, &parts) != NULL && strftime(out, HEADER_DATE, "%Y-%m-%dT%H:%M:%SZ", &parts) != 0;
}

void header_read(struct header *header, const struct fields *fields, bool local) {
    header->has_from = read_text(fields, FROM, header->from);
    header->has_subject = read_text(fields, SUBJECT, header->subject);
    header->has_date = read_date(fields, local, header->date);
}
