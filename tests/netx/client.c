/* SPDX-License-Identifier: MIT */
/* Steps of a NetX mail application, with the checks that hold wherever they occur. */
#include "client.h"

#include <stdint.h>

#ifdef NX_DISABLE_PACKET_CHAIN
#define NEXT(packet) ((NX_PACKET *)NX_NULL)
#else
#define NEXT(packet) ((packet)->nx_packet_next)
#endif

struct message *client_mail(void) {
    static struct message messages[WORLD_CASTS];

    return &messages[world_me()];
}

#ifdef NX_POP3_CLIENT_ENABLE_TLS

struct tls_wishes tls;

static NX_SECURE_TLS_SESSION sessions[WORLD_CASTS];

void clients_clear(void) {
    memset(sessions, 0, sizeof sessions);
}

NX_SECURE_TLS_SESSION *client_tls_session(void) {
    return &sessions[world_me()];
}

UINT client_tls_setup(NX_POP3_CLIENT *client, NX_SECURE_TLS_SESSION *session) {
    static UCHAR buffers[WORLD_CASTS][20000];
    static NX_SECURE_X509_CERT roots[WORLD_CASTS];
    static UCHAR metadata[WORLD_CASTS][64];
    size_t n;
    const unsigned char *root = tls_root(&n);
    unsigned me = world_me();

    tls.calls++;
    check(client == &pop3);
    check(session == &sessions[me]);
    if (tls.status != NX_SUCCESS) {
        return tls.status;
    }
    check_equal(nx_secure_tls_session_create(session, &nx_crypto_tls_ciphers, metadata[me], sizeof metadata[me]),
                NX_SUCCESS);
    if (!tls.without_packet_buffer) {
        check_equal(nx_secure_tls_session_packet_buffer_set(session, buffers[me], sizeof buffers[me]), NX_SUCCESS);
    }
    if (!tls.without_trust) {
        check_equal(nx_secure_x509_certificate_initialize(&roots[me], (UCHAR *)(uintptr_t)root, (USHORT)n, NX_NULL, 0,
                                                          NX_NULL, 0, NX_SECURE_X509_KEY_TYPE_NONE),
                    NX_SUCCESS);
        check_equal(nx_secure_tls_trusted_certificate_add(session, &roots[me]), NX_SUCCESS);
    }
    if (tls.time_function != NULL) {
        check_equal(nx_secure_tls_session_time_function_set(session, tls.time_function), NX_SUCCESS);
    }
    if (tls.certificate_callback != NULL) {
        check_equal(nx_secure_tls_session_certificate_callback_set(session, tls.certificate_callback), NX_SUCCESS);
    }
    return NX_SUCCESS;
}

UINT create_secure(UINT mode, const char *password) {
    const char *name = tls.server_name != NULL ? tls.server_name : TLS_NAME;

    return nxd_pop3_client_secure_create(&pop3, world_ip(), world_pool(), world_server_address(), world_server_port(),
                                         (CHAR *)"mrose", (CHAR *)(uintptr_t)password, (CHAR *)(uintptr_t)name, mode,
                                         &sessions[world_me()], client_tls_setup);
}

#else

void clients_clear(void) {}

#endif

UINT create_as(UINT apop, const char *password) {
#ifdef NETX_OVER_TLS
    check_equal(apop, NX_FALSE);
    return create_secure(NX_POP3_TLS_IMPLICIT, password);
#endif
    return nxd_pop3_client_create(&pop3, apop, world_ip(), world_pool(), world_server_address(), world_server_port(),
                                  (CHAR *)"mrose", (CHAR *)(uintptr_t)password);
}

void log_in(void) {
    check_equal(create_as(NX_FALSE, "mvan99"), NX_SUCCESS);
}

UINT create_apop(UINT apop) {
    return create_as(apop, "tanstaaf");
}

UINT items_get(void) {
    UINT count = 77;
    ULONG octets = 77;
    UINT status = nx_pop3_client_mail_items_get(&pop3, &count, &octets);

    if (status != NX_SUCCESS) {
        check_equal(count, 0);
        check_equal(octets, 0);
    }
    return status;
}

void stat(UINT count, ULONG octets) {
    UINT got_count = 77;
    ULONG got_octets = 77;

    check_equal(nx_pop3_client_mail_items_get(&pop3, &got_count, &got_octets), NX_SUCCESS);
    check_equal(got_count, count);
    check_equal(got_octets, octets);
    check_equal(pop3.nx_pop3_client_maildrop_items, count);
    check_equal(pop3.nx_pop3_client_total_message_size, octets);
    check_equal(pop3.nx_pop3_client_mail_status, NX_TRUE);
}

UINT retr(UINT item) {
    ULONG size = 77;
    UINT status = nx_pop3_client_mail_item_get(&pop3, item, &size);

    if (status != NX_SUCCESS) {
        check_equal(size, 0);
    }
    return status;
}

/* The packet is what an application may rely on; its octets go behind those of the mail. */
static void append_packet(NX_PACKET *packet) {
    ULONG total = 0;
    ULONG copied = 0;

    for (NX_PACKET *segment = packet; segment != NX_NULL; segment = NEXT(segment)) {
        check(segment->nx_packet_prepend_ptr >= segment->nx_packet_data_start);
        check(segment->nx_packet_append_ptr <= segment->nx_packet_data_end);
        check(segment->nx_packet_prepend_ptr <= segment->nx_packet_append_ptr);
        total += (ULONG)(segment->nx_packet_append_ptr - segment->nx_packet_prepend_ptr);
    }
    check_equal(total, packet->nx_packet_length);
    check(total <= MAIL_ROOM - mail.length);
    if (total != 0) {
        check_equal(nx_packet_data_retrieve(packet, mail.octets + mail.length, &copied), NX_SUCCESS);
        check_equal(copied, total);
    }
    mail.length += total;
}

UINT read_packet(UINT *final_packet) {
    NX_PACKET *packet = (NX_PACKET *)(uintptr_t)0xA5A5A5A0;
    ULONG bytes = 77;
    UINT status;

    *final_packet = 77;
    status = nx_pop3_client_mail_item_message_get(&pop3, &packet, &bytes, final_packet);
    if (status != NX_SUCCESS) {
        check(packet == NX_NULL);
        check_equal(bytes, 0);
        check_equal(*final_packet, NX_FALSE);
        return status;
    }
    check(packet != NX_NULL);
    check(*final_packet == NX_TRUE || *final_packet == NX_FALSE);
    check(*final_packet == NX_TRUE || bytes != 0); /* N-55 */
#ifndef NX_POP3_CLIENT_RAW_MESSAGE
    check_equal(bytes, packet->nx_packet_length);
#endif
    check_equal(pop3.nx_pop3_client_ready_to_download, !*final_packet);
    mail.last_bytes = bytes;
    append_packet(packet);
    check_equal(nx_packet_release(packet), NX_SUCCESS);
    return NX_SUCCESS;
}

UINT read_mail(void) {
    UINT final_packet = NX_FALSE;
    UINT status = NX_SUCCESS;

    mail.length = 0;
    while (status == NX_SUCCESS && !final_packet) {
        status = read_packet(&final_packet);
    }
    return status;
}

void fetch(UINT item, const char *octets, size_t n) {
    UINT final_packet;

    check_equal(retr(item), NX_SUCCESS);
    check_equal(read_mail(), NX_SUCCESS);
    check_octets(mail.octets, mail.length, octets, n);
    check_equal(read_packet(&final_packet), NX_POP3_CLIENT_INVALID_STATE);
}

UINT dele(UINT item) {
    return nx_pop3_client_mail_item_delete(&pop3, item);
}

static void check_zero(const void *memory, size_t n) {
    const unsigned char *octets = memory;

    for (size_t i = 0; i < n; i++) {
        check_equal(octets[i], 0);
    }
}

#ifdef NX_POP3_CLIENT_ENABLE_TLS
#define CLEARED offsetof(NX_POP3_CLIENT, nx_pop3_client_tls_status) /* a failed create leaves the rest */
#else
#define CLEARED sizeof(NX_POP3_CLIENT)
#endif

void nothing_is_left(void) {
    check_equal(nx_pop3_client_quit(&pop3), NX_POP3_CLIENT_INVALID_STATE);
    check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
    check_zero(&pop3, CLEARED);
    check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
}

void quit_and_delete(void) {
    check_equal(nx_pop3_client_quit(&pop3), NX_SUCCESS);
    nothing_is_left();
}

void session_is_dead(void) {
    size_t received = world_received();
    UINT final_packet;
    ULONG size = 77;

    check_equal(retr(1), NX_POP3_CLIENT_INVALID_STATE);
    check_equal(nx_pop3_client_mail_item_size_get(&pop3, 1, &size), NX_POP3_CLIENT_INVALID_STATE);
    check_equal(size, 0);
    check_equal(read_packet(&final_packet), NX_POP3_CLIENT_INVALID_STATE);
    check_equal(dele(1), NX_POP3_CLIENT_INVALID_STATE);
#ifndef NX_POP3_CLIENT_DISABLE_EXTRA_SERVICES
    check_equal(nx_pop3_client_noop(&pop3), NX_POP3_CLIENT_INVALID_STATE);
    check_equal(nx_pop3_client_reset(&pop3), NX_POP3_CLIENT_INVALID_STATE);
#endif
    check_equal(host_packets_out(), 0);
    tx_thread_sleep(2);
    check_equal(world_received(), received);
    nothing_is_left();
}
