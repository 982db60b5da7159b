/* SPDX-License-Identifier: MIT */
/*
 * A blocking POP3 client for hosts: dials, makes TLS, logs in, fetches. One handle is one session and is used by one
 * thread at a time; handles share nothing. Only pop3_client_cancel() may be called from elsewhere. The library never
 * raises SIGPIPE, and never touches signal handlers, locale, environment or standard streams (R-TLS-19).
 *
 *     pop3_client_options options = {.size = sizeof options, .host = "mail.example.org", .user = "u", .password = "p"};
 *     client = pop3_client_new(&options, &error);              checks the options, keeps a copy
 *     result = pop3_client_open(client);                       connected, TLS is up, logged in
 *     result = pop3_client_retr_fd(client, 1, fd);             and other commands
 *     result = pop3_client_quit(client);                       deletions are done
 *     pop3_client_free(client);                                always
 *
 * Each call that can fail returns a pop3_client_class; pop3_client_last_error() tells more. A failure that is not about
 * one command alone ends the session: no call but pop3_client_open() revives it. Numbers of messages then start anew.
 *
 * Of the headers below only enumerations are used: the library exports nothing of the engine.
 */
#ifndef SATCHEL_POP3_CLIENT_H
#define SATCHEL_POP3_CLIENT_H

#include <satchel/pop3_login.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define POP3_CLIENT_API __attribute__((visibility("default")))
#else
#define POP3_CLIENT_API
#endif

typedef struct pop3_client pop3_client;

/* ---- Errors ---- */

typedef enum pop3_client_class {
    POP3_CLIENT_OK,
    POP3_CLIENT_ARG,         /* the caller's argument or option; nothing was sent */
    POP3_CLIENT_STATE,       /* there is no session, or the handle may not log in again */
    POP3_CLIENT_NAME,        /* a name cannot be looked up: code is a pop3_client_name_failure, or 0 */
    POP3_CLIENT_CONNECT,     /* nobody answers there */
    POP3_CLIENT_TIMEOUT,     /* no answer in time */
    POP3_CLIENT_TLS,         /* handshake, STLS refused, certificate: code is a pop3_client_tls_failure */
    POP3_CLIENT_CREDENTIALS, /* wrong, missing, or not to be sent here: code is a pop3_failure */
    POP3_CLIENT_BUSY,        /* maildrop in use, login delay, temporary: try later; code is a pop3_response_code */
    POP3_CLIENT_REFUSED,     /* -ERR to a command: code is a pop3_response_code; the session goes on */
    POP3_CLIENT_PROTOCOL,    /* the server broke the rules */
    POP3_CLIENT_CLOSED,      /* the connection ended in the middle */
    POP3_CLIENT_CANCELLED,
    POP3_CLIENT_SINK, /* the caller's function or descriptor failed; code is errno's value for a descriptor */
    POP3_CLIENT_MEMORY,
    POP3_CLIENT_SYSTEM /* this machine: descriptors, threads */
} pop3_client_class;

typedef enum pop3_client_tls_failure {
    POP3_CLIENT_TLS_HANDSHAKE = 1, /* the server does not speak TLS, or none that both sides accept */
    POP3_CLIENT_TLS_NO_STLS,       /* the server refuses STLS */
    POP3_CLIENT_TLS_CERTIFICATE,   /* nobody who is trusted vouches for it */
    POP3_CLIENT_TLS_EXPIRED,       /* it is no longer valid, or not yet */
    POP3_CLIENT_TLS_IDENTITY,      /* it is for other names */
    POP3_CLIENT_TLS_PIN,           /* the key is not the pinned one */
    POP3_CLIENT_TLS_ALPN,          /* the server means another protocol */
    POP3_CLIENT_TLS_CLIENT         /* the server wants a client certificate, or another one */
} pop3_client_tls_failure;

/* What a domain says of its POP3 servers, where pop3_client_discover() finds none. */
typedef enum pop3_client_name_failure {
    POP3_CLIENT_NAME_NOT_TOLD = 1, /* nothing */
    POP3_CLIENT_NAME_NOT_OFFERED   /* that it has none: do not guess one (RFC 6186 section 3.4) */
} pop3_client_name_failure;

/* What went wrong last. Texts end with NUL, have neither control octets nor secrets, and may be printed. */
typedef struct pop3_client_error {
    pop3_client_class class_;
    int code;         /* by class, or 0 */
    uint32_t retry_s; /* BUSY: not before so many seconds, 0 where the server asks for nothing (R-2449-10) */
    char what[256];   /* what failed, and where; no full stop */
    char server[512]; /* the server's own words, or "" */
    char hint[256];   /* what to do, or "" */
} pop3_client_error;

/* ---- Options ---- */

/*
 * A line of the dialogue, with NUL at its end, safe to print; valid during the call. `sent` tells the direction. What is
 * secret stands as "***" (R-AUTH-02), a message's content as its count of octets. It must not call this library.
 */
typedef void pop3_client_trace(void *context, bool sent, const char *line);

/* Commands sent before the replies to those ahead of them, where a call has many (RFC 2449 section 6.6). */
typedef enum pop3_client_pipelining {
    POP3_CLIENT_PIPELINING_AUTO, /* if the server announces it */
    POP3_CLIENT_PIPELINING_OFF,
    POP3_CLIENT_PIPELINING_ON /* also if it does not */
} pop3_client_pipelining;

/* Start with {.size = sizeof options}: 0 and NULL are good defaults. Texts are UTF-8, copied by pop3_client_new(). */
typedef struct pop3_client_options {
    size_t size; /* of this struct, as the caller knows it */

    const char *host;    /* name or numeric address; required */
    uint16_t port;       /* 0: 995 for implicit TLS, else 110 */
    pop3_tls_mode tls;   /* default: implicit */
    const char *user;    /* all but EXTERNAL need it */
    const char *authzid; /* identity to act for; NULL: the user's own */
    const char *password;
    const char *token; /* OAuth; with one no password is ever sent */
    const char *auth;  /* allowed mechanisms, the preferred first, blanks between: "SCRAM-SHA-256 APOP USER".
                          NULL: what is safe, in the order of R-AUTH-01 */

    const char *ca_file; /* PEM; NULL, and no ca_dir: the system's */
    const char *ca_dir;
    const char *pin;         /* "sha256//" and base64, several with ';' */
    bool verify_pin_only;    /* the pin in place of all other checks */
    const char *client_cert; /* PEM */
    const char *client_key;  /* PEM; NULL: in client_cert */
    const char *alpn;        /* NULL: "pop3"; "": not sent */
    pop3_client_pipelining pipelining;

    /* Milliseconds; 0: what L-01 says, in brackets. */
    uint32_t connect_ms;   /* to one address (30 s) */
    uint32_t handshake_ms; /* TLS (30 s) */
    uint32_t greeting_ms;  /* (60 s) */
    uint32_t reply_ms;     /* to a command (60 s) */
    uint32_t login_ms;     /* to PASS, APOP, AUTH and QUIT (180 s) */
    uint32_t idle_ms;      /* without an octet of a message (60 s) */
    uint32_t session_ms;   /* from dialling to the end (1 h) */

    pop3_client_trace *trace; /* NULL: none */
    void *trace_context;
} pop3_client_options;

/* ---- URLs ---- */

/* What a URL says, decoded, each text with NUL at its end: no octet below 0x20 and no 0x7F is in them. */
typedef struct pop3_client_url {
    pop3_tls_mode tls; /* pops: implicit; pop: STLS */
    uint16_t port;     /* 995 or 110 where the URL has none */
    char user[256];    /* "": none */
    char auth[64];     /* a mechanism for options.auth, known here or not; "": any */
    char host[256];    /* without brackets */
} pop3_client_url;

/*
 * Reads pop://[USER[;AUTH=MECHANISM]@]HOST[:PORT] (RFC 2384), pops:// likewise (R-2384-01). NULL, or what is wrong with it,
 * and then *url is empty. A host that a URL names gets no stored credentials without its user's consent (R-2384-02).
 */
POP3_CLIENT_API const char *pop3_client_url_parse(pop3_client_url *url, const char *text);

/* ---- Finding the server ---- */

/* A server that a mail address leads to, for the options of the same names. */
typedef struct pop3_client_service {
    char host[256]; /* A-labels, in lower case; "": nothing is here */
    uint16_t port;
    pop3_tls_mode tls; /* implicit, or STLS; never off */
    bool foreign;      /* not in the address's domain: no login there without the user's consent */
} pop3_client_service;

/* Start with {.size = sizeof options}: 0 and NULL are good defaults. */
typedef struct pop3_client_discovery_options {
    size_t size;              /* of this struct, as the caller knows it */
    const char *name_servers; /* numeric, "192.0.2.53,[2001:db8::53]:5353"; NULL: the system's */
    uint32_t timeout_ms;      /* for all together (20 s, L-05) */
} pop3_client_discovery_options;

/*
 * The POP3 servers that the domain of a mail address tells of in DNS (RFC 6186, R-SRV-01), up to n of them, in the order in
 * which to try them: those of implicit TLS, then those of STLS. OK: found[0] is one; what is not filled has host "". The
 * options may be NULL. Failures, in *error (which may be NULL), are ARG, NAME, TIMEOUT or SYSTEM.
 *
 * Ask once, to set an account up, and keep what the user agreed to: DNS without DNSSEC can be forged, and TLS then only
 * proves that the forger has a certificate of its own. That is what `foreign` is about.
 */
POP3_CLIENT_API pop3_client_class pop3_client_discover(const char *address,
                                                       const pop3_client_discovery_options *options,
                                                       pop3_client_service *found, size_t n, pop3_client_error *error);

/* ---- The handle ---- */

/*
 * A handle without connection. NULL: *error (which may be NULL) is ARG, MEMORY or SYSTEM. Credentials that are not ASCII
 * go through SASLprep here.
 */
POP3_CLIENT_API pop3_client *pop3_client_new(const pop3_client_options *options, pop3_client_error *error);

/* Closes without QUIT, wipes the secrets. NULL is no harm. */
POP3_CLIENT_API void pop3_client_free(pop3_client *client);

/* The outcome of the last call on this handle; valid until the next one. */
POP3_CLIENT_API const pop3_client_error *pop3_client_last_error(const pop3_client *client);

/*
 * Ends the call that runs, and all later ones, with CANCELLED. From any thread or signal handler, as long as the handle
 * lives; errno stays as it is.
 */
POP3_CLIENT_API void pop3_client_cancel(pop3_client *client);

/* ---- The session ---- */

/*
 * Connects, makes TLS as options.tls says, logs in. A session that is open is closed first, without QUIT. Of several
 * addresses the next one is tried where one does not connect, or says nothing before its greeting (L-04). Makes up to two
 * connections more where the server breaks down at CAPA or at an initial response.
 *
 * After the server judged the credentials as wrong, or refused three times without a reason, each further call is STATE
 * without a connection: make a new handle once they changed (R-5034-10, R-3206-03).
 */
POP3_CLIENT_API pop3_client_class pop3_client_open(pop3_client *client);

/*
 * Connects, makes TLS, asks CAPA, says QUIT, without a login. No credentials are sent and none judged: "" does for a
 * password or token that will be there. The functions below then tell what there is, and pop3_client_mechanism() how
 * pop3_client_open() would begin to log in.
 */
POP3_CLIENT_API pop3_client_class pop3_client_probe(pop3_client *client);

/* The server's numeric address, of the last connection that was made; "" if there was none. */
POP3_CLIENT_API const char *pop3_client_address(const pop3_client *client);

/* What the server showed in TLS, good or not. Texts are printable ASCII, valid until the next connection. */
typedef struct pop3_client_tls {
    const char *protocol; /* "TLSv1.3" */
    const char *cipher;
    const char *alpn;               /* its answer, or "" */
    bool client_certificate_wanted; /* it asked for a client certificate, */
    bool client_certificate_sent;   /* and got one */

    bool certificate;    /* it showed a certificate, which the members from here on describe */
    bool trusted;        /* chain, time and name are good, whatever the pin */
    const char *verdict; /* the same in words */
    const char *subject;
    const char *issuer;
    const char *names;  /* host names and addresses in it, ", " between them */
    int64_t not_before; /* seconds since 1970 */
    int64_t not_after;
    const char *key; /* "EC prime256v1" */
    const char *pin; /* of this key, for options.pin */
    unsigned chain;  /* certificates that it sent */
} pop3_client_tls;

/* Of the last connection, also where the handshake failed. False: it had no TLS. */
POP3_CLIENT_API bool pop3_client_tls_info(const pop3_client *client, pop3_client_tls *tls);

/* What the server announced, as bits of pop3_capability, after the login where the server tells it then. 0: nothing. */
POP3_CLIENT_API uint32_t pop3_client_capabilities(const pop3_client *client);

/* A line of the answer to CAPA, such as "SASL PLAIN LOGIN", safe to print; NULL: there are not so many. Lines behind the
   first 8 KB are not kept. */
POP3_CLIENT_API const char *pop3_client_capability_line(const pop3_client *client, size_t index);

/* Days that the server keeps messages (RFC 2449 section 6.7); UINT32_MAX: for ever, or not announced. */
POP3_CLIENT_API uint32_t pop3_client_expire(const pop3_client *client);

/* Seconds to wait between logins; 0: not announced. */
POP3_CLIENT_API uint32_t pop3_client_login_delay(const pop3_client *client);

/* "SCRAM-SHA-256", "USER" and so on: how the login went; "" before it. Behind pop3_client_probe(): how it would begin; "":
   the server offers none that is allowed here. */
POP3_CLIENT_API const char *pop3_client_mechanism(const pop3_client *client);

/*
 * QUIT: the server removes what was marked, and the session is over whatever the result. REFUSED: it removed some or none
 * of it (R-1939-22). CLOSED or TIMEOUT: nobody knows; look again in the next session (R-1939-23).
 *
 * Some servers remove on QUIT whatever was fetched: if a message that retr gave was not stored safely, call
 * pop3_client_close() instead (R-1939-25).
 */
POP3_CLIENT_API pop3_client_class pop3_client_quit(pop3_client *client);

/* Ends the session without QUIT: nothing is removed. */
POP3_CLIENT_API void pop3_client_close(pop3_client *client);

/* ---- Commands ----
 * All return OK, REFUSED or BUSY (-ERR; the session goes on), STATE, or what ended the session: TIMEOUT, PROTOCOL, CLOSED,
 * CANCELLED, TLS, SINK, MEMORY. ARG: message number 0 where one is needed; nothing was sent.
 */

/* Messages and their octets; *octets is POP3_SIZE_UNKNOWN where the server does not know. Both may be NULL. */
POP3_CLIENT_API pop3_client_class pop3_client_stat(pop3_client *client, uint32_t *count, uint64_t *octets);

/*
 * Functions for listings: called for each line. They must not call this library. Anything but 0 stops the calls: the rest
 * is read and dropped, the result is SINK, and the session goes on.
 */
typedef int pop3_client_size_fn(void *context, uint32_t number, uint64_t octets);
typedef int pop3_client_uid_fn(void *context, uint32_t number, const char *uid); /* "": the server has none */

/*
 * LIST and UIDL of one message, or with number 0 of all. A line that is none makes the result PROTOCOL, but the
 * others are given and the session goes on; more than 1,000,000 lines end it (L-02).
 */
POP3_CLIENT_API pop3_client_class pop3_client_list(pop3_client *client, uint32_t number, pop3_client_size_fn *line,
                                                   void *context);
POP3_CLIENT_API pop3_client_class pop3_client_uidl(pop3_client *client, uint32_t number, pop3_client_uid_fn *line,
                                                   void *context);

/*
 * Takes octets of a message, dot-stuffing removed, line ends as they came; how they are cut means nothing. Anything but 0
 * ends the session with SINK, for a message that is not stored forbids QUIT. It must not call this library.
 */
typedef int pop3_client_sink_fn(void *context, const void *octets, size_t n);

/* A message, whole if the result is OK. Any other result: what the sink got is not the message. */
POP3_CLIENT_API pop3_client_class pop3_client_retr(pop3_client *client, uint32_t number, pop3_client_sink_fn *sink,
                                                   void *context);

/* The same into a blocking descriptor. Nothing is synced to disk. */
POP3_CLIENT_API pop3_client_class pop3_client_retr_fd(pop3_client *client, uint32_t number, int fd);

/* Header, blank line and the first lines of the body. Servers are free to answer with less or more. */
POP3_CLIENT_API pop3_client_class pop3_client_top(pop3_client *client, uint32_t number, uint32_t lines,
                                                  pop3_client_sink_fn *sink, void *context);

/* Marks a message for removal by QUIT. */
POP3_CLIENT_API pop3_client_class pop3_client_dele(pop3_client *client, uint32_t number);

/* Takes all marks back. */
POP3_CLIENT_API pop3_client_class pop3_client_rset(pop3_client *client);

/* Keeps the session alive; servers may end it after a minute of silence. */
POP3_CLIENT_API pop3_client_class pop3_client_noop(pop3_client *client);

/* ---- Many commands in one call ----
 * With pipelining up to 512 are on their way, and more follow when 256 are left (R-2449-15). A refusal is not the end: the
 * others go on, and the result is the first failure.
 *
 * If the session ends during such a call, pipelining may be what the server cannot do: the handle does without
 * from then on. Call pop3_client_open() again, and look what there is.
 */

/*
 * The reply to command `index` is complete: *error is that of OK, REFUSED or BUSY. Anything but 0 ends the session with
 * SINK, without QUIT. It must not call this library.
 */
typedef int pop3_client_done_fn(void *context, size_t index, const pop3_client_error *error);

/* As pop3_client_sink_fn, of the message numbers[index]. */
typedef int pop3_client_content_fn(void *context, size_t index, const void *octets, size_t n);

/*
 * STAT, LIST and UIDL in one go; what is NULL is not told. Where pipelining ends the session before the first line, and
 * nothing was marked, it is made again on a new connection without.
 */
POP3_CLIENT_API pop3_client_class pop3_client_survey(pop3_client *client, uint32_t *count, uint64_t *octets,
                                                     pop3_client_size_fn *size, pop3_client_uid_fn *uid, void *context);

/* Messages in this order, each followed by `done` (which may be NULL). A message is whole when `done` says OK. */
POP3_CLIENT_API pop3_client_class pop3_client_retr_many(pop3_client *client, const uint32_t *numbers, size_t count,
                                                        pop3_client_content_fn *content, pop3_client_done_fn *done,
                                                        void *context);

/* TOP of these messages, each followed by `done` (which may be NULL). */
POP3_CLIENT_API pop3_client_class pop3_client_top_many(pop3_client *client, const uint32_t *numbers, size_t count,
                                                       uint32_t lines, pop3_client_content_fn *content,
                                                       pop3_client_done_fn *done, void *context);

/* Marks messages for removal. Only those that are stored: no DELE is sent ahead of that (R-2449-14). */
POP3_CLIENT_API pop3_client_class pop3_client_dele_many(pop3_client *client, const uint32_t *numbers, size_t count,
                                                        pop3_client_done_fn *done, void *context);

/*
 * The same, and QUIT in the same round trip where the server allows it. The session is over whatever the result, but for
 * ARG; what pop3_client_quit() says holds here too. `done` is told of QUIT as well, as index `count`. QUIT goes out
 * whether marks are refused or not, and may be on its way when `done` wants to stop.
 */
POP3_CLIENT_API pop3_client_class pop3_client_dele_quit(pop3_client *client, const uint32_t *numbers, size_t count,
                                                        pop3_client_done_fn *done, void *context);

#ifdef __cplusplus
}
#endif
#endif
