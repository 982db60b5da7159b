/* SPDX-License-Identifier: MIT */
/*
 * src/text on anything that a stranger can send: what comes out is harmless by a second opinion, iconv's (A-14, R-OUT-01);
 * a header is the same however it is cut; a date lies between the years that are accepted.
 */
#define _POSIX_C_SOURCE 200809L
#include <iconv.h>
#include <stdint.h>
#include <string.h>

#include "require.h"
#include "text/date.h"
#include "text/fields.h"
#include "text/safe.h"
#include "text/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 8192 };

static bool is_harmless(uint32_t c) {
    static const uint32_t turning[] = {0x061C, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A, 0x202B,
                                       0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069};

    for (size_t i = 0; i < sizeof turning / sizeof turning[0]; i++) {
        if (c == turning[i]) {
            return false;
        }
    }
    return c >= 0x20 && (c < 0x7F || c > 0x9F);
}

/* Every character of the text, as iconv reads UTF-8. */
static void require_safe(const char *text, size_t n) {
    static char copy[SAFE_PIECE * MOST + 1];
    static uint32_t characters[SAFE_PIECE * MOST + 1];
    iconv_t converter = iconv_open("UTF-32LE", "UTF-8");
    char *in = copy;
    char *out = (char *)characters;
    size_t left = n;
    size_t room = sizeof characters;

    require(strlen(text) == n, "the length");
    memcpy(copy, text, n);
    require(converter != (iconv_t)-1, "iconv");
    require(iconv(converter, &in, &left, &out, &room) == 0 && left == 0, "UTF-8");
    for (size_t i = 0; i < (sizeof characters - room) / sizeof characters[0]; i++) {
        require(is_harmless(characters[i]), "harmless");
    }
    (void)iconv_close(converter);
}

static void texts(const char *text, size_t n, size_t limit) {
    static char whole[SAFE_PIECE * MOST + 1];
    static char again[SAFE_PIECE * MOST + 1];
    size_t length = safe_text(whole, sizeof whole, text, n);

    require_safe(whole, length);
    require(safe_text(again, sizeof again, whole, length) == length && strcmp(again, whole) == 0, "safe once is safe");
    length = safe_text(again, limit, text, n);
    require(length < limit && strncmp(again, whole, length) == 0, "a text that is cut is its beginning");
    require_safe(again, length);
    length = words_text(whole, sizeof whole, text, n);
    require_safe(whole, length);
    length = words_text(again, limit, text, n);
    require(length < limit && strncmp(again, whole, length) == 0, "words that are cut are their beginning");
}

static void headers(const char *text, size_t n, size_t piece) {
    static const char *const names[] = {"From", "Subject", "Date", NULL};
    static struct fields whole, cut;

    whole = cut = (struct fields){.names = names};
    fields_take(&whole, text, n);
    for (size_t at = 0; at < n; at += piece) {
        fields_take(&cut, text + at, piece < n - at ? piece : n - at);
    }
    for (size_t i = 0; names[i] != NULL; i++) {
        size_t length, same;
        const char *value = fields_value(&whole, i, &length);

        require(memcmp(value, fields_value(&cut, i, &same), length) == 0 && same == length, "however it is cut");
        require(memchr(value, '\n', length) == NULL, "unfolded");
    }
}

static void date(const char *text, size_t n) {
    enum { DAY = 86400 };
    int64_t seconds;

    if (date_read(text, n, &seconds)) {
        require(seconds > -INT64_C(25570) * DAY && seconds < INT64_C(2932903) * DAY, "1900 to 9999");
    }
}

/* The first octet says how things are cut. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t cut = size != 0 ? data[0] + 1U : 1;
    size_t n = size != 0 ? size - 1 : 0;
    char *text;

    n = n < MOST ? n : MOST;
    text = malloc(n + (n == 0)); /* to the octet: a read behind it is seen */
    require(text != NULL, "no memory");
    if (n != 0) {
        memcpy(text, data + 1, n);
    }
    texts(text, n, cut);
    headers(text, n, cut);
    date(text, n);
    free(text);
    return 0;
}
