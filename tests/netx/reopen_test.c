/* SPDX-License-Identifier: MIT */
/* One session after another on the same block: after quit, after a session that died, after a log-in that was refused
 * (N-48); and a server that never closes its end (N-49). */
#include "cases.h"

static UINT quit(void) {
    return nx_pop3_client_quit(&pop3);
}

static void reopen_session(void) {
    log_in();
    stat(2, 320);
    check_equal(retr(1), NX_SUCCESS);
    check_equal(read_mail(), NX_NOT_CONNECTED);
    check_equal(dele(1), NX_POP3_CLIENT_INVALID_STATE);
    stat(1, 120);
    FETCH(1, MAIL_120);
    check_equal(dele(1), NX_SUCCESS);
    quit_and_delete();
    check_equal(world_connections(), 2);
}

static const struct step reopen_script[] = {
    LOGIN,         STAT("2 320"),   C("RETR 1\r\n"), S("+OK\r\n" LINE_40), CLOSE, ACCEPT, LOGIN,
    STAT("1 120"), C("RETR 1\r\n"), S_MAIL_120,      C("DELE 1\r\n"),      S_OK,  QUIT,
};

static void test_N_48_new_session_after_a_dead_one(void **state) {
    (void)state;
    PLAY(reopen_script, reopen_session);
    PLAY(reopen_script, reopen_session, .pools = POOLS_ONE, .ip_version = NX_IP_VERSION_V6);
}

/* The server closed while the client was idle: the next call notices, the one after it connects. */
static void idle_session(void) {
    log_in();
    stat(2, 320);
    tx_thread_sleep(100);
    check_equal(items_get(), NX_NOT_CONNECTED);
    stat(1, 120);
    quit_and_delete();
}

static const struct step idle_script[] = {LOGIN, STAT("2 320"), CLOSE, ACCEPT, LOGIN, STAT("1 120"), QUIT};

static void test_N_48_closed_while_idle(void **state) {
    (void)state;
    PLAY(idle_script, idle_session);
}

/* What the old session's STAT said is forgotten, also where the new session has none. */
static void forgotten_count_session(void) {
    log_in();
    stat(2, 320);
    check_equal(nx_pop3_client_quit(&pop3), NX_SUCCESS);
    check_equal(items_get(), NX_POP3_SERVER_ERROR_STATUS);
    check_equal(retr(1), NX_POP3_INVALID_MAIL_ITEM);
    check_equal(dele(3), NX_SUCCESS);
    quit_and_delete();
}

static void test_N_48_count_of_the_old_session_is_forgotten(void **state) {
    static const struct step script[] = {
        LOGIN, STAT("2 320"), QUIT, ACCEPT, LOGIN, C("STAT\r\n"), S("-ERR\r\n"), C("DELE 3\r\n"), S_OK, QUIT,
    };

    (void)state;
    PLAY(script, forgotten_count_session);
}

/* The second log-in is refused: nothing stays open, the client can try again and be deleted. */
static void refused_reopen_session(void) {
    log_in();
    stat(2, 320);
    check_equal(nx_pop3_client_quit(&pop3), NX_SUCCESS);
    check_equal(items_get(), NX_POP3_SERVER_ERROR_STATUS);
    check_equal(items_get(), NX_NOT_CONNECTED);
    stat(3, 1);
    quit_and_delete();
}

static const struct step refused_reopen_script[] = {
    LOGIN,
    STAT("2 320"),
    QUIT,
    ACCEPT,
    S("+OK\r\n"),
    C("USER mrose\r\n"),
    S("-ERR locked\r\n"),
    ACCEPT,
    S("+OK\r\n"),
    C("USER mrose\r\n"),
    CLOSE,
    ACCEPT,
    LOGIN,
    STAT("3 1"),
    QUIT,
};

static void test_N_48_refused_log_in_can_be_repeated(void **state) {
    (void)state;
    PLAY(refused_reopen_script, refused_reopen_session);
}

/* ---- N-49: a server that never closes its end holds nobody up for more than a tick, or the documented wait ---- */

static ULONG ticks_of(UINT (*call)(void), UINT status) {
    ULONG start = tx_time_get();

    check_equal(call(), status);
    return tx_time_get() - start;
}

static UINT do_create(void) {
    return create_as(NX_FALSE, "mvan99");
}

static UINT do_delete(void) {
    return nx_pop3_client_delete(&pop3);
}

static void never_closes_session(void) {
    check(ticks_of(do_create, NX_POP3_SERVER_ERROR_STATUS) <= 5);
    check_equal(world_ip()->nx_ip_tcp_created_sockets_count, 0);
    nothing_is_left();
    log_in();
    check(ticks_of(items_get, NX_POP3_SERVER_ERROR_STATUS) <= 5);
    stat(2, 320);
    check_equal(retr(1), NX_SUCCESS);
    check(ticks_of(quit, NX_POP3_CLIENT_INVALID_STATE) <= 5);
    stat(2, 320);
    check(ticks_of(quit, NX_SUCCESS) <= NX_POP3_CLIENT_DISCONNECT_TIMEOUT + 5);
    stat(2, 320);
    check(ticks_of(do_delete, NX_SUCCESS) <= NX_POP3_CLIENT_DISCONNECT_TIMEOUT + 5);
    nothing_is_left();
}

static void test_N_49_server_that_never_closes(void **state) {
    static const struct step script[] = {
        S("OK\r\n"), PAUSE(2000),   ACCEPT,          LOGIN,      C("STAT\r\n"), S("OK\r\n"), PAUSE(2000), ACCEPT,
        LOGIN,       STAT("2 320"), C("RETR 1\r\n"), S_MAIL_120, PAUSE(2000),   ACCEPT,      LOGIN,       STAT("2 320"),
        QUIT,        PAUSE(2000),   ACCEPT,          LOGIN,      STAT("2 320"), PAUSE(2000),
    };

    (void)state;
    PLAY(script, never_closes_session);
}

/* Many sessions on one block leak nothing (each world ends with all packets back). */
static void many_session(void) {
    log_in();
    for (UINT i = 0; i < 50; i++) {
        stat(2, 320);
        FETCH(1, MAIL_120);
        check_equal(nx_pop3_client_quit(&pop3), NX_SUCCESS);
        check_equal(host_packets_out(), 0);
    }
    nothing_is_left();
    check_equal(world_connections(), 50);
}

static void test_fifty_sessions_on_one_block(void **state) {
    static struct step script[50 * 12];
    static const struct step one[] = {LOGIN, STAT("2 320"), C("RETR 1\r\n"), S_MAIL_120, QUIT, ACCEPT};

    (void)state;
    for (size_t i = 0; i < 50; i++) {
        memcpy(script + i * COUNT(one), one, sizeof one);
    }
    world_play(&(const struct world){.script = script, .steps = 50 * COUNT(one) - 1, .client = many_session});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_N_48_new_session_after_a_dead_one),
        cmocka_unit_test(test_N_48_closed_while_idle),
        cmocka_unit_test(test_N_48_count_of_the_old_session_is_forgotten),
        cmocka_unit_test(test_N_48_refused_log_in_can_be_repeated),
        cmocka_unit_test(test_N_49_server_that_never_closes),
        cmocka_unit_test(test_fifty_sessions_on_one_block),
    };

    return cmocka_run_group_tests(tests, SET_UP, TEAR_DOWN);
}
