/* SPDX-License-Identifier: MIT */
/* Octets as text that a person may see. Knows no terminal and no locale. */
#include "text/safe.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Octets of the valid UTF-8 character at text (RFC 3629), and which it is; 0: there is none. */
static size_t read_character(const char *text, size_t n, uint32_t *character) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)text[0];
    size_t length = first < 0x80 ? 1 : first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF8 ? 4 : 0;

    if (length == 0 || length > n) {
        return 0;
    }
    *character = length == 1 ? first : first & (0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        unsigned char octet = (unsigned char)text[i];
        if ((octet & 0xC0U) != 0x80) {
            return 0;
        }
        *character = *character << 6 | (octet & 0x3FU);
    }
    if (*character < least[length] || *character > 0x10FFFF || (*character >= 0xD800 && *character <= 0xDFFF)) {
        return 0;
    }
    return length;
}

/* Controls, line and paragraph separators, and what changes the direction of text. */
static bool is_harmful(uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

static struct safe_piece escaped(unsigned char octet) {
    static const char digits[] = "0123456789ABCDEF";

    return (struct safe_piece){{'\\', 'x', digits[octet >> 4], digits[octet & 15]}, SAFE_PIECE, 1};
}

struct safe_piece safe_character(const char *text, size_t n) {
    struct safe_piece piece;
    uint32_t character = 0;
    size_t length = read_character(text, n, &character);

    if (length == 0 || is_harmful(character)) {
        return escaped((unsigned char)text[0]);
    }
    memcpy(piece.octets, text, length);
    piece.length = piece.used = length;
    return piece;
}

struct safe_piece safe_ascii(const char *text, size_t n) {
    return (unsigned char)text[0] < 0x80 ? safe_character(text, n) : escaped((unsigned char)text[0]);
}

size_t safe_text(char *out, size_t size, const char *text, size_t n) {
    size_t used = 0;

    while (n != 0) {
        struct safe_piece piece = safe_character(text, n);

        if (piece.length >= size - used) {
            break;
        }
        memcpy(out + used, piece.octets, piece.length);
        used += piece.length;
        text += piece.used;
        n -= piece.used;
    }
    out[used] = '\0';
    return used;
}
