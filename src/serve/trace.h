/* SPDX-License-Identifier: MIT */
/* The dialogue as lines "C: " and "S: ", escaped, cut and without secrets. Refuses to know what the lines mean. */
#ifndef SATCHEL_SERVE_TRACE_H
#define SATCHEL_SERVE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SERVE_TRACE_OCTETS 1024 /* of a line that are shown */

struct serve_trace {
    FILE *file;   /* NULL: no trace */
    bool secrets; /* show what follows PASS and the like */
    bool numbers; /* begin each line with the number of its session */
};

/* A server line that is not complete yet. */
struct serve_trace_line {
    size_t size;
    uint64_t cut; /* octets that are not in `text` */
    char text[SERVE_TRACE_OCTETS];
};

void serve_trace_client(const struct serve_trace *trace, uint64_t session, const char *line, size_t size);
/* A line within AUTH: only "*" is no secret. */
void serve_trace_response(const struct serve_trace *trace, uint64_t session, const char *line, size_t size);
void serve_trace_server(const struct serve_trace *trace, uint64_t session, struct serve_trace_line *partial,
                        const char *data, size_t size);

/* Shows what the server left without a line end. */
void serve_trace_end(const struct serve_trace *trace, uint64_t session, struct serve_trace_line *partial);

#endif
