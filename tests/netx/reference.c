/* SPDX-License-Identifier: MIT */
/* Lines end with CRLF and with nothing else. */
#include "reference.h"

#include <string.h>

size_t reference_decode(const char *wire, size_t n, char *out, size_t *length) {
    *length = 0;
    for (size_t start = 0, end; start < n; start = end) {
        for (end = start + 1; end < n && !(wire[end - 1] == '\r' && wire[end] == '\n'); end++) {}
        end += end < n ? 1 : 0;
        if (end - start == 3 && memcmp(wire + start, ".\r\n", 3) == 0) {
            return end;
        }
        start += wire[start] == '.' ? 1 : 0;
        memcpy(out + *length, wire + start, end - start);
        *length += end - start;
    }
    return 0;
}

size_t reference_encode(const char *content, size_t n, char *out) {
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        if (content[i] == '.' && (i == 0 || (i > 1 && content[i - 2] == '\r' && content[i - 1] == '\n'))) {
            out[at++] = '.';
        }
        out[at++] = content[i];
    }
    memcpy(out + at, ".\r\n", 3);
    return at + 3;
}
