/* SPDX-License-Identifier: MIT */
/* The services as tests that go through all of them call them: what a service returns fits what it hands out. */
#include "exchanges.h"

#include "cases.h"

UINT do_create(void) {
    return create_as(NX_FALSE, "mvan99");
}

static UINT do_create_apop(void) {
    return create_apop(NX_POP3_APOP_REQUIRED);
}

UINT do_stat(void) {
    UINT status = items_get();

    check_equal(pop3.nx_pop3_client_maildrop_items, pop3.nx_pop3_client_mail_status ? 2 : 0);
    return status;
}

UINT do_list(void) {
    ULONG size = 77;
    UINT status = nx_pop3_client_mail_item_size_get(&pop3, 1, &size);

    check_equal(size, status == NX_SUCCESS ? 120 : 0);
    return status;
}

static UINT read_after(UINT status) {
    if (status == NX_SUCCESS) {
        status = read_mail();
    }
    if (status == NX_SUCCESS) {
        check(mail.octets[0] == 'a');
        check(mail.length == 3 || mail.length == 2 || mail.length > 1000000);
    }
    return status;
}

UINT do_retr(void) {
    return read_after(retr(1));
}

UINT do_dele(void) {
    return dele(1);
}

UINT do_quit(void) {
    return nx_pop3_client_quit(&pop3);
}

#ifndef NX_POP3_CLIENT_DISABLE_EXTRA_SERVICES

UINT do_capabilities(void) {
    ULONG capabilities = 77;
    UINT status = nx_pop3_client_capabilities_get(&pop3, &capabilities);

    check_equal(capabilities, status == NX_SUCCESS ? NX_POP3_CAPABILITY_TOP : 0);
    return status;
}

UINT do_uid(void) {
    CHAR uid[8] = "before";
    UINT status = nx_pop3_client_mail_item_uid_get(&pop3, 1, uid, sizeof uid);

    check(strcmp(uid, status == NX_SUCCESS ? "whqt" : "") == 0);
    return status;
}

UINT do_top(void) {
    return read_after(nx_pop3_client_mail_item_top_get(&pop3, 1, 0));
}

UINT do_noop(void) {
    return nx_pop3_client_noop(&pop3);
}

UINT do_reset(void) {
    return nx_pop3_client_reset(&pop3);
}

#endif

#define NEVER 1000
#define USER C("USER mrose\r\n")
#define PASS C("PASS mvan99\r\n")
#define REFUSED NX_POP3_SERVER_ERROR_STATUS

/* clang-format off */
const struct exchange exchanges[EXCHANGES] = {
    {"W-01 greeting", do_create, .reply = "+OK ready\r\n", .after = {USER, S_OK, PASS, S_OK}, .refused = REFUSED,
     .nul_is_harmless = 3, .creates = true},
    {"W-05 USER", do_create, .before = {S_OK}, .command = USER, .reply = "+OK go\r\n", .after = {PASS, S_OK},
     .refused = REFUSED, .nul_is_harmless = 3, .creates = true},
    {"W-05 PASS", do_create, .before = {S_OK, USER, S_OK}, .command = PASS, .reply = "+OK in\r\n",
     .refused = REFUSED, .nul_is_harmless = 3, .creates = true},
    {"W-06 APOP", do_create_apop, .before = {S("+OK " TIMESTAMP "\r\n")}, .command = C(APOP_LINE),
     .reply = "+OK in\r\n", .refused = NX_POP3_APOP_FAILED_MD5_DIGEST, .nul_is_harmless = 3, .creates = true},
    {"W-16 STAT", do_stat, .command = C("STAT\r\n"), .reply = "+OK 2 320\r\n", .refused = REFUSED,
     .nul_is_harmless = 6},
    {"W-17 LIST n", do_list, .command = C("LIST 1\r\n"), .reply = "+OK 1 120 octets\r\n", .refused = REFUSED,
     .nul_is_harmless = 10},
    {"W-19 RETR", do_retr, .command = C("RETR 1\r\n"), .reply = "+OK 3\r\na\r\n.\r\n", .refused = REFUSED,
     .nul_is_harmless = 3, .has_body = true},
    {"W-21 DELE", do_dele, .command = C("DELE 1\r\n"), .reply = "+OK gone\r\n", .refused = REFUSED,
     .nul_is_harmless = 3},
    {"W-23 QUIT", do_quit, .command = C("QUIT\r\n"), .reply = "+OK bye\r\n", .refused = REFUSED,
     .nul_is_harmless = 3, .quits = true},
#ifndef NX_POP3_CLIENT_DISABLE_EXTRA_SERVICES
    {"W-02 CAPA", do_capabilities, .command = C("CAPA\r\n"), .reply = "+OK\r\nTOP\r\n.\r\n", .refused = REFUSED,
     .nul_is_harmless = 3},
    {"W-18 UIDL n", do_uid, .command = C("UIDL 1\r\n"), .reply = "+OK 1 whqt\r\n", .refused = REFUSED,
     .nul_is_harmless = NEVER},
    {"W-20 TOP", do_top, .command = C("TOP 1 0\r\n"), .reply = "+OK\r\na\r\n.\r\n", .refused = REFUSED,
     .nul_is_harmless = 3, .has_body = true},
    {"W-22 NOOP", do_noop, .command = C("NOOP\r\n"), .reply = "+OK\r\n", .refused = REFUSED, .nul_is_harmless = 3},
    {"W-22 RSET", do_reset, .command = C("RSET\r\n"), .reply = "+OK 2\r\n", .refused = REFUSED,
     .nul_is_harmless = 3},
#endif
};
/* clang-format on */
