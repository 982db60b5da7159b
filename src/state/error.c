/* SPDX-License-Identifier: MIT */
/* What went wrong, in words for the person who has to put it right. Refuses to print it. */
#define _XOPEN_SOURCE 700 /* strerror_r */

#include "state/internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WORDS 128

static const char *const hints[] = {
    [STATE_HELD] = "wait until it is done",
    [STATE_NEWER] = "use the newer Satchel, or another folder for the state",
    [STATE_DAMAGED] = "restore it from a backup; or move it away: then all that servers still have is fetched again",
    [STATE_FULL] = "make room there; what was delivered is known, and nothing is fetched twice",
    [STATE_READ_ONLY] = "make it writable, or choose another folder for the state",
    [STATE_IO] = "the system's log may tell more of the disk",
};

static const char *standard_hint(enum state_problem problem) {
    size_t known = sizeof hints / sizeof hints[0];

    return (size_t)problem < known && hints[problem] != NULL ? hints[problem] : "";
}

bool state_fail(struct state_error *error, enum state_problem problem, const char *text, ...) {
    va_list arguments;

    error->problem = problem;
    (void)snprintf(error->hint, sizeof error->hint, "%s", standard_hint(problem));
    va_start(arguments, text);
    (void)vsnprintf(error->text, sizeof error->text, text, arguments);
    va_end(arguments);
    return false;
}

bool state_hint(struct state_error *error, const char *hint, ...) {
    va_list arguments;

    va_start(arguments, hint);
    (void)vsnprintf(error->hint, sizeof error->hint, hint, arguments);
    va_end(arguments);
    return false;
}

static enum state_problem problem_of_errno(int number) {
    switch (number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return STATE_FULL;
    case EROFS: return STATE_READ_ONLY;
    case EACCES:
    case EPERM:
    case ELOOP:
    case ENOTDIR: return STATE_PERMISSION;
    case ENOMEM: return STATE_MEMORY;
    default: return STATE_IO;
    }
}

static void errno_words(char words[WORDS], int number) {
    if (strerror_r(number, words, WORDS) != 0) {
        (void)snprintf(words, WORDS, "error %d", number);
    }
}

bool state_fail_errno(struct state_error *error, int number, const char *what, const char *folder, const char *name) {
    char words[WORDS];

    errno_words(words, number);
    return state_fail(error, problem_of_errno(number), "%s %s%s%s: %s", what, folder, name[0] != '\0' ? "/" : "", name,
                      words);
}

static enum state_problem problem_of_sqlite(int code, int number) {
    switch (code & 0xFF) {
    case SQLITE_NOMEM: return STATE_MEMORY;
    case SQLITE_FULL: return STATE_FULL;
    case SQLITE_READONLY: return STATE_READ_ONLY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return STATE_HELD;
    case SQLITE_CONSTRAINT: return STATE_ARGUMENT;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR: return STATE_DAMAGED; /* of our constant texts: a table is missing, or another one */
    case SQLITE_CANTOPEN: return code == SQLITE_CANTOPEN_SYMLINK ? STATE_PERMISSION : problem_of_errno(number);
    case SQLITE_IOERR: return code == SQLITE_IOERR_NOMEM ? STATE_MEMORY : problem_of_errno(number);
    default: return STATE_IO;
    }
}

bool state_fail_sqlite(struct state *state, int code, struct state_error *error) {
    bool of_system = (code & 0xFF) == SQLITE_CANTOPEN || (code & 0xFF) == SQLITE_IOERR;
    int number = of_system && state->database != NULL ? sqlite3_system_errno(state->database) : 0;
    enum state_problem problem = problem_of_sqlite(code, number);
    char words[WORDS];

    if (problem == STATE_HELD) {
        return state_fail(error, problem, "another program has locked the database %s/%s", state->folder,
                          STATE_DATABASE);
    }
    if (number == 0) {
        return state_fail(error, problem, "the database %s/%s: %s", state->folder, STATE_DATABASE,
                          sqlite3_errstr(code));
    }
    errno_words(words, number);
    return state_fail(error, problem, "the database %s/%s: %s: %s", state->folder, STATE_DATABASE, sqlite3_errstr(code),
                      words);
}
