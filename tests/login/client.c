/* SPDX-License-Identifier: MIT */
#include "client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto.h"

/* The nonce fyko+d2lbbFgONRv9qkxdawL. */
static bool no_random(void *out, size_t n) {
    static const uint8_t octets[] = {0x7f, 0x29, 0x28, 0xf9, 0xdd, 0xa5, 0x6d, 0xb1, 0x60,
                                     0x38, 0xd4, 0x6f, 0xf6, 0xa9, 0x31, 0x75, 0xac, 0x0b};

    assert_int_equal(n, sizeof octets);
    memcpy(out, octets, n);
    return true;
}

static uint8_t binding[32];

void client_begin(client *self, unsigned flags, const pop3_sasl_mechanism *const *list) {
    const pop3_engine_buffers buffers = {self->line, self->output, sizeof self->line, sizeof self->output};

    memset(self, 0, sizeof *self);
    for (unsigned i = 0; i < sizeof binding; i++) {
        binding[i] = (uint8_t)i;
    }
    self->credentials = (pop3_credentials){.user = "user",
                                           .password = (flags & NO_PASSWORD) != 0 ? NULL : "pencil",
                                           .token = (flags & TOKEN) != 0 ? "tok3n" : NULL,
                                           .host = "mail.example.org",
                                           .port = 995};
    if ((flags & BINDING) != 0) {
        self->credentials.binding_type = "tls-exporter";
        self->credentials.binding = (pop3_span){binding, sizeof binding};
    }
    self->crypto = openssl;
    self->crypto.random = no_random;
    self->options = (pop3_login_options){.tls = POP3_TLS_IMPLICIT,
                                         .credentials = &self->credentials,
                                         .crypto = &self->crypto,
                                         .mechanisms = list != NULL ? list : pop3_login_all_mechanisms,
                                         .chosen = (flags & CHOSEN) != 0,
                                         .loopback = (flags & LOOPBACK) != 0,
                                         .client_certificate = (flags & CERTIFICATE) != 0,
                                         .probe = (flags & PROBE) != 0,
                                         .no_capa = (flags & NO_CAPA) != 0,
                                         .one_step = (flags & ONE_STEP) != 0,
                                         .two_step = (flags & TWO_STEP) != 0,
                                         .buffer = self->buffer,
                                         .size = sizeof self->buffer};
    if ((flags & (STLS | OFF)) != 0) {
        self->options.tls = (flags & STLS) != 0 ? POP3_TLS_STLS : POP3_TLS_OFF;
    }
    self->secure = self->options.tls == POP3_TLS_IMPLICIT;
    pop3_engine_init(&self->engine, &buffers);
    pop3_login_init(&self->login, &self->options);
}

/* ---- Moving octets ---- */

static void send_output(client *self) {
    size_t n;
    const char *output;

    while ((output = pop3_engine_output(&self->engine, &n)), n != 0) {
        assert_true(self->sent + n < sizeof self->wire);
        memcpy(self->wire + self->sent, output, n);
        self->sent += n;
        pop3_engine_output_done(&self->engine, n);
    }
}

/* R-TLS-06: under STLS nothing but these octets goes out before TLS, whatever the server says. */
static void check_clear(const client *self) {
    static const char allowed[] = "STLS\r\n";

    if (self->options.tls == POP3_TLS_STLS && !self->secure) {
        assert_true(self->sent <= sizeof allowed - 1);
        assert_memory_equal(self->wire, allowed, self->sent);
    }
}

static void step(client *self, const pop3_event *event) {
    self->result = pop3_login_step(&self->login, &self->engine, event);
    if (self->result == POP3_LOGIN_DONE) {
        assert_int_equal(pop3_engine_phase(&self->engine),
                         self->options.probe ? POP3_PHASE_AUTHORIZATION : POP3_PHASE_TRANSACTION);
        assert_true(self->secure || self->options.tls == POP3_TLS_OFF);
    }
}

/* Nothing goes out behind FAILED, unless QUIT may be added. */
static void end_step(client *self) {
    if (self->result != POP3_LOGIN_FAILED) {
        send_output(self);
    } else if (pop3_engine_can(&self->engine, POP3_QUIT)) {
        size_t n;
        (void)pop3_engine_output(&self->engine, &n);
        assert_int_equal(n, 0);
    }
    check_clear(self);
}

static bool is_over(const client *self) {
    return self->result == POP3_LOGIN_DONE || self->result == POP3_LOGIN_FAILED;
}

static void take_piece(client *self, const char *octets, size_t n) {
    do {
        size_t used = pop3_engine_input(&self->engine, octets, n, &self->event);
        octets += used;
        n -= used;
        step(self, &self->event);
    } while (!is_over(self) && n != 0);
    end_step(self);
}

void client_take(client *self, const char *octets, size_t n, size_t piece) {
    size_t next;

    for (; n != 0 && !is_over(self); n -= next, octets += next) {
        next = piece == 0 || piece > n ? n : piece;
        take_piece(self, octets, next);
    }
}

void client_lines(client *self, const char *octets, size_t n) {
    while (n != 0) {
        const char *end = memchr(octets, '\n', n);
        size_t line = end != NULL ? (size_t)(end + 1 - octets) : n;
        client_take(self, octets, line, 0);
        octets += line;
        n -= line;
    }
}

void client_tls(client *self) {
    assert_int_equal(self->result, POP3_LOGIN_HANDSHAKE);
    self->secure = true;
    pop3_engine_tls_started(&self->engine);
    step(self, NULL);
    end_step(self);
}

static void take_last(client *self) {
    pop3_engine_input(&self->engine, NULL, 0, &self->event);
    step(self, &self->event);
    end_step(self);
}

void client_eof(client *self) {
    pop3_engine_eof(&self->engine);
    take_last(self);
}

void client_timeout(client *self) {
    pop3_engine_abort(&self->engine, POP3_IO);
    take_last(self);
}

/* ---- Scripts ---- */

static void expect_line(client *self, const char *name, const char *line, size_t n) {
    const char *wire = self->wire + self->expected;
    size_t left = self->sent - self->expected;

    if (left < n + 2 || memcmp(wire, line, n) != 0 || memcmp(wire + n, "\r\n", 2) != 0) {
        fail_msg("%s: \"%.*s\" is due, sent was \"%.*s\"", name, (int)n, line, (int)left, wire);
    }
    self->expected += n + 2;
}

static bool begins(const char *line, size_t n, const char *word) {
    return n >= strlen(word) && memcmp(line, word, strlen(word)) == 0;
}

/* Whatever the server says next finds all that was sent accounted for. */
static void flush(client *self, const char *name, char *said, size_t *length, size_t piece) {
    if (*length != 0) {
        if (self->expected != self->sent) {
            fail_msg("%s: sent was \"%.*s\" as well", name, (int)(self->sent - self->expected),
                     self->wire + self->expected);
        }
        client_take(self, said, *length, piece);
        *length = 0;
    }
}

static void say(char *said, size_t *length, const char *line, size_t n, bool whole) {
    assert_true(*length + n + 2 <= CLIENT_WIRE);
    memcpy(said + *length, line, n);
    *length += n;
    if (whole) {
        memcpy(said + *length, "\r\n", 2);
        *length += 2;
    }
}

void client_play(client *self, const char *name, const char *script, size_t piece) {
    char said[CLIENT_WIRE];
    size_t length = 0;

    while (*script != '\0') {
        size_t n = strcspn(script, "\n");
        if (begins(script, n, "S: ") || begins(script, n, "s: ")) {
            say(said, &length, script + 3, n - 3, script[0] == 'S');
        } else {
            flush(self, name, said, &length, piece);
            if (begins(script, n, "C: ")) {
                expect_line(self, name, script + 3, n - 3);
            } else if (begins(script, n, "TLS")) {
                client_tls(self);
            } else if (begins(script, n, "EOF")) {
                client_eof(self);
            } else if (begins(script, n, "TIMEOUT")) {
                client_timeout(self);
            } else {
                fail_msg("%s: what is \"%.*s\"?", name, (int)n, script);
            }
        }
        script += n + 1;
    }
    flush(self, name, said, &length, piece);
    if (self->expected != self->sent) {
        fail_msg("%s: sent was \"%.*s\" in the end", name, (int)(self->sent - self->expected),
                 self->wire + self->expected);
    }
}

/* ---- How it stands ---- */

static const char *const results[] = {"CONTINUE", "HANDSHAKE", "DONE", "FAILED"};
static const char *const failures[] = {
    "NONE",   "CREDENTIALS",  "UNCLEAR", "TEMPORARY",    "PERMANENT", "IN_USE", "LOGIN_DELAY",
    "NO_TLS", "NO_MECHANISM", "LOCAL",   "SERVER_PROOF", "PROTOCOL",  "CLOSED",
};
static const char *const codes[] = {"",        " [?]",   " [IN-USE]", " [LOGIN-DELAY]", " [SYS/TEMP]", " [SYS/PERM]",
                                    " [AUTH]", " [UTF8]"};
static const char *const sasls[] = {"",          " (credentials)", " (crypto)", " (binding)", " (space)",
                                    " (base64)", " (challenge)",   " (server)", " (refused)"};

const char *client_outcome(client *self) {
    const pop3_login *login = &self->login;
    bool failed = self->result == POP3_LOGIN_FAILED;

    snprintf(self->outcome, sizeof self->outcome, "%s%s%s%s%s %s%s%s%s%s", results[self->result], failed ? " " : "",
             failed ? failures[login->failure] : "", codes[login->code], sasls[login->sasl],
             login->mechanism != NULL ? login->mechanism->name : "-", login->secret_sent ? " secret" : "",
             login->reconnect_without_capa ? " without-capa" : "", login->reconnect_other_form ? " other-form" : "",
             failed && pop3_engine_can(&self->engine, POP3_QUIT) ? " quit" : "");
    return self->outcome;
}

bool client_sent(const client *self, const char *text) {
    size_t n = strlen(text);

    for (size_t i = 0; i + n <= self->sent; i++) {
        if (memcmp(self->wire + i, text, n) == 0) {
            return true;
        }
    }
    return false;
}

void client_sent_nothing(const client *self) {
    static const char *const secrets[] = {
        "user",
        "pencil",
        "tok3n",
        "dXNlcg",
        "cGVuY2ls",
        "dG9rM24", /* in base64, ... */
        "AHVzZXIAcGVuY2ls",
        "biwsbj11c2Vy",
        "dXNlcj11c2VyA",
        "bixhPXVzZXIs", /* PLAIN, SCRAM, XOAUTH2, OAUTHBEARER */
    };
    const char *line = self->wire;

    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        assert_false(client_sent(self, secrets[i]));
    }
    while (line < self->wire + self->sent) {
        size_t left = (size_t)(self->wire + self->sent - line);
        assert_true(begins(line, left, "CAPA\r\n") || begins(line, left, "STLS\r\n") || begins(line, left, "QUIT\r\n"));
        line += 6;
    }
}

/* ---- Tables ---- */

static void check(const struct dialogue *row, size_t piece) {
    client self;

    client_begin(&self, row->flags, row->list[0] != NULL ? row->list : NULL);
    client_play(&self, row->name, row->script, piece);
    if (strcmp(client_outcome(&self), row->outcome) != 0) {
        fail_msg("%s: \"%s\", not \"%s\"", row->name, self.outcome, row->outcome);
    }
    pop3_login_end(&self.login);
}

void client_check(const struct dialogue *rows, size_t count) {
    static const size_t pieces[] = {0, 1, 3};

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < sizeof pieces / sizeof pieces[0]; j++) {
            check(&rows[i], pieces[j]);
        }
    }
}
