/* SPDX-License-Identifier: MIT */
/*
 * A login with an engine below it and a server that is a script; what it says at the end is one line of text. It keeps all
 * that was sent, and knows what may go out before TLS. Knows nothing of how the login decides.
 *
 *     S: +OK ready          the server says a line; lines that follow each other come in one piece
 *     s: +OK re             the same without CRLF
 *     C: CAPA               this line must have been sent, and nothing else since the last
 *     TLS                   the handshake asked for succeeds
 *     EOF, TIMEOUT          the server closes; the caller gives up
 */
#ifndef SATCHEL_TESTS_LOGIN_CLIENT_H
#define SATCHEL_TESTS_LOGIN_CLIENT_H

#include <satchel/pop3_login.h>

/* What the options say, besides implicit TLS and the list of all mechanisms. */
enum {
    STLS = 1 << 0,
    OFF = 1 << 1,
    LOOPBACK = 1 << 2,
    CHOSEN = 1 << 3,
    CERTIFICATE = 1 << 4,
    BINDING = 1 << 5, /* tls-exporter, octets 0 to 31 */
    TOKEN = 1 << 6,
    NO_PASSWORD = 1 << 7,
    NO_CAPA = 1 << 8,
    ONE_STEP = 1 << 9,
    TWO_STEP = 1 << 10,
    PROBE = 1 << 11
};

enum { CLIENT_WIRE = 8192, CLIENT_BUFFER = 4096 };

typedef struct client {
    pop3_engine engine;
    pop3_event event;
    pop3_login login;
    pop3_login_options options;
    pop3_credentials credentials;
    pop3_crypto crypto;
    pop3_login_result result;
    bool secure;
    size_t sent;     /* octets in the wire */
    size_t expected; /* of which the script has spoken */
    char wire[CLIENT_WIRE];
    char line[512];
    char output[POP3_COMMAND_MAX];
    char buffer[CLIENT_BUFFER];
    char outcome[256];
} client;

/*
 * Begins: user "user", password "pencil", token "tok3n" at mail.example.org:995, the nonce of RFC 5802. list NULL:
 * pop3_login_all_mechanisms. Options, credentials and crypto may be changed until something is played.
 */
void client_begin(client *self, unsigned flags, const pop3_sasl_mechanism *const *list);

/*
 * The server sends these octets, `piece` at a time, 0: all at once. Only when a piece is used up the client sends what it
 * has to say. Stops when the login is over.
 */
void client_take(client *self, const char *octets, size_t n, size_t piece);

/* The same, line by line. */
void client_lines(client *self, const char *octets, size_t n);

void client_tls(client *self);
void client_eof(client *self);
void client_timeout(client *self);

/* Plays a script; fails the test where it is not kept. */
void client_play(client *self, const char *name, const char *script, size_t piece);

/*
 * How it stands: "DONE PLAIN secret", "FAILED CREDENTIALS [AUTH] PLAIN secret quit": result, failure, code, sasl where it
 * is not OK, mechanism, then secret_sent, reconnect_without_capa, reconnect_other_form, and whether QUIT may be sent.
 */
const char *client_outcome(client *self);

/* Are these octets anywhere in what was sent? */
bool client_sent(const client *self, const char *text);

/* Fails the test if a credential, in clear or in base64, was sent, or any command but CAPA, STLS, QUIT. */
void client_sent_nothing(const client *self);

/* ---- Tables ---- */

struct dialogue {
    const char *name;
    unsigned flags;
    const pop3_sasl_mechanism *list[4]; /* ALL, ONLY(a, b) */
    const char *script;
    const char *outcome;
};

/* Plays each whole, by octets, and in pieces of three. */
void client_check(const struct dialogue *rows, size_t count);

#define ALL \
    { NULL }
#define ONLY(...) \
    { __VA_ARGS__ }
#define CHECK(rows) client_check(rows, sizeof(rows) / sizeof(rows)[0])

/* A list of mechanisms for client_begin(). */
#define LIST(...) ((const pop3_sasl_mechanism *const[]){__VA_ARGS__, NULL})

#endif
