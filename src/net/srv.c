/* SPDX-License-Identifier: MIT */
/*
 * SRV records by c-ares, on its own channel for each look-up. ares_library_init() is not called: it is not safe beside
 * other threads, and does something on Windows only (ares_library_init(3)).
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC, getrandom */

#include "net/srv.h"
#include "net/wait.h"

#include <ares.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#define TRY_MS 2000 /* doubles with each round through the name servers */
#define ROUNDS 3
#define RECORDS_MOST 512 /* of one answer; further ones are left out */
#define NAME_SIZE (64 + NET_HOST_SIZE)

struct question {
    char name[NAME_SIZE];
    bool done;
    int status; /* ARES_* */
    struct ares_srv_reply *records;
};

/* ---- Sockets: c-ares's own raise SIGPIPE (R-TLS-19) ---- */

static ares_socket_t open_socket(int family, int type, int protocol, void *context) {
    (void)context;
    return socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
}

static int close_socket(ares_socket_t fd, void *context) {
    (void)context;
    return close(fd);
}

static int connect_socket(ares_socket_t fd, const struct sockaddr *where, ares_socklen_t size, void *context) {
    (void)context;
    return connect(fd, where, size);
}

static ares_ssize_t receive(ares_socket_t fd, void *buffer, size_t size, int flags, struct sockaddr *from,
                            ares_socklen_t *from_size, void *context) {
    (void)context;
    return recvfrom(fd, buffer, size, flags, from, from_size);
}

/* A query is one span; of more, c-ares would ask again for what did not go. */
static ares_ssize_t send_spans(ares_socket_t fd, const struct iovec *spans, int count, void *context) {
    (void)count;
    (void)context;
    return send(fd, spans[0].iov_base, spans[0].iov_len, MSG_NOSIGNAL);
}

static const struct ares_socket_functions sockets = {open_socket, close_socket, connect_socket, receive, send_spans};

/* ---- The question ---- */

static void take_answer(void *context, int status, int timeouts, unsigned char *answer, int size) {
    struct question *question = context;

    (void)timeouts;
    question->done = true;
    question->status = status;
    if (status == ARES_SUCCESS) {
        status = ares_parse_srv_reply(answer, size, &question->records);
        question->status = status == ARES_SUCCESS || status == ARES_ENOMEM ? status : ARES_EBADRESP;
    }
}

static size_t watch(ares_channel channel, struct pollfd entries[ARES_GETSOCK_MAXNUM]) {
    ares_socket_t fds[ARES_GETSOCK_MAXNUM];
    unsigned wanted = (unsigned)ares_getsock(channel, fds, ARES_GETSOCK_MAXNUM);
    size_t count = 0;

    for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
        short events = (short)(((wanted >> i & 1) != 0 ? POLLIN : 0) |
                               ((wanted >> (i + ARES_GETSOCK_MAXNUM) & 1) != 0 ? POLLOUT : 0));

        if (events != 0) {
            entries[count++] = (struct pollfd){.fd = fds[i], .events = events};
        }
    }
    return count;
}

/* When c-ares wants to try again or to give up, or the deadline. */
static uint64_t wake_at(ares_channel channel, uint64_t deadline_ms) {
    struct timeval left;
    uint64_t at_ms;

    if (ares_timeout(channel, NULL, &left) == NULL) {
        return deadline_ms;
    }
    at_ms = net_now_ms() + (uint64_t)left.tv_sec * 1000 + (uint64_t)left.tv_usec / 1000;
    return at_ms < deadline_ms ? at_ms : deadline_ms;
}

static void process(ares_channel channel, const struct pollfd *entries, size_t count) {
    for (size_t i = 0; i < count; i++) {
        bool readable = (entries[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
        bool writable = (entries[i].revents & (POLLOUT | POLLERR | POLLHUP)) != 0;

        ares_process_fd(channel, readable ? entries[i].fd : ARES_SOCKET_BAD,
                        writable ? entries[i].fd : ARES_SOCKET_BAD);
    }
    ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* what has become late */
}

/* The deadline makes c-ares cancel the question, and that is an answer too. */
static void await(ares_channel channel, const struct question *question, uint64_t deadline_ms) {
    while (!question->done) {
        struct pollfd entries[ARES_GETSOCK_MAXNUM + 1];
        size_t count = watch(channel, entries);
        ptrdiff_t ready = net_wait_some(entries, count, -1, wake_at(channel, deadline_ms));

        if (ready == NET_FAILED || net_wait_ms(deadline_ms) == 0) {
            ares_cancel(channel);
        } else {
            process(channel, entries, ready > 0 ? count : 0);
        }
    }
}

static void ask(struct question *question, const struct net_srv_options *options) {
    struct ares_options settings = {
        .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES, .timeout = TRY_MS, .tries = ROUNDS};
    ares_channel channel;

    question->status = ares_init_options(&channel, &settings, ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
    if (question->status != ARES_SUCCESS) {
        return;
    }
    ares_set_socket_functions(channel, &sockets, NULL);
    if (options->name_servers != NULL) {
        question->status = ares_set_servers_ports_csv(channel, options->name_servers);
    }
    if (question->status == ARES_SUCCESS) {
        ares_query(channel, question->name, 1 /* IN */, 33 /* SRV */, take_answer, question);
        await(channel, question, options->deadline_ms);
    }
    ares_destroy(channel);
}

/* ---- The answer ---- */

static uint32_t system_random(void *context, uint32_t most) {
    uint64_t number = 0;

    (void)context;
    if (getrandom(&number, sizeof number, GRND_NONBLOCK) != (ssize_t)sizeof number) {
        return 0; /* it spreads load and is no secret */
    }
    return (uint32_t)(number % ((uint64_t)most + 1));
}

/* The lower priority first, and weight 0 ahead of others, as the draw of RFC 2782 wants it. */
static bool is_ahead(const struct ares_srv_reply *a, const struct ares_srv_reply *b) {
    return a->priority != b->priority ? a->priority < b->priority : a->weight == 0 && b->weight != 0;
}

static size_t sort(const struct ares_srv_reply *sorted[RECORDS_MOST], const struct ares_srv_reply *record) {
    size_t count = 0;

    for (; record != NULL && count < RECORDS_MOST; record = record->next, count++) {
        size_t at = count;

        for (; at > 0 && is_ahead(record, sorted[at - 1]); at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = record;
    }
    return count;
}

/* One of those of the lowest priority, likely by its weight. */
static size_t draw(const struct ares_srv_reply *const *sorted, size_t count, const struct net_srv_options *options) {
    net_srv_random *random = options->random != NULL ? options->random : system_random;
    uint32_t sum = 0;
    uint32_t drawn;
    size_t equals = 0;
    size_t at = 0;

    for (; equals < count && sorted[equals]->priority == sorted[0]->priority; equals++) {
        sum += sorted[equals]->weight;
    }
    drawn = random(options->random_context, sum);
    sum = sorted[0]->weight;
    while (at + 1 < equals && sum < drawn) {
        sum += sorted[++at]->weight;
    }
    return at;
}

/* Nothing but a name that could have been written as one: c-ares shows other octets as \DDD. */
static void add(struct net_srv *srv, const struct ares_srv_reply *record) {
    struct net_srv_target *target = &srv->targets[srv->count];
    struct net_host host;
    struct net_error no_name;

    if (record->port != 0 && net_host_parse(&host, record->host, &no_name) && !host.numeric) {
        memcpy(target->host, host.name, sizeof target->host);
        target->port = record->port;
        srv->count++;
    }
}

/* False: there are records, and none is of use. */
static bool collect(struct net_srv *srv, const struct ares_srv_reply *records, const struct net_srv_options *options) {
    const struct ares_srv_reply *sorted[RECORDS_MOST];
    size_t count = sort(sorted, records);

    while (count > 0 && srv->count < NET_SRV_TARGETS_MOST) {
        size_t at = draw(sorted, count, options);

        srv->not_offered = srv->not_offered || sorted[at]->host[0] == '\0';
        add(srv, sorted[at]);
        for (count--; at < count; at++) {
            sorted[at] = sorted[at + 1];
        }
    }
    if (srv->count != 0) {
        srv->not_offered = false; /* "." counts where it stands alone (RFC 2782) */
    }
    return records == NULL || srv->count != 0 || srv->not_offered;
}

static bool fail(const struct question *question, struct net_error *error) {
    switch (question->status) {
    case ARES_ENOMEM: return net_fail(error, NET_ERROR_MEMORY, "there is no memory to look up %s", question->name);
    case ARES_EBADSTR: return net_fail(error, NET_ERROR_CONFIG, "the name servers are no numeric addresses");
    case ARES_EBADNAME: return net_fail(error, NET_ERROR_NAME, "too long for a name of DNS: %s", question->name);
    case ARES_ETIMEOUT:
    case ARES_ECANCELLED:
        (void)net_fail(error, NET_ERROR_TIMEOUT, "looking up %s took too long", question->name);
        break;
    default: (void)net_fail(error, NET_ERROR_NAME, "the name servers did not tell about %s", question->name); break;
    }
    return net_hint(error, "check that this machine's network and name servers work, then try again");
}

bool net_srv_lookup(struct net_srv *srv, const char *service, const struct net_host *domain,
                    const struct net_srv_options *options, struct net_error *error) {
    struct question question = {.done = false};
    bool good;

    memset(srv, 0, sizeof *srv);
    (void)snprintf(question.name, sizeof question.name, "%s.%s", service, domain->name);
    ask(&question, options);
    if (question.status == ARES_ENOTFOUND || question.status == ARES_ENODATA) {
        return true;
    }
    if (question.status != ARES_SUCCESS) {
        return fail(&question, error);
    }
    good = collect(srv, question.records, options);
    ares_free_data(question.records);
    return good || net_fail(error, NET_ERROR_NAME, "what the name servers tell about %s names no host", question.name);
}
