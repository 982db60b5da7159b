/* SPDX-License-Identifier: MIT */
/*
 * Plays a script through the engine in one of many ways: how the stream is cut, where the input lies, how large line[]
 * is, whether line[] and output are the same memory. The events must not depend on it. Knows nothing of files.
 */
#ifndef SATCHEL_TESTS_PLAYER_H
#define SATCHEL_TESTS_PLAYER_H

#include "script.h"

enum plan_cuts { CUT_NOWHERE, CUT_EVERYWHERE, CUT_ONCE, CUT_AT_RANDOM };

struct plan {
    enum plan_cuts cuts;
    size_t cut;    /* CUT_ONCE: octets before it */
    uint32_t seed; /* CUT_AT_RANDOM */
    uint16_t line_size;
    bool shared;  /* line[] and output are the same memory */
    bool empties; /* inputs of 0 octets before each other one */
    bool head;    /* the input begins behind an unreadable page instead of ending before one */
};

/* Memory for many plays of streams up to a length. */
struct stage;
struct stage *stage_open(size_t stream_length);
void stage_close(struct stage *stage);

/* False: what came is not what the script expects; the first difference is described in `report`. */
bool play(struct stage *stage, const struct script *script, const struct plan *plan, char *report, size_t report_size);

#endif
