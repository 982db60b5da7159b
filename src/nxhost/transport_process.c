/* SPDX-License-Identifier: MIT */
/* Connections between IP instances of one program: no host socket, no privilege, borders between sends kept. */
#include "link.h"
#include "tcp.h"

struct segment {
    struct segment *next;
    size_t start;
    size_t end;
    UCHAR octets[];
};

struct process_link {
    struct nxhost_link link;
    struct process_link *peer; /* NULL: closed, or there never was one */
    enum link_state state;
    struct segment *first;
    struct segment **end;
    size_t queued;
};

static struct process_link *of(struct nxhost_link *link) {
    return (struct process_link *)(void *)link;
}

static enum link_state state_of(struct nxhost_link *link) {
    return of(link)->state;
}

static size_t available(struct nxhost_link *link, bool all) {
    const struct process_link *self = of(link);
    if (all || self->first == NULL) {
        return self->queued;
    }
    return self->first->end - self->first->start;
}

static void drop_first(struct process_link *self) {
    struct segment *empty = self->first;
    self->first = empty->next;
    if (self->first == NULL) {
        self->end = &self->first;
    }
    free(empty);
}

static void read_octets(struct nxhost_link *link, UCHAR *to, size_t n) {
    struct process_link *self = of(link);
    self->queued -= n;
    while (n > 0) {
        struct segment *first = self->first;
        size_t part = first->end - first->start < n ? first->end - first->start : n;
        memcpy(to, first->octets + first->start, part);
        to += part;
        n -= part;
        first->start += part;
        if (first->start == first->end) {
            drop_first(self);
        }
    }
    if (self->peer != NULL) {
        sched_wake_all(&self->peer->link);
    }
}

/* How many of the octets the receiver takes now: all, or half a window at least (RFC 1122 section 4.2.3.4). */
static size_t that_fit(const struct process_link *receiver, size_t total) {
    size_t window = receiver->link.owner != NULL ? receiver->link.owner->nx_tcp_socket_rx_window_default : 0;
    size_t room = window > receiver->queued ? window - receiver->queued : 0;
    if (total <= room) {
        return total;
    }
    return room >= window - window / 2 ? room : 0;
}

static size_t total_of(const struct iovec *parts, int count) {
    size_t total = 0;
    for (int i = 0; i < count; i++) {
        total += parts[i].iov_len;
    }
    return total;
}

static size_t write_octets(struct nxhost_link *link, const struct iovec *parts, int count) {
    struct process_link *peer = of(link)->peer;
    if (peer == NULL) {
        of(link)->state = LINK_LOST;
        return 0;
    }
    size_t n = that_fit(peer, total_of(parts, count));
    struct segment *segment = n > 0 ? malloc(sizeof *segment + n) : NULL;
    if (segment == NULL) {
        return 0;
    }
    *segment = (struct segment){.end = n};
    for (size_t done = 0; done < n; parts++) {
        size_t part = parts->iov_len < n - done ? parts->iov_len : n - done;
        memcpy(segment->octets + done, parts->iov_base, part);
        done += part;
    }
    *peer->end = segment;
    peer->end = &segment->next;
    peer->queued += n;
    tcp_link_changed(&peer->link, true);
    return n;
}

static void change_peer(struct process_link *self, enum link_state state) {
    if (self->peer != NULL && self->peer->state != LINK_LOST) {
        self->peer->state = state;
        tcp_link_changed(&self->peer->link, false);
    }
}

static void finish(struct nxhost_link *link) {
    change_peer(of(link), LINK_FINISHED);
}

static void destroy(struct nxhost_link *link, bool reset) {
    struct process_link *self = of(link);
    struct process_link *peer = self->peer;
    if (peer != NULL) {
        peer->peer = NULL;
        if (peer->state != LINK_LOST) {
            peer->state = reset || peer->state == LINK_CONNECTING ? LINK_LOST : LINK_FINISHED;
        }
        tcp_link_changed(&peer->link, false);
    }
    while (self->first != NULL) {
        drop_first(self);
    }
    free(self);
}

static const struct link_ops operations = {state_of, available, read_octets, write_octets, finish, destroy};

static struct process_link *new_end(void) {
    struct process_link *end = calloc(1, sizeof *end);
    if (end != NULL) {
        end->end = &end->first;
        end->state = LINK_CONNECTING;
        link_add(&end->link, &operations, -1);
    }
    return end;
}

bool process_link_pair(struct nxhost_link **client, struct nxhost_link **server) {
    struct process_link *a = new_end();
    struct process_link *b = new_end();
    if (a == NULL || b == NULL) {
        return false;
    }
    a->peer = b;
    b->peer = a;
    *client = &a->link;
    *server = &b->link;
    return true;
}

void process_link_establish(struct nxhost_link *server) {
    struct process_link *self = of(server);
    self->state = LINK_OPEN;
    change_peer(self, LINK_OPEN);
}

void process_link_refuse(struct nxhost_link *client) {
    of(client)->state = LINK_LOST;
}

struct nxhost_link *process_link_silent(void) {
    struct process_link *end = new_end();
    return end != NULL ? &end->link : NULL;
}
