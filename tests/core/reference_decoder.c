/* SPDX-License-Identifier: MIT */
/* Takes a body apart line by line, where a line ends with CRLF (in LF mode: with LF). Knows nothing of the engine. */
#include "reference_decoder.h"

#include <string.h>

/* Octets up to and including the line end; `length` if the last line has none. */
static size_t line_of(const char *wire, size_t length, bool lf_mode) {
    for (size_t i = 0; i < length; i++) {
        if (wire[i] == '\n' && (lf_mode || (i > 0 && wire[i - 1] == '\r'))) {
            return i + 1;
        }
    }
    return length;
}

static bool is(const char *line, size_t length, const char *what) {
    return length == strlen(what) && memcmp(line, what, length) == 0;
}

size_t reference_decode(const char *wire, size_t length, bool lf_mode, char *content, size_t *content_length) {
    *content_length = 0;
    for (size_t at = 0, n; at < length; at += n) {
        const char *line = wire + at;
        n = line_of(line, length - at, lf_mode);
        if (is(line, n, ".\r\n") || (lf_mode && is(line, n, ".\n"))) {
            return at + n;
        }
        if (at + n == length && (is(line, n, ".") || is(line, n, ".\r"))) {
            return 0;
        }
        size_t dot = line[0] == '.';
        memcpy(content + *content_length, line + dot, n - dot);
        *content_length += n - dot;
    }
    return 0;
}
