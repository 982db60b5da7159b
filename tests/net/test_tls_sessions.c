/* SPDX-License-Identifier: MIT */
/* R-TLS-17: which connections resume a session of a former one, which never do, and what is checked again. */
#define _GNU_SOURCE

#include "trial.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct world {
    struct net_tls_server *server;
    struct net_tls_sessions *sessions;
};

static struct world make_world(enum net_tls_version version, const struct net_certificate *certificate) {
    struct net_tls_server_options server = {
        .certificate = certificate, .most = version, .alpn = "pop3", .client_wanted = true};
    struct net_error error;
    struct world world = {net_tls_server_new(&server, &error), net_tls_sessions_new()};

    assert_non_null(world.server);
    assert_non_null(world.sessions);
    return world;
}

static void end_world(struct world *world) {
    net_tls_sessions_free(world->sessions);
    net_tls_server_free(world->server);
}

/* Connects, reads (tickets of TLS 1.3 come with the first data) or not, ends in good order. True: it was resumed. */
static bool visit(const struct world *world, struct net_tls_options options, bool reads) {
    struct trial trial;

    trial_start_on(&trial, world->server, talk_echo);
    options.sessions = world->sessions;
    if (!trial_connect(&trial, options)) {
        fail_msg("%s", trial.error.text);
    }
    if (reads) {
        assert_echo(&trial.stream);
    }
    trial_stop(&trial);
    return trial.seen.resumed;
}

static void test_R_TLS_17_the_second_connection_resumes(void **state) {
    (void)state;
    for (enum net_tls_version version = NET_TLS_1_2; version <= NET_TLS_1_3; version++) {
        struct world world = make_world(version, ours.leaf);

        assert_false(visit(&world, strict(&ours), true));
        for (int again = 0; again < 3; again++) {
            assert_true(visit(&world, strict(&ours), true));
        }
        end_world(&world);
    }
}

static void test_without_a_store_nothing_is_resumed(void **state) {
    struct world world = make_world(NET_TLS_DEFAULT, ours.leaf);
    struct world forgetful = {world.server, NULL};

    (void)state;
    assert_false(visit(&forgetful, strict(&ours), true));
    assert_false(visit(&forgetful, strict(&ours), true));
    end_world(&world);
}

/* RFC 8446 section C.4. The server sends two tickets with its first data. */
static void test_a_ticket_of_tls_1_3_serves_once(void **state) {
    struct world world = make_world(NET_TLS_1_3, ours.leaf);

    (void)state;
    assert_false(visit(&world, strict(&ours), true));
    assert_true(visit(&world, strict(&ours), false));
    assert_true(visit(&world, strict(&ours), false));
    assert_false(visit(&world, strict(&ours), false));
    end_world(&world);
}

static void write_client(const char *name, char path[128]) {
    struct net_certificate *client = make_certificate(&(struct net_certificate_recipe){.common_name = name}, ours.root);
    char whole[128];
    char command[512];
    struct net_error error;

    authority_path(&ours, "key.pem", path);
    authority_path(&ours, "client.pem", whole);
    assert_true(net_certificate_write(client, whole, &error) && net_certificate_write_key(client, path, &error));
    (void)snprintf(command, sizeof command, "cat '%s' >>'%s'", path, whole);
    assert_int_equal(system(command), 0);
    memcpy(path, whole, sizeof whole);
    net_certificate_free(client);
}

/* Options that differ in one thing each from strict(). The CA's second file has the same content. */
static struct net_tls_options variant(size_t number, char room[128]) {
    static char pin[NET_TLS_PIN_SIZE];
    struct net_tls_options options = strict(&ours);
    struct net_error error;

    switch (number) {
    case 0: options.port = 996; break;
    case 1: options.alpn = NULL; break;
    case 2:
        authority_path(&ours, "copy.pem", room);
        assert_true(net_certificate_write(ours.root, room, &error));
        options.ca_file = room;
        break;
    case 3:
        net_certificate_pin(ours.leaf, pin);
        options.pin = pin;
        break;
    case 4:
        net_certificate_pin(ours.leaf, pin);
        options.pin = pin;
        options.verify_pin_only = true;
        break;
    case 5:
        write_client("mrose", room);
        options.client_cert = room;
        break;
    case 6: /* the same file as before, with another certificate */
        write_client("dewey", room);
        options.client_cert = room;
        break;
    default: options.host = "other.example.org"; break;
    }
    return options;
}

static void test_R_TLS_17_not_across_other_options(void **state) {
    const struct net_certificate_name names[] = {{TRIAL_HOST, 0}, {"other.example.org", 0}};
    struct net_certificate *both =
        make_certificate(&(struct net_certificate_recipe){.names = names, .name_count = 2}, ours.root);

    (void)state;
    net_certificate_free(ours.leaf);
    ours.leaf = both;
    for (enum net_tls_version version = NET_TLS_1_2; version <= NET_TLS_1_3; version++) {
        struct world world = make_world(version, both);

        assert_false(visit(&world, strict(&ours), true));
        for (size_t number = 0; number <= 7; number++) {
            char room[128];
            struct net_tls_options other = variant(number, room);

            if (visit(&world, other, true)) {
                fail_msg("variant %zu resumed the session of another", number);
            }
            assert_true(visit(&world, other, true));
        }
        assert_true(visit(&world, strict(&ours), true));
        end_world(&world);
    }
}

static void expect_refusal(const struct world *world, enum net_error_kind kind) {
    struct net_tls_options options = strict(&ours);
    struct trial trial;

    trial_start_on(&trial, world->server, talk_echo);
    options.sessions = world->sessions;
    assert_false(trial_connect(&trial, options));
    assert_true(trial.seen.resumed); /* both sides were ready to go on, and we do not */
    assert_int_equal(trial.error.kind, kind);
    trial_stop(&trial);
}

/* CVE-2016-5419 and its like: what was good for the first connection is asked anew. */
static void test_R_TLS_17_trust_is_checked_again(void **state) {
    struct net_error error;

    (void)state;
    for (enum net_tls_version version = NET_TLS_1_2; version <= NET_TLS_1_3; version++) {
        struct world world = make_world(version, ours.leaf);

        assert_false(visit(&world, strict(&ours), true));
        assert_true(net_certificate_write(ours.other, ours.ca_file, &error));
        expect_refusal(&world, NET_ERROR_CERTIFICATE);
        assert_true(net_certificate_write(ours.root, ours.ca_file, &error));
        end_world(&world);
    }
}

static void test_R_TLS_17_expiry_is_checked_again(void **state) {
    const struct net_certificate_name name = {TRIAL_HOST, 0};
    struct net_certificate *brief = make_certificate(
        &(struct net_certificate_recipe){.names = &name, .name_count = 1, .begins_s = -60, .ends_s = 6}, ours.root);
    struct world world = make_world(NET_TLS_1_3, brief);

    (void)state;
    assert_false(visit(&world, strict(&ours), true));
    (void)poll(NULL, 0, 7500);
    expect_refusal(&world, NET_ERROR_EXPIRED);
    end_world(&world);
    net_certificate_free(brief);
}

/* More than there is room for: the oldest have to leave, nothing is lost or kept twice (valgrind, ASan). */
static void test_the_store_has_a_limit(void **state) {
    struct world world = make_world(NET_TLS_1_2, ours.leaf);
    struct net_tls_options options = strict(&ours);

    (void)state;
    for (uint16_t port = 1; port <= 70; port++) {
        options.port = port;
        assert_false(visit(&world, options, false));
    }
    assert_true(visit(&world, options, false));
    options.port = 1;
    assert_false(visit(&world, options, false));
    end_world(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R_TLS_17_the_second_connection_resumes),
        cmocka_unit_test(test_without_a_store_nothing_is_resumed),
        cmocka_unit_test(test_a_ticket_of_tls_1_3_serves_once),
        cmocka_unit_test(test_R_TLS_17_not_across_other_options),
        cmocka_unit_test(test_R_TLS_17_trust_is_checked_again),
        cmocka_unit_test(test_R_TLS_17_expiry_is_checked_again),
        cmocka_unit_test(test_the_store_has_a_limit),
    };

    return cmocka_run_group_tests_name("tls_sessions", tests, authority_set_up, authority_tear_down);
}
