/* SPDX-License-Identifier: MIT */
/* Listening sockets on numeric addresses. Refuses to know what is served on them. */
#define _GNU_SOURCE /* accept4, SOCK_CLOEXEC */

#include "net/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
    struct sockaddr_storage room;
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool is_loopback(const union address *address) {
    if (address->any.sa_family == AF_INET) {
        return ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
    }
    return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
}

static int bind_and_listen(int fd, const struct addrinfo *where) {
    int one = 1;

    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, where->ai_addr, where->ai_addrlen) != 0 || listen(fd, SOMAXCONN) != 0) {
        return errno;
    }
    return 0;
}

static int describe(struct net_listener *listener) {
    union address bound = {.v6 = {.sin6_family = AF_UNSPEC}};
    socklen_t size = sizeof bound;

    if (getsockname(listener->fd, &bound.any, &size) != 0) {
        return errno;
    }
    if (getnameinfo(&bound.any, size, listener->address, sizeof listener->address, NULL, 0, NI_NUMERICHOST) != 0) {
        return EINVAL;
    }
    listener->port = ntohs(bound.any.sa_family == AF_INET ? bound.v4.sin_port : bound.v6.sin6_port);
    listener->loopback = is_loopback(&bound);
    return 0;
}

static int open_listener(struct net_listener *listener, const struct addrinfo *where) {
    int error;

    listener->fd = socket(where->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener->fd < 0) {
        return errno;
    }
    error = bind_and_listen(listener->fd, where);
    if (error == 0) {
        error = describe(listener);
    }
    if (error != 0) {
        net_unlisten(listener);
    }
    return error;
}

int net_listen(struct net_listener *listener, const char *address, uint16_t port) {
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *where = NULL;
    char service[8];
    int error;

    *listener = (struct net_listener){.fd = -1};
    (void)snprintf(service, sizeof service, "%u", (unsigned)port);
    if (getaddrinfo(address, service, &hints, &where) != 0) {
        return EINVAL;
    }
    error = open_listener(listener, where);
    freeaddrinfo(where);
    return error;
}

bool net_accept(struct net_listener *listener, struct net_stream *stream) {
    int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);

    if (fd < 0) {
        return false;
    }
    net_posix_stream(stream, fd);
    return true;
}

void net_unlisten(struct net_listener *listener) {
    (void)close(listener->fd);
    listener->fd = -1;
}
