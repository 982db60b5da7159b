/* SPDX-License-Identifier: MIT */
/* NetX Secure: statuses, packets, and what a session keeps, against OpenSSL's server in another thread of the world. Who is
 * refused as a server is tested where it matters: by the client that asks (tests/netx/secure_test.c). */
#include "nx_secure_tls_api.h"
#include "tls_peer.h"
#include "world.h"

#define LONG 20000

static NX_SECURE_TLS_SESSION session;
static NX_SECURE_X509_CERT root;
static NX_SECURE_X509_DNS_NAME name;
static UCHAR metadata[64];
static UCHAR record[LONG];

/* --- A server that sends back what comes ------------------------------------------------------------------------- */

static enum tls_certificate certificate;

static void server_send(struct tls_peer *peer) {
    UCHAR octets[1000];
    size_t n;
    while ((n = tls_peer_take(peer, octets, sizeof octets)) > 0) {
        NX_PACKET *packet;
        CHECK(nx_packet_allocate(&server_pool, &packet, NX_TCP_PACKET, NX_WAIT_FOREVER) == NX_SUCCESS);
        CHECK(nx_packet_data_append(packet, octets, (ULONG)n, &server_pool, NX_WAIT_FOREVER) == NX_SUCCESS);
        if (nx_tcp_socket_send(&server_socket, packet, 5 * SECOND) != NX_SUCCESS) {
            nx_packet_release(packet);
            return;
        }
    }
}

static bool server_receive(struct tls_peer *peer) {
    UCHAR octets[2000];
    NX_PACKET *packet;
    ULONG n;
    if (nx_tcp_socket_receive(&server_socket, &packet, 60 * SECOND) != NX_SUCCESS) {
        return false;
    }
    CHECK(nx_packet_data_retrieve(packet, octets, &n) == NX_SUCCESS);
    CHECK(nx_packet_release(packet) == NX_SUCCESS);
    tls_peer_put(peer, octets, n);
    return true;
}

static VOID echo(ULONG input) {
    (void)input;
    static UCHAR octets[LONG];
    struct tls_peer *peer = tls_peer_new(certificate, 0);
    enum tls_progress progress;
    server_accept();
    do {
        progress = tls_peer_accept(peer);
        server_send(peer);
    } while (progress == TLS_WAITS && server_receive(peer));
    size_t n = 0;
    while (progress == TLS_DONE && (n > 0 || server_receive(peer))) {
        n = tls_peer_read(peer, octets, sizeof octets);
        if (n > 0) {
            tls_peer_write(peer, octets, n);
        }
        server_send(peer);
    }
    tls_peer_free(peer);
    server_close();
}

/* --- A client that trusts the tests' CA -------------------------------------------------------------------------- */

static UINT trust_root(UCHAR *buffer, USHORT size) {
    size_t n;
    const unsigned char *der = tls_root(&n);
    return nx_secure_x509_certificate_initialize(&root, (UCHAR *)(uintptr_t)der, (USHORT)n, buffer, size, NX_NULL, 0,
                                                 NX_SECURE_X509_KEY_TYPE_NONE);
}

static void session_begin(void) {
    nx_secure_tls_initialize();
    CHECK(nx_secure_tls_session_create(&session, &nx_crypto_tls_ciphers, metadata, sizeof metadata) == NX_SUCCESS);
    CHECK(nx_secure_tls_session_packet_buffer_set(&session, record, sizeof record) == NX_SUCCESS);
    CHECK(trust_root(NULL, 0) == NX_SUCCESS);
    CHECK(nx_secure_tls_trusted_certificate_add(&session, &root) == NX_SUCCESS);
    CHECK(nx_secure_x509_dns_name_initialize(&name, (const UCHAR *)TLS_NAME, sizeof TLS_NAME - 1) == NX_SUCCESS);
    CHECK(nx_secure_tls_session_sni_extension_set(&session, &name) == NX_SUCCESS);
}

static void session_over(void) {
    CHECK(nx_secure_tls_session_end(&session, SECOND) == NX_SUCCESS);
    CHECK(nx_secure_tls_session_delete(&session) == NX_SUCCESS);
    client_close();
}

static NX_PACKET *packet_with(const UCHAR *octets, ULONG n) {
    NX_PACKET *packet;
    CHECK(nx_secure_tls_packet_allocate(&session, &client_pool, &packet, SECOND) == NX_SUCCESS);
    CHECK(nx_packet_data_append(packet, (VOID *)(uintptr_t)octets, n, &client_pool, SECOND) == NX_SUCCESS);
    return packet;
}

/* Sends n octets and takes them back, from however many packets. */
static void exchange(ULONG n) {
    static UCHAR sent[LONG], got[LONG];
    ULONG all = 0;
    for (ULONG i = 0; i < n; i++) {
        sent[i] = (UCHAR)(i * 7);
    }
    CHECK(nx_secure_tls_session_send(&session, packet_with(sent, n), SECOND) == NX_SUCCESS);
    while (all < n) {
        NX_PACKET *packet;
        ULONG copied = 0;
        CHECK(nx_secure_tls_session_receive(&session, &packet, SECOND) == NX_SUCCESS);
        CHECK(packet->nx_packet_prepend_ptr == packet->nx_packet_data_start);
        CHECK(packet->nx_packet_length <= n - all);
        CHECK(nx_packet_data_retrieve(packet, got + all, &copied) == NX_SUCCESS);
        CHECK(copied == packet->nx_packet_length);
        CHECK(nx_packet_release(packet) == NX_SUCCESS);
        all += copied;
    }
    CHECK(memcmp(sent, got, n) == 0);
}

static struct nxhost_result run(VOID (*define)(VOID *)) {
    nxhost_virtual_clock(true);
    nxhost_offline(true);
    certificate = TLS_GOOD;
    memset(&session, 0, sizeof session);
    struct nxhost_result result = world_run(define);
    assert_int_equal(result.leaked_packets, 0);
    assert_int_equal(result.open_sockets, 0);
    return result;
}

#define CASE(name, server, client)                        \
    static VOID define_##name(VOID *memory) {             \
        (void)memory;                                     \
        world_cast(server, client);                       \
    }                                                     \
    static void test_##name(void **state) {               \
        (void)state;                                      \
        struct nxhost_result result = run(define_##name); \
        assert_int_equal(result.end, NXHOST_FINISHED);    \
    }

/* --- Octets there and back --------------------------------------------------------------------------------------- */

static VOID talks(ULONG input) {
    (void)input;
    NX_PACKET *packet = (NX_PACKET *)(uintptr_t)1;
    session_begin();
    client_connect();
    CHECK(nx_secure_tls_session_start(&session, &client_socket, SECOND) == NX_SUCCESS);
    CHECK(nx_secure_tls_session_receive(&session, &packet, NX_NO_WAIT) == NX_NO_PACKET);
    CHECK(packet == NULL);
    exchange(1);
    exchange(500);
    exchange(9000); /* a chain, both ways */
    exchange(NX_SECURE_TLS_MAX_PLAINTEXT_LENGTH);
    session_over();
}

CASE(octets_there_and_back, echo, talks)

static VOID sends_too_much(ULONG input) {
    (void)input;
    static const UCHAR octets[NX_SECURE_TLS_MAX_PLAINTEXT_LENGTH + 1];
    session_begin();
    client_connect();
    CHECK(nx_secure_tls_session_start(&session, &client_socket, SECOND) == NX_SUCCESS);
    NX_PACKET *packet = packet_with(octets, sizeof octets);
    CHECK(nx_secure_tls_session_send(&session, packet, SECOND) == NX_SECURE_TLS_RECORD_OVERFLOW);
    CHECK(nx_secure_tls_session_send(&session, packet, SECOND) == NX_SECURE_TLS_SESSION_UNINITIALIZED);
    CHECK(nx_packet_release(packet) == NX_SUCCESS);
    session_over();
}

CASE(a_packet_above_the_largest_record, echo, sends_too_much)

/* The end of TLS is one also where it could not be told to the server. */
static VOID ends_and_starts(ULONG input) {
    (void)input;
    NX_PACKET *packet;
    session_begin();
    client_connect();
    CHECK(nx_secure_tls_session_start(&session, &client_socket, SECOND) == NX_SUCCESS);
    exchange(10);
    nxhost_fail(NXHOST_SECURE_TLS_SESSION_END, 1, NX_NO_PACKET);
    CHECK(nx_secure_tls_session_end(&session, SECOND) == NX_NO_PACKET);
    CHECK(nx_secure_tls_session_receive(&session, &packet, SECOND) == NX_SECURE_TLS_SESSION_UNINITIALIZED);
    CHECK(nx_secure_tls_session_end(&session, SECOND) == NX_SUCCESS);
    CHECK(nx_tcp_socket_disconnect(&client_socket, SECOND) == NX_SUCCESS);
    CHECK(nx_secure_tls_session_start(&session, &client_socket, SECOND) == NX_NOT_CONNECTED);
    session_over();
}

CASE(end_and_start, echo, ends_and_starts)

/* --- Room for the server's certificate --------------------------------------------------------------------------- */

static NX_SECURE_X509_CERT remote;
static UCHAR remote_der[2000];
static UINT remote_size;
static UINT expected;

static ULONG sees_certificate(NX_SECURE_TLS_SESSION *asking, NX_SECURE_X509_CERT *given) {
    CHECK(asking == &session);
    CHECK(given == &remote && given->nx_secure_x509_certificate_raw_data == remote_der);
    CHECK(remote_der[0] == 0x30);
    return NX_SUCCESS;
}

static VOID lends_room(ULONG input) {
    (void)input;
    session_begin();
    CHECK(nx_secure_tls_remote_certificate_allocate(&session, &remote, remote_der, remote_size) == NX_SUCCESS);
    CHECK(nx_secure_tls_session_certificate_callback_set(&session, sees_certificate) == NX_SUCCESS);
    client_connect();
    CHECK(nx_secure_tls_session_start(&session, &client_socket, SECOND) == expected);
    session_over();
}

CASE(lent_room, echo, lends_room)

static void test_room_for_the_servers_certificate(void **state) {
    remote_size = sizeof remote_der;
    expected = NX_SUCCESS;
    test_lent_room(state);
    remote_size = 100;
    expected = NX_SECURE_TLS_INSUFFICIENT_CERT_SPACE;
    test_lent_room(state);
}

static VOID trusts_nothing_readable(ULONG input) {
    (void)input;
    static UCHAR broken[] = {0x30, 0x03, 0x02, 0x01, 0x00};
    session_begin();
    root.nx_secure_x509_certificate_raw_data = broken;
    root.nx_secure_x509_certificate_raw_data_length = sizeof broken;
    client_connect();
    CHECK(nx_secure_tls_session_start(&session, &client_socket, SECOND) == NX_SECURE_TLS_INSUFFICIENT_METADATA_SPACE);
    session_over();
}

CASE(a_trusted_certificate_that_was_overwritten, echo, trusts_nothing_readable)

/* --- Statuses ---------------------------------------------------------------------------------------------------- */

static ULONG no_time(VOID) {
    return 0;
}

static ULONG no_objection(NX_SECURE_TLS_SESSION *asking, NX_SECURE_X509_CERT *given) {
    (void)asking;
    (void)given;
    return NX_SUCCESS;
}

#define UNINITIALIZED NX_SECURE_TLS_SESSION_UNINITIALIZED

static VOID uses_no_session(ULONG input) {
    (void)input;
    NX_PACKET *packet;
    CHECK(nx_packet_allocate(&client_pool, &packet, NX_TCP_PACKET, NX_NO_WAIT) == NX_SUCCESS);
    CHECK(nx_secure_tls_session_send(&session, packet, 0) == UNINITIALIZED);
    CHECK(nx_secure_tls_session_send(&session, NULL, 0) == NX_PTR_ERROR);
    CHECK(nx_secure_tls_session_receive(&session, &packet, 0) == UNINITIALIZED);
    CHECK(nx_secure_tls_session_receive(&session, NULL, 0) == NX_PTR_ERROR);
    CHECK(nx_packet_release(packet) == NX_SUCCESS);
    CHECK(nx_secure_tls_session_start(&session, &client_socket, 0) == UNINITIALIZED);
    CHECK(nx_secure_tls_session_start(&session, NULL, 0) == NX_PTR_ERROR);
    CHECK(nx_secure_tls_packet_allocate(&session, &client_pool, &packet, 0) == UNINITIALIZED);
    CHECK(nx_secure_tls_session_end(&session, 0) == UNINITIALIZED);
    CHECK(nx_secure_tls_session_end(NULL, 0) == NX_PTR_ERROR);
    CHECK(nx_secure_tls_session_delete(&session) == NX_PTR_ERROR);
    CHECK(nx_secure_tls_session_packet_buffer_set(&session, record, sizeof record) == UNINITIALIZED);
    CHECK(nx_secure_tls_session_packet_buffer_set(&session, NULL, sizeof record) == NX_PTR_ERROR);
    CHECK(nx_secure_tls_session_packet_buffer_set(&session, record, 3999) == NX_INVALID_PARAMETERS);
    CHECK(nx_secure_tls_remote_certificate_allocate(&session, &remote, remote_der, 1) == UNINITIALIZED);
    CHECK(nx_secure_tls_remote_certificate_allocate(&session, &remote, NULL, 1) == NX_PTR_ERROR);
    CHECK(nx_secure_tls_trusted_certificate_add(&session, &root) == UNINITIALIZED);
    CHECK(nx_secure_tls_trusted_certificate_add(&session, NULL) == NX_PTR_ERROR);
    CHECK(nx_secure_tls_session_sni_extension_set(&session, &name) == UNINITIALIZED);
    CHECK(nx_secure_tls_session_sni_extension_set(&session, NULL) == NX_PTR_ERROR);
    CHECK(nx_secure_tls_session_certificate_callback_set(&session, no_objection) == UNINITIALIZED);
    CHECK(nx_secure_tls_session_certificate_callback_set(&session, NULL) == NX_PTR_ERROR);
    CHECK(nx_secure_tls_session_time_function_set(&session, no_time) == UNINITIALIZED);
    CHECK(nx_secure_tls_session_time_function_set(&session, NULL) == NX_PTR_ERROR);
    CHECK(nx_secure_tls_session_create(&session, NULL, metadata, 1) == NX_PTR_ERROR);
}

CASE(calls_without_a_session, NULL, uses_no_session)

static VOID uses_a_session_wrongly(ULONG input) {
    (void)input;
    NX_PACKET *packet;
    session_begin();
    CHECK(nx_secure_tls_session_create(&session, &nx_crypto_tls_ciphers, metadata, 1) == NX_PTR_ERROR);
    CHECK(nx_secure_tls_remote_certificate_allocate(&session, &remote, remote_der, 0) ==
          NX_SECURE_TLS_INSUFFICIENT_CERT_SPACE);
    CHECK(nx_secure_tls_packet_allocate(&session, &client_pool, &packet, 0) == UNINITIALIZED);
    client_connect();
    CHECK(nx_secure_tls_session_start(&session, &client_socket, SECOND) == NX_SUCCESS);
    CHECK(nx_secure_tls_packet_allocate(&session, &client_pool, &packet, 0) == NX_SUCCESS);
    CHECK(nx_secure_tls_session_send(&session, packet, 0) == NX_INVALID_PACKET);
    CHECK(nx_packet_release(packet) == NX_SUCCESS);
    session_over();
    CHECK(nx_secure_tls_session_delete(&session) == NX_PTR_ERROR);
}

CASE(calls_that_a_session_refuses, echo, uses_a_session_wrongly)

/* --- Certificates ------------------------------------------------------------------------------------------------ */

static void test_certificates(void **state) {
    UCHAR buffer[2000];
    UCHAR junk[] = "junk";
    (void)state;
    assert_int_equal(trust_root(buffer, sizeof buffer), NX_SUCCESS);
    assert_ptr_equal(root.nx_secure_x509_certificate_raw_data, buffer);
    assert_int_equal(trust_root(buffer, 10), NX_SECURE_X509_INSUFFICIENT_CERT_SPACE);
    assert_int_equal(nx_secure_x509_certificate_initialize(&root, junk, sizeof junk, NULL, 0, NULL, 0, 0),
                     NX_SECURE_X509_INVALID_CERTIFICATE);
    assert_int_equal(nx_secure_x509_common_name_dns_check(&root, (const UCHAR *)"a", 1),
                     NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH);
    assert_int_equal(nx_secure_x509_certificate_initialize(NULL, junk, 1, NULL, 0, NULL, 0, 0), NX_PTR_ERROR);
    size_t n;
    const unsigned char *der = tls_root(&n);
    assert_int_equal(
        nx_secure_x509_certificate_initialize(&root, (UCHAR *)(uintptr_t)der, (USHORT)n, NULL, 0, junk, 4, 1),
        NX_SECURE_X509_INVALID_PRIVATE_KEY_TYPE);
    assert_int_equal(nx_secure_x509_common_name_dns_check(&root, NULL, 1), NX_PTR_ERROR);
    assert_int_equal(nx_secure_x509_dns_name_initialize(NULL, junk, 4), NX_PTR_ERROR);
    assert_int_equal(nx_secure_x509_dns_name_initialize(&name, junk, NX_SECURE_X509_DNS_NAME_MAX + 1),
                     NX_SECURE_X509_NAME_STRING_TOO_LONG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_octets_there_and_back),
        cmocka_unit_test(test_a_packet_above_the_largest_record),
        cmocka_unit_test(test_end_and_start),
        cmocka_unit_test(test_room_for_the_servers_certificate),
        cmocka_unit_test(test_a_trusted_certificate_that_was_overwritten),
        cmocka_unit_test(test_calls_without_a_session),
        cmocka_unit_test(test_calls_that_a_session_refuses),
        cmocka_unit_test(test_certificates),
    };
    return cmocka_run_group_tests(tests, tls_set_up, tls_tear_down);
}
