/* SPDX-License-Identifier: MIT */
/* The verb table: all that the engine knows about single commands. Private to core. */
#ifndef SATCHEL_CORE_VERBS_H
#define SATCHEL_CORE_VERBS_H

#include <satchel/pop3_engine.h>

/*
 * 1: the later verbs, those behind POP3_DELE, may not be given, nor LIST without a number: no reply is a listing. For
 * a program that holds the engine and knows what it will send; it is private, so an installed library has 0.
 */
#ifndef POP3_ENGINE_MINIMAL
#define POP3_ENGINE_MINIMAL 0
#endif

/* What an argument has, put together; a row accepts some of these sums. */
enum { GIVEN_TEXT = 1, GIVEN_SECOND = 2, GIVEN_NUMBER = 4 };

enum {
    ACCEPTS_NOTHING = 1 << 0,
    ACCEPTS_TEXT = 1 << GIVEN_TEXT,
    ACCEPTS_TEXTS = 1 << (GIVEN_TEXT | GIVEN_SECOND),
    ACCEPTS_NUMBER = 1 << GIVEN_NUMBER
};

enum {
    SHAPE_BARRIER = 1 << 1, /* nothing may be sent behind it before its reply (R-2449-13) */
    SHAPE_LISTING = 1 << 2, /* +OK without arguments is followed by lines (R-1939-06) */
    SHAPE_BODY = 1 << 3     /* +OK is followed by a message */
};

typedef struct pop3_verb_row {
    char name[5];
    uint8_t accepts;
    uint8_t shape;  /* bits 5 to 7: phase after +OK, 0 = the same */
    uint8_t phases; /* bit n: legal in the pop3_phase of that number */
} pop3_verb_row;

extern const pop3_verb_row pop3_verb_rows[POP3_ENGINE_MINIMAL ? POP3_DELE + 1 : POP3_VERB_COUNT];

#define PHASE_BIT(phase) (1U << (phase))
#define THEN(phase) ((unsigned)POP3_PHASE_##phase << 5)
#define PHASE_AFTER_OK(shape) ((shape) >> 5)

#endif
