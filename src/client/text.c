/* SPDX-License-Identifier: MIT */
/* The server's octets as text that a person may see. Knows no command. */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "client/client.h"
#include "text/safe.h"

/*
 * Too short a secret stands everywhere: to mask it would tell more than it hides. Where the text was cut, its end may be
 * the beginning of a secret.
 */
enum { SECRET_LEAST = 4, BEGINNING_LEAST = 8 };

static size_t find_secret(const char *secret, const char *text, size_t n) {
    size_t length = secret != NULL ? strlen(secret) : 0;
    size_t least = SECRET_LEAST;

    if (length > n) {
        length = n;
        least = BEGINNING_LEAST;
    }
    return length >= least && memcmp(text, secret, length) == 0 ? length : 0;
}

/*
 * What base64 shows of a secret that stands behind so many octets of another group: from the first digit that is the
 * secret's alone to the last one. NULL: no memory.
 */
static char *in_base64(const char *secret, size_t before) {
    size_t n = strlen(secret);
    char *text = malloc(POP3_BASE64_LENGTH(before + n) + 1);
    size_t first = (before * 8 + 5) / 6;
    size_t end = (before + n) * 8 / 6;

    if (text == NULL) {
        return NULL;
    }
    memset(text, 0, before);
    memcpy(text + before, secret, n);
    (void)pop3_base64_encode(text, before + n, text);
    memmove(text, text + first, end - first);
    OPENSSL_cleanse(text + end - first, first);
    text[end - first] = '\0';
    return text;
}

bool client_know_secrets(pop3_client *client) {
    const char *const secrets[] = {client->options.password, client->options.token};

    for (size_t i = 0; i < CLIENT_DISGUISES; i++) {
        const char *secret = secrets[i / 3];
        if (secret == NULL || strlen(secret) < SECRET_LEAST) {
            continue;
        }
        client->disguises[i] = in_base64(secret, i % 3);
        if (client->disguises[i] == NULL) {
            return false;
        }
    }
    return true;
}

/* A server that does not know AUTH repeats its response as it came. */
static size_t find_any(const pop3_client *client, const char *text, size_t n) {
    size_t found = find_secret(client->options.password, text, n);

    found = found != 0 ? found : find_secret(client->options.token, text, n);
    for (size_t i = 0; found == 0 && i < CLIENT_DISGUISES; i++) {
        found = find_secret(client->disguises[i], text, n);
    }
    return found;
}

void client_safe_text(const pop3_client *client, char *out, size_t size, const char *text, size_t n) {
    struct safe_piece piece;
    size_t used;

    for (; n != 0; text += piece.used, n -= piece.used) {
        used = find_any(client, text, n);
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
