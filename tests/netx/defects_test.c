/* SPDX-License-Identifier: MIT */
/* Every line of what the reference implementation was measured to do wrong (netx-api.md section 3) and N-B01 to N-B12,
 * as far as the other tests of this folder do not name it: splits and bodies are in message_test.c, log-in in
 * login_test.c, late and unsolicited replies in session_test.c. */
#include "cases.h"

/* ---- N-B06: no reply is assumed to be one packet ---- */

static void all_replies_session(void) {
    ULONG size = 0;

    check_equal(create_apop(NX_TRUE), NX_SUCCESS);
    stat(2, 320);
    check_equal(nx_pop3_client_mail_item_size_get(&pop3, 1, &size), NX_SUCCESS);
    check_equal(size, 120);
    size = 0;
    check_equal(nx_pop3_client_mail_item_get(&pop3, 1, &size), NX_SUCCESS);
    check_equal(size, 120);
    check_equal(read_mail(), NX_SUCCESS);
    check_octets(mail.octets, mail.length, MAIL_120, sizeof MAIL_120 - 1);
    check_equal(dele(1), NX_SUCCESS);
    quit_and_delete();
}

/* Every reply comes in two packets, cut behind `cut` octets, at once or with a pause between them. */
static void play_cut(size_t cut, ULONG pause) {
    static const struct step whole[] = {
        S("+OK POP3 server ready " TIMESTAMP "\r\n"),
        C(APOP_LINE),
        S("+OK maildrop has 2 messages\r\n"),
        C("STAT\r\n"),
        S("+OK 2 320 and nothing else\r\n"),
        C("LIST 1\r\n"),
        S("+OK 1 120 and nothing else\r\n"),
        C("RETR 1\r\n"),
        S("+OK 120 octets of mail follow\r\n" MAIL_120 ".\r\n"),
        C("DELE 1\r\n"),
        S("+OK message 1 deleted at once\r\n"),
        C("QUIT\r\n"),
        S("+OK dewey signing off\r\n"),
    };
    struct step script[3 * COUNT(whole)];
    size_t count = 0;

    for (size_t i = 0; i < COUNT(whole); i++) {
        if (whole[i].kind == STEP_SAY && whole[i].length > cut) {
            script[count++] = (struct step)S_OCTETS(whole[i].octets, cut);
            if (pause != 0) {
                script[count++] = (struct step)PAUSE(pause);
            }
            script[count++] = (struct step)S_OCTETS(whole[i].octets + cut, whole[i].length - cut);
        } else {
            script[count++] = whole[i];
        }
    }
    world_play(&(const struct world){.script = script, .steps = count, .client = all_replies_session});
}

static void test_A_22_N_B06_every_reply_cut_anywhere(void **state) {
    (void)state;
    for (size_t cut = 1; cut < 58; cut++) {
        play_cut(cut, cut % 2);
    }
}

#ifndef NX_DISABLE_PACKET_CHAIN

static const struct step all_replies_script[] = {EVERY_SERVICE};

static void test_A_22_N_B06_every_reply_in_chains(void **state) {
    (void)state;
    for (unsigned segment = 1; segment < 12; segment++) {
        PLAY(all_replies_script, all_replies_session, .arrival = ARRIVE_CHAINED, .segment = segment);
        PLAY(all_replies_script, all_replies_session, .arrival = ARRIVE_CHAINED, .segment = segment,
             .empty_segments = true, .ip_version = NX_IP_VERSION_V6);
    }
}

#endif

/* ---- N-B03: pointers are not compared as 32-bit numbers ---- */

/* The packets lie around an address whose lower 32 bits are 0, which falls on each part of one of them in turn. */
static void test_N_B03_packets_across_4_gib(void **state) {
    static const struct step script[] = {EVERY_SERVICE};
    const size_t packet = sizeof(NX_PACKET) + 300 + 32;
    UCHAR *boundary = host_boundary();

    (void)state;
    if (boundary == NULL) {
        skip(); /* pointers have no more than 32 bits */
    }
    for (size_t behind = 0; behind < 2 * packet; behind += 16) {
        UCHAR *memory = boundary - 2 * packet + behind;
        PLAY(script, all_replies_session, .pools = POOLS_ONE, .payload = 300, .memory = memory);
        PLAY(script, all_replies_session, .pools = POOLS_ONE, .payload = 300, .memory = memory, .send_size = 20);
        if (WITH_CHAINS) {
            PLAY(script, all_replies_session, .pools = POOLS_ONE, .payload = 300, .memory = memory,
                 .arrival = ARRIVE_CHAINED, .segment = 11);
        }
    }
}

/* ---- N-B07, N-B08: numbers ---- */

struct numbers {
    const char *reply;
    UINT count;
    ULONG octets;
};

static const struct numbers *numbers;
static size_t number_count;

static void stat_numbers_session(void) {
    log_in();
    for (size_t i = 0; i < number_count; i++) {
        stat(numbers[i].count, numbers[i].octets);
    }
    quit_and_delete();
}

static void test_N_B07_numbers_of_stat(void **state) {
    static const struct numbers good[] = {
        {"+OK 1234567 12345\r\n", 1234567, 12345},
        {"+OK 1 5\r\n", 1, 5},
        {"+OK 1 1234567890\r\n", 1, 1234567890},
        {"+OK 1 1\r\n", 1, 1},
        {"+OK 4294967295 4294967295\r\n", 0xFFFFFFFF, 0xFFFFFFFF},
        {"+OK 1 4294967296\r\n", 1, 0xFFFFFFFF},
        {"+OK 1 18446744073709551615\r\n", 1, 0xFFFFFFFF},
        {"+OK 1 18446744073709551616\r\n", 1, 0xFFFFFFFF},
        {"+OK 1 99999999999999999999999999\r\n", 1, 0xFFFFFFFF},
        {"+OK 3 -7\r\n", 3, 0},
        {"+OK 3 many\r\n", 3, 0},
        {"+OK 3\r\n", 3, 0},
        {"+OK 0 0\r\n", 0, 0},
        {"+OK 007 0120\r\n", 7, 120},
        {"+OK  2   320  rest of it \r\n", 2, 320},
        {"+OK\t2\t320\r\n", 2, 320},
        {"+ok 2 320\r\n", 2, 320},
        {"+OK 2 320\n", 2, 320},
    };
    struct step script[2 * COUNT(good) + 8];
    static const struct step opening[] = {LOGIN};
    static const struct step ending[] = {QUIT};
    size_t count = COUNT(opening);

    (void)state;
    memcpy(script, opening, sizeof opening);
    for (size_t i = 0; i < COUNT(good); i++) {
        script[count++] = (struct step)C("STAT\r\n");
        script[count++] = (struct step)S_OCTETS(good[i].reply, strlen(good[i].reply));
    }
    memcpy(script + count, ending, sizeof ending);
    numbers = good;
    number_count = COUNT(good);
    world_play(&(const struct world){.script = script, .steps = count + 2, .client = stat_numbers_session});
}

static void bad_stat_session(void) {
    UINT count = 77;
    ULONG octets = 77;

    log_in();
    check_equal(nx_pop3_client_mail_items_get(&pop3, &count, &octets), NX_POP3_SERVER_ERROR_STATUS);
    check_equal(count, 0);
    check_equal(octets, 0);
    session_is_dead();
}

static void test_A_23_N_B08_stat_without_a_count(void **state) {
    static const char *const bad[] = {
        "+OK\r\n",
        "+OK x\r\n",
        "+OK -1 5\r\n",
        "+OK +1 5\r\n",
        "+OK 4294967296 5\r\n",
        "+OK 99999999999999999999 5\r\n",
        "+OK 12a 5\r\n",
        "+OK 1,2\r\n",
        "+OK messages: 2 320\r\n",
        "+OKAY 2 320\r\n",
        "+OK2 320 \xFF\r\n",
        "2 320\r\n",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        const struct step script[] = {LOGIN, C("STAT\r\n"), S_OCTETS(bad[i], strlen(bad[i]))};

        PLAY(script, bad_stat_session);
    }
}

static void list_numbers_session(void) {
    ULONG size;

    log_in();
    stat(2, 320);
    for (size_t i = 0; i < number_count; i++) {
        size = 77;
        check_equal(nx_pop3_client_mail_item_size_get(&pop3, 1, &size), NX_SUCCESS);
        check_equal(size, numbers[i].octets);
    }
    quit_and_delete();
}

static void test_N_B07_numbers_of_list(void **state) {
    static const struct numbers good[] = {
        {"+OK 1 1234567890\r\n", 1, 1234567890},
        {"+OK 1 5\r\n", 1, 5},
        {"+OK 1 4294967295\r\n", 1, 0xFFFFFFFF},
        {"+OK 1 4294967296\r\n", 1, 0xFFFFFFFF},
        {"+OK 1 8589934592\r\n", 1, 0xFFFFFFFF},
        {"+OK 1 18446744073709551615\r\n", 1, 0xFFFFFFFF},
        {"+OK 1 99999999999999999999\r\n", 1, 0xFFFFFFFF},
        {"+OK 1 120 and some text\r\n", 1, 120},
        {"+OK 1  120\r\n", 1, 120},
        {"+OK 1 0\r\n", 1, 0},
    };
    struct step script[2 * COUNT(good) + 10];
    static const struct step opening[] = {LOGIN, STAT("2 320")};
    static const struct step ending[] = {QUIT};
    size_t count = COUNT(opening);

    (void)state;
    memcpy(script, opening, sizeof opening);
    for (size_t i = 0; i < COUNT(good); i++) {
        script[count++] = (struct step)C("LIST 1\r\n");
        script[count++] = (struct step)S_OCTETS(good[i].reply, strlen(good[i].reply));
    }
    memcpy(script + count, ending, sizeof ending);
    numbers = good;
    number_count = COUNT(good);
    world_play(&(const struct world){.script = script, .steps = count + 2, .client = list_numbers_session});
}

static void bad_list_session(void) {
    ULONG size = 77;

    log_in();
    stat(2, 320);
    check_equal(nx_pop3_client_mail_item_size_get(&pop3, 1, &size), NX_POP3_SERVER_ERROR_STATUS);
    check_equal(size, 0);
    session_is_dead();
}

static void test_A_23_list_of_another_item_or_none(void **state) {
    static const char *const bad[] = {
        "+OK 2 120\r\n", /* of the wrong item */
        "+OK 123 5\r\n",
        "+OK 0 100\r\n",
        "+OK -1 5\r\n",
        "+OK 4294967297 5\r\n",
        "+OK 99999999999999999999 5\r\n",
        "+OK 1\r\n",
        "+OK 1 -5\r\n",
        "+OK 1 x\r\n",
        "+OK\r\n",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        const struct step script[] = {LOGIN, STAT("2 320"), C("LIST 1\r\n"), S_OCTETS(bad[i], strlen(bad[i]))};

        PLAY(script, bad_list_session);
    }
}

/* ---- N-B12: numbers of ten digits are sent whole ---- */

static void large_index_session(void) {
    ULONG size = 77;

    log_in();
    check_equal(dele(4294967295U), NX_SUCCESS); /* no count yet, so it is sent (N-45) */
    stat(4294967295U, 0);
    check_equal(nx_pop3_client_mail_item_size_get(&pop3, 1000000000, &size), NX_SUCCESS);
    check_equal(size, 5);
    FETCH(4294967295U, "a\r\n");
    check_equal(dele(2147483648U), NX_SUCCESS);
    quit_and_delete();
}

static const struct step large_index_script[] = {
    LOGIN,
    C("DELE 4294967295\r\n"),
    S_OK,
    STAT("4294967295 0"),
    C("LIST 1000000000\r\n"),
    S("+OK 1000000000 5\r\n"),
    C("RETR 4294967295\r\n"),
    S("+OK\r\na\r\n.\r\n"),
    C("DELE 2147483648\r\n"),
    S_OK,
    QUIT,
};

static void test_A_11_N_B12_ten_digit_index(void **state) {
    (void)state;
    PLAY(large_index_script, large_index_session);
}

/* ---- -ERR leaves the session usable, and no output is stale ---- */

static void refusals_session(void) {
    ULONG size = 77;
    UINT count = 77;

    log_in();
    check_equal(nx_pop3_client_mail_items_get(&pop3, &count, &size), NX_POP3_SERVER_ERROR_STATUS);
    check_equal(count, 0);
    check_equal(size, 0);
    stat(2, 320);
    size = 77;
    check_equal(nx_pop3_client_mail_item_size_get(&pop3, 2, &size), NX_POP3_SERVER_ERROR_STATUS);
    check_equal(size, 0);
    check_equal(retr(2), NX_POP3_SERVER_ERROR_STATUS);
    check_equal(dele(2), NX_POP3_SERVER_ERROR_STATUS);
    check_equal(host_packets_out(), 0);
    FETCH(1, MAIL_120);
    quit_and_delete();
}

static const struct step refusals_script[] = {
    LOGIN,
    C("STAT\r\n"),
    S("-ERR [SYS/TEMP] later\r\n"),
    STAT("2 320"),
    C("LIST 2\r\n"),
    S("-ERR no such message\r\n"),
    C("RETR 2\r\n"),
    S("-ERR 120 octets\r\n"),
    C("DELE 2\r\n"),
    S("-ERR\r\n"),
    C("RETR 1\r\n"),
    S_MAIL_120,
    QUIT,
};

static void test_N_41_refused_commands(void **state) {
    (void)state;
    PLAY(refusals_script, refusals_session);
    PLAY(refusals_script, refusals_session, .send_size = 1);
}

/* ---- Leaks: pools are looked at in mid-session, too ---- */

static void no_leak_session(void) {
    check_equal(create_apop(NX_TRUE), NX_SUCCESS);
    check_equal(host_packets_out(), 0);
    stat(2, 320);
    check_equal(host_packets_out(), 0);
    for (UINT i = 0; i < 20; i++) {
        check_equal(retr(1), NX_SUCCESS); /* the one before is unread */
        check(host_packets_out() <= 1);
    }
    check_equal(read_mail(), NX_SUCCESS);
    check_octets(mail.octets, mail.length, MAIL_120, sizeof MAIL_120 - 1);
    check_equal(host_packets_out(), 0);
    quit_and_delete();
}

static void test_A_21_N_B09_no_packet_leaks(void **state) {
    static const struct step opening[] = {S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S_OK, STAT("2 320")};
    static const struct step retrieval[] = {C("RETR 1\r\n"), S_MAIL_120};
    static const struct step ending[] = {QUIT};
    struct step script[COUNT(opening) + 40 + 2];

    (void)state;
    memcpy(script, opening, sizeof opening);
    for (size_t i = 0; i < 20; i++) {
        memcpy(script + COUNT(opening) + 2 * i, retrieval, sizeof retrieval);
    }
    memcpy(script + COUNT(opening) + 40, ending, sizeof ending);
    PLAY(script, no_leak_session);
}

static void malformed_greetings_session(void) {
    for (UINT i = 0; i < 30; i++) {
        check_equal(create_apop(NX_TRUE), NX_POP3_SERVER_ERROR_STATUS);
        check_equal(host_packets_out(), 0);
    }
    check_equal(world_connections(), 30);
    nothing_is_left();
}

static void test_A_21_N_B09_malformed_greetings_leak_nothing(void **state) {
    static const struct step one[] = {S("POP3 server ready " TIMESTAMP "\r\n"), ACCEPT};
    static struct step script[60];

    (void)state;
    for (size_t i = 0; i < 60; i++) {
        script[i] = one[i % 2];
    }
    world_play(&(const struct world){.script = script, .steps = 59, .client = malformed_greetings_session});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_A_22_N_B06_every_reply_cut_anywhere),
#ifndef NX_DISABLE_PACKET_CHAIN
        cmocka_unit_test(test_A_22_N_B06_every_reply_in_chains),
#endif
        cmocka_unit_test(test_N_B03_packets_across_4_gib),
        cmocka_unit_test(test_N_B07_numbers_of_stat),
        cmocka_unit_test(test_A_23_N_B08_stat_without_a_count),
        cmocka_unit_test(test_N_B07_numbers_of_list),
        cmocka_unit_test(test_A_23_list_of_another_item_or_none),
        cmocka_unit_test(test_A_11_N_B12_ten_digit_index),
        cmocka_unit_test(test_N_41_refused_commands),
        cmocka_unit_test(test_A_21_N_B09_no_packet_leaks),
        cmocka_unit_test(test_A_21_N_B09_malformed_greetings_leak_nothing),
    };

    return cmocka_run_group_tests(tests, SET_UP, TEAR_DOWN);
}
