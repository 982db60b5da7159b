/* SPDX-License-Identifier: MIT */
/* One command line of a client, split into verb and arguments. Refuses to know sessions, replies and mail. */
#ifndef SATCHEL_SERVE_COMMAND_H
#define SATCHEL_SERVE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum serve_verb {
    SERVE_GREETING, /* not sent by clients: names the server's first line where verbs are named */
    SERVE_APOP,
    SERVE_AUTH,
    SERVE_CAPA,
    SERVE_DELE,
    SERVE_LIST,
    SERVE_NOOP,
    SERVE_PASS,
    SERVE_QUIT,
    SERVE_RETR,
    SERVE_RSET,
    SERVE_STAT,
    SERVE_STLS,
    SERVE_TOP,
    SERVE_UIDL,
    SERVE_USER,
    SERVE_UNKNOWN /* also the number of the known ones */
};

/* Where in a session a verb may stand (RFC 1939 sections 4 to 6, RFC 2595, RFC 5034); a set of these. */
enum serve_phase {
    SERVE_AUTHORIZATION = 1,
    SERVE_USER_GIVEN = 2, /* a USER was accepted and nothing else came: PASS is due */
    SERVE_TRANSACTION = 4
};

struct serve_span {
    const char *data;
    size_t size;
};

enum serve_syntax {
    SERVE_SYNTAX_OK,
    SERVE_SYNTAX_OCTETS,   /* a control octet in the line */
    SERVE_SYNTAX_UNKNOWN,  /* no such command */
    SERVE_SYNTAX_ARGUMENTS /* too few, too many, or an empty one */
};

struct serve_command {
    enum serve_verb verb;
    unsigned phases; /* where the verb is legal */
    unsigned count;  /* arguments present */
    struct serve_span argument[2];
};

/* Splits `line` (without its line end); the arguments point into it. */
enum serve_syntax serve_command_parse(const char *line, size_t size, struct serve_command *command);

/* The verb of that name, in any case; SERVE_UNKNOWN for none. Knows "GREETING" too. */
enum serve_verb serve_verb_find(const char *name, size_t size);
const char *serve_verb_name(enum serve_verb verb);

/* How many octets of a line may be shown: what follows PASS, a digest or an unknown keyword may be a secret. */
size_t serve_command_public(const char *line, size_t size);

/* A decimal number and nothing else; false on overflow. */
bool serve_number_parse(struct serve_span text, uint64_t *number);

#endif
