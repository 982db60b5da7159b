/* SPDX-License-Identifier: MIT */
/*
 * A mail application on NetX Duo: logs in, prints every mail, deletes it, quits. It is written against the documented
 * API and names of the POP3 client, and builds unchanged for a board (with its own network driver) and on Linux, where
 *     NXHOST_ROUTE="192.2.2.89:110=127.0.0.1:2110" netx_mail [apop|user|apop-only [NAME PASSWORD]]
 * takes the address below to a server of yours. `make run` shows it at work.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nx_api.h"
#include "nxd_pop3_client.h"
#include "tx_api.h"

#define CLIENT_ADDRESS IP_ADDRESS(192, 2, 2, 61)
#define SERVER_ADDRESS IP_ADDRESS(192, 2, 2, 89)
#define SERVER_PORT 110
#define PACKET_PAYLOAD 1536
#define POOL_SIZE (20 * (PACKET_PAYLOAD + sizeof(NX_PACKET)))
#define STACK_SIZE 4096
#define ARP_CACHE_SIZE 1024

void _nx_ram_network_driver(struct NX_IP_DRIVER_STRUCT *driver_req);

static TX_THREAD mail_thread;
static NX_PACKET_POOL pool;
static NX_IP ip;
static NX_POP3_CLIENT client;

static UINT authentication = NX_TRUE;
static CHAR *name = "mrose";
static CHAR *password;

static const char *reason(UINT status) {
    switch (status) {
    case NX_POP3_SERVER_ERROR_STATUS: return "the server refused it: wrong name or password, or not now";
    case NX_POP3_APOP_FAILED_MD5_DIGEST: return "the server offers no APOP, or refused the secret";
    case NX_POP3_PARAM_ERROR:
        return "address, port, name or password cannot be used: they are empty, too long or have control characters";
    case NX_POP3_INVALID_MAIL_ITEM:
    case NX_POP3_CLIENT_INVALID_INDEX: return "there is no such mail";
    case NX_POP3_CLIENT_INVALID_STATE: return "the session is over";
    case NX_POP3_INSUFFICIENT_PACKET_PAYLOAD: return "the packets of the pool are too small for the command";
    case NX_NO_PACKET: return "the server did not answer in time, or the packet pool is empty";
    case NX_NOT_CONNECTED: return "nothing listens there, or the connection was closed";
    case NX_NOT_ENABLED: return "TCP is not enabled on the IP instance";
    default: return "see the NetX status codes";
    }
}

static int failed(const char *what, UINT status) {
    (void)fflush(stdout);
    fprintf(stderr, "netx_mail: %s: status 0x%02X: %s\n", what, status, reason(status));
    return EXIT_FAILURE;
}

static void print_packet(const NX_PACKET *packet) {
    for (; packet != NX_NULL; packet = packet->nx_packet_next) {
        (void)fwrite(packet->nx_packet_prepend_ptr, 1,
                     (size_t)(packet->nx_packet_append_ptr - packet->nx_packet_prepend_ptr), stdout);
    }
}

/* Prints one mail and marks it for deletion, which is only right once its final packet has come. */
static int fetch(UINT item) {
    ULONG size, octets, total = 0;
    UINT final_packet = NX_FALSE;
    NX_PACKET *packet;
    UINT status = nx_pop3_client_get_mail_item(&client, item, &size);

    if (status != NX_SUCCESS) {
        return failed("RETR", status);
    }
    printf("--- mail %u, %lu octets\n", item, (unsigned long)size);
    while (!final_packet) {
        status = nx_pop3_client_mail_item_get_message_data(&client, &packet, &octets, &final_packet);
        if (status != NX_SUCCESS) {
            return failed("the mail is incomplete and stays on the server", status);
        }
        print_packet(packet);
        nx_packet_release(packet);
        total += octets;
    }
    printf("--- %lu octets received\n", (unsigned long)total);
    status = nx_pop3_client_mail_item_delete(&client, item);
    return status == NX_SUCCESS ? EXIT_SUCCESS : failed("DELE", status);
}

static int fetch_all(void) {
    UINT count;
    ULONG total;
    int result = EXIT_SUCCESS;
    UINT status = nx_pop3_client_mail_items_get(&client, &count, &total);

    if (status != NX_SUCCESS) {
        return failed("STAT", status);
    }
    printf("%u mails, %lu octets\n", count, (unsigned long)total);
    for (UINT item = 1; item <= count && result == EXIT_SUCCESS; item++) {
        result = fetch(item);
    }
    if (result == EXIT_SUCCESS) {
        status = nx_pop3_client_quit(&client);
        if (status != NX_SUCCESS) {
            result = failed("QUIT: the server may still have the mails", status);
        }
    }
    return result;
}

static VOID mail_entry(ULONG input) {
    int result;
    UINT status;

    NX_PARAMETER_NOT_USED(input);
    status = nx_pop3_client_create(&client, authentication, &ip, &pool, SERVER_ADDRESS, SERVER_PORT, name, password);
    result = status == NX_SUCCESS ? fetch_all() : failed("log in", status);
    nx_pop3_client_delete(&client);
    exit(result);
}

/* The documented order: memory is handed out from the start of what ThreadX leaves unused. */
void tx_application_define(void *first_unused_memory) {
    UCHAR *memory = first_unused_memory;
    UINT status;

    nx_system_initialize();
    tx_thread_create(&mail_thread, "mail", mail_entry, 0, memory, STACK_SIZE, 4, 4, TX_NO_TIME_SLICE, TX_AUTO_START);
    memory += STACK_SIZE;
    status = nx_packet_pool_create(&pool, "packets", PACKET_PAYLOAD, memory, POOL_SIZE);
    memory += POOL_SIZE;
    status |=
        nx_ip_create(&ip, "ip", CLIENT_ADDRESS, 0xFFFFFF00UL, &pool, _nx_ram_network_driver, memory, STACK_SIZE, 1);
    memory += STACK_SIZE;
    status |= nx_arp_enable(&ip, memory, ARP_CACHE_SIZE);
    status |= nx_tcp_enable(&ip);
    if (status != NX_SUCCESS) {
        exit(failed("NetX does not start", status));
    }
}

/* The sample maildrop of `satchel serve --sample`: a password for USER/PASS, a shared secret for APOP. */
int main(int argc, char **argv) {
    const char *method = argc > 1 ? argv[1] : "apop";

    if (strcmp(method, "user") == 0) {
        authentication = NX_FALSE;
    } else if (strcmp(method, "apop-only") == 0) {
        authentication = NX_POP3_APOP_REQUIRED;
    } else if (strcmp(method, "apop") != 0) {
        method = NULL;
    }
    if (method == NULL || argc == 3 || argc > 4) {
        fprintf(stderr, "Usage: netx_mail [apop|user|apop-only [NAME PASSWORD]]\n");
        return 64;
    }
    password = authentication == NX_FALSE ? "mvan99" : "tanstaaf";
    if (argc == 4) {
        name = argv[2];
        password = argv[3];
    }
    tx_kernel_enter();
    return EXIT_SUCCESS;
}
