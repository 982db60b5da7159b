/* SPDX-License-Identifier: MIT */
/* The client under test: a NetX Duo application that fetches mail, each message to a file, and prints the status of
 * every service it calls. What to do comes as NAME=VALUE arguments (see settings below); netx.py starts it and reads
 * what it prints. It judges nothing and uses nothing but the documented API. */
#include "nxd_pop3_client.h"
#include "settings.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREAD_STACK_SIZE 4096
#define PACKET_COUNT 24
#define LARGEST_PAYLOAD 1536

static struct setting settings[] = {
    {"host", "127.0.0.1"}, /* numeric, IPv4 or IPv6 */
    {"port", "110"},       /* of the host */
    {"user", ""},          /* client_name */
    {"password", ""},      /* or APOP secret */
    {"apop", "0"},         /* 0 NX_FALSE, 1 NX_TRUE, 2 NX_POP3_APOP_REQUIRED */
    {"list", "none"},      /* all, none or numbers with commas: of which messages the size is asked first */
    {"fetch", "all"},      /* likewise: which are downloaded */
    {"delete", "none"},    /* likewise: which are deleted, each right after its download */
    {"quit", "1"},         /* 0: the client is deleted without QUIT */
    {"sessions", "1"},     /* so often mail_items_get .. quit on the same client block */
    {"payload", "1536"},   /* of the packets */
    {"out", "."},          /* folder of the files, named by the number of the message */
    {NULL, NULL},
};

static TX_THREAD thread;
static NX_PACKET_POOL pool;
static NX_IP ip;
static NX_POP3_CLIENT client;

static UCHAR thread_stack[THREAD_STACK_SIZE];
static UCHAR ip_stack[THREAD_STACK_SIZE];
static UCHAR arp_cache[1024];
static UCHAR pool_memory[PACKET_COUNT * (LARGEST_PAYLOAD + sizeof(NX_PACKET))];

VOID _nx_ram_network_driver(NX_IP_DRIVER *driver_req);

static const char *setting(const char *name) {
    return settings_value(settings, name);
}

static ULONG number_setting(const char *name) {
    return (ULONG)strtoul(setting(name), NULL, 10);
}

static bool names_item(const char *name, UINT item) {
    return settings_list_names(setting(name), item);
}

static bool server_address(const char *text, NXD_ADDRESS *address) {
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, text, &v4) == 1) {
        address->nxd_ip_version = NX_IP_VERSION_V4;
        address->nxd_ip_address.v4 = ntohl(v4.s_addr);
        return true;
    }
    if (inet_pton(AF_INET6, text, &v6) == 1) {
        address->nxd_ip_version = NX_IP_VERSION_V6;
        for (int i = 0; i < 4; i++) {
            ULONG word;
            memcpy(&word, &v6.s6_addr[4 * i], sizeof word);
            address->nxd_ip_address.v6[i] = ntohl(word);
        }
        return true;
    }
    return false;
}

/* Writes the octets of a packet, which may be a chain; false when they are not as many as the client said. */
static bool write_packet(FILE *file, const NX_PACKET *packet, ULONG octets) {
    bool counted = packet->nx_packet_length == octets;
    ULONG written = 0;
    for (const NX_PACKET *part = packet; part != NX_NULL; part = part->nx_packet_next) {
        size_t length = (size_t)(part->nx_packet_append_ptr - part->nx_packet_prepend_ptr);
        written += (ULONG)fwrite(part->nx_packet_prepend_ptr, 1, length, file);
    }
    return counted && written == octets;
}

/* Everything up to the final packet; the file stays cut short where the status is not NX_SUCCESS. */
static UINT download(FILE *file, ULONG *total) {
    UINT final_packet = NX_FALSE;
    while (final_packet == NX_FALSE) {
        NX_PACKET *packet;
        ULONG octets;
        UINT status = nx_pop3_client_mail_item_message_get(&client, &packet, &octets, &final_packet);
        if (status != NX_SUCCESS) {
            return status;
        }
        if (!write_packet(file, packet, octets)) {
            printf("mismatch %lu %lu\n", (unsigned long)octets, (unsigned long)packet->nx_packet_length);
        }
        *total += octets;
        nx_packet_release(packet);
    }
    return NX_SUCCESS;
}

static void list_item(UINT item) {
    ULONG size;
    UINT status = nx_pop3_client_mail_item_size_get(&client, item, &size);
    printf("size %u 0x%02X %lu\n", item, status, (unsigned long)size);
}

static UINT fetch_item(UINT item) {
    ULONG size;
    UINT status = nx_pop3_client_mail_item_get(&client, item, &size);
    printf("item %u 0x%02X %lu\n", item, status, (unsigned long)size);
    if (status != NX_SUCCESS) {
        return status;
    }
    char name[512];
    snprintf(name, sizeof name, "%s/%u", setting("out"), item);
    FILE *file = fopen(name, "wb");
    ULONG total = 0;
    if (file != NULL) {
        status = download(file, &total);
    }
    if (file == NULL || fclose(file) != 0) {
        perror(name);
        exit(74);
    }
    printf("message %u 0x%02X %lu\n", item, status, (unsigned long)total);
    return status;
}

/* A message is deleted only when all of it was stored, or when it was not to be downloaded at all. */
static void handle_item(UINT item) {
    UINT status = NX_SUCCESS;
    if (names_item("list", item)) {
        list_item(item);
    }
    if (names_item("fetch", item)) {
        status = fetch_item(item);
    }
    if (status == NX_SUCCESS && names_item("delete", item)) {
        status = nx_pop3_client_mail_item_delete(&client, item);
        printf("delete %u 0x%02X\n", item, status);
    }
}

static void run_session(void) {
    UINT items;
    ULONG size;
    UINT status = nx_pop3_client_mail_items_get(&client, &items, &size);
    printf("items 0x%02X %u %lu\n", status, items, (unsigned long)size);
    for (UINT item = 1; status == NX_SUCCESS && item <= items; item++) {
        handle_item(item);
    }
    if (number_setting("quit") != 0) {
        printf("quit 0x%02X\n", nx_pop3_client_quit(&client));
    }
}

static VOID thread_entry(ULONG input) {
    NX_PARAMETER_NOT_USED(input);
    NXD_ADDRESS server;
    if (!server_address(setting("host"), &server)) {
        fprintf(stderr, "netx_fetch: '%s' is no address\n", setting("host"));
        exit(64);
    }
    UINT status = nxd_pop3_client_create(&client, (UINT)number_setting("apop"), &ip, &pool, &server,
                                         number_setting("port"), (CHAR *)setting("user"), (CHAR *)setting("password"));
    printf("create 0x%02X\n", status);
    for (ULONG left = number_setting("sessions"); status == NX_SUCCESS && left > 0; left--) {
        run_session();
    }
    printf("client_delete 0x%02X\n", nx_pop3_client_delete(&client));
    printf("pool %lu %lu\n", (unsigned long)pool.nx_packet_pool_available, (unsigned long)pool.nx_packet_pool_total);
}

static void require(const char *service, UINT status) {
    if (status != NX_SUCCESS) {
        fprintf(stderr, "netx_fetch: %s: 0x%02X\n", service, status);
        exit(70);
    }
}

void tx_application_define(void *first_unused_memory) {
    NX_PARAMETER_NOT_USED(first_unused_memory);
    nx_system_initialize();
    require("nx_packet_pool_create", nx_packet_pool_create(&pool, (CHAR *)"mail pool", number_setting("payload"),
                                                           pool_memory, sizeof pool_memory));
    require("nx_ip_create", nx_ip_create(&ip, (CHAR *)"mail ip", IP_ADDRESS(192, 2, 2, 61), 0xFFFFFF00UL, &pool,
                                         _nx_ram_network_driver, ip_stack, sizeof ip_stack, 1));
    require("nx_arp_enable", nx_arp_enable(&ip, arp_cache, sizeof arp_cache));
    require("nx_tcp_enable", nx_tcp_enable(&ip));
#ifdef FEATURE_NX_IPV6
    require("nxd_ipv6_enable", nxd_ipv6_enable(&ip));
    require("nxd_icmp_enable", nxd_icmp_enable(&ip));
    require("nxd_ipv6_address_set", nxd_ipv6_address_set(&ip, 0, NX_NULL, 10, NX_NULL));
#endif
    require("tx_thread_create", tx_thread_create(&thread, (CHAR *)"mail thread", thread_entry, 0, thread_stack,
                                                 sizeof thread_stack, 4, 4, TX_NO_TIME_SLICE, TX_AUTO_START));
}

int main(int argc, char **argv) {
    settings_read(settings, argc, argv);
    tx_kernel_enter();
}
