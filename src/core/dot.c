/* SPDX-License-Identifier: MIT */
/*
 * Dot-stuffing undone (RFC 1939 section 3). A dot counts only behind CRLF, or behind any LF in LF mode: a mail whose
 * content holds bare-LF dot lines can neither end the message nor be read as replies.
 */
#include "core/engine.h"
#include "core/scan.h"

/* The state behind `octet`. */
static unsigned step(const pop3_engine *engine, unsigned dot, char octet) {
    unsigned next = DOT_TEXT;

    if (octet == '\r') {
        next = dot == DOT_DOT ? DOT_DOT_CR : DOT_TEXT_CR;
    } else if (octet == '\n') {
        dot |= engine->lf_mode;
        if (dot == DOT_DOT_CR) {
            next = DOT_END;
        } else if ((dot & DOT_CR) != 0) {
            next = DOT_LINE_START;
        }
    } else if (octet == '.' && dot == DOT_LINE_START) {
        next = DOT_DOT;
    }
    return next;
}

size_t pop3_dot_decode(pop3_engine *engine, const char *in, size_t n, pop3_event *event) {
    const char *end = in + n;
    const char *p = in;
    const char *content = NULL;
    unsigned dot = engine->dot;

    if (dot == DOT_DOT_CR && *p != '\n') { /* the CR withheld at the end of the last input is content after all */
        engine->dot = DOT_TEXT_CR;
        event->type = POP3_EVENT_BODY;
        event->data = "\r";
        event->length = 1;
        return 0;
    }
    for (; p < end; p++) {
        unsigned next = step(engine, dot, *p);
        if (next == DOT_END) {
            event->type = POP3_EVENT_END;
            dot = DOT_LINE_START; /* of the next body */
            p++;
            break;
        }
        if (next == DOT_DOT) {
            if (content != NULL) {
                break;
            }
        } else if (content == NULL && next != DOT_DOT_CR) {
            content = dot == DOT_DOT_CR ? p - 1 : p;
        }
        dot = next;
        if (dot == DOT_TEXT) {
            p = pop3_skip_text(p, end);
        }
    }
    engine->dot = (uint8_t)dot;
    event->data = content;
    if (content != NULL) {
        event->type = POP3_EVENT_BODY;
        event->length = (size_t)(p - content);
    }
    return (size_t)(p - in);
}
