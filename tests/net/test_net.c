/* SPDX-License-Identifier: MIT */
/* src/net over loopback: listeners, deadlines, ends. Knows nothing of POP3. */
#define _POSIX_C_SOURCE 200809L

#include "net/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define SOON_MS 5000

struct pair {
    struct net_listener listener;
    struct net_stream stream; /* accepted: what is tested */
    int peer;                 /* a plain socket */
};

static int connect_to(const struct net_listener *listener) {
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(listener->port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&where, sizeof where), 0);
    return fd;
}

static void await_accept(struct net_listener *listener, struct net_stream *stream) {
    struct pollfd entry = {.fd = listener->fd, .events = POLLIN};

    assert_int_equal(poll(&entry, 1, SOON_MS), 1);
    assert_true(net_accept(listener, stream));
}

static int open_pair(void **state) {
    struct pair *pair = calloc(1, sizeof *pair);

    assert_non_null(pair);
    assert_int_equal(net_listen(&pair->listener, "127.0.0.1", 0), 0);
    pair->peer = connect_to(&pair->listener);
    await_accept(&pair->listener, &pair->stream);
    *state = pair;
    return 0;
}

static int close_pair(void **state) {
    struct pair *pair = *state;

    net_close(&pair->stream);
    assert_int_equal(pair->stream.fd, -1);
    net_unlisten(&pair->listener);
    if (pair->peer >= 0) {
        close(pair->peer);
    }
    free(pair);
    return 0;
}

static void test_port_0_lets_the_kernel_choose(void **state) {
    struct net_listener first;
    struct net_listener second;

    (void)state;
    assert_int_equal(net_listen(&first, "127.0.0.1", 0), 0);
    assert_int_equal(net_listen(&second, "127.0.0.1", 0), 0);
    assert_true(first.port != 0 && second.port != 0 && first.port != second.port);
    assert_true(first.loopback);
    assert_string_equal(first.address, "127.0.0.1");
    net_unlisten(&first);
    net_unlisten(&second);
}

static void test_a_port_in_use_is_an_error(void **state) {
    struct net_listener first;
    struct net_listener second;

    (void)state;
    assert_int_equal(net_listen(&first, "127.0.0.1", 0), 0);
    assert_int_equal(net_listen(&second, "127.0.0.1", first.port), EADDRINUSE);
    assert_int_equal(second.fd, -1);
    net_unlisten(&first);
}

static void test_only_numeric_addresses(void **state) {
    static const char *const wrong[] = {"localhost", "127.0.0.256", "::g", "pop.example.org"};
    struct net_listener listener;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(net_listen(&listener, wrong[i], 0), EINVAL);
    }
}

static void test_ipv6_and_what_is_loopback(void **state) {
    struct net_listener listener;
    int error = net_listen(&listener, "::1", 0);

    (void)state;
    if (error == EADDRNOTAVAIL || error == EAFNOSUPPORT) {
        skip();
    }
    assert_int_equal(error, 0);
    assert_string_equal(listener.address, "::1");
    assert_true(listener.loopback);
    net_unlisten(&listener);
    assert_int_equal(net_listen(&listener, "0.0.0.0", 0), 0);
    assert_false(listener.loopback);
    net_unlisten(&listener);
    assert_int_equal(net_listen(&listener, "::", 0), 0);
    assert_false(listener.loopback);
    net_unlisten(&listener);
}

static void test_no_connection_is_no_wait(void **state) {
    struct net_listener listener;
    struct net_stream stream;

    (void)state;
    assert_int_equal(net_listen(&listener, "127.0.0.1", 0), 0);
    assert_false(net_accept(&listener, &stream));
    net_unlisten(&listener);
}

static void test_read_nothing_now(void **state) {
    struct pair *pair = *state;
    char octet;

    assert_int_equal(net_read(&pair->stream, &octet, 1, NET_NO_WAIT), NET_NOTHING);
}

static void test_read_gives_up_at_the_deadline(void **state) {
    struct pair *pair = *state;
    uint64_t before = net_now_ms();
    char octet;

    assert_int_equal(net_read(&pair->stream, &octet, 1, before + 30), NET_NOTHING);
    assert_true(net_now_ms() >= before + 30);
}

static void test_read_waits_for_data(void **state) {
    struct pair *pair = *state;
    char text[8] = "";

    assert_int_equal(send(pair->peer, "hello", 5, 0), 5);
    assert_int_equal(net_read(&pair->stream, text, sizeof text, net_now_ms() + SOON_MS), 5);
    assert_memory_equal(text, "hello", 5);
}

static void test_the_peers_end_is_told_after_its_data(void **state) {
    struct pair *pair = *state;
    char text[8];

    assert_int_equal(send(pair->peer, "bye", 3, 0), 3);
    assert_int_equal(shutdown(pair->peer, SHUT_WR), 0);
    assert_int_equal(net_read(&pair->stream, text, sizeof text, net_now_ms() + SOON_MS), 3);
    assert_int_equal(net_read(&pair->stream, text, sizeof text, net_now_ms() + SOON_MS), NET_CLOSED);
    assert_int_equal(net_read(&pair->stream, text, sizeof text, NET_NO_WAIT), NET_CLOSED);
}

static void reset_peer(struct pair *pair) {
    struct linger hard = {.l_onoff = 1, .l_linger = 0};

    assert_int_equal(setsockopt(pair->peer, SOL_SOCKET, SO_LINGER, &hard, sizeof hard), 0);
    close(pair->peer);
    pair->peer = -1;
}

static void test_a_reset_is_a_failure(void **state) {
    struct pair *pair = *state;
    char octet;

    reset_peer(pair);
    assert_int_equal(net_read(&pair->stream, &octet, 1, net_now_ms() + SOON_MS), NET_FAILED);
}

/* R-TLS-19: with SIGPIPE at its default a plain send() would end this program. */
static void test_R_TLS_19_writing_to_a_gone_peer_raises_no_signal(void **state) {
    struct pair *pair = *state;

    assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    reset_peer(pair);
    (void)net_write(&pair->stream, "x", 1, net_now_ms() + SOON_MS);
    assert_int_equal(net_write(&pair->stream, "x", 1, net_now_ms() + SOON_MS), NET_FAILED);
}

static void test_write_takes_what_fits(void **state) {
    static char block[65536];
    struct pair *pair = *state;
    uint64_t total = 0;
    ptrdiff_t put;

    while ((put = net_write(&pair->stream, block, sizeof block, NET_NO_WAIT)) > 0) {
        total += (uint64_t)put;
    }
    assert_int_equal(put, NET_NOTHING);
    assert_true(total > 0);
    assert_int_equal(net_write(&pair->stream, block, 1, net_now_ms() + 20), NET_NOTHING);
    while (total > 0) {
        ssize_t got = recv(pair->peer, block, sizeof block, 0);

        assert_true(got > 0);
        total -= (uint64_t)got;
    }
    assert_int_equal(net_write(&pair->stream, "x", 1, net_now_ms() + SOON_MS), 1);
}

static void test_finish_ends_one_direction_only(void **state) {
    struct pair *pair = *state;
    char text[8];

    assert_int_equal(net_write(&pair->stream, "end", 3, NET_NO_WAIT), 3);
    net_finish(&pair->stream);
    assert_int_equal(recv(pair->peer, text, sizeof text, MSG_WAITALL), 3);
    assert_int_equal(recv(pair->peer, text, sizeof text, 0), 0);
    assert_int_equal(send(pair->peer, "yes", 3, 0), 3);
    assert_int_equal(net_read(&pair->stream, text, sizeof text, net_now_ms() + SOON_MS), 3);
}

#define WITH_PAIR(test) cmocka_unit_test_setup_teardown(test, open_pair, close_pair)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_port_0_lets_the_kernel_choose),
        cmocka_unit_test(test_a_port_in_use_is_an_error),
        cmocka_unit_test(test_only_numeric_addresses),
        cmocka_unit_test(test_ipv6_and_what_is_loopback),
        cmocka_unit_test(test_no_connection_is_no_wait),
        WITH_PAIR(test_read_nothing_now),
        WITH_PAIR(test_read_gives_up_at_the_deadline),
        WITH_PAIR(test_read_waits_for_data),
        WITH_PAIR(test_the_peers_end_is_told_after_its_data),
        WITH_PAIR(test_a_reset_is_a_failure),
        WITH_PAIR(test_R_TLS_19_writing_to_a_gone_peer_raises_no_signal),
        WITH_PAIR(test_write_takes_what_fits),
        WITH_PAIR(test_finish_ends_one_direction_only),
    };

    return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
