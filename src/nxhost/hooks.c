/* SPDX-License-Identifier: MIT */
/* The state behind nxhost.h's hooks. It changes nothing by itself: the services ask here. */
#include "hooks.h"

#include "clock.h"
#include "route.h"
#include "sched.h"

#define LARGEST_SEGMENT 1460

struct failure {
    unsigned uses;
    unsigned fail_at;
    UINT status;
};

static struct {
    struct failure calls[NXHOST_CALLS];
    const TX_THREAD *only;
    enum nxhost_delivery delivery;
    unsigned octets;
    bool empty_segments;
    const unsigned *segments;
    size_t segments_left;
    bool offline;
    nxhost_observer *observer;
    void *context;
} hooks;

void nxhost_fail(enum nxhost_call call, unsigned nth, UINT status) {
    struct failure *failure = &hooks.calls[call];
    failure->fail_at = nth > 0 ? failure->uses + nth : 0;
    failure->status = status;
}

void nxhost_fail_only(TX_THREAD *thread) {
    hooks.only = thread;
}

unsigned nxhost_uses(enum nxhost_call call) {
    return hooks.calls[call].uses;
}

bool hooks_fail(enum nxhost_call call, UINT *status) {
    const struct nxhost_thread *self = sched_self();
    if (hooks.only != NULL && (self == NULL || self->control != hooks.only)) {
        return false;
    }
    struct failure *failure = &hooks.calls[call];
    failure->uses++;
    *status = failure->status;
    return failure->uses == failure->fail_at;
}

void nxhost_virtual_clock(bool on) {
    clock_set_virtual(on);
}

void nxhost_offline(bool on) {
    hooks.offline = on;
}

bool hooks_offline(void) {
    return hooks.offline;
}

void nxhost_deliver(enum nxhost_delivery how, unsigned octets) {
    hooks.delivery = how;
    hooks.octets = octets;
}

void nxhost_empty_segments(bool on) {
    hooks.empty_segments = on;
}

void nxhost_segments(const unsigned *octets, size_t n) {
    hooks.segments = octets;
    hooks.segments_left = n;
}

size_t nxhost_segments_left(void) {
    return hooks.segments_left;
}

size_t hooks_segment(void) {
    if (hooks.segments_left == 0) {
        return hooks_octets();
    }
    hooks.segments_left--;
    return *hooks.segments++;
}

bool hooks_segment_is_empty(void) {
    return hooks.segments_left > 0 && *hooks.segments == 0;
}

bool hooks_segments_hold_more(void) {
    for (size_t i = 0; i < hooks.segments_left; i++) {
        if (hooks.segments[i] != 0) {
            return true;
        }
    }
    return false;
}

enum nxhost_delivery hooks_delivery(void) {
    return hooks.delivery;
}

size_t hooks_octets(void) {
    if (hooks.octets > 0) {
        return hooks.octets;
    }
    return hooks.delivery == NXHOST_CHAIN ? SIZE_MAX : LARGEST_SEGMENT;
}

bool hooks_empty_segments(void) {
    return hooks.empty_segments && hooks.delivery == NXHOST_CHAIN;
}

void nxhost_observe(nxhost_observer *observer, void *context) {
    hooks.observer = observer;
    hooks.context = context;
}

void hooks_observe(NX_TCP_SOCKET *socket, enum nxhost_direction direction, const void *octets, size_t n) {
    if (hooks.observer != NULL && n > 0) {
        hooks.observer(hooks.context, socket, direction, octets, n);
    }
}

void hooks_observe_packet(NX_TCP_SOCKET *socket, enum nxhost_direction direction, const NX_PACKET *packet) {
    for (; packet != NULL && hooks.observer != NULL; packet = packet->nx_packet_next) {
        hooks_observe(socket, direction, packet->nx_packet_prepend_ptr,
                      (size_t)(packet->nx_packet_append_ptr - packet->nx_packet_prepend_ptr));
    }
}

void hooks_reset(void) {
    memset(&hooks, 0, sizeof hooks);
    clock_set_virtual(false);
    route_reset();
}
