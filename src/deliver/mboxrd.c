/* SPDX-License-Identifier: MIT */
/* One pass over a message's file. Refuses to know the mbox it goes to, and to trust an address in it (A-15). */
#define _POSIX_C_SOURCE 200809L

#include "deliver/mboxrd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define CHUNK ((size_t)64 * 1024)
#define FROM "From "
#define FROM_LENGTH (sizeof FROM - 1)
#define ADDRESS_MAX 254
#define NOBODY "MAILER-DAEMON"

struct mboxrd {
    mboxrd_out_fn *out;
    void *context;
    bool in_line;   /* not at a line's start: nothing is to be quoted */
    uint64_t marks; /* of '>' at the start of this line, not written yet */
    size_t matched; /* octets of FROM behind them, not written yet */
};

static bool put(struct mboxrd *to, const void *octets, size_t n) {
    return n == 0 || to->out(to->context, octets, n);
}

/* ---- The separator ---- */

static bool is_safe(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.@", c) != NULL);
}

/* The address in a Return-Path field that comes first, if every octet of it is harmless. */
static void sender(const char *start, char out[ADDRESS_MAX + 1]) {
    static const char field[] = "Return-Path:";
    const char *at = start + sizeof field - 1;
    size_t n = 0;

    (void)snprintf(out, ADDRESS_MAX + 1, NOBODY);
    if (strncasecmp(start, field, sizeof field - 1) != 0) {
        return;
    }
    at += strspn(at, " \t");
    if (*at++ != '<' || *at == '-') {
        return;
    }
    while (n <= ADDRESS_MAX && is_safe(at[n])) {
        n++;
    }
    if (n > 0 && n <= ADDRESS_MAX && at[n] == '>') {
        memcpy(out, at, n);
        out[n] = '\0';
    }
}

/* As asctime() writes it, in English whatever the locale. */
static bool put_separator(struct mboxrd *to, const char *start, int64_t when) {
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char address[ADDRESS_MAX + 1];
    char line[ADDRESS_MAX + 64];
    time_t seconds = (time_t)when;
    struct tm utc = {.tm_mday = 1};
    int n;

    sender(start, address);
    (void)gmtime_r(&seconds, &utc);
    n = snprintf(line, sizeof line, FROM "%s %.3s %.3s %2d %02d:%02d:%02d %d\n", address,
                 days + (size_t)3 * (unsigned)utc.tm_wday, months + (size_t)3 * (unsigned)utc.tm_mon, utc.tm_mday,
                 utc.tm_hour, utc.tm_min, utc.tm_sec, utc.tm_year + 1900);
    return put(to, line, (size_t)n);
}

/* ---- The content ---- */

/* What was held back at the start of a line is no "From " line after all, or it is and gets one mark more. */
static bool put_held(struct mboxrd *to, bool quote) {
    uint64_t marks = to->marks + (quote ? 1 : 0);
    size_t matched = to->matched;

    to->marks = 0;
    to->matched = 0;
    to->in_line = true;
    for (; marks > 0; marks--) {
        if (!put(to, ">", 1)) {
            return false;
        }
    }
    return put(to, FROM, matched);
}

/* One octet at the start of a line; *held: it is kept back, or was part of what is written now. */
static bool at_start(struct mboxrd *to, char c, bool *held) {
    *held = true;
    if (to->matched == 0 && c == '>') {
        to->marks++;
        return true;
    }
    if (c == FROM[to->matched]) {
        to->matched++;
        return to->matched < FROM_LENGTH || put_held(to, true);
    }
    *held = false;
    return put_held(to, false);
}

static bool put_content(struct mboxrd *to, const char *text, size_t n) {
    size_t at = 0;

    while (at < n) {
        if (to->in_line) {
            const char *end = memchr(text + at, '\n', n - at);
            size_t some = end != NULL ? (size_t)(end - text) + 1 - at : n - at;

            if (!put(to, text + at, some)) {
                return false;
            }
            at += some;
            to->in_line = end == NULL;
        } else {
            bool held;

            if (!at_start(to, text[at], &held)) {
                return false;
            }
            at += held ? 1 : 0;
        }
    }
    return true;
}

/* The last line gets an end if it has none; an empty line follows. */
static bool put_end(struct mboxrd *to) {
    if (!to->in_line && (to->marks > 0 || to->matched > 0) && !put_held(to, false)) {
        return false;
    }
    return (!to->in_line || put(to, "\n", 1)) && put(to, "\n", 1);
}

static ssize_t read_some(int fd, char *text, off_t at) {
    ssize_t n;

    do {
        n = pread(fd, text, CHUNK, at);
    } while (n < 0 && errno == EINTR);
    return n;
}

static bool write_message(struct mboxrd *to, int fd, int64_t when, char *text, int *code) {
    off_t at = 0;
    ssize_t n = read_some(fd, text, 0);

    text[n > 0 ? n : 0] = '\0';
    if (n >= 0 && !put_separator(to, text, when)) {
        return false;
    }
    while (n > 0) {
        if (!put_content(to, text, (size_t)n)) {
            return false;
        }
        at += n;
        n = read_some(fd, text, at);
    }
    if (n < 0) {
        *code = errno;
        return false;
    }
    return put_end(to);
}

bool mboxrd_write(int fd, int64_t when, mboxrd_out_fn *out, void *context, int *code) {
    struct mboxrd to = {.out = out, .context = context};
    char *text = malloc(CHUNK + 1);
    bool good;

    *code = text != NULL ? 0 : ENOMEM;
    good = text != NULL && write_message(&to, fd, when, text, code);
    free(text);
    return good;
}
