/* SPDX-License-Identifier: MIT */
/* One command each: what its reply means. Knows neither connection nor login. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "client/client.h"

enum { LISTING_MOST = 1000000, UID_MOST = 1000 }; /* L-02, Q-06 */

/* ---- STAT ---- */

pop3_client_class client_take_stat(struct client_batch *batch, size_t index, const pop3_event *event) {
    struct client_stat *self = (struct client_stat *)batch;

    (void)index;
    if (pop3_parse_stat(event->data, event->length, &self->count, &self->octets)) {
        return POP3_CLIENT_OK;
    }
    (void)client_fail(batch->client, POP3_CLIENT_PROTOCOL, 0, "%s does not tell how many messages there are",
                      batch->client->options.host);
    client_server_words(batch->client, event->data, event->length);
    return POP3_CLIENT_PROTOCOL;
}

pop3_client_class pop3_client_stat(pop3_client *client, uint32_t *count, uint64_t *octets) {
    struct client_stat self = {.batch = {.verb = POP3_STAT, .count = 1, .take = client_take_stat}};
    pop3_client_class result = client_run(client, &self.batch);

    if (result == POP3_CLIENT_OK && count != NULL) {
        *count = self.count;
    }
    if (result == POP3_CLIENT_OK && octets != NULL) {
        *octets = self.octets;
    }
    return result;
}

/* ---- LIST, UIDL ---- */

/* What the caller's function says of a line; -1: it is none. */
static int give_line(const struct client_listing *self, const pop3_event *event) {
    const char *at;
    char uid[UID_MOST + 1];
    uint64_t octets;
    uint32_t number;
    size_t n;

    if (self->size != NULL) {
        return pop3_parse_list(event->data, event->length, &number, &octets)
                   ? self->size(self->context, number, octets) != 0
                   : -1;
    }
    if (event->cut || !pop3_parse_uidl(event->data, event->length, &number, &at, &n) || n > UID_MOST) {
        return -1;
    }
    memcpy(uid, at, n);
    uid[n] = '\0';
    return self->uid(self->context, number, uid) != 0;
}

pop3_client_class client_take_line(struct client_batch *batch, size_t index, const pop3_event *event) {
    struct client_listing *self = (struct client_listing *)batch;
    pop3_client *client = batch->client;
    int said;

    (void)index;
    if (self->stopped || (event->type == POP3_EVENT_OK && event->more)) {
        return POP3_CLIENT_OK;
    }
    if (self->lines++ == LISTING_MOST) {
        pop3_engine_abort(&client->engine, POP3_LIMIT);
        return POP3_CLIENT_OK;
    }
    said = give_line(self, event);
    if (said == 0) {
        return POP3_CLIENT_OK;
    }
    if (said > 0) {
        self->stopped = true;
        return client_fail(client, POP3_CLIENT_SINK, 0, "the listing was stopped");
    }
    (void)client_fail(client, POP3_CLIENT_PROTOCOL, 0, "%s sent a line that is none of %s", client->options.host,
                      pop3_verb_name(batch->verb));
    client_server_words(client, event->data, event->length);
    return POP3_CLIENT_PROTOCOL;
}

pop3_client_class pop3_client_list(pop3_client *client, uint32_t number, pop3_client_size_fn *line, void *context) {
    struct client_listing self = {
        .batch = {.verb = POP3_LIST, .numbers = &number, .count = 1, .take = client_take_line},
        .size = line,
        .context = context};

    return client_run(client, &self.batch);
}

pop3_client_class pop3_client_uidl(pop3_client *client, uint32_t number, pop3_client_uid_fn *line, void *context) {
    struct client_listing self = {
        .batch = {.verb = POP3_UIDL, .numbers = &number, .count = 1, .take = client_take_line},
        .uid = line,
        .context = context};

    return client_run(client, &self.batch);
}

/* ---- RETR, TOP ---- */

struct content {
    struct client_batch batch;
    pop3_client_sink_fn *sink;
    void *context;
};

static pop3_client_class take_content(struct client_batch *batch, size_t index, const pop3_event *event) {
    struct content *self = (struct content *)batch;

    (void)index;
    if (event->type != POP3_EVENT_BODY || self->sink(self->context, event->data, event->length) == 0) {
        return POP3_CLIENT_OK;
    }
    return client_fail(batch->client, POP3_CLIENT_SINK, 0, "message %u could not be stored",
                       (unsigned)batch->numbers[0]);
}

static pop3_client_class fetch(pop3_client *client, const struct client_batch *batch, pop3_client_sink_fn *sink,
                               void *context) {
    struct content self = {.batch = *batch, .sink = sink, .context = context};

    self.batch.take = take_content;
    self.batch.count = 1;
    return client_run(client, &self.batch);
}

pop3_client_class pop3_client_retr(pop3_client *client, uint32_t number, pop3_client_sink_fn *sink, void *context) {
    return fetch(client, &(struct client_batch){.verb = POP3_RETR, .numbers = &number}, sink, context);
}

pop3_client_class pop3_client_top(pop3_client *client, uint32_t number, uint32_t lines, pop3_client_sink_fn *sink,
                                  void *context) {
    return fetch(client, &(struct client_batch){.verb = POP3_TOP, .numbers = &number, .lines = lines}, sink, context);
}

struct descriptor {
    int fd;
    int error;
};

static int write_all(void *context, const void *octets, size_t n) {
    struct descriptor *self = context;
    const char *at = octets;
    ssize_t written;

    for (; n != 0; at += written, n -= (size_t)written) {
        written = write(self->fd, at, n);
        if (written < 0 && errno == EINTR) {
            written = 0;
        }
        if (written < 0) {
            self->error = errno;
            return -1;
        }
    }
    return 0;
}

pop3_client_class pop3_client_retr_fd(pop3_client *client, uint32_t number, int fd) {
    struct descriptor self = {.fd = fd};
    pop3_client_class result = pop3_client_retr(client, number, write_all, &self);

    if (result == POP3_CLIENT_SINK) {
        client->error.code = self.error;
    }
    return result;
}

/* ---- Commands without content ---- */

static pop3_client_class simple(pop3_client *client, pop3_verb verb, const uint32_t *number) {
    struct client_batch batch = {.verb = verb, .numbers = number, .count = 1};

    return client_run(client, &batch);
}

pop3_client_class pop3_client_dele(pop3_client *client, uint32_t number) {
    return simple(client, POP3_DELE, &number);
}

pop3_client_class pop3_client_rset(pop3_client *client) {
    return simple(client, POP3_RSET, NULL);
}

pop3_client_class pop3_client_noop(pop3_client *client) {
    return simple(client, POP3_NOOP, NULL);
}

/* ---- The end ---- */

pop3_client_class pop3_client_quit(pop3_client *client) {
    return pop3_client_dele_quit(client, NULL, 0, NULL, NULL);
}

void pop3_client_close(pop3_client *client) {
    client->error = (pop3_client_error){.class_ = POP3_CLIENT_OK};
    client_hang_up(client);
}
