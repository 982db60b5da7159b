/* SPDX-License-Identifier: MIT */
/* Moves octets between a stream and a session. Refuses to keep more than its fixed buffers. */
#define _POSIX_C_SOURCE 200809L

#include "serve/connection.h"

#include "net/tls.h"
#include "net/tls_server.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define LINGER_MS 2000
#define PRODUCE_ROOM 4096 /* answers wait for that much room */
#define NEVER UINT64_MAX

_Static_assert(sizeof((struct serve_channel *)0)->octets >= NET_TLS_BINDING_MOST, "a binding has room");

static uint64_t autologout(const struct serve_connection *connection, uint64_t now_ms) {
    return now_ms + (uint64_t)connection->config->autologout_s * 1000;
}

static uint64_t add_capped(uint64_t left, uint64_t right) {
    return left > NEVER - right ? NEVER : left + right;
}

/* The faults of time and length that belong to the answer about to come. */
static void prepare_answer(struct serve_connection *connection, uint64_t now_ms) {
    const struct serve_faults *faults = &connection->config->faults;
    enum serve_verb verb = connection->session.answering;
    const struct serve_fault *delay = serve_fault_find(faults, SERVE_FAULT_DELAY, verb);
    const struct serve_fault *drop = serve_fault_find(faults, SERVE_FAULT_DROP, verb);

    connection->answer_ms = delay != NULL ? add_capped(now_ms, delay->number) : 0;
    if (drop != NULL && !drop->any_verb) {
        connection->answer_drop = add_capped(connection->output.produced, drop->number);
    } else {
        connection->answer_drop = NEVER;
    }
}

struct serve_connection *serve_connection_new(struct net_stream stream, uint64_t number,
                                              const struct serve_config *config, struct serve_maildrop *maildrop) {
    struct serve_connection *connection = calloc(1, sizeof *connection);
    const struct serve_fault *drop = serve_fault_find(&config->faults, SERVE_FAULT_DROP, SERVE_UNKNOWN);
    uint64_t now_ms = net_now_ms();

    if (connection == NULL || (config->tls_mode == SERVE_TLS_IMPLICIT && !net_tls_accept(&stream, config->tls))) {
        free(connection);
        net_close(&stream);
        return NULL;
    }
    connection->stream = stream;
    connection->number = number;
    connection->config = config;
    connection->stage = SERVE_TALKING;
    connection->expires_ms = autologout(connection, now_ms);
    connection->total_drop = drop != NULL ? drop->number : NEVER;
    serve_output_init(&connection->output, config->faults.lf_only);
    serve_session_start(&connection->session, config, maildrop);
    prepare_answer(connection, now_ms);
    return connection;
}

static uint64_t drop_offset(const struct serve_connection *connection) {
    return connection->answer_drop < connection->total_drop ? connection->answer_drop : connection->total_drop;
}

/* True when some octet of the output reached the offset where the connection drops. */
static bool is_cut(const struct serve_connection *connection) {
    return connection->output.produced >= drop_offset(connection);
}

/* Reads what there is room for. A muted session, and one that lingers, only wants to know when the client goes. */
static void read_input(struct serve_connection *connection) {
    if (connection->stage == SERVE_LINGERING || connection->session.muted) {
        connection->in_begin = connection->in_end = 0;
    }
    if (connection->in_begin > 0) {
        memmove(connection->in, connection->in + connection->in_begin, connection->in_end - connection->in_begin);
        connection->in_end -= connection->in_begin;
        connection->in_begin = 0;
    }
    size_t room = sizeof connection->in - connection->in_end;

    if (room == 0 || connection->input_ended || connection->session.starting_tls) {
        return;
    }
    ptrdiff_t got = net_read(&connection->stream, connection->in + connection->in_end, room, NET_NO_WAIT);

    if (got > 0) {
        connection->in_end += (size_t)got;
    } else if (got == NET_CLOSED) {
        connection->input_ended = true;
    } else if (got < 0) {
        connection->stage = SERVE_OVER;
    }
}

/* A line came, so the handshake is done. */
static void look_at_tls(struct serve_connection *connection) {
    static const char *const types[] = {[NET_TLS_BINDING_NONE] = NULL,
                                        [NET_TLS_EXPORTER] = "tls-exporter",
                                        [NET_TLS_SERVER_END_POINT] = "tls-server-end-point"};
    struct serve_security *security = &connection->session.security;

    if (security->secure && !connection->looked) {
        connection->looked = true;
        security->channel.type =
            types[net_tls_binding(&connection->stream, security->channel.octets, &security->channel.size)];
        security->certificate_is_users = net_tls_client_is(&connection->stream, connection->config->user);
    }
}

static void take_line(struct serve_connection *connection, const char *line, size_t size, uint64_t now_ms) {
    const struct serve_trace *trace = &connection->config->trace;

    look_at_tls(connection);
    if (connection->session.exchanging) {
        serve_trace_response(trace, connection->number, line, size);
        serve_session_response(&connection->session, line, size);
    } else {
        serve_trace_client(trace, connection->number, line, size);
        serve_session_command(&connection->session, line, size);
    }
    if (serve_fault_find(&connection->config->faults, SERVE_FAULT_RENEGOTIATE, connection->session.answering) != NULL) {
        (void)net_tls_renegotiate(&connection->stream);
    }
    prepare_answer(connection, now_ms);
    connection->expires_ms = autologout(connection, now_ms);
}

static void refuse_line(struct serve_connection *connection, size_t size, uint64_t now_ms) {
    const struct serve_trace *trace = &connection->config->trace;
    const char *line = connection->in + connection->in_begin;

    if (connection->session.exchanging) {
        serve_trace_response(trace, connection->number, line, size);
    } else {
        serve_trace_client(trace, connection->number, line, size);
    }
    serve_session_too_long(&connection->session);
    prepare_answer(connection, now_ms);
    connection->skipping = true;
}

/* The next command, or the part of a too long one that can be thrown away. False: nothing to do without more input. */
static bool handle_input(struct serve_connection *connection, uint64_t now_ms) {
    char *line = connection->in + connection->in_begin;
    size_t here = connection->in_end - connection->in_begin;
    char *feed = here > 0 ? memchr(line, '\n', here) : NULL;
    size_t whole = feed != NULL ? (size_t)(feed - line) + 1 : here;
    size_t most = connection->session.exchanging ? SERVE_RESPONSE_OCTETS : SERVE_LINE_OCTETS;
    bool too_long = !connection->skipping && whole > most;

    if (whole == 0 || (feed == NULL && !too_long && !connection->skipping)) {
        return false;
    }
    if (too_long) {
        refuse_line(connection, most, now_ms);
    } else if (!connection->skipping) {
        take_line(connection, line, whole - (whole > 1 && feed[-1] == '\r' ? 2 : 1), now_ms);
    }
    connection->skipping = connection->skipping && feed == NULL;
    serve_wipe(line, whole);
    connection->in_begin += whole;
    return true;
}

static void produce(struct serve_connection *connection, uint64_t now_ms) {
    char *where;
    size_t room = serve_output_room(&connection->output, &where);

    if (now_ms < connection->answer_ms) {
        return;
    }
    connection->answer_ms = 0;
    if (!serve_reply_active(&connection->session.reply) || room < PRODUCE_ROOM) {
        return;
    }
    serve_output_commit(&connection->output, serve_reply_produce(&connection->session.reply, where, room));
    if (connection->session.reply.paused) {
        connection->answer_ms = add_capped(now_ms, connection->config->faults.unsolicited_ms);
    }
    connection->session.ended = connection->session.ended || connection->session.reply.failed;
    if (connection->config->faults.coalesce_ms > 0) {
        connection->send_ms = now_ms + connection->config->faults.coalesce_ms;
    }
}

/* Answers in order, as many as there are commands and room for. */
static void talk(struct serve_connection *connection, uint64_t now_ms) {
    struct serve_session *session = &connection->session;

    produce(connection, now_ms);
    while (!serve_reply_active(&session->reply) && !session->ended && !session->muted && !session->starting_tls &&
           !is_cut(connection) && handle_input(connection, now_ms)) {
        produce(connection, now_ms);
    }
}

/* Octets that may go in one send: up to the drop, and up to the split. */
static size_t sendable(const struct serve_connection *connection, const char **data) {
    const struct serve_output *output = &connection->output;
    size_t size = serve_output_waiting(output, data);
    uint64_t before_drop = drop_offset(connection) - output->sent;
    uint32_t split = connection->config->faults.split;

    size = size < before_drop ? size : (size_t)before_drop;
    return split == 0 || size < split ? size : split;
}

/* False when nothing more can go now. */
static bool send_piece(struct serve_connection *connection, uint64_t now_ms) {
    const char *data;
    size_t size = sendable(connection, &data);

    if (now_ms < connection->send_ms) {
        return false;
    }
    connection->send_ms = 0;
    if (size == 0) {
        return false;
    }
    ptrdiff_t put = net_write(&connection->stream, data, size, NET_NO_WAIT);

    if (put < 0) {
        connection->stage = SERVE_OVER;
    }
    if (put <= 0) {
        return false;
    }
    serve_trace_server(&connection->config->trace, connection->number, &connection->traced, data, (size_t)put);
    serve_output_sent(&connection->output, (size_t)put);
    connection->expires_ms = autologout(connection, now_ms);
    if (connection->config->faults.split > 0) {
        connection->send_ms = now_ms + connection->config->faults.split_pause_ms;
    }
    return true;
}

static bool all_sent(const struct serve_connection *connection) {
    const char *data;

    return serve_output_waiting(&connection->output, &data) == 0 && !serve_reply_active(&connection->session.reply);
}

static void conclude(struct serve_connection *connection, uint64_t now_ms) {
    bool dropped = connection->output.sent >= drop_offset(connection);
    bool finished = (connection->session.ended || connection->input_ended) && all_sent(connection);

    if (connection->stage == SERVE_TALKING && (dropped || finished)) {
        serve_session_stop(&connection->session);
        net_finish(&connection->stream);
        connection->stage = SERVE_LINGERING;
        connection->expires_ms = now_ms + LINGER_MS;
    }
    if ((connection->stage == SERVE_LINGERING && connection->input_ended) || now_ms >= connection->expires_ms) {
        connection->stage = SERVE_OVER;
    }
}

/*
 * The answer to STLS is out: TLS begins. What the client sent behind STLS without waiting is not read within TLS
 * while TLS is starting nothing is read, so that no octet of TLS is among what is thrown away.
 */
static void start_tls(struct serve_connection *connection) {
    if (!net_tls_accept(&connection->stream, connection->config->tls)) {
        connection->stage = SERVE_OVER;
        return;
    }
    serve_wipe(connection->in, sizeof connection->in);
    connection->in_begin = connection->in_end = 0;
    connection->skipping = false;
    serve_session_secured(&connection->session);
}

bool serve_connection_step(struct serve_connection *connection, uint64_t now_ms) {
    read_input(connection);
    if (connection->stage == SERVE_TALKING) {
        do {
            talk(connection, now_ms);
        } while (send_piece(connection, now_ms));
    }
    if (connection->stage == SERVE_TALKING && connection->session.starting_tls && all_sent(connection)) {
        start_tls(connection);
    }
    conclude(connection, now_ms);
    return connection->stage != SERVE_OVER;
}

static bool wants_input(const struct serve_connection *connection) {
    bool room = connection->in_end - connection->in_begin < sizeof connection->in;

    return !connection->input_ended && !connection->session.starting_tls &&
           (room || connection->session.muted || connection->stage == SERVE_LINGERING);
}

short serve_connection_events(const struct serve_connection *connection) {
    const char *data;
    short events = wants_input(connection) ? POLLIN : 0;

    if (connection->stage == SERVE_TALKING && sendable(connection, &data) > 0 && connection->send_ms == 0) {
        events |= POLLOUT;
    }
    return net_events(&connection->stream, events);
}

uint64_t serve_connection_due(const struct serve_connection *connection) {
    uint64_t due = connection->expires_ms;

    if (wants_input(connection) && net_pending(&connection->stream)) {
        return 0;
    }

    if (connection->stage != SERVE_TALKING) {
        return due;
    }
    if (connection->answer_ms != 0 && connection->answer_ms < due) {
        due = connection->answer_ms;
    }
    if (connection->send_ms != 0 && connection->send_ms < due) {
        due = connection->send_ms;
    }
    return due;
}

void serve_connection_free(struct serve_connection *connection) {
    serve_trace_end(&connection->config->trace, connection->number, &connection->traced);
    serve_session_stop(&connection->session);
    net_close(&connection->stream);
    serve_wipe(connection->in, sizeof connection->in);
    free(connection);
}
