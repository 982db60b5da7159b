/* SPDX-License-Identifier: MIT */
#include "mix.h"

#include <string.h>

void mix(const pop3_span *spans, size_t n, size_t size, uint8_t *out) {
    uint32_t state = 2166136261U;

    for (size_t span = 0; span < n; span++) {
        for (size_t i = 0; i < spans[span].length; i++) {
            state = (state ^ ((const uint8_t *)spans[span].data)[i]) * 16777619U;
        }
    }
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525U + 1013904223U;
        out[i] = (uint8_t)(state >> 24);
    }
}

void mix_16(const pop3_span *spans, size_t n, uint8_t *out) {
    mix(spans, n, 16, out);
}

void mix_20(const pop3_span *spans, size_t n, uint8_t *out) {
    mix(spans, n, 20, out);
}

void mix_32(const pop3_span *spans, size_t n, uint8_t *out) {
    mix(spans, n, 32, out);
}

bool mix_nothing(void *out, size_t n) {
    memset(out, 0, n);
    return true;
}
