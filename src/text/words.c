/* SPDX-License-Identifier: MIT */
/*
 * Encoded words (RFC 2047). Neighbours of one charset are put together before they are converted, for many programs cut
 * characters in two between them. Refuses charsets that are not listed: a stranger must not choose what iconv loads.
 */
#define _POSIX_C_SOURCE 200809L

#include "text/words.h"

#include <satchel/pop3_sasl.h>

#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "text/safe.h"

/* ---- Charsets ---- */

/* By name, or by what begins it and is followed by digits alone. */
static const struct {
    const char *name;
    const char *known_as; /* to iconv; NULL: the same */
    bool numbered;
} charsets[] = {
    {"iso-8859-", NULL, true},    {"windows-", NULL, true},
    {"cp", NULL, true},           {"koi8-r", NULL, false},
    {"koi8-u", NULL, false},      {"tis-620", NULL, false},
    {"gb2312", "gbk", false},     {"gbk", NULL, false},
    {"gb18030", NULL, false},     {"big5", NULL, false},
    {"shift_jis", NULL, false},   {"euc-jp", NULL, false},
    {"euc-kr", NULL, false},      {"ks_c_5601-1987", "euc-kr", false},
    {"iso-2022-jp", NULL, false},
};

static bool is_utf8(const char *charset) {
    return strcasecmp(charset, "utf-8") == 0 || strcasecmp(charset, "us-ascii") == 0;
}

/* What iconv calls it; NULL: not to be converted. */
static const char *find_charset(const char *charset) {
    for (size_t i = 0; i < sizeof charsets / sizeof charsets[0]; i++) {
        size_t n = strlen(charsets[i].name);
        bool same = charsets[i].numbered ? strncasecmp(charset, charsets[i].name, n) == 0 && charset[n] != '\0' &&
                                               charset[n + strspn(charset + n, "0123456789")] == '\0'
                                         : strcasecmp(charset, charsets[i].name) == 0;
        if (same) {
            return charsets[i].known_as != NULL ? charsets[i].known_as : charset;
        }
    }
    return NULL;
}

/* ---- A word ---- */

enum { CHARSET_MOST = 40 };

struct word {
    char charset[CHARSET_MOST]; /* without the language of RFC 2231 section 5 */
    char encoding;              /* 'B' or 'Q' */
    const char *text;
    size_t length;
    size_t whole; /* octets from "=?" to "?=" */
};

/* Up to the next '?' nothing but what a token or an encoded text may have: no blank, no control. */
static size_t part(const char *at, const char *end) {
    const char *stop = at;

    while (stop<end && * stop> ' ' && *stop < 0x7F && *stop != '?') {
        stop++;
    }
    return stop < end && *stop == '?' ? (size_t)(stop - at) : 0;
}

/* The word that begins at `at`; false: there is none. */
static bool read_word(const char *at, const char *end, struct word *word) {
    const char *begin = at;
    size_t n;
    size_t charset;

    if (end - at < 2 || memcmp(at, "=?", 2) != 0) {
        return false;
    }
    at += 2;
    n = part(at, end);
    charset = n;
    for (size_t i = 0; i < n; i++) {
        charset = i < charset && at[i] == '*' ? i : charset;
    }
    if (charset == 0 || charset >= CHARSET_MOST || end - at < (ptrdiff_t)n + 3 || at[n + 2] != '?' ||
        strchr("bBqQ", at[n + 1]) == NULL) {
        return false;
    }
    memcpy(word->charset, at, charset);
    word->charset[charset] = '\0';
    word->encoding = at[n + 1] == 'b' || at[n + 1] == 'B' ? 'B' : 'Q';
    word->text = at + n + 3;
    word->length = part(word->text, end);
    at = word->text + word->length;
    word->whole = (size_t)(at - begin) + 2;
    return end - at >= 2 && memcmp(at, "?=", 2) == 0 && (is_utf8(word->charset) || find_charset(word->charset) != NULL);
}

static int hex_digit(char digit) {
    static const char digits[] = "0123456789ABCDEFabcdef";
    const char *found = digit != '\0' ? strchr(digits, digit) : NULL;
    int value = found != NULL ? (int)(found - digits) : -1;

    return value > 15 ? value - 6 : value;
}

/* What is no escape stays. */
static size_t decode_q(const struct word *word, char *out) {
    size_t n = 0;

    for (size_t i = 0; i < word->length; i++) {
        const char *at = word->text + i;
        int high = *at == '=' && word->length - i > 2 ? hex_digit(at[1]) : -1;
        int low = high >= 0 ? hex_digit(at[2]) : -1;

        if (low >= 0) {
            out[n++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[n++] = *at == '_' ? ' ' : *at;
        }
    }
    return n;
}

/* Octets of the word, never more than it has itself; false: its base64 is broken. */
static bool decode(const struct word *word, char *out, size_t *n) {
    if (word->encoding == 'Q') {
        *n = decode_q(word, out);
        return true;
    }
    return pop3_base64_decode(word->text, word->length, out, n);
}

/* ---- A value ---- */

struct value {
    char text[2 * WORDS_MOST]; /* UTF-8, perhaps */
    size_t used;
    char charset[CHARSET_MOST]; /* of what is pending */
    char pending[WORDS_MOST];
    size_t pending_length;
};

static void add(struct value *value, const char *octets, size_t n) {
    size_t space = sizeof value->text - value->used;

    n = n < space ? n : space;
    memcpy(value->text + value->used, octets, n);
    value->used += n;
}

/* What cannot be converted becomes U+FFFD. */
static void convert(struct value *value, iconv_t converter) {
    static const char replacement[] = "\xEF\xBF\xBD";
    char *in = value->pending;
    size_t left = value->pending_length;

    while (left != 0) {
        char *out = value->text + value->used;
        size_t space = sizeof value->text - value->used;
        size_t result = iconv(converter, &in, &left, &out, &space);

        value->used = (size_t)(out - value->text);
        if (result == (size_t)-1 && errno == E2BIG) {
            return;
        }
        if (left != 0) {
            add(value, replacement, sizeof replacement - 1);
            in++;
            left--;
        }
    }
}

/* A charset that this machine's iconv does not know leaves the octets as they are. */
static void flush(struct value *value) {
    const char *name = value->pending_length != 0 ? find_charset(value->charset) : NULL;
    iconv_t converter = name != NULL ? iconv_open("UTF-8", name) : (iconv_t)-1;

    if (converter == (iconv_t)-1) {
        add(value, value->pending, value->pending_length);
    } else {
        convert(value, converter);
        (void)iconv_close(converter);
    }
    value->pending_length = 0;
} /* NOLINT(-Wanalyzer-malloc-leak): where it is -1 there is nothing to be closed */

/* Takes the word's octets to those that wait; false: it is none after all. */
static bool take_word(struct value *value, const struct word *word) {
    char octets[WORDS_MOST];
    size_t n;

    if (!decode(word, octets, &n)) {
        return false;
    }
    if (strcasecmp(value->charset, word->charset) != 0) {
        flush(value);
        memcpy(value->charset, word->charset, sizeof value->charset);
    }
    memcpy(value->pending + value->pending_length, octets, n);
    value->pending_length += n;
    return true;
}

static size_t blanks(const char *at, const char *end) {
    const char *begin = at;

    while (at < end && (*at == ' ' || *at == '\t')) {
        at++;
    }
    return (size_t)(at - begin);
}

size_t words_text(char *out, size_t size, const char *value, size_t n) {
    struct value self = {.used = 0};
    const char *end = value + (n < WORDS_MOST ? n : WORDS_MOST - 1);
    struct word word;

    while (value < end) {
        size_t gap = self.pending_length != 0 ? blanks(value, end) : 0; /* between two words it is none */
        size_t step = gap + (gap < (size_t)(end - value));

        if (read_word(value + gap, end, &word) && take_word(&self, &word)) {
            step = gap + word.whole;
        } else {
            flush(&self);
            add(&self, value, step);
        }
        value += step;
    }
    flush(&self);
    return safe_text(out, size, self.text, self.used);
}
