/* SPDX-License-Identifier: MIT */
/* SipHash-2-4 (Aumasson, Bernstein): servers choose the uids, so the table's hash needs a key. Refuses to know of tables. */
#define _DEFAULT_SOURCE /* le64toh */

#include "state/internal.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

struct sip {
    uint64_t v[4];
};

static uint64_t rotate(uint64_t word, unsigned bits) {
    return word << bits | word >> (64 - bits);
}

static inline void round_twice(struct sip *sip) {
    uint64_t *v = sip->v;

    for (int i = 0; i < 2; i++) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

static uint64_t little_endian(const uint8_t *octets, size_t size) {
    uint64_t word = 0;

    memcpy(&word, octets, size);
    return le64toh(word);
}

static void absorb(struct sip *sip, uint64_t word) {
    sip->v[3] ^= word;
    round_twice(sip);
    sip->v[0] ^= word;
}

uint64_t state_siphash(const uint8_t key[16], const void *octets, size_t size) {
    const uint8_t *at = octets;
    size_t whole = size / 8 * 8;
    uint64_t k0 = little_endian(key, 8);
    uint64_t k1 = little_endian(key + 8, 8);
    struct sip sip = {
        {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573}};

    for (size_t i = 0; i < whole; i += 8) {
        absorb(&sip, little_endian(at + i, 8));
    }
    absorb(&sip, (uint64_t)size << 56 | little_endian(at + whole, size - whole));
    sip.v[2] ^= 0xFF;
    round_twice(&sip);
    round_twice(&sip);
    return sip.v[0] ^ sip.v[1] ^ sip.v[2] ^ sip.v[3];
}

bool state_random(void *out, size_t size, struct state_error *error) {
    /* Up to 256 octets come whole, and are never cut by a signal: getrandom(2). */
    if (getrandom(out, size, 0) == (ssize_t)size) {
        return true;
    }
    return state_fail_errno(error, errno, "no random octets from", "getrandom", "");
}
