/* SPDX-License-Identifier: MIT */
/*
 * An answer as a short list of steps that produce octets while there is room: a listing of a million lines or a
 * message of a gigabyte needs no more memory than "+OK". Refuses to know when and why it is given.
 */
#ifndef SATCHEL_SERVE_REPLY_H
#define SATCHEL_SERVE_REPLY_H

#include "serve/body.h"
#include "serve/command.h"
#include "serve/maildrop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERVE_REPLY_STEPS 16    /* a filled-up status is five, the rest of CAPA seven, an unsolicited line three */
#define SERVE_STATUS_OCTETS 512 /* RFC 2449 section 4, CRLF included */
#define SERVE_FILL_ENDLESS UINT64_MAX /* more than any connection carries */

enum serve_step_kind { SERVE_STEP_TEXT, SERVE_STEP_FILL, SERVE_STEP_LISTING, SERVE_STEP_BODY, SERVE_STEP_PAUSE };

struct serve_step {
    enum serve_step_kind kind;
    struct serve_span text; /* TEXT: what is left of it */
    uint64_t count;         /* FILL: octets left; LISTING: numbers already looked at */
};

struct serve_reply {
    struct serve_step step[SERVE_REPLY_STEPS];
    unsigned first;
    unsigned count;
    bool paused; /* what is left of it comes later: a fault */
    bool failed; /* a message could not be read to its end: nothing may follow */
    char status[SERVE_STATUS_OCTETS];
    const struct serve_maildrop *listed;
    bool listed_uids; /* else sizes */
    struct serve_body body;
};

/* Forgets all steps. */
void serve_reply_clear(struct serve_reply *reply);

/* Appends. Texts are borrowed until they went out. */
void serve_reply_text(struct serve_reply *reply, const char *text, size_t size);
void serve_reply_fill(struct serve_reply *reply, uint64_t count);
void serve_reply_listing(struct serve_reply *reply, const struct serve_maildrop *maildrop, bool uids);
/* reply->body must be open. */
void serve_reply_body(struct serve_reply *reply);

/* What was produced goes out before the rest is. */
void serve_reply_pause(struct serve_reply *reply);

bool serve_reply_active(const struct serve_reply *reply);

/* Writes what fits; 0 means that it needs more room (256 octets always do) or that nothing is left. */
size_t serve_reply_produce(struct serve_reply *reply, char *room, size_t size);

#endif
