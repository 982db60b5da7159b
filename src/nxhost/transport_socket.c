/* SPDX-License-Identifier: MIT */
/* Connections through the host's network: non-blocking POSIX sockets. Waiting is the scheduler's business. */
#include "address.h"
#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#define BUFFER 16384

struct socket_link {
    struct nxhost_link link;
    enum link_state state;
    bool finished;
    size_t start;
    size_t end;
    UCHAR buffer[BUFFER];
};

static struct socket_link *of(struct nxhost_link *link) {
    return (struct socket_link *)(void *)link;
}

static void check_connected(struct socket_link *self) {
    struct pollfd entry = {.fd = self->link.fd, .events = POLLOUT};
    if (poll(&entry, 1, 0) != 1) {
        return;
    }
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(self->link.fd, SOL_SOCKET, SO_ERROR, &error, &length);
    self->state = error == 0 ? LINK_OPEN : LINK_LOST;
}

/* Reads what the host has when the buffer is empty: that is how an end and a reset are noticed. After our own end it
 * reads on as far as there is room, because nobody may be reading any more. */
static void fill(struct socket_link *self) {
    if (self->start == self->end) {
        self->start = self->end = 0;
    }
    bool has_room = self->end == 0 || (self->finished && self->end < sizeof self->buffer);
    if (!has_room || self->state != LINK_OPEN) {
        return;
    }
    ssize_t n = recv(self->link.fd, self->buffer + self->end, sizeof self->buffer - self->end, 0);
    if (n > 0) {
        self->end += (size_t)n;
    } else if (n == 0) {
        self->state = LINK_FINISHED;
    } else if (errno != EAGAIN && errno != EINTR) {
        self->state = LINK_LOST;
    }
}

static enum link_state state_of(struct nxhost_link *link) {
    struct socket_link *self = of(link);
    if (self->state == LINK_CONNECTING) {
        check_connected(self);
    }
    fill(self);
    return self->state;
}

static size_t available(struct nxhost_link *link, bool all) {
    NX_PARAMETER_NOT_USED(all);
    fill(of(link));
    return of(link)->end - of(link)->start;
}

static void read_octets(struct nxhost_link *link, UCHAR *to, size_t n) {
    struct socket_link *self = of(link);
    memcpy(to, self->buffer + self->start, n);
    self->start += n;
}

static size_t write_octets(struct nxhost_link *link, const struct iovec *parts, int count) {
    struct socket_link *self = of(link);
    struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)parts, .msg_iovlen = (size_t)count};
    ssize_t n = sendmsg(link->fd, &message, MSG_NOSIGNAL);
    if (n >= 0) {
        return (size_t)n;
    }
    if (errno != EAGAIN && errno != EINTR) {
        self->state = LINK_LOST;
    }
    return 0;
}

static void finish(struct nxhost_link *link) {
    of(link)->finished = true;
    shutdown(link->fd, SHUT_WR);
}

static void destroy(struct nxhost_link *link, bool reset) {
    if (reset) {
        struct linger now = {.l_onoff = 1, .l_linger = 0};
        setsockopt(link->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    close(link->fd);
    free(of(link));
}

static const struct link_ops operations = {state_of, available, read_octets, write_octets, finish, destroy};

/* Non-blocking and closed on exec; -1 and closed when that cannot be had. */
static int prepared(int fd) {
    if (fd < 0) {
        return -1;
    }
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static struct nxhost_link *adopt(int fd, enum link_state state) {
    struct socket_link *self = malloc(sizeof *self);
    if (self == NULL) {
        close(fd);
        return NULL;
    }
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    memset(&self->link, 0, sizeof self->link);
    self->state = state;
    self->finished = false;
    self->start = self->end = 0;
    link_add(&self->link, &operations, fd);
    return &self->link;
}

struct nxhost_link *socket_link_dial(const NXD_ADDRESS *address, UINT port) {
    struct sockaddr_storage host;
    socklen_t length = address_to_host(address, port, &host);
    int fd = prepared(socket(host.ss_family, SOCK_STREAM, 0));
    if (fd < 0) {
        return NULL;
    }
    if (connect(fd, (struct sockaddr *)&host, length) == 0) {
        return adopt(fd, LINK_OPEN);
    }
    if (errno == EINPROGRESS || errno == EINTR) {
        return adopt(fd, LINK_CONNECTING);
    }
    close(fd);
    return NULL;
}

int socket_link_listen(const NXD_ADDRESS *address, UINT port, UINT queue) {
    struct sockaddr_storage host;
    socklen_t length = address_to_host(address, port, &host);
    int fd = prepared(socket(host.ss_family, SOCK_STREAM, 0));
    if (fd < 0) {
        return -1;
    }
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&host, length) != 0 || listen(fd, queue > 0 ? (int)queue : 1) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

struct nxhost_link *socket_link_accept(int listener) {
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    int fd = prepared(accept(listener, (struct sockaddr *)&peer, &length));
    if (fd < 0) {
        return NULL;
    }
    struct nxhost_link *link = adopt(fd, LINK_OPEN);
    if (link != NULL) {
        address_from_host(&peer, &link->peer_address, &link->peer_port);
    }
    return link;
}

UINT socket_link_port(int listener) {
    struct sockaddr_storage own;
    socklen_t length = sizeof own;
    NXD_ADDRESS address;
    UINT port = 0;
    if (getsockname(listener, (struct sockaddr *)&own, &length) == 0) {
        address_from_host(&own, &address, &port);
    }
    return port;
}
