/* SPDX-License-Identifier: MIT */
/* Options other than the defaults: the longest name, password and timestamp, and short waits (see CMakeLists.txt). */
#include "cases.h"

#define A_50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NAME_214 A_50 A_50 A_50 A_50 "aaaaaaaaaaaaaa"
#define PASSWORD_248 A_50 A_50 A_50 A_50 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define TIMESTAMP_255 "<a" A_50 A_50 A_50 A_50 A_50 "@b>"

_Static_assert(sizeof NAME_214 - 1 == NX_POP3_MAX_USERNAME, "the longest");
_Static_assert(sizeof PASSWORD_248 - 1 == NX_POP3_MAX_PASSWORD, "the longest");

static UINT create_longest(UINT apop) {
    return nxd_pop3_client_create(&pop3, apop, world_ip(), world_pool(), world_server_address(), world_server_port(),
                                  (CHAR *)NAME_214, (CHAR *)PASSWORD_248);
}

static UINT with_apop;

static void longest_session(void) {
    check_equal(create_longest(with_apop), NX_SUCCESS);
    stat(2, 320);
    quit_and_delete();
}

static const struct step user_script[] = {
    S("+OK\r\n"), C("USER " NAME_214 "\r\n"), S_OK, C("PASS " PASSWORD_248 "\r\n"), S_OK, STAT("2 320"), QUIT,
};

static const struct step apop_script[] = {
    S("+OK " TIMESTAMP_255 "\r\n"),
    C("APOP " NAME_214 " 9f9d2c9fc3952dea2088df3649930cf4\r\n"),
    S_OK,
    STAT("2 320"),
    QUIT,
};

static const struct step too_long_timestamp_script[] = {
    S("+OK <aa" A_50 A_50 A_50 A_50 A_50 "@b>\r\n"),
    C("USER " NAME_214 "\r\n"),
    S_OK,
    C("PASS " PASSWORD_248 "\r\n"),
    S_OK,
    STAT("2 320"),
    QUIT,
};

static void test_N_44_longest_name_and_password(void **state) {
    (void)state;
    with_apop = NX_FALSE;
    PLAY(user_script, longest_session);
    PLAY(user_script, longest_session, .payload = 100, .packets = 20);
}

static void test_N_40_timestamp_of_255_octets(void **state) {
    (void)state;
    with_apop = NX_TRUE;
    PLAY(apop_script, longest_session);
    PLAY(apop_script, longest_session, .send_size = 1);
    PLAY(apop_script, longest_session, .send_size = 100);
    PLAY(too_long_timestamp_script, longest_session);
    PLAY(too_long_timestamp_script, longest_session, .send_size = 1);
}

static ULONG started;

static void took(ULONG ticks) {
    check(tx_time_get() - started >= ticks);
    check(tx_time_get() - started <= ticks + 2);
    started = tx_time_get();
}

static void waits_session(void) {
    NX_PACKET *taken[8];
    UINT count = 0;

    started = tx_time_get();
    check_equal(nx_pop3_client_create(&pop3, NX_FALSE, world_ip(), world_pool(), IP_ADDRESS(1, 2, 3, 99), 110,
                                      (CHAR *)"mrose", (CHAR *)"mvan99"),
                NX_NOT_CONNECTED);
    took(NX_POP3_CLIENT_CONNECTION_TIMEOUT);
    log_in();
    stat(2, 320);
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
    while (count < COUNT(taken) && nx_packet_allocate(world_pool(), &taken[count], NX_TCP_PACKET, NX_NO_WAIT) == 0) {
        count++;
    }
    started = tx_time_get();
    check_equal(dele(1), NX_NO_PACKET);
    took(NX_POP3_CLIENT_PACKET_TIMEOUT);
    while (count > 0) {
        count--;
        check_equal(nx_packet_release(taken[count]), NX_SUCCESS);
    }
    started = tx_time_get();
    check_equal(dele(1), NX_NO_PACKET);
    took(NX_POP3_SERVER_REPLY_TIMEOUT);
    stat(2, 320);
    started = tx_time_get();
    check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS); /* the server sleeps */
    took(NX_POP3_CLIENT_DISCONNECT_TIMEOUT);
    nothing_is_left();
}

static void test_N_43_waits_are_the_options_in_ticks(void **state) {
    static const struct step script[] = {
        LOGIN, STAT("2 320"), C("DELE 1\r\n"), ACCEPT, LOGIN, STAT("2 320"), PAUSE(50),
    };

    (void)state;
    PLAY(script, waits_session);
}

/* By the wall clock: a silent peer is given up after the configured time, neither before nor much later. */
static double seconds(void) {
    struct timespec now;

    timespec_get(&now, TIME_UTC);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void silence_session(void) {
    const double expected = (double)NX_POP3_SERVER_REPLY_TIMEOUT / NX_IP_PERIODIC_RATE;
    double start;

    log_in();
    start = seconds();
    check_equal(dele(1), NX_NO_PACKET);
    check(seconds() - start >= expected - 0.02); /* a tick may have begun */
    check(seconds() - start <= 2 * expected);
    session_is_dead();
}

static void test_A_09_silence_by_the_real_clock(void **state) {
    static const struct step script[] = {LOGIN, C("DELE 1\r\n")};

    (void)state;
    PLAY(script, silence_session, .real_clock = true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_N_44_longest_name_and_password),
        cmocka_unit_test(test_N_40_timestamp_of_255_octets),
        cmocka_unit_test(test_N_43_waits_are_the_options_in_ticks),
        cmocka_unit_test(test_A_09_silence_by_the_real_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
