/* SPDX-License-Identifier: MIT */
/*
 * Exchanges as they must be: the vectors of requirements.md 1.9, and what plays them on a buffer that ends at an unreadable
 * page. Knows no mechanism's inside.
 */
#ifndef SATCHEL_TESTS_DIALOGUE_H
#define SATCHEL_TESTS_DIALOGUE_H

#include <satchel/pop3_sasl.h>

#include "core/guarded.h"

enum { DIALOGUE_STEPS = 3, DIALOGUE_TEXT = 512 };

struct dialogue {
    const char *name;
    const pop3_sasl_mechanism *mechanism;
    pop3_credentials credentials;
    const char *nonce;   /* SCRAM's; one of another length than ours is put in its place behind the initial response */
    bool text;           /* what is said stands here before its base64 */
    const char *initial; /* NULL: none */
    struct {
        const char *challenge, *response;
    } steps[DIALOGUE_STEPS]; /* NULL behind the last */
    unsigned complete;       /* challenges to be answered before +OK may come */
};

extern const struct dialogue dialogues[];
extern const size_t dialogue_count;

const struct dialogue *dialogue_named(const char *name);

/* What is said, as it goes over the wire; the result stands in `line`. */
const char *dialogue_line(const struct dialogue *dialogue, const char *said, char line[DIALOGUE_TEXT]);

unsigned dialogue_steps(const struct dialogue *dialogue);

/* ---- One exchange ---- */

struct exchange {
    pop3_sasl sasl;
    struct guarded memory;
};

/* Begins it in a buffer of `size` octets. exchange_close() ends it, and fails the test if anything is left in it. */
pop3_sasl_result exchange_open(struct exchange *exchange, const struct dialogue *dialogue, const pop3_crypto *crypto,
                               size_t size);
void exchange_close(struct exchange *exchange);

/* A challenge of the base64 of this text. */
pop3_sasl_result exchange_told(struct exchange *exchange, const char *text);

/* Fails the test unless this is what is to be sent; NULL: nothing is. */
void exchange_sends(const struct exchange *exchange, const char *base64);

/* Plays the dialogue up to this many steps, each challenge as it is; fails the test unless the responses are right. */
void exchange_play(struct exchange *exchange, const struct dialogue *dialogue, unsigned steps);

#endif
