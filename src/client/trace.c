/* SPDX-License-Identifier: MIT */
/* The dialogue as lines for people, secrets left out. Decides nothing. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/client.h"

enum { TRACE_LINE = 1024 };

static void show(const pop3_client *client, bool sent, const char *before, const char *text, size_t n) {
    char line[TRACE_LINE];
    size_t used = strlen(before);

    if (client->options.trace != NULL) {
        memcpy(line, before, used);
        client_safe_text(client, line + used, sizeof line - used, text, n);
        client->options.trace(client->options.trace_context, sent, line);
    }
}

/* The verb at the start of a command; POP3_GREETING: none. */
static pop3_verb verb_of(const char *line, size_t n) {
    for (unsigned verb = POP3_USER; verb < POP3_VERB_COUNT; verb++) {
        const char *name = pop3_verb_name((pop3_verb)verb);
        size_t length = strlen(name);
        if (length <= n && memcmp(line, name, length) == 0 && (length == n || line[length] == ' ')) {
            return (pop3_verb)verb;
        }
    }
    return POP3_GREETING;
}

/* Octets of a secret command that may be shown: its verb, of AUTH the mechanism too. */
static size_t open_part(pop3_verb verb, const char *line, size_t n) {
    size_t shown = strlen(pop3_verb_name(verb));
    const char *blank;

    if (verb == POP3_AUTH && shown < n) {
        blank = memchr(line + shown + 1, ' ', n - shown - 1);
        shown = blank != NULL ? (size_t)(blank - line) : n;
    }
    return shown;
}

static void show_command(const pop3_client *client, pop3_verb verb, const char *line, size_t n) {
    char text[POP3_COMMAND_MAX + 5];
    size_t shown = n;

    if (verb == POP3_GREETING || pop3_verb_secret(verb)) {
        shown = open_part(verb, line, n);
    }
    if (shown == n) {
        show(client, true, "", line, n);
    } else {
        (void)snprintf(text, sizeof text, "%.*s ***", (int)shown, line);
        show(client, true, "", text, strlen(text));
    }
}

void client_trace_output(pop3_client *client) {
    size_t n;
    const char *output = pop3_engine_output(&client->engine, &n);

    if (client->challenged) {
        if (n != 0 && !client->masked) {
            show(client, true, "", "***", 3);
            client->masked = true;
        }
        return;
    }
    while (client->shown < n) {
        const char *line = output + client->shown;
        const char *end = memchr(line, '\r', n - client->shown);
        size_t length = end != NULL ? (size_t)(end - line) : n - client->shown;

        client->asked = verb_of(line, length);
        show_command(client, client->asked, line, length);
        client->shown += length + 2 < n - client->shown ? length + 2 : n - client->shown;
    }
}

/* TLS carries the length of a message; its content is nobody's business. */
static void show_content(pop3_client *client) {
    char text[64];

    if (client->content != 0) {
        (void)snprintf(text, sizeof text, "(%" PRIu64 " octets)", client->content);
        show(client, false, "", text, strlen(text));
        client->content = 0;
    }
}

void client_trace_event(pop3_client *client, const pop3_event *event) {
    switch (event->type) {
    case POP3_EVENT_GREETING:
    case POP3_EVENT_OK:
    case POP3_EVENT_START_TLS:
        show(client, false, event->length != 0 ? "+OK " : "+OK", event->data, event->length);
        break;
    case POP3_EVENT_ERR: show(client, false, event->length != 0 ? "-ERR " : "-ERR", event->data, event->length); break;
    case POP3_EVENT_LINE: show(client, false, "", event->data, event->length); break;
    case POP3_EVENT_BODY: client->content += event->length; break;
    case POP3_EVENT_END:
        show_content(client);
        show(client, false, ".", "", 0);
        break;
    case POP3_EVENT_CHALLENGE:
        if (!event->more) {
            show(client, false, "+ ***", "", 0);
        }
        break;
    default: break;
    }
}
