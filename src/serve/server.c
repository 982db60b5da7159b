/* SPDX-License-Identifier: MIT */
/* One thread, one poll loop, a bounded number of connections. Refuses to know the protocol. */
#define _POSIX_C_SOURCE 200809L

#include "serve/serve.h"

#include "serve/connection.h"
#include "serve/maildrop.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>

#define CONNECTIONS_MOST 512 /* more of them wait in the kernel's queue */
#define OTHER_ENTRIES 2      /* the stop descriptor and the listener */
#define STARVED_MS 100       /* pause when a connection waits that cannot be had: no descriptor is free */

struct serve_server {
    const struct serve_config *config;
    struct serve_maildrop maildrop;
    struct net_listener listener;
    uint64_t accepted;
    uint64_t accept_ms; /* starved: no connection is taken before */
    size_t count;
    struct serve_connection *connection[CONNECTIONS_MOST];
};

static enum serve_problem open_maildrop(struct serve_server *server, int *error) {
    const struct serve_config *config = server->config;

    if (config->maildir == NULL) {
        return serve_maildrop_sample(&server->maildrop) ? SERVE_FINE : SERVE_NO_MEMORY;
    }
    *error = serve_maildrop_maildir(&server->maildrop, config->maildir, config->writable, config->octets);
    return *error == 0 ? SERVE_FINE : SERVE_NO_MAILDIR;
}

enum serve_problem serve_open(struct serve_server **server, const struct serve_config *config, int *error) {
    struct serve_server *made = calloc(1, sizeof *made);
    enum serve_problem problem;

    *error = 0;
    if (made == NULL) {
        return SERVE_NO_MEMORY;
    }
    made->config = config;
    problem = open_maildrop(made, error);
    if (problem == SERVE_FINE) {
        *error = net_listen(&made->listener, config->address, config->port);
        if (*error == 0) {
            *server = made;
            return SERVE_FINE;
        }
        serve_maildrop_close(&made->maildrop);
        problem = SERVE_NO_LISTENER;
    }
    free(made);
    return problem;
}

const struct net_listener *serve_where(const struct serve_server *server) {
    return &server->listener;
}

static bool may_accept(const struct serve_server *server) {
    uint64_t most = server->config->sessions_most;

    return server->count < CONNECTIONS_MOST && (most == 0 || server->accepted < most);
}

static void accept_all(struct serve_server *server) {
    uint64_t before = server->accepted;
    struct net_stream stream;

    while (may_accept(server) && net_accept(&server->listener, &stream)) {
        server->accepted++;
        server->connection[server->count] =
            serve_connection_new(stream, server->accepted, server->config, &server->maildrop);
        server->count += server->connection[server->count] != NULL;
    }
    server->accept_ms = server->accepted == before ? net_now_ms() + STARVED_MS : 0;
}

static void step_all(struct serve_server *server) {
    uint64_t now_ms = net_now_ms();
    size_t kept = 0;

    for (size_t i = 0; i < server->count; i++) {
        if (serve_connection_step(server->connection[i], now_ms)) {
            server->connection[kept++] = server->connection[i];
        } else {
            serve_connection_free(server->connection[i]);
        }
    }
    server->count = kept;
}

/* Fills `entries`; gives the time until something is due. */
static int prepare_poll(const struct serve_server *server, struct pollfd *entries, int stop_fd) {
    uint64_t now_ms = net_now_ms();
    bool starved = now_ms < server->accept_ms;
    uint64_t due = starved ? server->accept_ms : UINT64_MAX;

    entries[0] = (struct pollfd){.fd = stop_fd, .events = POLLIN};
    entries[1] = (struct pollfd){.fd = may_accept(server) && !starved ? server->listener.fd : -1, .events = POLLIN};
    for (size_t i = 0; i < server->count; i++) {
        const struct serve_connection *connection = server->connection[i];
        uint64_t its_due = serve_connection_due(connection);
        short events = serve_connection_events(connection);

        /* Without interest the entry is left out: poll() reports a hang-up even to those who ask for nothing. */
        entries[OTHER_ENTRIES + i] = (struct pollfd){.fd = events != 0 ? connection->stream.fd : -1, .events = events};
        due = its_due < due ? its_due : due;
    }
    if (due == UINT64_MAX) {
        return -1;
    }
    uint64_t left = due > now_ms ? due - now_ms : 0;

    return left < INT_MAX ? (int)left : INT_MAX;
}

int serve_run(struct serve_server *server, int stop_fd) {
    struct pollfd entries[OTHER_ENTRIES + CONNECTIONS_MOST];

    while (server->count > 0 || may_accept(server)) {
        int wait_ms = prepare_poll(server, entries, stop_fd);

        if (poll(entries, (nfds_t)(OTHER_ENTRIES + server->count), wait_ms) < 0 && errno != EINTR) {
            return errno;
        }
        if (entries[0].revents != 0) {
            break;
        }
        if (entries[1].revents != 0) {
            accept_all(server);
        }
        step_all(server);
    }
    return 0;
}

void serve_close(struct serve_server *server) {
    for (size_t i = 0; i < server->count; i++) {
        serve_connection_free(server->connection[i]);
    }
    net_unlisten(&server->listener);
    serve_maildrop_close(&server->maildrop);
    free(server);
}
