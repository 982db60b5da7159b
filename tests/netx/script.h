/* SPDX-License-Identifier: MIT */
/* Scripts that a test makes while it runs: sessions with many messages, their replies cut at will. */
#ifndef SATCHEL_TEST_SCRIPT_H
#define SATCHEL_TEST_SCRIPT_H

#include "world.h"

#define SCRIPT_STEPS 8192

struct script {
    size_t count;
    UINT messages;
    struct step steps[SCRIPT_STEPS];
};

/* The greeting, USER/PASS, STAT with 4,000 items. */
void script_begin(struct script *script);
void script_add(struct script *script, struct step step);
/* RETR of the next item; the reply's octets follow by script_say. */
void script_retr(struct script *script);
void script_say(struct script *script, const char *octets, size_t n);
/* The whole reply: "+OK" and the body with its terminator, in sends that end at these offsets of the body. */
void script_message(struct script *script, const char *wire, size_t n, const size_t *cuts, size_t cut_count);
void script_quit(struct script *script);

#define SCRIPT_ITEMS 4000

#endif
