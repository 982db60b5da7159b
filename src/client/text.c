/* SPDX-License-Identifier: MIT */
/* The server's octets as text that a person may see. Knows no command. */
#include <stdio.h>
#include <string.h>

#include "client/client.h"

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

/* Too short a secret stands everywhere: to mask it would tell more than it hides. */
enum { SECRET_LEAST = 4 };

static size_t find_secret(const char *secret, const char *text, size_t n) {
    size_t length = secret != NULL ? strlen(secret) : 0;

    return length >= SECRET_LEAST && length <= n && memcmp(text, secret, length) == 0 ? length : 0;
}

void client_safe_text(const pop3_client *client, char *out, size_t size, const char *text, size_t n) {
    size_t used;

    for (; n != 0; text += used, n -= used) {
        uint32_t character = 0;
        char escaped[8];
        const char *put = text;
        size_t length = read_character(text, n, &character);

        used = find_secret(client->options.password, text, n);
        used = used != 0 ? used : find_secret(client->options.token, text, n);
        if (used != 0) {
            put = "***";
            length = 3;
        } else if (length == 0 || is_harmful(character)) {
            length = (size_t)snprintf(escaped, sizeof escaped, "\\x%02X", (unsigned)(unsigned char)*text);
            put = escaped;
            used = 1;
        } else {
            used = length;
        }
        if (length >= size) {
            break;
        }
        memcpy(out, put, length);
        out += length;
        size -= length;
    }
    *out = '\0';
}
