/* SPDX-License-Identifier: MIT */
/* Happy eyeballs (RFC 8305) over the addresses of one host. Refuses to know what is spoken there. */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include "net/dial.h"
#include "net/wait.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

#define ADDRESS_TEXT 64

struct dial {
    const struct net_dial_options *options;
    const char *name;
    const struct net_addresses *addresses;
    bool used[NET_ADDRESSES_MOST]; /* which of them failed, or won */
    size_t next;                   /* the first address not tried yet */
    uint64_t next_ms;              /* when to try it */
    size_t count;                  /* attempts under way: */
    struct pollfd entries[NET_ADDRESSES_MOST + 1];
    size_t which[NET_ADDRESSES_MOST];     /* their addresses */
    uint64_t expires[NET_ADDRESSES_MOST]; /* their deadlines */
    int failure;                          /* errno's value of the failure that tells most, and its address */
    size_t failed;
};

static uint64_t sooner(uint64_t left, uint64_t right) {
    return left < right ? left : right;
}

/* RFC 8305 section 4: the families take turns, the resolver's first one begins; else its order is kept. */
static void take_turns(struct net_addresses *addresses) {
    struct net_addresses sorted = {.count = addresses->count};
    bool used[NET_ADDRESSES_MOST] = {false};
    sa_family_t family = addresses->list[0].where.ss_family;

    for (size_t out = 0; out < sorted.count; out++) {
        size_t first = NET_ADDRESSES_MOST; /* the first one left, and the first one left of this family */
        size_t fits = NET_ADDRESSES_MOST;

        for (size_t i = addresses->count; i-- > 0;) {
            if (!used[i]) {
                first = i;
                fits = addresses->list[i].where.ss_family == family ? i : fits;
            }
        }
        fits = fits == NET_ADDRESSES_MOST ? first : fits;
        used[fits] = true;
        sorted.list[out] = addresses->list[fits];
        family = sorted.list[out].where.ss_family == AF_INET ? AF_INET6 : AF_INET;
    }
    *addresses = sorted;
}

/* What a failure tells: a refusal, that the host is there; silence, that there may be one. */
static int rank(int error) {
    return error == ECONNREFUSED || error == ECONNRESET ? 3 : error == ETIMEDOUT ? 2 : error != 0 ? 1 : 0;
}

/* The next address need not wait for its turn. */
static void note_failure(struct dial *dial, size_t address, int error) {
    dial->next_ms = net_now_ms();
    dial->used[address] = true;
    if (rank(error) > rank(dial->failure)) {
        dial->failure = error;
        dial->failed = address;
    }
}

/* A connected descriptor, or -1: the attempt is under way, or failed. */
static int begin(struct dial *dial) {
    size_t which = dial->next++;
    const struct net_address *address = &dial->addresses->list[which];
    uint32_t limit_ms = dial->options->address_ms != 0 ? dial->options->address_ms : NET_ADDRESS_MS;
    uint64_t now_ms = net_now_ms();
    int fd = socket(address->where.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0) {
        note_failure(dial, which, errno);
        return -1;
    }
    if (connect(fd, (const struct sockaddr *)&address->where, address->size) == 0) {
        dial->used[which] = true;
        return fd;
    }
    if (errno != EINPROGRESS) {
        note_failure(dial, which, errno);
        (void)close(fd);
        return -1;
    }
    dial->entries[dial->count] = (struct pollfd){.fd = fd, .events = POLLOUT};
    dial->which[dial->count] = which;
    dial->expires[dial->count] = now_ms + limit_ms;
    dial->count++;
    dial->next_ms = now_ms + NET_STAGGER_MS;
    return -1;
}

static void drop(struct dial *dial, size_t attempt) {
    dial->count--;
    dial->entries[attempt] = dial->entries[dial->count];
    dial->which[attempt] = dial->which[dial->count];
    dial->expires[attempt] = dial->expires[dial->count];
}

static int outcome(int fd) {
    int error = 0;
    socklen_t size = sizeof error;

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

/* The descriptor that is connected, or -1. Ends the attempts that failed, or whose time is over. */
static int look(struct dial *dial) {
    uint64_t now_ms = net_now_ms();

    for (size_t i = dial->count; i-- > 0;) {
        int fd = dial->entries[i].fd;
        bool ready = dial->entries[i].revents != 0;
        int error = ready ? outcome(fd) : ETIMEDOUT;

        if (ready || now_ms >= dial->expires[i]) {
            size_t which = dial->which[i];

            drop(dial, i);
            if (error == 0) {
                dial->used[which] = true;
                return fd;
            }
            note_failure(dial, which, error);
            (void)close(fd);
        }
    }
    return -1;
}

static uint64_t due(const struct dial *dial) {
    uint64_t when = dial->options->deadline_ms;

    for (size_t i = 0; i < dial->count; i++) {
        when = sooner(when, dial->expires[i]);
    }
    return dial->next < dial->addresses->count ? sooner(when, dial->next_ms) : when;
}

static void numeric(char text[ADDRESS_TEXT], const struct net_address *address) {
    if (getnameinfo((const struct sockaddr *)&address->where, address->size, text, ADDRESS_TEXT, NULL, 0,
                    NI_NUMERICHOST) != 0) {
        text[0] = '?';
        text[1] = '\0';
    }
}

static bool nothing_answers(const struct dial *dial, struct net_error *error) {
    char address[ADDRESS_TEXT];
    char words[NET_ERRNO_TEXT];
    unsigned port = dial->options->port;
    const char *others = dial->addresses->count > 1 ? ", nor does any other of its addresses answer" : "";

    numeric(address, &dial->addresses->list[dial->failed]);
    switch (rank(dial->failure)) {
    case 3:
        (void)net_fail(error, NET_ERROR_REFUSED, "%s (%s) refuses connections to port %u%s", dial->name, address, port,
                       others);
        return net_hint(error, "check the port, and that a mail server runs there");
    case 2:
        (void)net_fail(error, NET_ERROR_TIMEOUT, "%s (%s) does not answer on port %u%s", dial->name, address, port,
                       others);
        return net_hint(error, "check host and port; a firewall may be in the way");
    default:
        net_errno_words(words, dial->failure);
        (void)net_fail(error, NET_ERROR_UNREACHABLE, "%s (%s) port %u cannot be reached: %s%s", dial->name, address,
                       port, words, others);
        return net_hint(error, "check that this machine's network works");
    }
}

static bool out_of_time(const struct dial *dial, struct net_error *error) {
    (void)net_fail(error, NET_ERROR_TIMEOUT, "%s does not answer on port %u", dial->name,
                   (unsigned)dial->options->port);
    return net_hint(error, "check host and port; a firewall may be in the way");
}

/* The first descriptor that is connected, or -1. */
static int race(struct dial *dial, struct net_error *error) {
    for (;;) {
        ptrdiff_t ready;
        int fd = dial->next < dial->addresses->count && net_now_ms() >= dial->next_ms ? begin(dial) : -1;

        if (fd >= 0) {
            return fd;
        }
        if (dial->count == 0 && dial->next == dial->addresses->count) {
            (void)nothing_answers(dial, error);
            return -1;
        }
        ready = net_wait_some(dial->entries, dial->count, dial->options->cancel_fd, due(dial));
        if (ready == NET_CANCELLED || ready == NET_FAILED) {
            (void)net_fail(error, ready == NET_CANCELLED ? NET_ERROR_CANCELLED : NET_ERROR_SYSTEM,
                           "%s while connecting to %s", ready == NET_CANCELLED ? "cancelled" : "waiting failed",
                           dial->name);
            return -1;
        }
        fd = look(dial);
        if (fd >= 0) {
            return fd;
        }
        if (net_now_ms() >= dial->options->deadline_ms) {
            (void)out_of_time(dial, error);
            return -1;
        }
    }
}

static void remove_used(struct net_addresses *addresses, const bool used[NET_ADDRESSES_MOST]) {
    size_t kept = 0;

    for (size_t i = 0; i < addresses->count; i++) {
        if (!used[i]) {
            addresses->list[kept++] = addresses->list[i];
        }
    }
    addresses->count = kept;
}

bool net_dial_next(struct net_dialling *dialling, struct net_stream *stream, struct net_error *error) {
    struct dial dial = {.options = &dialling->options, .name = dialling->name, .addresses = &dialling->left};
    int fd = race(&dial, error);

    for (size_t i = 0; i < dial.count; i++) {
        (void)close(dial.entries[i].fd);
    }
    remove_used(&dialling->left, dial.used);
    if (fd < 0) {
        return false;
    }
    net_posix_stream(stream, fd);
    stream->cancel_fd = dialling->options.cancel_fd;
    return true;
}

bool net_dial_begin(struct net_dialling *dialling, const struct net_dial_options *options, struct net_error *error) {
    uint64_t lookup_ms = net_now_ms() + (options->lookup_ms != 0 ? options->lookup_ms : NET_LOOKUP_MS);
    struct net_host host;

    dialling->options = *options;
    dialling->left.count = 0;
    if (options->port == 0) {
        return net_fail(error, NET_ERROR_CONFIG, "port 0 is none");
    }
    if (!net_host_parse(&host, options->host, error)) {
        return false;
    }
    memcpy(dialling->name, host.name, sizeof dialling->name);
    if (!net_lookup(&dialling->left, &host, options->port, sooner(lookup_ms, options->deadline_ms), options->cancel_fd,
                    error)) {
        return false;
    }
    take_turns(&dialling->left);
    return true;
}

bool net_dial_with(struct net_stream *stream, const struct net_dial_options *options, struct net_error *error) {
    struct net_dialling dialling;

    return net_dial_begin(&dialling, options, error) && net_dial_next(&dialling, stream, error);
}

bool net_dial(struct net_stream *stream, const char *host, uint16_t port, uint64_t deadline_ms, int cancel_fd,
              struct net_error *error) {
    struct net_dial_options options = {.host = host, .port = port, .deadline_ms = deadline_ms, .cancel_fd = cancel_fd};

    return net_dial_with(stream, &options, error);
}
