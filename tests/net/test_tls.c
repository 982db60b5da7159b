/* SPDX-License-Identifier: MIT */
/* What a client of TLS offers, refuses and reports: versions, ALPN, client certificates, renegotiation, ends. */
#define _GNU_SOURCE

#include "trial.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void assert_says(const char *text, const char *part) {
    if (strstr(text, part) == NULL) {
        fail_msg("'%s' does not say '%s'", text, part);
    }
}

/* A server with these options, and what became of the handshake. */
static enum net_error_kind handshake(struct trial *trial, struct net_tls_server_options server,
                                     struct net_tls_options options) {
    bool good;

    server.certificate = ours.leaf;
    trial_start(trial, &server, talk_echo);
    good = trial_connect(trial, options);
    if (good) {
        assert_echo(&trial->stream);
    }
    trial_stop(trial);
    return good ? NET_ERROR_NONE : trial->error.kind;
}

static void test_R_TLS_11_versions(void **state) {
    static const struct {
        enum net_tls_version version;
        const char *name;
    } good[] = {{NET_TLS_1_2, "TLSv1.2"}, {NET_TLS_1_3, "TLSv1.3"}, {NET_TLS_DEFAULT, "TLSv1.3"}};
    static const enum net_tls_version old[] = {NET_TLS_1_0, NET_TLS_1_1};
    struct trial trial;

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct net_tls_server_options server = {.least = good[i].version, .most = good[i].version};

        assert_int_equal(handshake(&trial, server, strict(&ours)), NET_ERROR_NONE);
        assert_string_equal(trial.seen.protocol, good[i].name);
        assert_true(trial.seen.cipher[0] != '\0');
    }
    for (size_t i = 0; i < COUNT(old); i++) {
        struct net_tls_server_options server = {.least = NET_TLS_1_0, .most = old[i]};

        assert_int_equal(handshake(&trial, server, strict(&ours)), NET_ERROR_TLS);
        assert_string_equal(trial.error.text, "pop.example.org port 995 speaks no TLS newer than 1.1");
    }
}

static void test_R_TLS_16_alpn(void **state) {
    struct net_tls_options without = strict(&ours);
    struct trial trial;

    (void)state;
    without.alpn = NULL;
    assert_int_equal(handshake(&trial, (struct net_tls_server_options){.alpn = "pop3"}, strict(&ours)), NET_ERROR_NONE);
    assert_string_equal(trial.seen.alpn, "pop3");
    assert_int_equal(handshake(&trial, (struct net_tls_server_options){.alpn = NULL}, strict(&ours)), NET_ERROR_NONE);
    assert_string_equal(trial.seen.alpn, "");
    assert_int_equal(handshake(&trial, (struct net_tls_server_options){.alpn = "pop3"}, without), NET_ERROR_NONE);
    assert_string_equal(trial.seen.alpn, "");
}

/* ALPACA: a server of another protocol under the same certificate. */
static void test_R_TLS_16_another_protocol_closes(void **state) {
    struct net_tls_server_options refusing = {.alpn = "h2", .alpn_required = true};
    struct trial trial;

    (void)state;
    assert_int_equal(handshake(&trial, (struct net_tls_server_options){.alpn_lie = "imap"}, strict(&ours)),
                     NET_ERROR_ALPN);
    assert_string_equal(trial.error.text, "pop.example.org port 995 speaks 'imap' and not POP3");
    assert_int_equal(handshake(&trial, (struct net_tls_server_options){.alpn_lie = "pop3s"}, strict(&ours)),
                     NET_ERROR_ALPN);
    assert_int_equal(handshake(&trial, (struct net_tls_server_options){.alpn_lie = "pop"}, strict(&ours)),
                     NET_ERROR_ALPN);
    assert_int_equal(handshake(&trial, refusing, strict(&ours)), NET_ERROR_ALPN);
    assert_string_equal(trial.error.text, "pop.example.org port 995 says that it does not speak POP3");
    assert_says(trial.error.hint, "alpn = off");
}

/* ---- Servers without TLS ---- */

static void greet(struct net_stream *peer) {
    (void)net_write(peer, "+OK POP3 ready\r\n", 16, net_now_ms() + TRIAL_MS);
    talk_nothing(peer);
}

static void refuse(struct net_stream *peer) {
    (void)net_write(peer, "-ERR too many\r\n", 15, net_now_ms() + TRIAL_MS);
    talk_nothing(peer);
}

static void speak_http(struct net_stream *peer) {
    (void)net_write(peer, "HTTP/1.1 400 Bad Request\r\n\r\n", 28, net_now_ms() + TRIAL_MS);
    talk_nothing(peer);
}

static void leave(struct net_stream *peer) {
    char octets[1024];

    (void)net_read(peer, octets, sizeof octets, net_now_ms() + TRIAL_MS);
}

static void test_servers_without_tls(void **state) {
    static const struct {
        void (*talk)(struct net_stream *peer);
        enum net_error_kind kind;
        const char *text;
    } servers[] = {
        {greet, NET_ERROR_TLS, "pop.example.org port 995 speaks POP3 without TLS"},
        {refuse, NET_ERROR_TLS, "pop.example.org port 995 speaks POP3 without TLS"},
        {speak_http, NET_ERROR_TLS, "pop.example.org port 995 does not speak TLS"},
        {leave, NET_ERROR_CLOSED,
         "the connection to pop.example.org ended during the TLS handshake: closed by the other side"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(servers); i++) {
        struct trial trial;

        trial_start(&trial, NULL, servers[i].talk);
        assert_false(trial_connect(&trial, strict(&ours)));
        assert_string_equal(trial.error.text, servers[i].text);
        assert_int_equal(trial.error.kind, servers[i].kind);
        trial_stop(&trial);
    }
}

/* ---- Renegotiation ---- */

static void talk_renegotiation(struct net_stream *peer) {
    char octets[8];

    (void)net_read(peer, octets, sizeof octets, net_now_ms() + TRIAL_MS);
    (void)net_tls_renegotiate(peer);
    talk_echo(peer);
}

/* R-TLS-12. What the server does next is its own affair; the client negotiates nothing anew, and gets no data of it. */
static void test_R_TLS_12_no_renegotiation(void **state) {
    struct net_tls_server_options server = {.certificate = ours.leaf, .most = NET_TLS_1_2};
    struct trial trial;
    char octet;

    (void)state;
    trial_start(&trial, &server, talk_renegotiation);
    assert_true(trial_connect(&trial, strict(&ours)));
    assert_int_equal(net_write(&trial.stream, "x", 1, net_now_ms() + TRIAL_MS), 1);
    assert_true(net_read(&trial.stream, &octet, 1, net_now_ms() + TRIAL_MS) < 0);
    trial_stop(&trial);
}

/* ---- Client certificates ---- */

static void make_client(char certificate[128], char key[128], const struct net_certificate *issuer) {
    struct net_certificate *client = make_certificate(&(struct net_certificate_recipe){.common_name = "mrose"}, issuer);
    struct net_error error;

    authority_path(&ours, "client.pem", certificate);
    authority_path(&ours, "client.key", key);
    assert_true(net_certificate_write(client, certificate, &error));
    assert_true(net_certificate_write_key(client, key, &error));
    net_certificate_free(client);
}

static void test_R_TLS_13_client_certificate(void **state) {
    struct net_tls_options options = strict(&ours);
    struct trial trial;
    char certificate[128];
    char key[128];

    (void)state;
    make_client(certificate, key, ours.root);
    options.client_cert = certificate;
    options.client_key = key;
    for (enum net_tls_version version = NET_TLS_1_2; version <= NET_TLS_1_3; version++) {
        struct net_tls_server_options server = {
            .most = version, .client_ca_file = ours.ca_file, .client_required = true};

        assert_int_equal(handshake(&trial, server, options), NET_ERROR_NONE);
        assert_true(trial.seen.certificate_sent);
    }
    /* Nobody asks: nothing is shown. */
    assert_int_equal(handshake(&trial, (struct net_tls_server_options){.certificate = NULL}, options), NET_ERROR_NONE);
    assert_false(trial.seen.certificate_wanted || trial.seen.certificate_sent);
    /* Asked for and not configured: the connection stands. */
    assert_int_equal(handshake(&trial, (struct net_tls_server_options){.client_wanted = true}, strict(&ours)),
                     NET_ERROR_NONE);
    assert_true(trial.seen.certificate_wanted && !trial.seen.certificate_sent);
}

/* Writes until the peer is found to have gone. */
static void write_on(struct net_stream *stream) {
    ptrdiff_t put = 1;

    for (int i = 0; i < TRIAL_MS && put >= 0; i++) {
        put = net_write(stream, "x", 1, NET_NO_WAIT);
        (void)poll(NULL, 0, 1);
    }
    assert_int_equal(put, NET_FAILED);
}

/* In TLS 1.3 the server's word comes behind the handshake: in the place of data, or while the client is writing. */
static void expect_client_failure(struct net_tls_server_options server, struct net_tls_options options, bool writes,
                                  const char *text) {
    struct trial trial;
    char octet;

    server.certificate = ours.leaf;
    trial_start(&trial, &server, talk_echo);
    if (trial_connect(&trial, options)) {
        if (writes) {
            write_on(&trial.stream);
        } else {
            assert_int_equal(net_read(&trial.stream, &octet, 1, net_now_ms() + TRIAL_MS), NET_FAILED);
        }
        net_explain(&trial.stream, &trial.error);
    }
    assert_int_equal(trial.error.kind, NET_ERROR_CLIENT);
    assert_string_equal(trial.error.text, text);
    trial_stop(&trial);
}

static void test_R_TLS_13_client_certificate_missing_or_refused(void **state) {
    struct net_tls_options options = strict(&ours);
    char certificate[128];
    char key[128];

    (void)state;
    make_client(certificate, key, ours.other);
    options.client_cert = certificate;
    options.client_key = key;
    for (enum net_tls_version version = NET_TLS_1_2; version <= NET_TLS_1_3; version++) {
        struct net_tls_server_options server = {.most = version, .client_ca = ours.root, .client_required = true};

        for (int writes = 0; writes <= 1; writes++) {
            expect_client_failure(server, strict(&ours), writes == 1, "pop.example.org wants a client certificate");
            expect_client_failure(server, options, writes == 1,
                                  "pop.example.org does not accept the client certificate");
        }
    }
}

/* The key of another, and a key under a passphrase, for which nobody must be asked (R-TLS-19). */
static void test_client_keys_that_cannot_be_used(void **state) {
    struct net_tls_options options = strict(&ours);
    struct trial trial;
    struct net_error error;
    char certificate[128];
    char key[128];
    char locked[128];
    char command[512];

    (void)state;
    make_client(certificate, key, ours.root);
    authority_path(&ours, "locked.key", locked);
    (void)snprintf(command, sizeof command, "openssl pkey -aes128 -passout pass:x -in '%s' -out '%s'", key, locked);
    assert_int_equal(system(command), 0);
    options.client_cert = certificate;
    options.client_key = locked;
    assert_int_equal(verdict_on(&trial, ours.leaf, options), NET_ERROR_CONFIG);
    assert_says(trial.error.hint, "passphrase");
    assert_true(net_certificate_write_key(ours.leaf, locked, &error));
    assert_int_equal(verdict_on(&trial, ours.leaf, options), NET_ERROR_CONFIG);
}

/* ---- Ends ---- */

static void talk_half(struct net_stream *peer) {
    (void)net_write(peer, "From: a\r\nSubject: cut", 21, net_now_ms() + TRIAL_MS);
}

static void read_half(struct net_stream *stream) {
    char text[32];

    assert_int_equal(net_read(stream, text, sizeof text, net_now_ms() + TRIAL_MS), 21);
}

static void test_R_TLS_12_an_end_without_close_notify_is_a_truncation(void **state) {
    (void)state;
    for (int cut = 0; cut <= 1; cut++) {
        struct net_tls_server_options server = {.certificate = ours.leaf, .no_close_notify = cut == 1};
        struct trial trial;
        char octet;

        trial_start(&trial, &server, talk_half);
        assert_true(trial_connect(&trial, strict(&ours)));
        read_half(&trial.stream);
        for (int again = 0; again < 2; again++) {
            assert_int_equal(net_read(&trial.stream, &octet, 1, net_now_ms() + TRIAL_MS),
                             cut == 1 ? NET_TRUNCATED : NET_CLOSED);
        }
        net_explain(&trial.stream, &trial.error);
        assert_int_equal(trial.error.kind, cut == 1 ? NET_ERROR_TRUNCATED : NET_ERROR_CLOSED);
        trial_stop(&trial);
    }
}

static void test_finish_ends_one_direction_only(void **state) {
    struct net_tls_server_options server = {.certificate = ours.leaf};
    struct trial trial;
    char octet;

    (void)state;
    trial_start(&trial, &server, talk_echo);
    assert_true(trial_connect(&trial, strict(&ours)));
    assert_int_equal(net_write(&trial.stream, "z", 1, net_now_ms() + TRIAL_MS), 1);
    net_finish(&trial.stream);
    assert_int_equal(net_read(&trial.stream, &octet, 1, net_now_ms() + TRIAL_MS), 1);
    assert_int_equal(net_read(&trial.stream, &octet, 1, net_now_ms() + TRIAL_MS), NET_CLOSED);
    trial_stop(&trial);
}

/* ---- Data ---- */

static void set_small_buffers(struct net_stream *stream) {
    int size = 4096;

    assert_int_equal(setsockopt(stream->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size), 0);
}

/* Much more than the socket takes at once, both ways at the same time: what is queued goes out as reading goes on. */
static void test_a_megabyte_there_and_back(void **state) {
    enum { SIZE = 1 << 20 };
    static unsigned char sent[SIZE];
    static unsigned char back[SIZE];
    struct net_tls_server_options server = {.certificate = ours.leaf};
    struct trial trial;
    size_t put = 0;
    size_t got = 0;

    (void)state;
    for (size_t i = 0; i < SIZE; i++) {
        sent[i] = (unsigned char)(i * 7 + (i >> 8));
    }
    trial_start(&trial, &server, talk_echo);
    set_small_buffers(&trial.stream);
    assert_true(trial_connect(&trial, strict(&ours)));
    while (got < SIZE) {
        enum net_result result;
        ptrdiff_t n = put < SIZE ? net_write(&trial.stream, sent + put, SIZE - put, NET_NO_WAIT) : 0;

        assert_true(n >= 0);
        put += (size_t)n;
        n = net_read(&trial.stream, back + got, SIZE - got, NET_NO_WAIT);
        assert_true(n >= 0);
        got += (size_t)n;
        if (n == 0) {
            assert_true(
                net_wait(&trial.stream, put < SIZE ? POLLIN | POLLOUT : POLLIN, net_now_ms() + TRIAL_MS, &result));
        }
    }
    assert_memory_equal(sent, back, SIZE);
    trial_stop(&trial);
}

static void talk_three_records(struct net_stream *peer) {
    for (int i = 0; i < 3; i++) {
        (void)net_write(peer, "record", 6, net_now_ms() + TRIAL_MS);
    }
    talk_nothing(peer);
}

/* Records that came together: poll(2) may not tell of the second. */
static void test_pending_tells_what_poll_cannot(void **state) {
    struct net_tls_server_options server = {.certificate = ours.leaf};
    struct trial trial;
    enum net_result result;
    char text[8];
    int records = 0;

    (void)state;
    trial_start(&trial, &server, talk_three_records);
    assert_true(trial_connect(&trial, strict(&ours)));
    while (records < 3) {
        ptrdiff_t got;

        assert_true(net_wait(&trial.stream, POLLIN, net_now_ms() + TRIAL_MS, &result));
        got = net_read(&trial.stream, text, sizeof text, NET_NO_WAIT);
        assert_true(got == 6 || got == NET_NOTHING);
        records += got == 6;
    }
    assert_false(net_wait(&trial.stream, POLLIN, net_now_ms() + 10, &result));
    assert_int_equal(result, NET_NOTHING);
    assert_false(net_pending(&trial.stream));
    trial_stop(&trial);
}

static void talk_half_a_record(struct net_stream *peer) {
    char octet;

    (void)net_read(peer, &octet, 1, net_now_ms() + TRIAL_MS);
    (void)net_write(peer, &octet, 1, net_now_ms() + TRIAL_MS);
    (void)send(peer->fd, "\x17\x03\x03\x00\x40half", 9, MSG_NOSIGNAL);
    talk_nothing(peer);
}

/* Half a record is in OpenSSL's hands and nothing to read: who polls then must sleep. */
static void test_half_a_record_is_nothing_pending(void **state) {
    struct net_tls_server_options server = {.certificate = ours.leaf};
    struct trial trial;
    enum net_result result;
    char text[8];

    (void)state;
    trial_start(&trial, &server, talk_half_a_record);
    assert_true(trial_connect(&trial, strict(&ours)));
    assert_int_equal(net_write(&trial.stream, "x", 1, net_now_ms() + TRIAL_MS), 1);
    assert_int_equal(net_read(&trial.stream, text, sizeof text, net_now_ms() + TRIAL_MS), 1);
    while (net_wait(&trial.stream, POLLIN, net_now_ms() + 100, &result)) {
        assert_int_equal(net_read(&trial.stream, text, sizeof text, NET_NO_WAIT), NET_NOTHING);
        assert_false(net_pending(&trial.stream));
    }
    assert_int_equal(result, NET_NOTHING);
    trial_stop(&trial);
}

/* ---- Channel binding ---- */

static unsigned char peer_binding[NET_TLS_BINDING_MOST];
static size_t peer_size;
static enum net_tls_binding_type peer_type;

static void talk_binding(struct net_stream *peer) {
    char octet;

    (void)net_read(peer, &octet, 1, net_now_ms() + TRIAL_MS);
    peer_type = net_tls_binding(peer, peer_binding, &peer_size);
    (void)net_write(peer, &octet, 1, net_now_ms() + TRIAL_MS);
}

static void expect_binding(const struct net_certificate *certificate, enum net_tls_version version,
                           enum net_tls_binding_type type, size_t size) {
    struct net_tls_server_options server = {.certificate = certificate, .most = version};
    unsigned char binding[NET_TLS_BINDING_MOST];
    struct trial trial;
    size_t length;
    char octet;

    trial_start(&trial, &server, talk_binding);
    assert_true(trial_connect(&trial, strict(&ours)));
    assert_int_equal(net_write(&trial.stream, "x", 1, net_now_ms() + TRIAL_MS), 1);
    assert_int_equal(net_read(&trial.stream, &octet, 1, net_now_ms() + TRIAL_MS), 1);
    assert_int_equal(net_tls_binding(&trial.stream, binding, &length), type);
    assert_int_equal(length, size);
    assert_int_equal(peer_type, type);
    assert_int_equal(peer_size, size);
    assert_memory_equal(binding, peer_binding, size);
    trial_stop(&trial);
}

/* The leaf's octets under SHA-256, as another program computes it. */
static void expect_digest_of_leaf(void) {
    struct net_error error;
    char path[128];
    char command[512];

    authority_path(&ours, "leaf.pem", path);
    assert_true(net_certificate_write(ours.leaf, path, &error));
    (void)snprintf(command, sizeof command, "openssl x509 -in '%s' -outform DER | openssl dgst -sha256 -binary", path);

    FILE *other = popen(command, "r");
    unsigned char digest[32];

    assert_non_null(other);
    assert_int_equal(fread(digest, 1, sizeof digest, other), sizeof digest);
    assert_int_equal(pclose(other), 0);
    assert_memory_equal(digest, peer_binding, sizeof digest);
}

static void test_R_SCRAM_04_bindings(void **state) {
    struct net_certificate *ca = make_certificate(
        &(struct net_certificate_recipe){.authority = true, .common_name = "Ed", .key = NET_KEY_ED25519}, NULL);
    struct net_certificate *undefined = make_leaf(TRIAL_HOST, ca);
    struct net_stream plain = {.fd = -1};
    struct trial trial;
    size_t size;

    (void)state;
    expect_binding(ours.leaf, NET_TLS_1_3, NET_TLS_EXPORTER, 32);
    expect_binding(ours.leaf, NET_TLS_1_2, NET_TLS_SERVER_END_POINT, 32);
    expect_digest_of_leaf();
    /* Signed by Ed25519, which has no hash of its own: undefined, so none. */
    trial_start(&trial, &(struct net_tls_server_options){.certificate = undefined, .most = NET_TLS_1_2}, talk_echo);
    {
        struct net_tls_options options = strict(&ours);
        char pin[NET_TLS_PIN_SIZE];
        unsigned char binding[NET_TLS_BINDING_MOST];

        net_certificate_pin(undefined, pin);
        options.pin = pin;
        options.verify_pin_only = true;
        assert_true(trial_connect(&trial, options));
        assert_int_equal(net_tls_binding(&trial.stream, binding, &size), NET_TLS_BINDING_NONE);
        assert_int_equal(size, 0);
        assert_int_equal(net_tls_binding(&plain, binding, &size), NET_TLS_BINDING_NONE);
    }
    trial_stop(&trial);
    net_certificate_free(ca);
    net_certificate_free(undefined);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R_TLS_11_versions),
        cmocka_unit_test(test_R_TLS_16_alpn),
        cmocka_unit_test(test_R_TLS_16_another_protocol_closes),
        cmocka_unit_test(test_servers_without_tls),
        cmocka_unit_test(test_R_TLS_12_no_renegotiation),
        cmocka_unit_test(test_R_TLS_13_client_certificate),
        cmocka_unit_test(test_R_TLS_13_client_certificate_missing_or_refused),
        cmocka_unit_test(test_client_keys_that_cannot_be_used),
        cmocka_unit_test(test_R_TLS_12_an_end_without_close_notify_is_a_truncation),
        cmocka_unit_test(test_finish_ends_one_direction_only),
        cmocka_unit_test(test_a_megabyte_there_and_back),
        cmocka_unit_test(test_pending_tells_what_poll_cannot),
        cmocka_unit_test(test_half_a_record_is_nothing_pending),
        cmocka_unit_test(test_R_SCRAM_04_bindings),
    };

    return cmocka_run_group_tests_name("tls", tests, authority_set_up, authority_tear_down);
}
