/* SPDX-License-Identifier: MIT */
/* Connections that break or fall silent at each octet of a session, and calls that are cancelled. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "session.h"

static struct session s;

static const char script[] = LOGIN "C: STAT\nS: +OK 1 7\nC: UIDL\nS: +OK\nS: 1 a\nS: .\n"
                                   "C: RETR 1\nS: +OK\nS: abc\nS: ..\nS: .\nC: DELE 1\nS: +OK\nC: QUIT\nS: +OK\n";

/* As a program does it: the first failure is the end, and what is not stored is not deleted. */
static pop3_client_class run(pop3_client *client) {
    pop3_client_class result = pop3_client_open(client);

    result = result != POP3_CLIENT_OK ? result : pop3_client_stat(client, NULL, NULL);
    result = result != POP3_CLIENT_OK ? result : pop3_client_uidl(client, 0, session_uid, &s);
    result = result != POP3_CLIENT_OK ? result : pop3_client_retr(client, 1, session_sink, &s);
    if (result == POP3_CLIENT_OK) {
        assert_string_equal(s.content, "abc\r\n.\r\n");
        result = pop3_client_dele(client, 1);
    }
    return result != POP3_CLIENT_OK ? result : pop3_client_quit(client);
}

/* What the client says on a connection without CAPA. */
#define SECOND "S: +OK ready\nC: USER mrose\n"

static size_t whole_length(void) {
    session_begin(&s, script);
    session_start(&s);
    assert_int_equal(run(s.client), POP3_CLIENT_OK);
    session_end(&s);
    return s.server.said;
}

/* R-1939-23: nothing is complete but what was read to its end; R-1939-25: no QUIT behind a message that was not. */
static void every_octet_may_be_the_last(void **state) {
    size_t whole = whole_length();

    (void)state;
    for (size_t n = 0; n < whole; n++) {
        session_begin(&s, script);
        s.server.cut = n;
        s.server.scripts[1] = SECOND;
        session_start(&s);
        pop3_client_class result = run(s.client);
        assert_int_equal(result, pop3_client_last_error(s.client)->class_);
        /* The end while AUTH is unanswered may be a refusal. */
        assert_true(result == POP3_CLIENT_CLOSED || result == POP3_CLIENT_CREDENTIALS);
        assert_int_equal(pop3_client_quit(s.client), POP3_CLIENT_STATE);
        session_end(&s);
        assert_true(!session_sent(&s, "DELE") || strcmp(s.content, "abc\r\n.\r\n") == 0);
        assert_true(!session_sent(&s, "QUIT") || session_sent(&s, "DELE"));
    }
}

static void every_octet_may_be_followed_by_silence(void **state) {
    size_t whole = whole_length();

    (void)state;
    for (size_t n = 0; n < whole; n += n % 7 + 1) {
        session_begin(&s, script);
        s.server.silence = n;
        s.server.scripts[1] = SECOND "WAIT\n";
        s.options.greeting_ms = s.options.reply_ms = s.options.login_ms = s.options.idle_ms = 30;
        session_start(&s);
        pop3_client_class result = run(s.client);
        assert_true(result == POP3_CLIENT_TIMEOUT || result == POP3_CLIENT_CREDENTIALS);
        assert_int_equal(pop3_client_quit(s.client), POP3_CLIENT_STATE);
        session_end(&s);
        assert_true(!session_sent(&s, "DELE") || strcmp(s.content, "abc\r\n.\r\n") == 0);
    }
}

static void a_session_has_its_end(void **state) {
    (void)state;
    session_begin(&s, LOGIN "C: NOOP\nWAIT\n");
    s.options.session_ms = 300;
    session_start(&s);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_OK);
    assert_int_equal(pop3_client_noop(s.client), POP3_CLIENT_TIMEOUT);
    assert_string_equal(pop3_client_last_error(s.client)->what, "127.0.0.1 did not send the reply to NOOP in time");
    session_end(&s);
}

/* ---- Cancel ---- */

static void a_cancelled_handle_stays_so(void **state) {
    (void)state;
    session_begin(&s, LOGIN);
    session_start(&s);
    pop3_client_cancel(s.client);
    pop3_client_cancel(s.client);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_CANCELLED);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_CANCELLED);
    session_end(&s);
    assert_string_equal(s.server.heard, "");
}

static void *cancel_soon(void *context) {
    const struct timespec moment = {.tv_nsec = 50000000};

    nanosleep(&moment, NULL);
    pop3_client_cancel(context);
    return NULL;
}

static void another_thread_cancels(void **state) {
    pthread_t thread;

    (void)state;
    session_begin(&s, LOGIN "C: RETR 1\nS: +OK\nS: abc\nWAIT\n");
    session_start(&s);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_OK);
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, s.client), 0);
    assert_int_equal(pop3_client_retr(s.client, 1, session_sink, &s), POP3_CLIENT_CANCELLED);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(pop3_client_quit(s.client), POP3_CLIENT_STATE);
    session_end(&s);
    assert_false(session_sent(&s, "QUIT"));
}

static pop3_client *interrupted;

static void on_alarm(int signal_) {
    (void)signal_;
    errno = 99;
    pop3_client_cancel(interrupted);
    if (errno != 99) {
        interrupted = NULL;
    }
}

static void a_signal_handler_cancels(void **state) {
    const struct sigaction action = {.sa_handler = on_alarm};
    struct sigaction before;
    const struct itimerspec soon = {.it_value = {.tv_nsec = 50000000}};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_t timer;

    (void)state;
    session_begin(&s, "WAIT\n");
    session_start(&s);
    interrupted = s.client;
    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    assert_int_equal(timer_settime(timer, 0, &soon, NULL), 0);
    assert_int_equal(pop3_client_open(s.client), POP3_CLIENT_CANCELLED);
    assert_non_null(interrupted);
    timer_delete(timer);
    sigaction(SIGUSR1, &before, NULL);
    session_end(&s);
}

/* ---- Two at once ---- */

static void *run_alone(void *context) {
    struct session *self = context;

    for (int i = 0; i < SERVER_SCRIPTS; i++) {
        if (pop3_client_open(self->client) != POP3_CLIENT_OK || pop3_client_noop(self->client) != POP3_CLIENT_OK ||
            pop3_client_quit(self->client) != POP3_CLIENT_OK) {
            return self;
        }
    }
    return NULL;
}

static void two_handles_share_nothing(void **state) {
    static struct session both[2];
    pthread_t threads[2];
    void *failed;

    (void)state;
    for (int i = 0; i < 2; i++) {
        session_begin(&both[i], LOGIN "C: NOOP\nS: +OK\nC: QUIT\nS: +OK\n");
        for (int n = 1; n < SERVER_SCRIPTS; n++) {
            both[i].server.scripts[n] = both[i].server.scripts[0];
        }
        session_start(&both[i]);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, run_alone, &both[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
        session_end(&both[i]);
        assert_int_equal(both[i].server.connections, SERVER_SCRIPTS);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_octet_may_be_the_last), cmocka_unit_test(every_octet_may_be_followed_by_silence),
        cmocka_unit_test(a_session_has_its_end),       cmocka_unit_test(a_cancelled_handle_stays_so),
        cmocka_unit_test(another_thread_cancels),      cmocka_unit_test(a_signal_handler_cancels),
        cmocka_unit_test(two_handles_share_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
