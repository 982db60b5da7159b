/* SPDX-License-Identifier: MIT */
/* What every test file includes, and message texts that several of them use. */
#ifndef SATCHEL_TEST_CASES_H
#define SATCHEL_TEST_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "client.h"
#include "world.h"

#define TIMESTAMP "<1896.697170952@dbc.mtview.ca.us>"
#define APOP_LINE "APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n"

/* For cmocka_run_group_tests(). */
#ifdef NX_POP3_CLIENT_ENABLE_TLS
#define SET_UP tls_set_up
#define TEAR_DOWN tls_tear_down
#else
#define SET_UP NULL
#define TEAR_DOWN NULL
#endif

#ifdef NX_DISABLE_PACKET_CHAIN
#define WITH_CHAINS false
#else
#define WITH_CHAINS true
#endif

/* The maildrop of the RFC's examples: 120 and 200 octets. */
#define LINE_40 "A line of 38 octets, then its line end\r\n"
#define MAIL_120 LINE_40 LINE_40 LINE_40
#define MAIL_200 MAIL_120 LINE_40 LINE_40
#define S_MAIL_120 S("+OK 120 octets\r\n" MAIL_120 ".\r\n")

/* A session of all the services: APOP, the count, then size, message and deletion of item 1. */
#define EVERY_SERVICE                                                                                   \
    S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S_OK, STAT("2 320"), C("LIST 1\r\n"), S("+OK 1 120\r\n"), \
        C("RETR 1\r\n"), S_MAIL_120, C("DELE 1\r\n"), S_OK, QUIT
#define S_MAIL_200 S("+OK 200 octets\r\n" MAIL_200 ".\r\n")

#endif
