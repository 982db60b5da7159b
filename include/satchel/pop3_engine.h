/* SPDX-License-Identifier: MIT */
/*
 * The POP3 protocol engine: RFC 1939, 2449, 2595 (STLS), 3206, 5034 (AUTH), 6856 (UTF8, LANG).
 *
 * It has no socket, clock, heap, callback or log. The caller lends it received octets and takes one event at a time;
 * octets to send are taken from an output window. It links with nothing but memchr, memcmp, memcpy, memmove, memset.
 *
 *     for (;;) {
 *         send everything that pop3_engine_output() offers, telling pop3_engine_output_done();
 *         used = pop3_engine_input(&engine, in, n, &event);    in += used;  n -= used;
 *         switch (event.type) { ... NEED_INPUT: receive; n == 0 means pop3_engine_eof() ... }
 *     }
 *
 * Lifetime of every span in an event: until the next call on this engine, or until the caller changes the octets it
 * lent, whichever is first. An engine is used by one thread at a time; engines share nothing.
 */
#ifndef SATCHEL_POP3_ENGINE_H
#define SATCHEL_POP3_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The library and its user must agree on these two, for they shape pop3_engine. */

/* Commands that may await their reply at once. */
#ifndef POP3_ENGINE_DEPTH
#if defined(__unix__) || defined(__APPLE__) || defined(_WIN32)
#define POP3_ENGINE_DEPTH 512
#else
#define POP3_ENGINE_DEPTH 1
#endif
#endif

/* 1: AUTH may be challenged. 0: a challenge is POP3_PROTO, and pop3_engine_sasl_reply() is not there. */
#ifndef POP3_ENGINE_SASL
#define POP3_ENGINE_SASL (POP3_ENGINE_DEPTH > 1)
#endif

#define POP3_COMMAND_MAX 255     /* octets of a command with its CRLF (RFC 2449 section 4) */
#define POP3_STATUS_MAX 2048     /* octets of a status line with its line end; longer is POP3_LIMIT (L-02) */
#define POP3_LISTING_MAX 1024    /* octets of a listing line with its line end; longer is POP3_LIMIT (L-02) */
#define POP3_CHALLENGE_MAX 16384 /* octets of any line in reply to AUTH with its line end (R-5034-08) */
#define POP3_LINE_MIN 48         /* octets that pop3_engine_buffers.line must have: the longest reply to STAT fits */
#define POP3_TIMESTAMP_MAX 255   /* octets of an APOP timestamp with its angle brackets (R-APOP-01) */

/* The order is that of the verb table in verbs.c. POP3_GREETING stands for the line that a server sends unasked. */
typedef enum pop3_verb {
    POP3_GREETING,
    POP3_USER,
    POP3_PASS,
    POP3_APOP,
    POP3_QUIT,
    POP3_STAT,
    POP3_LIST,
    POP3_RETR,
    POP3_DELE,
    POP3_UIDL,
    POP3_TOP,
    POP3_NOOP,
    POP3_RSET,
    POP3_CAPA,
    POP3_STLS,
    POP3_UTF8,
    POP3_LANG,
    POP3_AUTH
} pop3_verb;

#define POP3_VERB_COUNT (POP3_AUTH + 1)

typedef enum pop3_phase {
    POP3_PHASE_GREETING,      /* nothing may be sent before the greeting was read (R-1939-01) */
    POP3_PHASE_AUTHORIZATION, /* CAPA, STLS, UTF8, LANG, USER, APOP, AUTH, QUIT */
    POP3_PHASE_USER_ACCEPTED, /* USER was accepted: only PASS or QUIT (R-1939-18) */
    POP3_PHASE_TLS_PENDING,   /* STLS was accepted: nothing may be sent or received before the handshake ended */
    POP3_PHASE_TRANSACTION,   /* logged in: all but the authentication commands */
    POP3_PHASE_UPDATE,        /* QUIT was sent from TRANSACTION */
    POP3_PHASE_CLOSED,        /* QUIT was answered, the greeting was -ERR, or the server closed between commands */
    POP3_PHASE_FAILED         /* sticky: only pop3_engine_init() leaves it */
} pop3_phase;

typedef enum pop3_error {
    POP3_SUCCESS,
    POP3_ARG, /* the caller's argument is missing, empty, not wanted, too long, or has an octet that may not be sent */
    POP3_STATE,   /* not legal in this phase, or behind a command that nothing may follow */
    POP3_LIMIT,   /* a bound was hit: queue or output full (not fatal), or a line too long (fatal) */
    POP3_PROTO,   /* the server broke the rules (fatal) */
    POP3_REFUSED, /* the server answered -ERR; used by the layers above, never by the engine */
    POP3_IO /* the connection ended or failed in mid-reply; given by pop3_engine_eof(), pop3_engine_abort() (fatal) */
} pop3_error;

/* GREETING to END without `more`: the reply is complete. */
typedef enum pop3_event_type {
    POP3_EVENT_NEED_INPUT, /* everything was consumed: send the output, then receive */
    POP3_EVENT_CHALLENGE,  /* AUTH: data = base64 of the challenge; more = the challenge goes on in the next event */
    POP3_EVENT_LINE, /* one line of CAPA, LIST, UIDL, LANG or AUTH, un-stuffed, without its line end (any LF ends it) */
    POP3_EVENT_BODY, /* octets of RETR or TOP, un-stuffed, line ends as received; how they are cut means nothing */
    POP3_EVENT_GREETING, /* +OK greeting; data = its text; with `cut` perhaps only from its APOP timestamp on */
    POP3_EVENT_OK,       /* +OK; data = its text, blanks before it skipped; more = LINE or BODY events and END follow */
    POP3_EVENT_ERR,      /* -ERR; data as of OK. For POP3_GREETING the phase is CLOSED */
    POP3_EVENT_START_TLS, /* STLS was accepted; data as of OK. What is received already must be offered: it is a FAIL */
    POP3_EVENT_END,       /* the multi-line reply is complete; its terminator is not content */
    POP3_EVENT_CLOSED,    /* phase CLOSED: all input is consumed and ignored; verb and tag mean nothing */
    POP3_EVENT_FAIL       /* phase FAILED: likewise, for ever; error tells why, data may be the line in question */
} pop3_event_type;

typedef struct pop3_event {
    uint8_t type;     /* pop3_event_type */
    uint8_t verb;     /* pop3_verb that this replies to */
    uint8_t error;    /* pop3_error of FAIL, otherwise POP3_SUCCESS */
    bool more;        /* OK, CHALLENGE: see there */
    bool cut;         /* GREETING, OK, ERR, LINE: octets of the line were dropped; data may not be all of it */
    uint32_t tag;     /* given to pop3_engine_command() */
    const char *data; /* of BODY in the caller's input or in static storage, else in line[]; NULL if there is none */
    size_t length;    /* octets of data */
} pop3_event;

/*
 * Memory lent for the engine's life. `line` holds the current line of the server: at least POP3_LINE_MIN octets, 1,024
 * where listings matter; a longer line is cut, a longer challenge comes in parts, a longer greeting keeps its APOP
 * timestamp. `output` holds commands not yet sent: at least POP3_COMMAND_MAX octets unless the caller knows its longest
 * command (TOP with two numbers of ten digits has 27). The two may be the same memory if the caller sends the whole
 * output before it offers input and never has two commands in flight.
 */
typedef struct pop3_engine_buffers {
    char *line;
    char *output;
    uint16_t line_size;
    uint16_t output_size;
} pop3_engine_buffers;

/* What a command carries; zero what it does not. Strings end with NUL. Borrowed for the call. */
typedef struct pop3_arg {
    const char *text;   /* USER name, PASS password, APOP name, AUTH mechanism, LANG tag */
    const char *second; /* APOP digest, AUTH initial response in base64 ("=" for an empty one, R-5034-05) */
    uint32_t number;    /* message: RETR, TOP, DELE; LIST, UIDL: 0 for the whole listing */
    uint32_t lines;     /* TOP; ignored elsewhere */
} pop3_arg;

typedef struct pop3_pending {
    uint8_t verb;
    uint8_t shape;
    uint32_t tag;
} pop3_pending;

/* Public so that it can be static or on a stack; its members are the engine's own. Small ones first: firmware. */
typedef struct pop3_engine {
    uint8_t phase;
    uint8_t expect;
    uint8_t dot;
    uint8_t error;
    bool lf_mode; /* the greeting ended with a bare LF (R-1939-07) */
    char bracket; /* the greeting's last < or > */
    uint16_t queue_head;
    uint16_t queue_count;
    uint16_t line_length; /* octets of the current line in line[] */
    uint16_t line_total;  /* octets of the current line received so far */
    uint16_t output_length;
    pop3_pending queue[POP3_ENGINE_DEPTH];
    pop3_engine_buffers buffers;
#if POP3_ENGINE_SASL
    const char *reply; /* what is left of the borrowed reply to a challenge */
    size_t reply_length;
#endif
} pop3_engine;

/* A new connection: phase GREETING, nothing to send. The buffers are lent until the engine is no longer used. */
void pop3_engine_init(pop3_engine *engine, const pop3_engine_buffers *buffers);

/*
 * Consumes octets of `in` up to and including those that complete one event; returns how many. n may be 0 (an empty
 * segment of a packet chain; or to take the event that pop3_engine_eof() or pop3_engine_abort() caused), then `in` may
 * be NULL. Any split of a stream gives the same events, but for how BODY octets are cut.
 */
size_t pop3_engine_input(pop3_engine *engine, const void *in, size_t n, pop3_event *event);

/* The octets to send now; *n is 0 when there are none. Valid until the next call on this engine. Any phase. */
const void *pop3_engine_output(const pop3_engine *engine, size_t *n);

/* The first n octets of the window were sent, n at most its length. They are wiped where the engine owns them. */
void pop3_engine_output_done(pop3_engine *engine, size_t n);

/*
 * Puts a command into the output and expects its reply; `tag` comes back in each of its events. arg may be NULL for a
 * command without argument. On error nothing is sent and nothing changes:
 *   POP3_ARG    argument missing, empty, not wanted, with an octet below 0x20, 0x7F or (but in PASS) a blank, message
 *               number 0; or the command exceeds POP3_COMMAND_MAX (A-13, R-1939-03, R-1939-04, R-1939-10)
 *   POP3_STATE  not legal in this phase; or, while the queue has room, behind STLS, AUTH, USER, PASS, APOP, QUIT still
 *               unanswered (R-2449-13)
 *   POP3_LIMIT  POP3_ENGINE_DEPTH commands are in flight, or the output has no room: send, read replies, try again
 */
pop3_error pop3_engine_command(pop3_engine *engine, pop3_verb verb, const pop3_arg *arg, uint32_t tag);

/* Takes back the last command, whose octets were taken from the output (pop3_engine_output_done()) but not sent. */
void pop3_engine_undo(pop3_engine *engine);

#if POP3_ENGINE_SASL
/*
 * Answers a CHALLENGE that came whole (more == false) with a line of base64, n == 0 for an empty one, "*" to cancel
 * (R-5034-05, R-5034-06). `base64` is borrowed until the output is empty, so that a token of some KiB needs no copy.
 * POP3_STATE: no challenge awaits an answer. POP3_ARG: an octet outside 0x21..0x7E. POP3_LIMIT: the server challenged
 * before the output was sent: send it first.
 */
pop3_error pop3_engine_sasl_reply(pop3_engine *engine, const char *base64, size_t n);
#endif

/* The TLS handshake behind START_TLS has succeeded: phase AUTHORIZATION, LF mode forgotten (R-TLS-04). Else ignored. */
void pop3_engine_tls_started(pop3_engine *engine);

/*
 * The server closed the connection. The next event is CLOSED if no reply was owed, else FAIL with POP3_IO: a reply that
 * was not read to its end did not happen (R-1939-23).
 */
void pop3_engine_eof(pop3_engine *engine);

/* The caller gives up (timeout, reset, cancel): phase FAILED with `why`. Ignored in phases CLOSED and FAILED. */
void pop3_engine_abort(pop3_engine *engine, pop3_error why);

static inline pop3_phase pop3_engine_phase(const pop3_engine *engine) {
    return (pop3_phase)engine->phase;
}

/* Commands whose reply is not complete; the greeting is none. */
unsigned pop3_engine_in_flight(const pop3_engine *engine);

/* Would pop3_engine_command() take this verb now, given a good argument and room in the output? */
bool pop3_engine_can(const pop3_engine *engine, pop3_verb verb);

/* ---- The verb table, for traces and tools ---- */

/* "STAT" and so on, four characters at most, in static storage; "" for POP3_GREETING. */
const char *pop3_verb_name(pop3_verb verb);

/* The command's argument must not be shown: PASS, APOP, AUTH, and every sasl_reply. */
bool pop3_verb_secret(pop3_verb verb);

/* ---- Pure parsers: each takes text as events give it, borrows it for the call, and keeps nothing ---- */

#define POP3_SIZE_UNKNOWN UINT64_MAX

/*
 * Octets of a decimal number at the start of text and of the blanks behind it, its value in *value. 0 if there is none,
 * if it has more than 19 digits, which always fit 64 bits, or if anything but a blank follows it.
 */
size_t pop3_parse_number(const char *text, size_t length, uint64_t *value);

/*
 * Up to two decimal numbers at the start of text, each a word, blanks around them; what follows is ignored. Returns
 * how many of them fit 32 bits; the first that does not is UINT32_MAX and the last, and one that is missing is 0. It
 * serves every reply that tells numbers (STAT, LIST n, RETR n) where 64 bits cost too much.
 */
unsigned pop3_parse_numbers(const char *text, size_t length, uint32_t values[2]);

/* Octets of a NUL-ended text; 0 if it is empty or has an octet below `lowest` or 0x7F: not to be sent. */
size_t pop3_sendable(const char *text, unsigned lowest);

/* Octets of `word` (upper case) if text begins with it in any case and no letter or digit follows it; else 0. */
size_t pop3_begins_with(const char *text, size_t length, const char *word);

/* Reply to STAT. *octets is POP3_SIZE_UNKNOWN where the server's is negative or no number. False: no count. */
bool pop3_parse_stat(const char *text, size_t length, uint32_t *count, uint64_t *octets);

/* A line of LIST, or the text of the reply to LIST n. False: no message number from 1 to 2^32-1 or no size. */
bool pop3_parse_list(const char *text, size_t length, uint32_t *number, uint64_t *octets);

/*
 * A line of UIDL, or the text of the reply to UIDL n. *uid points into text; *uid_length is 0 where there is none
 * . More than one blank before it and blanks behind it are skipped. False: no message number, or an octet
 * below 0x20 or 0x7F in the uid, or the uid exceeds 1,000 octets.
 */
bool pop3_parse_uidl(const char *text, size_t length, uint32_t *number, const char **uid, size_t *uid_length);

typedef enum pop3_capability {
    POP3_CAPABILITY_TOP = 1 << 0,
    POP3_CAPABILITY_USER = 1 << 1,
    POP3_CAPABILITY_UIDL = 1 << 2,
    POP3_CAPABILITY_SASL = 1 << 3,
    POP3_CAPABILITY_STLS = 1 << 4,
    POP3_CAPABILITY_PIPELINING = 1 << 5,
    POP3_CAPABILITY_RESP_CODES = 1 << 6,
    POP3_CAPABILITY_AUTH_RESP_CODE = 1 << 7,
    POP3_CAPABILITY_LOGIN_DELAY = 1 << 8,
    POP3_CAPABILITY_EXPIRE = 1 << 9,
    POP3_CAPABILITY_UTF8 = 1 << 10,
    POP3_CAPABILITY_LANG = 1 << 11,
    POP3_CAPABILITY_IMPLEMENTATION = 1 << 12
} pop3_capability;

/*
 * A line of CAPA: one bit of pop3_capability, or 0 for an unknown tag. Tags match whole and in any case (R-2449-02).
 * *parameters points behind the tag and its blanks, trimmed; its length may be 0.
 */
uint32_t pop3_parse_capability(const char *line, size_t length, const char **parameters, size_t *parameters_length);

typedef enum pop3_response_code {
    POP3_CODE_NONE,        /* the text does not begin with a code */
    POP3_CODE_UNKNOWN,     /* a code that is none of these */
    POP3_CODE_IN_USE,      /* RFC 2449 section 8.1.1 */
    POP3_CODE_LOGIN_DELAY, /* RFC 2449 section 8.1.1 */
    POP3_CODE_SYS_TEMP,    /* RFC 3206 section 4 */
    POP3_CODE_SYS_PERM,    /* RFC 3206 section 4 */
    POP3_CODE_AUTH,        /* RFC 3206 section 5 */
    POP3_CODE_UTF8         /* RFC 6856 section 2.1 */
} pop3_response_code;

/*
 * The response code at the start of a status text: `[IN-USE] ...`, in any case; further levels of a known code are
 * ignored (R-2449-08, R-2449-09). *length of the code with its brackets in *code_length, 0 if there is none.
 */
pop3_response_code pop3_parse_code(const char *text, size_t length, size_t *code_length);

/*
 * The APOP timestamp in a greeting's text: the first <...> with msg-id syntax, angle brackets included, at most
 * POP3_TIMESTAMP_MAX octets (R-1939-19, R-APOP-01). NULL: the server offers none.
 */
const char *pop3_parse_timestamp(const char *text, size_t length, size_t *timestamp_length);

#ifdef __cplusplus
}
#endif
#endif
