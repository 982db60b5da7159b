/* SPDX-License-Identifier: MIT */
/* Octets that wait to be sent: a bounded buffer that counts all that went through. Refuses to send and to wait. */
#ifndef SATCHEL_SERVE_OUTPUT_H
#define SATCHEL_SERVE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERVE_OUTPUT_OCTETS 65536

struct serve_output {
    uint64_t produced; /* octets ever put in, as they go to the wire */
    uint64_t sent;
    bool lf_only; /* CRLF becomes LF on its way in */
    bool held_cr; /* lf_only: a CR whose next octet is not known yet */
    size_t begin;
    size_t end;
    char data[SERVE_OUTPUT_OCTETS];
};

void serve_output_init(struct serve_output *output, bool lf_only);

/* Room for that many octets now, and where to write them; commit what was written. */
size_t serve_output_room(struct serve_output *output, char **where);
void serve_output_commit(struct serve_output *output, size_t size);

/* What waits, and taking it away. */
size_t serve_output_waiting(const struct serve_output *output, const char **data);
void serve_output_sent(struct serve_output *output, size_t size);

#endif
