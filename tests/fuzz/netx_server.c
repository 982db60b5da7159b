/* SPDX-License-Identifier: MIT */
/* One thread, more urgent than the client: when the client runs, all that fits its window has been sent. */
#include "netx_server.h"

#include <string.h>

#include "core/reference_decoder.h"
#include "reference_session.h"
#include "require.h"

#define STACK 65536
#define LARGEST_SEND 1460

static struct {
    NX_IP *ip;
    NX_PACKET_POOL *pool;
    UINT port;
    TX_THREAD thread;
    NX_TCP_SOCKET socket;
    const uint8_t *script;
    size_t left;
    struct netx_exchange last;
} server;

static UCHAR stack[STACK] __attribute__((aligned(16)));

/* ---- What a block means ---- */

static bool asks(const struct netx_exchange *exchange, const char *verb) {
    return strncmp(exchange->command, verb, strlen(verb)) == 0;
}

static size_t end_of_listing(const char *octets, size_t n, size_t at) {
    for (size_t start = at; at < n; at++) {
        if (octets[at] == '\n') {
            size_t length = at - start - (at > start && octets[at - 1] == '\r');
            if (length == 1 && octets[start] == '.') {
                return at + 1;
            }
            if (at + 1 - start > POP3_LISTING_MAX) {
                return 0;
            }
            start = at + 1;
        }
    }
    return 0;
}

static size_t end_of_body(const struct netx_exchange *exchange, size_t at) {
    char *content = malloc(exchange->length + 1);
    size_t length, used;

    require(content != NULL, "no memory");
    used = reference_decode(exchange->reply + at, exchange->length - at, exchange->lf_mode, content, &length);
    free(content);
    return used != 0 ? at + used : 0;
}

struct netx_reply netx_server_judge(const struct netx_exchange *exchange) {
    struct netx_reply reply = {0};
    size_t n = exchange->length < POP3_STATUS_MAX ? exchange->length : POP3_STATUS_MAX;
    const char *lf = n != 0 ? memchr(exchange->reply, '\n', n) : NULL;
    size_t length, text;

    if (lf == NULL) {
        return reply;
    }
    reply.line = (size_t)(lf - exchange->reply);
    reply.rest = reply.end = reply.line + 1;
    length = reply.line - (reply.line != 0 && lf[-1] == '\r');
    reply.status = reference_status(exchange->reply, length, &text);
    if (reply.status != '\0') {
        reply.text = exchange->reply + text;
        reply.text_length = length - text;
    }
    if (reply.status == '+' && (asks(exchange, "RETR") || asks(exchange, "TOP"))) {
        reply.end = end_of_body(exchange, reply.rest);
    } else if (reply.status == '+' && asks(exchange, "CAPA")) {
        reply.end = end_of_listing(exchange->reply, exchange->length, reply.rest);
    }
    return reply;
}

/* May a command come now? */
static bool may_go_on(void) {
    struct netx_reply reply = netx_server_judge(&server.last);

    if (reply.status == '\0' || reply.end != server.last.length || asks(&server.last, "QUIT")) {
        return false;
    }
    return reply.status == '+' ||
           !(server.last.command[0] == '\0' || asks(&server.last, "USER") || asks(&server.last, "PASS"));
}

/* ---- Octets out ---- */

static bool send_octets(const uint8_t *octets, size_t n) {
    NX_PACKET *packet;

    require(nx_packet_allocate(server.pool, &packet, NX_TCP_PACKET, NX_WAIT_FOREVER) == NX_SUCCESS, "no packet");
    require(nx_packet_data_append(packet, (VOID *)(uintptr_t)octets, (ULONG)n, server.pool, NX_WAIT_FOREVER) ==
                NX_SUCCESS,
            "no append");
    if (nx_tcp_socket_send(&server.socket, packet, NX_WAIT_FOREVER) != NX_SUCCESS) {
        nx_packet_release(packet);
        return false;
    }
    return true;
}

static uint8_t next_octet(void) {
    if (server.left == 0) {
        return SCRIPT_BLOCK;
    }
    server.left--;
    return *server.script++;
}

/* The next block becomes the reply to this command, at once and whole: the client may see it before all is sent. */
static const uint8_t *take_block(const char *command, uint8_t *ending) {
    const uint8_t *block = server.script;
    uint8_t octet;

    server.last.number++;
    snprintf(server.last.command, sizeof server.last.command, "%s", command);
    server.last.length = 0;
    while ((octet = next_octet()) != SCRIPT_BLOCK && octet != SCRIPT_CLOSE && octet != SCRIPT_RESET) {
        if (octet != SCRIPT_SEND) {
            server.last.reply[server.last.length++] = (char)octet;
        }
    }
    *ending = octet;
    server.last.closed = octet != SCRIPT_BLOCK;
    server.last.reset = octet == SCRIPT_RESET;
    if (command[0] == '\0') {
        struct netx_reply greeting = netx_server_judge(&server.last);
        server.last.lf_mode = greeting.line == 0 || server.last.reply[greeting.line - 1] != '\r';
    }
    return block;
}

/* False: the client has gone, or the server goes. */
static bool answer(const char *command) {
    uint8_t ending;
    const uint8_t *at = take_block(command, &ending);

    for (size_t left = server.last.length; left != 0;) {
        size_t n = 0;
        while (n < left && n < LARGEST_SEND && at[n] != SCRIPT_SEND) {
            n++;
        }
        if (n != 0 && !send_octets(at, n)) {
            return false;
        }
        left -= n;
        at += n + (left != 0 && at[n] == SCRIPT_SEND);
    }
    if (ending == SCRIPT_BLOCK) {
        return true;
    }
    nx_tcp_socket_disconnect(&server.socket, ending == SCRIPT_CLOSE ? 1000 : NX_NO_WAIT);
    return false;
}

/* ---- Commands in ---- */

static void check_command(const char *command, size_t n) {
    static const char *const verbs[] = {"USER ",  "PASS ", "APOP ", "STAT\r", "LIST ",  "RETR ", "DELE ",
                                        "QUIT\r", "TOP ",  "UIDL ", "NOOP\r", "RSET\r", "CAPA\r"};
    bool known = false;

    require(n > 2 && command[n - 2] == '\r' && command[n - 1] == '\n', "no whole line");
    require(memchr(command, '\r', n) == command + n - 2 && memchr(command, '\0', n) == NULL, "more than a line");
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        known = known || strncmp(command, verbs[i], strlen(verbs[i])) == 0;
    }
    require(known, "an unknown command");
    require(may_go_on(), "a command after what was no reply, or not the only one");
}

/* False: the client has gone, and not in mid-command. */
static bool receive_command(char *command, size_t room) {
    size_t length = 0;

    while (length < 2 || command[length - 1] != '\n') {
        NX_PACKET *packet;
        ULONG n = 0;
        if (nx_tcp_socket_receive(&server.socket, &packet, NX_WAIT_FOREVER) != NX_SUCCESS) {
            require(length == 0, "half a command");
            return false;
        }
        require(packet->nx_packet_length < room - length, "a long command");
        require(nx_packet_data_retrieve(packet, command + length, &n) == NX_SUCCESS, "no octets");
        require(nx_packet_release(packet) == NX_SUCCESS, "no release");
        length += n;
    }
    command[length] = '\0';
    check_command(command, length);
    return true;
}

static void serve(void) {
    char command[sizeof server.last.command] = "";

    while (answer(command) && receive_command(command, sizeof command)) {}
}

static void server_thread(ULONG input) {
    (void)input;
    require(nx_tcp_socket_create(server.ip, &server.socket, (CHAR *)(uintptr_t) "server", NX_IP_NORMAL,
                                 NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 8192, NX_NULL, NX_NULL) == NX_SUCCESS,
            "no socket");
    require(nx_tcp_server_socket_listen(server.ip, server.port, &server.socket, 5, NX_NULL) == NX_SUCCESS, "no port");
    for (;;) {
        if (nx_tcp_server_socket_accept(&server.socket, NX_WAIT_FOREVER) == NX_SUCCESS) {
            serve();
            nx_tcp_socket_disconnect(&server.socket, NX_NO_WAIT);
        }
        nx_tcp_server_socket_unaccept(&server.socket);
        nx_tcp_server_socket_relisten(server.ip, server.port, &server.socket);
    }
}

void netx_server_create(NX_IP *ip, NX_PACKET_POOL *pool, UINT port) {
    server.ip = ip;
    server.pool = pool;
    server.port = port;
    require(tx_thread_create(&server.thread, (CHAR *)(uintptr_t) "server", server_thread, 0, stack, sizeof stack, 7, 7,
                             TX_NO_TIME_SLICE, TX_AUTO_START) == TX_SUCCESS,
            "no server");
}

void netx_server_script(const uint8_t *script, size_t n, char *room) {
    server.script = script;
    server.left = n;
    memset(&server.last, 0, sizeof server.last);
    server.last.reply = room;
}

const struct netx_exchange *netx_server_last(void) {
    return &server.last;
}
