/* SPDX-License-Identifier: MIT */
/* Octets to printable text and back. Refuses to know a locale. */
#include "serve/escape.h"

#include <stdint.h>
#include <string.h>

static const char hex_digits[] = "0123456789ABCDEF";

size_t serve_escape(const char *data, size_t size, char *text) {
    char *out = text;

    for (size_t i = 0; i < size; i++) {
        unsigned char octet = (unsigned char)data[i];

        if (octet >= 0x20 && octet < 0x7F && octet != '\\') {
            *out++ = (char)octet;
            continue;
        }
        *out++ = '\\';
        *out++ = 'x';
        *out++ = hex_digits[octet >> 4];
        *out++ = hex_digits[octet & 15];
    }
    return (size_t)(out - text);
}

static int hex_value(char digit) {
    const char *found = digit != '\0' ? strchr(hex_digits, digit >= 'a' && digit <= 'f' ? digit - 0x20 : digit) : NULL;

    return found != NULL ? (int)(found - hex_digits) : -1;
}

/* The octet behind a backslash; advances *in past it. -1: no such escape. */
static int escaped_octet(const char **in, const char *end) {
    static const char names[] = "rnt0\\";
    static const char octets[] = "\r\n\t\0\\";
    const char *p = *in;

    if (end - p >= 3 && p[0] == 'x') {
        int high = hex_value(p[1]);
        int low = hex_value(p[2]);

        *in = p + 3;
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }
    const char *found = p < end && *p != '\0' ? strchr(names, *p) : NULL;

    *in = p + 1;
    return found != NULL ? octets[found - names] : -1;
}

size_t serve_unescape(char *text, size_t size) {
    const char *in = text;
    const char *end = text + size;
    char *out = text;

    while (in < end) {
        if (*in != '\\') {
            *out++ = *in++;
            continue;
        }
        in++;
        int octet = escaped_octet(&in, end);

        if (octet < 0) {
            return SIZE_MAX;
        }
        *out++ = (char)octet;
    }
    return (size_t)(out - text);
}
