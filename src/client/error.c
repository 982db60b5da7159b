/* SPDX-License-Identifier: MIT */
/* What a failure is called. Sends nothing. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client/client.h"

pop3_client_class client_fail(pop3_client *client, pop3_client_class class_, int code, const char *what, ...) {
    va_list values;

    client->error = (pop3_client_error){.class_ = class_, .code = code};
    va_start(values, what);
    (void)vsnprintf(client->error.what, sizeof client->error.what, what, values);
    va_end(values);
    return class_;
}

void client_hint(pop3_client *client, const char *hint) {
    (void)snprintf(client->error.hint, sizeof client->error.hint, "%s", hint);
}

void client_server_words(pop3_client *client, const char *text, size_t n) {
    client_safe_text(client, client->error.server, sizeof client->error.server, text, n);
}

static pop3_client_class class_of(enum net_error_kind kind, int *code) {
    *code = 0;
    switch (kind) {
    case NET_ERROR_NAME: return POP3_CLIENT_NAME;
    case NET_ERROR_REFUSED:
    case NET_ERROR_UNREACHABLE: return POP3_CLIENT_CONNECT;
    case NET_ERROR_TIMEOUT: return POP3_CLIENT_TIMEOUT;
    case NET_ERROR_TLS: *code = POP3_CLIENT_TLS_HANDSHAKE; return POP3_CLIENT_TLS;
    case NET_ERROR_CERTIFICATE: *code = POP3_CLIENT_TLS_CERTIFICATE; return POP3_CLIENT_TLS;
    case NET_ERROR_EXPIRED: *code = POP3_CLIENT_TLS_EXPIRED; return POP3_CLIENT_TLS;
    case NET_ERROR_IDENTITY: *code = POP3_CLIENT_TLS_IDENTITY; return POP3_CLIENT_TLS;
    case NET_ERROR_PIN: *code = POP3_CLIENT_TLS_PIN; return POP3_CLIENT_TLS;
    case NET_ERROR_ALPN: *code = POP3_CLIENT_TLS_ALPN; return POP3_CLIENT_TLS;
    case NET_ERROR_CLIENT: *code = POP3_CLIENT_TLS_CLIENT; return POP3_CLIENT_TLS;
    case NET_ERROR_CONFIG: return POP3_CLIENT_ARG;
    case NET_ERROR_TRUNCATED:
    case NET_ERROR_CLOSED: return POP3_CLIENT_CLOSED;
    case NET_ERROR_CANCELLED: return POP3_CLIENT_CANCELLED;
    case NET_ERROR_MEMORY: return POP3_CLIENT_MEMORY;
    case NET_ERROR_NONE:
    case NET_ERROR_SYSTEM: break;
    }
    return POP3_CLIENT_SYSTEM;
}

pop3_client_error client_net_error(const struct net_error *error) {
    pop3_client_error out = {.code = 0};

    out.class_ = class_of(error->kind, &out.code);
    (void)snprintf(out.what, sizeof out.what, "%s", error->text);
    (void)snprintf(out.hint, sizeof out.hint, "%s", error->hint);
    return out;
}

pop3_client_class client_fail_net(pop3_client *client, const struct net_error *error) {
    client->error = client_net_error(error);
    return client->error.class_;
}

/* "the greeting", "the reply to STAT": during what it happened. */
static const char *awaited(const pop3_client *client, char out[32]) {
    if (client->idle) {
        return "the next command";
    }
    if (client->asked == POP3_GREETING) {
        return "the greeting";
    }
    (void)snprintf(out, 32, "the reply to %s", pop3_verb_name(client->asked));
    return out;
}

pop3_client_class client_fail_session(pop3_client *client, const pop3_event *event) {
    const char *host = client->options.host;
    char text[32];
    const char *what = awaited(client, text);

    switch (client->end) {
    case CLIENT_OUT_OF_TIME:
        return client_fail(client, POP3_CLIENT_TIMEOUT, 0, "%s did not send %s in time", host, what);
    case CLIENT_STOPPED: return client_fail(client, POP3_CLIENT_CANCELLED, 0, "cancelled while waiting for %s", what);
    case CLIENT_ENDED: return client_fail_net(client, &client->end_error);
    case CLIENT_FLOWING: break;
    }
    if (event->type == POP3_EVENT_CLOSED || event->error == POP3_IO) {
        return client_fail(client, POP3_CLIENT_CLOSED, 0, "%s closed the connection before the end of %s", host, what);
    }
    (void)client_fail(client, POP3_CLIENT_PROTOCOL, event->error,
                      event->error == POP3_LIMIT ? "%s sent too long a line, or too many, before the end of %s"
                                                 : "%s broke the rules of POP3 before the end of %s",
                      host, what);
    if (event->data != NULL) {
        client_server_words(client, event->data, event->length);
    }
    return POP3_CLIENT_PROTOCOL;
}

pop3_client_class client_fail_refused(pop3_client *client, pop3_verb verb, uint32_t number, const pop3_event *event) {
    size_t n;
    pop3_response_code code = pop3_parse_code(event->data, event->length, &n);
    bool later = code == POP3_CODE_SYS_TEMP || code == POP3_CODE_IN_USE || code == POP3_CODE_LOGIN_DELAY;
    pop3_client_class class_ = later ? POP3_CLIENT_BUSY : POP3_CLIENT_REFUSED;

    if (number != 0) {
        (void)client_fail(client, class_, (int)code, "%s refused %s %u", client->options.host, pop3_verb_name(verb),
                          (unsigned)number);
    } else {
        (void)client_fail(client, class_, (int)code, "%s refused %s", client->options.host, pop3_verb_name(verb));
    }
    client_server_words(client, event->data, event->length);
    if (verb == POP3_QUIT) {
        client_hint(client, "some or none of the marked messages were removed: look again");
    }
    return class_;
}
