/* SPDX-License-Identifier: MIT */
/*
 * F-01: every line of a server in every exchange, spoilt in every way. What the server says afterwards it refuses. The
 * login ends, says why, and never shows more than the exchange would have, nor more than two proofs (R-5034-10).
 */
#include "client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PROOF_256                                                                                                      \
    "Yz1iaXdzLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdMM3JmY05IWUpZMVpWdldWczdqLHA9cVFSTFJIR1BER2pCKzdpVkFFN05OaTV4RW9IS0h1" \
    "TENIUE5ROEJUbXZkcz0="

/* What the server says, line after line; "TLS" is where the handshake comes. `secret`: what may be seen on the wire. */
static const struct exchange {
    const char *name;
    unsigned flags;
    const pop3_sasl_mechanism *list[3];
    const char *lines[12];
    const char *secret;
} exchanges[] = {
    {"USER/PASS", 0, ALL, {"+OK", "+OK", "USER", ".", "+OK", "+OK"}, "pencil"},
    {"APOP", OFF, ALL, {"+OK <1@a>", "+OK", "TOP", ".", "+OK"}, "0451e607ed6df8a637cdcdc85dca66b8"},
    {"PLAIN", 0, ALL, {"+OK", "+OK", "SASL PLAIN", ".", "+OK"}, "AHVzZXIAcGVuY2ls"},
    {"PLAIN behind STLS", STLS, ALL, {"+OK", "+OK", "TLS", "+OK", "SASL PLAIN", ".", "+OK"}, "AHVzZXIAcGVuY2ls"},
    {"PLAIN, two steps", TWO_STEP, ALL, {"+OK", "+OK", "SASL PLAIN", ".", "+ ", "+OK"}, "AHVzZXIAcGVuY2ls"},
    {"LOGIN", 0, ALL, {"+OK", "+OK", "SASL LOGIN", ".", "+ VXNlcm5hbWU6", "+ UGFzc3dvcmQ6", "+OK"}, "cGVuY2ls"},
    {"CRAM-MD5",
     CHOSEN,
     ONLY(&pop3_sasl_cram_md5),
     {"+OK", "+OK", "SASL CRAM-MD5", ".", "+ PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+", "+OK"},
     "dXNlciAyNjZmODJiYjJkMWFjZTY3MjlkMmM1NzNlNGUwMDRjNg=="},
    {"SCRAM-SHA-256",
     0,
     ALL,
     {"+OK", "+OK", "SASL SCRAM-SHA-256", ".",
      "+ cj1meWtvK2QybGJiRmdPTlJ2OXFreGRhd0wzcmZjTkhZSlkxWlZ2V1ZzN2oscz1RU1hDUitRNnNlazhiZjkyLGk9NDA5Ng==",
      "+ dj1YS1c2VnVXMUZBTlJPUWFibkpCejFLYWVDblFML0haQnlRdFgvaVUrbzMwPQ==", "+OK"},
     PROOF_256},
    {"XOAUTH2",
     TOKEN,
     ALL,
     {"+OK", "+OK", "SASL XOAUTH2", ".", "+ ", "+OK"},
     "dXNlcj11c2VyAWF1dGg9QmVhcmVyIHRvazNuAQE="},
    {"EXTERNAL", CERTIFICATE | NO_PASSWORD, ALL, {"+OK", "+OK", "SASL EXTERNAL", ".", "+OK"}, NULL},
};

/* What becomes of one line. */
enum way {
    RIGHT,
    ERR,
    ERR_CODE,
    EOF_BEFORE,
    EOF_INSIDE,
    EOF_AFTER,
    SILENCE,
    GARBAGE,
    EMPTY,
    BARE_LF,
    NULS,
    LONG, /* 1 MiB */
    TWICE,
    WAYS
};

static const char *const ways[WAYS] = {"right",       "-ERR",    "-ERR [IN-USE]", "EOF before", "EOF inside",
                                       "EOF after",   "silence", "garbage",       "empty line", "LF only",
                                       "NULs inside", "1 MiB",   "said twice"};

static client self;

static void say(const char *text) {
    client_take(&self, text, strlen(text), 0);
}

static void say_line(const char *line) {
    say(line);
    say("\r\n");
}

static bool is_open(void) {
    return self.result == POP3_LOGIN_CONTINUE || self.result == POP3_LOGIN_HANDSHAKE;
}

static void say_long(const char *line) {
    static char octets[4096];

    memset(octets, 'x', sizeof octets);
    say(line);
    for (int i = 0; i < 256; i++) {
        client_take(&self, octets, sizeof octets, 0);
    }
}

static void say_spoilt(const char *line, enum way way) {
    switch (way) {
    case ERR: say("-ERR no\r\n"); break;
    case ERR_CODE: say("-ERR [IN-USE] no\r\n"); break;
    case EOF_BEFORE: client_eof(&self); break;
    case EOF_INSIDE:
        client_take(&self, line, 1, 0);
        if (is_open()) {
            client_eof(&self);
        }
        break;
    case EOF_AFTER:
        say_line(line);
        if (is_open()) {
            client_eof(&self);
        }
        break;
    case SILENCE: client_timeout(&self); break;
    case GARBAGE: say("+FOO\r\n"); break;
    case EMPTY: say("\r\n"); break;
    case BARE_LF:
        say(line);
        say("\n");
        break;
    case NULS:
        client_take(&self, "\0\0", 2, 0);
        say_line(line);
        break;
    case LONG: say_long(line); break;
    case TWICE:
        say_line(line);
        say_line(line);
        break;
    default: say_line(line); break;
    }
}

static unsigned count(const char *text) {
    unsigned found = 0;

    for (size_t i = 0; i + strlen(text) <= self.sent; i++) {
        found += memcmp(self.wire + i, text, strlen(text)) == 0;
    }
    return found;
}

/* A refused mechanism may be followed by USER/PASS, where it is allowed. */
static void check_secrets(const struct exchange *exchange) {
    static const char *const all[] = {
        "0451e607ed6df8a637cdcdc85dca66b8",
        "AHVzZXIAcGVuY2ls",
        "tok3n",
        "dG9rM24",
        "dXNlcj11c2VyAWF1dGg9QmVhcmVyIHRvazNuAQE=",
        "\ncGVuY2ls\r\n",
        (PROOF_256),
        "dXNlciAyNjZmODJiYjJkMWFjZTY3MjlkMmM1NzNlNGUwMDRjNg==",
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        bool allowed = exchange->secret != NULL && strstr(all[i], exchange->secret) != NULL;
        if (!allowed && count(all[i]) != 0) {
            fail_msg("%s: %s was sent", exchange->name, all[i]);
        }
    }
    assert_true((exchange->flags & (OFF | TOKEN | NO_PASSWORD)) == 0 || count("PASS ") == 0);
    assert_true(count("PASS ") + count("AUTH PLAIN") + count("AUTH LOGIN") + count("APOP ") <= 2);
}

/* Until the end; then everything is refused. */
static void play(const struct exchange *exchange, size_t spoilt, enum way way) {
    client_begin(&self, exchange->flags, exchange->list[0] != NULL ? exchange->list : NULL);
    for (size_t i = 0; exchange->lines[i] != NULL && is_open(); i++) {
        if (strcmp(exchange->lines[i], "TLS") == 0) {
            if (self.result != POP3_LOGIN_HANDSHAKE) {
                break;
            }
            client_tls(&self);
        } else {
            say_spoilt(exchange->lines[i], i == spoilt ? way : RIGHT);
        }
    }
    for (int i = 0; i < 20 && self.result == POP3_LOGIN_CONTINUE; i++) {
        say("-ERR\r\n.\r\n"); /* also ends a listing that is being read */
    }
    if (self.result == POP3_LOGIN_HANDSHAKE) {
        client_eof(&self);
    }
}

/* In a listing each line is content; and one reply too many may be taken for the next one's, as long as it fits. */
static bool may_be_in(const struct exchange *exchange, size_t spoilt, enum way way) {
    char first = exchange->lines[spoilt][0];

    return way == RIGHT || way == BARE_LF || way == TWICE || (first != '+' && first != '-' && first != '.') ||
           (way == EOF_AFTER && exchange->lines[spoilt + 1] == NULL);
}

static void test_F_01_every_line_in_every_way(void **state) {
    (void)state;
    for (size_t e = 0; e < sizeof exchanges / sizeof exchanges[0]; e++) {
        const struct exchange *exchange = &exchanges[e];
        for (size_t line = 0; exchange->lines[line] != NULL; line++) {
            for (int way = RIGHT; way < WAYS; way++) {
                if (strcmp(exchange->lines[line], "TLS") == 0) {
                    continue;
                }
                play(exchange, line, (enum way)way);
                if (is_open()) {
                    fail_msg("%s, line %zu, %s: it goes on", exchange->name, line, ways[way]);
                }
                if (way == RIGHT && self.result != POP3_LOGIN_DONE) {
                    fail_msg("%s: %s", exchange->name, client_outcome(&self));
                }
                if (self.result == POP3_LOGIN_DONE && !may_be_in(exchange, line, (enum way)way)) {
                    fail_msg("%s, line %zu, %s: %s", exchange->name, line, ways[way], client_outcome(&self));
                }
                check_secrets(exchange);
                pop3_login_end(&self.login);
            }
        }
    }
}

/* What is told of the line that decides, by the way it was spoilt. */
static void test_F_01_what_is_told(void **state) {
    static const struct {
        enum way way;
        pop3_failure failure;
    } rows[] = {
        {ERR, POP3_FAILURE_UNCLEAR},        {ERR_CODE, POP3_FAILURE_IN_USE}, {EOF_BEFORE, POP3_FAILURE_UNCLEAR},
        {EOF_INSIDE, POP3_FAILURE_UNCLEAR}, {SILENCE, POP3_FAILURE_UNCLEAR}, {GARBAGE, POP3_FAILURE_PROTOCOL},
        {EMPTY, POP3_FAILURE_PROTOCOL},     {NULS, POP3_FAILURE_PROTOCOL},
    };
    (void)state;
    for (size_t e = 0; e < sizeof exchanges / sizeof exchanges[0]; e++) {
        size_t last = 0;
        while (exchanges[e].lines[last + 1] != NULL) {
            last++;
        }
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            play(&exchanges[e], last, rows[i].way);
            if (self.result != POP3_LOGIN_FAILED || self.login.failure != rows[i].failure) {
                fail_msg("%s, %s: %s", exchanges[e].name, ways[rows[i].way], client_outcome(&self));
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_F_01_every_line_in_every_way),
        cmocka_unit_test(test_F_01_what_is_told),
    };
    return cmocka_run_group_tests_name("login faults", tests, NULL, NULL);
}
