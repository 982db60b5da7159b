/* SPDX-License-Identifier: MIT */
/*
 * What libConfuse 3.3 does not do well, done before it sees the text: it counts the line ends of comments more than once,
 * takes a file that ends within quotes, comments or sections for a whole one, replaces ${NAME} by the environment, and
 * drops some characters without a word, in passwords too. Knows how texts, comments and sections begin and end, and nothing of what they mean.
 */
#include "account/private.h"

#include <stdio.h>
#include <string.h>

struct scan {
    char *at;
    unsigned line;
    unsigned section_line; /* where the open section begins; 0: none is open */
    struct account_problem *problem;
};

static bool wrong(const struct scan *scan, unsigned line, const char *text) {
    scan->problem->line = line;
    (void)snprintf(scan->problem->text, sizeof scan->problem->text, "%s", text);
    return false;
}

static void step(struct scan *scan) {
    scan->line += *scan->at == '\n';
    scan->at++;
}

static void blank(struct scan *scan) {
    if (*scan->at != '\n') {
        *scan->at = ' ';
    }
    step(scan);
}

static void blank_line(struct scan *scan) {
    while (*scan->at != '\0' && *scan->at != '\n') {
        blank(scan);
    }
}

static bool blank_block(struct scan *scan) {
    unsigned begin = scan->line;
    const char *end = strstr(scan->at + 2, "*/");

    if (end == NULL) {
        return wrong(scan, begin, "the comment that begins here has no end: */ is missing");
    }
    while (scan->at < end + 2) {
        blank(scan);
    }
    return true;
}

static bool is_expansion(const char *at) {
    return at[0] == '$' && at[1] == '{';
}

static bool refuse_expansion(const struct scan *scan) {
    return wrong(scan, scan->line, "${...} is not replaced by anything here: write the value in single quotes, '...'");
}

/* Both kinds know the backslash; ${ is nothing but itself in single ones. */
static bool quoted(struct scan *scan) {
    unsigned begin = scan->line;
    char quote = *scan->at;

    for (step(scan); *scan->at != quote; step(scan)) {
        if (quote == '"' && is_expansion(scan->at)) {
            return refuse_expansion(scan);
        }
        if (*scan->at == '\\' && scan->at[1] != '\0') {
            step(scan);
        }
        if (*scan->at == '\0') {
            return wrong(scan, begin, "the text that begins here has no end: a quotation mark is missing");
        }
    }
    step(scan);
    return true;
}

/* A comment begins between words only: pops://host has none. */
static bool between_words(const struct scan *scan, const char *text) {
    return scan->at == text || strchr(" \t\r\n\"'={}", scan->at[-1]) != NULL;
}

static bool plain(struct scan *scan) {
    if (is_expansion(scan->at)) {
        return refuse_expansion(scan);
    }
    if (strchr("#+*(),", *scan->at) != NULL) {
        return wrong(scan, scan->line, "one of # + * ( ) , stands within a value: write the value in quotes");
    }
    if (*scan->at == '{') {
        scan->section_line = scan->line;
    } else if (*scan->at == '}') {
        scan->section_line = 0;
    }
    step(scan);
    return true;
}

static bool next(struct scan *scan, const char *text) {
    bool between = between_words(scan, text);

    if (between && (*scan->at == '#' || strncmp(scan->at, "//", 2) == 0)) {
        blank_line(scan);
        return true;
    }
    if (between && strncmp(scan->at, "/*", 2) == 0) {
        return blank_block(scan);
    }
    return *scan->at == '"' || *scan->at == '\'' ? quoted(scan) : plain(scan);
}

bool account_scan(char *text, struct account_problem *problem) {
    struct scan scan = {.at = text, .line = 1, .problem = problem};

    while (*scan.at != '\0') {
        if (!next(&scan, text)) {
            return false;
        }
    }
    if (scan.section_line != 0) {
        return wrong(&scan, scan.section_line, "the section that begins here has no end: } is missing");
    }
    return true;
}
