/* SPDX-License-Identifier: MIT */
/* A client and its scripted server, and what tests say about them. */
#ifndef SATCHEL_TESTS_CLIENT_SESSION_H
#define SATCHEL_TESTS_CLIENT_SESSION_H

#include <satchel/pop3_client.h>

#include "server.h"

#define PASSWORD "tanstaaf-canary"

/* The greeting and the login of every script over the loopback interface, where PLAIN may run without TLS. */
#define LOGIN                                              \
    "S: +OK ready\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: .\n" \
    "C: AUTH PLAIN AG1yb3NlAHRhbnN0YWFmLWNhbmFyeQ==\nS: +OK in\n"

struct session {
    struct server server;
    pop3_client_options options;
    pop3_client *client;
    char trace[1 << 16]; /* "C: " and "S: " lines */
    size_t trace_length;
    char content[1 << 16]; /* what the sink took */
    size_t content_length;
    char listing[1 << 12]; /* "1:120 2:200 " */
    size_t listing_length;
    int say; /* what sink and listing functions return */
};

/* User mrose, PASSWORD, no TLS; options may be changed until session_start(). */
void session_begin(struct session *self, const char *script);
/* With TLS, by `authority`, which the program has made. */
void session_begin_tls(struct session *self, const char *script, pop3_tls_mode mode);
void session_start(struct session *self);
/* Frees the client, ends the server; fails the test if the script was not kept, or a secret was traced. */
void session_end(struct session *self);

/* All three in one, for open: the result, with *error (not NULL) as it was. */
pop3_client_class session_open(const char *script, pop3_tls_mode tls, pop3_client_error *error);

int session_sink(void *context, const void *octets, size_t n);
int session_size(void *context, uint32_t number, uint64_t octets);
int session_uid(void *context, uint32_t number, const char *uid);

/* Were these octets in what the client sent? Behind session_end(). */
bool session_sent(const struct session *self, const char *text);

#endif
