/* SPDX-License-Identifier: MIT */
/* N-51: commands from pools with small payloads, and from a pool that is empty. */
#include "cases.h"

#define NAME_40 "a.user.whose.name.has.forty.characters.x"
#define PASSWORD_20 "twenty.characters..."

_Static_assert(sizeof NAME_40 - 1 == NX_POP3_MAX_USERNAME && sizeof PASSWORD_20 - 1 == NX_POP3_MAX_PASSWORD,
               "the longest that fit");

static UINT create_long(UINT apop) {
    return nxd_pop3_client_create(&pop3, apop, world_ip(), world_pool(), world_server_address(), world_server_port(),
                                  (CHAR *)NAME_40, (CHAR *)PASSWORD_20);
}

static const struct step user_script[] = {
    S("+OK ready\r\n"),
    C("USER " NAME_40 "\r\n"),
    S_OK,
    C("PASS " PASSWORD_20 "\r\n"),
    S_OK,
    STAT("2 320"),
    C("RETR 1\r\n"),
    S_MAIL_120,
    QUIT,
};

static const struct step apop_script[] = {
    S("+OK ready " TIMESTAMP "\r\n"),
    C("APOP " NAME_40 " cf30f702a3e451d2b4284ec69365894e\r\n"),
    S_OK,
    STAT("2 320"),
    C("RETR 1\r\n"),
    S_MAIL_120,
    QUIT,
};

static UINT with_apop;

static void whole_session(void) {
    check_equal(create_long(with_apop), NX_SUCCESS);
    stat(2, 320);
    FETCH(1, MAIL_120);
    quit_and_delete();
}

#ifdef NX_DISABLE_PACKET_CHAIN

static void refused_session(void) {
    check_equal(create_long(with_apop), NX_POP3_INSUFFICIENT_PACKET_PAYLOAD);
    check_equal(host_packets_out(), 0);
    nothing_is_left();
}

#endif

static void play_payload(struct world world, ULONG payload, UINT apop) {
    const struct step *script = apop ? apop_script : user_script;
    size_t steps = apop ? COUNT(apop_script) : COUNT(user_script);

    world.payload = payload;
    with_apop = apop;
    world.client = whole_session;
    world.script = script;
    world.steps = steps;
#ifdef NX_DISABLE_PACKET_CHAIN
    /* 76 octets of headers, and the first command in what is left. */
    if (payload < 76 + script[1].length) {
        world.client = refused_session;
        world.steps = 1;
    }
#endif
    world_play(&world);
}

static void play_payloads(struct world world) {
    static const ULONG payloads[] = {100, 104, 120, 136, 156};

    for (size_t i = 0; i < COUNT(payloads); i++) {
        play_payload(world, payloads[i], NX_FALSE);
        play_payload(world, payloads[i], NX_TRUE);
        world.ip_version = NX_IP_VERSION_V6;
        play_payload(world, payloads[i], NX_FALSE);
        play_payload(world, payloads[i], NX_TRUE);
        world.ip_version = 0;
    }
}

static void test_N_51_payload_100_to_156_in_pools_apart(void **state) {
    (void)state;
    play_payloads((struct world){.pools = POOLS_SEPARATE});
    play_payloads((struct world){.pools = POOLS_SEPARATE, .packets = 5});
}

#ifndef NX_DISABLE_PACKET_CHAIN

static void test_N_51_payload_100_to_156_in_one_pool(void **state) {
    (void)state;
    play_payloads((struct world){.pools = POOLS_ONE, .packets = 60});
}

#endif

static void hopeless_session(void) {
    check_equal(create_long(NX_FALSE), NX_INVALID_PARAMETERS);
    nothing_is_left();
}

static const struct step greeting_only[] = {S("+OK ready\r\n")};

static void test_payload_without_room_for_the_headers(void **state) {
    (void)state;
    PLAY(greeting_only, hopeless_session, .payload = NX_TCP_PACKET - 12);
}

/* ---- An empty pool ---- */

#define POOL 8

static NX_PACKET *taken[POOL];

static void take_packets(UINT n) {
    for (UINT i = 0; i < n; i++) {
        check_equal(nx_packet_allocate(world_pool(), &taken[i], NX_TCP_PACKET, NX_NO_WAIT), NX_SUCCESS);
    }
}

static void return_packets(UINT n) {
    for (UINT i = 0; i < n; i++) {
        check_equal(nx_packet_release(taken[i]), NX_SUCCESS);
    }
}

static ULONG started;

static void took(ULONG ticks) {
    check(tx_time_get() - started >= ticks);
    check(tx_time_get() - started <= ticks + 20);
    started = tx_time_get();
}

static void no_packet_to_log_in_session(void) {
    take_packets((UINT)world_pool()->nx_packet_pool_total);
    started = tx_time_get();
    check_equal(create_long(NX_FALSE), NX_NO_PACKET);
    took(NX_POP3_CLIENT_PACKET_TIMEOUT);
    return_packets((UINT)world_pool()->nx_packet_pool_total);
    nothing_is_left();
}

static void test_N_51_empty_pool_at_log_in(void **state) {
    (void)state;
    PLAY(greeting_only, no_packet_to_log_in_session, .packets = 4);
}

/* Every service fails with the allocation's status, sends nothing, leaks nothing; then the session goes on. */
static void no_packet_session(void) {
    ULONG size = 77;
    UINT count = 77;
    size_t received;
    UINT total = (UINT)world_pool()->nx_packet_pool_total;

    check(total <= POOL);
    log_in();
    stat(2, 320);
    received = world_received();
    take_packets(total);
    started = tx_time_get();
    check_equal(nx_pop3_client_mail_items_get(&pop3, &count, &size), NX_NO_PACKET);
    took(NX_POP3_CLIENT_PACKET_TIMEOUT);
    check_equal(count, 0);
    check_equal(size, 0);
    size = 77;
    check_equal(nx_pop3_client_mail_item_size_get(&pop3, 1, &size), NX_NO_PACKET);
    check_equal(size, 0);
    check_equal(retr(1), NX_NO_PACKET);
    check_equal(dele(1), NX_NO_PACKET);
    check_equal(nx_pop3_client_quit(&pop3), NX_NO_PACKET);
    tx_thread_sleep(10);
    check_equal(world_received(), received);
    return_packets(total);
    check_equal(host_packets_out(), 0);
    check_equal(nx_pop3_client_mail_item_size_get(&pop3, 1, &size), NX_SUCCESS);
    check_equal(size, 120);
    FETCH(1, MAIL_120);
    check_equal(retr(2), NX_SUCCESS);
    take_packets(total);
    check_equal(dele(1), NX_NO_PACKET); /* item 2 is drained all the same */
    return_packets(total);
    check_equal(dele(1), NX_SUCCESS);
    quit_and_delete();
}

static const struct step no_packet_script[] = {
    LOGIN,      STAT("2 320"),   C("LIST 1\r\n"), S("+OK 1 120\r\n"), C("RETR 1\r\n"),
    S_MAIL_120, C("RETR 2\r\n"), S_MAIL_200,      C("DELE 1\r\n"),    S_OK,
    QUIT,
};

static void test_N_51_empty_pool_in_a_session(void **state) {
    (void)state;
    PLAY(no_packet_script, no_packet_session, .packets = 4);
}

#ifndef NX_DISABLE_PACKET_CHAIN

/* The first packet is there and the rest of the chain is not. */
static void half_a_chain_session(void) {
    UINT total = (UINT)world_pool()->nx_packet_pool_total;

    take_packets(total - 1);
    check_equal(create_long(NX_FALSE), NX_NO_PACKET);
    check_equal(host_packets_out(), total - 1);
    return_packets(total - 1);
    nothing_is_left();
}

static void test_N_51_pool_with_one_packet_for_a_chain(void **state) {
    (void)state;
    PLAY(greeting_only, half_a_chain_session, .packets = 4, .payload = 100);
}

#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_N_51_payload_100_to_156_in_pools_apart),
#ifndef NX_DISABLE_PACKET_CHAIN
        cmocka_unit_test(test_N_51_payload_100_to_156_in_one_pool),
        cmocka_unit_test(test_N_51_pool_with_one_packet_for_a_chain),
#endif
        cmocka_unit_test(test_payload_without_room_for_the_headers),
        cmocka_unit_test(test_N_51_empty_pool_at_log_in),
        cmocka_unit_test(test_N_51_empty_pool_in_a_session),
    };

    return cmocka_run_group_tests(tests, SET_UP, TEAR_DOWN);
}
