/* SPDX-License-Identifier: MIT */
/* Commands and their replies in order. Knows what no reply means. */
#include "client/client.h"

static uint32_t number_of(const struct client_batch *batch, size_t index) {
    return batch->numbers != NULL ? batch->numbers[index] : 0;
}

static pop3_client_class send_command(pop3_client *client, const struct client_batch *batch, size_t index) {
    const pop3_arg arg = {.number = number_of(batch, index), .lines = batch->lines};
    pop3_error error =
        pop3_engine_command(&client->engine, batch->verb, batch->numbers != NULL ? &arg : NULL, (uint32_t)index);

    if (error == POP3_ARG) {
        return client_fail(client, POP3_CLIENT_ARG, 0, "%s needs the number of a message", pop3_verb_name(batch->verb));
    }
    return error == POP3_SUCCESS
               ? POP3_CLIENT_OK
               : client_fail(client, POP3_CLIENT_STATE, 0, "%s does not belong here", pop3_verb_name(batch->verb));
}

/* What an event means for its command; *over: for the session. */
static pop3_client_class judge(pop3_client *client, struct client_batch *batch, const pop3_event *event, bool *over) {
    pop3_client_class result = POP3_CLIENT_OK;

    switch (event->type) {
    case POP3_EVENT_FAIL:
    case POP3_EVENT_CLOSED: *over = true; return client_fail_session(client, event);
    case POP3_EVENT_ERR: return client_fail_refused(client, batch->verb, number_of(batch, event->tag), event);
    case POP3_EVENT_END: return POP3_CLIENT_OK;
    default: break;
    }
    if (batch->take != NULL) {
        result = batch->take(batch, event->tag, event);
    }
    *over = result != POP3_CLIENT_OK && event->type == POP3_EVENT_BODY;
    return result;
}

static bool is_complete(const pop3_event *event) {
    return event->type == POP3_EVENT_END || event->type == POP3_EVENT_ERR ||
           (event->type == POP3_EVENT_OK && !event->more);
}

/* Reads the reply to one command to its end; the first failure counts. */
static pop3_client_class read_reply(pop3_client *client, struct client_batch *batch, bool *over) {
    pop3_client_error first = {.class_ = POP3_CLIENT_OK};
    pop3_event event;

    do {
        client_next(client, &event);
        pop3_client_class result = judge(client, batch, &event, over);
        if (result != POP3_CLIENT_OK && (first.class_ == POP3_CLIENT_OK || *over)) {
            first = client->error;
        }
    } while (!*over && !is_complete(&event));
    client->error = first;
    return first.class_;
}

/* One command is sent when the one before is answered. */
pop3_client_class client_run(pop3_client *client, struct client_batch *batch) {
    pop3_client_class result = POP3_CLIENT_OK;
    bool over = false;
    pop3_event event;

    client->error = (pop3_client_error){.class_ = POP3_CLIENT_OK};
    if (!client->connected) {
        return client_fail(client, POP3_CLIENT_STATE, 0, "there is no session with %s", client->options.host);
    }
    batch->client = client;
    for (size_t i = 0; i < batch->count && result == POP3_CLIENT_OK; i++) {
        over = !client_is_quiet(client, &event);
        result = over ? client_fail_session(client, &event) : send_command(client, batch, i);
        if (result == POP3_CLIENT_OK) {
            result = read_reply(client, batch, &over);
        }
    }
    if (over) {
        client_hang_up(client);
    }
    return result;
}
