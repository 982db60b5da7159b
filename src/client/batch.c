/* SPDX-License-Identifier: MIT */
/* Commands and their replies in order. Knows what no reply means. */
#include "client/client.h"

/* The longest command with a number and a count: TOP, each of ten digits. */
_Static_assert(CLIENT_WINDOW * sizeof "TOP 4294967295 4294967295\r" <= CLIENT_OUTPUT, "R-2449-15");
_Static_assert(CLIENT_WINDOW <= POP3_ENGINE_DEPTH, "the engine keeps that many");

static bool is_quit(const struct client_batch *batch, size_t index) {
    return batch->quit && index + 1 == batch->count;
}

static uint32_t number_of(const struct client_batch *batch, size_t index) {
    return batch->numbers != NULL && !is_quit(batch, index) ? batch->numbers[index] : 0;
}

static pop3_verb verb_of(const struct client_batch *batch, size_t index) {
    if (is_quit(batch, index)) {
        return POP3_QUIT;
    }
    return batch->verbs != NULL ? batch->verbs[index] : batch->verb;
}

/* LIST and UIDL take 0 for all. */
static pop3_client_class check_numbers(pop3_client *client, const struct client_batch *batch) {
    for (size_t i = 0; batch->numbers != NULL && i < batch->count; i++) {
        if (number_of(batch, i) == 0 && !is_quit(batch, i) && batch->verb != POP3_LIST && batch->verb != POP3_UIDL) {
            return client_fail(client, POP3_CLIENT_ARG, 0, "%s needs the number of a message",
                               pop3_verb_name(batch->verb));
        }
    }
    return POP3_CLIENT_OK;
}

static pop3_client_class send_command(pop3_client *client, const struct client_batch *batch, size_t index) {
    const pop3_arg arg = {.number = number_of(batch, index), .lines = batch->lines};
    pop3_verb verb = verb_of(batch, index);

    if (pop3_engine_command(&client->engine, verb, &arg, (uint32_t)index) == POP3_SUCCESS) {
        return POP3_CLIENT_OK;
    }
    return client_fail(client, POP3_CLIENT_STATE, 0, "%s does not belong here", pop3_verb_name(verb));
}

/* What an event means for its command; *over: for the session. */
static pop3_client_class judge(pop3_client *client, struct client_batch *batch, const pop3_event *event, bool *over) {
    pop3_client_class result = POP3_CLIENT_OK;

    switch (event->type) {
    case POP3_EVENT_FAIL:
    case POP3_EVENT_CLOSED: *over = true; return client_fail_session(client, event);
    case POP3_EVENT_ERR:
        return client_fail_refused(client, (pop3_verb)event->verb, number_of(batch, event->tag), event);
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

/* Reads the reply to one command to its end; the first failure counts, unless a later one ends the session. */
static bool read_reply(pop3_client *client, struct client_batch *batch, pop3_client_error *first) {
    pop3_event event;
    bool over = false;

    *first = (pop3_client_error){.class_ = POP3_CLIENT_OK};
    do {
        client_next(client, &event);
        pop3_client_class result = judge(client, batch, &event, &over);
        if (result != POP3_CLIENT_OK && (first->class_ == POP3_CLIENT_OK || over)) {
            *first = client->error;
        }
    } while (!over && !is_complete(&event));
    client->marked = client->marked || (event.verb == POP3_DELE && first->class_ == POP3_CLIENT_OK);
    return !over;
}

/* As many as a window of `most` takes, once it has run half empty. */
static bool refill(pop3_client *client, const struct client_batch *batch, size_t most, size_t done, size_t *sent) {
    pop3_event event;

    if (*sent - done > most / 2) {
        return true;
    }
    if (*sent == done && !client_is_quiet(client, &event)) {
        (void)client_fail_session(client, &event);
        return false;
    }
    for (; *sent < batch->count && *sent - done < most; ++*sent) {
        if (send_command(client, batch, *sent) != POP3_CLIENT_OK) {
            return false;
        }
    }
    return true;
}

/* One command at a time unless the server can do more. The window's octets always fit the output (R-2449-15). */
static size_t window(const pop3_client *client) {
    bool can = client->options.pipelining == POP3_CLIENT_PIPELINING_ON ||
               (client->options.pipelining == POP3_CLIENT_PIPELINING_AUTO &&
                (client->login.capabilities & POP3_CAPABILITY_PIPELINING) != 0);

    return can && !client->pipelining_broken ? CLIENT_WINDOW : 1;
}

/* Tells of a complete reply. False: the caller has had enough. */
static bool tell(pop3_client *client, const struct client_batch *batch, size_t index, pop3_client_error *error) {
    if (batch->done == NULL || batch->done(batch->context, index, error) == 0) {
        return true;
    }
    (void)client_fail(client, POP3_CLIENT_SINK, 0, "the caller stopped at message %u",
                      (unsigned)number_of(batch, index));
    *error = client->error;
    return false;
}

/* what a server does that pipelining is too much for. */
static bool may_be_broken(const pop3_client_error *error) {
    return error->class_ == POP3_CLIENT_CLOSED || error->class_ == POP3_CLIENT_TIMEOUT ||
           error->class_ == POP3_CLIENT_PROTOCOL;
}

/* The session goes on behind it: true. */
static bool run(pop3_client *client, struct client_batch *batch, pop3_client_error *first) {
    size_t most = window(client);
    pop3_client_error error;
    size_t sent = 0;

    for (size_t done = 0; done < batch->count; done++) {
        bool good = refill(client, batch, most, done, &sent);
        error = client->error;
        good = good && read_reply(client, batch, &error) && tell(client, batch, done, &error);
        if (!good) {
            *first = error;
            client->pipelining_broken =
                client->pipelining_broken || (most > 1 && batch->count > 1 && may_be_broken(&error));
            return false;
        }
        if (first->class_ == POP3_CLIENT_OK) {
            *first = error;
        }
    }
    return true;
}

pop3_client_class client_run(pop3_client *client, struct client_batch *batch) {
    pop3_client_error first = {.class_ = POP3_CLIENT_OK};

    client->error = first;
    if (!client->connected) {
        return client_fail(client, POP3_CLIENT_STATE, 0, "there is no session with %s", client->options.host);
    }
    if (check_numbers(client, batch) != POP3_CLIENT_OK) {
        return POP3_CLIENT_ARG;
    }
    batch->client = client;
    if (!run(client, batch, &first)) {
        client_hang_up(client);
    }
    client->error = first;
    return first.class_;
}
