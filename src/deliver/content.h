/* SPDX-License-Identifier: MIT */
/*
 * A message's content on its way: CRLF becomes LF (D-25), and what is stored is recognised again by keyed digests.
 * Digests are of the content with LF, whatever the stored line ends. Refuses to know files.
 */
#ifndef SATCHEL_DELIVER_CONTENT_H
#define SATCHEL_DELIVER_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DELIVER_DIGEST_SIZE 16
#define DELIVER_SECRET_SIZE 192 /* random octets, the key of all digests of a state database */

struct deliver_digests {
    uint8_t content[DELIVER_DIGEST_SIZE];
    uint8_t header[DELIVER_DIGEST_SIZE]; /* of what is before the first empty line, or of all where there is none */
};

struct deliver_content; /* one at a time, used for one message after the other */

/* NULL: no memory. The secret is borrowed until the content is freed. */
struct deliver_content *deliver_content_new(const uint8_t secret[DELIVER_SECRET_SIZE]);
void deliver_content_free(struct deliver_content *content);

void deliver_content_begin(struct deliver_content *content);

/* More than the octets that come in: out is written in whole vectors, and a CR may have been held back. */
#define DELIVER_CONTENT_ROOM 17

/* Takes n octets as the server sent them; the same with LF goes to out (room: n + DELIVER_CONTENT_ROOM). Returns its octets. */
size_t deliver_content_take(struct deliver_content *content, const void *in, size_t n, uint8_t *out);

/* A last CR that was held back goes to out (room for 1); returns its octets. The digests are complete. */
size_t deliver_content_end(struct deliver_content *content, uint8_t *out, struct deliver_digests *digests);

#endif
