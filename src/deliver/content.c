/* SPDX-License-Identifier: MIT */
/* Line ends and digests in one pass over octets that are in the cache. Refuses to keep any of them but one CR. */
#include "deliver/content.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

struct deliver_content {
    const uint8_t *secret;
    XXH3_state_t *digest;
    bool cr;         /* the last octet was a CR, not given yet */
    bool in_header;  /* no empty line so far */
    bool line_start; /* the next octet begins a line */
    uint8_t header[DELIVER_DIGEST_SIZE];
};

struct deliver_content *deliver_content_new(const uint8_t secret[DELIVER_SECRET_SIZE]) {
    struct deliver_content *content = calloc(1, sizeof *content);

    if (content == NULL) {
        return NULL;
    }
    content->secret = secret;
    content->digest = XXH3_createState();
    if (content->digest == NULL) {
        free(content);
        return NULL;
    }
    return content;
}

void deliver_content_free(struct deliver_content *content) {
    if (content != NULL) {
        (void)XXH3_freeState(content->digest);
        free(content);
    }
}

void deliver_content_begin(struct deliver_content *content) {
    (void)XXH3_128bits_reset_withSecret(content->digest, content->secret, DELIVER_SECRET_SIZE);
    content->cr = false;
    content->in_header = true;
    content->line_start = true;
}

static void digest_so_far(const struct deliver_content *content, uint8_t out[DELIVER_DIGEST_SIZE]) {
    XXH128_canonical_t canonical;

    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(content->digest));
    memcpy(out, canonical.digest, DELIVER_DIGEST_SIZE);
}

/* The octets of text before its first empty line, n if there is none. */
static size_t header_length(struct deliver_content *content, const uint8_t *text, size_t n) {
    size_t at = 0;

    while (at < n) {
        const uint8_t *end;

        if (content->line_start && text[at] == '\n') {
            content->in_header = false;
            return at;
        }
        end = memchr(text + at, '\n', n - at);
        content->line_start = end != NULL;
        at = end != NULL ? (size_t)(end - text) + 1 : n;
    }
    return n;
}

static void digest(struct deliver_content *content, const uint8_t *text, size_t n) {
    if (content->in_header) {
        size_t header = header_length(content, text, n);

        (void)XXH3_128bits_update(content->digest, text, header);
        if (!content->in_header) {
            digest_so_far(content, content->header);
        }
        text += header;
        n -= header;
    }
    (void)XXH3_128bits_update(content->digest, text, n);
}

/* Copies up to the first CR; whole vectors are written, so out has 16 octets more than in. Returns the octets before it. */
static size_t copy_to_cr(const uint8_t *in, size_t n, uint8_t *out) {
    size_t at = 0;

#if defined(__SSE2__)
    for (; n - at >= 16; at += 16) {
        __m128i octets = _mm_loadu_si128((const __m128i *)(const void *)(in + at));
        unsigned found = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(octets, _mm_set1_epi8('\r')));

        _mm_storeu_si128((__m128i *)(void *)(out + at), octets);
        if (found != 0) {
            return at + (unsigned)__builtin_ctz(found);
        }
    }
#endif
    const uint8_t *cr = memchr(in + at, '\r', n - at);
    size_t rest = cr != NULL ? (size_t)(cr - in) - at : n - at;

    memcpy(out + at, in + at, rest);
    return at + rest;
}

size_t deliver_content_take(struct deliver_content *content, const void *in, size_t n, uint8_t *out) {
    const uint8_t *at = in;
    const uint8_t *end = at + n;
    uint8_t *to = out;

    if (content->cr && n > 0) {
        if (*at != '\n') {
            *to++ = '\r';
        }
        content->cr = false;
    }
    while (at < end) {
        size_t plain = copy_to_cr(at, (size_t)(end - at), to);

        at += plain;
        to += plain;
        if (at < end) {
            at++;
            if (at == end) {
                content->cr = true;
            } else if (*at != '\n') {
                *to++ = '\r';
            }
        }
    }
    digest(content, out, (size_t)(to - out));
    return (size_t)(to - out);
}

size_t deliver_content_end(struct deliver_content *content, uint8_t *out, struct deliver_digests *digests) {
    size_t n = content->cr ? 1 : 0;

    if (n > 0) {
        *out = '\r';
        digest(content, out, n);
        content->cr = false;
    }
    digest_so_far(content, digests->content);
    if (content->in_header) {
        memcpy(digests->header, digests->content, DELIVER_DIGEST_SIZE);
    } else {
        memcpy(digests->header, content->header, DELIVER_DIGEST_SIZE);
    }
    return n;
}
