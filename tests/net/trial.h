/* SPDX-License-Identifier: MIT */
/* What the TLS tests share: a local CA made on the spot, and a server in a thread behind a socketpair. */
#ifndef SATCHEL_TESTS_NET_TRIAL_H
#define SATCHEL_TESTS_NET_TRIAL_H

#include "net/tls.h"
#include "net/tls_server.h"

#include <pthread.h>

#define TRIAL_HOST "pop.example.org"
#define TRIAL_MS 20000 /* longer than anything here takes; who reaches it, hangs */

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct authority {
    struct net_certificate *root;
    struct net_certificate *other; /* a CA that nobody trusts */
    struct net_certificate *leaf;  /* TRIAL_HOST's, signed by root */
    char folder[64];
    char ca_file[128]; /* root, PEM */
};

/* What a test program has one of, between these two, for cmocka_run_group_tests(). */
extern struct authority ours;
int authority_set_up(void **state);
int authority_tear_down(void **state);

void authority_path(const struct authority *authority, const char *name, char out[128]);

struct net_certificate *make_certificate(const struct net_certificate_recipe *recipe,
                                         const struct net_certificate *issuer);
/* A leaf for one name, signed by `issuer` (NULL: by itself). */
struct net_certificate *make_leaf(const char *name, const struct net_certificate *issuer);

struct trial {
    struct net_tls_server *server; /* made for this trial; NULL: another's, or none */
    struct net_stream stream;      /* the client's end */
    struct net_stream peer;        /* the server's; the thread's alone */
    void (*talk)(struct net_stream *peer);
    pthread_t thread;
    struct net_error error; /* of the client */
    struct net_tls_info seen;
};

/* Starts a server that runs `talk` and closes; `stream` is a plain socket to it. */
void trial_start(struct trial *trial, const struct net_tls_server_options *options,
                 void (*talk)(struct net_stream *peer));
/* The same on a server that serves several trials; NULL: without TLS. */
void trial_start_on(struct trial *trial, const struct net_tls_server *server, void (*talk)(struct net_stream *peer));
bool trial_connect(struct trial *trial, struct net_tls_options options);
void trial_stop(struct trial *trial);

/* Talks of servers. */
void talk_echo(struct net_stream *peer);    /* sends back all that comes, until the end */
void talk_nothing(struct net_stream *peer); /* handshake, then waits for the client's end */

/* "hello" there and back. */
void assert_echo(struct net_stream *stream);

/* The options of a client that demands all, of TRIAL_HOST. */
struct net_tls_options strict(const struct authority *authority);

/* Starts a server with this certificate, connects, stops: the kind of failure, NET_ERROR_NONE for none. */
enum net_error_kind verdict_on(struct trial *trial, const struct net_certificate *certificate,
                               struct net_tls_options options);

#endif
