/* SPDX-License-Identifier: MIT */
/* The handle's life, and how it is cancelled. Knows no command. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "client/client.h"

/* The end that is written to must not block a signal handler. */
static bool make_cancel(pop3_client *client) {
    if (pipe(client->cancel) != 0) {
        client->cancel[0] = client->cancel[1] = -1;
        return false;
    }
    return fcntl(client->cancel[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(client->cancel[1], F_SETFD, FD_CLOEXEC) == 0 &&
           fcntl(client->cancel[1], F_SETFL, O_NONBLOCK) == 0;
}

static bool begin(pop3_client *client, const pop3_client_options *options) {
    client->cancel[0] = client->cancel[1] = -1;
    client_begin(client);
    pop3_engine_abort(&client->engine, POP3_IO); /* no connection, no command */
    if (options == NULL) {
        (void)client_fail(client, POP3_CLIENT_ARG, 0, "no options are given");
        return false;
    }
    if (!client_take_options(client, options)) {
        return false;
    }
    client->sessions = net_tls_sessions_new();
    if (client->sessions == NULL) {
        (void)client_fail(client, POP3_CLIENT_MEMORY, 0, "there is no memory for a client");
        return false;
    }
    if (!make_cancel(client)) {
        (void)client_fail(client, POP3_CLIENT_SYSTEM, errno, "this process has no descriptor left");
        return false;
    }
    return true;
}

pop3_client *pop3_client_new(const pop3_client_options *options, pop3_client_error *error) {
    pop3_client *client = calloc(1, sizeof *client);

    if (client == NULL) {
        if (error != NULL) {
            *error = (pop3_client_error){.class_ = POP3_CLIENT_MEMORY, .what = "there is no memory for a client"};
        }
        return NULL;
    }
    if (begin(client, options)) {
        return client;
    }
    if (error != NULL) {
        *error = client->error;
    }
    pop3_client_free(client);
    return NULL;
}

static void close_descriptor(int fd) {
    if (fd >= 0) {
        (void)close(fd);
    }
}

void pop3_client_free(pop3_client *client) {
    if (client == NULL) {
        return;
    }
    client_hang_up(client);
    client_wipe_options(client);
    net_tls_sessions_free(client->sessions);
    close_descriptor(client->cancel[0]);
    close_descriptor(client->cancel[1]);
    OPENSSL_cleanse(client, sizeof *client);
    free(client);
}

const pop3_client_error *pop3_client_last_error(const pop3_client *client) {
    return &client->error;
}

void pop3_client_cancel(pop3_client *client) {
    int before = errno;
    ssize_t written = write(client->cancel[1], "", 1); /* a full pipe is readable already */

    (void)written;
    errno = before;
}
