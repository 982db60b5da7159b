/* SPDX-License-Identifier: MIT */
/* firmware/'s application on a board of this file: a scripted server, a clock that stands still unless waited for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "board.h"

int terminal_main(void);

/* In an answer a tab is a pause of a millisecond, and NULL is silence for ever. */
typedef struct step {
    const char *command;
    const char *answer;
} step;

enum { RECEIVE_MOST = 64 };

static const step *script; /* the first one's answer is the greeting */
static const char *server, *console;
static char sent[512], shown[4096];
static uint32_t now_ms, pause_until_ms, overrun_at_ms;

static void append(char *text, size_t size, const void *octets, size_t n) {
    size_t length = strlen(text);

    assert_true(length + n < size);
    memcpy(text + length, octets, n);
}

void uart_send(board_uart uart, const void *octets, size_t n) {
    if (uart == UART_CONSOLE) {
        append(shown, sizeof shown, octets, n);
        return;
    }
    append(sent, sizeof sent, octets, n);
    assert_string_equal(sent, script->command);
    memset(sent, 0, sizeof sent);
    server = script->answer;
    script++;
}

size_t uart_received(board_uart uart, const char **octets) {
    size_t n;

    if (uart == UART_CONSOLE) {
        *octets = console;
        return strlen(console);
    }
    *octets = server;
    if (server == NULL || (int32_t)(now_ms - pause_until_ms) < 0) {
        return 0;
    }
    if (*server == '\t') {
        *octets = ++server;
        pause_until_ms = now_ms + 1;
        return 0;
    }
    n = strcspn(server, "\t");
    return n < RECEIVE_MOST ? n : RECEIVE_MOST;
}

void uart_release(board_uart uart, size_t n) {
    if (uart == UART_CONSOLE) {
        console += n;
    } else if (server != NULL) {
        server += n;
    }
}

bool uart_overrun(board_uart uart) {
    return uart == UART_SERVER && overrun_at_ms != 0 && now_ms >= overrun_at_ms;
}

void uart_wait(board_uart uart) {
    assert_int_equal(uart, UART_SERVER); /* whatever the console needs is there */
    now_ms++;
}

uint32_t clock_ms(void) {
    return now_ms;
}

size_t stack_used(void) {
    return 1;
}

size_t stack_size(void) {
    return 2;
}

/* Runs the application; what it shows behind its questions must be `expected`. */
static void play(const char *typed, const step *steps, int status, const char *expected) {
    static const char questions[] = "user? password? seconds to wait for a reply (60)? \r\n";
    char wanted[sizeof shown] = "";

    append(wanted, sizeof wanted, questions, strlen(questions));
    append(wanted, sizeof wanted, expected, strlen(expected));
    append(wanted, sizeof wanted, "stack: 1 of 2 octets\r\n", 22);
    memset(shown, 0, sizeof shown);
    memset(sent, 0, sizeof sent);
    console = typed;
    server = steps[0].answer;
    script = steps + 1;
    pause_until_ms = now_ms;
    assert_int_equal(terminal_main(), status);
    assert_string_equal(shown, wanted);
    assert_null(script->command);
    overrun_at_ms = 0;
}

#define LOGIN                                       \
    {NULL, "+OK\r\n"}, {"USER u\r\n", "+OK\r\n"}, { \
        "PASS p\r\n", "+OK\r\n"                     \
    }

static const step one_mail[] = {LOGIN,
                                {"STAT\r\n", "+OK 1 9\r\n"},
                                {"RETR 1\r\n", "+\tOK\r\n..a\r\t\n\t.b\r\n\t.\r\n"},
                                {"DELE 1\r\n", "+OK\r\n"},
                                {"QUIT\r\n", "+OK\r\n"},
                                {NULL, NULL}};
static const char one_mail_shown[] = "1 mails, 9 octets\r\n--- mail 1\r\n.a\r\nb\r\n--- 7 octets\r\n";

static void test_a_whole_session(void **state) {
    (void)state;
    play("u\np\n\n", one_mail, 0, one_mail_shown);
}

static void test_a_terminal_may_end_lines_as_it_likes(void **state) {
    (void)state;
    play("u\rp\r\r", one_mail, 0, one_mail_shown);
    play("u\r\np\r\n\r\n", one_mail, 0, one_mail_shown);
    play("\b\x7Fux\bxx\x7F\x7F\np\n2\n", one_mail, 0, one_mail_shown);
}

static void test_L01_the_clock_wraps_around(void **state) {
    (void)state;
    now_ms = UINT32_MAX - 5;
    play("u\np\n\n", one_mail, 0, one_mail_shown);
    assert_in_range(now_ms, 0, 100);
}

static void test_L01_silence_lasts_as_long_as_asked(void **state) {
    static const step silent[] = {LOGIN, {"STAT\r\n", NULL}, {NULL, NULL}};
    static const char *const typed[] = {"u\np\n7\n", "u\np\n\n", "u\np\n0\n", "u\np\n9999\n", "u\np\n3600\n"};
    static const uint32_t seconds[] = {7, 60, 60, 60, 3600};

    (void)state;
    for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
        uint32_t began = now_ms;

        play(typed[i], silent, 75, "\r\nmail: STAT: the server fell silent\r\nmail: all mails stay on the server\r\n");
        assert_in_range(now_ms - began, 1000 * seconds[i], 1000 * seconds[i] + 20);
    }
}

static void test_L01_slow_is_not_silent(void **state) {
    static char trickle[3001];
    const step slow[] = {{NULL, trickle}, {"USER u\r\n", "-ERR\r\n"}, {"QUIT\r\n", "+OK\r\n"}, {NULL, NULL}};

    (void)state;
    memset(trickle, '\t', sizeof trickle - 1); /* a second and a half without anything, twice */
    memcpy(trickle + 1400, "+OK", 3);
    memcpy(trickle + 2990, "\r\n", 2);
    trickle[2992] = '\0';
    play("u\np\n2\n", slow, 77, "\r\nmail: login: refused\r\n");
}

static void test_N54_more_than_was_asked_for(void **state) {
    static const step steps[] = {LOGIN, {"STAT\r\n", "+OK 1 9\r\n+OK\r\n"}, {NULL, NULL}};
    static const step later[] = {LOGIN, {"STAT\r\n", "+OK 1 9\r\n\t+OK\r\n"}, {NULL, NULL}};
    static const char expected[] = "1 mails, 9 octets\r\n\r\nmail: RETR: the server broke the rules\r\n"
                                   "mail: this mail is incomplete; all mails stay on the server\r\n";

    (void)state;
    play("u\np\n\n", steps, 76, expected);
    play("u\np\n\n", later, 76, expected);
}

static void test_lost_octets_end_the_session(void **state) {
    static const step steps[] = {LOGIN, {"STAT\r\n", NULL}, {NULL, NULL}};

    (void)state;
    overrun_at_ms = now_ms + 500;
    play("u\np\n\n", steps, 75,
         "\r\nmail: STAT: octets were lost on the way: the UART needs flow control\r\n"
         "mail: all mails stay on the server\r\n");
}

static void test_D26_refusals(void **state) {
    static const step in_use[] = {{NULL, "-ERR [IN-USE] x\r\n"}, {NULL, NULL}};
    static const step retr[] = {
        LOGIN, {"STAT\r\n", "+OK 1 9\r\n"}, {"RETR 1\r\n", "-ERR gone\r\n"}, {"QUIT\r\n", NULL}, {NULL, NULL}};
    static const step stat[] = {LOGIN, {"STAT\r\n", "+OK many\r\n"}, {"QUIT\r\n", "+OK\r\n"}, {NULL, NULL}};

    (void)state;
    play("u\np\n\n", in_use, 75, "\r\nmail: login: refused: [IN-USE] x\r\n");
    play("u\np\n1\n", retr, 75,
         "1 mails, 9 octets\r\n\r\nmail: RETR: refused: gone\r\n\r\nmail: QUIT: the server fell silent\r\n"
         "mail: the mails shown may be gone from the server, or not\r\n");
    play("u\np\n\n", stat, 76, "\r\nmail: STAT: no count in the reply: many\r\n");
}

static void test_R_1939_23_a_session_that_breaks_off_in_a_mail(void **state) {
    static const step steps[] = {LOGIN, {"STAT\r\n", "+OK 1 9\r\n"}, {"RETR 1\r\n", "+OK\r\na\r\n"}, {NULL, NULL}};

    (void)state;
    play("u\np\n1\n", steps, 75,
         "1 mails, 9 octets\r\n--- mail 1\r\na\r\n\r\nmail: RETR: the server fell silent\r\n"
         "mail: this mail is incomplete; all mails stay on the server\r\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_whole_session),
        cmocka_unit_test(test_a_terminal_may_end_lines_as_it_likes),
        cmocka_unit_test(test_L01_the_clock_wraps_around),
        cmocka_unit_test(test_L01_silence_lasts_as_long_as_asked),
        cmocka_unit_test(test_L01_slow_is_not_silent),
        cmocka_unit_test(test_N54_more_than_was_asked_for),
        cmocka_unit_test(test_lost_octets_end_the_session),
        cmocka_unit_test(test_D26_refusals),
        cmocka_unit_test(test_R_1939_23_a_session_that_breaks_off_in_a_mail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
