/* SPDX-License-Identifier: MIT */
/* each NetX call that the services make fails once in a scenario, the first time, the second time and so on until
 * the scenario passes. Then nothing leaks, nothing more is sent, no service that failed says otherwise, and the session
 * is over or, where nothing was sent, works. */
#include "cases.h"

#include "exchanges.h"

#define INJECTED NX_WAIT_ABORTED /* a status that each of the calls may return */

/* ---- Scenarios ---- */

struct scenario {
    const struct step *script;
    size_t steps;
    UINT (*services[10])(void);
};

/* clang-format off */
#define S_MESSAGE S("+OK 3\r\na\r\n.\r\n")
#define RETR C("RETR 1\r\n"), S_MESSAGE
#define DELE C("DELE 1\r\n"), S_OK
#define LIST C("LIST 1\r\n"), S("+OK 1 120\r\n")
#define OPENED LOGIN, STAT("2 320")

static const struct step documented_script[] = {
    S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S_OK, STAT("2 320"), LIST, RETR, DELE, QUIT,
};
static const struct step fallback_script[] = {
    S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S("-ERR no\r\n"), C("USER mrose\r\n"), S_OK, C("PASS tanstaaf\r\n"), S_OK,
    STAT("2 320"), QUIT,
};
#ifndef NX_POP3_CLIENT_DISABLE_EXTRA_SERVICES
static const struct step further_script[] = {
    OPENED, C("NOOP\r\n"), S_OK, C("UIDL 1\r\n"), S("+OK 1 whqt\r\n"), C("TOP 1 0\r\n"), S_MESSAGE,
    C("CAPA\r\n"), S("+OK\r\nTOP\r\n.\r\n"), DELE, C("RSET\r\n"), S_OK,
};
#endif
static const struct step drain_script[] = {OPENED, RETR, DELE, RETR, LIST, RETR};
static const struct step reopen_script[] = {
    OPENED, QUIT, ACCEPT, OPENED, C("RETR 1\r\n"), S("+OK\r\na"), CLOSE, ACCEPT, OPENED, QUIT,
};
/* clang-format on */

static UINT do_create_apop(void) {
    return create_apop(NX_TRUE);
}

static UINT do_retr_unread(void) {
    return retr(1);
}

/* No QUIT goes behind an unread message (N-53). */
static UINT do_quit_unread(void) {
    UINT status = do_quit();

    return status == NX_POP3_CLIENT_INVALID_STATE ? NX_SUCCESS : status;
}

/* The server closes in the middle of the message. */
static UINT do_retr_broken(void) {
    UINT status = retr(1);

    if (status == NX_SUCCESS) {
        status = read_mail();
        check(status != NX_SUCCESS);
    }
    return status == NX_NOT_CONNECTED ? NX_SUCCESS : status;
}

#define SCRIPT(steps) steps, COUNT(steps)

static const struct scenario documented = {SCRIPT(documented_script),
                                           {do_create_apop, do_stat, do_list, do_retr, do_dele, do_quit}};
static const struct scenario fallback = {SCRIPT(fallback_script), {do_create_apop, do_stat, do_quit}};
static const struct scenario drain = {
    SCRIPT(drain_script),
    {do_create, do_stat, do_retr_unread, do_dele, do_retr_unread, do_list, do_retr_unread, do_quit_unread},
};
static const struct scenario reopen = {SCRIPT(reopen_script),
                                       {do_create, do_stat, do_quit, do_stat, do_retr_broken, do_stat, do_quit}};
#ifndef NX_POP3_CLIENT_DISABLE_EXTRA_SERVICES
static const struct scenario further = {
    SCRIPT(further_script),
    {do_create, do_stat, do_noop, do_uid, do_top, do_capabilities, do_dele, do_reset},
};
#endif

/* ---- One failure ---- */

static const struct scenario *scenario;
static struct {
    enum host_call call;
    unsigned use;
    UINT status;
    bool reached;
} failure;

static bool has_failed(void) {
    return host_failed(failure.call, failure.use);
}

/* What the service says in which the call failed. */
static UINT told(void) {
    if (failure.call == HOST_APPEND && failure.status == NX_SIZE_ERROR && !WITH_CHAINS) {
        return NX_POP3_INSUFFICIENT_PACKET_PAYLOAD;
    }
    return failure.status;
}

/* quit answers for its command, not for the disconnect; and that there is no packet is what a look ahead hopes for. */
static bool may_pass_unnoticed(void) {
    return failure.call == HOST_DISCONNECT || failure.call == HOST_UNBIND || failure.call == HOST_DELETE ||
           (failure.call == HOST_RECEIVE && failure.status == NX_NO_PACKET);
}

static bool is_open(void) {
    return pop3.nx_pop3_client_tcp_socket.nx_tcp_socket_state == NX_TCP_ESTABLISHED;
}

/* A service failed where a call did: the session works, or is over. Returns whether the scenario can go on. */
static bool goes_on(UINT (*service)(void), UINT status, bool at_once) {
    check(has_failed());
    check_equal(status, at_once ? told() : NX_ALREADY_BOUND); /* that is how an unbind shows that failed before */
    check_equal(host_packets_out(), 0);
    if (at_once && !is_open()) {
        session_is_dead();
        return false;
    }
    check(at_once ? failure.call <= HOST_APPEND : failure.call == HOST_UNBIND);
    check_equal(service(), NX_SUCCESS); /* nothing was sent */
    return true;
}

/* The failure may wait for delete, which can be called again then. */
static void delete_at_last(void) {
    UINT status = nx_pop3_client_delete(&pop3);

    if (status != NX_SUCCESS) {
        check(has_failed());
        check(failure.call == HOST_DELETE || failure.call == HOST_UNBIND);
        check_equal(status, failure.call == HOST_DELETE ? failure.status : NX_STILL_BOUND);
        check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
    }
    nothing_is_left();
}

static void faulty_session(void) {
    host_fail(failure.call, failure.use, failure.status);
    for (size_t i = 0; scenario->services[i] != NULL; i++) {
        bool had_failed = has_failed();
        UINT status = scenario->services[i]();

        if (status == NX_SUCCESS) {
            check(had_failed || !has_failed() || may_pass_unnoticed());
        } else if (!goes_on(scenario->services[i], status, !had_failed)) {
            break;
        }
    }
    delete_at_last();
    failure.reached = has_failed();
    check_equal(host_packets_out(), 0);
    check_equal(world_ip()->nx_ip_tcp_created_sockets_count, 0);
}

/* ---- All of them ---- */

/* Fails the call at each use; returns how many the scenario has. */
static unsigned fail_each(enum host_call call, UINT status, const struct world *like) {
    struct world world = *like;

    world.script = scenario->script;
    world.steps = scenario->steps;
    world.client = faulty_session;
    world.script_may_break = true;
    world.more_commands = true;
    failure.call = call;
    failure.status = status;
    failure.use = 0;
    do {
        failure.use++;
        world_play(&world);
    } while (failure.reached);
    return failure.use - 1;
}

static const struct {
    enum host_call call;
    UINT statuses[8]; /* that NetX documents */
} calls[] = {
    {HOST_ALLOCATE, {NX_NO_PACKET, NX_INVALID_PARAMETERS, NX_POOL_DELETED, NX_PTR_ERROR, NX_CALLER_ERROR}},
    {HOST_APPEND, {NX_NO_PACKET, NX_SIZE_ERROR, NX_UNDERFLOW, NX_POOL_DELETED, NX_INVALID_PACKET, NX_PTR_ERROR}},
    {HOST_CREATE, {NX_OPTION_ERROR, NX_PTR_ERROR, NX_CALLER_ERROR, NX_NOT_ENABLED}},
    {HOST_BIND, {NX_NO_FREE_PORTS, NX_PORT_UNAVAILABLE, NX_ALREADY_BOUND, NX_INVALID_PORT, NX_NOT_ENABLED}},
    {HOST_CONNECT,
     {NX_NOT_CONNECTED, NX_IN_PROGRESS, NX_NOT_CLOSED, NX_NOT_BOUND, NX_IP_ADDRESS_ERROR, NX_INVALID_INTERFACE,
      NX_NO_INTERFACE_ADDRESS}},
    {HOST_SEND,
     {NX_NOT_CONNECTED, NX_TX_QUEUE_DEPTH, NX_WINDOW_OVERFLOW, NX_INVALID_PACKET, NX_OVERFLOW, NX_UNDERFLOW,
      NX_NOT_BOUND}},
    {HOST_RECEIVE, {NX_NO_PACKET, NX_NOT_CONNECTED, NX_NOT_BOUND, NX_PTR_ERROR}},
    {HOST_DISCONNECT, {NX_DISCONNECT_FAILED, NX_NOT_CONNECTED}},
    {HOST_UNBIND, {NX_NOT_CLOSED, NX_NOT_BOUND}},
    {HOST_DELETE, {NX_STILL_BOUND, NX_NOT_CREATED}},
};

static void sweep(const struct scenario *which) {
    static const struct world worlds[] = {
        {.send_size = 0},
        {.send_size = 9, .pools = POOLS_ONE, .ip_version = NX_IP_VERSION_V6},
#ifndef NX_DISABLE_PACKET_CHAIN
        {.arrival = ARRIVE_CHAINED, .segment = 3, .empty_segments = true, .payload = 100, .packets = 5},
#endif
    };

    scenario = which;
    for (size_t i = 0; i < COUNT(calls); i++) {
        for (size_t j = 0; j < COUNT(worlds); j++) {
            assert_true(fail_each(calls[i].call, INJECTED, &worlds[j]) >= 1);
        }
    }
}

static void test_A_21_documented_services(void **state) {
    (void)state;
    sweep(&documented);
}

static void test_A_21_apop_refused(void **state) {
    (void)state;
    sweep(&fallback);
}

static void test_A_21_unread_messages(void **state) {
    (void)state;
    sweep(&drain);
}

static void test_A_21_sessions_opened_again(void **state) {
    (void)state;
    sweep(&reopen);
}

#ifndef NX_POP3_CLIENT_DISABLE_EXTRA_SERVICES

static void test_A_21_further_services(void **state) {
    (void)state;
    sweep(&further);
}

#endif

static void test_A_21_every_status(void **state) {
    static const struct world plain = {.send_size = 0};

    (void)state;
    scenario = &documented;
    for (size_t i = 0; i < COUNT(calls); i++) {
        for (size_t j = 0; calls[i].statuses[j] != NX_SUCCESS; j++) {
            assert_true(fail_each(calls[i].call, calls[i].statuses[j], &plain) >= 1);
        }
    }
}

/* ---- A failure in a second session leaves the client there to try again (N-48) ---- */

static void faulty_reopen(void) {
    log_in();
    check_equal(nx_pop3_client_quit(&pop3), NX_SUCCESS);
    host_fail(failure.call, 1, INJECTED);
    check_equal(items_get(), INJECTED);
    check_equal(host_packets_out(), 0);
    check_equal(nx_pop3_client_quit(&pop3), NX_POP3_CLIENT_INVALID_STATE);
    stat(2, 320);
    quit_and_delete();
}

static void test_N_48_reopening_fails_once(void **state) {
    static const struct step not_connected[] = {LOGIN, QUIT, ACCEPT, LOGIN, STAT("2 320"), QUIT};
    static const struct step greeted[] = {LOGIN, QUIT, ACCEPT, S("+OK\r\n"), ACCEPT, LOGIN, STAT("2 320"), QUIT};

    (void)state;
    for (size_t i = 0; i < COUNT(calls); i++) {
        failure.call = calls[i].call;
        if (failure.call == HOST_BIND || failure.call == HOST_CONNECT) {
            PLAY(not_connected, faulty_reopen);
        } else if (failure.call == HOST_ALLOCATE || failure.call == HOST_APPEND || failure.call == HOST_SEND ||
                   failure.call == HOST_RECEIVE) {
            PLAY(greeted, faulty_reopen);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_A_21_documented_services), cmocka_unit_test(test_A_21_apop_refused),
        cmocka_unit_test(test_A_21_unread_messages),     cmocka_unit_test(test_A_21_sessions_opened_again),
#ifndef NX_POP3_CLIENT_DISABLE_EXTRA_SERVICES
        cmocka_unit_test(test_A_21_further_services),
#endif
        cmocka_unit_test(test_A_21_every_status),        cmocka_unit_test(test_N_48_reopening_fails_once),
    };

    return cmocka_run_group_tests(tests, SET_UP, TEAR_DOWN);
}
