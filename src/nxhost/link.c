/* SPDX-License-Identifier: MIT */
/* The links of a world, so that none outlives it. */
#include "link.h"

static struct nxhost_link *links;

void link_add(struct nxhost_link *link, const struct link_ops *ops, int fd) {
    link->ops = ops;
    link->fd = fd;
    link->next = links;
    links = link;
}

void link_close(struct nxhost_link *link, bool reset) {
    struct nxhost_link **at = &links;
    while (*at != link) {
        at = &(*at)->next;
    }
    *at = link->next;
    if (link->watched) {
        sched_unwatch(link->fd);
    }
    sched_wake_all(link);
    link->ops->destroy(link, reset);
}

void link_close_all(void) {
    while (links != NULL) {
        links->owner = NULL;
        link_close(links, true);
    }
}

enum sched_wake link_wait(struct nxhost_link *link, short events, uint64_t deadline) {
    return sched_block(TX_TCP_IP, (struct sched_wait){link, link->fd, events, deadline});
}
