/* SPDX-License-Identifier: MIT */
/*
 * One ThreadX world a test: a scripted POP3 server on one IP instance (1.2.3.4:110), the client under test on another
 * (1.2.3.5). Afterwards every packet is back in its pool, no socket is left, and the client has sent what the script
 * expects and nothing else. Pure NetX API, but for what world_nxhost.c does.
 */
#ifndef SATCHEL_TEST_WORLD_H
#define SATCHEL_TEST_WORLD_H

#include "nxd_pop3_client.h"

#include <stdbool.h>
#include <stddef.h>

#include "tls_peer.h"

/* ---- What the server does ---- */

enum step_kind {
    STEP_SAY,    /* sends octets, in sends of `size` (0: of world.send_size) */
    STEP_EXPECT, /* the client sends exactly these octets next */
    STEP_PAUSE,  /* lets `length` ticks pass */
    STEP_FLOOD,  /* sends `length` octets of text lines, as long as the client takes them */
    STEP_CLOSE,  /* closes the connection */
    STEP_RESET,  /* resets the connection */
    STEP_ACCEPT, /* the client goes without a further octet and connects again; the first connection needs no step */
    STEP_DEAF,   /* what the client sends on this connection from now on means nothing: a ClientHello, say */
    STEP_TLS,    /* makes the TLS handshake */
    STEP_TLS_REFUSED, /* the same, and the client refuses */
    STEP_TLS_END,     /* sends close_notify */
    STEP_SAY_CLEAR    /* sends octets below TLS */
};

struct step {
    enum step_kind kind;
    const char *octets;
    size_t length;
    size_t size;
};

#define S(text) \
    { STEP_SAY, text, sizeof(text) - 1, 0 }
#define S_EACH(text, n) \
    { STEP_SAY, text, sizeof(text) - 1, n }
#define S_OCTETS(octets, n) \
    { STEP_SAY, octets, n, 0 }
#define C(text) \
    { STEP_EXPECT, text, sizeof(text) - 1, 0 }
#define C_OCTETS(octets, n) \
    { STEP_EXPECT, octets, n, 0 }
#define PAUSE(ticks) \
    { STEP_PAUSE, NULL, ticks, 0 }
#define FLOOD(n) \
    { STEP_FLOOD, NULL, n, 0 }
#define CLOSE \
    { STEP_CLOSE, NULL, 0, 0 }
#define RESET \
    { STEP_RESET, NULL, 0, 0 }
#define ACCEPT \
    { STEP_ACCEPT, NULL, 0, 0 }

#define DEAF \
    { STEP_DEAF, NULL, 0, 0 }
#define TLS \
    { STEP_TLS, NULL, 0, 0 }
#define TLS_REFUSED \
    { STEP_TLS_REFUSED, NULL, 0, 0 }
#define TLS_END \
    { STEP_TLS_END, NULL, 0, 0 }
#define S_CLEAR(text) \
    { STEP_SAY_CLEAR, text, sizeof(text) - 1, 0 }

/* Steps that many scripts share. USER is mrose and PASS is mvan99 throughout. */
#define S_OK S("+OK\r\n")
#define LOGIN S("+OK POP3 server ready\r\n"), C("USER mrose\r\n"), S_OK, C("PASS mvan99\r\n"), S_OK
#define STAT(text) C("STAT\r\n"), S("+OK " text "\r\n")
#define QUIT C("QUIT\r\n"), S("+OK bye\r\n")

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- What the world is like ---- */

/* A server and its client. */
struct cast {
    const struct step *script;
    size_t steps;
    void (*client)(void); /* runs in a thread; ends with no client left */
};

enum pools { POOLS_SEPARATE, POOLS_ONE };
enum arrival { ARRIVE_AS_SENT, ARRIVE_TOGETHER, ARRIVE_CHAINED };

/* Zero is a good default for every member but the first three. */
struct world {
    const struct step *script;
    size_t steps;
    void (*client)(void);
    const struct cast *second; /* a second server, at the next port, and a second client, at the same time */
    UINT ip_version; /* 0: 4, but 6 where NetX has no IPv4; where it has no IPv6, worlds with 6 are not played */
    UINT port;       /* the server's; 0: 110 */
    enum pools pools;
    ULONG payload;         /* of the client's pool, or of the one pool; 0: 512, or 1536 */
    ULONG packets;         /* in the client's pool; 0: 8, in the one pool 40 */
    UCHAR *memory;         /* of the one pool; NULL: somewhere */
    size_t send_size;      /* the server's sends; 0: as much as a packet holds */
    enum arrival arrival;  /* how sends become received packets */
    unsigned segment;      /* octets of a packet (ARRIVE_TOGETHER) or of a segment of a chain; 0: all that fit */
    bool empty_segments;   /* in chains */
    bool without_tcp;      /* the client's IP instance */
    bool script_may_break; /* the client may go before the end of the script */
    bool more_commands;    /* of the services that N-50 adds */
    bool stls;             /* STLS may be sent */
    bool over_tls;         /* each connection begins with the handshake, without a step for it */
    unsigned tls_version;  /* 12: TLS 1.2 at most */
    enum tls_certificate certificate;
    bool real_clock;
    bool host_loopback; /* the server's listener is reached over the host's ::1 */
};

/* Makes the world and plays it to its end; a failed check fails the cmocka test. */
void world_play(const struct world *world);

/* The same three times: sends as the script has them, octet by octet, and in chains of this many octets a segment. */
void world_play_each_way(const struct world *world, unsigned segment);

#define PLAY(steps_, client_, ...) \
    world_play(&(const struct world){.script = (steps_), .steps = COUNT(steps_), .client = (client_), __VA_ARGS__})

/* ---- For the client's thread ---- */

/* The block of this thread's client, zeroed in each new world. */
#define pop3 (*world_client())
NX_POP3_CLIENT *world_client(void);

NX_IP *world_ip(void);
NX_PACKET_POOL *world_pool(void);
NXD_ADDRESS *world_server_address(void);
UINT world_server_port(void);

/* Octets that this client's server received so far, over all connections. */
size_t world_received(void);
unsigned world_connections(void);
/* Connections that the client has ended with close_notify, and the name that it asked for last. */
unsigned world_close_notifies(void);
const char *world_sni(void);

/* Ends the world and fails the test. */
void world_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4), noreturn));

#define check(condition) ((condition) ? (void)0 : world_fail(__FILE__, __LINE__, "%s", #condition))
#define check_equal(got, expected) \
    check_equal_(__FILE__, __LINE__, #got, (unsigned long)(got), (unsigned long)(expected))
#define check_octets(got, n, expected, m) check_octets_(__FILE__, __LINE__, got, n, expected, m)

void check_equal_(const char *file, int line, const char *what, unsigned long got, unsigned long expected);
void check_octets_(const char *file, int line, const void *got, size_t n, const void *expected, size_t m);

/* ---- Between world.c, server.c and world_nxhost.c ---- */

#define WORLD_SERVER_PORT 110

#define WORLD_CASTS 2

extern const struct world *world_now;
extern struct cast world_casts[WORLD_CASTS];
unsigned world_me(void); /* which client this thread is */

void servers_clear(void);
void server_create(unsigned which, NX_IP *ip, NX_PACKET_POOL *pool); /* the thread that plays the script */
void server_client_done(unsigned which);                             /* nobody will connect any more */
const char *server_progress(void);                                   /* for messages */
/* Did these octets cross the wire, in clear text that is? */
bool server_wire_holds(unsigned which, const char *text);
/* False: `line` is a command that may not be sent. */
bool server_sent_commands_allowed(unsigned which, char *line, size_t size);

struct world_end {
    bool complete; /* every thread ended */
    unsigned leaked_packets;
    unsigned open_sockets;
};
struct world_end host_run(const struct world *world, VOID (*define)(VOID *));
UINT host_server_port(NX_IP *server);
UCHAR *host_boundary(void); /* a multiple of 4 GiB with 64 KiB of memory on both sides; NULL: there is none */
void host_stop(void) __attribute__((noreturn));

/* Failures on demand: the nth use from now on of a call by the client's thread returns status. */
enum host_call {
    HOST_ALLOCATE,
    HOST_APPEND,
    HOST_CREATE,
    HOST_DELETE,
    HOST_SEND,
    HOST_RECEIVE,
    HOST_DISCONNECT,
    HOST_BIND,
    HOST_UNBIND,
    HOST_CONNECT,
    HOST_TLS_SNI,
    HOST_TLS_CALLBACK,
    HOST_TLS_START,
    HOST_TLS_SEND,
    HOST_TLS_RECEIVE,
    HOST_TLS_END,
    HOST_CALLS
};
void host_fail(enum host_call call, unsigned nth, UINT status);
bool host_failed(enum host_call call, unsigned nth); /* it came to that use */
unsigned host_packets_out(void);

/* ARRIVE_CHAINED: the segments from now on hold so many octets, one after the other; 0 is an empty one. */
void host_segments(const unsigned *octets, size_t n);
size_t host_segments_left(void);

#endif
