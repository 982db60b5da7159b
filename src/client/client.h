/* SPDX-License-Identifier: MIT */
/* What the sources of the client share. No other room includes it. */
#ifndef SATCHEL_CLIENT_CLIENT_H
#define SATCHEL_CLIENT_CLIENT_H

#include <satchel/pop3_client.h>

#include "net/dial.h"
#include "net/stream.h"
#include "net/tls.h"

enum {
    CLIENT_IN = 262144, /* what a read takes at most: fewer calls of the kernel for a long message */
    CLIENT_LINE = 2048,
    CLIENT_OUTPUT = 16384, /* also the most octets of commands that wait for replies (R-2449-15) */
    CLIENT_SASL = 32768,   /* the longest challenge, decoded or not, and a long token */
    CLIENT_ANNOUNCED = 8192,
    CLIENT_ADDRESS = 64,
    CLIENT_UNCLEAR_MOST = 3,
    CLIENT_DISGUISES = 6
};

/* Why octets ceased to flow, where the stream or the clock decided it. */
typedef enum client_end { CLIENT_FLOWING, CLIENT_ENDED, CLIENT_OUT_OF_TIME, CLIENT_STOPPED } client_end;

struct pop3_client {
    pop3_client_options options; /* its texts are in `texts`, or prepared */
    char *texts;
    size_t texts_size;
    char *prepared[3];                 /* by SASLprep, or NULL */
    char *disguises[CLIENT_DISGUISES]; /* what base64 shows of password and token, each at three places; or NULL */
    pop3_client_error error;
    pop3_credentials credentials;
    const pop3_sasl_mechanism *mechanisms[POP3_LOGIN_MECHANISMS_MAX + 1];
    unsigned char binding[NET_TLS_BINDING_MOST];
    struct net_tls_sessions *sessions;
    int cancel[2]; /* a pipe: readable once cancelled, and from then on */

    bool pipelining_broken; /* it ended a session */

    /* The connection. */
    struct net_stream stream;
    bool connected;
    bool unwritable; /* the server reads no more; it may have said why */
    bool idle;       /* no reply is owed */
    bool loopback;   /* the server is on this machine */
    bool tls_began;
    client_end end; /* why the stream ended; CLIENT_ENDED: see end_error */
    struct net_error end_error;
    uint64_t session_end_ms;
    pop3_engine engine;
    const char *at; /* received and not yet taken */
    size_t left;
    pop3_verb asked;  /* of the command sent last */
    size_t shown;     /* octets of the output window that were looked at already */
    bool challenged;  /* what goes out next answers a challenge, */
    bool masked;      /* and was shown as such */
    bool marked;      /* by DELE */
    uint64_t content; /* octets of the message so far */

    /* The server, behind the end of the connection too. */
    char address[CLIENT_ADDRESS];
    struct net_tls_info tls;
    size_t announced_length;
    char announced[CLIENT_ANNOUNCED]; /* lines of CAPA, each with NUL at its end */

    /* The login. */
    pop3_login login;
    pop3_login_options login_options;
    bool probing;
    bool login_no_capa, login_other_form, login_two_step; /* what earlier connections taught */
    bool judged;                                          /* the credentials are wrong */
    unsigned unclear;                                     /* refusals that may be about them */

    char in[CLIENT_IN];
    char line[CLIENT_LINE];
    char output[CLIENT_OUTPUT];
    char sasl[CLIENT_SASL];
};

/* ---- options.c ---- */

/* Copies the caller's options and prepares the credentials. False: client->error. */
bool client_take_options(pop3_client *client, const pop3_client_options *options);
/*
 * Copies a struct that begins with its size from a caller who may be built for another version: what that one does not
 * know is 0, and what is unknown here must be 0. It has at least `least` octets. False: it is not like that.
 */
bool client_copy_sized(void *to, size_t size, const void *from, size_t least);
void client_wipe_options(pop3_client *client);

/* ---- crypto.c ---- */

extern const pop3_crypto client_crypto;

/* ---- error.c ---- */

/* Notes the failure, its hint and the server's words empty; returns the class. */
__attribute__((format(printf, 4, 5))) pop3_client_class client_fail(pop3_client *client, pop3_client_class class_,
                                                                    int code, const char *what, ...);
void client_hint(pop3_client *client, const char *hint);
/* What src/net says. */
pop3_client_error client_net_error(const struct net_error *error);
pop3_client_class client_fail_net(pop3_client *client, const struct net_error *error);
/* Behind a FAIL or CLOSED event: why the session is over. */
pop3_client_class client_fail_session(pop3_client *client, const pop3_event *event);
/* -ERR to a command; number 0: it has none. */
pop3_client_class client_fail_refused(pop3_client *client, pop3_verb verb, uint32_t number, const pop3_event *event);
/* The words of the server, made safe. */
void client_server_words(pop3_client *client, const char *text, size_t n);

/* ---- text.c ---- */

/* Once the credentials are prepared: what is not to be shown when the server echoes it. False: no memory. */
bool client_know_secrets(pop3_client *client);

/*
 * Printable ASCII and valid UTF-8 without control and direction characters stay, other octets become \xNN. Secrets
 * that the server echoes, as they are or in base64, become "***" (R-AUTH-02). Cut to `size` with its NUL.
 */
void client_safe_text(const pop3_client *client, char *out, size_t size, const char *text, size_t n);

/* ---- server.c ---- */

/* Once the server is reached. */
void client_note_peer(pop3_client *client);
/* Each event of the login, and of CAPA behind it. */
void client_note_capability(pop3_client *client, const pop3_event *event);

/* ---- trace.c ---- */

/* Looks at what is about to be sent: remembers the verb, and shows it to who wants to see. */
void client_trace_output(pop3_client *client);
void client_trace_event(pop3_client *client, const pop3_event *event);

/* ---- connect.c: false: client->error ---- */

bool client_look_up(pop3_client *client, struct net_dialling *dialling);
/* To one of the addresses that are left. `connected` may be set with false too: TLS failed then. */
bool client_connect(pop3_client *client, struct net_dialling *dialling);
/* Handshake and checks. */
bool client_make_tls(pop3_client *client);

/* ---- wire.c ---- */

/* A new connection: the engine begins. */
void client_begin(pop3_client *client);
/* The next event, never NEED_INPUT. Sends and receives as needed. */
void client_next(pop3_client *client, pop3_event *event);
/* Before a command, when none is in flight: what the server said unasked is a failure (F-03). False: see *event. */
bool client_is_quiet(pop3_client *client, pop3_event *event);
/* Octets that lie here and that nobody asked for. */
bool client_has_more(pop3_client *client);
void client_hang_up(pop3_client *client);

/* ---- batch.c ---- */

enum { CLIENT_WINDOW = 512 }; /* refilled when half of it is left (R-2449-15) */

/* Commands whose replies are taken in order. */
struct client_batch {
    pop3_verb verb;
    const pop3_verb *verbs;  /* NULL: all are `verb` */
    const uint32_t *numbers; /* NULL: the commands have none */
    uint32_t lines;
    size_t count;
    bool quit; /* the last command is QUIT, without a number */
    /* What came of command `index`: OK, LINE, BODY. Anything but OK is the command's result; of BODY it ends the session. */
    pop3_client_class (*take)(struct client_batch *batch, size_t index, const pop3_event *event);
    pop3_client_done_fn *done; /* NULL: nobody asks */
    void *context;             /* of `done` */
    pop3_client *client;
};

/* The first failure, or OK. */
pop3_client_class client_run(pop3_client *client, struct client_batch *batch);

/* ---- commands.c: replies that have one meaning for one command and for many ---- */

struct client_stat {
    struct client_batch batch;
    uint32_t count;
    uint64_t octets;
};

pop3_client_class client_take_stat(struct client_batch *batch, size_t index, const pop3_event *event);

struct client_listing {
    struct client_batch batch;
    pop3_client_size_fn *size; /* one of the two */
    pop3_client_uid_fn *uid;
    void *context;
    uint32_t lines;
    bool stopped;
};

pop3_client_class client_take_line(struct client_batch *batch, size_t index, const pop3_event *event);

#endif
