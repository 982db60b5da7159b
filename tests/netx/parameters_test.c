/* SPDX-License-Identifier: MIT */
/* What create and the others refuse before anything is sent, and what is left then: nothing (N-44, N-45, N-49, N-58,
 * N-B11). Names that applications use. */
#include "cases.h"

static const struct step nobody[] = {PAUSE(0)};
static const struct step greeted[] = {LOGIN};

static UINT create_named(ULONG port, const char *name, const char *password) {
    return nxd_pop3_client_create(&pop3, NX_FALSE, world_ip(), world_pool(), world_server_address(), port,
                                  (CHAR *)(uintptr_t)name, (CHAR *)(uintptr_t)password);
}

static void refused(UINT status, UINT expected) {
    check_equal(status, expected);
    check_equal(world_connections(), 0);
    check_equal(world_ip()->nx_ip_tcp_created_sockets_count, 0);
    check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
}

static void dirty(unsigned char octet) {
    memset(&pop3, octet, sizeof pop3);
}

#define PLAY_ALONE(client) PLAY(nobody, client, .script_may_break = true)

/* ---- Ports ---- */

static void port_session(void) {
    check_equal(create_named(world_server_port(), "mrose", "mvan99"), NX_SUCCESS);
    check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
}

static void test_N_58_ports_1_2110_65535(void **state) {
    (void)state;
    PLAY(greeted, port_session, .port = 1);
    PLAY(greeted, port_session, .port = 2110);
    PLAY(greeted, port_session, .port = 65535);
}

static void bad_ports_session(void) {
    static const ULONG ports[] = {0, 65536, 65536 + 110, 0xFFFFFFFF};

    for (size_t i = 0; i < COUNT(ports); i++) {
        dirty(0xFF);
        refused(create_named(ports[i], "mrose", "mvan99"), NX_POP3_PARAM_ERROR);
#ifndef NX_DISABLE_IPV4
        dirty(4);
        refused(nx_pop3_client_create(&pop3, NX_TRUE, world_ip(), world_pool(), IP_ADDRESS(1, 2, 3, 4), ports[i],
                                      (CHAR *)"mrose", (CHAR *)"mvan99"),
                NX_POP3_PARAM_ERROR);
#endif
    }
}

static void test_N_58_ports_0_and_above_65535(void **state) {
    (void)state;
    PLAY_ALONE(bad_ports_session);
}

/* ---- Names and passwords ---- */

static void bad_credentials_session(void) {
    static char long_name[NX_POP3_MAX_USERNAME + 2];
    static char long_password[NX_POP3_MAX_PASSWORD + 2];
    char text[] = "ab?cd";

    memset(long_name, 'n', sizeof long_name - 1);
    memset(long_password, 'p', sizeof long_password - 1);
    refused(create_named(110, "", "mvan99"), NX_POP3_PARAM_ERROR);
    refused(create_named(110, "mrose", ""), NX_POP3_PARAM_ERROR);
    refused(create_named(110, long_name, "mvan99"), NX_POP3_PARAM_ERROR);
    refused(create_named(110, "mrose", long_password), NX_POP3_PARAM_ERROR);
    refused(create_named(110, "mrose\r\nDELE 1", "mvan99"), NX_POP3_PARAM_ERROR);
    refused(create_named(110, "mrose", "x\r\nDELE 1"), NX_POP3_PARAM_ERROR);
    for (int octet = 1; octet <= 0x7F; octet = octet == 0x1F ? 0x7F : octet + 1) {
        text[2] = (char)octet;
        dirty((unsigned char)octet);
        refused(create_named(110, text, "mvan99"), NX_POP3_PARAM_ERROR);
        refused(create_named(110, "mrose", text), NX_POP3_PARAM_ERROR);
    }
    refused(create_named(110, "m rose", "mvan99"), NX_POP3_PARAM_ERROR);
}

static void test_A_13_N_B11_control_octets_and_lengths(void **state) {
    (void)state;
    PLAY_ALONE(bad_credentials_session);
}

#define NAME_40 "0123456789012345678901234567890123456789"
#define PASSWORD_20 "pass with blanks \xE4!~"

static void longest_session(void) {
    check_equal(create_named(110, NAME_40, PASSWORD_20), NX_SUCCESS);
    check(strcmp(pop3.nx_pop3_client_name, NAME_40) == 0);
    check(strcmp(pop3.nx_pop3_client_password, PASSWORD_20) == 0);
    check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
    nothing_is_left();
}

static void test_N_44_longest_name_and_password(void **state) {
    static const struct step script[] = {
        S("+OK\r\n"), C("USER " NAME_40 "\r\n"), S_OK, C("PASS " PASSWORD_20 "\r\n"), S_OK,
    };

    (void)state;
    assert_int_equal(NX_POP3_MAX_USERNAME, 40);
    assert_int_equal(NX_POP3_MAX_PASSWORD, 20);
    PLAY(script, longest_session);
}

/* Name, password and address are copies: the application's may go. */
static void copies_session(void) {
    char name[] = "mrose";
    char password[] = "mvan99";
    NXD_ADDRESS address = *world_server_address();

    check_equal(nxd_pop3_client_create(&pop3, NX_FALSE, world_ip(), world_pool(), &address, 110, name, password),
                NX_SUCCESS);
    memset(name, 'x', sizeof name);
    memset(password, 'x', sizeof password);
    memset(&address, 0, sizeof address);
    check_equal(nx_pop3_client_quit(&pop3), NX_SUCCESS);
    stat(2, 320);
    quit_and_delete();
}

static void test_N_48_copies_of_address_and_credentials(void **state) {
    static const struct step script[] = {LOGIN, QUIT, ACCEPT, LOGIN, STAT("2 320"), QUIT};

    (void)state;
    PLAY(script, copies_session);
}

/* ---- Addresses ---- */

static UINT create_at(const NXD_ADDRESS *address) {
    NXD_ADDRESS copy = *address;

    return nxd_pop3_client_create(&pop3, NX_FALSE, world_ip(), world_pool(), &copy, 110, (CHAR *)"mrose",
                                  (CHAR *)"mvan99");
}

static void bad_addresses_session(void) {
    NXD_ADDRESS address = *world_server_address();
    static const ULONG versions[] = {0, 5, 7, 0xFFFFFFFF};

    for (size_t i = 0; i < COUNT(versions); i++) {
        address.nxd_ip_version = versions[i];
        refused(create_at(&address), NX_POP3_PARAM_ERROR);
    }
    refused(create_as(3, "mvan99"), NX_POP3_PARAM_ERROR);
    refused(create_as(0xFFFFFFFF, "mvan99"), NX_POP3_PARAM_ERROR);
#ifdef NX_DISABLE_IPV4
    address.nxd_ip_version = NX_IP_VERSION_V4;
    refused(create_at(&address), NX_NOT_SUPPORTED);
#else
    refused(nx_pop3_client_create(&pop3, NX_FALSE, world_ip(), world_pool(), 0, 110, (CHAR *)"mrose", (CHAR *)"mvan99"),
            NX_POP3_PARAM_ERROR);
    address.nxd_ip_version = NX_IP_VERSION_V4;
    address.nxd_ip_address.v4 = 0;
    refused(create_at(&address), NX_POP3_PARAM_ERROR);
#endif
#ifndef FEATURE_NX_IPV6
    address.nxd_ip_version = NX_IP_VERSION_V6;
    refused(create_at(&address), NX_NOT_SUPPORTED);
#endif
}

static void test_bad_addresses_and_flags(void **state) {
    (void)state;
    PLAY_ALONE(bad_addresses_session);
}

static NXD_ADDRESS dead_host(void) {
    NXD_ADDRESS address = *world_server_address();

#ifdef NX_DISABLE_IPV4
    address.nxd_ip_address.v6[3] = 99;
#else
    address.nxd_ip_address.v4 = IP_ADDRESS(1, 2, 3, 99);
#endif
    return address;
}

static void unreachable_session(void) {
    ULONG start = tx_time_get();
    NXD_ADDRESS dead = dead_host();

    check_equal(create_named(111, "mrose", "mvan99"), NX_NOT_CONNECTED); /* nobody listens there */
    check(tx_time_get() - start < 20);
    nothing_is_left();
    start = tx_time_get();
    check_equal(create_at(&dead), NX_NOT_CONNECTED);
    check(tx_time_get() - start >= NX_POP3_CLIENT_CONNECTION_TIMEOUT);
    nothing_is_left();
    check_equal(world_ip()->nx_ip_tcp_created_sockets_count, 0);
}

static void test_refused_connection_and_dead_host(void **state) {
    (void)state;
    PLAY_ALONE(unreachable_session);
}

/* ---- Instances ---- */

#ifndef NX_DISABLE_ERROR_CHECKING

static void without_tcp_session(void) {
    dirty(0xA5);
    refused(create_as(NX_FALSE, "mvan99"), NX_NOT_ENABLED);
    nothing_is_left();
}

static void test_N_58_tcp_must_be_enabled(void **state) {
    (void)state;
    PLAY(nobody, without_tcp_session, .without_tcp = true, .script_may_break = true);
}

static void null_pointers_session(void) {
    CHAR name[] = "mrose";
    NX_IP *ip = world_ip();
    NX_PACKET_POOL *pool = world_pool();
    NXD_ADDRESS *address = world_server_address();
    static NX_IP no_ip;
    NX_PACKET *packet;
    CHAR uid[80];
    UINT n;
    ULONG u;

    check_equal(nxd_pop3_client_create(NX_NULL, NX_FALSE, ip, pool, address, 110, name, name), NX_PTR_ERROR);
    dirty(0xEE);
    refused(nxd_pop3_client_create(&pop3, NX_FALSE, NX_NULL, pool, address, 110, name, name), NX_PTR_ERROR);
    dirty(0xEE);
    refused(nxd_pop3_client_create(&pop3, NX_FALSE, ip, NX_NULL, address, 110, name, name), NX_PTR_ERROR);
    dirty(0xEE);
    refused(nxd_pop3_client_create(&pop3, NX_FALSE, ip, pool, NX_NULL, 110, name, name), NX_PTR_ERROR);
    dirty(0xEE);
    refused(nxd_pop3_client_create(&pop3, NX_FALSE, ip, pool, address, 110, NX_NULL, name), NX_PTR_ERROR);
    dirty(0xEE);
    refused(nxd_pop3_client_create(&pop3, NX_FALSE, ip, pool, address, 110, name, NX_NULL), NX_PTR_ERROR);
    dirty(0xEE);
    refused(nxd_pop3_client_create(&pop3, NX_FALSE, &no_ip, pool, address, 110, name, name), NX_POP3_PARAM_ERROR);
    dirty(0xEE);
    refused(nx_pop3_client_create(&pop3, NX_FALSE, NX_NULL, pool, 1, 110, name, name), NX_PTR_ERROR);
    check_equal(nx_pop3_client_create(NX_NULL, NX_FALSE, ip, pool, 1, 110, name, name), NX_PTR_ERROR);
    check_equal(nx_pop3_client_delete(NX_NULL), NX_PTR_ERROR);
    check_equal(nx_pop3_client_quit(NX_NULL), NX_PTR_ERROR);
    check_equal(nx_pop3_client_mail_items_get(NX_NULL, &n, &u), NX_PTR_ERROR);
    check_equal(nx_pop3_client_mail_items_get(&pop3, NX_NULL, &u), NX_PTR_ERROR);
    check_equal(nx_pop3_client_mail_items_get(&pop3, &n, NX_NULL), NX_PTR_ERROR);
    check_equal(nx_pop3_client_mail_item_size_get(NX_NULL, 1, &u), NX_PTR_ERROR);
    check_equal(nx_pop3_client_mail_item_size_get(&pop3, 1, NX_NULL), NX_PTR_ERROR);
    check_equal(nx_pop3_client_mail_item_get(NX_NULL, 1, &u), NX_PTR_ERROR);
    check_equal(nx_pop3_client_mail_item_get(&pop3, 1, NX_NULL), NX_PTR_ERROR);
    check_equal(nx_pop3_client_mail_item_message_get(NX_NULL, &packet, &u, &n), NX_PTR_ERROR);
    check_equal(nx_pop3_client_mail_item_message_get(&pop3, NX_NULL, &u, &n), NX_PTR_ERROR);
    check_equal(nx_pop3_client_mail_item_message_get(&pop3, &packet, NX_NULL, &n), NX_PTR_ERROR);
    check_equal(nx_pop3_client_mail_item_message_get(&pop3, &packet, &u, NX_NULL), NX_PTR_ERROR);
    check_equal(nx_pop3_client_mail_item_delete(NX_NULL, 1), NX_PTR_ERROR);
    check_equal(nx_pop3_client_noop(NX_NULL), NX_PTR_ERROR);
    check_equal(nx_pop3_client_reset(NX_NULL), NX_PTR_ERROR);
    check_equal(nx_pop3_client_mail_item_uid_get(NX_NULL, 1, uid, sizeof uid), NX_PTR_ERROR);
    check_equal(nx_pop3_client_mail_item_uid_get(&pop3, 1, NX_NULL, sizeof uid), NX_PTR_ERROR);
    check_equal(nx_pop3_client_mail_item_top_get(NX_NULL, 1, 1), NX_PTR_ERROR);
    check_equal(nx_pop3_client_capabilities_get(NX_NULL, &u), NX_PTR_ERROR);
    check_equal(nx_pop3_client_capabilities_get(&pop3, NX_NULL), NX_PTR_ERROR);
    check_equal(nx_pop3_client_response_get(NX_NULL, uid, sizeof uid), NX_PTR_ERROR);
    check_equal(nx_pop3_client_response_get(&pop3, NX_NULL, sizeof uid), NX_PTR_ERROR);
}

static void test_null_pointers(void **state) {
    (void)state;
    PLAY_ALONE(null_pointers_session);
}

#endif

/* ---- N-49: blocks that never were clients ---- */

static void never_created_session(void) {
    UINT count = 77;
    ULONG size = 77;

    check_equal(nx_pop3_client_mail_items_get(&pop3, &count, &size), NX_POP3_CLIENT_INVALID_STATE);
    check_equal(count, 0);
    check_equal(size, 0);
    nothing_is_left();
}

static void test_services_on_a_zeroed_block(void **state) {
    (void)state;
    PLAY_ALONE(never_created_session);
}

/* Blocks on a stack hold anything: each create, refused at once or by the server, leaves one that delete leaves alone. */
static void garbage_session(void) {
    for (unsigned octet = 0; octet <= 0xFF; octet += 17) {
        dirty((unsigned char)octet);
        refused(create_named(0, "mrose", "mvan99"), NX_POP3_PARAM_ERROR);
        dirty((unsigned char)octet);
        refused(create_named(110, "", "mvan99"), NX_POP3_PARAM_ERROR);
        dirty((unsigned char)octet);
        refused(create_named(111, "mrose", "mvan99"), NX_NOT_CONNECTED);
        nothing_is_left();
    }
}

static void test_N_49_delete_after_any_failed_create(void **state) {
    (void)state;
    PLAY_ALONE(garbage_session);
}

/* The garbage is what a block was that was a client: nothing of it may be taken for true. */
static void former_client_session(void) {
    ULONG id;

    log_in();
    id = pop3.nx_pop3_client_id;
    check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
    for (UINT i = 0; i < 3; i++) {
        dirty(0xEE);
        pop3.nx_pop3_client_id = id;
        check_equal(i == 0   ? create_named(0, "mrose", "mvan99")
                    : i == 1 ? create_named(110, "mrose", "")
                             : create_as(7, "mvan99"),
                    NX_POP3_PARAM_ERROR);
        check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
    }
#ifndef NX_DISABLE_ERROR_CHECKING
    dirty(0xEE);
    pop3.nx_pop3_client_id = id;
    check_equal(nxd_pop3_client_create(&pop3, NX_FALSE, NX_NULL, world_pool(), world_server_address(), 110,
                                       (CHAR *)"mrose", (CHAR *)"mvan99"),
                NX_PTR_ERROR);
    check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
#endif
}

static void test_N_49_garbage_that_was_a_client(void **state) {
    (void)state;
    PLAY(greeted, former_client_session);
}

static void garbage_then_good_session(void) {
    dirty(0xA5);
    log_in();
    check_equal(pop3.nx_pop3_client_mail_status, NX_FALSE);
    check_equal(dele(9), NX_SUCCESS); /* no count is known */
    check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
    nothing_is_left();
}

static void test_N_49_create_on_stack_garbage(void **state) {
    static const struct step script[] = {LOGIN, C("DELE 9\r\n"), S_OK};

    (void)state;
    PLAY(script, garbage_then_good_session);
}

/* The socket cannot be deleted, or not yet: the block is kept, so that delete can be called again. */
static enum host_call undeletable_by;

static void undeletable_session(void) {
    log_in();
    host_fail(undeletable_by, 1, NX_STILL_BOUND);
    check_equal(nx_pop3_client_delete(&pop3), NX_STILL_BOUND);
    check(strcmp(pop3.nx_pop3_client_name, "mrose") == 0);
    check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
    nothing_is_left();
}

static void test_N_49_block_is_cleared_only_with_its_socket(void **state) {
    (void)state;
    undeletable_by = HOST_DELETE;
    PLAY(greeted, undeletable_session);
    undeletable_by = HOST_UNBIND;
    PLAY(greeted, undeletable_session);
}

/* The password is wiped by delete and by a failed create, not by quit; what was sent is wiped at once. */
static bool holds_password(const CHAR *octets, size_t n) {
    for (size_t i = 0; i + 6 <= n; i++) {
        if (memcmp(octets + i, "mvan99", 6) == 0) {
            return true;
        }
    }
    return false;
}

static void password_is(bool kept) {
    check_equal(holds_password(pop3.nx_pop3_client_password, sizeof pop3.nx_pop3_client_password), kept);
    check(!holds_password(pop3.nx_pop3_client_buffer, sizeof pop3.nx_pop3_client_buffer));
}

static void wipe_session(void) {
    log_in();
    password_is(true);
    check_equal(nx_pop3_client_quit(&pop3), NX_SUCCESS);
    password_is(true);
    check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
    password_is(false);
    check_equal(create_as(NX_FALSE, "mvan99"), NX_POP3_SERVER_ERROR_STATUS);
    password_is(false);
}

static void test_N_48_password_is_wiped(void **state) {
    static const struct step script[] = {
        LOGIN, QUIT, ACCEPT, S("+OK\r\n"), C("USER mrose\r\n"), S_OK, C("PASS mvan99\r\n"), S("-ERR\r\n"),
    };

    (void)state;
    PLAY(script, wipe_session);
}

/* ---- Names of the documentation's text and of the reference implementation's header ---- */

static void aliases_session(void) {
    NX_PACKET *packet;
    ULONG octets;
    UINT final_packet;

    log_in();
    stat(1, 3);
    check_equal(nx_pop3_client_get_mail_item(&pop3, 1, &octets), NX_SUCCESS);
    check_equal(pop3.nx_pop3_client_ready_to_download, NX_TRUE);
    check_equal(nx_pop3_client_mail_item_get_message_data(&pop3, &packet, &octets, &final_packet), NX_SUCCESS);
    check_equal(nx_packet_release(packet), NX_SUCCESS);
    check(final_packet);
    quit_and_delete();
}

static void test_N_50_names_of_the_documentation(void **state) {
    static const struct step script[] = {LOGIN, STAT("1 3"), C("RETR 1\r\n"), S("+OK\r\na\r\n.\r\n"), QUIT};

    (void)state;
    PLAY(script, aliases_session);
}

static void test_N_11_N_43_members_codes_and_macros(void **state) {
    (void)state;
    assert_int_equal(NX_POP3_PARAM_ERROR, 0xB1);
    assert_int_equal(NX_POP3_INVALID_MAIL_ITEM, 0xB2);
    assert_int_equal(NX_POP3_APOP_FAILED_MD5_DIGEST, 0xB3);
    assert_int_equal(NX_POP3_SERVER_ERROR_STATUS, 0xB4);
    assert_int_equal(NX_POP3_MAIL_BUFFER_OVERFLOW, 0xB5);
    assert_int_equal(NX_POP3_INSUFFICIENT_PACKET_PAYLOAD, 0xB6);
    assert_int_equal(NX_POP3_CLIENT_INVALID_STATE, 0xB7);
    assert_int_equal(NX_POP3_CLIENT_INVALID_INDEX, 0xB8);
    assert_int_equal(NX_POP3_CLIENT_PACKET_TIMEOUT, 100);
    assert_int_equal(NX_POP3_TCP_SOCKET_SEND_WAIT, 1000);
    assert_int_equal(NX_POP3_CLIENT_CONNECTION_TIMEOUT, 3000);
    assert_int_equal(NX_POP3_CLIENT_DISCONNECT_TIMEOUT, 1000);
    assert_int_equal(NX_POP3_SERVER_REPLY_TIMEOUT, 1000);
    assert_int_equal(NX_POP3_CLIENT_TCP_WINDOW_SIZE, 1460);
    assert_string_equal(NX_POP3_END_OF_MESSAGE, "\r\n.\r\n");
    assert_string_equal(NX_POP3_POSITIVE_STATUS NX_POP3_NEGATIVE_STATUS, "+OK-ERR");
    assert_int_equal(sizeof pop3.nx_pop3_client_name, NX_POP3_MAX_USERNAME + 1);
    assert_int_equal(sizeof pop3.nx_pop3_client_password, NX_POP3_MAX_PASSWORD + 1);
    (void)pop3.nx_pop3_client_packet_pool_ptr;
    (void)pop3.nx_pop3_client_enable_APOP_authentication;
    (void)pop3.nx_pop3_client_mail_status;
    (void)pop3.nx_pop3_client_maildrop_items;
    (void)pop3.nx_pop3_client_maildrop_index;
    (void)pop3.nx_pop3_client_total_message_size;
    (void)pop3.nx_pop3_client_message_ptr;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_N_58_ports_1_2110_65535),
        cmocka_unit_test(test_N_58_ports_0_and_above_65535),
        cmocka_unit_test(test_A_13_N_B11_control_octets_and_lengths),
        cmocka_unit_test(test_N_44_longest_name_and_password),
        cmocka_unit_test(test_N_48_copies_of_address_and_credentials),
        cmocka_unit_test(test_bad_addresses_and_flags),
        cmocka_unit_test(test_refused_connection_and_dead_host),
#ifndef NX_DISABLE_ERROR_CHECKING
        cmocka_unit_test(test_N_58_tcp_must_be_enabled),
        cmocka_unit_test(test_null_pointers),
#endif
        cmocka_unit_test(test_services_on_a_zeroed_block),
        cmocka_unit_test(test_N_49_delete_after_any_failed_create),
        cmocka_unit_test(test_N_49_garbage_that_was_a_client),
        cmocka_unit_test(test_N_49_create_on_stack_garbage),
        cmocka_unit_test(test_N_49_block_is_cleared_only_with_its_socket),
        cmocka_unit_test(test_N_48_password_is_wiped),
        cmocka_unit_test(test_N_50_names_of_the_documentation),
        cmocka_unit_test(test_N_11_N_43_members_codes_and_macros),
    };

    return cmocka_run_group_tests(tests, SET_UP, TEAR_DOWN);
}
