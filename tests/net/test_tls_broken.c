/* SPDX-License-Identifier: MIT */
/* TLS over connections that are slow, silent, broken or cut at any octet: A-09, R-TLS-12, R-TLS-14, R-TLS-19. */
#define _GNU_SOURCE

#include "flaky.h"
#include "trial.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static const enum net_tls_version versions[] = {NET_TLS_1_2, NET_TLS_1_3};

static void start(struct trial *trial, enum net_tls_version version, void (*talk)(struct net_stream *peer)) {
    trial_start(trial, &(struct net_tls_server_options){.certificate = ours.leaf, .most = version}, talk);
    flaky = (struct flaky_plan){.fd = trial->stream.fd};
}

static void stop(struct trial *trial) {
    flaky = (struct flaky_plan){.fd = 0};
    trial_stop(trial);
}

static void test_an_octet_at_a_time(void **state) {
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct trial trial;

        start(&trial, versions[v], talk_echo);
        flaky.dribble = true;
        assert_true(trial_connect(&trial, strict(&ours)));
        assert_echo(&trial.stream);
        stop(&trial);
    }
}

/* How many calls, and octets received, a handshake and a reply take. */
static struct flaky_plan measure(enum net_tls_version version) {
    struct flaky_plan whole;
    struct trial trial;

    start(&trial, version, talk_echo);
    assert_true(trial_connect(&trial, strict(&ours)));
    assert_echo(&trial.stream);
    whole = flaky;
    stop(&trial);
    return whole;
}

/* "hello" there and back, or how it ended. */
static ptrdiff_t try_echo(struct net_stream *stream) {
    char text[5];
    size_t used = 0;
    ptrdiff_t got = net_write(stream, "hello", 5, net_now_ms() + TRIAL_MS);

    while (got > 0 && used < sizeof text) {
        got = net_read(stream, text + used, sizeof text - used, net_now_ms() + TRIAL_MS);
        used += got > 0 ? (size_t)got : 0;
    }
    assert_true(got != NET_NOTHING); /* nobody was left waiting */
    return got;
}

static void assert_explained(const struct net_error *error, enum net_error_kind kind, const char *words) {
    assert_int_equal(error->kind, kind);
    if (strstr(error->text, words) == NULL) {
        fail_msg("'%s' does not say '%s'", error->text, words);
    }
}

static void test_every_call_fails_once(void **state) {
    static const int errors[] = {ECONNRESET, EPIPE, EIO};

    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        size_t calls = measure(versions[v]).calls;

        for (size_t i = 0; i < calls * COUNT(errors); i++) {
            struct trial trial;

            start(&trial, versions[v], talk_echo);
            flaky.fail_at = i / COUNT(errors) + 1;
            flaky.error = errors[i % COUNT(errors)];
            if (trial_connect(&trial, strict(&ours))) {
                assert_true(try_echo(&trial.stream) == NET_FAILED || flaky.calls < flaky.fail_at);
                net_explain(&trial.stream, &trial.error);
            }
            if (flaky.calls >= flaky.fail_at) {
                assert_explained(&trial.error, NET_ERROR_CLOSED, "the connection to pop.example.org ended");
            }
            stop(&trial);
        }
    }
}

/* Signatures differ in length from run to run: what was measured may be a few octets more than it takes this time. */
static void expect_truncation(struct trial *trial, size_t octets) {
    ptrdiff_t how = try_echo(&trial->stream);

    if (how != NET_TRUNCATED) {
        assert_true(how > 0 && flaky.end_at + 16 > octets);
        return;
    }
    net_explain(&trial->stream, &trial->error);
    assert_explained(&trial->error, NET_ERROR_TRUNCATED, "cut off");
}

/* The connection ends behind each octet that the server sends. After the handshake that is a truncation. */
static void test_R_TLS_12_the_end_at_every_octet(void **state) {
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        size_t octets = measure(versions[v]).received;
        size_t handshakes = 0;

        for (size_t end = 1; end < octets; end++) {
            struct trial trial;

            start(&trial, versions[v], talk_echo);
            flaky.end_at = end;
            if (trial_connect(&trial, strict(&ours))) {
                handshakes++;
                expect_truncation(&trial, octets);
            } else {
                assert_explained(&trial.error, NET_ERROR_CLOSED, "ended during the TLS handshake");
            }
            stop(&trial);
        }
        assert_true(handshakes > 5 && handshakes < octets);
    }
}

/* A-09, R-TLS-14: the server falls silent somewhere in its part of the handshake, or behind it. */
static void test_A_09_silence_at_every_step(void **state) {
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        size_t octets = measure(versions[v]).received;

        for (size_t part = 0; part <= 16; part++) {
            struct net_tls_options options = strict(&ours);
            uint64_t began = net_now_ms();
            struct trial trial;
            char octet;

            start(&trial, versions[v], talk_nothing);
            flaky.silent = true;
            flaky.end_at = octets * part / 16;
            if (net_tls_connect(&trial.stream, &options, began + 40, &trial.error)) {
                assert_true(part > 8);
                assert_int_equal(net_read(&trial.stream, &octet, 1, NET_NO_WAIT), NET_NOTHING);
            } else {
                assert_explained(&trial.error, NET_ERROR_TIMEOUT, "did not finish the TLS handshake on port 995");
                assert_true(net_now_ms() >= began + 40 && net_now_ms() < began + TRIAL_MS);
            }
            stop(&trial);
        }
    }
}

/* Octets that are no TLS, without end. */
static void talk_endlessly(struct net_stream *peer) {
    char octets[1024] = {0};

    while (net_write(peer, octets, sizeof octets, net_now_ms() + TRIAL_MS) > 0) {}
}

static void test_A_09_an_endless_peer_without_tls(void **state) {
    struct net_tls_options options = strict(&ours);
    struct trial trial;

    (void)state;
    trial_start(&trial, NULL, talk_endlessly);
    assert_false(net_tls_connect(&trial.stream, &options, net_now_ms() + TRIAL_MS, &trial.error));
    assert_explained(&trial.error, NET_ERROR_TLS, "does not speak TLS");
    trial_stop(&trial);
}

/* A descriptor that is readable ends every wait, and leaves the stream as it was. */
static void test_cancelling_a_handshake(void **state) {
    struct net_tls_options options = strict(&ours);
    struct trial trial;
    int cancel_fd = eventfd(1, EFD_CLOEXEC);

    (void)state;
    assert_true(cancel_fd >= 0);
    trial_start(&trial, NULL, talk_nothing);
    trial.stream.cancel_fd = cancel_fd;
    assert_false(net_tls_connect(&trial.stream, &options, net_now_ms() + TRIAL_MS, &trial.error));
    assert_explained(&trial.error, NET_ERROR_CANCELLED, "cancelled during the TLS handshake with pop.example.org");
    trial_stop(&trial);
    close(cancel_fd);
}

static void *cancel_soon(void *argument) {
    const int *cancel_fd = argument;

    (void)poll(NULL, 0, 30);
    assert_int_equal(eventfd_write(*cancel_fd, 1), 0);
    return NULL;
}

static void test_cancelling_a_read_from_another_thread(void **state) {
    struct trial trial;
    pthread_t thread;
    eventfd_t value;
    char octet;
    int cancel_fd = eventfd(0, EFD_CLOEXEC);

    (void)state;
    assert_true(cancel_fd >= 0);
    start(&trial, NET_TLS_DEFAULT, talk_echo);
    trial.stream.cancel_fd = cancel_fd;
    assert_true(trial_connect(&trial, strict(&ours)));
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, &cancel_fd), 0);
    assert_int_equal(net_read(&trial.stream, &octet, 1, net_now_ms() + TRIAL_MS), NET_CANCELLED);
    assert_int_equal(net_read(&trial.stream, &octet, 1, net_now_ms() + TRIAL_MS), NET_CANCELLED);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(eventfd_read(cancel_fd, &value), 0);
    assert_echo(&trial.stream);
    stop(&trial);
    close(cancel_fd);
}

static void talk_and_leave(struct net_stream *peer) {
    char octet;

    (void)net_read(peer, &octet, 1, net_now_ms() + TRIAL_MS);
}

/* R-TLS-19: with SIGPIPE at its default, OpenSSL's own socket BIO would end this program. */
static void test_R_TLS_19_a_gone_peer_raises_no_signal(void **state) {
    struct trial trial;
    ptrdiff_t put = 1;
    int fd;

    (void)state;
    assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    start(&trial, NET_TLS_DEFAULT, talk_and_leave);
    assert_true(trial_connect(&trial, strict(&ours)));
    fd = trial.stream.fd;
    assert_int_equal(shutdown(fd, SHUT_WR), 0); /* the next send() has EPIPE */
    for (int i = 0; i < 3 && put > 0; i++) {
        put = net_write(&trial.stream, "x", 1, net_now_ms() + TRIAL_MS);
    }
    assert_int_equal(put, NET_FAILED);
    stop(&trial);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_octet_at_a_time),
        cmocka_unit_test(test_every_call_fails_once),
        cmocka_unit_test(test_R_TLS_12_the_end_at_every_octet),
        cmocka_unit_test(test_A_09_silence_at_every_step),
        cmocka_unit_test(test_A_09_an_endless_peer_without_tls),
        cmocka_unit_test(test_cancelling_a_handshake),
        cmocka_unit_test(test_cancelling_a_read_from_another_thread),
        cmocka_unit_test(test_R_TLS_19_a_gone_peer_raises_no_signal),
    };

    return cmocka_run_group_tests_name("tls_broken", tests, authority_set_up, authority_tear_down);
}
