/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE

#include "name_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEADER = 12, UDP_MOST = 512, PACKET = 65535, SRV = 33, RESPONSE = 0x81, TRUNCATED = 0x02, AVAILABLE = 0x80 };

struct name_server {
    const struct name_answer *answers;
    int udp, tcp, stop;
    char address[32];
    pthread_t thread;
    _Atomic(name_forger *) forger;
    void *forger_context;
    atomic_uint asked, asked_tcp;
};

struct packet {
    unsigned char octets[2 + PACKET]; /* behind the two octets of a length, for TCP */
    size_t size;
};

/* cmocka's assertions belong to its own thread. */
static void must(bool good) {
    if (!good) {
        abort();
    }
}

/* ---- The answer ---- */

static void put(struct packet *packet, const void *octets, size_t n) {
    must(packet->size + n <= PACKET);
    if (n != 0) {
        memcpy(packet->octets + 2 + packet->size, octets, n);
    }
    packet->size += n;
}

static void put_16(struct packet *packet, unsigned value) {
    const unsigned char octets[] = {(unsigned char)(value >> 8), (unsigned char)value};

    put(packet, octets, sizeof octets);
}

static void put_name(struct packet *packet, const char *name) {
    while (*name != '\0') {
        unsigned char label[64] = {0};

        for (; *name != '\0' && *name != '.'; name++) {
            name += *name == '\\';
            label[++label[0]] = (unsigned char)*name;
        }
        name += *name == '.';
        put(packet, label, label[0] + 1U);
    }
    put(packet, "", 1);
}

static void put_record(struct packet *packet, const struct name_record *record) {
    static const unsigned char owner_type_class_ttl[] = {0xC0, HEADER, 0, SRV, 0, 1, 0, 0, 0, 60};
    size_t data;

    put(packet, owner_type_class_ttl, sizeof owner_type_class_ttl);
    put_16(packet, 0);
    data = packet->size;
    put_16(packet, record->priority);
    put_16(packet, record->weight);
    put_16(packet, record->port);
    put_name(packet, record->target);
    packet->octets[2 + data - 2] = (unsigned char)((packet->size - data) >> 8);
    packet->octets[2 + data - 1] = (unsigned char)(packet->size - data);
}

/* The name of a question that is about SRV records, as text; where the question ends. */
static size_t read_question(const unsigned char *query, size_t size, char name[256]) {
    static const unsigned char type_class[] = {0, SRV, 0, 1};
    size_t at = HEADER;
    size_t n = 0;

    while (at < size && query[at] != 0) {
        size_t label = query[at++];

        must(label < 64 && at + label < size && n + label + 1 < 256);
        memcpy(name + n, query + at, label);
        n += label;
        name[n++] = '.';
        at += label;
    }
    must(n > 0 && at + 1 + sizeof type_class <= size && memcmp(query + at + 1, type_class, sizeof type_class) == 0);
    name[n - 1] = '\0';
    return at + 1 + sizeof type_class;
}

static const struct name_answer *find(const struct name_server *server, const char *name) {
    static const struct name_answer unknown = {.rcode = NAME_NXDOMAIN};
    const struct name_answer *answer = server->answers;

    while (answer->name != NULL && strcasecmp(answer->name, name) != 0) {
        answer++;
    }
    return answer->name != NULL ? answer : &unknown;
}

static const struct name_answer *make_answer(const struct name_server *server, const unsigned char *query, size_t size,
                                             struct packet *packet) {
    char name[256];
    size_t question = read_question(query, size, name);
    const struct name_answer *answer = find(server, name);

    packet->size = 0;
    put(packet, query, 2);
    put_16(packet, (unsigned)RESPONSE << 8 | AVAILABLE | answer->rcode);
    put_16(packet, 1);
    put_16(packet, (unsigned)answer->count);
    put(packet, "\0\0\0\0", 4);
    put(packet, query + HEADER, question - HEADER);
    put(packet, answer->raw, answer->raw_size);
    for (size_t i = 0; answer->raw == NULL && i < answer->count; i++) {
        put_record(packet, &answer->records[i]);
    }
    return answer;
}

/* ---- Over UDP and TCP ---- */

static void answer_datagram(struct name_server *server) {
    static struct packet packet, forged;
    unsigned char query[UDP_MOST];
    struct sockaddr_in from;
    socklen_t from_size = sizeof from;
    ssize_t size = recvfrom(server->udp, query, sizeof query, 0, (struct sockaddr *)&from, &from_size);
    name_forger *forger = atomic_load(&server->forger);
    const struct name_answer *answer;

    must(size > HEADER);
    (void)atomic_fetch_add(&server->asked, 1);
    answer = make_answer(server, query, (size_t)size, &packet);
    if (answer->silent) {
        return;
    }
    if (answer->hangs_up || packet.size > UDP_MOST) {
        packet.octets[2 + 2] |= TRUNCATED;
        packet.size = packet.size < UDP_MOST ? packet.size : UDP_MOST;
    }
    if (forger != NULL) {
        forged = packet;
        forged.size = forger(server->forger_context, forged.octets + 2, forged.size);
        (void)sendto(server->udp, forged.octets + 2, forged.size, 0, (struct sockaddr *)&from, from_size);
    }
    (void)sendto(server->udp, packet.octets + 2, packet.size, 0, (struct sockaddr *)&from, from_size);
}

static bool receive_all(int fd, unsigned char *out, size_t n) {
    return recv(fd, out, n, MSG_WAITALL) == (ssize_t)n;
}

static void answer_connection(struct name_server *server) {
    static struct packet packet;
    unsigned char query[UDP_MOST];
    unsigned char length[2];
    int fd = accept4(server->tcp, NULL, NULL, SOCK_CLOEXEC);
    size_t size;

    must(fd >= 0);
    if (receive_all(fd, length, sizeof length)) {
        size = (size_t)length[0] << 8 | length[1];
        must(size > HEADER && size <= sizeof query && receive_all(fd, query, size));
        (void)atomic_fetch_add(&server->asked_tcp, 1);
        if (!make_answer(server, query, size, &packet)->hangs_up) {
            packet.octets[0] = (unsigned char)(packet.size >> 8);
            packet.octets[1] = (unsigned char)packet.size;
            must(sendto(fd, packet.octets, 2 + packet.size, MSG_NOSIGNAL, NULL, 0) == (ssize_t)(2 + packet.size));
        }
    }
    (void)close(fd);
}

static void *run(void *argument) {
    struct name_server *server = argument;

    for (;;) {
        struct pollfd entries[] = {{.fd = server->stop, .events = POLLIN},
                                   {.fd = server->udp, .events = POLLIN},
                                   {.fd = server->tcp, .events = POLLIN}};

        (void)poll(entries, 3, -1);
        if (entries[0].revents != 0) {
            return NULL;
        }
        if (entries[1].revents != 0) {
            answer_datagram(server);
        }
        if (entries[2].revents != 0) {
            answer_connection(server);
        }
    }
}

/* ---- Start and stop ---- */

/* The kernel chooses a port for UDP; that of TCP may be in use, then it chooses again. */
static bool bind_both(struct name_server *server) {
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof where;

    server->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    server->tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(bind(server->udp, (struct sockaddr *)&where, sizeof where) >= 0);
    must(getsockname(server->udp, (struct sockaddr *)&where, &size) >= 0);
    if (bind(server->tcp, (struct sockaddr *)&where, sizeof where) != 0) {
        (void)close(server->udp);
        (void)close(server->tcp);
        return false;
    }
    must(listen(server->tcp, 8) >= 0);
    (void)snprintf(server->address, sizeof server->address, "127.0.0.1:%u", (unsigned)ntohs(where.sin_port));
    return true;
}

struct name_server *name_server_start(const struct name_answer *answers) {
    struct name_server *server = calloc(1, sizeof *server);

    must(server != NULL);
    server->answers = answers;
    server->stop = eventfd(0, EFD_CLOEXEC);
    must(server->stop >= 0);
    while (!bind_both(server)) {}
    must(pthread_create(&server->thread, NULL, run, server) == 0);
    return server;
}

void name_server_stop(struct name_server *server) {
    must(eventfd_write(server->stop, 1) >= 0);
    must(pthread_join(server->thread, NULL) == 0);
    (void)close(server->stop);
    (void)close(server->udp);
    (void)close(server->tcp);
    free(server);
}

const char *name_server_address(const struct name_server *server) {
    return server->address;
}

void name_server_forge(struct name_server *server, name_forger *forger, void *context) {
    server->forger_context = context;
    atomic_store(&server->forger, forger);
}

unsigned name_server_asked(const struct name_server *server) {
    return atomic_load(&server->asked);
}

unsigned name_server_asked_tcp(const struct name_server *server) {
    return atomic_load(&server->asked_tcp);
}
