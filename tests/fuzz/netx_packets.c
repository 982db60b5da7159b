/* SPDX-License-Identifier: MIT */
/*
 * The NetX services over nxhost: any octets, in any packets and chains, from pools of any size, with a NetX call that
 * fails now and then. A service succeeds only with what the server's octets mean, and always where they are good and
 * nothing failed; afterwards no packet and no socket is left, and no wait was longer than its limit.
 */
#include "nxd_pop3_client.h"

#include <pthread.h>
#include <semaphore.h>
#include <string.h>

#include "core/reference_decoder.h"
#include "netx_server.h"
#include "nxhost.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PORT 110
#define STACK 262144
#define POOL_MEMORY 131072
#define LONGEST_WAIT (100 * NX_IP_PERIODIC_RATE) /* of one service: connect, log in, each reply, disconnect */
#define HEAD 6

enum {
    ITEMS_GET,
    SIZE_GET,
    ITEM_GET,
    PACKET_GET,
    MESSAGE_GET,
    DELETE_ITEM,
    QUIT,
    TOP_GET,
    UID_GET,
    NOOP,
    RESET,
    CAPA_GET
};

/* What the input chose. */
struct plan {
    uint8_t policy;
    const uint8_t *services; /* low 4 bits: which; high 4: item */
    size_t service_count;
    bool may_fail; /* a NetX call is going to fail */
};

static struct {
    NX_IP client_ip;
    NX_IP server_ip;
    NX_PACKET_POOL server_pool;
    NX_PACKET_POOL receive_pool;
    NX_PACKET_POOL client_pool;
    TX_THREAD thread;
    pthread_t host;
    sem_t go;
    sem_t done;
    const uint8_t *data;
    size_t size;
    bool running;
} world;

static UCHAR memory[3][POOL_MEMORY] __attribute__((aligned(16)));
static UCHAR stack[STACK] __attribute__((aligned(16)));
static UCHAR ip_stack[2][4096] __attribute__((aligned(16)));

static NX_POP3_CLIENT pop3;
static struct plan plan;

/* The message being handed out, and what it should be. */
static struct {
    bool active;
    bool ends;
    char *content;
    size_t length;
    size_t given;
} message;

/* ---- What the services should do ---- */

static bool asked(const char *command) {
    return strcmp(netx_server_last()->command, command) == 0;
}

/* How good a reply with +OK is, besides. */
enum { WRONG, UNKNOWN, GOOD };

/* A service whose command is this ended with `status`; `before` counts the exchanges before it. */
static void check_reply(UINT status, const char *command, unsigned before, int good) {
    const struct netx_exchange *last = netx_server_last();
    struct netx_reply reply = netx_server_judge(last);
    bool sent = last->number != before && asked(command);

    if (status == NX_SUCCESS) {
        require(sent && reply.status == '+' && good != WRONG, "success without a reply that says so");
    } else if (sent && !plan.may_fail && !last->reset) {
        require(reply.status != '+' || good != GOOD, "a good reply refused");
        require(reply.status != '-' || status == NX_POP3_SERVER_ERROR_STATUS, "-ERR with another status");
    }
}

/* A word of digits alone, or one that exceeds 2^32-1 before anything else comes: its value, at most 2^32. */
static uint64_t number(const char **text, size_t *length, bool *is_number) {
    uint64_t value = 0;
    size_t n = 0;

    while (*length != 0 && (**text == ' ' || **text == '\t')) {
        ++*text;
        --*length;
    }
    *is_number = *length != 0;
    while (n < *length && (*text)[n] != ' ' && (*text)[n] != '\t') {
        if (value <= UINT32_MAX) {
            *is_number = *is_number && (*text)[n] >= '0' && (*text)[n] <= '9';
            value = *is_number ? value * 10 + (unsigned)((*text)[n] - '0') : value;
        }
        n++;
    }
    *text += n;
    *length -= n;
    return !*is_number ? 0 : value > UINT32_MAX ? UINT64_C(1) << 32 : value;
}

struct numbers {
    bool first_is;
    bool second_is;
    bool first_fits; /* 32 bits */
    ULONG first;
    ULONG second;
    bool readable; /* the line fits the client's buffer */
};

static ULONG at_most_32_bits(uint64_t value) {
    return (ULONG)(value > UINT32_MAX ? UINT32_MAX : value);
}

static struct numbers numbers_of(struct netx_reply reply) {
    struct numbers numbers = {.readable = reply.line <= NX_POP3_CLIENT_BUFFER_SIZE};

    if (reply.text != NULL) {
        uint64_t first = number(&reply.text, &reply.text_length, &numbers.first_is);
        uint64_t second = number(&reply.text, &reply.text_length, &numbers.second_is);
        numbers.first_fits = first <= UINT32_MAX;
        numbers.first = at_most_32_bits(first);
        numbers.second = at_most_32_bits(second);
    }
    return numbers;
}

/* ---- Sessions ---- */

static bool is_exact(struct netx_reply reply, const struct netx_exchange *last) {
    return reply.end == last->length;
}

/* A create or a session opened anew ended with `status`: did the server let the client in? */
static void check_login(UINT status) {
    const struct netx_exchange *last = netx_server_last();
    struct netx_reply reply = netx_server_judge(last);
    bool let_in = (asked("PASS mvan99\r\n") || strncmp(last->command, "APOP ", 5) == 0) && reply.status == '+';

    if (status == NX_SUCCESS) {
        require(let_in, "logged in without a reply that says so");
    } else if (!plan.may_fail && !last->reset && last->number != 0 && is_exact(reply, last)) {
        require(!let_in, "a good login refused");
        require(last->closed || !(asked("USER mrose\r\n") && reply.status == '+'), "no password after a good user");
        require(last->closed || !(last->command[0] == '\0' && reply.status == '+') ||
                    plan.policy == NX_POP3_APOP_REQUIRED,
                "no login after a good greeting");
    }
}

static void create(void) {
    UINT status =
        nx_pop3_client_create(&pop3, plan.policy, &world.client_ip, &world.client_pool, IP_ADDRESS(1, 2, 3, 4), PORT,
                              (CHAR *)(uintptr_t) "mrose", (CHAR *)(uintptr_t) "mvan99");

    check_login(status);
}

static void items_get(void) {
    unsigned before = netx_server_last()->number;
    UINT items = 77;
    ULONG octets = 77;
    UINT status = nx_pop3_client_mail_items_get(&pop3, &items, &octets);
    struct numbers numbers = numbers_of(netx_server_judge(netx_server_last()));

    if (asked("STAT\r\n")) {
        bool good = numbers.first_is && numbers.first_fits;
        check_reply(status, "STAT\r\n", before, !numbers.readable ? UNKNOWN : good ? GOOD : WRONG);
    } else {
        require(status != NX_SUCCESS, "items without STAT");
    }
    if (status != NX_SUCCESS) {
        require(items == 0 && octets == 0, "results of a failure");
    } else if (numbers.readable) {
        require(items == numbers.first && octets == numbers.second, "another count");
    }
}

static void quit(void) {
    unsigned before = netx_server_last()->number;
    UINT status = nx_pop3_client_quit(&pop3);

    require(!message.active || netx_server_last()->number == before, "QUIT with a message unread (R-1939-25)");
    check_reply(status, "QUIT\r\n", before, GOOD);
}

/* ---- Items ---- */

static void size_get(UINT item) {
    unsigned before = netx_server_last()->number;
    ULONG size = 77;
    UINT status = nx_pop3_client_mail_item_size_get(&pop3, item, &size);
    struct numbers numbers = numbers_of(netx_server_judge(netx_server_last()));
    char command[32];

    snprintf(command, sizeof command, "LIST %u\r\n", item);
    bool good = numbers.first == item && numbers.second_is;
    check_reply(status, command, before, !numbers.readable ? UNKNOWN : good ? GOOD : WRONG);
    require(status == NX_SUCCESS || size == 0, "the size of a failure");
    require(status != NX_SUCCESS || !numbers.readable || size == numbers.second, "another size");
}

/* The message that the reply of RETR or TOP carries. */
static void message_begin(void) {
    const struct netx_exchange *last = netx_server_last();
    struct netx_reply reply = netx_server_judge(last);

    message.active = true;
    message.given = 0;
    message.ends = reference_decode(last->reply + reply.rest, last->length - reply.rest, last->lf_mode, message.content,
                                    &message.length) != 0;
}

static void item_get(UINT item) {
    unsigned before = netx_server_last()->number;
    ULONG size = 77;
    UINT status = nx_pop3_client_mail_item_get(&pop3, item, &size);
    struct numbers numbers = numbers_of(netx_server_judge(netx_server_last()));
    char command[32];

    snprintf(command, sizeof command, "RETR %u\r\n", item);
    check_reply(status, command, before, GOOD);
    require(status == NX_SUCCESS || size == 0, "the size of a failure");
    require(status != NX_SUCCESS || !numbers.readable || !numbers.first_is || size == numbers.first, "another size");
    if (status == NX_SUCCESS) {
        message_begin();
    }
}

static void top_get(UINT item) {
    unsigned before = netx_server_last()->number;
    UINT status = nx_pop3_client_mail_item_top_get(&pop3, item, 2);
    char command[32];

    snprintf(command, sizeof command, "TOP %u 2\r\n", item);
    check_reply(status, command, before, GOOD);
    if (status == NX_SUCCESS) {
        message_begin();
    }
}

static void delete_item(UINT item) {
    unsigned before = netx_server_last()->number;
    UINT status = nx_pop3_client_mail_item_delete(&pop3, item);
    char command[32];

    snprintf(command, sizeof command, "DELE %u\r\n", item);
    check_reply(status, command, before, GOOD);
}

static void uid_get(UINT item) {
    unsigned before = netx_server_last()->number;
    CHAR uid[80];
    UINT status = nx_pop3_client_mail_item_uid_get(&pop3, item, uid, sizeof uid);
    struct netx_reply reply = netx_server_judge(netx_server_last());
    bool is_number;
    char command[32];

    if (status == NX_SUCCESS) {
        snprintf(command, sizeof command, "UIDL %u\r\n", item);
        require(asked(command), "a uid without UIDL");
        require(number(&reply.text, &reply.text_length, &is_number) == item && is_number, "another item's uid");
        while (reply.text_length != 0 && (*reply.text == ' ' || *reply.text == '\t')) {
            reply.text++;
            reply.text_length--;
        }
        while (reply.text_length != 0 && strchr(" \t", reply.text[reply.text_length - 1]) != NULL) {
            reply.text_length--;
        }
        require(strlen(uid) == reply.text_length && memcmp(uid, reply.text, reply.text_length) == 0, "another uid");
        check_reply(status, command, before, GOOD);
    }
}

static void simple(UINT (*service)(NX_POP3_CLIENT *), const char *command) {
    unsigned before = netx_server_last()->number;

    check_reply(service(&pop3), command, before, GOOD);
}

static void capabilities_get(void) {
    unsigned before = netx_server_last()->number;
    ULONG found = 77;
    UINT status = nx_pop3_client_capabilities_get(&pop3, &found);

    struct netx_reply reply = netx_server_judge(netx_server_last());

    check_reply(status, "CAPA\r\n", before, reply.end == 0 ? WRONG : reply.end < 512 ? GOOD : UNKNOWN);
    require(status == NX_SUCCESS || found == 0, "capabilities of a failure");
}

/* ---- Messages ---- */

/* Reads the octets of a packet or chain against those expected next. */
static void check_packet(const NX_PACKET *packet) {
    ULONG length = packet->nx_packet_length;
    ULONG total = 0;

    for (const NX_PACKET *segment = packet; segment != NX_NULL; segment = segment->nx_packet_next) {
        size_t n = (size_t)(segment->nx_packet_append_ptr - segment->nx_packet_prepend_ptr);
        require(segment->nx_packet_prepend_ptr >= segment->nx_packet_data_start &&
                    segment->nx_packet_append_ptr <= segment->nx_packet_data_end &&
                    segment->nx_packet_prepend_ptr <= segment->nx_packet_append_ptr,
                "a segment outside of its packet");
        require(n <= message.length - message.given, "octets that are not of the message");
        require(memcmp(segment->nx_packet_prepend_ptr, message.content + message.given, n) == 0, "another message");
        message.given += n;
        total += (ULONG)n;
    }
    require(total == length, "the packet's length");
}

static bool packet_get(void) {
    NX_PACKET *packet = NULL;
    ULONG octets = 77;
    UINT final_packet = 77;
    UINT status = nx_pop3_client_mail_item_message_get(&pop3, &packet, &octets, &final_packet);

    if (status != NX_SUCCESS) {
        require(packet == NULL && octets == 0 && final_packet == NX_FALSE, "results of a failure");
        require(!message.active || !message.ends || plan.may_fail || netx_server_last()->reset,
                "a good message refused");
        message.active = false;
        return false;
    }
    require(message.active, "a packet from nowhere");
    check_packet(packet);
    require(octets == packet->nx_packet_length, "another number of octets");
    require(nx_packet_release(packet) == NX_SUCCESS, "no release");
    if (final_packet != NX_FALSE) {
        require(message.ends && message.given == message.length, "final before the end");
        message.active = false;
        return false;
    }
    require(octets != 0, "an empty packet that is not the last (N-55)");
    return true;
}

static void message_get(void) {
    while (packet_get()) {}
}

/* ---- A run ---- */

static void call(uint8_t service) {
    UINT item = service >> 4 & 3U;

    switch (service & 15U) {
    case ITEMS_GET: items_get(); break;
    case SIZE_GET: size_get(item); break;
    case ITEM_GET: item_get(item); break;
    case PACKET_GET: packet_get(); break;
    case MESSAGE_GET: message_get(); break;
    case DELETE_ITEM: delete_item(item); break;
    case QUIT: quit(); break;
    case TOP_GET: top_get(item); break;
    case UID_GET: uid_get(item); break;
    case NOOP: simple(nx_pop3_client_noop, "NOOP\r\n"); break;
    case RESET: simple(nx_pop3_client_reset, "RSET\r\n"); break;
    default: capabilities_get(); break;
    }
    message.active = message.active && pop3.nx_pop3_client_ready_to_download; /* else read, drained or lost */
}

static void make_pool(NX_PACKET_POOL *pool, UCHAR *octets, ULONG payload, ULONG packets) {
    ULONG size = (ULONG)((sizeof(NX_PACKET) + payload + 32) * packets);

    require(size <= POOL_MEMORY &&
                nx_packet_pool_create(pool, (CHAR *)(uintptr_t) "pool", payload, octets, size) == NX_SUCCESS,
            "no pool");
}

static void end_pool(NX_PACKET_POOL *pool) {
    require(pool->nx_packet_pool_available == pool->nx_packet_pool_total, "a packet is missing");
    require(nx_packet_pool_delete(pool) == NX_SUCCESS, "no end of a pool");
}

/* Which call fails how: what NetX may well return there. */
static void set_failure(uint8_t which, uint8_t nth) {
    static const struct {
        enum nxhost_call call;
        UINT status;
    } failures[] = {
        {NXHOST_PACKET_ALLOCATE, NX_NO_PACKET},
        {NXHOST_PACKET_DATA_APPEND, NX_SIZE_ERROR},
        {NXHOST_TCP_SOCKET_SEND, NX_WINDOW_OVERFLOW},
        {NXHOST_TCP_SOCKET_RECEIVE, NX_WAIT_ABORTED},
        {NXHOST_TCP_SOCKET_RECEIVE, NX_NOT_CONNECTED},
        {NXHOST_TCP_SOCKET_DISCONNECT, NX_DISCONNECT_FAILED},
        {NXHOST_TCP_CLIENT_SOCKET_BIND, NX_NO_FREE_PORTS},
        {NXHOST_TCP_CLIENT_SOCKET_CONNECT, NX_NOT_CONNECTED},
    };

    for (unsigned i = 0; i < NXHOST_CALLS; i++) {
        nxhost_fail((enum nxhost_call)i, 0, 0);
    }
    plan.may_fail = which % 16U < sizeof failures / sizeof failures[0];
    nxhost_fail_only(&world.thread);
    if (plan.may_fail) {
        nxhost_fail(failures[which % 16U].call, 1 + nth % 32U, failures[which % 16U].status);
    }
}

/* Head: flags (2 bits policy, 2 delivery, 1 empty segments), octets of a segment, pools, failing call, which use of it,
 * number of services; then services and script. */
static void read_plan(const uint8_t *data, size_t size) {
    static const ULONG payloads[] = {96, 128, 512, 1536}, packets[] = {2, 3, 8, 40};
    static const ULONG client_payloads[] = {100, 120, 256, 512}, client_packets[] = {2, 4, 8, 8};
    static const enum nxhost_delivery deliveries[] = {NXHOST_PER_SEND, NXHOST_STREAM, NXHOST_CHAIN, NXHOST_CHAIN};

    plan.policy = data[0] % 4U % 3U;
    nxhost_deliver(deliveries[data[0] >> 2 & 3U], data[1]);
    nxhost_empty_segments((data[0] & 0x10) != 0);
    make_pool(&world.receive_pool, memory[1], payloads[data[2] & 3U], packets[data[2] >> 2 & 3U]);
    make_pool(&world.client_pool, memory[2], client_payloads[data[2] >> 4 & 3U], client_packets[data[2] >> 6 & 3U]);
    set_failure(data[3], data[4]);
    plan.services = data + HEAD;
    plan.service_count = data[5] < size - HEAD ? data[5] : size - HEAD;
}

/* The application's life: create, the services, delete. */
static void play(void) {
    ULONG began = tx_time_get();

    memset(&pop3, 0, sizeof pop3);
    create();
    for (size_t i = 0; i < plan.service_count; i++) {
        ULONG before = tx_time_get();
        call(plan.services[i]);
        require(tx_time_get() - before <= LONGEST_WAIT, "a service that waits too long");
    }
    require(nx_pop3_client_delete(&pop3) == NX_SUCCESS, "no end of the client");
    require(tx_time_get() - began <= (plan.service_count + 2) * LONGEST_WAIT, "a session that waits too long");
    require(world.client_ip.nx_ip_tcp_created_sockets_count == 0, "a socket is left");
}

static void run(const uint8_t *data, size_t size) {
    char *room = malloc(size);

    message.content = malloc(size);
    require(room != NULL && message.content != NULL, "no memory");
    message.active = false;
    read_plan(data, size);
    netx_server_script(plan.services + plan.service_count, size - HEAD - plan.service_count, room);
    play();
    tx_thread_sleep(1); /* the server goes back to its listener */
    end_pool(&world.receive_pool);
    end_pool(&world.client_pool);
    require(world.server_pool.nx_packet_pool_available == world.server_pool.nx_packet_pool_total,
            "a packet of the server is missing");
    free(message.content);
    free(room);
}

/* ---- The world, made once ---- */

static void client_thread(ULONG input) {
    (void)input;
    end_pool(&world.receive_pool);
    for (;;) {
        while (sem_wait(&world.go) != 0) {}
        run(world.data, world.size);
        sem_post(&world.done);
    }
}

static void make_ip(NX_IP *ip, ULONG address, NX_PACKET_POOL *pool, UCHAR *memory_of_ip) {
    require(nx_ip_create(ip, (CHAR *)(uintptr_t) "ip", address, 0xFFFFFF00UL, pool, _nx_ram_network_driver,
                         memory_of_ip, sizeof ip_stack[0], 1) == NX_SUCCESS &&
                nx_tcp_enable(ip) == NX_SUCCESS,
            "no IP instance");
}

static void define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    nx_system_initialize();
    make_pool(&world.server_pool, memory[0], 2048, 20);
    make_pool(&world.receive_pool, memory[1], 512, 8); /* the instance wants one: each run makes it anew */
    make_ip(&world.client_ip, IP_ADDRESS(1, 2, 3, 5), &world.receive_pool, ip_stack[0]);
    make_ip(&world.server_ip, IP_ADDRESS(1, 2, 3, 4), &world.server_pool, ip_stack[1]);
    netx_server_create(&world.server_ip, &world.server_pool, PORT);
    require(tx_thread_create(&world.thread, (CHAR *)(uintptr_t) "client", client_thread, 0, stack, sizeof stack, 8, 8,
                             TX_NO_TIME_SLICE, TX_AUTO_START) == TX_SUCCESS,
            "no client");
}

static void *host(void *argument) {
    (void)argument;
    nxhost_virtual_clock(true);
    nxhost_offline(true);
    nxhost_run(define);
    require(false, "the world ended: nothing can wake the client");
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size <= HEAD) {
        return 0;
    }
    if (!world.running) {
        world.running = sem_init(&world.go, 0, 0) == 0 && sem_init(&world.done, 0, 0) == 0 &&
                        pthread_create(&world.host, NULL, host, NULL) == 0;
        require(world.running, "no thread");
    }
    world.data = data;
    world.size = size;
    sem_post(&world.go);
    while (sem_wait(&world.done) != 0) {}
    return 0;
}
