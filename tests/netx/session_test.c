/* SPDX-License-Identifier: MIT */
/* How sessions die: N-47, N-49, N-53, N-54, N-57. A dead session sends nothing and never succeeds. What every reply may
 * do to a session is in answers_test.c. */
#include "cases.h"

/* ---- N-47: a receive that fails ends the session ---- */

static UINT expected_status;
static ULONG expected_ticks;
static const char *expected_text = LINE_40; /* how the message begins */

static void broken_message_session(void) {
    ULONG start;

    log_in();
    stat(2, 320);
    check_equal(retr(1), NX_SUCCESS);
    start = tx_time_get();
    check_equal(read_mail(), expected_status);
    check(tx_time_get() - start >= expected_ticks);
    check(tx_time_get() - start <= expected_ticks + 20);
    check_octets(mail.octets, mail.length, expected_text, mail.length);
    check_equal(nx_pop3_client_quit(&pop3), NX_POP3_CLIENT_INVALID_STATE);
    session_is_dead();
}

static void play_broken(const struct step *script, size_t steps, UINT status, ULONG ticks) {
    const struct world world = {.script = script, .steps = steps, .client = broken_message_session};

    expected_status = status;
    expected_ticks = ticks;
    world_play_each_way(&world, 3);
}

#define PLAY_BROKEN(script, status, ticks) play_broken(script, COUNT(script), status, ticks)

static const struct step silent_body[] = {LOGIN, STAT("2 320"), C("RETR 1\r\n"), S("+OK\r\n" LINE_40)};
static const struct step silent_in_terminator[] = {LOGIN, STAT("2 320"), C("RETR 1\r\n"), S("+OK\r\n" LINE_40 ".\r")};
static const struct step silent_behind_a_dot[] = {LOGIN, STAT("2 320"), C("RETR 1\r\n"), S("+OK\r\nA line of 38.\r\n")};
static const struct step closed_body[] = {LOGIN, STAT("2 320"), C("RETR 1\r\n"), S("+OK\r\nA line of "), CLOSE};
static const struct step closed_terminator[] = {LOGIN, STAT("2 320"), C("RETR 1\r\n"), S("+OK\r\n" LINE_40 "."), CLOSE};
static const struct step reset_body[] = {LOGIN,    STAT("2 320"), C("RETR 1\r\n"), S("+OK\r\nA line of "),
                                         PAUSE(2), RESET};
static const struct step no_body[] = {LOGIN, STAT("2 320"), C("RETR 1\r\n"), S("+OK\r\n"), CLOSE};

static void test_N_47_silence_in_a_body(void **state) {
    (void)state;
    PLAY_BROKEN(silent_body, NX_NO_PACKET, NX_POP3_SERVER_REPLY_TIMEOUT);
    PLAY_BROKEN(silent_in_terminator, NX_NO_PACKET, NX_POP3_SERVER_REPLY_TIMEOUT);
}

/* A server that forgets the CRLF before the terminator sends none. */
static void test_F_02_Q_21_no_line_end_before_the_dot(void **state) {
    (void)state;
    expected_text = "A line of 38.\r\n";
    PLAY_BROKEN(silent_behind_a_dot, NX_NO_PACKET, NX_POP3_SERVER_REPLY_TIMEOUT);
    expected_text = LINE_40;
}

static void test_A_19_N_47_connection_lost_in_a_body(void **state) {
    (void)state;
    PLAY_BROKEN(closed_body, NX_NOT_CONNECTED, 0);
    PLAY_BROKEN(closed_terminator, NX_NOT_CONNECTED, 0);
    PLAY_BROKEN(reset_body, NX_NOT_CONNECTED, 0);
    PLAY_BROKEN(no_body, NX_NOT_CONNECTED, 0);
}

/* ---- N-57: what nobody asked for answers nothing ---- */

/* The reply comes when the wait is over: it may not answer the next command, for there is none. */
static void late_reply_session(void) {
    log_in();
    check_equal(items_get(), NX_NO_PACKET);
    tx_thread_sleep(500);
    session_is_dead();
}

static const struct step late_reply[] = {LOGIN, C("STAT\r\n"), PAUSE(NX_POP3_SERVER_REPLY_TIMEOUT + 100)};

static void test_N_57_late_reply(void **state) {
    (void)state;
    PLAY(late_reply, late_reply_session);
}

/* ---- N-54: octets behind the terminator ---- */

static void behind_session(void) {
    log_in();
    stat(2, 320);
    FETCH(1, MAIL_120);
    check_equal(nx_pop3_client_quit(&pop3), NX_POP3_CLIENT_INVALID_STATE);
    session_is_dead();
}

static const struct step behind[] = {LOGIN, STAT("2 320"), C("RETR 1\r\n"), S("+OK\r\n" MAIL_120 ".\r\n+OK\r\n")};
static const struct step behind_by_one[] = {LOGIN, STAT("2 320"), C("RETR 1\r\n"), S("+OK\r\n" MAIL_120 ".\r\n\r")};

static void test_N_54_octets_behind_the_terminator(void **state) {
    (void)state;
    PLAY(behind, behind_session);
    PLAY(behind_by_one, behind_session);
    for (unsigned segment = 1; WITH_CHAINS && segment < 9; segment++) {
        PLAY(behind, behind_session, .arrival = ARRIVE_CHAINED, .segment = segment);
        PLAY(behind_by_one, behind_session, .arrival = ARRIVE_CHAINED, .segment = segment, .empty_segments = true);
    }
}

/* In a packet of their own they are unsolicited octets. */
static void behind_apart_session(void) {
    log_in();
    stat(2, 320);
    FETCH(1, MAIL_120);
    check_equal(dele(1), NX_POP3_SERVER_ERROR_STATUS);
    session_is_dead();
}

static void test_N_57_octets_behind_the_terminator_in_the_next_packet(void **state) {
    (void)state;
    PLAY(behind, behind_apart_session, .send_size = 1);
    PLAY(behind, behind_apart_session, .send_size = 64);
}

/* ---- N-53: a message left unread ---- */

static size_t packets_read;

static void leave_unread(void) {
    UINT final_packet = NX_FALSE;

    log_in();
    stat(2, 320);
    check_equal(retr(1), NX_SUCCESS);
    for (size_t i = 0; i < packets_read && !final_packet; i++) {
        mail.length = 0;
        check_equal(read_packet(&final_packet), NX_SUCCESS);
    }
    check_equal(final_packet, NX_FALSE);
}

static void drain_session(void) {
    leave_unread();
    FETCH(2, MAIL_200);
    check_equal(retr(2), NX_SUCCESS);
    check_equal(dele(1), NX_SUCCESS);
    check_equal(retr(2), NX_SUCCESS);
    stat(1, 200);
    quit_and_delete();
}

static const struct step drain_script[] = {
    LOGIN,           STAT("2 320"), C("RETR 1\r\n"), S_MAIL_120, C("RETR 2\r\n"), S_MAIL_200,
    C("RETR 2\r\n"), S_MAIL_200,    C("DELE 1\r\n"), S_OK,       C("RETR 2\r\n"), S_MAIL_200,
    STAT("1 200"),   QUIT,
};

static void test_N_53_rest_of_a_message_is_drained(void **state) {
    (void)state;
    for (packets_read = 0; packets_read < 3; packets_read++) {
        PLAY(drain_script, drain_session, .send_size = 30);
    }
    packets_read = 0;
    PLAY(drain_script, drain_session);
    PLAY(drain_script, drain_session, .send_size = 1);
    PLAY(drain_script, drain_session, .arrival = ARRIVE_CHAINED, .segment = 7, .empty_segments = true);
}

static void quit_unread_session(void) {
    leave_unread();
    check_equal(nx_pop3_client_quit(&pop3), NX_POP3_CLIENT_INVALID_STATE);
    session_is_dead();
}

static const struct step unread[] = {LOGIN, STAT("2 320"), C("RETR 1\r\n"), S_MAIL_120};

static void test_N_53_no_quit_behind_an_unread_message(void **state) {
    (void)state;
    packets_read = 0;
    PLAY(unread, quit_unread_session);
    packets_read = 2;
    PLAY(unread, quit_unread_session, .send_size = 30);
}

static void delete_unread_session(void) {
    leave_unread();
    check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
    nothing_is_left();
}

static void test_N_49_delete_releases_an_unread_message(void **state) {
    (void)state;
    packets_read = 0;
    PLAY(unread, delete_unread_session);
    PLAY(unread, delete_unread_session, .send_size = 7);
    packets_read = 2;
    PLAY(unread, delete_unread_session, .send_size = 30);
}

static void flood_session(void) {
    leave_unread();
    check_equal(dele(1), NX_POP3_CLIENT_INVALID_STATE);
    session_is_dead();
}

#define FLOOD_UNIT 1220 /* octets of each of the server's sends */
#define FLOOD_MOST (NX_POP3_CLIENT_DRAIN_LIMIT / FLOOD_UNIT * FLOOD_UNIT)

static void drained_session(void) {
    leave_unread();
    check_equal(dele(1), NX_SUCCESS);
    quit_and_delete();
}

/* A message of exactly as many octets as may be drained, and one of one more. */
static void test_N_53_drain_limit(void **state) {
    static char rest[FLOOD_UNIT + 1];
    const size_t n = NX_POP3_CLIENT_DRAIN_LIMIT - FLOOD_MOST;
    const struct step most[] = {
        LOGIN,        STAT("2 320"),     C("RETR 1\r\n"),
        S("+OK\r\n"), FLOOD(FLOOD_MOST), S_OCTETS(rest + 1, n),
        S(".\r\n"),   C("DELE 1\r\n"),   S_OK,
        QUIT,
    };
    const struct step too_many[] = {
        LOGIN, STAT("2 320"), C("RETR 1\r\n"), S("+OK\r\n"), FLOOD(FLOOD_MOST), S_OCTETS(rest, n + 1), S(".\r\n"),
    };

    (void)state;
    memset(rest, 'x', sizeof rest);
    memcpy(rest + n - 1, "\r\n", 2);
    packets_read = 0;
    PLAY(most, drained_session);
    PLAY(too_many, flood_session, .script_may_break = true);
}

static void drain_fails_session(void) {
    ULONG start;

    leave_unread();
    start = tx_time_get();
    check_equal(dele(1), NX_NO_PACKET);
    check_equal(tx_time_get() - start >= NX_POP3_SERVER_REPLY_TIMEOUT, true);
    session_is_dead();
}

static const struct step silent_unread[] = {LOGIN, STAT("2 320"), C("RETR 1\r\n"), S("+OK\r\n" LINE_40)};

static void test_N_53_silence_while_draining(void **state) {
    (void)state;
    packets_read = 0;
    PLAY(silent_unread, drain_fails_session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_N_47_silence_in_a_body),
        cmocka_unit_test(test_F_02_Q_21_no_line_end_before_the_dot),
        cmocka_unit_test(test_A_19_N_47_connection_lost_in_a_body),
        cmocka_unit_test(test_N_57_late_reply),
        cmocka_unit_test(test_N_54_octets_behind_the_terminator),
        cmocka_unit_test(test_N_57_octets_behind_the_terminator_in_the_next_packet),
        cmocka_unit_test(test_N_53_rest_of_a_message_is_drained),
        cmocka_unit_test(test_N_53_no_quit_behind_an_unread_message),
        cmocka_unit_test(test_N_49_delete_releases_an_unread_message),
        cmocka_unit_test(test_N_53_drain_limit),
        cmocka_unit_test(test_N_53_silence_while_draining),
    };

    return cmocka_run_group_tests(tests, SET_UP, TEAR_DOWN);
}
