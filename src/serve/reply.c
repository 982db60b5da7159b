/* SPDX-License-Identifier: MIT */
/* Runs the steps of an answer. Refuses to wait. */
#include "serve/reply.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LISTING_LINE 100 /* number, blank, uid or size, CRLF */
#define BODY_ROOM 64

void serve_reply_clear(struct serve_reply *reply) {
    reply->first = 0;
    reply->count = 0;
    serve_body_close(&reply->body);
}

static void append(struct serve_reply *reply, struct serve_step step) {
    if (reply->count < SERVE_REPLY_STEPS) {
        reply->step[reply->count++] = step;
    }
}

void serve_reply_text(struct serve_reply *reply, const char *text, size_t size) {
    append(reply, (struct serve_step){.kind = SERVE_STEP_TEXT, .text = {text, size}});
}

void serve_reply_fill(struct serve_reply *reply, uint64_t count) {
    append(reply, (struct serve_step){.kind = SERVE_STEP_FILL, .count = count});
}

void serve_reply_listing(struct serve_reply *reply, const struct serve_maildrop *maildrop, bool uids) {
    reply->listed = maildrop;
    reply->listed_uids = uids;
    append(reply, (struct serve_step){.kind = SERVE_STEP_LISTING});
}

void serve_reply_body(struct serve_reply *reply) {
    append(reply, (struct serve_step){.kind = SERVE_STEP_BODY});
}

void serve_reply_pause(struct serve_reply *reply) {
    append(reply, (struct serve_step){.kind = SERVE_STEP_PAUSE});
}

bool serve_reply_active(const struct serve_reply *reply) {
    return reply->first < reply->count;
}

static size_t produce_text(struct serve_step *step, char *room, size_t size) {
    size_t part = step->text.size < size ? step->text.size : size;

    memcpy(room, step->text.data, part);
    step->text.data += part;
    step->text.size -= part;
    return part;
}

static size_t produce_fill(struct serve_step *step, char *room, size_t size) {
    size_t part = step->count < size ? (size_t)step->count : size;

    memset(room, 'x', part);
    step->count -= part;
    return part;
}

static size_t produce_listing(const struct serve_reply *reply, struct serve_step *step, char *room, size_t size) {
    size_t done = 0;

    while (step->count < reply->listed->visible_count && size - done >= LISTING_LINE) {
        uint64_t number = ++step->count;
        const struct serve_message *message = serve_maildrop_get(reply->listed, number);
        int length = 0;

        if (message != NULL && reply->listed_uids) {
            length = snprintf(room + done, size - done, "%" PRIu64 " %s\r\n", number, message->uid);
        } else if (message != NULL) {
            length = snprintf(room + done, size - done, "%" PRIu64 " %" PRIu64 "\r\n", number, message->octets);
        }
        done += (size_t)length;
    }
    return done;
}

/* One step's share; *over when that step has no more. */
static size_t produce_step(struct serve_reply *reply, struct serve_step *step, char *room, size_t size, bool *over) {
    size_t done = 0;

    switch (step->kind) {
    case SERVE_STEP_TEXT:
        done = produce_text(step, room, size);
        *over = step->text.size == 0;
        break;
    case SERVE_STEP_FILL:
        done = produce_fill(step, room, size);
        *over = step->count == 0;
        break;
    case SERVE_STEP_LISTING:
        done = produce_listing(reply, step, room, size);
        *over = step->count == reply->listed->visible_count;
        break;
    case SERVE_STEP_BODY:
        done = size >= BODY_ROOM ? serve_body_read(&reply->body, room, size) : 0;
        *over = reply->body.done;
        break;
    case SERVE_STEP_PAUSE:
        reply->paused = true;
        *over = true;
        break;
    }
    return done;
}

size_t serve_reply_produce(struct serve_reply *reply, char *room, size_t size) {
    size_t done = 0;
    bool over = true;

    reply->paused = false;
    while (over && !reply->paused && serve_reply_active(reply)) {
        done += produce_step(reply, &reply->step[reply->first], room + done, size - done, &over);
        if (reply->body.failed) {
            reply->failed = true;
            serve_reply_clear(reply);
        } else if (over) {
            reply->first++;
        }
    }
    if (!serve_reply_active(reply)) {
        serve_reply_clear(reply);
    }
    return done;
}
