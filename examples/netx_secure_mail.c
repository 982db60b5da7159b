/* SPDX-License-Identifier: MIT */
/*
 * A mail application on NetX Duo and NetX Secure: logs in over TLS, prints every mail, quits. Nothing is deleted. It builds
 * for a board, where the CA's certificate is an array in flash and the time comes from SNTP or a clock chip, and on Linux:
 *     satchel serve --sample --tls implicit --port 9950 --ca-out ca.pem
 *     openssl x509 -in ca.pem -outform der -out ca.der
 *     NXHOST_ROUTE="192.2.2.89:995=127.0.0.1:9950" netx_secure_mail implicit localhost ca.der
 * With `--tls stls`, say stls and route port 110. The build defines NX_POP3_CLIENT_ENABLE_TLS.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nx_api.h"
#include "nxd_pop3_client.h"
#include "tx_api.h"

#define CLIENT_ADDRESS IP_ADDRESS(192, 2, 2, 61)
#define SERVER_ADDRESS IP_ADDRESS(192, 2, 2, 89)
#define PACKET_PAYLOAD 1536
#define POOL_SIZE (40 * (PACKET_PAYLOAD + sizeof(NX_PACKET)))
#define STACK_SIZE 8192
#define ARP_CACHE_SIZE 1024
#define RECORD_SIZE 18000 /* a server's record may have 16 KiB, with its certificates perhaps */

void _nx_ram_network_driver(struct NX_IP_DRIVER_STRUCT *driver_req);

static TX_THREAD mail_thread;
static NX_PACKET_POOL pool;
static NX_IP ip;
static NX_POP3_CLIENT client;

static NX_SECURE_TLS_SESSION tls_session;
static NX_SECURE_X509_CERT authority;
static UCHAR authority_der[4000];
static USHORT authority_size;
static UCHAR record[RECORD_SIZE];
static UCHAR metadata[16000];

static UINT mode;
static CHAR *server_name;

static int failed(const char *what, UINT status) {
    (void)fflush(stdout);
    fprintf(stderr, "netx_secure_mail: %s: status 0x%02X, NetX Secure's is 0x%03X\n", what, status,
            client.nx_pop3_client_tls_status);
    return EXIT_FAILURE;
}

/* Seconds since 1970. Without it no certificate is ever too old. */
static ULONG now(VOID) {
    return (ULONG)time(NULL);
}

/* Called for every session: the services end and delete it. They also see to the server's name. */
static UINT tls_setup(NX_POP3_CLIENT *client_ptr, NX_SECURE_TLS_SESSION *session) {
    UINT status = nx_secure_tls_session_create(session, &nx_crypto_tls_ciphers, metadata, sizeof metadata);

    NX_PARAMETER_NOT_USED(client_ptr);
    if (status != NX_SUCCESS) {
        return status;
    }
    status = nx_secure_tls_session_packet_buffer_set(session, record, sizeof record);
    if (status == NX_SUCCESS) {
        status = nx_secure_tls_session_time_function_set(session, now);
    }
    if (status == NX_SUCCESS) {
        status = nx_secure_x509_certificate_initialize(&authority, authority_der, authority_size, NX_NULL, 0, NX_NULL,
                                                       0, NX_SECURE_X509_KEY_TYPE_NONE);
    }
    if (status == NX_SUCCESS) {
        status = nx_secure_tls_trusted_certificate_add(session, &authority);
    }
    if (status != NX_SUCCESS) {
        nx_secure_tls_session_delete(session);
    }
    return status;
}

static int print_mail(UINT item) {
    ULONG size, octets;
    UINT final_packet = NX_FALSE;
    NX_PACKET *packet;
    UINT status = nx_pop3_client_mail_item_get(&client, item, &size);

    while (status == NX_SUCCESS && !final_packet) {
        status = nx_pop3_client_mail_item_message_get(&client, &packet, &octets, &final_packet);
        if (status == NX_SUCCESS) {
            for (const NX_PACKET *part = packet; part != NX_NULL; part = part->nx_packet_next) {
                (void)fwrite(part->nx_packet_prepend_ptr, 1,
                             (size_t)(part->nx_packet_append_ptr - part->nx_packet_prepend_ptr), stdout);
            }
            nx_packet_release(packet);
        }
    }
    return status == NX_SUCCESS ? EXIT_SUCCESS : failed("RETR", status);
}

static int print_all(void) {
    UINT count;
    ULONG total;
    int result = EXIT_SUCCESS;
    UINT status = nx_pop3_client_mail_items_get(&client, &count, &total);

    if (status != NX_SUCCESS) {
        return failed("STAT", status);
    }
    printf("%u mails, %lu octets\n", count, (unsigned long)total);
    for (UINT item = 1; item <= count && result == EXIT_SUCCESS; item++) {
        result = print_mail(item);
    }
    status = nx_pop3_client_quit(&client);
    return status == NX_SUCCESS ? result : failed("QUIT", status);
}

static VOID mail_entry(ULONG input) {
    NXD_ADDRESS address = {.nxd_ip_version = NX_IP_VERSION_V4, .nxd_ip_address.v4 = SERVER_ADDRESS};
    int result;
    UINT status;

    NX_PARAMETER_NOT_USED(input);
    status = nxd_pop3_client_secure_create(&client, &ip, &pool, &address, mode == NX_POP3_TLS_STLS ? 110 : 995, "mrose",
                                           "mvan99", server_name, mode, &tls_session, tls_setup);
    result = status == NX_SUCCESS ? print_all() : failed("log in", status);
    nx_pop3_client_delete(&client);
    exit(result);
}

void tx_application_define(void *first_unused_memory) {
    UCHAR *memory = first_unused_memory;
    UINT status;

    nx_system_initialize();
    nx_secure_tls_initialize();
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

static USHORT read_file(const char *path, UCHAR *octets, size_t room) {
    FILE *file = fopen(path, "rb");
    size_t n = file != NULL ? fread(octets, 1, room, file) : 0;

    if (file != NULL) {
        (void)fclose(file);
    }
    return (USHORT)n;
}

int main(int argc, char **argv) {
    if (argc == 4) {
        mode = strcmp(argv[1], "implicit") == 0 ? NX_POP3_TLS_IMPLICIT
               : strcmp(argv[1], "stls") == 0   ? NX_POP3_TLS_STLS
                                                : 0;
        server_name = argv[2];
        authority_size = read_file(argv[3], authority_der, sizeof authority_der);
    }
    if (mode == 0 || authority_size == 0) {
        fprintf(stderr, "Usage: netx_secure_mail implicit|stls SERVER_NAME CA.der\n");
        return 64;
    }
    tx_kernel_enter();
    return EXIT_SUCCESS;
}
