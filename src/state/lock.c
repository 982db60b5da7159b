/* SPDX-License-Identifier: MIT */
/* Locks by flock(2) on files of their own, with the number of the process that holds them inside: state.writer and one for
 * each account. Refuses to wait for ever. */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700

#include "state/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_MS 2
#define WRITER_MS 60000 /* transactions take milliseconds: who keeps others waiting for so long is stopped */
#define ACCOUNT_MS 300  /* state_lock_look() of others takes an account's lock for a moment */
#define NUMBER 12

static int open_lock(const struct state *state, const char *name) {
    int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    int file = openat(state->folder_file, name, flags | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);

    if (file >= 0) {
        if (fchmod(file, S_IRUSR | S_IWUSR) == 0) {
            return file;
        }
        (void)close(file);
        return -1;
    }
    return errno == EEXIST ? openat(state->folder_file, name, flags) : -1;
}

bool state_lock_open(struct state *state, const char *name, struct state_lock *lock, struct state_error *error) {
    lock->taken = false;
    lock->file = open_lock(state, name);
    if (lock->file >= 0 || errno == ELOOP) {
        bool good = state_file_check(state, name, error);

        if (!good) {
            state_lock_close(lock);
        }
        return good;
    }
    return state_fail_errno(error, errno, "cannot open", state->folder, name);
}

void state_lock_close(struct state_lock *lock) {
    if (lock->file >= 0) {
        (void)close(lock->file); /* and with it the lock */
    }
    *lock = (struct state_lock){.file = -1};
}

static void take_note(struct state_lock *lock) {
    char number[NUMBER + 1];
    int size = snprintf(number, sizeof number, "%-*ld\n", NUMBER - 1, (long)getpid());

    lock->taken = true;
    (void)!pwrite(lock->file, number, (size_t)size, 0); /* it is for messages only */
}

static long process_of(const struct state_lock *lock) {
    char number[NUMBER + 1] = "";

    return pread(lock->file, number, NUMBER, 0) > 0 ? strtol(number, NULL, 10) : 0;
}

static void pause_ms(long milliseconds) {
    struct timespec time = {.tv_nsec = milliseconds * 1000000};

    (void)nanosleep(&time, NULL);
}

static bool fail_held(const struct state_lock *lock, const char *what, struct state_error *error) {
    long process = process_of(lock);

    if (process == (long)getpid()) {
        return state_fail(error, STATE_HELD, "%s is in use by this process already", what);
    }
    if (process <= 0) {
        return state_fail(error, STATE_HELD, "%s is in use by another process", what);
    }
    return state_fail(error, STATE_HELD, "%s is in use by the process %ld", what, process);
}

/* Errno's value, 0 where the lock is taken, EWOULDBLOCK after `most_ms`. */
static int take(struct state_lock *lock, long most_ms, bool wait_for_own) {
    long waited = 0;

    while (flock(lock->file, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return errno;
        }
        if (waited >= most_ms && !(wait_for_own && process_of(lock) == (long)getpid())) {
            return EWOULDBLOCK;
        }
        pause_ms(PAUSE_MS);
        waited += PAUSE_MS;
    }
    take_note(lock);
    return 0;
}

bool state_lock_writer(struct state *state, struct state_error *error) {
    char what[STATE_FILE];
    int number;

    if (state->writer.taken) { /* on a network file system, since the handle was opened */
        return true;
    }
    number = take(&state->writer, state->alone ? ACCOUNT_MS : WRITER_MS, state->alone);
    if (number == EWOULDBLOCK) {
        (void)snprintf(what, sizeof what, "the state in %s", state->folder);
        return fail_held(&state->writer, what, error);
    }
    return number == 0 || state_fail_errno(error, number, "cannot lock", state->folder, "state.writer");
}

void state_unlock_writer(struct state *state) {
    if (state->writer.taken && !state->alone) {
        (void)flock(state->writer.file, LOCK_UN);
        state->writer.taken = false;
    }
}

void state_account_lock_name(char name[STATE_LOCK_NAME], int64_t account) {
    (void)snprintf(name, STATE_LOCK_NAME, "lock/%" PRId64, account);
}

bool state_lock_account(struct state *state, int64_t account, struct state_lock *lock, struct state_error *error) {
    char name[STATE_LOCK_NAME];
    int number;
    bool good = false;

    state_account_lock_name(name, account);
    if (!state_lock_open(state, name, lock, error)) {
        return false;
    }
    number = take(lock, ACCOUNT_MS, false);
    if (number == 0) {
        return true;
    }
    good = number == EWOULDBLOCK ? fail_held(lock, "the account", error)
                                 : state_fail_errno(error, number, "cannot lock", state->folder, name);
    state_lock_close(lock);
    return good;
}

void state_lock_look(const struct state *state, int64_t account, int64_t *looked_s, bool *held) {
    char name[STATE_LOCK_NAME];
    struct stat facts;
    int file;

    *looked_s = 0;
    *held = false;
    state_account_lock_name(name, account);
    file = openat(state->folder_file, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        return;
    }
    if (fstat(file, &facts) == 0) {
        *looked_s = (int64_t)facts.st_mtime;
    }
    *held = flock(file, LOCK_SH | LOCK_NB) != 0;
    (void)close(file);
}
