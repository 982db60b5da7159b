/* SPDX-License-Identifier: MIT */
/* Base64 (RFC 4648 section 4), strict (R-5034-07), in place in both directions. Knows no mechanism. */
#include <satchel/pop3_sasl.h>

static char digit_of(uint32_t value) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    return digits[value & 0x3FU];
}

/* 64: no digit. */
static unsigned value_of(char digit) {
    if (digit >= 'A' && digit <= 'Z') {
        return (unsigned)(digit - 'A');
    }
    if (digit >= 'a' && digit <= 'z') {
        return (unsigned)(digit - 'a') + 26;
    }
    if (digit >= '0' && digit <= '9') {
        return (unsigned)(digit - '0') + 52;
    }
    return digit == '+' ? 62 : digit == '/' ? 63 : 64;
}

/* The last group first: what a group becomes never reaches the octets before it. */
size_t pop3_base64_encode(const void *octets, size_t n, char *out) {
    const uint8_t *in = octets;

    for (size_t group = (n + 2) / 3; group-- > 0;) {
        const uint8_t *from = in + 3 * group;
        char *to = out + 4 * group;
        size_t left = n - 3 * group;
        uint32_t bits = (uint32_t)from[0] << 16;

        bits |= left > 1 ? (uint32_t)from[1] << 8 : 0;
        bits |= left > 2 ? from[2] : 0;
        to[0] = digit_of(bits >> 18);
        to[1] = digit_of(bits >> 12);
        to[2] = left > 1 ? digit_of(bits >> 6) : '=';
        to[3] = left > 2 ? digit_of(bits) : '=';
    }
    return POP3_BASE64_LENGTH(n);
}

/* The octets of four digits, the last `padding` of which are none; returns how many, 0 if they are wrong. */
static size_t decode_group(const char *from, size_t padding, uint8_t *to) {
    uint32_t bits = 0;

    for (size_t i = 0; i < 4; i++) {
        unsigned value = i < 4 - padding ? value_of(from[i]) : 0;
        if (value > 63) {
            return 0;
        }
        bits = bits << 6 | value;
    }
    if ((bits & ((UINT32_C(1) << 8 * padding) - 1)) != 0) {
        return 0;
    }
    for (size_t i = 0; i < 3 - padding; i++) {
        to[i] = (uint8_t)(bits >> (16 - 8 * i));
    }
    return 3 - padding;
}

bool pop3_base64_decode(const char *base64, size_t n, void *out, size_t *length) {
    uint8_t *to = out;
    size_t padding = 0;

    *length = 0;
    if (n % 4 != 0) {
        return false;
    }
    if (n != 0 && base64[n - 1] == '=') {
        padding = base64[n - 2] == '=' ? 2 : 1;
    }
    for (size_t at = 0; at < n; at += 4) {
        size_t octets = decode_group(base64 + at, at + 4 == n ? padding : 0, to + *length);
        if (octets == 0) {
            return false;
        }
        *length += octets;
    }
    return true;
}
