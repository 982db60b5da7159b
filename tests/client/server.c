/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "server.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 20000 };

static uint64_t soon(void) {
    return net_now_ms() + PATIENCE_MS;
}

static void complain(struct server *self, const char *what, const char *line, size_t n) {
    if (self->complaint[0] == '\0') {
        (void)snprintf(self->complaint, sizeof self->complaint, "connection %u: %s: %.*s", self->connections, what,
                       (int)n, line);
    }
    self->gone = true;
}

/* ---- Lines out ---- */

static void say(struct server *self, const char *octets, size_t n) {
    size_t most = self->cut < self->silence ? self->cut : self->silence;
    size_t room = most > self->said ? most - self->said : 0;
    size_t left = n < room ? n : room;

    self->said += left;
    while (left != 0) {
        ptrdiff_t taken = net_write(&self->stream, octets, left, soon());
        if (taken <= 0) {
            self->gone = true;
            return;
        }
        octets += taken;
        left -= (size_t)taken;
    }
    if (n > room) {
        self->gone = true;
        self->wait = self->silence < self->cut;
    }
}

/* All lines from here on that are the server's; returns what stands behind them. */
static const char *say_lines(struct server *self, const char *script) {
    char piece[1 << 14];
    size_t n = 0;

    while (strncmp(script, "S: ", 3) == 0) {
        size_t length = strcspn(script, "\n") - 3;
        assert_true(n + length + 2 <= sizeof piece);
        memcpy(piece + n, script + 3, length);
        memcpy(piece + n + length, "\r\n", 2);
        n += length + 2;
        script += 3 + length + 1;
    }
    self->turns++;
    say(self, piece, n);
    return script;
}

/* ---- Lines in ---- */

static bool fill(struct server *self) {
    ptrdiff_t n = self->in_length < sizeof self->in
                      ? net_read(&self->stream, self->in + self->in_length, sizeof self->in - self->in_length, soon())
                      : NET_FAILED;
    if (n > 0) {
        self->in_length += (size_t)n;
    }
    return n > 0;
}

static void remember(struct server *self, const char *line, size_t n) {
    if (self->heard_length + n + 2 <= sizeof self->heard) {
        memcpy(self->heard + self->heard_length, line, n);
        self->heard_length += n;
        self->heard[self->heard_length++] = '\n';
    }
}

static void hear(struct server *self, const char *expected, size_t n) {
    char *end;
    size_t length;

    while ((end = memchr(self->in, '\n', self->in_length)) == NULL) {
        if (!fill(self)) {
            self->gone = true; /* the client left: its right */
            return;
        }
    }
    length = (size_t)(end - self->in) - 1;
    remember(self, self->in, length);
    if (!(n == 1 && *expected == '*') && (length != n || memcmp(self->in, expected, n) != 0)) {
        complain(self, "unexpected", self->in, length);
    }
    self->in_length -= length + 2;
    memmove(self->in, end + 1, self->in_length);
}

static void hear_nothing(struct server *self) {
    enum { MOMENT_MS = 50 };

    if (self->in_length != 0 ||
        net_read(&self->stream, self->in, sizeof self->in, net_now_ms() + MOMENT_MS) != NET_NOTHING) {
        complain(self, "not quiet", self->in, strcspn(self->in, "\r"));
    }
}

/* ---- Connections ---- */

static const char *play_line(struct server *self, const char *script) {
    size_t n = strcspn(script, "\n");

    if (strncmp(script, "C: ", 3) == 0) {
        hear(self, script + 3, n - 3);
    } else if (strncmp(script, "QUIET", n) == 0) {
        hear_nothing(self);
    } else if (strncmp(script, "TLS", n) == 0) {
        if (self->in_length != 0 || self->tls == NULL || !net_tls_accept(&self->stream, self->tls)) {
            complain(self, "no TLS here", self->in, self->in_length);
        }
    } else if (strncmp(script, "WAIT", n) == 0) {
        self->gone = self->wait = true;
    } else {
        complain(self, "the script has", script, n);
    }
    return script + n + 1;
}

static void play(struct server *self, const char *script) {
    self->said = self->in_length = 0;
    self->turns = 0;
    self->gone = self->wait = false;
    while (*script != '\0' && !self->gone) {
        script = strncmp(script, "S: ", 3) == 0 ? say_lines(self, script) : play_line(self, script);
    }
    if (!self->wait) {
        net_finish(&self->stream);
    }
    while (self->in_length = 0, fill(self)) { /* until the client is gone */
    }
    if (net_read(&self->stream, self->in, sizeof self->in, NET_NO_WAIT) == NET_NOTHING) {
        complain(self, "the client stays", "", 0);
    }
    net_close(&self->stream);
}

static bool next_connection(struct server *self) {
    struct pollfd entries[] = {{.fd = self->listener.fd, .events = POLLIN}, {.fd = self->stop[0], .events = POLLIN}};

    while (poll(entries, 2, PATIENCE_MS) > 0) {
        if (net_accept(&self->listener, &self->stream)) {
            return true;
        }
        if (entries[1].revents != 0) {
            return false;
        }
    }
    return false;
}

static void *serve(void *context) {
    struct server *self = context;

    while (self->connections < SERVER_SCRIPTS && self->scripts[self->connections] != NULL && next_connection(self)) {
        play(self, self->scripts[self->connections++]);
    }
    return NULL;
}

void server_begin(struct server *self, const char *script) {
    memset(self, 0, sizeof *self);
    self->scripts[0] = script;
    self->address = "127.0.0.1";
    self->cut = self->silence = SERVER_WHOLE;
}

void server_start(struct server *self) {
    assert_int_equal(pipe(self->stop), 0);
    assert_int_equal(net_listen(&self->listener, self->address, self->port), 0);
    assert_int_equal(pthread_create(&self->thread, NULL, serve, self), 0);
}

void server_stop(struct server *self) {
    assert_int_equal(write(self->stop[1], "", 1), 1);
    assert_int_equal(pthread_join(self->thread, NULL), 0);
    net_unlisten(&self->listener);
    close(self->stop[0]);
    close(self->stop[1]);
}
