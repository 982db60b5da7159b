/* SPDX-License-Identifier: MIT */
/* each NetX call of a whole session fails once, the first time, the second time and so on. Then nothing leaks,
 * nothing more is sent, no service that failed says otherwise, and delete puts everything right. */
#include "cases.h"

#define INJECTED NX_WAIT_ABORTED

static enum host_call failing_call;
static unsigned failing_use;
static bool reached;

/* A whole session; stops at the first service that fails and returns its status. */
static UINT session(void) {
    ULONG size = 0;
    UINT count = 0;
    UINT status = create_apop(NX_TRUE);

    if (status == NX_SUCCESS) {
        status = nx_pop3_client_mail_items_get(&pop3, &count, &size);
    }
    if (status == NX_SUCCESS) {
        check_equal(count, 2);
        status = nx_pop3_client_mail_item_size_get(&pop3, 1, &size);
    }
    if (status == NX_SUCCESS) {
        check_equal(size, 120);
        status = retr(1);
    }
    if (status == NX_SUCCESS) {
        status = read_mail();
    }
    if (status == NX_SUCCESS) {
        check_octets(mail.octets, mail.length, MAIL_120, sizeof MAIL_120 - 1);
        status = dele(1);
    }
    if (status == NX_SUCCESS) {
        status = nx_pop3_client_quit(&pop3);
    }
    return status;
}

static void faulty_session(void) {
    UINT status;

    host_fail(failing_call, failing_use, INJECTED);
    status = session();
    reached = host_failed(failing_call, failing_use);
    host_fail(failing_call, 0, NX_SUCCESS);
    if (!reached) {
        check_equal(status, NX_SUCCESS);
    } else if (failing_call != HOST_DISCONNECT) { /* quit answers for its command, not for the disconnect */
        check_equal(status, INJECTED);
    }
    check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
    nothing_is_left();
    check_equal(host_packets_out(), 0);
    check_equal(world_ip()->nx_ip_tcp_created_sockets_count, 0);
}

static const struct step script[] = {EVERY_SERVICE};

static void sweep(enum host_call call, unsigned at_least) {
    failing_call = call;
    for (failing_use = 1, reached = true; reached; failing_use++) {
        PLAY(script, faulty_session, .script_may_break = true);
        if (reached) {
            PLAY(script, faulty_session, .script_may_break = true, .send_size = 9);
        }
    }
    assert_true(failing_use - 2 >= at_least); /* so often was it used at all */
}

static void test_A_21_allocate_fails(void **state) {
    (void)state;
    sweep(HOST_ALLOCATE, 6);
}

static void test_A_21_append_fails(void **state) {
    (void)state;
    sweep(HOST_APPEND, 6);
}

static void test_A_21_send_fails(void **state) {
    (void)state;
    sweep(HOST_SEND, 6);
}

static void test_A_21_receive_fails(void **state) {
    (void)state;
    sweep(HOST_RECEIVE, 13);
}

static void test_A_21_connecting_fails(void **state) {
    (void)state;
    sweep(HOST_CREATE, 1);
    sweep(HOST_BIND, 1);
    sweep(HOST_CONNECT, 1);
}

static void test_A_21_disconnect_fails(void **state) {
    (void)state;
    sweep(HOST_DISCONNECT, 1);
}

/* Where no packet can be had, nothing was sent: none is held back, and the session goes on (N-51). */
static void no_packet_session(void) {
    log_in();
    stat(2, 320);
    host_fail(HOST_ALLOCATE, 1, NX_NO_PACKET);
    check_equal(dele(1), NX_NO_PACKET);
    check_equal(host_packets_out(), 0);
    host_fail(HOST_APPEND, 1, NX_NO_PACKET);
    check_equal(dele(1), NX_NO_PACKET);
    check_equal(host_packets_out(), 0);
#ifdef NX_DISABLE_PACKET_CHAIN
    host_fail(HOST_APPEND, 1, NX_SIZE_ERROR);
    check_equal(dele(1), NX_POP3_INSUFFICIENT_PACKET_PAYLOAD);
    check_equal(host_packets_out(), 0);
#endif
    check_equal(dele(2), NX_SUCCESS);
    quit_and_delete();
}

static void test_N_51_session_goes_on_without_a_packet(void **state) {
    static const struct step steps[] = {LOGIN, STAT("2 320"), C("DELE 2\r\n"), S_OK, QUIT};

    (void)state;
    PLAY(steps, no_packet_session);
}

/* A call fails in a second session on the block, whose failure leaves the client there to try again. */
static void faulty_reopen(void) {
    UINT count = 77;
    ULONG octets = 77;

    log_in();
    check_equal(nx_pop3_client_quit(&pop3), NX_SUCCESS);
    host_fail(failing_call, failing_use, INJECTED);
    check_equal(nx_pop3_client_mail_items_get(&pop3, &count, &octets), INJECTED);
    check_equal(count, 0);
    check_equal(octets, 0);
    check_equal(host_packets_out(), 0);
    check_equal(nx_pop3_client_quit(&pop3), NX_POP3_CLIENT_INVALID_STATE);
    stat(2, 320);
    quit_and_delete();
}

static void test_N_48_reopening_fails_once(void **state) {
    static const struct step not_connected[] = {LOGIN, QUIT, ACCEPT, LOGIN, STAT("2 320"), QUIT};
    static const struct step greeted[] = {LOGIN, QUIT, ACCEPT, S("+OK\r\n"), ACCEPT, LOGIN, STAT("2 320"), QUIT};

    (void)state;
    failing_use = 1;
    failing_call = HOST_BIND;
    PLAY(not_connected, faulty_reopen);
    failing_call = HOST_CONNECT;
    PLAY(not_connected, faulty_reopen);
    failing_call = HOST_ALLOCATE;
    PLAY(greeted, faulty_reopen);
    failing_call = HOST_APPEND;
    PLAY(greeted, faulty_reopen);
    failing_call = HOST_SEND;
    PLAY(greeted, faulty_reopen);
    failing_call = HOST_RECEIVE;
    PLAY(greeted, faulty_reopen);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_A_21_allocate_fails),
        cmocka_unit_test(test_A_21_append_fails),
        cmocka_unit_test(test_A_21_send_fails),
        cmocka_unit_test(test_A_21_receive_fails),
        cmocka_unit_test(test_A_21_connecting_fails),
        cmocka_unit_test(test_A_21_disconnect_fails),
        cmocka_unit_test(test_N_51_session_goes_on_without_a_packet),
        cmocka_unit_test(test_N_48_reopening_fails_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
