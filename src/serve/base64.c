/* SPDX-License-Identifier: MIT */
/* OpenSSL's base64, made strict. Refuses to know what is in it. */
#include "serve/base64.h"

#include "serve/secret.h"

#include <openssl/evp.h>
#include <string.h>

size_t serve_base64_encode(const void *data, size_t size, char *text) {
    return (size_t)EVP_EncodeBlock((unsigned char *)text, data, (int)size);
}

static size_t padding(struct serve_span text) {
    size_t count = 0;

    while (count < 2 && count < text.size && text.data[text.size - 1 - count] == '=') {
        count++;
    }
    return count;
}

/* OpenSSL overlooks blanks and stray bits: what does not come out again as it went in is no base64. */
bool serve_base64_decode(struct serve_span text, char *octets, size_t *size) {
    char again[SERVE_BASE64_MOST + 1];

    *size = 0;
    if (text.size == 0) {
        return true;
    }
    if (text.size > SERVE_BASE64_MOST || text.size % 4 != 0 ||
        EVP_DecodeBlock((unsigned char *)octets, (const unsigned char *)text.data, (int)text.size) < 0) {
        return false;
    }
    *size = text.size / 4 * 3 - padding(text);
    bool same = serve_base64_encode(octets, *size, again) == text.size && memcmp(again, text.data, text.size) == 0;

    serve_wipe(again, sizeof again);
    return same;
}
