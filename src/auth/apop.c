/* SPDX-License-Identifier: MIT */
/* MD5 over the timestamp and the shared secret, in hex. */
#include <satchel/pop3_digest.h>

void pop3_apop_digest(const pop3_span message[2], pop3_digest *md5, char hex[POP3_APOP_HEX + 1]) {
    uint8_t *octets = (uint8_t *)hex + POP3_APOP_HEX / 2; /* in the second half each is read before it is overwritten */

    md5(message, 2, octets);
    for (unsigned i = 0; i < POP3_APOP_HEX; i++) {
        unsigned nibble = i % 2 == 0 ? octets[i / 2] >> 4 : octets[i / 2] & 0xFU;
        hex[i] = (char)(nibble + (nibble < 10 ? '0' : 'a' - 10));
    }
    hex[POP3_APOP_HEX] = '\0';
}
