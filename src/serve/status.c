/* SPDX-License-Identifier: MIT */
/* Status lines, as long as a fault wants them. Refuses to know what they answer. */
#include "serve/status.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CUT_FREELY 0

/* The text behind "+OK": `length` octets, cut or filled up when a fault asks for it; `keep` octets have a meaning. */
static void append_status(struct serve_session *session, const char *indicator, size_t length, size_t keep) {
    struct serve_reply *reply = &session->reply;
    const struct serve_faults *faults = &session->config->faults;
    const struct serve_fault *wanted = serve_fault_find(faults, SERVE_FAULT_TEXT_LENGTH, session->answering);
    size_t start = strlen(indicator);
    uint64_t fill = 0;

    if (serve_fault_find(faults, SERVE_FAULT_ENDLESS, session->answering) != NULL) {
        fill = SERVE_FILL_ENDLESS;
    } else if (wanted != NULL && wanted->number < length) {
        size_t least = wanted->any_verb ? keep : CUT_FREELY;

        length = wanted->number > least ? (size_t)wanted->number : least;
    } else if (wanted != NULL) {
        fill = wanted->number - length;
    }
    serve_reply_text(reply, indicator, length > 0 || fill > 0 ? start : start - 1);
    serve_reply_text(reply, reply->status, length);
    if (fill > 0 && length > 0) {
        serve_reply_text(reply, " ", 1);
        fill--;
    }
    if (fill > 0) {
        serve_reply_fill(reply, fill);
    }
    serve_reply_text(reply, "\r\n", 2);
}

__attribute__((format(printf, 2, 0))) static size_t format_status(struct serve_session *session, const char *format,
                                                                  va_list arguments) {
    char *status = session->reply.status;
    size_t most = SERVE_STATUS_OCTETS - sizeof "-ERR \r\n" + 1;
    int length = vsnprintf(status, sizeof session->reply.status, format, arguments);

    if (length < 0) {
        return 0;
    }
    return (size_t)length < most ? (size_t)length : most;
}

void serve_ok(struct serve_session *session, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    append_status(session, "+OK ", format_status(session, format, arguments), CUT_FREELY);
    va_end(arguments);
}

/* An answer whose text clients must read. */
void serve_ok_data(struct serve_session *session, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    size_t length = format_status(session, format, arguments);

    append_status(session, "+OK ", length, length);
    va_end(arguments);
}

void serve_err(struct serve_session *session, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    append_status(session, "-ERR ", format_status(session, format, arguments), CUT_FREELY);
    va_end(arguments);
}

void serve_continue(struct serve_session *session, const char *text) {
    (void)snprintf(session->line, sizeof session->line, "+ %s\r\n", text);
    serve_reply_text(&session->reply, session->line, strlen(session->line));
}

const char *serve_plural(uint64_t count) {
    return count == 1 ? "" : "s";
}

void serve_describe(const struct serve_session *session, char *text, size_t size) {
    uint64_t octets;
    size_t count = serve_maildrop_count(session->maildrop, &octets);

    (void)snprintf(text, size, "%zu message%s (%" PRIu64 " octets)", count, serve_plural(count), octets);
}
