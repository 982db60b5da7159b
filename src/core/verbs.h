/* SPDX-License-Identifier: MIT */
/* The verb table: all that the engine knows about single commands. Private to core. */
#ifndef SATCHEL_CORE_VERBS_H
#define SATCHEL_CORE_VERBS_H

#include <satchel/pop3_engine.h>

/* pop3_verb_row.shape: what a command carries and what its reply is. */
enum {
    SHAPE_TEXT = 1 << 0,
    SHAPE_SECOND = 1 << 1,
    SHAPE_NUMBER = 1 << 2,
    SHAPE_ARGUMENTS = SHAPE_TEXT | SHAPE_SECOND | SHAPE_NUMBER,
    SHAPE_LINES = 1 << 3,    /* a second number behind the first */
    SHAPE_OPTIONAL = 1 << 4, /* the arguments may be absent */
    SHAPE_LISTING = 1 << 5,  /* +OK without arguments is followed by lines (R-1939-06) */
    SHAPE_BODY = 1 << 6,     /* +OK is followed by a message */
    SHAPE_BARRIER = 1 << 7   /* nothing may be sent behind it before its reply (R-2449-13) */
};

typedef struct pop3_verb_row {
    char name[5];
    uint8_t shape;
    uint8_t phases; /* bits 0 to 4: legal in the pop3_phase of that number; bits 5 to 7: phase after +OK, 0 = the same */
} pop3_verb_row;

extern const pop3_verb_row pop3_verb_rows[POP3_QUIT + 1];

#define PHASE_BIT(phase) (1U << (phase))
#define PHASE_BITS 0x1FU
#define PHASE_AFTER_OK(row) ((row)->phases >> 5)

#endif
