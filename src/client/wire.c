/* SPDX-License-Identifier: MIT */
/* Octets between engine and stream: sends while it receives, watches the clock. Knows no command. */
#define _POSIX_C_SOURCE 200809L

#include <poll.h>
#include <string.h>

#include <openssl/crypto.h>

#include "client/client.h"
#include "net/wait.h"

void client_begin(pop3_client *client) {
    const pop3_engine_buffers buffers = {client->line, client->output, sizeof client->line, sizeof client->output};

    pop3_engine_init(&client->engine, &buffers);
    client->asked = POP3_GREETING;
    client->end = CLIENT_FLOWING;
    client->unwritable = client->challenged = client->marked = false;
    client->at = client->in;
    client->left = client->shown = 0;
    client->content = 0;
}

void client_hang_up(pop3_client *client) {
    if (client->connected) {
        net_close(&client->stream);
        client->connected = false;
    }
    pop3_engine_abort(&client->engine, POP3_IO);
    OPENSSL_cleanse(client->in, sizeof client->in);
    client->left = 0;
}

/* ---- The clock ---- */

static uint32_t patience_ms(const pop3_client *client, bool content) {
    const pop3_client_options *options = &client->options;

    switch (client->asked) {
    case POP3_GREETING: return options->greeting_ms;
    case POP3_PASS:
    case POP3_APOP:
    case POP3_AUTH:
    case POP3_QUIT: return options->login_ms;
    default: return content ? options->idle_ms : options->reply_ms;
    }
}

static uint64_t deadline_ms(const pop3_client *client, bool content) {
    uint64_t end = net_now_ms() + patience_ms(client, content);

    return end < client->session_end_ms ? end : client->session_end_ms;
}

/* ---- Octets ---- */

static void stop(pop3_client *client, ptrdiff_t result) {
    switch (result) {
    case NET_CLOSED: pop3_engine_eof(&client->engine); return;
    case NET_NOTHING: client->end = CLIENT_OUT_OF_TIME; break;
    case NET_CANCELLED: client->end = CLIENT_STOPPED; break;
    default: client->end = CLIENT_ENDED; net_explain(&client->stream, &client->end_error);
    }
    pop3_engine_abort(&client->engine, POP3_IO);
}

/*
 * Sends what the stream takes now; false: something is left. Why it takes no more is told by reading, which may bring the
 * server's last words first.
 */
static bool send_some(pop3_client *client) {
    for (;;) {
        const void *output;
        ptrdiff_t sent;
        size_t n;

        client_trace_output(client);
        output = pop3_engine_output(&client->engine, &n);
        if (n == 0 || client->unwritable) {
            return true;
        }
        sent = net_write(&client->stream, output, n, NET_NO_WAIT);
        if (sent <= 0) {
            client->unwritable = sent < 0 && sent != NET_CANCELLED;
            return client->unwritable;
        }
        pop3_engine_output_done(&client->engine, (size_t)sent);
        client->shown -= (size_t)sent < client->shown ? (size_t)sent : client->shown;
    }
}

/* Where there is always something to read, nobody waits: neither clock nor cancel would be looked at. */
static bool is_over(const pop3_client *client, uint64_t deadline, ptrdiff_t *result) {
    *result = net_wait_fd(client->cancel[0], POLLIN, -1, NET_NO_WAIT) > 0 ? NET_CANCELLED : NET_NOTHING;
    return *result == NET_CANCELLED || net_now_ms() >= deadline;
}

/* The first call for an event begins its time, once it is known what was asked. */
static void receive(pop3_client *client, uint64_t *deadline) {
    bool all_sent = send_some(client);
    enum net_result waited = NET_NOTHING;
    ptrdiff_t n;

    if (*deadline == 0) {
        *deadline = deadline_ms(client, client->content != 0);
    }
    if (is_over(client, *deadline, &n)) {
        stop(client, n);
        return;
    }
    n = net_read(&client->stream, client->in, sizeof client->in, all_sent ? *deadline : NET_NO_WAIT);

    if (n == NET_NOTHING && !all_sent) {
        if (net_wait(&client->stream, POLLIN | POLLOUT, *deadline, &waited)) {
            return;
        }
        n = waited;
    }
    if (n > 0) {
        client->at = client->in;
        client->left = (size_t)n;
    } else {
        stop(client, n);
    }
}

static bool take(pop3_client *client, pop3_event *event) {
    size_t used = pop3_engine_input(&client->engine, client->left != 0 ? client->at : NULL, client->left, event);

    client->at += used;
    client->left -= used;
    return event->type != POP3_EVENT_NEED_INPUT;
}

void client_next(pop3_client *client, pop3_event *event) {
    uint64_t deadline = 0;

    client->idle = false;
    while (!take(client, event)) {
        receive(client, &deadline);
    }
    client->challenged = event->type == POP3_EVENT_CHALLENGE;
    client->masked = false;
    client_trace_event(client, event);
}

bool client_has_more(pop3_client *client) {
    if (client->left == 0) {
        ptrdiff_t n = net_read(&client->stream, client->in, sizeof client->in, NET_NO_WAIT);
        if (n > 0) {
            client->at = client->in;
            client->left = (size_t)n;
        } else if (n < 0) {
            stop(client, n);
        }
    }
    return client->left != 0;
}

bool client_is_quiet(pop3_client *client, pop3_event *event) {
    client->idle = true;
    (void)client_has_more(client);
    return !take(client, event);
}
