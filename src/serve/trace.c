/* SPDX-License-Identifier: MIT */
/* Writing the trace: one line, one write. Refuses to show octets as they are. */
#include "serve/trace.h"

#include "serve/command.h"
#include "serve/escape.h"

#include <inttypes.h>
#include <string.h>

static void write_line(const struct serve_trace *trace, uint64_t session, char side, const char *data, size_t size,
                       const char *tail) {
    char text[SERVE_TRACE_OCTETS * SERVE_ESCAPED_MOST];
    char number[24] = "";
    size_t shown = serve_escape(data, size < SERVE_TRACE_OCTETS ? size : SERVE_TRACE_OCTETS, text);

    if (trace->numbers) {
        (void)snprintf(number, sizeof number, "%" PRIu64 " ", session);
    }
    (void)fprintf(trace->file, "%s%c: %.*s%s\n", number, side, (int)shown, text, tail);
    (void)fflush(trace->file);
}

static void write_client(const struct serve_trace *trace, uint64_t session, const char *line, size_t size,
                         size_t public) {
    size_t shown = trace->secrets ? size : public;
    const char *mask = shown == 0 ? "****" : " ****";

    write_line(trace, session, 'C', line, shown, shown < size ? mask : "");
}

void serve_trace_client(const struct serve_trace *trace, uint64_t session, const char *line, size_t size) {
    if (trace->file != NULL) {
        write_client(trace, session, line, size, serve_command_public(line, size));
    }
}

void serve_trace_response(const struct serve_trace *trace, uint64_t session, const char *line, size_t size) {
    if (trace->file != NULL) {
        write_client(trace, session, line, size, size == 1 && line[0] == '*' ? 1 : 0);
    }
}

static void flush_partial(const struct serve_trace *trace, uint64_t session, struct serve_trace_line *partial) {
    char tail[48] = "";

    if (partial->cut > 0) {
        (void)snprintf(tail, sizeof tail, " ... (%" PRIu64 " octets more)", partial->cut);
    }
    write_line(trace, session, 'S', partial->text, partial->size, tail);
    partial->size = 0;
    partial->cut = 0;
}

/* The CR of the line end is not content; any other CR is and gets shown. */
static void end_line(const struct serve_trace *trace, uint64_t session, struct serve_trace_line *partial) {
    if (partial->cut == 0 && partial->size > 0 && partial->text[partial->size - 1] == '\r') {
        partial->size--;
    }
    flush_partial(trace, session, partial);
}

void serve_trace_server(const struct serve_trace *trace, uint64_t session, struct serve_trace_line *partial,
                        const char *data, size_t size) {
    while (trace->file != NULL && size > 0) {
        const char *feed = memchr(data, '\n', size);
        size_t length = feed != NULL ? (size_t)(feed - data) : size;
        size_t room = sizeof partial->text - partial->size;
        size_t kept = length < room ? length : room;

        memcpy(partial->text + partial->size, data, kept);
        partial->size += kept;
        partial->cut += length - kept;
        if (feed != NULL) {
            end_line(trace, session, partial);
            length++;
        }
        data += length;
        size -= length;
    }
}

void serve_trace_end(const struct serve_trace *trace, uint64_t session, struct serve_trace_line *partial) {
    if (trace->file != NULL && partial->size > 0) {
        flush_partial(trace, session, partial);
    }
}
