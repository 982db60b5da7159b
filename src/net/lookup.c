/* SPDX-License-Identifier: MIT */
/*
 * getaddrinfo() with a deadline. It runs in a thread that is left to itself when the deadline passes first; whoever of
 * thread and caller is last gives back what they share.
 */
#define _GNU_SOURCE /* pipe2, EAI_NODATA */

#include "net/lookup.h"
#include "net/wait.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct lookup {
    atomic_int users;
    int done_fd; /* the thread's end of a pipe: closed when it is done */
    char name[NET_HOST_SIZE];
    char service[8];
    int status; /* getaddrinfo()'s; with EAI_SYSTEM also errno's value */
    int error;
    struct net_addresses addresses;
};

static void collect(struct net_addresses *addresses, const struct addrinfo *found) {
    addresses->count = 0;
    for (; found != NULL && addresses->count < NET_ADDRESSES_MOST; found = found->ai_next) {
        struct net_address *address = &addresses->list[addresses->count];

        if (found->ai_family != AF_INET && found->ai_family != AF_INET6) {
            continue;
        }
        memcpy(&address->where, found->ai_addr, found->ai_addrlen);
        address->size = found->ai_addrlen;
        addresses->count++;
    }
}

static int resolve(struct lookup *lookup, int flags) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    struct addrinfo *found = NULL;

    lookup->status = getaddrinfo(lookup->name, lookup->service, &hints, &found);
    lookup->error = errno;
    if (lookup->status == 0) {
        collect(&lookup->addresses, found);
        freeaddrinfo(found);
    }
    return lookup->status;
}

static void leave(struct lookup *lookup) {
    if (atomic_fetch_sub(&lookup->users, 1) == 1) {
        free(lookup);
    }
}

static void *run(void *argument) {
    struct lookup *lookup = argument;
    int done_fd = lookup->done_fd;

    (void)resolve(lookup, 0);
    leave(lookup);
    (void)close(done_fd);
    return NULL;
}

/* The thread takes no signal: handlers of the program run where they ran before (R-TLS-19). */
static int start(struct lookup *lookup) {
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t every;
    sigset_t before;
    int status = pthread_attr_init(&attributes);

    if (status != 0) {
        return status;
    }
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    (void)sigfillset(&every);
    (void)pthread_sigmask(SIG_SETMASK, &every, &before);
    status = pthread_create(&thread, &attributes, run, lookup);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attributes);
    return status;
}

static bool is_unknown(int status) {
    return status == EAI_NONAME || status == EAI_NODATA;
}

/* Words of our own: gai_strerror() speaks the language of the locale, and in riddles. */
static bool no_address(const struct lookup *lookup, struct net_error *error) {
    if (lookup->status == EAI_MEMORY || lookup->status == EAI_SYSTEM) {
        char words[NET_ERRNO_TEXT];

        net_errno_words(words, lookup->status == EAI_SYSTEM ? lookup->error : ENOMEM);
        return net_fail(error, lookup->status == EAI_MEMORY ? NET_ERROR_MEMORY : NET_ERROR_SYSTEM,
                        "%s cannot be looked up: %s", lookup->name, words);
    }
    if (lookup->status == 0 || is_unknown(lookup->status)) {
        (void)net_fail(error, NET_ERROR_NAME, "there is no host %s with an address", lookup->name);
        return net_hint(error, "check how the host name is spelt");
    }
    (void)net_fail(error, NET_ERROR_NAME, "the name servers did not tell the address of %s", lookup->name);
    return net_hint(error, "check that this machine's network and name servers work, then try again");
}

static bool conclude(const struct lookup *lookup, struct net_addresses *addresses, struct net_error *error) {
    if (lookup->status != 0 || lookup->addresses.count == 0) {
        return no_address(lookup, error);
    }
    *addresses = lookup->addresses;
    return true;
}

/* The thread leaves before it closes its end, so that one user left means that all of `lookup` is written. */
static bool await(struct lookup *lookup, int wake_fd, struct net_addresses *addresses, uint64_t deadline_ms,
                  int cancel_fd, struct net_error *error) {
    ptrdiff_t ready = net_wait_fd(wake_fd, POLLIN, cancel_fd, deadline_ms);

    if (ready > 0 && atomic_load(&lookup->users) == 1) {
        return conclude(lookup, addresses, error);
    }
    if (ready == NET_CANCELLED) {
        return net_fail(error, NET_ERROR_CANCELLED, "cancelled while %s was looked up", lookup->name);
    }
    if (ready < 0) {
        return net_fail(error, NET_ERROR_SYSTEM, "waiting for the look-up of %s failed", lookup->name);
    }
    (void)net_fail(error, NET_ERROR_TIMEOUT, "looking up %s took too long", lookup->name);
    return net_hint(error, "check that this machine's network and name servers work, then try again");
}

static bool look_up_name(struct lookup *lookup, struct net_addresses *addresses, uint64_t deadline_ms, int cancel_fd,
                         struct net_error *error) {
    int ends[2];
    int status;
    bool good;

    if (pipe2(ends, O_CLOEXEC) != 0) {
        return net_fail(error, NET_ERROR_SYSTEM, "%s cannot be looked up: no descriptor is free", lookup->name);
    }
    lookup->done_fd = ends[1];
    atomic_store(&lookup->users, 2);
    status = start(lookup);
    if (status != 0) {
        atomic_store(&lookup->users, 1);
        (void)close(ends[1]);
        (void)close(ends[0]);
        return net_fail(error, NET_ERROR_SYSTEM, "%s cannot be looked up: no thread can be started", lookup->name);
    }
    good = await(lookup, ends[0], addresses, deadline_ms, cancel_fd, error);
    (void)close(ends[0]);
    return good;
}

bool net_lookup(struct net_addresses *addresses, const struct net_host *host, uint16_t port, uint64_t deadline_ms,
                int cancel_fd, struct net_error *error) {
    struct lookup *lookup = calloc(1, sizeof *lookup);
    bool good;

    if (lookup == NULL) {
        return net_fail(error, NET_ERROR_MEMORY, "there is no memory to look up %s", host->name);
    }
    atomic_init(&lookup->users, 1);
    memcpy(lookup->name, host->name, sizeof lookup->name);
    (void)snprintf(lookup->service, sizeof lookup->service, "%u", (unsigned)port);
    if (host->numeric) {
        (void)resolve(lookup, AI_NUMERICHOST);
        good = conclude(lookup, addresses, error);
    } else {
        good = look_up_name(lookup, addresses, deadline_ms, cancel_fd, error);
    }
    leave(lookup);
    return good;
}
