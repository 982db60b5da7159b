/* SPDX-License-Identifier: MIT */
/* The output buffer of a connection. Refuses to know what is in it. */
#include "serve/output.h"

#include <string.h>

void serve_output_init(struct serve_output *output, bool lf_only) {
    output->produced = 0;
    output->sent = 0;
    output->lf_only = lf_only;
    output->held_cr = false;
    output->begin = 0;
    output->end = 0;
}

/* An octet in front of new data, for a CR that was held. */
static size_t slack(const struct serve_output *output) {
    return output->lf_only ? 1 : 0;
}

size_t serve_output_room(struct serve_output *output, char **where) {
    if (output->begin > 0 && (output->begin == output->end || output->end > sizeof output->data / 2)) {
        memmove(output->data, output->data + output->begin, output->end - output->begin);
        output->end -= output->begin;
        output->begin = 0;
    }
    *where = output->data + output->end + slack(output);
    return sizeof output->data - output->end - slack(output);
}

/* Drops each CR that a LF follows, also when they come in different pieces. */
static size_t strip_cr(struct serve_output *output, const char *data, size_t size) {
    char *out = output->data + output->end;
    const char *first = out;

    for (size_t i = 0; i < size; i++) {
        if (output->held_cr && data[i] != '\n') {
            *out++ = '\r';
        }
        output->held_cr = data[i] == '\r';
        if (!output->held_cr) {
            *out++ = data[i];
        }
    }
    return (size_t)(out - first);
}

void serve_output_commit(struct serve_output *output, size_t size) {
    if (output->lf_only) {
        size = strip_cr(output, output->data + output->end + slack(output), size);
    }
    output->end += size;
    output->produced += size;
}

size_t serve_output_waiting(const struct serve_output *output, const char **data) {
    *data = output->data + output->begin;
    return output->end - output->begin;
}

void serve_output_sent(struct serve_output *output, size_t size) {
    output->begin += size;
    output->sent += size;
}
