/* SPDX-License-Identifier: MIT */
/*
 * A message on its way to the wire: line ends made CRLF (or left alone), dots stuffed, a number of lines at most.
 * Refuses to know maildrops and connections: content comes from memory or from a descriptor.
 */
#ifndef SATCHEL_SERVE_BODY_H
#define SATCHEL_SERVE_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERVE_ALL_LINES UINT64_MAX

struct serve_body_style {
    bool octets;     /* content as it is; otherwise each LF without a CR becomes CRLF */
    bool stuff;      /* a dot at the start of a line is doubled */
    bool lf_lines;   /* a line also starts behind a bare LF */
    bool final_crlf; /* content that does not end a line gets a CRLF */
    uint64_t lines;  /* lines behind the header (RFC 1939 section 7, TOP); SERVE_ALL_LINES for all */
};

struct serve_body {
    struct serve_body_style style;
    int fd; /* -1: content is in memory, all of it in next..end */
    const char *next;
    const char *end;
    uint64_t lines_left;
    bool in_header;
    bool line_start;
    bool line_empty; /* nothing but perhaps a CR on this line yet */
    bool after_cr;
    bool done;
    bool failed; /* the descriptor could not be read to its end: what came out is not the message */
    char buffer[16384];
};

void serve_body_from_text(struct serve_body *body, struct serve_body_style style, const char *text, size_t size);

/* Takes over the descriptor. */
void serve_body_from_file(struct serve_body *body, struct serve_body_style style, int fd);

/* Fills `room` (8 octets or more); fewer octets than asked for are no end, done is. */
size_t serve_body_read(struct serve_body *body, char *room, size_t size);

/* Octets of all that is left, or UINT64_MAX after a read error. Closes. */
uint64_t serve_body_measure(struct serve_body *body);

/* May be called more than once. */
void serve_body_close(struct serve_body *body);

#endif
