/* SPDX-License-Identifier: MIT */
/*
 * Fetches a maildrop over lwIP: the POP3 engine on the raw TCP API, whose callbacks run in lwIP's own thread or, with
 * NO_SYS, in its main loop. The octets of messages are handed on where lwIP received them, in its pbufs. Nothing is
 * deleted. Knows no TLS: name and password go over the network as they are. README.md says how to run it.
 */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sysexits.h>
#include <unistd.h>

#include <lwip/tcp.h>
#include <lwip/tcpip.h>
#include <netif/tapif.h>
#include <satchel/pop3_engine.h>

#ifndef REPLY_SECONDS
#define REPLY_SECONDS 10
#endif
#define INCOMPLETE "incoming"

struct session {
    pop3_engine engine;
    char line[1024], output[POP3_COMMAND_MAX];
    const char *name, *password;
    ip_addr_t server;
    u16_t port;
    pop3_verb verb;         /* of the command in flight */
    bool replied;           /* its reply is complete: the next command is due */
    uint32_t number, count; /* the message in hand, those in the maildrop */
    FILE *file;             /* what has come of it */
    unsigned silence;       /* seconds since something came */
    int status;
    const char *why; /* the session was given up */
    sys_sem_t over;
};

static bool is_open(const struct session *s) {
    return pop3_engine_phase(&s->engine) < POP3_PHASE_CLOSED;
}

static void give_up(struct session *s, int status, const char *why) {
    if (is_open(s)) {
        pop3_engine_abort(&s->engine, POP3_IO);
        s->status = status;
        s->why = why;
    }
}

/* ---- The application ---- */

/* A server may delete at QUIT what was retrieved: it has to be on the disk before that (R-1939-25). */
static void store(struct session *s) {
    char name[16];
    bool good = fflush(s->file) == 0 && fsync(fileno(s->file)) == 0 && !ferror(s->file);

    good = fclose(s->file) == 0 && good;
    s->file = NULL;
    (void)snprintf(name, sizeof name, "%" PRIu32 ".eml", s->number);
    if (!good || rename(INCOMPLETE, name) != 0) {
        give_up(s, EX_IOERR, "the message cannot be stored");
    }
}

static void complain(const struct session *s, const char *what) {
    fprintf(stderr, "lwip_fetch: %s: %s", s->verb == POP3_GREETING ? "greeting" : pop3_verb_name(s->verb), what);
}

static void refused(struct session *s, const pop3_event *event) {
    complain(s, "refused: ");
    for (size_t i = 0; i < event->length; i++) {
        (void)fputc(event->data[i] >= ' ' && event->data[i] <= '~' ? event->data[i] : '?', stderr);
    }
    (void)fputc('\n', stderr);
    s->status = s->verb == POP3_USER || s->verb == POP3_PASS ? EX_NOPERM : EX_TEMPFAIL;
}

static void on_event(struct session *s, const pop3_event *event) {
    uint64_t octets;

    if (event->type == POP3_EVENT_BODY) {
        (void)fwrite(event->data, 1, event->length, s->file);
    } else if (event->type == POP3_EVENT_END) {
        store(s);
    } else if (event->type == POP3_EVENT_ERR) {
        refused(s, event);
    } else if (event->more) {
        s->file = fopen(INCOMPLETE, "wb");
        if (s->file == NULL) {
            give_up(s, EX_CANTCREAT, "no file can be created in the folder");
        }
    } else if (event->verb == POP3_STAT && event->type == POP3_EVENT_OK &&
               !pop3_parse_stat(event->data, event->length, &s->count, &octets)) {
        give_up(s, EX_PROTOCOL, "the server does not say how many messages there are");
    }
    s->replied = s->replied || (event->type >= POP3_EVENT_GREETING && event->type <= POP3_EVENT_END && !event->more);
}

static void next_command(struct session *s) {
    pop3_arg arg = {.text = NULL};

    switch (s->status == EX_OK ? s->verb : POP3_RETR) {
    case POP3_GREETING: s->verb = POP3_USER, arg.text = s->name; break;
    case POP3_USER: s->verb = POP3_PASS, arg.text = s->password; break;
    case POP3_PASS: s->verb = POP3_STAT; break;
    default:
        s->verb = s->number < s->count ? POP3_RETR : POP3_QUIT;
        arg.number = s->number < s->count ? ++s->number : 0;
    }
    s->replied = false;
    if (pop3_engine_command(&s->engine, s->verb, &arg, 0) != POP3_SUCCESS) {
        give_up(s, EX_USAGE, "the name or password cannot be sent");
    }
}

static void end_session(struct session *s) {
    if (s->file != NULL) {
        (void)fclose(s->file);
    }
    (void)remove(INCOMPLETE); /* there is none where all went well */
    if (s->why != NULL) {
        complain(s, s->why);
        (void)fputc('\n', stderr);
    } else if (s->status == EX_OK) {
        printf("%" PRIu32 " messages\n", s->count);
    }
    sys_sem_signal(&s->over);
}

/* ---- The port ---- */

static void take(struct session *s, const char *octets, size_t n) {
    pop3_event event;

    do {
        size_t used = pop3_engine_input(&s->engine, octets, n, &event);
        octets += used;
        n -= used;
        on_event(s, &event);
    } while (event.type != POP3_EVENT_NEED_INPUT && event.type < POP3_EVENT_CLOSED);
    if (event.type == POP3_EVENT_FAIL && s->why == NULL) {
        s->why = event.error == POP3_IO ? "the connection was closed" : "the server broke the protocol";
        s->status = event.error == POP3_IO ? EX_UNAVAILABLE : EX_PROTOCOL;
    }
}

/* What lwIP has no room for stays in the engine; on_sent() and on_poll() come here again. */
static void transmit(struct session *s, struct tcp_pcb *pcb) {
    size_t n;
    const void *octets = pop3_engine_output(&s->engine, &n);
    err_t error = ERR_OK;

    n = LWIP_MIN(n, tcp_sndbuf(pcb));
    if (n != 0) {
        error = tcp_write(pcb, octets, (u16_t)n, TCP_WRITE_FLAG_COPY);
    }
    if (error == ERR_OK) {
        pop3_engine_output_done(&s->engine, n);
    } else if (error != ERR_MEM) {
        give_up(s, EX_UNAVAILABLE, "lwIP does not send");
    }
}

/* The end of every callback, and what it returns: ERR_ABRT if the pcb is no more. lwIP sends when it has returned. */
static err_t proceed(struct session *s, struct tcp_pcb *pcb) {
    if (is_open(s) && s->replied) {
        next_command(s);
    }
    if (is_open(s)) {
        transmit(s, pcb);
    }
    if (is_open(s)) {
        return ERR_OK;
    }
    tcp_recv(pcb, NULL);
    tcp_sent(pcb, NULL);
    tcp_poll(pcb, NULL, 0);
    tcp_err(pcb, NULL);
    end_session(s);
    if (pop3_engine_phase(&s->engine) == POP3_PHASE_CLOSED && tcp_close(pcb) == ERR_OK) {
        return ERR_OK;
    }
    tcp_abort(pcb);
    return ERR_ABRT;
}

/*
 * The engine gets all octets at hand before the next command: what nobody asked for is refused instead of being taken
 * for the next reply (F-03). The window opens by what was used.
 */
static err_t on_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error) {
    struct session *s = arg;
    size_t unsent;

    (void)error; /* ERR_OK always */
    if (p == NULL) {
        pop3_engine_eof(&s->engine);
        take(s, "", 0);
        return proceed(s, pcb);
    }
    (void)pop3_engine_output(&s->engine, &unsent);
    if (unsent != 0) {
        pop3_engine_abort(&s->engine, POP3_PROTO); /* a reply to what was not sent */
    }
    s->silence = 0;
    for (const struct pbuf *q = p; q != NULL; q = q->next) {
        take(s, q->payload, q->len);
    }
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    return proceed(s, pcb);
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t length) {
    (void)length;
    return proceed(arg, pcb);
}

/* Once a second, from tcp_connect() on. */
static err_t on_poll(void *arg, struct tcp_pcb *pcb) {
    struct session *s = arg;

    if (++s->silence == REPLY_SECONDS) {
        give_up(s, EX_UNAVAILABLE, "the server does not answer");
    }
    return proceed(s, pcb);
}

/* lwIP has freed the pcb. */
static void on_error(void *arg, err_t error) {
    give_up(arg, EX_UNAVAILABLE, error == ERR_RST ? "the connection was refused or reset" : "lwIP gave up");
    end_session(arg);
}

static void connect_to(struct session *s) {
    struct tcp_pcb *pcb = tcp_new_ip_type(IP_GET_TYPE(&s->server));

    if (pcb == NULL) {
        on_error(s, ERR_MEM);
        return;
    }
    tcp_arg(pcb, s);
    tcp_recv(pcb, on_received);
    tcp_sent(pcb, on_sent);
    tcp_poll(pcb, on_poll, 2);
    tcp_err(pcb, on_error);
    if (tcp_connect(pcb, &s->server, s->port, NULL) != ERR_OK) { /* NULL: the server speaks first */
        tcp_abort(pcb);                                          /* on_error() */
    }
}

/* ---- The board: lwIP on a TAP device ---- */

static void start(void *arg) {
    static struct netif tap;
    ip4_addr_t own, mask;
    ip6_addr_t own6;
    s8_t slot;

    IP4_ADDR(&own, 10, 77, 0, 2);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    IP6_ADDR(&own6, PP_HTONL(0xFD770000), 0, 0, PP_HTONL(2));
    netif_add(&tap, &own, &mask, IP4_ADDR_ANY4, NULL, tapif_init, tcpip_input);
    netif_add_ip6_address(&tap, &own6, &slot);
    netif_ip6_addr_set_state(&tap, slot, IP6_ADDR_PREFERRED);
    netif_set_default(&tap);
    netif_set_up(&tap);
    connect_to(arg);
}

int main(int argc, char **argv) {
    static struct session s;
    const pop3_engine_buffers buffers = {s.line, s.output, sizeof s.line, sizeof s.output};
    unsigned long port = argc == 6 ? strtoul(argv[2], NULL, 10) : 0;
    unsigned seed = 0;

    if (port == 0 || port > 65535 || !ipaddr_aton(argv[1], &s.server) || chdir(argv[5]) != 0) {
        fprintf(stderr, "Usage: lwip_fetch ADDRESS PORT NAME PASSWORD FOLDER\n");
        return EX_USAGE;
    }
    s.port = (u16_t)port;
    s.name = argv[3];
    s.password = argv[4];
    pop3_engine_init(&s.engine, &buffers);

    (void)setenv("PRECONFIGURED_TAPIF", "tap0", 0); /* else tapif_init() runs ifconfig */
    (void)getrandom(&seed, sizeof seed, 0);
    srand(seed); /* lwIP takes its port from rand() */
    (void)sys_sem_new(&s.over, 0);
    tcpip_init(start, &s);
    sys_arch_sem_wait(&s.over, 0);
    LOCK_TCPIP_CORE(); /* the last callback has returned, and what it left to send is sent */
    return s.status;
}
