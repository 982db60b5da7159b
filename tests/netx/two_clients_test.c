/* SPDX-License-Identifier: MIT */
/* Two clients in two threads, each with its block, its connection and its server, on one IP instance and often one pool:
 * blocks share nothing, and what one does to the pool costs the other no mail. */
#include "cases.h"

/* ---- Both at work ---- */

static bool in_session[2];
static bool overlapped;

static void session_begins(void) {
    in_session[world_me()] = true;
    overlapped = overlapped || (in_session[0] && in_session[1]);
}

static void session_ends(void) {
    in_session[world_me()] = false;
}

static void first_client(void) {
    ULONG size = 0;

    log_in();
    session_begins();
    stat(2, 320);
    for (UINT i = 0; i < 5; i++) {
        FETCH(1, MAIL_120);
        check_equal(nx_pop3_client_mail_item_size_get(&pop3, 2, &size), NX_SUCCESS);
        check_equal(size, 200);
        FETCH(2, MAIL_200);
        tx_thread_sleep(3);
    }
    check_equal(dele(1), NX_SUCCESS);
    session_ends();
    quit_and_delete();
}

static void second_client(void) {
    check_equal(create_apop(NX_POP3_APOP_REQUIRED), NX_SUCCESS);
    session_begins();
    stat(1, 9);
    for (UINT i = 0; i < 6; i++) {
        FETCH(1, ".other\r\n\rmail\r\n");
        check_equal(dele(2), NX_POP3_INVALID_MAIL_ITEM);
        check_equal(retr(1), NX_SUCCESS); /* and it is drained */
        check_equal(dele(1), NX_SUCCESS);
        tx_thread_sleep(2);
    }
    session_ends();
    check_equal(nx_pop3_client_quit(&pop3), NX_SUCCESS);
    stat(3, 3);
    quit_and_delete();
    check_equal(world_connections(), 2);
}

/* clang-format off */
#define FIRST_ROUND C("RETR 1\r\n"), S_MAIL_120, PAUSE(1), C("LIST 2\r\n"), S("+OK 2 200\r\n"), C("RETR 2\r\n"), \
    S("+OK\r\n" LINE_40 LINE_40), PAUSE(2), S(LINE_40 LINE_40), S(LINE_40 ".\r\n")
#define OTHER S("+OK\r\n..oth"), PAUSE(1), S("er\r\n\rmail\r\n.\r\n")
#define SECOND_ROUND C("RETR 1\r\n"), OTHER, C("RETR 1\r\n"), OTHER, C("DELE 1\r\n"), PAUSE(1), S_OK
static const struct step first_script[] = {
    LOGIN, STAT("2 320"), FIRST_ROUND, FIRST_ROUND, FIRST_ROUND, FIRST_ROUND, FIRST_ROUND, C("DELE 1\r\n"), S_OK, QUIT,
};
static const struct step second_script[] = {
    S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S_OK, STAT("1 9"),
    SECOND_ROUND, SECOND_ROUND, SECOND_ROUND, SECOND_ROUND, SECOND_ROUND, SECOND_ROUND, QUIT,
    ACCEPT, S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S_OK, STAT("3 3"), QUIT,
};
/* clang-format on */

static const struct cast second = {second_script, COUNT(second_script), second_client};

static void play_both(struct world world) {
    world.script = first_script;
    world.steps = COUNT(first_script);
    world.client = first_client;
    world.second = &second;
    overlapped = false;
    world_play(&world);
    assert_true(overlapped);
}

static void test_A_06_sessions_at_the_same_time(void **state) {
    (void)state;
    for (size_t size = 0; size < 8; size++) {
        play_both((struct world){.send_size = size});
        play_both((struct world){.send_size = size, .pools = POOLS_ONE, .packets = 6});
    }
    play_both((struct world){.pools = POOLS_ONE, .packets = 5, .ip_version = NX_IP_VERSION_V6, .send_size = 9});
    if (WITH_CHAINS) {
        play_both((struct world){.arrival = ARRIVE_CHAINED, .segment = 3, .empty_segments = true});
        play_both((struct world){.arrival = ARRIVE_CHAINED, .segment = 20, .pools = POOLS_ONE, .packets = 24});
    }
}

/* ---- One dies ---- */

static void dying_client(void) {
    log_in();
    stat(2, 320);
    check_equal(retr(1), NX_SUCCESS);
    check_equal(read_mail(), NX_NOT_CONNECTED);
    check_equal(retr(1), NX_POP3_CLIENT_INVALID_STATE);
    check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
}

static const struct step dying_script[] = {LOGIN,    STAT("2 320"), C("RETR 1\r\n"), S("+OK\r\n" LINE_40),
                                           PAUSE(5), CLOSE};

static void test_N_47_the_other_session_lives_on(void **state) {
    (void)state;
    PLAY(dying_script, dying_client, .second = &second);
    PLAY(dying_script, dying_client, .second = &second, .pools = POOLS_ONE, .packets = 6, .send_size = 3);
}

/* ---- One takes all packets ---- */

#define MOST 64

/* Keeps every packet of a message until none is left to receive the next: its own session dies of it. */
static void hoarding_client(void) {
    NX_PACKET *kept[MOST];
    NX_PACKET *packet;
    size_t count = 0;
    ULONG bytes;
    UINT final_packet;

    log_in();
    stat(2, 320);
    tx_thread_sleep(50); /* the other logs in */
    check_equal(retr(1), NX_SUCCESS);
    while (nx_pop3_client_mail_item_message_get(&pop3, &packet, &bytes, &final_packet) == NX_SUCCESS) {
        check(count < MOST && !final_packet);
        kept[count++] = packet;
    }
    check(count > MOST / 2);
    while (count > 0) {
        check_equal(nx_packet_release(kept[--count]), NX_SUCCESS);
    }
    check_equal(dele(1), NX_POP3_CLIENT_INVALID_STATE);
    stat(2, 320);
    FETCH(1, MAIL_120);
    quit_and_delete();
}

/* A reply waits for a packet as long as for the server. */
static void patient_client(void) {
    ULONG start;

    check_equal(create_apop(NX_TRUE), NX_SUCCESS);
    stat(1, 9);
    tx_thread_sleep(100);
    start = tx_time_get();
    check_equal(dele(1), NX_SUCCESS);
    check(tx_time_get() - start > NX_POP3_SERVER_REPLY_TIMEOUT / 2);
    quit_and_delete();
}

static const struct step patient_script[] = {
    S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S_OK, STAT("1 9"), C("DELE 1\r\n"), S_OK, QUIT,
};

static void test_A_21_packets_for_receiving_taken_by_the_other(void **state) {
    static const struct step hoarding[] = {
        LOGIN,         STAT("2 320"),   C("RETR 1\r\n"), S("+OK\r\n"), S_EACH(MAIL_120 ".\r\n", 1), ACCEPT, LOGIN,
        STAT("2 320"), C("RETR 1\r\n"), S_MAIL_120,      QUIT,
    };
    static const struct cast other = {patient_script, COUNT(patient_script), patient_client};

    (void)state;
    PLAY(hoarding, hoarding_client, .second = &other);
}

/* Takes every packet from which commands are made, for a while. */
static void taking_client(void) {
    NX_PACKET *taken[MOST];
    size_t count = 0;

    log_in();
    tx_thread_sleep(50);
    while (nx_packet_allocate(world_pool(), &taken[count], NX_TCP_PACKET, NX_NO_WAIT) == NX_SUCCESS) {
        count++;
    }
    tx_thread_sleep(8 * NX_POP3_CLIENT_PACKET_TIMEOUT);
    check_equal(items_get(), NX_NO_PACKET);
    while (count > 0) {
        check_equal(nx_packet_release(taken[--count]), NX_SUCCESS);
    }
    stat(2, 320);
    quit_and_delete();
}

/* Without a packet nothing is sent, and the session lives on (N-51). */
static void starving_client(void) {
    ULONG start;
    UINT failures = 0;

    check_equal(create_apop(NX_TRUE), NX_SUCCESS);
    stat(1, 9);
    tx_thread_sleep(100);
    for (start = tx_time_get(); dele(1) != NX_SUCCESS; start = tx_time_get()) {
        check_equal(tx_time_get() - start, NX_POP3_CLIENT_PACKET_TIMEOUT);
        check_equal(dele(2), NX_POP3_INVALID_MAIL_ITEM);
        failures++;
    }
    check(failures >= 7);
    quit_and_delete();
}

static void test_N_51_packets_for_commands_taken_by_the_other(void **state) {
    static const struct step taking[] = {LOGIN, STAT("2 320"), QUIT};
    static const struct cast other = {patient_script, COUNT(patient_script), starving_client};

    (void)state;
    PLAY(taking, taking_client, .second = &other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_A_06_sessions_at_the_same_time),
        cmocka_unit_test(test_N_47_the_other_session_lives_on),
        cmocka_unit_test(test_A_21_packets_for_receiving_taken_by_the_other),
        cmocka_unit_test(test_N_51_packets_for_commands_taken_by_the_other),
    };

    return cmocka_run_group_tests(tests, SET_UP, TEAR_DOWN);
}
