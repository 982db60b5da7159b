/* SPDX-License-Identifier: MIT */
/* SECONDS.MmicrosecondsQrun_id.host: the time keeps the order, the id makes it unique and findable (D-07). */
#define _POSIX_C_SOURCE 200809L

#include "deliver/name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define US_PER_S UINT64_C(1000000)
#define HEX_SIZE ((size_t)2 * DELIVER_ID_SIZE)

void deliver_host(char out[DELIVER_HOST_SIZE]) {
    if (gethostname(out, DELIVER_HOST_SIZE) != 0 || out[0] == '\0') {
        (void)snprintf(out, DELIVER_HOST_SIZE, "localhost");
    }
    out[DELIVER_HOST_SIZE - 1] = '\0';
    for (char *at = out; *at != '\0'; at++) {
        if (*at == '/' || *at == ':' || *at == ',' || *at <= ' ' || *at > '~') {
            *at = '_';
        }
    }
}

static uint64_t now_us(void) {
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * US_PER_S + (uint64_t)now.tv_nsec / 1000;
}

void deliver_name(char out[DELIVER_NAME_SIZE], uint64_t *last_us, uint32_t run, const uint8_t id[DELIVER_ID_SIZE],
                  const char *host) {
    static const char digits[] = "0123456789abcdef";
    uint64_t us = now_us();
    char hex[HEX_SIZE + 1];

    if (us <= *last_us) {
        us = *last_us + 1;
    }
    *last_us = us;
    for (size_t i = 0; i < DELIVER_ID_SIZE; i++) {
        hex[2 * i] = digits[id[i] >> 4];
        hex[2 * i + 1] = digits[id[i] & 15];
    }
    hex[HEX_SIZE] = '\0';
    (void)snprintf(out, DELIVER_NAME_SIZE, "%" PRIu64 ".M%06" PRIu64 "Q%" PRIu32 "_%s.%.63s", us / US_PER_S,
                   us % US_PER_S, run, hex, host);
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool deliver_name_id(const char *name, uint8_t id[DELIVER_ID_SIZE]) {
    const char *hex = strchr(name, '_');

    if (hex == NULL) {
        return false;
    }
    hex++;
    for (size_t i = 0; i < DELIVER_ID_SIZE; i++) {
        int high = hex_value(hex[2 * i]);
        int low = high >= 0 ? hex_value(hex[2 * i + 1]) : -1;

        if (low < 0) {
            return false;
        }
        id[i] = (uint8_t)(high * 16 + low);
    }
    return hex[HEX_SIZE] == '.';
}

size_t deliver_name_stem(const char *name) {
    return strcspn(name, ":,");
}
