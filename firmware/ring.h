/* SPDX-License-Identifier: MIT */
/* A ring of received octets: an interrupt may put while the application reads. Knows no UART. */
#ifndef SATCHEL_FIRMWARE_RING_H
#define SATCHEL_FIRMWARE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RING_SIZE = 64 }; /* the engine needs no more (L-03); a power of two, so that the counts may wrap around */

typedef struct ring {
    char octets[RING_SIZE];
    volatile uint32_t put; /* octets ever put: written by whoever receives */
    uint32_t taken;        /* octets ever released: written by the application */
} ring;

static inline bool ring_full(const ring *r) {
    return r->put - r->taken == RING_SIZE;
}

static inline void ring_put(ring *r, char octet) {
    r->octets[r->put % RING_SIZE] = octet;
    r->put = r->put + 1;
}

/* The oldest octets, as far as they lie in one piece. */
static inline size_t ring_span(const ring *r, const char **octets) {
    uint32_t waiting = r->put - r->taken;
    uint32_t at = r->taken % RING_SIZE;

    *octets = r->octets + at;
    return waiting < RING_SIZE - at ? waiting : RING_SIZE - at;
}

#endif
