/* SPDX-License-Identifier: MIT */
/* The server's side and the expectation are composed from the same table, neither from the other. */
#include "trace.h"

#include <stdlib.h>
#include <string.h>

#include "script.h"

static void put(struct trace *trace, const char *octets, size_t n) {
    if (trace->length + n > sizeof trace->octets) {
        abort();
    }
    if (n > 0) {
        memcpy(trace->octets + trace->length, octets, n);
        trace->length += n;
    }
}

static void put_text(struct trace *trace, const char *text) {
    put(trace, text, strlen(text));
}

static void begin_line(struct trace *trace, unsigned type, bool more) {
    put_text(trace, script_event_name(type));
    put_text(trace, more ? "+ " : " ");
}

static void close_line(struct trace *trace) {
    if (trace->open != 0) {
        put_text(trace, "\n");
        trace->open = 0;
    }
}

void trace_clear(struct trace *trace) {
    trace->length = 0;
    trace->open = 0;
}

void trace_event(struct trace *trace, const pop3_event *event) {
    bool parts = event->type == POP3_EVENT_BODY || event->type == POP3_EVENT_CHALLENGE;
    if (event->type == POP3_EVENT_NEED_INPUT) {
        return;
    }
    if (!parts || trace->open != event->type) {
        close_line(trace);
        begin_line(trace, event->type, event->more && !parts);
    }
    put(trace, event->data, event->length);
    trace->open = event->type;
    if (!parts || (event->type == POP3_EVENT_CHALLENGE && !event->more)) {
        close_line(trace);
    }
}

static void expect_line(struct trace *trace, unsigned type, bool more, const char *text, size_t n) {
    begin_line(trace, type, more);
    put(trace, text, n);
    put_text(trace, "\n");
}

static void expect_content(struct trace *trace, const char *lines) {
    if (*lines == '\0') {
        return;
    }
    begin_line(trace, POP3_EVENT_BODY, false);
    for (size_t n; *lines != '\0'; lines += n + 1) {
        n = strcspn(lines, "\n");
        put(trace, lines, n);
        put_text(trace, "\r\n");
    }
    put_text(trace, "\n");
}

static void expect_listing(struct trace *trace, const char *lines) {
    for (size_t n; *lines != '\0'; lines += n + 1) {
        n = strcspn(lines, "\n");
        expect_line(trace, POP3_EVENT_LINE, false, lines, n);
    }
}

void trace_expect(struct trace *trace, const struct turn *turn) {
    static const pop3_event_type types[] = {
        [REPLY_GREETING] = POP3_EVENT_GREETING,  [REPLY_OK] = POP3_EVENT_OK,      [REPLY_ERR] = POP3_EVENT_ERR,
        [REPLY_TLS] = POP3_EVENT_START_TLS,      [REPLY_LISTING] = POP3_EVENT_OK, [REPLY_BODY] = POP3_EVENT_OK,
        [REPLY_CHALLENGE] = POP3_EVENT_CHALLENGE};
    bool multi = turn->kind == REPLY_LISTING || turn->kind == REPLY_BODY;
    expect_line(trace, types[turn->kind], multi, turn->text, strlen(turn->text));
    if (turn->kind == REPLY_LISTING) {
        expect_listing(trace, turn->lines);
    } else if (turn->kind == REPLY_BODY) {
        expect_content(trace, turn->lines);
    }
    if (multi) {
        expect_line(trace, POP3_EVENT_END, false, NULL, 0);
    }
}

/* ---- The server's side ---- */

static size_t add(char *wire, size_t at, const char *octets, size_t n) {
    if (at + n > TRACE_ROOM) {
        abort();
    }
    memcpy(wire + at, octets, n);
    return at + n;
}

static size_t add_text(char *wire, size_t at, const char *text) {
    return add(wire, at, text, strlen(text));
}

size_t turn_octets(const struct turn *turn, const char *line_end, char *wire) {
    const char *status = turn->kind == REPLY_ERR ? "-ERR " : turn->kind == REPLY_CHALLENGE ? "+ " : "+OK ";
    size_t at = add_text(wire, add_text(wire, add_text(wire, 0, status), turn->text), line_end);
    if (turn->lines == NULL) {
        return at;
    }
    for (const char *line = turn->lines; *line != '\0';) {
        size_t n = strcspn(line, "\n");
        at = *line == '.' ? add_text(wire, at, ".") : at;
        at = add_text(wire, add(wire, at, line, n), line_end);
        line += n + 1;
    }
    return add_text(wire, add_text(wire, at, "."), line_end);
}
