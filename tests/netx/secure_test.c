/* SPDX-License-Identifier: MIT */
/*
 * nxd_pop3_client_secure_create (N-50): implicit TLS and STLS, each refusal with its status and without a credential on the
 * wire, and what becomes of a session when TLS breaks.
 */
#include "cases.h"

#define GREETING S("+OK POP3 server ready\r\n")
#define STLS C("STLS\r\n"), S("+OK begin\r\n")
#define USER_PASS C("USER mrose\r\n"), S_OK, C("PASS mvan99\r\n"), S_OK

#define PLAY_STLS(steps_, client_, ...) PLAY(steps_, client_, .stls = true, __VA_ARGS__)

static const UINT modes[] = {NX_POP3_TLS_IMPLICIT, NX_POP3_TLS_STLS};

static struct {
    UINT mode;
    UINT status;     /* that create is to return */
    UINT tls_status; /* NetX Secure's */
    unsigned nth;
} now;

static void wish(struct tls_wishes wishes) {
    tls = wishes;
}

/* Neither name nor password left the client readable, whatever the script was. */
static void assert_no_credential_on_the_wire(void) {
    assert_false(server_wire_holds(0, "mrose"));
    assert_false(server_wire_holds(0, "mvan99"));
    assert_false(server_wire_holds(0, "USER"));
    assert_false(server_wire_holds(0, "PASS"));
}

static bool session_is_deleted(void) {
    return client_tls_session()->nx_secure_tls_id == 0 && client_tls_session()->nxhost_tls == NULL;
}

/* ---- Sessions that work ---- */

static void whole_session(void) {
    wish((struct tls_wishes){0});
    check_equal(create_secure(now.mode, "mvan99"), NX_SUCCESS);
    check_equal(pop3.nx_pop3_client_tls_status, NX_SUCCESS);
    stat(2, 320);
    FETCH(1, MAIL_120);
    check_equal(dele(1), NX_SUCCESS);
    check_equal(nx_pop3_client_noop(&pop3), NX_SUCCESS);
    check_equal(nx_pop3_client_quit(&pop3), NX_SUCCESS);
    check(session_is_deleted());
    check_equal(world_close_notifies(), 1);
    check_octets(world_sni(), strlen(world_sni()), TLS_NAME, strlen(TLS_NAME));
    check_equal(tls.calls, 1);
    nothing_is_left();
}

#define WHOLE                                                                                                         \
    USER_PASS, STAT("2 320"), C("RETR 1\r\n"), S_MAIL_120, C("DELE 1\r\n"), S_OK, C("NOOP\r\n"), S_OK, C("QUIT\r\n"), \
        S("+OK bye\r\n"), TLS_END

static const struct step implicit_script[] = {TLS, GREETING, WHOLE};
static const struct step stls_script[] = {GREETING, STLS, TLS, WHOLE};

static void play_whole(unsigned version, enum tls_certificate certificate, UINT ip_version) {
    now.mode = NX_POP3_TLS_IMPLICIT;
    PLAY(implicit_script, whole_session, .more_commands = true, .tls_version = version, .certificate = certificate,
         .ip_version = ip_version);
    assert_no_credential_on_the_wire();
    assert_false(server_wire_holds(0, "STAT"));
    now.mode = NX_POP3_TLS_STLS;
    PLAY_STLS(stls_script, whole_session, .more_commands = true, .tls_version = version, .certificate = certificate,
              .ip_version = ip_version);
    assert_no_credential_on_the_wire();
    assert_false(server_wire_holds(0, "STAT"));
}

static void test_N_50_whole_sessions(void **state) {
    (void)state;
    play_whole(0, TLS_GOOD, 0);
    play_whole(12, TLS_GOOD, 0);
    play_whole(0, TLS_GOOD, NX_IP_VERSION_V6);
}

/* NetX Secure's check takes a wildcard label, and the common name. */
static void test_names_that_match(void **state) {
    (void)state;
    play_whole(0, TLS_WILDCARD, 0);
    play_whole(0, TLS_COMMON_NAME, 0);
}

static void test_octet_by_octet(void **state) {
    (void)state;
    now.mode = NX_POP3_TLS_IMPLICIT;
    PLAY(implicit_script, whole_session, .more_commands = true, .send_size = 1);
    PLAY(implicit_script, whole_session, .more_commands = true, .arrival = ARRIVE_CHAINED, .segment = 7);
    PLAY(implicit_script, whole_session, .more_commands = true, .arrival = ARRIVE_TOGETHER);
    PLAY(implicit_script, whole_session, .more_commands = true, .pools = POOLS_ONE);
    PLAY(implicit_script, whole_session, .more_commands = true, .payload = 120);
}

/* A client without TLS stays one, whatever stood in its block before. */
static void clear_session(void) {
    memset(&pop3, 0xA5, sizeof pop3);
    pop3.nx_pop3_client_tls_mode = now.mode;
    check_equal(nxd_pop3_client_create(&pop3, NX_FALSE, world_ip(), world_pool(), world_server_address(),
                                       world_server_port(), (CHAR *)"mrose", (CHAR *)"mvan99"),
                NX_SUCCESS);
    quit_and_delete();
}

static void test_block_that_had_TLS_before(void **state) {
    static const struct step script[] = {LOGIN, QUIT};

    (void)state;
    for (size_t i = 0; i < COUNT(modes); i++) {
        now.mode = modes[i];
        PLAY(script, clear_session);
    }
}

/* ---- Sessions that do not begin ---- */

static void refused_session(void) {
    check_equal(create_secure(now.mode, "mvan99"), now.status);
    check_equal(pop3.nx_pop3_client_tls_status, now.tls_status);
    check_equal(host_packets_out(), 0);
    check_equal(world_ip()->nx_ip_tcp_created_sockets_count, 0);
    check(session_is_deleted());
    nothing_is_left();
    now.nth = tls.calls;
}

static void refuse(UINT mode, UINT status, UINT tls_status, const struct step *script, size_t steps) {
    now.mode = mode;
    now.status = status;
    now.tls_status = tls_status;
    world_play(&(const struct world){.script = script, .steps = steps, .client = refused_session, .stls = true});
    assert_no_credential_on_the_wire();
}

#define REFUSE(mode, status, tls_status, ...)                      \
    do {                                                           \
        static const struct step script_[] = {__VA_ARGS__};        \
        wish((struct tls_wishes){0});                              \
        refuse(mode, status, tls_status, script_, COUNT(script_)); \
    } while (0)

/* whatever a server, or who stands before it, says instead of "+OK" to STLS, there is no session in clear text. */
static void test_A_02_STLS_is_refused(void **state) {
    (void)state;
    REFUSE(NX_POP3_TLS_STLS, NX_POP3_STLS_REFUSED, NX_SUCCESS, GREETING, C("STLS\r\n"), S("-ERR unknown command\r\n"));
    assert_int_equal(now.nth, 0); /* tls_setup was not called */
    REFUSE(NX_POP3_TLS_STLS, NX_POP3_STLS_REFUSED, NX_SUCCESS, GREETING, C("STLS\r\n"), S("-ERR [SYS/TEMP] later\r\n"));
    REFUSE(NX_POP3_TLS_STLS, NX_POP3_SERVER_ERROR_STATUS, NX_SUCCESS, GREETING, C("STLS\r\n"), S("OK\r\n"));
    REFUSE(NX_POP3_TLS_STLS, NX_POP3_SERVER_ERROR_STATUS, NX_SUCCESS, S("-ERR not today\r\n"));
    REFUSE(NX_POP3_TLS_STLS, NX_NOT_CONNECTED, NX_SUCCESS, GREETING, C("STLS\r\n"), CLOSE);
    REFUSE(NX_POP3_TLS_STLS, NX_NOT_CONNECTED, NX_SUCCESS, GREETING, C("STLS\r\n"), RESET);
    REFUSE(NX_POP3_TLS_STLS, NX_NOT_CONNECTED, NX_SUCCESS, CLOSE);
    REFUSE(NX_POP3_TLS_STLS, NX_NO_PACKET, NX_SUCCESS, GREETING, C("STLS\r\n"),
           PAUSE(2 * NX_POP3_SERVER_REPLY_TIMEOUT));
    REFUSE(NX_POP3_TLS_STLS, NX_POP3_SERVER_ERROR_STATUS, NX_SUCCESS, S("+OK\r\n+OK\r\n"));
}

/* octets behind the answer, together with it or after it. */
static void test_A_03_octets_behind_STLS(void **state) {
    (void)state;
    REFUSE(NX_POP3_TLS_STLS, NX_POP3_SERVER_ERROR_STATUS, NX_SUCCESS, GREETING, C("STLS\r\n"),
           S("+OK go\r\n+OK injected\r\n"));
    assert_int_equal(now.nth, 0);
    REFUSE(NX_POP3_TLS_STLS, NX_POP3_SERVER_ERROR_STATUS, NX_SUCCESS, GREETING, C("STLS\r\n"), S("+OK go\r\n"),
           S("+OK injected\r\n"));
    assert_int_equal(now.nth, 0);
    REFUSE(NX_POP3_TLS_STLS, NX_POP3_SERVER_ERROR_STATUS, NX_SUCCESS, GREETING, C("STLS\r\n"), S("+OK go\r\nx"));
    REFUSE(NX_POP3_TLS_STLS, NX_POP3_SERVER_ERROR_STATUS, NX_SUCCESS, GREETING, C("STLS\r\n"), S("+OK go\r\n"), S("x"));
    REFUSE(NX_POP3_TLS_STLS, NX_NOT_CONNECTED, NX_SUCCESS, GREETING, C("STLS\r\n"), S("+OK go\r\n"), CLOSE);
    /* Behind the ClientHello: no record. */
    REFUSE(NX_POP3_TLS_STLS, NX_POP3_TLS_FAILED, NX_SECURE_TLS_UNKNOWN_TLS_VERSION, GREETING, STLS, DEAF, PAUSE(1),
           S_CLEAR("+OK injected\r\n"), PAUSE(1));
    assert_int_equal(now.nth, 1);
}

/* Clear text where TLS was to be, silence, and a server that goes, at each step of the handshake. */
static void test_handshakes_that_fail(void **state) {
    static const char alert[] = {0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28};

    (void)state;
    REFUSE(NX_POP3_TLS_IMPLICIT, NX_POP3_TLS_FAILED, NX_SECURE_TLS_UNKNOWN_TLS_VERSION, DEAF, PAUSE(1),
           S("+OK in clear\r\n"), PAUSE(1));
    REFUSE(NX_POP3_TLS_IMPLICIT, NX_POP3_TLS_FAILED, NX_SECURE_TLS_ALERT_RECEIVED, DEAF, PAUSE(1),
           S_OCTETS(alert, sizeof alert), PAUSE(1));
    REFUSE(NX_POP3_TLS_STLS, NX_POP3_TLS_FAILED, NX_SECURE_TLS_ALERT_RECEIVED, GREETING, STLS, DEAF, PAUSE(1),
           S_OCTETS(alert, sizeof alert), PAUSE(1));
    REFUSE(NX_POP3_TLS_IMPLICIT, NX_NO_PACKET, NX_NO_PACKET, DEAF, PAUSE(2 * NX_POP3_SERVER_REPLY_TIMEOUT));
    REFUSE(NX_POP3_TLS_STLS, NX_NO_PACKET, NX_NO_PACKET, GREETING, STLS, DEAF, PAUSE(2 * NX_POP3_SERVER_REPLY_TIMEOUT));
    REFUSE(NX_POP3_TLS_IMPLICIT, NX_NOT_CONNECTED, NX_NOT_CONNECTED, DEAF, PAUSE(1), CLOSE);
    REFUSE(NX_POP3_TLS_STLS, NX_NOT_CONNECTED, NX_NOT_CONNECTED, GREETING, STLS, DEAF, PAUSE(1), CLOSE);
    REFUSE(NX_POP3_TLS_STLS, NX_NOT_CONNECTED, NX_NOT_CONNECTED, GREETING, STLS, DEAF, PAUSE(1), RESET);
}

/* TLS is up, and the login fails: no other login is tried. */
static void test_logins_that_fail(void **state) {
    (void)state;
    REFUSE(NX_POP3_TLS_IMPLICIT, NX_POP3_SERVER_ERROR_STATUS, NX_SUCCESS, TLS, S("-ERR closed\r\n"));
    REFUSE(NX_POP3_TLS_IMPLICIT, NX_NO_PACKET, NX_SUCCESS, TLS, PAUSE(2 * NX_POP3_SERVER_REPLY_TIMEOUT));
    REFUSE(NX_POP3_TLS_IMPLICIT, NX_SECURE_TLS_ALERT_RECEIVED, NX_SUCCESS, TLS, TLS_END);
    REFUSE(NX_POP3_TLS_IMPLICIT, NX_POP3_SERVER_ERROR_STATUS, NX_SUCCESS, TLS, S("+OK\r\n+OK\r\n"));
    REFUSE(NX_POP3_TLS_IMPLICIT, NX_POP3_SERVER_ERROR_STATUS, NX_SUCCESS, TLS, S("+OK " TIMESTAMP "\r\n"),
           C("USER mrose\r\n"), S("-ERR no\r\n"));
    REFUSE(NX_POP3_TLS_STLS, NX_POP3_SERVER_ERROR_STATUS, NX_SUCCESS, GREETING, STLS, TLS, C("USER mrose\r\n"), S_OK,
           C("PASS mvan99\r\n"), S("-ERR [AUTH] wrong\r\n"));
    REFUSE(NX_POP3_TLS_STLS, NX_NOT_CONNECTED, NX_SUCCESS, GREETING, STLS, TLS, C("USER mrose\r\n"), CLOSE);
}

/* ---- Certificates ---- */

static const struct step bad_implicit[] = {TLS_REFUSED};
static const struct step bad_stls[] = {GREETING, STLS, TLS_REFUSED};

static void refuse_certificate(enum tls_certificate certificate, UINT tls_status, const struct tls_wishes *wishes) {
    struct world world = {.client = refused_session, .stls = true, .certificate = certificate};

    now.status = NX_POP3_CERTIFICATE_REFUSED;
    now.tls_status = tls_status;
    for (size_t i = 0; i < COUNT(modes); i++) {
        for (world.tls_version = 0; world.tls_version <= 12; world.tls_version += 12) {
            tls = *wishes;
            now.mode = modes[i];
            world.script = now.mode == NX_POP3_TLS_IMPLICIT ? bad_implicit : bad_stls;
            world.steps = now.mode == NX_POP3_TLS_IMPLICIT ? COUNT(bad_implicit) : COUNT(bad_stls);
            world_play(&world);
            assert_no_credential_on_the_wire();
        }
    }
}

static ULONG the_time(VOID) {
    return (ULONG)time(NULL);
}

static void test_A_12_certificates_that_are_refused(void **state) {
    (void)state;
    const struct tls_wishes plain = {0};
    const struct tls_wishes with_time = {.time_function = the_time};

    refuse_certificate(TLS_OTHER_NAME, NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH, &plain);
    refuse_certificate(TLS_NUL_NAME, NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH, &plain);
    refuse_certificate(TLS_GOOD, NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH,
                       &(const struct tls_wishes){.server_name = "pop.example.com"});
    refuse_certificate(TLS_GOOD, NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH,
                       &(const struct tls_wishes){.server_name = "POP.example.org"});
    refuse_certificate(TLS_WILDCARD, NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH,
                       &(const struct tls_wishes){.server_name = "a.pop.example.org"});
    refuse_certificate(TLS_OTHER_CA, NX_SECURE_TLS_ISSUER_CERTIFICATE_NOT_FOUND, &plain);
    refuse_certificate(TLS_GOOD, NX_SECURE_TLS_ISSUER_CERTIFICATE_NOT_FOUND,
                       &(const struct tls_wishes){.without_trust = true});
    refuse_certificate(TLS_SELF_SIGNED, NX_SECURE_TLS_INVALID_SELF_SIGNED_CERT, &plain);
    refuse_certificate(TLS_EXPIRED, NX_SECURE_X509_CERTIFICATE_EXPIRED, &with_time);
    refuse_certificate(TLS_NOT_YET_VALID, NX_SECURE_X509_CERTIFICATE_NOT_YET_VALID, &with_time);
}

static void dated_session(void) {
    check_equal(create_secure(now.mode, "mvan99"), NX_SUCCESS);
    quit_and_delete();
}

static const struct step short_script[] = {TLS, GREETING, USER_PASS, QUIT};

/* As the documents say: NetX Secure looks at dates only where it is told the time. */
static void test_dates_without_a_time_function(void **state) {
    (void)state;
    now.mode = NX_POP3_TLS_IMPLICIT;
    wish((struct tls_wishes){0});
    PLAY(short_script, dated_session, .certificate = TLS_EXPIRED);
    PLAY(short_script, dated_session, .certificate = TLS_NOT_YET_VALID);
    wish((struct tls_wishes){.time_function = the_time});
    PLAY(short_script, dated_session, .certificate = TLS_GOOD);
}

/* The application's callback comes behind the name check, and its refusal counts whatever number it is. */
static unsigned asked;

static ULONG refuse_all(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate) {
    check(session == client_tls_session());
    check_equal(nx_secure_x509_common_name_dns_check(certificate, (const UCHAR *)TLS_NAME, sizeof TLS_NAME - 1),
                NX_SUCCESS);
    asked++;
    return NX_NOT_SUPPORTED;
}

static ULONG take_all(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate) {
    (void)session;
    (void)certificate;
    asked++;
    return NX_SUCCESS;
}

static void test_callback_of_the_application(void **state) {
    (void)state;
    asked = 0;
    refuse_certificate(TLS_GOOD, NX_NOT_SUPPORTED, &(const struct tls_wishes){.certificate_callback = refuse_all});
    assert_int_equal(asked, 4);
    refuse_certificate(TLS_OTHER_NAME, NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH,
                       &(const struct tls_wishes){.certificate_callback = take_all});
    assert_int_equal(asked, 4);
    now.mode = NX_POP3_TLS_IMPLICIT;
    wish((struct tls_wishes){.certificate_callback = take_all});
    PLAY(short_script, dated_session);
    assert_int_equal(asked, 5);
}

/* ---- tls_setup ---- */

static void test_setup_that_fails(void **state) {
    static const struct step nothing[] = {PAUSE(1)};
    static const struct step no_tls[] = {GREETING, STLS};

    (void)state;
    wish((struct tls_wishes){.status = NX_NOT_SUPPORTED});
    refuse(NX_POP3_TLS_IMPLICIT, NX_NOT_SUPPORTED, NX_SUCCESS, nothing, COUNT(nothing));
    wish((struct tls_wishes){.status = NX_NOT_SUPPORTED});
    refuse(NX_POP3_TLS_STLS, NX_NOT_SUPPORTED, NX_SUCCESS, no_tls, COUNT(no_tls));
}

/* The record with the server's certificate does not fit. */
static void test_setup_without_a_packet_buffer(void **state) {
    static const struct step script[] = {TLS_REFUSED};

    (void)state;
    wish((struct tls_wishes){.without_packet_buffer = true});
    refuse(NX_POP3_TLS_IMPLICIT, NX_POP3_TLS_FAILED, NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL, script, COUNT(script));
}

/* ---- Parameters ---- */

static UINT create_with(const char *server_name, UINT mode, NX_SECURE_TLS_SESSION *session,
                        UINT (*setup)(NX_POP3_CLIENT *, NX_SECURE_TLS_SESSION *)) {
    memset(&pop3, 0xA5, sizeof pop3);
    return nxd_pop3_client_secure_create(&pop3, world_ip(), world_pool(), world_server_address(), world_server_port(),
                                         (CHAR *)"mrose", (CHAR *)"mvan99", (CHAR *)(uintptr_t)server_name, mode,
                                         session, setup);
}

static void parameters_session(void) {
    static char name[NX_SECURE_X509_DNS_NAME_MAX + 2];
    NX_SECURE_TLS_SESSION *session = client_tls_session();
    static const char *const bad_names[] = {"", "pop example.org", "pop\r\n.example.org", "pop.example.org\x7F", name};

    memset(name, 'x', sizeof name - 1);
    for (size_t i = 0; i < COUNT(bad_names); i++) {
        check_equal(create_with(bad_names[i], 1, session, client_tls_setup), NX_POP3_PARAM_ERROR);
        nothing_is_left();
    }
    check_equal(create_with(TLS_NAME, 0, session, client_tls_setup), NX_POP3_PARAM_ERROR);
    check_equal(create_with(TLS_NAME, 3, session, client_tls_setup), NX_POP3_PARAM_ERROR);
    check_equal(create_with(NULL, 1, session, client_tls_setup), NX_PTR_ERROR);
    nothing_is_left();
    check_equal(create_with(TLS_NAME, 1, NULL, client_tls_setup), NX_PTR_ERROR);
    check_equal(create_with(TLS_NAME, 1, session, NULL), NX_PTR_ERROR);
    check_equal(nxd_pop3_client_secure_create(NX_NULL, world_ip(), world_pool(), world_server_address(), 995,
                                              (CHAR *)"mrose", (CHAR *)"mvan99", (CHAR *)TLS_NAME, 1, session,
                                              client_tls_setup),
                NX_PTR_ERROR);
    check_equal(nxd_pop3_client_secure_create(&pop3, world_ip(), NX_NULL, world_server_address(), 995, (CHAR *)"mrose",
                                              (CHAR *)"mvan99", (CHAR *)TLS_NAME, 1, session, client_tls_setup),
                NX_PTR_ERROR);
    check_equal(nxd_pop3_client_secure_create(&pop3, world_ip(), world_pool(), world_server_address(), 0,
                                              (CHAR *)"mrose", (CHAR *)"mvan99", (CHAR *)TLS_NAME, 1, session,
                                              client_tls_setup),
                NX_POP3_PARAM_ERROR);
    nothing_is_left();
    check_equal(world_connections(), 0);
}

static void test_parameters(void **state) {
    (void)state;
    world_play(&(const struct world){.client = parameters_session});
}

/* The longest name that fits; the server's certificate has another. */
static void test_longest_name(void **state) {
    static char name[NX_SECURE_X509_DNS_NAME_MAX + 1];

    (void)state;
    memset(name, 'x', sizeof name - 1);
    refuse_certificate(TLS_GOOD, NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH,
                       &(const struct tls_wishes){.server_name = name});
}

/* ---- Sessions that break ---- */

/* N-48: each new session makes TLS anew, by the same rules. */
static void reopening_session(void) {
    wish((struct tls_wishes){0});
    check_equal(create_secure(now.mode, "mvan99"), NX_SUCCESS);
    stat(2, 320);
    check_equal(nx_pop3_client_quit(&pop3), NX_SUCCESS);
    check(session_is_deleted());
    check_equal(items_get(), now.status);
    check_equal(pop3.nx_pop3_client_tls_status, now.tls_status);
    check(session_is_deleted());
    stat(3, 1);
    check_equal(tls.calls, now.nth);
    quit_and_delete();
}

static void test_N_48_TLS_is_made_anew(void **state) {
    static const struct step stls_refused[] = {
        GREETING,      STLS,   TLS,      USER_PASS, STAT("2 320"), QUIT,      ACCEPT,      GREETING, C("STLS\r\n"),
        S("-ERR\r\n"), ACCEPT, GREETING, STLS,      TLS,           USER_PASS, STAT("3 1"), QUIT};
    static const struct step clear_text[] = {TLS,      GREETING,  USER_PASS,   STAT("2 320"), QUIT,   ACCEPT,
                                             DEAF,     PAUSE(1),  GREETING,    PAUSE(1),      ACCEPT, TLS,
                                             GREETING, USER_PASS, STAT("3 1"), QUIT};

    (void)state;
    now.mode = NX_POP3_TLS_STLS;
    now.status = NX_POP3_STLS_REFUSED;
    now.tls_status = NX_SUCCESS;
    now.nth = 2;
    PLAY_STLS(stls_refused, reopening_session, .more_commands = false);
    assert_no_credential_on_the_wire();
    now.mode = NX_POP3_TLS_IMPLICIT;
    now.status = NX_POP3_TLS_FAILED;
    now.tls_status = NX_SECURE_TLS_UNKNOWN_TLS_VERSION;
    now.nth = 3;
    PLAY(clear_text, reopening_session);
    assert_no_credential_on_the_wire();
}

/* R-TLS-12: a message that ends without its terminator is none, with or without close_notify before. */
static void truncated_session(void) {
    UINT final_packet;

    wish((struct tls_wishes){0});
    check_equal(create_secure(NX_POP3_TLS_IMPLICIT, "mvan99"), NX_SUCCESS);
    stat(2, 320);
    check_equal(retr(1), NX_SUCCESS);
    check_equal(read_packet(&final_packet), NX_SUCCESS);
    check_equal(final_packet, NX_FALSE);
    check_equal(read_packet(&final_packet), now.status);
    check(session_is_deleted());
    session_is_dead();
}

#define CUT_SHORT TLS, GREETING, USER_PASS, STAT("2 320"), C("RETR 1\r\n"), S("+OK\r\n"), S(LINE_40)

static void test_R_TLS_12_truncation(void **state) {
    static const struct step close_notify[] = {CUT_SHORT, TLS_END, PAUSE(5)};
    static const struct step end_of_stream[] = {CUT_SHORT, CLOSE};
    static const struct step reset[] = {CUT_SHORT, PAUSE(1), RESET};
    static const struct step silence[] = {CUT_SHORT, PAUSE(2 * NX_POP3_SERVER_REPLY_TIMEOUT)};
    static const struct step injected[] = {CUT_SHORT, PAUSE(1), S_CLEAR("\r\n.\r\n"), PAUSE(5)};
    static const struct step forged[] = {CUT_SHORT, PAUSE(1),
                                         S_CLEAR("\x17\x03\x03\x00\x20........................"
                                                 "........"),
                                         PAUSE(5)};

    (void)state;
    now.status = NX_SECURE_TLS_ALERT_RECEIVED;
    PLAY(close_notify, truncated_session);
    now.status = NX_NOT_CONNECTED;
    PLAY(end_of_stream, truncated_session);
    PLAY(reset, truncated_session);
    now.status = NX_NO_PACKET;
    PLAY(silence, truncated_session);
    now.status = NX_SECURE_TLS_PROTOCOL_VERSION_CHANGED;
    PLAY(injected, truncated_session);
    now.status = NX_SECURE_TLS_AEAD_DECRYPT_FAIL;
    PLAY(forged, truncated_session);
}

/* The server ends TLS between commands: the next command is not sent. */
static void idle_session(void) {
    wish((struct tls_wishes){0});
    check_equal(create_secure(NX_POP3_TLS_IMPLICIT, "mvan99"), NX_SUCCESS);
    tx_thread_sleep(5);
    check_equal(nx_pop3_client_noop(&pop3), now.status);
    check(session_is_deleted());
    session_is_dead();
}

static void test_closed_between_commands(void **state) {
    static const struct step close_notify[] = {TLS, GREETING, USER_PASS, TLS_END, PAUSE(20)};
    static const struct step end_of_stream[] = {TLS, GREETING, USER_PASS, CLOSE};
    static const struct step unsolicited[] = {TLS, GREETING, USER_PASS, S("+OK\r\n"), PAUSE(20)};

    (void)state;
    now.status = NX_SECURE_TLS_ALERT_RECEIVED;
    PLAY(close_notify, idle_session);
    now.status = NX_NOT_CONNECTED;
    PLAY(end_of_stream, idle_session);
    now.status = NX_POP3_SERVER_ERROR_STATUS;
    PLAY(unsolicited, idle_session);
}

/* delete ends TLS, too. */
static void deleted_session(void) {
    wish((struct tls_wishes){0});
    check_equal(create_secure(NX_POP3_TLS_IMPLICIT, "mvan99"), NX_SUCCESS);
    check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
    check(session_is_deleted());
    tx_thread_sleep(2);
    check_equal(world_close_notifies(), 1);
    nothing_is_left();
}

static void test_delete_without_quit(void **state) {
    static const struct step script[] = {TLS, GREETING, USER_PASS};

    (void)state;
    PLAY(script, deleted_session);
}

/* N-51: an empty pool costs the command, not the session. */
static void empty_pool_session(void) {
    NX_PACKET *packets[16];
    unsigned n = 0;

    wish((struct tls_wishes){0});
    check_equal(create_secure(NX_POP3_TLS_IMPLICIT, "mvan99"), NX_SUCCESS);
    while (nx_packet_allocate(world_pool(), &packets[n], NX_TCP_PACKET, NX_NO_WAIT) == NX_SUCCESS) {
        n++;
    }
    check_equal(nx_pop3_client_noop(&pop3), NX_NO_PACKET);
    while (n > 0) {
        nx_packet_release(packets[--n]);
    }
    check_equal(nx_pop3_client_noop(&pop3), NX_SUCCESS);
    quit_and_delete();
}

static void test_N_51_empty_pool(void **state) {
    static const struct step script[] = {TLS, GREETING, USER_PASS, C("NOOP\r\n"), S_OK, QUIT};

    (void)state;
    PLAY(script, empty_pool_session, .more_commands = true);
}

/* N-56 over TLS: a CR withheld at the end of a packet, and none of the header room that TCP's packets have. */
#define WITHHELD(item) C("RETR " item "\r\n"), S("+OK\r\n"), S("a\r\n.\r")
#define FULL (3 * 1536) /* octets that leave no room in their chain */

static char full[FULL];

static void withheld_session(void) {
    static char expected[FULL + 10] = "a\r\n\r";

    wish((struct tls_wishes){0});
    check_equal(create_secure(NX_POP3_TLS_IMPLICIT, "mvan99"), NX_SUCCESS);
    stat(4, 320);
    FETCH(1, "a\r\n\rb\r\n");
    FETCH(2, "a\r\n");
    memset(expected + 4, 'x', FULL);
    memcpy(expected + 4 + FULL, "\r\n", 2);
    fetch(3, expected, 4 + FULL + 2);
    check_equal(retr(4), NX_SUCCESS);
    host_fail(HOST_APPEND, 3, NX_NO_PACKET); /* two packets, then their room */
    check_equal(read_mail(), NX_NO_PACKET);
    session_is_dead();
}

static void test_N_56_withheld_CR(void **state) {
    static const struct step script[] = {TLS,
                                         GREETING,
                                         USER_PASS,
                                         STAT("4 320"),
                                         WITHHELD("1"),
                                         S("b\r\n.\r\n"),
                                         WITHHELD("2"),
                                         S("\n"),
                                         WITHHELD("3"),
                                         {STEP_SAY, full, FULL, FULL},
                                         S("\r\n.\r\n"),
                                         WITHHELD("4"),
                                         S("b\r\n.\r\n"),
                                         PAUSE(20)};

    (void)state;
    memset(full, 'x', sizeof full);
    PLAY(script, withheld_session);
}

/* ---- The n-th call that fails ---- */

struct failing {
    enum host_call call;
    unsigned calls; /* at least, in the session below */
    UINT status;
    UINT at_create; /* what create makes of it; 0: the same */
    bool unseen;    /* it may happen while the session ends, which nobody is told */
};

static struct failing failing;
static unsigned nth;
static bool reached;

static UINT play_services(void) {
    UINT status = create_secure(now.mode, "mvan99");

    if (status == NX_SUCCESS) {
        status = items_get();
    }
    if (status == NX_SUCCESS) {
        status = retr(1);
    }
    if (status == NX_SUCCESS) {
        status = read_mail();
    }
    return status == NX_SUCCESS ? nx_pop3_client_quit(&pop3) : status;
}

static void failing_session(void) {
    UINT status;

    wish((struct tls_wishes){0});
    host_fail(failing.call, nth, failing.status);
    status = play_services();
    reached = host_failed(failing.call, nth);
    host_fail(failing.call, 0, NX_SUCCESS);
    if (status != NX_SUCCESS || (reached && !failing.unseen)) {
        check(reached);
        check_equal(status, failing.at_create != 0 ? failing.at_create : failing.status);
    }
    check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
    check(session_is_deleted());
    check_equal(host_packets_out(), 0);
    check_equal(world_ip()->nx_ip_tcp_created_sockets_count, 0);
}

static void test_nth_call_fails(void **state) {
    static const struct step implicit[] = {TLS, GREETING, USER_PASS, STAT("2 320"), C("RETR 1\r\n"), S_MAIL_120, QUIT};
    static const struct step stls[] = {GREETING,        STLS,       TLS, USER_PASS, STAT("2 320"),
                                       C("RETR 1\r\n"), S_MAIL_120, QUIT};
    static const struct failing failures[] = {
        {HOST_TLS_CALLBACK, 1, NX_SECURE_TLS_SESSION_UNINITIALIZED, NX_POP3_TLS_FAILED, false},
        {HOST_TLS_SNI, 1, NX_NOT_ENABLED, 0, false},
        {HOST_TLS_START, 1, NX_WAIT_ABORTED, 0, false},
        {HOST_TLS_START, 1, NX_SECURE_TLS_INVALID_PACKET, NX_POP3_TLS_FAILED, false},
        {HOST_TLS_START, 1, NX_SECURE_TLS_CERTIFICATE_SIG_CHECK_FAILED, NX_POP3_CERTIFICATE_REFUSED, false},
        {HOST_TLS_START, 1, NX_SECURE_X509_CHAIN_VERIFY_FAILURE, NX_POP3_CERTIFICATE_REFUSED, false},
        {HOST_TLS_START, 1, NX_SUCCESS, NX_POP3_CERTIFICATE_REFUSED, false}, /* nobody was asked about the server */
        {HOST_TLS_SEND, 5, NX_NOT_CONNECTED, 0, false},
        {HOST_TLS_RECEIVE, 10, NX_NOT_CONNECTED, 0, false},
        {HOST_TLS_END, 1, NX_NOT_CONNECTED, 0, true},
        {HOST_ALLOCATE, 10, NX_NO_PACKET, 0, true},
        {HOST_APPEND, 10, NX_NO_PACKET, 0, true},
        {HOST_SEND, 8, NX_NOT_CONNECTED, 0, true},
        {HOST_RECEIVE, 12, NX_NOT_CONNECTED, 0, true},
        {HOST_BIND, 1, NX_NO_FREE_PORTS, 0, false},
        {HOST_CONNECT, 1, NX_NOT_CONNECTED, 0, false},
        {HOST_DISCONNECT, 1, NX_DISCONNECT_FAILED, 0, true},
    };

    (void)state;
    for (size_t i = 0; i < 2 * COUNT(failures); i++) {
        bool by_stls = i % 2 != 0;
        failing = failures[i / 2];
        now.mode = by_stls ? NX_POP3_TLS_STLS : NX_POP3_TLS_IMPLICIT;
        for (nth = 1, reached = true; reached; nth++) {
            world_play(&(const struct world){.script = by_stls ? stls : implicit,
                                             .steps = by_stls ? COUNT(stls) : COUNT(implicit),
                                             .client = failing_session,
                                             .script_may_break = true,
                                             .stls = true});
            assert_no_credential_on_the_wire();
        }
        assert_in_range(nth - 2, failing.calls, 1000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_N_50_whole_sessions),
        cmocka_unit_test(test_names_that_match),
        cmocka_unit_test(test_octet_by_octet),
        cmocka_unit_test(test_block_that_had_TLS_before),
        cmocka_unit_test(test_A_02_STLS_is_refused),
        cmocka_unit_test(test_A_03_octets_behind_STLS),
        cmocka_unit_test(test_handshakes_that_fail),
        cmocka_unit_test(test_logins_that_fail),
        cmocka_unit_test(test_A_12_certificates_that_are_refused),
        cmocka_unit_test(test_dates_without_a_time_function),
        cmocka_unit_test(test_callback_of_the_application),
        cmocka_unit_test(test_setup_that_fails),
        cmocka_unit_test(test_setup_without_a_packet_buffer),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_longest_name),
        cmocka_unit_test(test_N_48_TLS_is_made_anew),
        cmocka_unit_test(test_R_TLS_12_truncation),
        cmocka_unit_test(test_closed_between_commands),
        cmocka_unit_test(test_delete_without_quit),
        cmocka_unit_test(test_N_51_empty_pool),
        cmocka_unit_test(test_N_56_withheld_CR),
        cmocka_unit_test(test_nth_call_fails),
    };

    return cmocka_run_group_tests(tests, SET_UP, TEAR_DOWN);
}
