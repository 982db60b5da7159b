/* SPDX-License-Identifier: MIT */
/*
 * The local POP3 server for trials and tests: what it is told, and running it.
 * Refuses to touch signals, standard streams and the command line.
 */
#ifndef SATCHEL_SERVE_SERVE_H
#define SATCHEL_SERVE_SERVE_H

#include "serve/faults.h"
#include "serve/sasl.h"
#include "serve/secret.h"
#include "serve/tls.h"
#include "serve/trace.h"

#include "net/listen.h"

#include <stdbool.h>
#include <stdint.h>

/* Texts are borrowed for the life of the server. */
struct serve_config {
    const char *address; /* numeric */
    uint16_t port;       /* 0: the kernel chooses */
    const char *maildir; /* NULL: the built-in sample */
    bool writable;       /* QUIT removes files; otherwise messages disappear for this process only */
    bool octets;         /* send files as they are, without making line ends CRLF */
    const char *user;
    const char *password;    /* NULL: no USER and PASS */
    const char *apop_secret; /* NULL: no APOP */
    struct serve_sasl_config sasl;
    const char *stamp; /* NULL: another one for each connection */
    const char *name;  /* of the host, in texts; may be empty */
    enum serve_tls_mode tls_mode;
    const struct net_tls_server *tls; /* NULL in mode SERVE_TLS_OFF */
    struct serve_span clear_capa;     /* lines that CAPA lists until there is TLS; data NULL: the true ones */
    uint32_t autologout_s;
    uint64_t sessions_most; /* then serve_run returns; 0: no limit */
    struct serve_trace trace;
    struct serve_faults faults;
};

enum serve_problem { SERVE_FINE, SERVE_NO_MEMORY, SERVE_NO_MAILDIR, SERVE_NO_LISTENER };

struct serve_server;

/* Opens the maildrop and listens. `config` is borrowed; *error is an errno value where there is one. */
enum serve_problem serve_open(struct serve_server **server, const struct serve_config *config, int *error);

const struct net_listener *serve_where(const struct serve_server *server);

/* Serves until stop_fd can be read or sessions_most are over. 0 or an errno value. */
int serve_run(struct serve_server *server, int stop_fd);

void serve_close(struct serve_server *server);

#endif
