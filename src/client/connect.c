/* SPDX-License-Identifier: MIT */
/* A connection to the server, with TLS where it begins at once. Says nothing on it. */
#include "client/client.h"

static void forget_server(pop3_client *client) {
    client->credentials.binding_type = NULL;
    client->address[0] = '\0';
    client->loopback = client->tls_began = false;
    client->announced_length = 0;
    client_begin(client);
}

bool client_look_up(pop3_client *client, struct net_dialling *dialling) {
    struct net_error error;
    const struct net_dial_options options = {.host = client->options.host,
                                             .port = client->options.port,
                                             .deadline_ms = client->session_end_ms,
                                             .address_ms = client->options.connect_ms,
                                             .cancel_fd = client->cancel[0]};

    forget_server(client);
    if (!net_dial_begin(dialling, &options, &error)) {
        (void)client_fail_net(client, &error);
        return false;
    }
    return true;
}

static bool dial(pop3_client *client, struct net_dialling *dialling) {
    struct net_error error;

    client->connected = net_dial_next(dialling, &client->stream, &error);
    if (!client->connected) {
        (void)client_fail_net(client, &error);
        return false;
    }
    client_note_peer(client);
    return true;
}

/* Whatever SCRAM's -PLUS binds to comes from this very TLS connection. */
static void take_binding(pop3_client *client) {
    static const char *const names[] = {NULL, "tls-exporter", "tls-server-end-point"};
    size_t size = 0;

    client->credentials.binding_type = names[net_tls_binding(&client->stream, client->binding, &size)];
    client->credentials.binding = (pop3_span){client->binding, size};
}

bool client_make_tls(pop3_client *client) {
    const pop3_client_options *options = &client->options;
    uint64_t deadline = net_now_ms() + options->handshake_ms;
    struct net_error error;
    const struct net_tls_options tls = {.host = options->host,
                                        .port = options->port,
                                        .ca_file = options->ca_file,
                                        .ca_dir = options->ca_dir,
                                        .pin = options->pin,
                                        .verify_pin_only = options->verify_pin_only,
                                        .client_cert = options->client_cert,
                                        .client_key = options->client_key,
                                        .alpn = options->alpn == NULL      ? "pop3"
                                                : options->alpn[0] != '\0' ? options->alpn
                                                                           : NULL,
                                        .sessions = client->sessions,
                                        .seen = &client->tls};

    client->tls_began = true;
    if (!net_tls_connect(&client->stream, &tls, deadline < client->session_end_ms ? deadline : client->session_end_ms,
                         &error)) {
        (void)client_fail_net(client, &error);
        return false;
    }
    take_binding(client);
    return true;
}

bool client_connect(pop3_client *client, struct net_dialling *dialling) {
    forget_server(client);
    return dial(client, dialling) && (client->options.tls != POP3_TLS_IMPLICIT || client_make_tls(client));
}
