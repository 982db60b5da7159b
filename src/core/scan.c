/* SPDX-License-Identifier: MIT */
/* The one search that decides how fast a body is decoded: the next LF with a dot behind it. */
#include "core/scan.h"

#if POP3_ENGINE_SCAN

#include <string.h>

#if defined(__SSE2__) && !defined(POP3_ENGINE_PORTABLE)
#include <emmintrin.h>

enum { STEP = sizeof(__m128i) };

/* All ones in each of the 16 octets at p that is an LF with a dot behind it; reads 17 octets. */
static __m128i lf_dots(const char *p) {
    __m128i lf = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)p), _mm_set1_epi8('\n'));
    __m128i dot = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(p + 1)), _mm_set1_epi8('.'));
    return _mm_and_si128(lf, dot);
}

/* Steps over 64 octets at a time while none of them is a hit. */
static const char *skip_blocks(const char *p, const char *end) {
    while (end - p > 4 * STEP) {
        __m128i low = _mm_or_si128(lf_dots(p), lf_dots(p + STEP));
        __m128i high = _mm_or_si128(lf_dots(p + 2 * STEP), lf_dots(p + 3 * STEP));
        if (_mm_movemask_epi8(_mm_or_si128(low, high)) != 0) {
            break;
        }
        p += 4 * STEP;
    }
    return p;
}

static const char *find_lf_dot(const char *p, const char *end) {
    for (p = skip_blocks(p, end); end - p > STEP; p += STEP) {
        unsigned hits = (unsigned)_mm_movemask_epi8(lf_dots(p));
        if (hits != 0) {
            return p + __builtin_ctz(hits);
        }
    }
    for (; end - p > 1; p++) {
        if (p[0] == '\n' && p[1] == '.') {
            return p;
        }
    }
    return NULL;
}

#else

static const char *find_lf_dot(const char *p, const char *end) {
    while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        if (++p == end) {
            return NULL;
        }
        if (*p == '.') {
            return p - 1;
        }
    }
    return NULL;
}

#endif

/* The state at an LF depends on the two octets before it at most, and so does the state at the end of the input. */
const char *pop3_skip_text(const char *p, const char *end) {
    const char *lf = end - p > 1 ? find_lf_dot(p + 1, end) : NULL;
    const char *target = lf != NULL ? lf : end - 1;

    return target - p > 2 ? target - 2 : p;
}

#else

typedef int pop3_scan_is_left_out; /* ISO C wants a declaration in every file */

#endif
