/* SPDX-License-Identifier: MIT */
/* What the documentation of the services promises, row by row; the two sample sessions octet for octet. */
#include "cases.h"

static void size_is(UINT item, ULONG size) {
    ULONG got = 77;

    check_equal(nx_pop3_client_mail_item_size_get(&pop3, item, &got), NX_SUCCESS);
    check_equal(got, size);
}

/* ---- The sample sessions ---- */

static void user_session(void) {
    check_equal(create_as(NX_FALSE, "mvan99"), NX_SUCCESS);
    stat(2, 320);
    FETCH(1, MAIL_120);
    check_equal(dele(1), NX_SUCCESS);
    FETCH(2, MAIL_200);
    check_equal(dele(2), NX_SUCCESS);
    quit_and_delete();
}

static const struct step user_script[] = {
    S("+OK POP3 server ready\r\n"),
    C("USER mrose\r\n"),
    S("+OK mrose is a real hoopy frood\r\n"),
    C("PASS mvan99\r\n"),
    S("+OK mrose's maildrop has 2 messages (320 octets)\r\n"),
    C("STAT\r\n"),
    S("+OK 2 320\r\n"),
    C("RETR 1\r\n"),
    S_MAIL_120,
    C("DELE 1\r\n"),
    S("+OK message 1 deleted\r\n"),
    C("RETR 2\r\n"),
    S_MAIL_200,
    C("DELE 2\r\n"),
    S("+OK message 2 deleted\r\n"),
    C("QUIT\r\n"),
    S("+OK dewey POP3 server signing off (maildrop empty)\r\n"),
};

static void test_sample_session_user(void **state) {
    (void)state;
    PLAY(user_script, user_session);
}

static void apop_session(void) {
    check_equal(create_apop(NX_TRUE), NX_SUCCESS);
    stat(2, 320);
    size_is(1, 120);
    FETCH(1, MAIL_120);
    check_equal(dele(1), NX_SUCCESS);
    size_is(2, 200);
    FETCH(2, MAIL_200);
    check_equal(dele(2), NX_SUCCESS);
    quit_and_delete();
}

static const struct step apop_script[] = {
    S("+OK POP3 server ready " TIMESTAMP "\r\n"),
    C(APOP_LINE),
    S("+OK mrose's maildrop has 2 messages (320 octets)\r\n"),
    C("STAT\r\n"),
    S("+OK 2 320\r\n"),
    C("LIST 1\r\n"),
    S("+OK 1 120\r\n"),
    C("RETR 1\r\n"),
    S_MAIL_120,
    C("DELE 1\r\n"),
    S("+OK message 1 deleted\r\n"),
    C("LIST 2\r\n"),
    S("+OK 2 200\r\n"),
    C("RETR 2\r\n"),
    S_MAIL_200,
    C("DELE 2\r\n"),
    S("+OK message 2 deleted\r\n"),
    C("QUIT\r\n"),
    S("+OK dewey POP3 server signing off (maildrop empty)\r\n"),
};

static void test_sample_session_apop(void **state) {
    (void)state;
    PLAY(apop_script, apop_session);
}

/* ---- IPv4, IPv6, pools ---- */

static UINT nx_create(ULONG address, ULONG port) {
    return nx_pop3_client_create(&pop3, NX_FALSE, world_ip(), world_pool(), address, port, (CHAR *)"mrose",
                                 (CHAR *)"mvan99");
}

#ifdef NX_DISABLE_IPV4

static void nx_create_session(void) {
    memset(&pop3, 0xA5, sizeof pop3);
    check_equal(nx_create(IP_ADDRESS(1, 2, 3, 4), 110), NX_NOT_SUPPORTED);
    nothing_is_left();
}

static const struct step stat_script[] = {PAUSE(0)};

#else

static void nx_create_session(void) {
    check_equal(nx_create(IP_ADDRESS(1, 2, 3, 4), 110), NX_SUCCESS);
    stat(2, 320);
    quit_and_delete();
}

static const struct step stat_script[] = {LOGIN, STAT("2 320"), QUIT};

#endif

static void test_ipv4_by_nx_create(void **state) {
    (void)state;
    PLAY(stat_script, nx_create_session);
}

static void test_ipv6_by_nxd_create(void **state) {
    (void)state;
    PLAY(apop_script, apop_session, .ip_version = NX_IP_VERSION_V6);
    PLAY(user_script, user_session, .ip_version = NX_IP_VERSION_V6);
}

static void test_whole_session_over_host_ipv6_loopback(void **state) {
    (void)state;
    PLAY(apop_script, apop_session, .host_loopback = true);
    PLAY(user_script, user_session, .host_loopback = true);
}

static void test_one_shared_pool(void **state) {
    (void)state;
    PLAY(apop_script, apop_session, .pools = POOLS_ONE);
    PLAY(user_script, user_session, .pools = POOLS_ONE, .ip_version = NX_IP_VERSION_V6);
}

/* ---- Item numbers ---- */

static void indexes_session(void) {
    ULONG size = 77;

    log_in();
    check_equal(retr(1), NX_POP3_INVALID_MAIL_ITEM); /* mail_items_get comes first */
    check_equal(nx_pop3_client_mail_item_size_get(&pop3, 1, &size), NX_POP3_INVALID_MAIL_ITEM);
    check_equal(size, 0);
    stat(2, 320);
    check_equal(retr(0), NX_POP3_CLIENT_INVALID_INDEX);
    check_equal(dele(0), NX_POP3_CLIENT_INVALID_INDEX);
    size = 77;
    check_equal(nx_pop3_client_mail_item_size_get(&pop3, 0, &size), NX_POP3_CLIENT_INVALID_INDEX);
    check_equal(size, 0);
    check_equal(retr(3), NX_POP3_INVALID_MAIL_ITEM);
    check_equal(retr(0xFFFFFFFF), NX_POP3_INVALID_MAIL_ITEM);
    check_equal(dele(3), NX_POP3_INVALID_MAIL_ITEM);
    size = 77;
    check_equal(nx_pop3_client_mail_item_size_get(&pop3, 3, &size), NX_POP3_INVALID_MAIL_ITEM);
    check_equal(size, 0);
    FETCH(2, MAIL_200);
    check_equal(dele(2), NX_SUCCESS);
    quit_and_delete();
}

static const struct step indexes_script[] = {
    LOGIN, STAT("2 320"), C("RETR 2\r\n"), S_MAIL_200, C("DELE 2\r\n"), S_OK, QUIT,
};

static void test_N_45_items_count_from_one(void **state) {
    (void)state;
    PLAY(indexes_script, indexes_session);
}

/* The item size is what the reply to RETR tells, else what LIST told of the same item, else 0 (N-46). */
static void item_size_session(void) {
    static const ULONG expected[] = {120, 0, 200, 0, 0xFFFFFFFF, 0, 0xFFFFFFFF};
    static const UINT items[] = {1, 2, 2, 1, 1, 1, 2};
    ULONG size;

    log_in();
    stat(2, 320);
    for (size_t i = 0; i < COUNT(items); i++) {
        if (i == 2) {
            size_is(2, 200);
        }
        size = 77;
        check_equal(nx_pop3_client_mail_item_get(&pop3, items[i], &size), NX_SUCCESS);
        check_equal(size, expected[i]);
        check_equal(read_mail(), NX_SUCCESS);
    }
    quit_and_delete();
}

static const struct step item_size_script[] = {
    LOGIN,
    STAT("2 320"),
    C("RETR 1\r\n"),
    S("+OK 120 octets\r\n.\r\n"),
    C("RETR 2\r\n"),
    S("+OK message follows\r\n.\r\n"),
    C("LIST 2\r\n"),
    S("+OK 2 200\r\n"),
    C("RETR 2\r\n"),
    S("+OK\r\n.\r\n"),
    C("RETR 1\r\n"),
    S("+OK here it comes\r\n.\r\n"),
    C("RETR 1\r\n"),
    S("+OK 4294967296 octets\r\n.\r\n"),
    C("RETR 1\r\n"),
    S("+OK 8bit message follows\r\n.\r\n"),
    C("RETR 2\r\n"),
    S("+OK 99999999999999999999 octets\r\n.\r\n"),
    QUIT,
};

static void test_N_46_item_size(void **state) {
    (void)state;
    PLAY(item_size_script, item_size_session);
}

/* ---- The end of a session ---- */

/* QUIT comes before the TCP disconnect, and its reply is awaited: the server's pause passes inside quit. */
static void quit_session(void) {
    ULONG start;

    log_in();
    start = tx_time_get();
    check_equal(nx_pop3_client_quit(&pop3), NX_SUCCESS);
    check(tx_time_get() - start >= 300);
    check_equal(pop3.nx_pop3_client_tcp_socket.nx_tcp_socket_state, NX_TCP_CLOSED);
    nothing_is_left();
}

static const struct step quit_script[] = {LOGIN, C("QUIT\r\n"), PAUSE(300), S("+OK\r\n")};

static void test_quit_then_disconnect(void **state) {
    (void)state;
    PLAY(quit_script, quit_session);
}

static void refused_quit_session(void) {
    log_in();
    check_equal(nx_pop3_client_quit(&pop3), NX_POP3_SERVER_ERROR_STATUS);
    nothing_is_left();
}

static const struct step refused_quit_script[] = {LOGIN, C("QUIT\r\n"), S("-ERR some messages not removed\r\n")};

static void test_N_52_quit_refused_still_disconnects(void **state) {
    (void)state;
    PLAY(refused_quit_script, refused_quit_session);
}

static void no_quit_session(void) {
    log_in();
    stat(2, 320);
    check_equal(dele(1), NX_SUCCESS);
    check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
    nothing_is_left();
}

static const struct step no_quit_script[] = {LOGIN, STAT("2 320"), C("DELE 1\r\n"), S_OK};

static void test_delete_sends_no_quit_and_leaves_the_pool(void **state) {
    (void)state;
    PLAY(no_quit_script, no_quit_session);
}

/* mail_items_get after QUIT opens a new session with the stored address and credentials (N-48). */
static void second_session(void) {
    ULONG size;

    check_equal(create_apop(NX_TRUE), NX_SUCCESS);
    stat(2, 320);
    size_is(2, 200);
    check_equal(nx_pop3_client_quit(&pop3), NX_SUCCESS);
    check_equal(nx_pop3_client_quit(&pop3), NX_POP3_CLIENT_INVALID_STATE);
    check_equal(retr(1), NX_POP3_CLIENT_INVALID_STATE);
    stat(3, 99);
    check_equal(nx_pop3_client_mail_item_get(&pop3, 2, &size), NX_SUCCESS);
    check_equal(size, 0); /* the size of the other session's item 2 is forgotten */
    check_equal(read_mail(), NX_SUCCESS);
    quit_and_delete();
    check_equal(world_connections(), 2);
}

static const struct step second_script[] = {
    S("+OK " TIMESTAMP "\r\n"),
    C(APOP_LINE),
    S_OK,
    STAT("2 320"),
    C("LIST 2\r\n"),
    S("+OK 2 200\r\n"),
    QUIT,
    ACCEPT,
    S("+OK ready <1@b>\r\n"),
    C("APOP mrose c1d9406789958c9df75361857d3c23a5\r\n"),
    S_OK,
    STAT("3 99"),
    C("RETR 2\r\n"),
    S("+OK\r\n.\r\n"),
    QUIT,
};

static void test_N_48_items_get_after_quit(void **state) {
    (void)state;
    PLAY(second_script, second_session);
}

/* ---- The text behind +OK and -ERR means nothing ---- */

static void text_session(void) {
    log_in();
    stat(2, 320);
    check_equal(dele(1), NX_SUCCESS);
    check_equal(dele(2), NX_POP3_SERVER_ERROR_STATUS);
    check_equal(retr(2), NX_POP3_SERVER_ERROR_STATUS);
    FETCH(1, MAIL_120);
    quit_and_delete();
}

static void play_texts(size_t text_length) {
    static char ok[520];
    static char error[520];
    static char stat_reply[520];
    size_t line = text_length + 6;
    const struct step ok_step = S_OCTETS(ok, text_length == 0 ? 5 : line);
    const struct step error_step = S_OCTETS(error, text_length == 0 ? 6 : line + 1);
    const struct step script[] = {
        ok_step,
        C("USER mrose\r\n"),
        ok_step,
        C("PASS mvan99\r\n"),
        ok_step,
        C("STAT\r\n"),
        S_OCTETS(stat_reply, strlen("+OK 2 320 ") + text_length + 2),
        C("DELE 1\r\n"),
        ok_step,
        C("DELE 2\r\n"),
        error_step,
        C("RETR 2\r\n"),
        error_step,
        C("RETR 1\r\n"),
        ok_step,
        S(MAIL_120 ".\r\n"),
        C("QUIT\r\n"),
        ok_step,
    };
    char text[501];

    memset(text, 'x', text_length);
    text[text_length] = '\0';
    snprintf(ok, sizeof ok, "+OK%s%s\r\n", text_length != 0 ? " " : "", text);
    snprintf(error, sizeof error, "-ERR%s%s\r\n", text_length != 0 ? " " : "", text);
    snprintf(stat_reply, sizeof stat_reply, "+OK 2 320 %s\r\n", text);
    PLAY(script, text_session);
    PLAY(script, text_session, .send_size = 7);
    PLAY(script, text_session, .arrival = ARRIVE_CHAINED, .segment = 3);
}

static void test_N_58_status_text_of_0_1_500_octets(void **state) {
    (void)state;
    play_texts(0);
    play_texts(1);
    play_texts(500);
}

/* ---- Time ---- */

static void real_clock_session(void) {
    log_in();
    check_equal(nx_pop3_client_quit(&pop3), NX_SUCCESS);
    nothing_is_left();
}

static const struct step real_clock_script[] = {LOGIN, C("QUIT\r\n"), PAUSE(100), S("+OK\r\n")};

static void test_smoke_by_the_real_clock(void **state) {
    struct timespec start;
    struct timespec end;

    (void)state;
    timespec_get(&start, TIME_UTC);
    PLAY(real_clock_script, real_clock_session, .real_clock = true);
    timespec_get(&end, TIME_UTC);
    assert_true((double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec) > 0.9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sample_session_user),
        cmocka_unit_test(test_sample_session_apop),
        cmocka_unit_test(test_ipv4_by_nx_create),
        cmocka_unit_test(test_ipv6_by_nxd_create),
        cmocka_unit_test(test_whole_session_over_host_ipv6_loopback),
        cmocka_unit_test(test_one_shared_pool),
        cmocka_unit_test(test_N_45_items_count_from_one),
        cmocka_unit_test(test_N_46_item_size),
        cmocka_unit_test(test_quit_then_disconnect),
        cmocka_unit_test(test_N_52_quit_refused_still_disconnects),
        cmocka_unit_test(test_delete_sends_no_quit_and_leaves_the_pool),
        cmocka_unit_test(test_N_48_items_get_after_quit),
        cmocka_unit_test(test_N_58_status_text_of_0_1_500_octets),
        cmocka_unit_test(test_smoke_by_the_real_clock),
    };

    return cmocka_run_group_tests(tests, SET_UP, TEAR_DOWN);
}
