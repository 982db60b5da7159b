/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE

#include "trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct authority ours;

struct net_certificate *make_certificate(const struct net_certificate_recipe *recipe,
                                         const struct net_certificate *issuer) {
    struct net_error error;
    struct net_certificate *made = net_certificate_make(recipe, issuer, &error);

    assert_non_null(made);
    return made;
}

struct net_certificate *make_leaf(const char *name, const struct net_certificate *issuer) {
    const struct net_certificate_name names[] = {{name, 0}};

    return make_certificate(&(struct net_certificate_recipe){.names = names, .name_count = 1}, issuer);
}

void authority_path(const struct authority *authority, const char *name, char out[128]) {
    (void)snprintf(out, 128, "%s/%s", authority->folder, name);
}

int authority_set_up(void **state) {
    struct net_error error;

    (void)state;
    (void)snprintf(ours.folder, sizeof ours.folder, "/tmp/satchel-net-XXXXXX");
    if (mkdtemp(ours.folder) == NULL) {
        return -1;
    }
    ours.root = make_certificate(&(struct net_certificate_recipe){.authority = true}, NULL);
    ours.other =
        make_certificate(&(struct net_certificate_recipe){.authority = true, .common_name = "Nobody's CA"}, NULL);
    ours.leaf = make_leaf(TRIAL_HOST, ours.root);
    authority_path(&ours, "ca.pem", ours.ca_file);
    return net_certificate_write(ours.root, ours.ca_file, &error) ? 0 : -1;
}

int authority_tear_down(void **state) {
    char command[128];

    (void)state;
    net_certificate_free(ours.root);
    net_certificate_free(ours.other);
    net_certificate_free(ours.leaf);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", ours.folder);
    assert_int_equal(system(command), 0);
    return 0;
}

/* Reads until the client ends, so that nothing is reset under what it still has to read. */
static void drain(struct net_stream *peer) {
    char buffer[4096];
    ptrdiff_t got;

    do {
        got = net_read(peer, buffer, sizeof buffer, net_now_ms() + TRIAL_MS);
    } while (got > 0);
}

static void *serve(void *argument) {
    struct trial *trial = argument;

    if (trial->talk != NULL) {
        trial->talk(&trial->peer);
    }
    net_finish(&trial->peer);
    drain(&trial->peer);
    net_close(&trial->peer);
    return NULL;
}

void trial_start_on(struct trial *trial, const struct net_tls_server *server, void (*talk)(struct net_stream *peer)) {
    int ends[2];

    *trial = (struct trial){.talk = talk};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    net_posix_stream(&trial->stream, ends[0]);
    net_posix_stream(&trial->peer, ends[1]);
    if (server != NULL) {
        assert_true(net_tls_accept(&trial->peer, server));
    }
    assert_int_equal(pthread_create(&trial->thread, NULL, serve, trial), 0);
}

void trial_start(struct trial *trial, const struct net_tls_server_options *options,
                 void (*talk)(struct net_stream *peer)) {
    struct net_error error;
    struct net_tls_server *server = options != NULL ? net_tls_server_new(options, &error) : NULL;

    assert_true(options == NULL || server != NULL);
    trial_start_on(trial, server, talk);
    trial->server = server;
}

bool trial_connect(struct trial *trial, struct net_tls_options options) {
    options.seen = &trial->seen;
    return net_tls_connect(&trial->stream, &options, net_now_ms() + TRIAL_MS, &trial->error);
}

void trial_stop(struct trial *trial) {
    net_close(&trial->stream);
    assert_int_equal(pthread_join(trial->thread, NULL), 0);
    net_tls_server_free(trial->server);
}

static bool send_all(struct net_stream *stream, const char *data, size_t size) {
    while (size > 0) {
        ptrdiff_t put = net_write(stream, data, size, net_now_ms() + TRIAL_MS);

        if (put <= 0) {
            return false;
        }
        data += put;
        size -= (size_t)put;
    }
    return true;
}

void talk_echo(struct net_stream *peer) {
    char buffer[32768];
    ptrdiff_t got;

    while ((got = net_read(peer, buffer, sizeof buffer, net_now_ms() + TRIAL_MS)) > 0 &&
           send_all(peer, buffer, (size_t)got)) {}
}

void talk_nothing(struct net_stream *peer) {
    drain(peer);
}

void assert_echo(struct net_stream *stream) {
    char text[5];
    size_t used = 0;

    assert_true(send_all(stream, "hello", 5));
    while (used < sizeof text) {
        ptrdiff_t got = net_read(stream, text + used, sizeof text - used, net_now_ms() + TRIAL_MS);

        assert_true(got > 0);
        used += (size_t)got;
    }
    assert_memory_equal(text, "hello", 5);
}

struct net_tls_options strict(const struct authority *authority) {
    return (struct net_tls_options){.host = TRIAL_HOST, .port = 995, .ca_file = authority->ca_file, .alpn = "pop3"};
}

enum net_error_kind verdict_on(struct trial *trial, const struct net_certificate *certificate,
                               struct net_tls_options options) {
    bool good;

    trial_start(trial, &(struct net_tls_server_options){.certificate = certificate}, talk_nothing);
    good = trial_connect(trial, options);
    trial_stop(trial);
    assert_true(good || (trial->error.kind != NET_ERROR_NONE && trial->error.text[0] != '\0'));
    return good ? NET_ERROR_NONE : trial->error.kind;
}
