/* SPDX-License-Identifier: MIT */
/* Judging passwords and digests, making stamps and random credentials. Refuses to know users and sessions. */
#ifndef SATCHEL_SERVE_SECRET_H
#define SATCHEL_SERVE_SECRET_H

#include "serve/command.h"

#include <stdbool.h>
#include <stddef.h>

#define SERVE_RANDOM_TEXT 17 /* 16 characters of 5 random bits each, and a NUL */
#define SERVE_STAMP_TEXT 80
#define SERVE_HASH_TEXT 65 /* SHA-256 in hexadecimal, and a NUL */

/* Equal or not, in a time that tells nothing of where or how far they differ. */
bool serve_secret_equal(struct serve_span given, const char *secret);

/* RFC 1939 section 7: `digest` is the hexadecimal MD5 of stamp and secret. */
bool serve_apop_matches(struct serve_span digest, const char *stamp, const char *secret);

/* RFC 2195: `digest` is the hexadecimal HMAC-MD5 of the challenge, keyed with the secret. */
bool serve_cram_matches(struct serve_span digest, const char *challenge, const char *secret);

/* An APOP timestamp that no other connection gets; false when there is no randomness. */
bool serve_stamp_make(char stamp[SERVE_STAMP_TEXT]);

bool serve_random_text(char text[SERVE_RANDOM_TEXT]);

/* Hexadecimal SHA-256, for unique ids. */
bool serve_hash_text(const void *data, size_t size, char text[SERVE_HASH_TEXT]);

/* Overwrites what held a secret. */
void serve_wipe(void *data, size_t size);

#endif
