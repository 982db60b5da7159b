/* SPDX-License-Identifier: MIT */
/* Host names, look-ups that fail or take too long, and happy eyeballs over loopback addresses (L-01, L-04, L-05). */
#define _GNU_SOURCE

#include "fake_resolver.h"

#include "net/dial.h"
#include "net/host.h"
#include "net/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define SOON_MS 20000
#define BACKLOG_MOST 64

const struct fake_name fake_names[] = {
    {"one.test", 0, {"127.0.0.1"}},
    {"two.test", 0, {"127.0.0.2", "127.0.0.1"}},
    {"three.test", 0, {"127.0.0.2", "127.0.0.3", "127.0.0.1"}},
    {"dead.test", 0, {"127.0.0.2", "127.0.0.3"}},
    {"v6.test", 0, {"::1", "127.0.0.1"}},
    {"turns.test", 0, {"127.0.0.2", "127.0.0.3", "::1", "127.0.0.1"}},
    {"nowhere.test", 0, {"255.255.255.255"}},
    {"xn--mnchen-3ya.test", 0, {"127.0.0.1"}},
    {"empty.test", 0, {NULL}},
    {"nodata.test", EAI_NODATA, {NULL}},
    {"again.test", EAI_AGAIN, {NULL}},
    {"fail.test", EAI_FAIL, {NULL}},
    {"memory.test", EAI_MEMORY, {NULL}},
    {"many.test", 0, {"127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.2",
                      "127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.2",
                      "127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.2",
                      "127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.2",
                      "127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.1"}},
    {NULL, 0, {NULL}},
};

/* ---- Names ---- */

static const struct {
    const char *text;
    const char *name; /* NULL: refused */
    bool numeric;
} hosts[] = {
    {"pop.example.org", "pop.example.org", false},
    {"POP.Example.ORG", "pop.example.org", false},
    {"pop.example.org.", "pop.example.org", false},
    {"localhost", "localhost", false},
    {"a_b.example", "a_b.example", false},
    {"3com.example", "3com.example", false},
    {"m\xc3\xbcnchen.example", "xn--mnchen-3ya.example", false},
    {"M\xc3\x9cNCHEN.example", "xn--mnchen-3ya.example", false},
    {"mu\xcc\x88nchen.example", "xn--mnchen-3ya.example", false},
    {"fa\xc3\x9f.example", "xn--fa-hia.example", false}, /* not the other name fass.example */
    {"xn--mnchen-3ya.example", "xn--mnchen-3ya.example", false},
    {"127.0.0.1", "127.0.0.1", true},
    {"2001:db8::1", "2001:db8::1", true},
    {"::ffff:192.0.2.1", "::ffff:192.0.2.1", true},
    {"fe80::1%lo", "fe80::1%lo", true},
    {"", NULL, false},
    {".", NULL, false},
    {"a..b", NULL, false},
    {".a", NULL, false},
    {"-a.example", NULL, false},
    {"a-.example", NULL, false},
    {"a b", NULL, false},
    {"a\nb", NULL, false},
    {"a%b", NULL, false},
    {"*.example", NULL, false},
    {"[::1]", NULL, false},
    {"::g", NULL, false},
    {"fe80::1%", NULL, false},
    {"127.1", NULL, false}, /* an address to getaddrinfo() */
    {"127.0.0.256", NULL, false},
    {"2130706433", NULL, false},
    {"m\xfcnchen.example", NULL, false}, /* no UTF-8 */
    {"a\xe3\x80\x82"
     "127",
     NULL, false},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", NULL, false}, /* 64 */
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", false}, /* 63 */
};

static void test_host_names(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(hosts); i++) {
        struct net_host host;
        struct net_error error;
        bool good = net_host_parse(&host, hosts[i].text, &error);

        if (good != (hosts[i].name != NULL)) {
            fail_msg("row %zu, '%s': %s", i, hosts[i].text, good ? host.name : error.text);
        }
        if (good) {
            assert_string_equal(host.name, hosts[i].name);
            assert_int_equal(host.numeric, hosts[i].numeric);
        } else {
            assert_int_equal(error.kind, NET_ERROR_NAME);
        }
    }
}

static void test_the_longest_host_name(void **state) {
    struct net_host host;
    struct net_error error;
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = i % 10 == 9 ? '.' : 'a';
    }
    text[253] = '\0';
    assert_true(net_host_parse(&host, text, &error));
    text[253] = '.';
    text[254] = '\0';
    assert_true(net_host_parse(&host, text, &error));
    assert_int_equal(strlen(host.name), 253);
    text[253] = 'a';
    assert_false(net_host_parse(&host, text, &error));
}

/* ---- Look-ups ---- */

static struct net_dial_options to(const char *host, uint16_t port) {
    return (struct net_dial_options){
        .host = host, .port = port, .deadline_ms = net_now_ms() + SOON_MS, .cancel_fd = -1};
}

__attribute__((format(printf, 3, 4))) static void expect_failure(struct net_dial_options options,
                                                                 enum net_error_kind kind, const char *format, ...) {
    struct net_stream stream;
    struct net_error error;
    char text[NET_ERROR_TEXT];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    assert_false(net_dial_with(&stream, &options, &error));
    assert_string_equal(error.text, text);
    assert_int_equal(error.kind, kind);
}

static void test_names_that_cannot_be_looked_up(void **state) {
    (void)state;
    expect_failure(to("unknown.test", 1), NET_ERROR_NAME, "there is no host unknown.test with an address");
    expect_failure(to("nodata.test", 1), NET_ERROR_NAME, "there is no host nodata.test with an address");
    expect_failure(to("empty.test", 1), NET_ERROR_NAME, "there is no host empty.test with an address");
    expect_failure(to("again.test", 1), NET_ERROR_NAME, "the name servers did not tell the address of again.test");
    expect_failure(to("fail.test", 1), NET_ERROR_NAME, "the name servers did not tell the address of fail.test");
    expect_failure(to("memory.test", 1), NET_ERROR_MEMORY, "memory.test cannot be looked up: Cannot allocate memory");
    expect_failure(to("no host", 1), NET_ERROR_NAME, "'no host' is no host name and no address");
    expect_failure(to("one.test", 0), NET_ERROR_CONFIG, "port 0 is none");
}

/* The resolver's thread goes on alone, and gives back what it has when it is done. */
static void await_answers(int count) {
    for (int i = 0; i < SOON_MS && atomic_load(&fake_answers) < count; i++) {
        (void)poll(NULL, 0, 1);
    }
    assert_int_equal(atomic_load(&fake_answers), count);
    (void)poll(NULL, 0, 20);
}

static void test_L_05_a_slow_look_up_meets_its_deadline(void **state) {
    struct net_dial_options options = to("one.test", 1);
    uint64_t began = net_now_ms();
    int before = atomic_load(&fake_answers);

    (void)state;
    atomic_store(&fake_delay_ms, 2000);
    options.lookup_ms = 30;
    expect_failure(options, NET_ERROR_TIMEOUT, "looking up one.test took too long");
    assert_true(net_now_ms() >= began + 30 && net_now_ms() < began + 2000);
    options.lookup_ms = 0;
    options.deadline_ms = net_now_ms() + 30;
    expect_failure(options, NET_ERROR_TIMEOUT, "looking up one.test took too long");
    await_answers(before + 2);
    atomic_store(&fake_delay_ms, 0);
}

static void test_cancelling_a_look_up(void **state) {
    struct net_dial_options options = to("one.test", 1);
    int before = atomic_load(&fake_answers);

    (void)state;
    atomic_store(&fake_delay_ms, 100);
    options.cancel_fd = eventfd(1, EFD_CLOEXEC);
    expect_failure(options, NET_ERROR_CANCELLED, "cancelled while one.test was looked up");
    await_answers(before + 1);
    atomic_store(&fake_delay_ms, 0);
    close(options.cancel_fd);
}

/* ---- Connections ---- */

static void expect_connection(const struct net_dial_options *options, struct net_listener *listener) {
    struct net_stream stream;
    struct net_stream peer;
    struct net_error error;
    struct pollfd entry = {.fd = listener->fd, .events = POLLIN};

    if (!net_dial_with(&stream, options, &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(stream.cancel_fd, options->cancel_fd);
    assert_int_equal(poll(&entry, 1, SOON_MS), 1);
    assert_true(net_accept(listener, &peer));
    net_close(&stream);
    net_close(&peer);
}

static void test_one_address(void **state) {
    static const char *const names[] = {"127.0.0.1", "one.test", "ONE.test.", "m\xc3\xbcnchen.test"};
    struct net_listener listener;

    (void)state;
    assert_int_equal(net_listen(&listener, "127.0.0.1", 0), 0);
    for (size_t i = 0; i < COUNT(names); i++) {
        struct net_dial_options options = to(names[i], listener.port);

        expect_connection(&options, &listener);
    }
    net_unlisten(&listener);
}

/* An address where nothing ever answers: a listener whose queue is full. Linux drops what comes then. */
struct abyss {
    int fd;
    size_t count;
    int waiting[BACKLOG_MOST];
};

static int new_socket(int type) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | type, 0);

    assert_true(fd >= 0);
    return fd;
}

static void open_abyss(struct abyss *abyss, const char *address, uint16_t port) {
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(port)};
    bool full = false;

    abyss->fd = new_socket(0);
    abyss->count = 0;
    assert_int_equal(inet_pton(AF_INET, address, &where.sin_addr), 1);
    assert_int_equal(bind(abyss->fd, (struct sockaddr *)&where, sizeof where), 0);
    assert_int_equal(listen(abyss->fd, 0), 0);
    while (!full) {
        int fd = new_socket(SOCK_NONBLOCK);
        struct pollfd entry = {.fd = fd, .events = POLLOUT};

        assert_true(abyss->count < BACKLOG_MOST);
        abyss->waiting[abyss->count++] = fd;
        (void)connect(fd, (struct sockaddr *)&where, sizeof where);
        full = poll(&entry, 1, 50) == 0;
    }
}

static void close_abyss(struct abyss *abyss) {
    for (size_t i = 0; i < abyss->count; i++) {
        close(abyss->waiting[i]);
    }
    close(abyss->fd);
}

static size_t open_descriptors(void) {
    size_t count = 0;

    for (int fd = 0; fd < 256; fd++) {
        struct pollfd entry = {.fd = fd};

        count += poll(&entry, 1, 0) >= 0 && (entry.revents & POLLNVAL) == 0;
    }
    return count;
}

/* RFC 8305: the second address is tried 250 ms after the first, which stays silent; the third is not needed. */
static void test_L_04_a_silent_address_costs_its_turn(void **state) {
    struct net_listener listener;
    struct abyss abyss;
    struct net_dial_options options;
    uint64_t began;
    size_t before;

    (void)state;
    assert_int_equal(net_listen(&listener, "127.0.0.1", 0), 0);
    open_abyss(&abyss, "127.0.0.2", listener.port);
    options = to("two.test", listener.port);
    options.cancel_fd = eventfd(0, EFD_CLOEXEC);
    before = open_descriptors();
    began = net_now_ms();
    expect_connection(&options, &listener);
    assert_int_equal(open_descriptors(), before); /* the loser is closed */
    close(options.cancel_fd);
    assert_true(net_now_ms() >= began + NET_STAGGER_MS && net_now_ms() < began + 10 * NET_STAGGER_MS);
    close_abyss(&abyss);
    net_unlisten(&listener);
}

/* A refusal is an answer: the next address has its turn at once. */
static void test_L_04_a_refusing_address_costs_nothing(void **state) {
    struct net_listener listener;
    struct net_dial_options options;
    uint64_t began = net_now_ms();

    (void)state;
    assert_int_equal(net_listen(&listener, "127.0.0.1", 0), 0);
    options = to("three.test", listener.port);
    expect_connection(&options, &listener);
    options = to("many.test", listener.port); /* the last one of 34 is left out */
    expect_failure(options, NET_ERROR_REFUSED,
                   "many.test (127.0.0.2) refuses connections to port %u, nor does any other of its addresses answer",
                   listener.port);
    assert_true(net_now_ms() < began + 8 * NET_STAGGER_MS); /* there were 33 refusals */
    net_unlisten(&listener);
}

static void expect_next(struct net_dialling *dialling, struct net_listener *listener, size_t left) {
    struct net_stream stream;
    struct net_stream peer;
    struct net_error error;
    struct pollfd entry = {.fd = listener->fd, .events = POLLIN};

    assert_true(net_dial_next(dialling, &stream, &error));
    assert_int_equal(poll(&entry, 1, SOON_MS), 1);
    assert_true(net_accept(listener, &peer));
    assert_int_equal(dialling->left.count, left);
    net_close(&stream);
    net_close(&peer);
}

/* Who won or failed is not tried again; who was overtaken is left. */
static void test_L_04_the_addresses_that_are_left(void **state) {
    struct net_dialling dialling;
    struct net_dial_options options;
    struct net_listener first;
    struct net_listener last;
    struct net_stream stream;
    struct net_error error;
    struct abyss abyss;

    (void)state;
    assert_int_equal(net_listen(&last, "127.0.0.1", 0), 0);
    assert_int_equal(net_listen(&first, "127.0.0.2", last.port), 0);
    options = to("three.test", last.port);
    assert_true(net_dial_begin(&dialling, &options, &error));
    assert_int_equal(dialling.left.count, 3);
    expect_next(&dialling, &first, 2);
    expect_next(&dialling, &last, 0); /* 127.0.0.3 refused */
    net_unlisten(&first);

    open_abyss(&abyss, "127.0.0.2", last.port);
    options = to("two.test", last.port);
    options.address_ms = 3 * NET_STAGGER_MS;
    assert_true(net_dial_begin(&dialling, &options, &error));
    expect_next(&dialling, &last, 1);
    assert_false(net_dial_next(&dialling, &stream, &error)); /* the abyss */
    assert_int_equal(error.kind, NET_ERROR_TIMEOUT);
    assert_int_equal(dialling.left.count, 0);
    close_abyss(&abyss);
    net_unlisten(&last);
}

static bool has_ipv6(struct net_listener *listener, uint16_t port) {
    return net_listen(listener, "::1", port) == 0;
}

static void test_L_04_the_resolvers_first_family_begins(void **state) {
    struct net_listener four;
    struct net_listener six;
    struct net_dial_options options;

    (void)state;
    assert_int_equal(net_listen(&four, "127.0.0.1", 0), 0);
    if (!has_ipv6(&six, four.port)) {
        net_unlisten(&four);
        skip();
    }
    options = to("v6.test", four.port);
    expect_connection(&options, &six);
    net_unlisten(&six);
    expect_connection(&options, &four);
    net_unlisten(&four);
}

/* Behind a silent IPv4 address IPv6 has the next turn, though another IPv4 address, a good one, stands before it. */
static void test_L_04_families_take_turns(void **state) {
    struct net_listener four;
    struct net_listener six;
    struct net_dial_options options;
    struct abyss abyss;

    (void)state;
    if (!has_ipv6(&six, 0)) {
        skip();
    }
    open_abyss(&abyss, "127.0.0.2", six.port);
    assert_int_equal(net_listen(&four, "127.0.0.3", six.port), 0);
    options = to("turns.test", six.port);
    expect_connection(&options, &six);
    close_abyss(&abyss);
    net_unlisten(&four);
    net_unlisten(&six);
}

static void test_failures_say_where(void **state) {
    struct net_listener listener;
    struct net_dial_options options;
    struct abyss abyss;
    uint16_t port;
    uint64_t began;

    (void)state;
    assert_int_equal(net_listen(&listener, "127.0.0.1", 0), 0);
    port = listener.port;
    net_unlisten(&listener);
    expect_failure(to("one.test", port), NET_ERROR_REFUSED, "one.test (127.0.0.1) refuses connections to port %u",
                   port);
    expect_failure(to("two.test", port), NET_ERROR_REFUSED,
                   "two.test (127.0.0.2) refuses connections to port %u, nor does any other of its addresses answer",
                   port);
    expect_failure(to("nowhere.test", port), NET_ERROR_UNREACHABLE,
                   "nowhere.test (255.255.255.255) port %u cannot be reached: Network is unreachable", port);
    open_abyss(&abyss, "127.0.0.2", port);
    options = to("127.0.0.2", port);
    options.address_ms = 40;
    began = net_now_ms();
    expect_failure(options, NET_ERROR_TIMEOUT, "127.0.0.2 (127.0.0.2) does not answer on port %u", port);
    assert_true(net_now_ms() >= began + 40);
    options.address_ms = 0;
    options.deadline_ms = net_now_ms() + 40;
    expect_failure(options, NET_ERROR_TIMEOUT, "127.0.0.2 does not answer on port %u", port);
    /* A refusal tells more than silence, whichever comes first. */
    for (options = to("dead.test", port), options.address_ms = 40; options.address_ms <= 300;
         options.address_ms += 260) {
        expect_failure(
            options, NET_ERROR_REFUSED,
            "dead.test (127.0.0.3) refuses connections to port %u, nor does any other of its addresses answer", port);
    }
    close_abyss(&abyss);
}

static void test_cancelling_a_connection(void **state) {
    struct net_listener listener;
    struct net_dial_options options;
    struct abyss abyss;

    (void)state;
    assert_int_equal(net_listen(&listener, "127.0.0.1", 0), 0);
    open_abyss(&abyss, "127.0.0.2", listener.port);
    options = to("127.0.0.2", listener.port);
    options.cancel_fd = eventfd(1, EFD_CLOEXEC);
    expect_failure(options, NET_ERROR_CANCELLED, "cancelled while connecting to 127.0.0.2");
    close(options.cancel_fd);
    close_abyss(&abyss);
    net_unlisten(&listener);
}

static void *dial_slowly(void *argument) {
    struct net_dial_options options = to("one.test", *(const uint16_t *)argument);
    struct net_stream stream;
    struct net_error error;

    assert_true(net_dial_with(&stream, &options, &error));
    net_close(&stream);
    return NULL;
}

/* Many at once, in threads: nothing is shared, no descriptor is left. */
static void test_many_look_ups_at_once(void **state) {
    struct net_listener listener;
    pthread_t threads[8] = {0};
    size_t before;

    (void)state;
    atomic_store(&fake_delay_ms, 20);
    assert_int_equal(net_listen(&listener, "127.0.0.1", 0), 0);
    before = open_descriptors();
    for (size_t i = 0; i < COUNT(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, dial_slowly, &listener.port), 0);
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(open_descriptors(), before);
    net_unlisten(&listener);
    atomic_store(&fake_delay_ms, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_host_names),
        cmocka_unit_test(test_the_longest_host_name),
        cmocka_unit_test(test_names_that_cannot_be_looked_up),
        cmocka_unit_test(test_L_05_a_slow_look_up_meets_its_deadline),
        cmocka_unit_test(test_cancelling_a_look_up),
        cmocka_unit_test(test_one_address),
        cmocka_unit_test(test_L_04_a_silent_address_costs_its_turn),
        cmocka_unit_test(test_L_04_a_refusing_address_costs_nothing),
        cmocka_unit_test(test_L_04_the_addresses_that_are_left),
        cmocka_unit_test(test_L_04_the_resolvers_first_family_begins),
        cmocka_unit_test(test_L_04_families_take_turns),
        cmocka_unit_test(test_failures_say_where),
        cmocka_unit_test(test_cancelling_a_connection),
        cmocka_unit_test(test_many_look_ups_at_once),
    };

    return cmocka_run_group_tests_name("dial", tests, NULL, NULL);
}
