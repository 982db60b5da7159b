/* SPDX-License-Identifier: MIT */
/* MD5 over the timestamp and the shared secret, in hex. */
#include "auth/apop.h"

#include <string.h>

void pop3_apop_digest(pop3_span timestamp, const char *secret, pop3_digest *md5, char hex[POP3_APOP_HEX]) {
    const pop3_span message[] = {timestamp, {secret, strlen(secret)}};
    uint8_t octets[POP3_APOP_HEX / 2];

    md5(message, 2, octets);
    for (size_t i = 0; i < POP3_APOP_HEX; i++) {
        unsigned nibble = i % 2 == 0 ? octets[i / 2] >> 4 : octets[i / 2] & 0xFU;
        hex[i] = (char)(nibble < 10 ? '0' + nibble : 'a' - 10 + nibble);
    }
}
