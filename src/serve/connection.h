/* SPDX-License-Identifier: MIT */
/*
 * A connection: octets in, lines to the session, its answers out, in the time and the pieces that the faults demand.
 * Refuses to block, and to know what the lines mean.
 */
#ifndef SATCHEL_SERVE_CONNECTION_H
#define SATCHEL_SERVE_CONNECTION_H

#include "serve/output.h"
#include "serve/session.h"

#include "net/stream.h"

#define SERVE_INPUT_OCTETS 16384

enum serve_stage {
    SERVE_TALKING,
    SERVE_LINGERING, /* all is sent: waits for the client to close, so that no reset overtakes the last answer */
    SERVE_OVER
};

struct serve_connection {
    struct net_stream stream;
    uint64_t number;
    const struct serve_config *config;
    enum serve_stage stage;
    bool input_ended;
    bool looked;   /* what TLS proves is in the session */
    bool skipping; /* inside a line that was too long */
    size_t in_begin;
    size_t in_end;
    uint64_t expires_ms;  /* autologout, or the end of lingering */
    uint64_t answer_ms;   /* delay: the answer waits until then; 0 when it does not wait */
    uint64_t send_ms;     /* split and coalesce: sending waits until then; 0 when it does not wait */
    uint64_t answer_drop; /* output offset at which to close for the answer's sake */
    uint64_t total_drop;  /* and for the connection's */
    char in[SERVE_INPUT_OCTETS];
    struct serve_trace_line traced;
    struct serve_session session;
    struct serve_output output;
};

/* Takes over the stream; NULL without memory (the stream is closed). */
struct serve_connection *serve_connection_new(struct net_stream stream, uint64_t number,
                                              const struct serve_config *config, struct serve_maildrop *maildrop);

/* Does all that can be done now; false when the connection is over. */
bool serve_connection_step(struct serve_connection *connection, uint64_t now_ms);

/* What to poll(2) for, and when to step at the latest. */
short serve_connection_events(const struct serve_connection *connection);
uint64_t serve_connection_due(const struct serve_connection *connection);

void serve_connection_free(struct serve_connection *connection);

#endif
