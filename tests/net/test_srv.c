/* SPDX-License-Identifier: MIT */
/* SRV records: order (RFC 2782), what is no host, name servers that are slow, broken or false (R-SRV-01, L-05, A-13). */
#define _GNU_SOURCE

#include "name_server.h"

#include "net/srv.h"
#include "net/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define SERVICE "_pop3s._tcp"
#define DOMAIN "example.org"
#define ASKED SERVICE "." DOMAIN
#define SOON_MS 20000

/* ---- What is asked, and of whom ---- */

static struct name_server *server;

static struct net_host host(const char *text) {
    struct net_host parsed;
    struct net_error error;

    assert_true(net_host_parse(&parsed, text, &error));
    return parsed;
}

static struct net_srv_options soon(void) {
    return (struct net_srv_options){.name_servers = name_server_address(server), .deadline_ms = net_now_ms() + SOON_MS};
}

static void start(const struct name_answer *answer) {
    static struct name_answer table[2];

    table[0] = *answer;
    table[0].name = ASKED;
    server = name_server_start(table);
}

static bool look_up(struct net_srv *srv, const struct net_srv_options *options, struct net_error *error) {
    const struct net_host domain = host(DOMAIN);

    return net_srv_lookup(srv, SERVICE, &domain, options, error);
}

static void expect(const struct name_answer *answer, struct net_srv *srv) {
    struct net_srv_options options;
    struct net_error error;

    start(answer);
    options = soon();
    if (!look_up(srv, &options, &error)) {
        fail_msg("%s", error.text);
    }
    name_server_stop(server);
}

static void expect_failure(const struct name_answer *answer, enum net_error_kind kind, const char *text) {
    struct net_srv_options options;
    struct net_srv srv;
    struct net_error error;

    start(answer);
    options = soon();
    assert_false(look_up(&srv, &options, &error));
    assert_string_equal(error.text, text);
    assert_int_equal(error.kind, kind);
    assert_int_equal(srv.count, 0);
    name_server_stop(server);
}

/* ---- send() of this program: without MSG_NOSIGNAL none goes out (R-TLS-19) ---- */

ssize_t quiet_send(int fd, const void *data, size_t size, int flags) __asm__("send");

static unsigned sent;

ssize_t quiet_send(int fd, const void *data, size_t size, int flags) {
    assert_true((flags & MSG_NOSIGNAL) != 0);
    sent++;
    return syscall(SYS_sendto, fd, data, size, flags, NULL, 0);
}

/* ---- Order ---- */

static void test_lower_priorities_come_first(void **state) {
    static const struct name_record records[] = {{20, 0, 2, "b.example.org"},
                                                 {65535, 9, 4, "d.example.org"},
                                                 {0, 0, 1, "a.example.org"},
                                                 {300, 0, 3, "C.Example.ORG"}};
    struct net_srv srv;

    (void)state;
    expect(&(struct name_answer){.records = records, .count = COUNT(records)}, &srv);
    assert_int_equal(srv.count, COUNT(records));
    assert_false(srv.not_offered);
    for (size_t i = 0; i < srv.count; i++) {
        assert_int_equal(srv.targets[i].port, i + 1);
        assert_int_equal(srv.targets[i].host[0], "abcd"[i]);
        assert_string_equal(srv.targets[i].host + 1, ".example.org");
    }
}

/* Draws what it is told, and notes out of how many. */
struct draws {
    uint32_t drawn[4];
    uint32_t most[4];
    size_t count;
};

static uint32_t draw(void *context, uint32_t most) {
    struct draws *draws = context;

    assert_true(draws->count < COUNT(draws->drawn));
    draws->most[draws->count] = most;
    return draws->drawn[draws->count++];
}

static void look_up_with(struct net_srv *srv, struct draws *draws) {
    struct net_srv_options options = soon();
    struct net_error error;

    options.random = draw;
    options.random_context = draws;
    assert_true(look_up(srv, &options, &error));
}

static uint32_t weight_of(const struct net_srv_target *target) {
    return target->port == 1 ? 0 : target->port;
}

/* RFC 2782: a number up to the sum of weights; the first whose running sum reaches it; those of weight 0 stand ahead. */
static void test_weights_decide_within_a_priority(void **state) {
    static const struct name_record records[] = {
        {1, 10, 10, "a.test"}, {1, 0, 1, "b.test"}, {1, 30, 30, "c.test"}, {2, 65535, 2, "d.test"}};
    unsigned first[31] = {0};

    (void)state;
    start(&(struct name_answer){.records = records, .count = COUNT(records)});
    for (uint32_t drawn = 0; drawn <= 40; drawn++) {
        struct draws draws = {.drawn = {drawn}};
        struct net_srv srv;

        look_up_with(&srv, &draws);
        assert_int_equal(draws.count, COUNT(records));
        assert_int_equal(draws.most[0], 40);
        assert_int_equal(draws.most[1], 40 - weight_of(&srv.targets[0]));
        assert_int_equal(draws.most[2], weight_of(&srv.targets[2]));
        assert_int_equal(draws.most[3], 65535);
        assert_int_equal(srv.targets[3].port, 2);
        first[srv.targets[0].port]++;
    }
    assert_int_equal(first[1], 1);
    assert_int_equal(first[10], 10);
    assert_int_equal(first[30], 30);
    name_server_stop(server);
}

/* What the system draws lies in its bounds, and is not always the same. */
static void test_the_system_draws(void **state) {
    static const struct name_record records[] = {{1, 1000, 1, "a.test"}, {1, 1000, 2, "b.test"}};
    unsigned first[3] = {0};

    (void)state;
    start(&(struct name_answer){.records = records, .count = COUNT(records)});
    for (unsigned i = 0; i < 100 && (first[1] == 0 || first[2] == 0); i++) {
        struct net_srv_options options = soon();
        struct net_srv srv;
        struct net_error error;

        assert_true(look_up(&srv, &options, &error));
        assert_int_equal(srv.targets[0].port + srv.targets[1].port, 3);
        first[srv.targets[0].port]++;
    }
    assert_true(first[1] != 0 && first[2] != 0);
    name_server_stop(server);
}

/* Over TCP, for they are too many for a datagram. The best stand last; no more than there is room for are kept. */
static void test_hundred_records(void **state) {
    struct name_record records[100];
    struct net_srv srv;

    (void)state;
    for (unsigned i = 0; i < COUNT(records); i++) {
        records[i] = (struct name_record){(uint16_t)(1000 - i), 0, (uint16_t)(i + 1), "mail.example.org"};
    }
    expect(&(struct name_answer){.records = records, .count = COUNT(records)}, &srv);
    assert_int_equal(srv.count, NET_SRV_TARGETS_MOST);
    for (unsigned i = 0; i < srv.count; i++) {
        assert_int_equal(srv.targets[i].port, 100 - i);
    }
}

/* The most that fits into an answer. */
static void test_thousands_of_records(void **state) {
    static struct name_record records[2300];
    struct net_srv srv;

    (void)state;
    for (unsigned i = 0; i < COUNT(records); i++) {
        records[i] = (struct name_record){1, 65535, (uint16_t)(i + 1), "a.b.test"};
    }
    expect(&(struct name_answer){.records = records, .count = COUNT(records)}, &srv);
    assert_int_equal(srv.count, NET_SRV_TARGETS_MOST);
}

/* ---- Services that are not there ---- */

static void test_R_SRV_01_the_root_is_a_refusal(void **state) {
    static const struct name_record alone[] = {{0, 0, 0, ""}};
    static const struct name_record with_port[] = {{0, 0, 995, ""}, {0, 1, 995, ""}};
    struct net_srv srv;

    (void)state;
    expect(&(struct name_answer){.records = alone, .count = 1}, &srv);
    assert_true(srv.not_offered && srv.count == 0);
    expect(&(struct name_answer){.records = with_port, .count = 2}, &srv);
    assert_true(srv.not_offered && srv.count == 0);
}

/* RFC 2782: "." means that where it stands alone. */
static void test_the_root_among_others_is_nothing(void **state) {
    static const struct name_record records[] = {{0, 0, 995, ""}, {1, 0, 995, "mail.example.org"}};
    struct net_srv srv;

    (void)state;
    expect(&(struct name_answer){.records = records, .count = 2}, &srv);
    assert_false(srv.not_offered);
    assert_int_equal(srv.count, 1);
    assert_string_equal(srv.targets[0].host, "mail.example.org");
}

static void test_no_records(void **state) {
    static const char text_record[] = "\xC0\x0C\0\x10\0\1\0\0\0\x3C\0\2\1x";
    const struct name_answer answers[] = {
        {.rcode = NAME_NXDOMAIN}, {.count = 0}, {.raw = text_record, .raw_size = sizeof text_record - 1, .count = 1}};
    struct net_srv srv;

    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        expect(&answers[i], &srv);
        assert_true(!srv.not_offered && srv.count == 0);
    }
}

/* ---- Targets that are no host names ---- */

static const struct name_record no_hosts[] = {
    {0, 0, 995, "mail\x07.example.org"},
    {0, 0, 995, "\r\n"},
    {0, 0, 995, "mail\x7f.example.org"},
    {0, 0, 995, "\x1b[2Jmail.example.org"},
    {0, 0, 995, "evil\\.example.org"}, /* a label with a dot in it */
    {0, 0, 995, "evil\\\\.example.org"},
    {0, 0, 995, "a b.example.org"},
    {0, 0, 995, "m\xc3\xbcnchen.example"},
    {0, 0, 995, "-a.example.org"},
    {0, 0, 995, "127.0.0.1"},
    {0, 0, 995, "::1"},
    {0, 0, 0, "mail.example.org"}, /* no port */
};

static void test_A_13_targets_that_are_no_names_are_left_out(void **state) {
    struct name_record records[COUNT(no_hosts) + 1];
    struct net_srv srv;

    (void)state;
    for (size_t i = 0; i < COUNT(no_hosts); i++) {
        expect_failure(&(struct name_answer){.records = &no_hosts[i], .count = 1}, NET_ERROR_NAME,
                       "what the name servers tell about " ASKED " names no host");
    }
    memcpy(records, no_hosts, sizeof no_hosts);
    records[COUNT(no_hosts)] = (struct name_record){9, 0, 995, "mail.example.org"};
    expect(&(struct name_answer){.records = records, .count = COUNT(records)}, &srv);
    assert_int_equal(srv.count, 1);
    assert_string_equal(srv.targets[0].host, "mail.example.org");
}

/* ---- Name servers ---- */

static void test_servers_that_do_not_tell(void **state) {
    (void)state;
    expect_failure(&(struct name_answer){.rcode = NAME_SERVFAIL}, NET_ERROR_NAME,
                   "the name servers did not tell about " ASKED);
    expect_failure(&(struct name_answer){.rcode = NAME_REFUSED}, NET_ERROR_NAME,
                   "the name servers did not tell about " ASKED);
    expect_failure(&(struct name_answer){.hangs_up = true}, NET_ERROR_NAME,
                   "the name servers did not tell about " ASKED);
}

static void test_nobody_is_there(void **state) {
    struct net_srv_options options;
    struct net_srv srv;
    struct net_error error;
    char address[32];

    (void)state;
    start(&(struct name_answer){.silent = true});
    options = soon();
    (void)snprintf(address, sizeof address, "%s", options.name_servers);
    options.name_servers = address;
    name_server_stop(server);
    assert_false(look_up(&srv, &options, &error));
    assert_int_equal(error.kind, NET_ERROR_NAME);
}

static void test_L_05_silence_meets_its_deadline(void **state) {
    uint64_t began = net_now_ms();
    struct net_srv_options options;
    struct net_srv srv;
    struct net_error error;

    (void)state;
    start(&(struct name_answer){.silent = true});
    options = soon();
    options.deadline_ms = began + 100;
    assert_false(look_up(&srv, &options, &error));
    assert_int_equal(error.kind, NET_ERROR_TIMEOUT);
    assert_string_equal(error.text, "looking up " ASKED " took too long");
    assert_true(net_now_ms() >= began + 100 && net_now_ms() < began + 2000);
    assert_int_equal(name_server_asked(server), 1);
    options.deadline_ms = began; /* which has passed */
    assert_false(look_up(&srv, &options, &error));
    assert_int_equal(error.kind, NET_ERROR_TIMEOUT);
    name_server_stop(server);
}

static void test_the_next_server_is_asked(void **state) {
    static const struct name_record record = {0, 0, 995, "mail.example.org"};
    static const struct name_answer refusing[] = {{.name = ASKED, .rcode = NAME_REFUSED}, {.name = NULL}};
    struct name_server *first = name_server_start(refusing);
    struct net_srv_options options;
    struct net_srv srv;
    struct net_error error;
    char both[64];

    (void)state;
    start(&(struct name_answer){.records = &record, .count = 1});
    options = soon();
    (void)snprintf(both, sizeof both, "%s,%s", name_server_address(first), name_server_address(server));
    options.name_servers = both;
    assert_true(look_up(&srv, &options, &error));
    assert_int_equal(srv.count, 1);
    assert_int_equal(name_server_asked(first), 1);
    assert_int_equal(name_server_asked(server), 1);
    name_server_stop(server);
    name_server_stop(first);
}

static void test_a_truncated_answer_is_asked_for_again(void **state) {
    struct name_record records[20];
    struct net_srv_options options;
    struct net_srv srv;
    struct net_error error;

    (void)state;
    for (unsigned i = 0; i < COUNT(records); i++) {
        records[i] = (struct name_record){0, 0, (uint16_t)(i + 1), "mail.example.org"};
    }
    start(&(struct name_answer){.records = records, .count = COUNT(records)});
    options = soon();
    sent = 0;
    assert_true(look_up(&srv, &options, &error));
    assert_int_equal(srv.count, COUNT(records));
    assert_int_equal(name_server_asked(server), 1);
    assert_int_equal(name_server_asked_tcp(server), 1);
    assert_int_equal(sent, 2); /* all that goes out was looked at */
    name_server_stop(server);
}

static void test_nothing_can_be_asked(void **state) {
    struct net_srv_options options = {.deadline_ms = net_now_ms() + SOON_MS, .name_servers = "127.0.0.x:53"};
    struct net_host domain = host(DOMAIN);
    struct net_srv srv;
    struct net_error error;

    (void)state;
    assert_false(look_up(&srv, &options, &error));
    assert_string_equal(error.text, "the name servers are no numeric addresses");
    assert_int_equal(error.kind, NET_ERROR_CONFIG);
    for (size_t i = 0; i < 250; i++) {
        domain.name[i] = i % 10 == 9 ? '.' : 'a';
    }
    domain.name[250] = '\0';
    options.name_servers = "127.0.0.1:1";
    assert_false(net_srv_lookup(&srv, SERVICE, &domain, &options, &error));
    assert_int_equal(error.kind, NET_ERROR_NAME);
    assert_non_null(strstr(error.text, "too long for a name of DNS"));
}

/* ---- Answers that are none ---- */

#define RECORD(length, data) "\xC0\x0C\0\x21\0\1\0\0\0\x3C" length data
#define BROKEN(octets) \
    { .raw = (octets), .raw_size = sizeof(octets) - 1, .count = 1 }

static void test_broken_answers(void **state) {
    static const struct name_answer answers[] = {
        {.records = NULL, .count = 0xFFFF, .raw = "", .raw_size = 0},
        BROKEN("\xC0"),
        BROKEN("\xC0\x0C\0\x21"),
        BROKEN(RECORD("\0\5", "\0\0\0\0\0")),
        BROKEN(RECORD("\0\7", "\0\0\0\0\3\xE3")),
        BROKEN(RECORD("\xFF\xFF", "\0\0\0\0\3\xE3\1a\0")),
        BROKEN(RECORD("\0\x0A", "\0\0\0\0\3\xE3\x3F"
                                "aaa")),
        BROKEN(RECORD("\0\x08", "\0\0\0\0\3\xE3\xFF\xFF")),
        BROKEN(RECORD("\0\x08", "\0\0\0\0\3\xE3\xC0\x3D")),    /* the pointer points at itself */
        BROKEN(RECORD("\0\x0A", "\0\0\0\0\3\xE3\1a\xC0\x3D")), /* a name that begins with itself */
        BROKEN(RECORD("\0\x08", "\0\0\0\0\3\xE3\x80\0")),
    };

    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        expect_failure(&answers[i], NET_ERROR_NAME, "the name servers did not tell about " ASKED);
    }
}

/* A target may point into the question: "_pop3s" is no name of a host but one of DNS. */
static void test_pointers_are_followed(void **state) {
    static const struct name_answer answer = BROKEN(RECORD("\0\x0D", "\0\0\0\0\3\xE3\4mail\xC0\x18"));
    struct net_srv srv;

    (void)state;
    expect(&answer, &srv);
    assert_int_equal(srv.count, 1);
    assert_string_equal(srv.targets[0].host, "mail.example.org");
    assert_int_equal(srv.targets[0].port, 995);
}

static const struct name_record true_record = {7, 7, 995, "mail.example.org"};

enum { AT_ID = 0, AT_QUESTION = 13, AT_RESPONSE = 2 };

struct forgery {
    size_t at;
    size_t size; /* of what goes out; SIZE_MAX: all */
    unsigned char change;
};

static size_t forge(void *context, unsigned char *packet, size_t size) {
    const struct forgery *forgery = context;

    if (forgery->at < size) {
        packet[forgery->at] ^= forgery->change;
    }
    return forgery->size < size ? forgery->size : size;
}

/* Whatever comes of a forged answer, a target is a host name. */
static bool look_up_behind(const struct forgery *forgery, struct net_srv *srv) {
    struct net_srv_options options = soon();
    struct net_error error;
    bool good;

    name_server_forge(server, forge, (void *)forgery);
    good = look_up(srv, &options, &error);
    for (size_t i = 0; i < srv->count; i++) {
        assert_int_equal(strspn(srv->targets[i].host, "abcdefghijklmnopqrstuvwxyz0123456789-_."),
                         strlen(srv->targets[i].host));
    }
    return good;
}

static void test_answers_to_other_questions_are_passed_over(void **state) {
    static const struct forgery forgeries[] = {
        {AT_ID, SIZE_MAX, 1},
        {AT_ID + 1, SIZE_MAX, 1},
        {AT_QUESTION, SIZE_MAX, 1},
        {0, 0, 0}, /* CVE-2023-32067: an empty datagram */
        {0, 1, 0},
        {0, 11, 0},
        {0, 20, 0},
    };
    struct net_srv srv;

    (void)state;
    start(&(struct name_answer){.records = &true_record, .count = 1});
    for (size_t i = 0; i < COUNT(forgeries); i++) {
        assert_true(look_up_behind(&forgeries[i], &srv));
        assert_int_equal(srv.count, 1);
        assert_string_equal(srv.targets[0].host, "mail.example.org");
    }
    name_server_stop(server);
}

static void test_every_octet_changed_and_every_end(void **state) {
    enum { SIZE = 12 + 29 + 12 + 6 + 18 }; /* of true_record's answer */
    static const unsigned char changes[] = {0x01, 0x20, 0x80, 0xC0, 0xFF};
    struct net_srv srv;

    (void)state;
    start(&(struct name_answer){.records = &true_record, .count = 1});
    for (size_t at = 0; at < SIZE; at++) {
        (void)look_up_behind(&(struct forgery){at, at, 0}, &srv);
        for (size_t i = 0; i < COUNT(changes); i++) {
            (void)look_up_behind(&(struct forgery){at, SIZE_MAX, changes[i]}, &srv);
        }
    }
    assert_true(look_up_behind(&(struct forgery){0, SIZE_MAX, 0}, &srv));
    name_server_stop(server);
}

/* ---- All descriptors are given back ---- */

static int lowest_free(void **state) {
    static int before = -1;
    int fd = dup(STDERR_FILENO);
    bool good = before < 0 || fd == before;

    (void)state;
    before = fd;
    (void)close(fd);
    return good ? 0 : -1;
}

#define LOOK_UP(function) cmocka_unit_test_setup_teardown(function, lowest_free, lowest_free)

int main(void) {
    const struct CMUnitTest tests[] = {
        LOOK_UP(test_lower_priorities_come_first),
        LOOK_UP(test_weights_decide_within_a_priority),
        LOOK_UP(test_the_system_draws),
        LOOK_UP(test_hundred_records),
        LOOK_UP(test_thousands_of_records),
        LOOK_UP(test_R_SRV_01_the_root_is_a_refusal),
        LOOK_UP(test_the_root_among_others_is_nothing),
        LOOK_UP(test_no_records),
        LOOK_UP(test_A_13_targets_that_are_no_names_are_left_out),
        LOOK_UP(test_servers_that_do_not_tell),
        LOOK_UP(test_nobody_is_there),
        LOOK_UP(test_L_05_silence_meets_its_deadline),
        LOOK_UP(test_the_next_server_is_asked),
        LOOK_UP(test_a_truncated_answer_is_asked_for_again),
        LOOK_UP(test_nothing_can_be_asked),
        LOOK_UP(test_broken_answers),
        LOOK_UP(test_pointers_are_followed),
        LOOK_UP(test_answers_to_other_questions_are_passed_over),
        LOOK_UP(test_every_octet_changed_and_every_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
