/* SPDX-License-Identifier: MIT */
/* The threads that play a script each as POP3 servers, over NetX calls alone; under TLS where the script says so. */
#include "world.h"

#include <ctype.h>
#include <stdarg.h>

#include "tls_peer.h"

#define STACK 65536
#define LOG 32768
#define ROOM 65536

struct server {
    const struct cast *cast;
    UINT port;
    NX_IP *ip;
    NX_PACKET_POOL *pool;
    TX_THREAD thread;
    NX_TCP_SOCKET socket;
    bool client_done;
    bool connected;
    unsigned connections;
    size_t step;
    size_t received; /* octets from the client */
    size_t read;     /* of them, octets that the script has expected */
    char from_client[ROOM];
    struct tls_peer *tls; /* NULL: in clear text */
    bool deaf;            /* what this connection brings is not looked at */
    unsigned close_notifies;
    char sni[100];
    size_t wired; /* octets on the wire */
    char wire[ROOM];
    size_t logged;
    char log[LOG];
};

static struct server servers[WORLD_CASTS];
static UCHAR stacks[WORLD_CASTS][STACK] __attribute__((aligned(16)));

/* ---- Messages ---- */

static void log_octets(struct server *server, const char *who, const char *octets, size_t n) {
    static const char hex[] = "0123456789abcdef";

    if (server->logged + 4 * n + 16 >= LOG) {
        return;
    }
    server->logged += (size_t)snprintf(server->log + server->logged, LOG - server->logged, "  %s ", who);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)octets[i];
        if (isprint(c)) {
            server->log[server->logged++] = (char)c;
        } else {
            server->log[server->logged++] = '\\';
            server->log[server->logged++] = 'x';
            server->log[server->logged++] = hex[c >> 4];
            server->log[server->logged++] = hex[c & 15];
        }
    }
    server->log[server->logged++] = '\n';
    server->log[server->logged] = '\0';
}

const char *server_progress(void) {
    static char text[WORLD_CASTS * (LOG + 100)];
    size_t n = 0;

    for (const struct server *server = servers; server < servers + WORLD_CASTS && server->cast != NULL; server++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "at step %zu of %zu, %u connections:\n%s", server->step,
                              server->cast->steps, server->connections, server->log);
    }
    return text;
}

size_t world_received(void) {
    return servers[world_me()].received;
}

unsigned world_connections(void) {
    return servers[world_me()].connections;
}

unsigned world_close_notifies(void) {
    return servers[world_me()].close_notifies;
}

const char *world_sni(void) {
    return servers[world_me()].sni;
}

bool server_wire_holds(unsigned which, const char *text) {
    const struct server *server = &servers[which];
    size_t n = strlen(text);

    for (size_t at = 0; at + n <= server->wired; at++) {
        if (memcmp(server->wire + at, text, n) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- TLS ---- */

static bool receive(struct server *server);
static bool send_octets(struct server *server, const char *octets, size_t n);
static bool send_clear(struct server *server, const char *octets, size_t n);

static bool send_records(struct server *server) {
    char octets[1460];
    size_t n;

    while ((n = tls_peer_take(server->tls, octets, sizeof octets)) > 0) {
        if (!send_clear(server, octets, n)) {
            return false;
        }
    }
    return true;
}

static void note_end_of_tls(struct server *server) {
    if (server->tls != NULL) {
        server->close_notifies += tls_peer_saw_close_notify(server->tls);
        tls_peer_free(server->tls);
        server->tls = NULL;
    }
}

/* The handshake; false: it failed, or the client went. */
static bool accept_tls(struct server *server) {
    enum tls_progress progress;

    server->tls = tls_peer_new(world_now->certificate, world_now->tls_version);
    do {
        progress = tls_peer_accept(server->tls);
    } while (send_records(server) && progress == TLS_WAITS && receive(server));
    snprintf(server->sni, sizeof server->sni, "%s", tls_peer_sni(server->tls));
    log_octets(server, "--", progress == TLS_DONE ? "TLS" : "no TLS", progress == TLS_DONE ? 3 : 6);
    return progress == TLS_DONE;
}

/* ---- Connections ---- */

static void accept_client(struct server *server) {
    UINT status;

    do {
        status = nx_tcp_server_socket_accept(&server->socket, 10);
    } while (status != NX_SUCCESS && !server->client_done);
    server->deaf = false;
    server->connected = status == NX_SUCCESS;
    if (server->connected) {
        server->connections++;
        log_octets(server, "--", "connected", 9);
    }
    if (server->connected && world_now->over_tls) {
        accept_tls(server);
    }
}

static void end_connection(struct server *server, ULONG wait) {
    if (server->connected) {
        nx_tcp_socket_disconnect(&server->socket, wait);
        log_octets(server, "--", "closed", 6);
    }
    note_end_of_tls(server);
    server->connected = false;
    nx_tcp_server_socket_unaccept(&server->socket);
}

static void take(struct server *server, const char *octets, size_t n) {
    char *to = server->from_client + server->received;
    size_t room = ROOM - server->received;

    if (server->tls != NULL) {
        tls_peer_put(server->tls, octets, n);
        n = tls_peer_read(server->tls, to, room);
    } else {
        memcpy(to, octets, n);
    }
    if (n > 0) {
        log_octets(server, "C:", to, n);
    }
    server->received += n;
}

/* Waits for octets; false when the client has gone. */
static bool receive(struct server *server) {
    NX_PACKET *packet = NX_NULL;
    ULONG copied = 0;

    if (!server->connected || nx_tcp_socket_receive(&server->socket, &packet, NX_WAIT_FOREVER) != NX_SUCCESS) {
        return false;
    }
    check(packet->nx_packet_length <= ROOM - server->wired);
    check_equal(nx_packet_data_retrieve(packet, server->wire + server->wired, &copied), NX_SUCCESS);
    check_equal(nx_packet_release(packet), NX_SUCCESS);
    if (!server->deaf) {
        take(server, server->wire + server->wired, copied);
    }
    server->wired += copied;
    return true;
}

/* The client goes, and sends nothing before. */
static void await_departure(struct server *server) {
    while (receive(server)) {}
    if (server->received != server->read) {
        world_fail(__FILE__, __LINE__, "octets that the script does not expect");
    }
}

/* ---- Steps ---- */

static bool send_octets(struct server *server, const char *octets, size_t n) {
    if (server->tls == NULL) {
        return send_clear(server, octets, n);
    }
    tls_peer_write(server->tls, octets, n);
    return send_records(server);
}

static bool send_clear(struct server *server, const char *octets, size_t n) {
    NX_PACKET *packet;

    check_equal(nx_packet_allocate(server->pool, &packet, NX_TCP_PACKET, NX_WAIT_FOREVER), NX_SUCCESS);
    check_equal(nx_packet_data_append(packet, (VOID *)(uintptr_t)octets, (ULONG)n, server->pool, NX_WAIT_FOREVER),
                NX_SUCCESS);
    if (nx_tcp_socket_send(&server->socket, packet, NX_WAIT_FOREVER) != NX_SUCCESS) {
        nx_packet_release(packet);
        return false;
    }
    return true;
}

static bool say(struct server *server, const struct step *step) {
    size_t size = step->size != 0 ? step->size : world_now->send_size;

    log_octets(server, "S:", step->octets, step->length < 200 ? step->length : 200);
    if (size == 0 || size > 1460) {
        size = 1460;
    }
    for (size_t at = 0; at < step->length; at += size) {
        if (!send_octets(server, step->octets + at, step->length - at < size ? step->length - at : size)) {
            return false;
        }
    }
    return true;
}

static void flood(struct server *server, size_t n) {
    static const char line[] = "This line is one of very many and tells nothing at all.....\r\n";
    char packet[(sizeof line - 1) * 20];

    for (size_t at = 0; at < sizeof packet; at++) {
        packet[at] = line[at % (sizeof line - 1)];
    }
    for (size_t sent = 0; sent < n; sent += sizeof packet) {
        if (!send_octets(server, packet, sizeof packet)) {
            return;
        }
    }
}

static bool expect(struct server *server, const struct step *step) {
    while (server->received - server->read < step->length) {
        if (!receive(server)) {
            return false;
        }
    }
    if (memcmp(server->from_client + server->read, step->octets, step->length) != 0) {
        world_fail(__FILE__, __LINE__, "the client should have sent \"%.*s\"", (int)step->length, step->octets);
    }
    server->read += step->length;
    return true;
}

static bool accept_again(struct server *server) {
    await_departure(server);
    end_connection(server, 1);
    nx_tcp_server_socket_relisten(server->ip, server->port, &server->socket);
    accept_client(server);
    return server->connected;
}

static bool play(struct server *server, const struct step *step) {
    switch (step->kind) {
    case STEP_SAY: return say(server, step);
    case STEP_EXPECT: return expect(server, step);
    case STEP_PAUSE: tx_thread_sleep((ULONG)step->length); return true;
    case STEP_FLOOD: flood(server, step->length); return true;
    case STEP_CLOSE: end_connection(server, 1000); return true;
    case STEP_RESET: end_connection(server, NX_NO_WAIT); return true;
    case STEP_ACCEPT: return accept_again(server);
    case STEP_DEAF: server->deaf = true; return true;
    case STEP_TLS: return accept_tls(server);
    case STEP_TLS_REFUSED: return !accept_tls(server);
    case STEP_TLS_END: tls_peer_close_notify(server->tls); return send_records(server);
    case STEP_SAY_CLEAR: return send_clear(server, step->octets, step->length);
    }
    return false;
}

static void server_thread(ULONG input) {
    struct server *server = &servers[input];

    check_equal(nx_tcp_socket_create(server->ip, &server->socket, (CHAR *)"server", NX_IP_NORMAL, NX_FRAGMENT_OKAY,
                                     NX_IP_TIME_TO_LIVE, 8192, NX_NULL, NX_NULL),
                NX_SUCCESS);
    check_equal(nx_tcp_server_socket_listen(server->ip, server->port, &server->socket, 5, NX_NULL), NX_SUCCESS);
    accept_client(server);
    for (; server->step < server->cast->steps; server->step++) {
        if (!play(server, &server->cast->script[server->step])) {
            break;
        }
    }
    if (server->step < server->cast->steps && !world_now->script_may_break) {
        world_fail(__FILE__, __LINE__, "the client went before the end of the script");
    }
    await_departure(server);
    end_connection(server, 1);
    nx_tcp_server_socket_unlisten(server->ip, server->port);
    check_equal(nx_tcp_socket_delete(&server->socket), NX_SUCCESS);
}

void servers_clear(void) {
    for (size_t i = 0; i < WORLD_CASTS; i++) {
        tls_peer_free(servers[i].tls); /* of a world that failed */
    }
    memset(servers, 0, sizeof servers);
}

void server_create(unsigned which, NX_IP *ip, NX_PACKET_POOL *pool) {
    struct server *server = &servers[which];

    server->cast = &world_casts[which];
    server->port = world_now->port + which;
    server->ip = ip;
    server->pool = pool;
    check_equal(tx_thread_create(&server->thread, (CHAR *)"server", server_thread, which, stacks[which],
                                 sizeof stacks[which], 4, 4, TX_NO_TIME_SLICE, TX_AUTO_START),
                TX_SUCCESS);
}

void server_client_done(unsigned which) {
    servers[which].client_done = true;
}

/* ---- What may be sent (N-58) ---- */

static bool is_number(const char *text) {
    size_t digits = strspn(text, "0123456789");

    return digits > 0 && text[digits] == '\0';
}

static bool is_allowed(const char *line) {
    static const char *const alone[] = {"STAT", "QUIT", "NOOP", "RSET", "CAPA"};
    static const char *const numbered[] = {"LIST ", "RETR ", "DELE ", "UIDL "};
    static const char *const named[] = {"USER ", "PASS ", "APOP ", "TOP "};

    if (world_now->stls && strcmp(line, "STLS") == 0) {
        return true;
    }
    for (size_t i = 0; i < (world_now->more_commands ? 5U : 2U); i++) {
        if (strcmp(line, alone[i]) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < (world_now->more_commands ? 4U : 3U); i++) {
        if (strncmp(line, numbered[i], 5) == 0 && is_number(line + 5)) {
            return true;
        }
    }
    for (size_t i = 0; i < (world_now->more_commands ? 4U : 3U); i++) {
        if (strncmp(line, named[i], strlen(named[i])) == 0) {
            return true;
        }
    }
    return false;
}

bool server_sent_commands_allowed(unsigned which, char *line, size_t size) {
    const char *at = servers[which].from_client;
    const char *end = at + servers[which].received;

    while (at < end) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((lf != NULL ? lf : end) - at);
        bool whole = lf != NULL && length > 0 && at[length - 1] == '\r';

        snprintf(line, size, "%.*s", (int)(whole ? length - 1 : length), at);
        if (!whole || memchr(at, '\0', length) != NULL || !is_allowed(line)) {
            return false;
        }
        at = lf + 1;
    }
    return true;
}
