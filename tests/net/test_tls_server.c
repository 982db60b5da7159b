/* SPDX-License-Identifier: MIT */
/* The server's side: never waiting, certificates from files, what it knows of clients; peers that do not read. */
#define _GNU_SOURCE

#include "trial.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- One poll loop, as a server of many connections has it ---- */

struct tally {
    size_t polls;
    size_t sent;
};

static struct tally tally;

/* Waits for what the stream asks for; false when the time is over. */
static bool wait_as_told(struct net_stream *peer, short wanted) {
    struct pollfd entry = {.fd = peer->fd, .events = net_events(peer, wanted)};

    tally.polls++;
    return net_pending(peer) || poll(&entry, 1, TRIAL_MS) == 1;
}

/* Speaks first, as POP3 does, before the handshake is done; then echoes; never gives read or write a deadline. */
static void talk_without_waiting(struct net_stream *peer) {
    static const char greeting[] = "+OK ready\r\n";
    char octets[512];
    ptrdiff_t got = 0;

    assert_false(net_tls_ready(peer));
    while (tally.sent < sizeof greeting - 1 && wait_as_told(peer, POLLOUT)) {
        ptrdiff_t put = net_write(peer, greeting + tally.sent, sizeof greeting - 1 - tally.sent, NET_NO_WAIT);

        tally.sent += put > 0 ? (size_t)put : 0;
    }
    assert_true(net_tls_ready(peer));
    while (got >= 0 && wait_as_told(peer, POLLIN)) {
        got = net_read(peer, octets, sizeof octets, NET_NO_WAIT);
        if (got > 0) {
            assert_int_equal(net_write(peer, octets, (size_t)got, NET_NO_WAIT), got);
        }
    }
    assert_int_equal(got, NET_CLOSED);
}

static void test_a_server_that_never_waits(void **state) {
    (void)state;
    for (enum net_tls_version version = NET_TLS_1_2; version <= NET_TLS_1_3; version++) {
        struct trial trial;
        char text[16];

        tally = (struct tally){.polls = 0};
        trial_start(&trial, &(struct net_tls_server_options){.certificate = ours.leaf, .most = version},
                    talk_without_waiting);
        assert_true(trial_connect(&trial, strict(&ours)));
        assert_int_equal(net_read(&trial.stream, text, sizeof text, net_now_ms() + TRIAL_MS), 11);
        assert_memory_equal(text, "+OK ready\r\n", 11);
        assert_echo(&trial.stream);
        trial_stop(&trial);
        assert_true(tally.polls < 30); /* it sleeps while a handshake waits for the client */
    }
}

/* ---- Writing to who does not read ---- */

static int gate; /* an eventfd */

static void talk_later(struct net_stream *peer) {
    char octet;
    eventfd_t value;

    assert_int_equal(net_read(peer, &octet, 1, net_now_ms() + TRIAL_MS), 1); /* the handshake is inside */
    assert_int_equal(eventfd_read(gate, &value), 0);
    assert_int_equal(net_write(peer, &octet, 1, net_now_ms() + TRIAL_MS), 1);
    talk_echo(peer);
}

static void test_writing_takes_what_fits(void **state) {
    static char block[65536];
    static char back[65536];
    struct trial trial;
    size_t total = 0;
    ptrdiff_t put;

    (void)state;
    gate = eventfd(0, EFD_CLOEXEC);
    assert_true(gate >= 0);
    trial_start(&trial, &(struct net_tls_server_options){.certificate = ours.leaf}, talk_later);
    assert_true(trial_connect(&trial, strict(&ours)));
    assert_int_equal(net_events(&trial.stream, POLLIN), POLLIN);
    while ((put = net_write(&trial.stream, block, sizeof block, NET_NO_WAIT)) > 0) {
        total += (size_t)put;
    }
    assert_int_equal(put, NET_NOTHING);
    assert_int_equal(net_events(&trial.stream, POLLIN), POLLIN | POLLOUT); /* something is queued */
    assert_int_equal(net_events(&trial.stream, 0), POLLOUT);
    assert_int_equal(net_write(&trial.stream, block, 1, net_now_ms() + 10), NET_NOTHING);
    assert_int_equal(eventfd_write(gate, 1), 0);
    while (total > 0) {
        ptrdiff_t got = net_read(&trial.stream, back, sizeof back, net_now_ms() + TRIAL_MS);

        assert_true(got > 0);
        total -= (size_t)got;
    }
    assert_int_equal(net_events(&trial.stream, 0), 0);
    trial_stop(&trial);
    assert_int_equal(close(gate), 0);
}

/* ---- Certificates in files ---- */

static void test_certificates_from_files(void **state) {
    struct net_tls_server_options server = {.certificate = NULL};
    struct net_error error;
    struct trial trial;
    struct stat status;
    char certificate[128];
    char key[128];

    (void)state;
    authority_path(&ours, "server.pem", certificate);
    authority_path(&ours, "server.key", key);
    assert_true(net_certificate_write(ours.leaf, certificate, &error));
    assert_true(net_certificate_write_key(ours.leaf, key, &error));
    assert_int_equal(stat(key, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    server.certificate_file = certificate;
    server.key_file = key;
    trial_start(&trial, &server, talk_echo);
    assert_true(trial_connect(&trial, strict(&ours)));
    assert_echo(&trial.stream);
    trial_stop(&trial);
    assert_false(net_certificate_write(ours.leaf, "/nonexistent/x.pem", &error));
    assert_string_equal(error.text, "/nonexistent/x.pem cannot be written: No such file or directory");
}

static void expect_refusal(const struct net_tls_server_options *options) {
    struct net_error error = {.kind = NET_ERROR_NONE};

    assert_null(net_tls_server_new(options, &error));
    assert_int_equal(error.kind, NET_ERROR_CONFIG);
    assert_true(error.text[0] != '\0');
}

static void test_options_that_cannot_be_used(void **state) {
    (void)state;
    expect_refusal(&(struct net_tls_server_options){.certificate = NULL});
    expect_refusal(&(struct net_tls_server_options){.certificate_file = "/nonexistent"});
    expect_refusal(&(struct net_tls_server_options){.certificate_file = ours.ca_file}); /* no key */
    expect_refusal(&(struct net_tls_server_options){.certificate = ours.leaf, .client_ca_file = "/nonexistent"});
    expect_refusal(&(struct net_tls_server_options){.certificate = ours.leaf,
                                                    .alpn = "a protocol's name that is far too long for us"});
    expect_refusal(
        &(struct net_tls_server_options){.certificate = ours.leaf, .least = NET_TLS_1_3, .most = NET_TLS_1_2});
}

/* ---- What the server knows of its clients ---- */

static struct net_tls_info client;

static void talk_client(struct net_stream *peer) {
    char octet;

    (void)net_read(peer, &octet, 1, net_now_ms() + TRIAL_MS);
    if (net_tls_info(peer, &client)) {
        (void)net_write(peer, "y", 1, net_now_ms() + TRIAL_MS);
    }
}

static void introduce(struct net_tls_server_options server, struct net_tls_options options) {
    struct trial trial;
    char octet;

    client = (struct net_tls_info){.peer = false};
    server.certificate = ours.leaf;
    trial_start(&trial, &server, talk_client);
    assert_true(trial_connect(&trial, options));
    assert_int_equal(net_write(&trial.stream, "x", 1, net_now_ms() + TRIAL_MS), 1);
    assert_int_equal(net_read(&trial.stream, &octet, 1, net_now_ms() + TRIAL_MS), 1);
    trial_stop(&trial);
}

static void test_the_client_of_a_server(void **state) {
    struct net_certificate *mrose =
        make_certificate(&(struct net_certificate_recipe){.common_name = "mrose"}, ours.root);
    struct net_tls_options options = strict(&ours);
    struct net_error error;
    char certificate[128];
    char key[128];

    (void)state;
    authority_path(&ours, "mrose.pem", certificate);
    authority_path(&ours, "mrose.key", key);
    assert_true(net_certificate_write(mrose, certificate, &error) && net_certificate_write_key(mrose, key, &error));
    net_certificate_free(mrose);
    introduce((struct net_tls_server_options){.client_wanted = true}, options);
    assert_false(client.peer);
    options.client_cert = certificate;
    options.client_key = key;
    introduce((struct net_tls_server_options){.client_wanted = true}, options);
    assert_true(client.peer && !client.trusted); /* anyone could have made it */
    assert_string_equal(client.subject, "CN=mrose,O=Satchel trial");
    introduce((struct net_tls_server_options){.client_ca = ours.root}, options);
    assert_true(client.peer && client.trusted);
}

static void test_what_is_no_tls_stream(void **state) {
    struct net_tls_info info;
    struct trial trial;

    (void)state;
    trial_start(&trial, NULL, talk_echo);
    assert_false(net_tls_info(&trial.stream, &info));
    assert_false(net_tls_ready(&trial.stream));
    assert_false(net_tls_renegotiate(&trial.stream));
    assert_echo(&trial.stream);
    trial_stop(&trial);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_server_that_never_waits), cmocka_unit_test(test_writing_takes_what_fits),
        cmocka_unit_test(test_certificates_from_files),   cmocka_unit_test(test_options_that_cannot_be_used),
        cmocka_unit_test(test_the_client_of_a_server),    cmocka_unit_test(test_what_is_no_tls_stream),
    };

    return cmocka_run_group_tests_name("tls_server", tests, authority_set_up, authority_tear_down);
}
