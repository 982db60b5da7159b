/* SPDX-License-Identifier: MIT */
/* The services of N-50: NOOP, RSET, TOP n k, CAPA, the last status text. UIDL n is in uid_test.c. */
#include "cases.h"

#define PLAY_MORE(script, client, ...) PLAY(script, client, .more_commands = true, __VA_ARGS__)

/* ---- NOOP and RSET ---- */

static void plain_session(void) {
    log_in();
    stat(2, 320);
    check_equal(nx_pop3_client_noop(&pop3), NX_SUCCESS);
    check_equal(dele(1), NX_SUCCESS);
    check_equal(nx_pop3_client_reset(&pop3), NX_SUCCESS);
    check_equal(nx_pop3_client_noop(&pop3), NX_POP3_SERVER_ERROR_STATUS);
    check_equal(nx_pop3_client_reset(&pop3), NX_POP3_SERVER_ERROR_STATUS);
    FETCH(1, MAIL_120);
    quit_and_delete();
}

static const struct step plain_script[] = {
    LOGIN,
    STAT("2 320"),
    C("NOOP\r\n"),
    S_OK,
    C("DELE 1\r\n"),
    S_OK,
    C("RSET\r\n"),
    S("+OK maildrop has 2 messages\r\n"),
    C("NOOP\r\n"),
    S("-ERR no\r\n"),
    C("RSET\r\n"),
    S("-ERR\r\n"),
    C("RETR 1\r\n"),
    S_MAIL_120,
    QUIT,
};

static void test_N_50_noop_and_reset(void **state) {
    (void)state;
    PLAY_MORE(plain_script, plain_session, .send_size = 0);
    PLAY_MORE(plain_script, plain_session, .send_size = 1);
}

static void noop_protocol_error_session(void) {
    log_in();
    stat(2, 320);
    check_equal(nx_pop3_client_noop(&pop3), NX_POP3_SERVER_ERROR_STATUS);
    session_is_dead();
}

static void test_noop_answered_by_nonsense(void **state) {
    static const struct step script[] = {LOGIN, STAT("2 320"), C("NOOP\r\n"), S("200 ok\r\n")};

    (void)state;
    PLAY_MORE(script, noop_protocol_error_session, .send_size = 0);
}

/* ---- TOP ---- */

static void top_session(void) {
    UINT final_packet;

    log_in();
    check_equal(nx_pop3_client_mail_item_top_get(&pop3, 1, 0), NX_POP3_INVALID_MAIL_ITEM);
    stat(2, 320);
    check_equal(nx_pop3_client_mail_item_top_get(&pop3, 0, 0), NX_POP3_CLIENT_INVALID_INDEX);
    check_equal(nx_pop3_client_mail_item_top_get(&pop3, 3, 0), NX_POP3_INVALID_MAIL_ITEM);
    check_equal(nx_pop3_client_mail_item_top_get(&pop3, 1, 0), NX_SUCCESS);
    check_equal(read_mail(), NX_SUCCESS);
    check_octets(mail.octets, mail.length, "Subject: x\r\n\r\n", 14);
    check_equal(nx_pop3_client_mail_item_top_get(&pop3, 2, 4294967295U), NX_SUCCESS);
    check_equal(read_mail(), NX_SUCCESS);
    check_octets(mail.octets, mail.length, ".a\r\n\r\n", 6);
    check_equal(nx_pop3_client_mail_item_top_get(&pop3, 2, 1), NX_POP3_SERVER_ERROR_STATUS);
    check_equal(read_packet(&final_packet), NX_POP3_CLIENT_INVALID_STATE);
    check_equal(nx_pop3_client_mail_item_top_get(&pop3, 1, 1), NX_SUCCESS);
    check_equal(dele(1), NX_SUCCESS); /* drained */
    check_equal(nx_pop3_client_mail_item_top_get(&pop3, 1, 1), NX_SUCCESS);
    check_equal(nx_pop3_client_quit(&pop3), NX_POP3_CLIENT_INVALID_STATE);
    session_is_dead();
}

static const struct step top_script[] = {
    LOGIN,
    STAT("2 320"),
    C("TOP 1 0\r\n"),
    S("+OK\r\nSubject: x\r\n\r\n.\r\n"),
    C("TOP 2 4294967295\r\n"),
    S("+OK\r\n..a\r\n\r\n.\r\n"),
    C("TOP 2 1\r\n"),
    S("-ERR\r\n"),
    C("TOP 1 1\r\n"),
    S("+OK\r\nSubject: x\r\n.\r\n"),
    C("DELE 1\r\n"),
    S_OK,
    C("TOP 1 1\r\n"),
    S("+OK\r\nSubject: x\r\n.\r\n"),
};

static void test_N_50_top(void **state) {
    (void)state;
    PLAY_MORE(top_script, top_session, .send_size = 0);
    PLAY_MORE(top_script, top_session, .send_size = 1);
    PLAY_MORE(top_script, top_session, .arrival = ARRIVE_CHAINED, .segment = 4);
}

/* ---- CAPA ---- */

static void capabilities_are(ULONG expected) {
    ULONG capabilities = 77;

    check_equal(nx_pop3_client_capabilities_get(&pop3, &capabilities), NX_SUCCESS);
    check_equal(capabilities, expected);
    check_equal(host_packets_out(), 0);
}

static void capabilities_session(void) {
    ULONG capabilities = 77;

    log_in();
    capabilities_are(NX_POP3_CAPABILITY_TOP | NX_POP3_CAPABILITY_UIDL | NX_POP3_CAPABILITY_SASL |
                     NX_POP3_CAPABILITY_EXPIRE | NX_POP3_CAPABILITY_IMPLEMENTATION);
    capabilities_are(0);
    capabilities_are(NX_POP3_CAPABILITY_USER);
    check_equal(nx_pop3_client_capabilities_get(&pop3, &capabilities), NX_POP3_SERVER_ERROR_STATUS);
    check_equal(capabilities, 0);
    stat(2, 320);
    quit_and_delete();
}

static const struct step capabilities_script[] = {
    LOGIN,
    C("CAPA\r\n"),
    S("+OK list follows\r\nTOP\r\nuidl \r\nSASL CRAM-MD5 PLAIN\r\nEXPIRE 60 USER\r\nTOPX\r\nX-NEW thing\r\n"
      "IMPLEMENTATION Shlemazle-Plotz-v302\r\n.\r\n"),
    C("CAPA\r\n"),
    S("+OK\r\n.\r\n"),
    C("CAPA\r\n"),
    S("+OK\r\nUSER\n..x\r\n.\n"),
    C("CAPA\r\n"),
    S("-ERR what?\r\n"),
    STAT("2 320"),
    QUIT,
};

static void test_N_50_capabilities(void **state) {
    (void)state;
    PLAY_MORE(capabilities_script, capabilities_session, .send_size = 0);
    PLAY_MORE(capabilities_script, capabilities_session, .send_size = 1);
    PLAY_MORE(capabilities_script, capabilities_session, .arrival = ARRIVE_CHAINED, .segment = 5,
              .empty_segments = true);
}

/* A line of CAPA may have 512 octets (R-1939-04), more than the block's buffer; only its tag matters. */
static void long_capability_session(void) {
    log_in();
    capabilities_are(NX_POP3_CAPABILITY_SASL | NX_POP3_CAPABILITY_TOP);
    quit_and_delete();
}

static void test_R_1939_04_capability_line_of_512_octets(void **state) {
    static char line[513];
    const struct step script[] = {
        LOGIN, C("CAPA\r\n"), S("+OK\r\n"), S_OCTETS(line, 512), S("TOP\r\n.\r\n"), QUIT,
    };

    (void)state;
    memset(line, 'A', sizeof line);
    memcpy(line, "SASL ", 5);
    memcpy(line + 510, "\r\n", 2);
    PLAY_MORE(script, long_capability_session, .send_size = 0);
    PLAY_MORE(script, long_capability_session, .send_size = 100);
}

static void endless_session(void) {
    ULONG capabilities = 77;

    log_in();
    check_equal(nx_pop3_client_capabilities_get(&pop3, &capabilities), NX_POP3_SERVER_ERROR_STATUS);
    check_equal(capabilities, 0);
    stat(1, 1); /* a new session */
    quit_and_delete();
}

static void test_A_11_endless_capabilities(void **state) {
    static const struct step script[] = {
        LOGIN, C("CAPA\r\n"), S("+OK\r\n"), FLOOD(1000000), ACCEPT, LOGIN, STAT("1 1"), QUIT,
    };

    (void)state;
    PLAY_MORE(script, endless_session, .send_size = 0);
}

/* The failure carries no line: nothing may be read as one. */
static void test_L_02_capability_line_of_1025_octets(void **state) {
    static char line[1025];
    const struct step script[] = {
        LOGIN, C("CAPA\r\n"), S("+OK\r\nTOP\r\n"), S_OCTETS(line, 1025), ACCEPT, LOGIN, STAT("1 1"), QUIT,
    };

    (void)state;
    memset(line, 'A', sizeof line);
    PLAY_MORE(script, endless_session, .send_size = 0);
    PLAY_MORE(script, endless_session, .send_size = 100);
}

static void broken_capabilities_session(void) {
    ULONG capabilities = 77;

    log_in();
    check_equal(nx_pop3_client_capabilities_get(&pop3, &capabilities), NX_NOT_CONNECTED);
    check_equal(capabilities, 0);
    check_equal(nx_pop3_client_capabilities_get(&pop3, &capabilities), NX_POP3_CLIENT_INVALID_STATE);
    nothing_is_left();
}

static void test_connection_lost_in_capabilities(void **state) {
    static const struct step script[] = {LOGIN, C("CAPA\r\n"), S("+OK\r\nTOP\r\nUI"), CLOSE};

    (void)state;
    PLAY_MORE(script, broken_capabilities_session, .send_size = 0);
    PLAY_MORE(script, broken_capabilities_session, .send_size = 1);
}

static void behind_capabilities_session(void) {
    log_in();
    capabilities_are(NX_POP3_CAPABILITY_TOP);
    check_equal(nx_pop3_client_noop(&pop3), NX_POP3_CLIENT_INVALID_STATE);
    nothing_is_left();
}

static void test_F_03_octets_behind_capabilities(void **state) {
    static const struct step script[] = {LOGIN, C("CAPA\r\n"), S("+OK\r\nTOP\r\n.\r\n+OK\r\n")};

    (void)state;
    PLAY_MORE(script, behind_capabilities_session, .send_size = 0);
}

/* ---- The last status text ---- */

#if NX_POP3_CLIENT_RESPONSE_SIZE > 0

static void response_is(const char *expected) {
    size_t length = strlen(expected);
    CHAR text[300];

    if (length > NX_POP3_CLIENT_RESPONSE_SIZE) {
        length = NX_POP3_CLIENT_RESPONSE_SIZE;
    }
    memset(text, 't', sizeof text);
    check_equal(nx_pop3_client_response_get(&pop3, text, sizeof text), NX_SUCCESS);
    check(memchr(text, '\0', sizeof text) != NULL);
    check_octets(text, strlen(text), expected, length);
}

static void response_session(void) {
    CHAR text[4] = "abc";

    log_in();
    response_is("logged in");
    stat(2, 320);
    response_is("2 320 \x1B[31m red");
    check_equal(dele(1), NX_POP3_SERVER_ERROR_STATUS);
    response_is("[SYS/TEMP] no");
    check_equal(nx_pop3_client_response_get(&pop3, text, 4), NX_SUCCESS);
    check(strcmp(text, "[SY") == 0);
    check_equal(nx_pop3_client_response_get(&pop3, text, 1), NX_SUCCESS);
    check(strcmp(text, "") == 0);
    check_equal(nx_pop3_client_response_get(&pop3, text, 0), NX_SIZE_ERROR);
    check_equal(nx_pop3_client_response_get(NX_NULL, text, 4), NX_PTR_ERROR);
    check_equal(nx_pop3_client_response_get(&pop3, NX_NULL, 4), NX_PTR_ERROR);
    FETCH(1, MAIL_120);
    response_is("120 octets");
    check_equal(nx_pop3_client_noop(&pop3), NX_SUCCESS);
    response_is("");
    check_equal(nx_pop3_client_quit(&pop3), NX_SUCCESS);
    response_is("bye");
    check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
}

static const struct step response_script[] = {
    S("+OK\r\n"),
    C("USER mrose\r\n"),
    S_OK,
    C("PASS mvan99\r\n"),
    S("+OK logged in\r\n"),
    STAT("2 320 \x1B[31m red"),
    C("DELE 1\r\n"),
    S("-ERR [SYS/TEMP] no\r\n"),
    C("RETR 1\r\n"),
    S_MAIL_120,
    C("NOOP\r\n"),
    S_OK,
    QUIT,
};

static void test_N_50_response(void **state) {
    (void)state;
    PLAY_MORE(response_script, response_session, .send_size = 0);
    PLAY_MORE(response_script, response_session, .send_size = 1);
}

/* The text is data: no format, no end at an octet above 0x7F, cut where its room ends. */
#define HOSTILE "%n%s%x \x1B]0;title\x07 \x80\xC3\xFF\xE2\x80\xAE %99999d"

static void hostile_text_session(void) {
    CHAR text[NX_POP3_CLIENT_RESPONSE_SIZE + 1];

    log_in();
    check_equal(dele(1), NX_POP3_SERVER_ERROR_STATUS);
    response_is(HOSTILE);
    check_equal(dele(1), NX_POP3_SERVER_ERROR_STATUS);
    check_equal(nx_pop3_client_response_get(&pop3, text, sizeof text), NX_SUCCESS);
    check(strlen(text) >= 8 && strlen(text) <= NX_POP3_CLIENT_RESPONSE_SIZE);
    check_equal(strspn(text, "%s"), strlen(text));
    quit_and_delete();
}

static void test_A_10_text_of_a_hostile_server(void **state) {
    static char line[2040];
    const struct step script[] = {
        LOGIN, C("DELE 1\r\n"), S("-ERR " HOSTILE "\r\n"), C("DELE 1\r\n"), S_OCTETS(line, sizeof line), QUIT,
    };

    (void)state;
    for (size_t i = 0; i < sizeof line; i++) {
        line[i] = "%s"[i % 2];
    }
    memcpy(line, "-ERR ", 5);
    memcpy(line + sizeof line - 2, "\r\n", 2);
    PLAY(script, hostile_text_session);
    PLAY(script, hostile_text_session, .send_size = 1);
    PLAY(script, hostile_text_session, .arrival = ARRIVE_CHAINED, .segment = 7);
}

#else

static void response_session(void) {
    CHAR text[4] = "abc";

    log_in();
    check_equal(nx_pop3_client_response_get(&pop3, text, 0), NX_NOT_SUPPORTED);
    check(strcmp(text, "abc") == 0);
    check_equal(nx_pop3_client_response_get(&pop3, text, sizeof text), NX_NOT_SUPPORTED);
    check(strcmp(text, "") == 0);
    quit_and_delete();
}

static void test_N_50_response(void **state) {
    static const struct step script[] = {LOGIN, QUIT};

    (void)state;
    PLAY_MORE(script, response_session, .send_size = 0);
}

#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_N_50_noop_and_reset),
        cmocka_unit_test(test_noop_answered_by_nonsense),
        cmocka_unit_test(test_N_50_top),
        cmocka_unit_test(test_N_50_capabilities),
        cmocka_unit_test(test_R_1939_04_capability_line_of_512_octets),
        cmocka_unit_test(test_A_11_endless_capabilities),
        cmocka_unit_test(test_L_02_capability_line_of_1025_octets),
        cmocka_unit_test(test_connection_lost_in_capabilities),
        cmocka_unit_test(test_F_03_octets_behind_capabilities),
        cmocka_unit_test(test_N_50_response),
#if NX_POP3_CLIENT_RESPONSE_SIZE > 0
        cmocka_unit_test(test_A_10_text_of_a_hostile_server),
#endif
    };

    return cmocka_run_group_tests(tests, SET_UP, TEAR_DOWN);
}
