/* SPDX-License-Identifier: MIT */
/* Through volatile, so that the compiler neither drops the writes nor ends the comparison early. */
#include "auth/secret.h"

#include <stdint.h>

void pop3_wipe(void *memory, size_t n) {
    volatile uint8_t *octets = memory;

    for (size_t i = 0; i < n; i++) {
        octets[i] = 0;
    }
}

bool pop3_same_secret(const void *one, const void *other, size_t n) {
    const volatile uint8_t *a = one;
    const volatile uint8_t *b = other;
    unsigned difference = 0;

    for (size_t i = 0; i < n; i++) {
        difference |= (unsigned)a[i] ^ b[i];
    }
    return difference == 0;
}
