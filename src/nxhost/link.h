/* SPDX-License-Identifier: MIT */
/* One end of a TCP connection as the sockets see it: through the host's network (transport_socket.c) or to another
 * IP instance of the same program (transport_process.c). Knows nothing of packets. */
#ifndef NXHOST_LINK_H
#define NXHOST_LINK_H

#include "sched.h"

#include <sys/uio.h>

enum link_state {
    LINK_CONNECTING,
    LINK_OPEN,
    LINK_FINISHED, /* the peer sends no more; octets may still be there */
    LINK_LOST      /* refused or reset; octets may still be there */
};

struct link_ops {
    enum link_state (*state)(struct nxhost_link *link);
    /* Octets that can be read now: all, or those of the oldest send only. */
    size_t (*available)(struct nxhost_link *link, bool all);
    void (*read)(struct nxhost_link *link, UCHAR *to, size_t n);
    /* Returns how many were taken; 0: there is no room now, or the link is lost. */
    size_t (*write)(struct nxhost_link *link, const struct iovec *parts, int count);
    void (*finish)(struct nxhost_link *link);
    void (*destroy)(struct nxhost_link *link, bool reset);
};

struct nxhost_link {
    const struct link_ops *ops;
    struct nxhost_link *next;
    NX_TCP_SOCKET *owner; /* NULL until a socket has it */
    int fd;               /* -1 in process */
    bool watched;
    NXD_ADDRESS peer_address;
    UINT peer_port;
};

void link_add(struct nxhost_link *link, const struct link_ops *ops, int fd);
/* Closes and frees it; with reset the peer sees a reset instead of an end. */
void link_close(struct nxhost_link *link, bool reset);
void link_close_all(void);
enum sched_wake link_wait(struct nxhost_link *link, short events, uint64_t deadline);

/* transport_process.c: two ends; the first starts connecting. */
bool process_link_pair(struct nxhost_link **client, struct nxhost_link **server);
void process_link_establish(struct nxhost_link *server);
void process_link_refuse(struct nxhost_link *client);
/* Nobody will ever answer. */
struct nxhost_link *process_link_silent(void);

/* transport_socket.c: NULL or -1 when the host has no resources or refuses at once. */
struct nxhost_link *socket_link_dial(const NXD_ADDRESS *address, UINT port);
int socket_link_listen(const NXD_ADDRESS *address, UINT port, UINT queue);
struct nxhost_link *socket_link_accept(int listener);
UINT socket_link_port(int listener);

#endif
