/* SPDX-License-Identifier: MIT */
/* Calls of many commands. Knows no window. */
#include "client/client.h"

/* ---- STAT, LIST and UIDL ---- */

struct survey {
    struct client_batch batch;
    struct client_stat stat;
    struct client_listing list;
    struct client_listing uidl;
};

static pop3_client_class take_survey(struct client_batch *batch, size_t index, const pop3_event *event) {
    struct survey *self = (struct survey *)batch;

    switch (event->verb) {
    case POP3_STAT: return client_take_stat(&self->stat.batch, index, event);
    case POP3_LIST: return client_take_line(&self->list.batch, index, event);
    default: return client_take_line(&self->uidl.batch, index, event);
    }
}

static int no_size(void *context, uint32_t number, uint64_t octets) {
    (void)context;
    (void)number;
    (void)octets;
    return 0;
}

static int no_uid(void *context, uint32_t number, const char *uid) {
    (void)context;
    (void)number;
    (void)uid;
    return 0;
}

/* again without pipelining, where nobody can tell the difference. */
static bool may_try_again(const pop3_client *client, const struct survey *self, bool was_broken) {
    return client->pipelining_broken && !was_broken && !client->marked && self->list.lines == 0 &&
           self->uidl.lines == 0;
}

pop3_client_class pop3_client_survey(pop3_client *client, uint32_t *count, uint64_t *octets, pop3_client_size_fn *size,
                                     pop3_client_uid_fn *uid, void *context) {
    static const pop3_verb verbs[] = {POP3_STAT, POP3_LIST, POP3_UIDL};
    struct survey self = {.batch = {.verbs = verbs, .count = sizeof verbs / sizeof verbs[0], .take = take_survey},
                          .stat = {.batch = {.verb = POP3_STAT, .client = client}},
                          .list = {.batch = {.verb = POP3_LIST, .client = client},
                                   .size = size != NULL ? size : no_size,
                                   .context = context},
                          .uidl = {.batch = {.verb = POP3_UIDL, .client = client},
                                   .uid = uid != NULL ? uid : no_uid,
                                   .context = context}};
    bool was_broken = client->pipelining_broken;
    pop3_client_class result = client_run(client, &self.batch);

    if (may_try_again(client, &self, was_broken)) {
        result = pop3_client_open(client);
        result = result == POP3_CLIENT_OK ? client_run(client, &self.batch) : result;
    }
    if (count != NULL) {
        *count = self.stat.count;
    }
    if (octets != NULL) {
        *octets = self.stat.octets;
    }
    return result;
}

/* ---- RETR, TOP ---- */

struct messages {
    struct client_batch batch;
    pop3_client_content_fn *content;
};

static pop3_client_class take_message(struct client_batch *batch, size_t index, const pop3_event *event) {
    struct messages *self = (struct messages *)batch;

    if (event->type != POP3_EVENT_BODY || self->content(batch->context, index, event->data, event->length) == 0) {
        return POP3_CLIENT_OK;
    }
    return client_fail(batch->client, POP3_CLIENT_SINK, 0, "message %u could not be stored",
                       (unsigned)batch->numbers[index]);
}

pop3_client_class pop3_client_retr_many(pop3_client *client, const uint32_t *numbers, size_t count,
                                        pop3_client_content_fn *content, pop3_client_done_fn *done, void *context) {
    struct messages self = {.batch = {.verb = POP3_RETR,
                                      .numbers = numbers,
                                      .count = count,
                                      .take = take_message,
                                      .done = done,
                                      .context = context},
                            .content = content};

    return client_run(client, &self.batch);
}

pop3_client_class pop3_client_top_many(pop3_client *client, const uint32_t *numbers, size_t count, uint32_t lines,
                                       pop3_client_content_fn *content, pop3_client_done_fn *done, void *context) {
    struct messages self = {.batch = {.verb = POP3_TOP,
                                      .numbers = numbers,
                                      .lines = lines,
                                      .count = count,
                                      .take = take_message,
                                      .done = done,
                                      .context = context},
                            .content = content};

    return client_run(client, &self.batch);
}

/* ---- DELE ---- */

pop3_client_class pop3_client_dele_many(pop3_client *client, const uint32_t *numbers, size_t count,
                                        pop3_client_done_fn *done, void *context) {
    struct client_batch batch = {
        .verb = POP3_DELE, .numbers = numbers, .count = count, .done = done, .context = context};

    return client_run(client, &batch);
}

/* ---- QUIT ---- */

pop3_client_class pop3_client_dele_quit(pop3_client *client, const uint32_t *numbers, size_t count,
                                        pop3_client_done_fn *done, void *context) {
    struct client_batch batch = {
        .verb = POP3_DELE, .numbers = numbers, .count = count + 1, .quit = true, .done = done, .context = context};
    pop3_client_class result = client_run(client, &batch);

    if (client->asked == POP3_QUIT && (result == POP3_CLIENT_CLOSED || result == POP3_CLIENT_TIMEOUT)) {
        client_hint(client, "the marked messages may be removed or not: look again");
    }
    if (result != POP3_CLIENT_ARG) {
        client_hang_up(client);
    }
    return result;
}
