/* SPDX-License-Identifier: MIT */
/*
 * Dot-stuffing undone (RFC 1939 section 3). A dot counts only behind CRLF, or behind any LF in LF mode: a mail whose
 * content holds bare-LF dot lines can neither end the message nor be read as replies.
 */
#include "core/engine.h"

#include <string.h>

static bool ends_line(const pop3_engine *engine, char before_lf) {
    return engine->lf_mode || before_lf == '\r';
}

/* Consumes what a line start hides: the stuffed dot, the terminator. True if the terminator is complete. */
static bool skip_hidden(pop3_engine *engine, const char **p, const char *end) {
    for (; *p < end; ++*p) {
        if (engine->dot == DOT_LINE_START && **p == '.') {
            engine->dot = DOT_DOT;
        } else if (engine->dot == DOT_DOT && **p == '\r') {
            engine->dot = DOT_DOT_CR;
        } else if (**p == '\n' && (engine->dot == DOT_DOT_CR || (engine->dot == DOT_DOT && engine->lf_mode))) {
            ++*p;
            return true;
        } else {
            break;
        }
    }
    return false;
}

/* The end of the content that starts at p, up to the next dot that a line start hides; `before` is the octet before p. */
static const char *content_end(pop3_engine *engine, const char *p, const char *end, char before) {
    const char *lf = p;

    while ((lf = pop3_find_lf_dot(lf, end)) != NULL) {
        lf++;
        if (ends_line(engine, lf - 1 > p ? lf[-2] : before)) {
            engine->dot = DOT_LINE_START;
            return lf;
        }
    }
    if (end[-1] == '\n' && ends_line(engine, end - 1 > p ? end[-2] : before)) {
        engine->dot = DOT_LINE_START;
    } else {
        engine->dot = end[-1] == '\r' ? DOT_TEXT_CR : DOT_TEXT;
    }
    return end;
}

size_t pop3_dot_decode(pop3_engine *engine, const char *in, size_t n, pop3_event *event) {
    const char *p = in;
    const char *end = in + n;
    char before = '\0';

    if (skip_hidden(engine, &p, end)) {
        event->type = POP3_EVENT_END;
        return (size_t)(p - in);
    }
    if (p == end) {
        return n;
    }
    event->type = POP3_EVENT_BODY;
    event->data = p;
    if (engine->dot == DOT_DOT_CR) { /* the withheld CR is content after all */
        engine->dot = DOT_TEXT_CR;
        if (p == in) {
            event->data = "\r";
            event->length = 1;
            return 0;
        }
        event->data--;
    }
    if (engine->dot == DOT_TEXT_CR) {
        before = '\r';
    }
    p = content_end(engine, p, end, before);
    event->length = (size_t)(p - event->data);
    return (size_t)(p - in);
}
