/* SPDX-License-Identifier: MIT */
/* The server's octets as text that a person may see. Knows no command. */
#include <string.h>

#include "client/client.h"
#include "text/safe.h"

/* Too short a secret stands everywhere: to mask it would tell more than it hides. */
enum { SECRET_LEAST = 4 };

static size_t find_secret(const char *secret, const char *text, size_t n) {
    size_t length = secret != NULL ? strlen(secret) : 0;

    return length >= SECRET_LEAST && length <= n && memcmp(text, secret, length) == 0 ? length : 0;
}

void client_safe_text(const pop3_client *client, char *out, size_t size, const char *text, size_t n) {
    struct safe_piece piece;
    size_t used;

    for (; n != 0; text += piece.used, n -= piece.used) {
        used = find_secret(client->options.password, text, n);
        used = used != 0 ? used : find_secret(client->options.token, text, n);
        piece = used != 0 ? (struct safe_piece){"***", 3, used} : safe_character(text, n);
        if (piece.length >= size) {
            break;
        }
        memcpy(out, piece.octets, piece.length);
        out += piece.length;
        size -= piece.length;
    }
    *out = '\0';
}
