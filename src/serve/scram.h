/* SPDX-License-Identifier: MIT */
/* The server's side of SCRAM (RFC 5802, RFC 7677), and what it can do wrong. Refuses to know base64 and POP3. */
#ifndef SATCHEL_SERVE_SCRAM_H
#define SATCHEL_SERVE_SCRAM_H

#include "serve/command.h"

#define SERVE_SCRAM_NONCE 256
#define SERVE_SCRAM_PART 1024 /* of what is signed */
#define SERVE_SCRAM_SALT 16

enum serve_scram_fault {
    SERVE_SCRAM_NONE,
    SERVE_SCRAM_SIGNATURE,    /* v= is another one */
    SERVE_SCRAM_NO_SIGNATURE, /* success without v= */
    SERVE_SCRAM_ERROR,        /* e= in place of v= */
    SERVE_SCRAM_NONCE_CHANGED /* the server's nonce does not begin with the client's */
};

/* What a mechanism is bound to. */
struct serve_channel {
    const char *type; /* "tls-exporter"; NULL: nothing to bind to */
    size_t size;
    unsigned char octets[64];
};

/* Set the first members, then run the steps. */
struct serve_scram {
    const char *user;
    const char *password;
    const struct serve_channel *channel;
    bool sha256; /* else SHA-1 */
    bool plus;
    bool plus_offered; /* a client that says "y" was lied to */
    unsigned fault;    /* one of serve_scram_fault */
    uint32_t iterations;

    bool known; /* the user's name is right */
    unsigned char salt[SERVE_SCRAM_SALT];
    char nonce[SERVE_SCRAM_NONCE];
    char header[SERVE_SCRAM_NONCE];
    char bare[SERVE_SCRAM_PART];
    char first[SERVE_SCRAM_PART];
};

/* Each takes the client's message and makes the answer, a text of at most SERVE_SCRAM_PART octets. False: refused. */
bool serve_scram_first(struct serve_scram *scram, struct serve_span message, char answer[SERVE_SCRAM_PART]);
bool serve_scram_final(struct serve_scram *scram, struct serve_span message, char answer[SERVE_SCRAM_PART]);

#endif
