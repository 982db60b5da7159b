/* SPDX-License-Identifier: MIT */
/* The loop of docs/login.md over a transport made of an array: what a user of the library writes. */
#include <satchel/pop3_login.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "crypto.h"

/* ---- A transport: what the server says, one piece for each time that it is asked ---- */

typedef struct transport {
    const char *const *pieces; /* NULL behind the last: the server closes */
    char sent[512];
    size_t sent_length;
    bool tls;
} transport;

static bool transport_send(transport *server, const void *octets, size_t n) {
    assert_true(server->sent_length + n < sizeof server->sent);
    memcpy(server->sent + server->sent_length, octets, n);
    server->sent_length += n;
    return true;
}

static size_t transport_receive(transport *server, char *in, size_t room) {
    size_t n = *server->pieces != NULL ? strlen(*server->pieces) : 0;

    assert_true(n <= room);
    if (n != 0) {
        memcpy(in, *server->pieces++, n);
    }
    return n;
}

static bool transport_start_tls(transport *server) {
    server->tls = true;
    return true;
}

/* ---- The loop ---- */

static void send_all(pop3_engine *engine, transport *server) {
    size_t n;
    const void *output = pop3_engine_output(engine, &n);

    if (!transport_send(server, output, n)) {
        pop3_engine_abort(engine, POP3_IO);
    }
    pop3_engine_output_done(engine, n);
}

static pop3_login_result log_in(pop3_login *login, pop3_engine *engine, transport *server) {
    pop3_login_result result = POP3_LOGIN_CONTINUE;
    char octets[4096];
    const char *in = octets;
    size_t n = 0;

    while (result == POP3_LOGIN_CONTINUE || result == POP3_LOGIN_HANDSHAKE) {
        pop3_event event;
        if (n == 0 && result == POP3_LOGIN_HANDSHAKE) {
            if (!transport_start_tls(server)) {
                return POP3_LOGIN_FAILED;
            }
            pop3_engine_tls_started(engine);
            result = pop3_login_step(login, engine, NULL);
            continue;
        }
        if (n == 0) {
            send_all(engine, server);
            in = octets;
            n = transport_receive(server, octets, sizeof octets);
            if (n == 0) {
                pop3_engine_eof(engine);
            }
        }
        size_t used = pop3_engine_input(engine, in, n, &event);
        in += used;
        n -= used;
        result = pop3_login_step(login, engine, &event);
    }
    return result;
}

/* ---- Its tests ---- */

static pop3_login login;
static char line[1024], output[POP3_COMMAND_MAX], buffer[4096];

static pop3_login_result run(pop3_tls_mode tls, transport *server) {
    const pop3_engine_buffers buffers = {line, output, sizeof line, sizeof output};
    const pop3_credentials credentials = {.user = "user", .password = "pencil"};
    const pop3_login_options options = {.tls = tls,
                                        .credentials = &credentials,
                                        .crypto = &openssl,
                                        .mechanisms = pop3_login_all_mechanisms,
                                        .buffer = buffer,
                                        .size = sizeof buffer};
    pop3_engine engine;
    pop3_login_result result;

    pop3_engine_init(&engine, &buffers);
    pop3_login_init(&login, &options);
    result = log_in(&login, &engine, server);
    pop3_login_end(&login);
    return result;
}

static void test_STLS(void **state) {
    static const char *const pieces[] = {"+OK\r\n", "+OK\r\n", "+OK\r\nSASL PL", "AIN\r\n.\r\n", "+OK\r\n", NULL};
    transport server = {.pieces = pieces};
    (void)state;
    assert_int_equal(run(POP3_TLS_STLS, &server), POP3_LOGIN_DONE);
    assert_true(server.tls);
    assert_string_equal(server.sent, "STLS\r\nCAPA\r\nAUTH PLAIN AHVzZXIAcGVuY2ls\r\n");
}

static void test_A_03_data_behind_STLS(void **state) {
    static const char *const pieces[] = {"+OK\r\n", "+OK\r\n+OK\r\n", NULL};
    transport server = {.pieces = pieces};
    (void)state;
    assert_int_equal(run(POP3_TLS_STLS, &server), POP3_LOGIN_FAILED);
    assert_false(server.tls);
    assert_string_equal(server.sent, "STLS\r\n");
    assert_int_equal(login.failure, POP3_FAILURE_PROTOCOL);
}

static void test_F_03_an_answer_in_advance(void **state) {
    static const char *const pieces[] = {"+OK\r\n+OK\r\n", NULL};
    transport server = {.pieces = pieces};
    (void)state;
    assert_int_equal(run(POP3_TLS_IMPLICIT, &server), POP3_LOGIN_FAILED);
    assert_int_equal(server.sent_length, 0);
}

static void test_Q_17_closed(void **state) {
    static const char *const pieces[] = {"+OK\r\n", "-ERR\r\n", "+OK\r\n", NULL};
    transport server = {.pieces = pieces};
    (void)state;
    assert_int_equal(run(POP3_TLS_IMPLICIT, &server), POP3_LOGIN_FAILED);
    assert_string_equal(server.sent, "CAPA\r\nUSER user\r\nPASS pencil\r\n");
    assert_int_equal(login.failure, POP3_FAILURE_UNCLEAR);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_STLS),
        cmocka_unit_test(test_A_03_data_behind_STLS),
        cmocka_unit_test(test_F_03_an_answer_in_advance),
        cmocka_unit_test(test_Q_17_closed),
    };
    return cmocka_run_group_tests_name("login loop", tests, NULL, NULL);
}
