/* SPDX-License-Identifier: MIT */
/* The transmission form of a message (RFC 1939 section 3). Refuses to judge content: any octet passes. */
#define _POSIX_C_SOURCE 200809L

#include "serve/body.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void start(struct serve_body *body, struct serve_body_style style, int fd) {
    body->style = style;
    body->fd = fd;
    body->next = body->end = body->buffer;
    body->lines_left = style.lines;
    body->in_header = true;
    body->line_start = true;
    body->line_empty = true;
    body->after_cr = false;
    body->done = false;
    body->failed = false;
}

void serve_body_from_text(struct serve_body *body, struct serve_body_style style, const char *text, size_t size) {
    start(body, style, -1);
    body->next = text;
    body->end = text + size;
}

void serve_body_from_file(struct serve_body *body, struct serve_body_style style, int fd) {
    start(body, style, fd);
}

/* More content into next..end; false at its end or after an error. */
static bool refill(struct serve_body *body) {
    ssize_t got;

    if (body->next < body->end) {
        return true;
    }
    if (body->fd < 0) {
        return false;
    }
    do {
        got = read(body->fd, body->buffer, sizeof body->buffer);
    } while (got < 0 && errno == EINTR);
    body->failed = got < 0;
    body->next = body->buffer;
    body->end = body->buffer + (got > 0 ? got : 0);
    return got > 0;
}

/* A line ended: counts it for TOP, whose header ends with the first empty line. */
static void count_line(struct serve_body *body) {
    if (body->in_header) {
        body->in_header = !body->line_empty;
    } else if (body->lines_left != SERVE_ALL_LINES) {
        body->lines_left--;
    }
    body->done = !body->in_header && body->lines_left == 0;
    body->line_empty = true;
}

/* The LF at `next`; writes at most two octets. */
static char *line_feed(struct serve_body *body, char *out) {
    bool crlf = body->after_cr || !body->style.octets;

    if (crlf && !body->after_cr) {
        *out++ = '\r';
    }
    *out++ = '\n';
    body->next++;
    body->after_cr = false;
    body->line_start = crlf || body->style.lf_lines;
    if (body->line_start) {
        count_line(body);
    } else {
        body->line_empty = false;
    }
    return out;
}

/* Octets up to the next LF, the end of what is here, or the end of the room. */
static char *line_octets(struct serve_body *body, char *out, size_t room) {
    size_t here = (size_t)(body->end - body->next);
    const char *feed;
    size_t size;

    if (body->line_start && body->style.stuff && *body->next == '.') {
        *out++ = '.';
        room--;
    }
    size = here < room ? here : room;
    feed = memchr(body->next, '\n', size);
    size = feed != NULL ? (size_t)(feed - body->next) : size;
    if (size == 0) {
        return out;
    }
    memcpy(out, body->next, size);
    body->next += size;
    body->after_cr = out[size - 1] == '\r';
    body->line_empty = body->line_empty && body->line_start && size == 1 && body->after_cr;
    body->line_start = false;
    return out + size;
}

static char *finish(struct serve_body *body, char *out) {
    if (!body->line_start && body->style.final_crlf && !body->failed) {
        *out++ = '\r';
        *out++ = '\n';
    }
    body->done = true;
    return out;
}

size_t serve_body_read(struct serve_body *body, char *room, size_t size) {
    char *out = room;
    char *limit = room + size;

    while (!body->done && limit - out >= 4) { /* a dot, an octet, CR, LF */
        if (!refill(body)) {
            out = finish(body, out);
        } else {
            out = line_octets(body, out, (size_t)(limit - out) - 2);
            if (body->next < body->end && *body->next == '\n') {
                out = line_feed(body, out);
            }
        }
    }
    return (size_t)(out - room);
}

uint64_t serve_body_measure(struct serve_body *body) {
    char scratch[16384];
    uint64_t total = 0;

    while (!body->done) {
        total += serve_body_read(body, scratch, sizeof scratch);
    }
    serve_body_close(body);
    return body->failed ? UINT64_MAX : total;
}

void serve_body_close(struct serve_body *body) {
    if (body->fd >= 0) {
        (void)close(body->fd);
        body->fd = -1;
    }
}
