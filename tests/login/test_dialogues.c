/* SPDX-License-Identifier: MIT */
/* Logins as dialogues, octet for octet: each exchange of W-01 to W-13, what each refusal means, quirks. */
#include "client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HELLO "S: +OK ready\n"
#define STAMPED "S: +OK ready <1896.697170952@dbc.mtview.ca.us>\n"
#define CAPA(lines) "C: CAPA\nS: +OK\n" lines "S: .\n"
#define SASL(names) CAPA("S: SASL " names "\n")
#define NO_CAPABILITIES "C: CAPA\nS: -ERR what?\n"

#define PLAIN "AHVzZXIAcGVuY2ls"
#define APOP "C: APOP user ec87818fbba45646df08ce6d6a516815\n"
#define XOAUTH2 "dXNlcj11c2VyAWF1dGg9QmVhcmVyIHRvazNuAQE="
#define OAUTHBEARER "bixhPXVzZXIsAWhvc3Q9bWFpbC5leGFtcGxlLm9yZwFwb3J0PTk5NQFhdXRoPUJlYXJlciB0b2szbgEB"
#define CRAM_CHALLENGE "S: + PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\n"
#define CRAM_RESPONSE "C: dXNlciAyNjZmODJiYjJkMWFjZTY3MjlkMmM1NzNlNGUwMDRjNg==\n"

/* RFC 5802 section 5, and the same nonces and salt with SHA-256, "y" and a binding (computed with Python's hashlib). */
#define FIRST "biwsbj11c2VyLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdM"
#define FIRST_Y "eSwsbj11c2VyLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdM"
#define FIRST_PLUS "cD10bHMtZXhwb3J0ZXIsLG49dXNlcixyPWZ5a28rZDJsYmJGZ09OUnY5cWt4ZGF3TA=="
#define SERVER_FIRST \
    "S: + cj1meWtvK2QybGJiRmdPTlJ2OXFreGRhd0wzcmZjTkhZSlkxWlZ2V1ZzN2oscz1RU1hDUitRNnNlazhiZjkyLGk9NDA5Ng==\n"
#define PROOF_1                                                                                                       \
    "C: Yz1iaXdzLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdMM3JmY05IWUpZMVpWdldWczdqLHA9djBYOHYzQnoyVDBDSkdiSlF5RjBYK0hJNFRz" \
    "PQ==\n"
#define PROOF_256                                                                                                     \
    "C: Yz1iaXdzLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdMM3JmY05IWUpZMVpWdldWczdqLHA9cVFSTFJIR1BER2pCKzdpVkFFN05OaTV4RW9I" \
    "S0h1TENIUE5ROEJUbXZkcz0=\n"
#define PROOF_256_Y                                                                                                   \
    "C: Yz1lU3dzLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdMM3JmY05IWUpZMVpWdldWczdqLHA9TUQ1Rm9ESmhvQkhCeFVJMkNUWmhqMDYxMnNN" \
    "NzFjeUlTZ1ZySkJqZzhjbz0=\n"
#define PROOF_256_PLUS                                                                                                \
    "C: Yz1jRDEwYkhNdFpYaHdiM0owWlhJc0xBQUJBZ01FQlFZSENBa0tDd3dORGc4UUVSSVRGQlVXRnhnWkdoc2NIUjRmLHI9ZnlrbytkMmxiYkZn" \
    "T05Sdjlxa3hkYXdMM3JmY05IWUpZMVpWdldWczdqLHA9RDIvZWxuQ3BXTjV2emZzdXBFeUlLNTNRVXFRWkE3Vm9KTHZDT2tvaUVCdz0=\n"
#define VERIFIER_1 "S: + dj1ybUY5cHFWOFM3c3VBb1pXamE0ZEpSa0ZzS1E9\n"
#define VERIFIER_256 "S: + dj1YS1c2VnVXMUZBTlJPUWFibkpCejFLYWVDblFML0haQnlRdFgvaVUrbzMwPQ==\n"
#define VERIFIER_256_Y "S: + dj16MnluNVkzVFNCY2pPRG9ST2VaclVQUlE1N2ljMnZLd0JSdjdURFU0aWJFPQ==\n"
#define VERIFIER_256_PLUS "S: + dj0veDk1MTJJMWVtTmsrMVZEY2RDMlZNajR2bmhEV3RhSkhhdmpXbkt4bmtNPQ==\n"

/* ---- W-01 to W-15: every exchange as it should be ---- */

static void test_W_01_greeting(void **state) {
    static const struct dialogue rows[] = {
        {"-ERR", 0, ALL, "S: -ERR busy\n", "FAILED TEMPORARY -"},
        {"no text", 0, ALL, "S: -ERR\n", "FAILED TEMPORARY -"},
        {"[SYS/TEMP]", 0, ALL, "S: -ERR [SYS/TEMP] later\n", "FAILED TEMPORARY [SYS/TEMP] -"},
        {"[IN-USE]", 0, ALL, "S: -ERR [IN-USE] later\n", "FAILED TEMPORARY [IN-USE] -"},
        {"[LOGIN-DELAY]", 0, ALL, "S: -ERR [LOGIN-DELAY] later\n", "FAILED LOGIN_DELAY [LOGIN-DELAY] -"},
        {"[SYS/PERM]", STLS, ALL, "S: -ERR [SYS/PERM] never\n", "FAILED PERMANENT [SYS/PERM] -"},
        {"no greeting", 0, ALL, "S: 220 ready\n", "FAILED PROTOCOL -"},
        {"closed", 0, ALL, "EOF\n", "FAILED CLOSED -"},
        {"closed within", 0, ALL, "s: +OK rea\nEOF\n", "FAILED CLOSED -"},
        {"silent", OFF, ALL, "TIMEOUT\n", "FAILED CLOSED -"},
    };
    (void)state;
    CHECK(rows);
}

static void test_W_02_CAPA(void **state) {
    static const struct dialogue rows[] = {
        {"R-2449-01", 0, ALL, HELLO NO_CAPABILITIES "C: USER user\n", "CONTINUE USER"},
        {"R-2449-02 case, blanks", 0, ALL, HELLO CAPA("S: sasl  plain \t login \n") "C: AUTH PLAIN " PLAIN "\n",
         "CONTINUE PLAIN secret"},
        {"R-2449-02 whole words", 0, ALL,
         HELLO CAPA("S: SASLX PLAIN\nS: SASL XPLAIN PLAINX PLAIN-X LOGIN\n") "C: AUTH LOGIN\n", "CONTINUE LOGIN"},
        {"R-2449-07 two lines", 0, ALL, HELLO CAPA("S: SASL LOGIN\nS: SASL PLAIN\n") "C: AUTH PLAIN " PLAIN "\n",
         "CONTINUE PLAIN secret"},
        {"R-2449-18 nothing announced", 0, ALL, HELLO CAPA("") "C: USER user\n", "CONTINUE USER"},
        {"no way in", 0, ALL, HELLO CAPA("S: SASL\nS: TOP\n"), "FAILED NO_MECHANISM - quit"},
        {"USER beside SASL", 0, ALL, HELLO CAPA("S: SASL GSSAPI\nS: USER\n") "C: USER user\n", "CONTINUE USER"},
    };
    (void)state;
    CHECK(rows);
}

static void test_W_03_STLS(void **state) {
    static const struct dialogue rows[] = {
        {"STLS, without CAPA before", STLS, ALL,
         HELLO "C: STLS\nS: +OK go\nTLS\n" SASL("PLAIN") "C: AUTH PLAIN " PLAIN "\nS: +OK in\n", "DONE PLAIN secret"},
        {"R-TLS-02 -ERR", STLS, ALL, HELLO "C: STLS\nS: -ERR no\n", "FAILED NO_TLS -"},
        {"R-TLS-02 -ERR with a code", STLS, ALL, HELLO "C: STLS\nS: -ERR [SYS/TEMP] no\n",
         "FAILED NO_TLS [SYS/TEMP] -"},
        {"closed instead", STLS, ALL, HELLO "C: STLS\nEOF\n", "FAILED CLOSED -"},
        {"closed behind", STLS, ALL, HELLO "C: STLS\nS: +OK go\nEOF\n", "FAILED CLOSED -"},
        {"silent", STLS, ALL, HELLO "C: STLS\nTIMEOUT\n", "FAILED CLOSED -"},
        {"garbage", STLS, ALL, HELLO "C: STLS\nS: OK\n", "FAILED PROTOCOL -"},
        {"Q-13 no_capa does not count", STLS | NO_CAPA, ALL, HELLO "C: STLS\nS: +OK go\nTLS\nC: CAPA\n", "CONTINUE -"},
        {"W-02 CAPA refused behind TLS", STLS, ALL, HELLO "C: STLS\nS: +OK\nTLS\n" NO_CAPABILITIES "C: USER user\n",
         "CONTINUE USER"},
        {"Q-13 CAPA breaks behind TLS", STLS, ALL, HELLO "C: STLS\nS: +OK\nTLS\nC: CAPA\nEOF\n", "FAILED CLOSED -"},
    };
    (void)state;
    CHECK(rows);
}

static void test_W_05_USER_PASS(void **state) {
    static const struct dialogue rows[] = {
        {"in", 0, ALL, HELLO NO_CAPABILITIES "C: USER user\nS: +OK\nC: PASS pencil\nS: +OK\n", "DONE USER secret"},
        {"R-1939-18 USER -ERR: no PASS", 0, ALL, HELLO NO_CAPABILITIES "C: USER user\nS: -ERR\n",
         "FAILED UNCLEAR USER quit"},
        {"PASS -ERR", 0, ALL, HELLO NO_CAPABILITIES "C: USER user\nS: +OK\nC: PASS pencil\nS: -ERR\n",
         "FAILED UNCLEAR USER secret quit"},
        {"USER -ERR: the next", CHOSEN, ONLY(&pop3_login_user_pass, &pop3_sasl_plain),
         HELLO CAPA("S: USER\nS: SASL PLAIN\n") "C: USER user\nS: -ERR\nC: AUTH PLAIN " PLAIN "\nS: +OK\n",
         "DONE PLAIN secret"},
    };
    (void)state;
    CHECK(rows);
}

static void test_W_06_APOP(void **state) {
    static const struct dialogue rows[] = {
        {"in", OFF, ALL, STAMPED NO_CAPABILITIES APOP "S: +OK\n", "DONE APOP secret"},
        {"never over TLS unasked (A-01)", 0, ALL, STAMPED CAPA("S: SASL LOGIN\n") "C: AUTH LOGIN\n", "CONTINUE LOGIN"},
        {"asked", CHOSEN, ONLY(&pop3_login_apop, &pop3_sasl_plain), STAMPED SASL("PLAIN") APOP "S: +OK\n",
         "DONE APOP secret"},
        {"asked, no stamp", CHOSEN, ONLY(&pop3_login_apop), HELLO SASL("PLAIN"), "FAILED NO_MECHANISM - quit"},
        {"R-TLS-04 not with the stamp of before TLS", STLS | CHOSEN, ONLY(&pop3_login_apop),
         STAMPED "C: STLS\nS: +OK\nTLS\n" CAPA(""), "FAILED NO_MECHANISM - quit"},
        {"no USER/PASS behind it", OFF | CHOSEN, ONLY(&pop3_login_apop, &pop3_login_user_pass, &pop3_sasl_plain),
         STAMPED CAPA("S: USER\nS: SASL PLAIN\n") APOP "S: -ERR no\n", "FAILED UNCLEAR APOP secret quit"},
        {"nor to loopback", OFF | LOOPBACK, ALL, STAMPED CAPA("S: USER\nS: SASL PLAIN\n") APOP "S: -ERR no\n",
         "FAILED UNCLEAR APOP secret quit"},
        {"R-APOP-01 no stamp, no APOP", OFF, ALL, "S: +OK <a@b@c> <@> <a\x01@b>\n" NO_CAPABILITIES,
         "FAILED NO_MECHANISM - quit"},
    };
    (void)state;
    CHECK(rows);
}

static void test_W_07_PLAIN(void **state) {
    static const struct dialogue rows[] = {
        {"one step", 0, ALL, HELLO SASL("PLAIN") "C: AUTH PLAIN " PLAIN "\nS: +OK\n", "DONE PLAIN secret"},
        {"two steps", TWO_STEP, ALL, HELLO SASL("PLAIN") "C: AUTH PLAIN\nS: + \nC: " PLAIN "\nS: +OK\n",
         "DONE PLAIN secret"},
        {"bare +", TWO_STEP, ALL, HELLO SASL("PLAIN") "C: AUTH PLAIN\nS: +\nC: " PLAIN "\nS: +OK\n",
         "DONE PLAIN secret"},
        {"Q-16 a first challenge that is no base64", TWO_STEP, ALL,
         HELLO SASL("PLAIN") "C: AUTH PLAIN\nS: + go ahead!\nC: " PLAIN "\nS: +OK\n", "DONE PLAIN secret"},
        {"R-5034-02 not announced: no initial response", CHOSEN, ONLY(&pop3_sasl_plain),
         HELLO NO_CAPABILITIES "C: AUTH PLAIN\nS: + \nC: " PLAIN "\nS: +OK\n", "DONE PLAIN secret"},
        {"R-5034-02 not announced, not asked for", 0, ONLY(&pop3_sasl_plain), HELLO NO_CAPABILITIES,
         "FAILED NO_MECHANISM - quit"},
        {"the next", 0, ALL, HELLO SASL("PLAIN LOGIN") "C: AUTH PLAIN " PLAIN "\nS: -ERR\nC: AUTH LOGIN\n",
         "CONTINUE LOGIN secret"},
        {"challenge behind the end", 0, ALL,
         HELLO SASL("PLAIN") "C: AUTH PLAIN " PLAIN "\nS: + \nC: " PLAIN "\nS: + Zm9v\nC: *\nS: -ERR\n",
         "FAILED PROTOCOL (challenge) PLAIN secret quit"},
    };
    (void)state;
    CHECK(rows);
}

static void test_W_08_LOGIN(void **state) {
    static const struct dialogue rows[] = {
        {"in", 0, ALL,
         HELLO SASL("LOGIN") "C: AUTH LOGIN\nS: + VXNlcm5hbWU6\nC: dXNlcg==\nS: + UGFzc3dvcmQ6\nC: cGVuY2ls\nS: +OK\n",
         "DONE LOGIN secret"},
        {"contents do not matter", 0, ALL,
         HELLO SASL("LOGIN") "C: AUTH LOGIN\nS: +\nC: dXNlcg==\nS: + what?\nC: cGVuY2ls\nS: +OK\n",
         "DONE LOGIN secret"},
        {"name refused: no password", 0, ALL, HELLO SASL("LOGIN") "C: AUTH LOGIN\nS: + \nC: dXNlcg==\nS: -ERR\n",
         "FAILED UNCLEAR LOGIN quit"},
        {"+OK before the password", 0, ALL, HELLO SASL("LOGIN") "C: AUTH LOGIN\nS: + \nC: dXNlcg==\nS: +OK\n",
         "FAILED SERVER_PROOF (server) LOGIN"},
    };
    (void)state;
    CHECK(rows);
}

static void test_W_09_CRAM_MD5(void **state) {
    static const struct dialogue rows[] = {
        {"in", OFF, ALL, HELLO SASL("CRAM-MD5") "C: AUTH CRAM-MD5\n" CRAM_CHALLENGE CRAM_RESPONSE "S: +OK\n",
         "DONE CRAM-MD5 secret"},
        {"refused", OFF, ALL, HELLO SASL("CRAM-MD5") "C: AUTH CRAM-MD5\n" CRAM_CHALLENGE CRAM_RESPONSE "S: -ERR\n",
         "FAILED UNCLEAR CRAM-MD5 secret quit"},
        {"R-5034-06, R-5034-07 no base64", OFF, ALL,
         HELLO SASL("CRAM-MD5") "C: AUTH CRAM-MD5\nS: + ====\nC: *\nS: -ERR\n",
         "FAILED PROTOCOL (base64) CRAM-MD5 quit"},
        {"never over TLS unasked", 0, ALL, HELLO SASL("CRAM-MD5"), "FAILED NO_MECHANISM - quit"},
        {"asked", CHOSEN, ONLY(&pop3_sasl_cram_md5), HELLO SASL("CRAM-MD5") "C: AUTH CRAM-MD5\n", "CONTINUE CRAM-MD5"},
    };
    (void)state;
    CHECK(rows);
}

static void test_W_10_SCRAM(void **state) {
    static const struct dialogue rows[] = {
        {"V-SCRAM1", 0, ALL,
         HELLO SASL("SCRAM-SHA-1") "C: AUTH SCRAM-SHA-1 " FIRST "\n" SERVER_FIRST PROOF_1 VERIFIER_1 "C: \nS: +OK\n",
         "DONE SCRAM-SHA-1 secret"},
        {"without TLS", OFF, ALL,
         HELLO SASL("SCRAM-SHA-256") "C: AUTH SCRAM-SHA-256 " FIRST "\n" SERVER_FIRST PROOF_256 VERIFIER_256
                                     "C: \nS: +OK\n",
         "DONE SCRAM-SHA-256 secret"},
        {"two steps", TWO_STEP, ALL,
         HELLO SASL("SCRAM-SHA-256") "C: AUTH SCRAM-SHA-256\nS: + \nC: " FIRST "\n" SERVER_FIRST PROOF_256 VERIFIER_256
                                     "C: \nS: +OK\n",
         "DONE SCRAM-SHA-256 secret"},
        {"R-SCRAM-05 y: the server cannot bind", BINDING, ALL,
         HELLO SASL("SCRAM-SHA-256") "C: AUTH SCRAM-SHA-256 " FIRST_Y "\n" SERVER_FIRST PROOF_256_Y VERIFIER_256_Y
                                     "C: \nS: +OK\n",
         "DONE SCRAM-SHA-256 secret"},
        {"R-SCRAM-05 n: the server can bind, the list has it not", BINDING, ONLY(&pop3_sasl_scram_sha_256),
         HELLO SASL("SCRAM-SHA-256-PLUS SCRAM-SHA-256") "C: AUTH SCRAM-SHA-256 " FIRST "\n", "CONTINUE SCRAM-SHA-256"},
        {"R-SCRAM-05 n: nobody knows what the server can", BINDING | CHOSEN, ONLY(&pop3_sasl_scram_sha_256),
         HELLO NO_CAPABILITIES "C: AUTH SCRAM-SHA-256\nS: + \nC: " FIRST "\n", "CONTINUE SCRAM-SHA-256"},
        {"-PLUS", BINDING, ALL,
         HELLO SASL("SCRAM-SHA-256 SCRAM-SHA-256-PLUS") "C: AUTH SCRAM-SHA-256-PLUS " FIRST_PLUS
                                                        "\n" SERVER_FIRST PROOF_256_PLUS VERIFIER_256_PLUS
                                                        "C: \nS: +OK\n",
         "DONE SCRAM-SHA-256-PLUS secret"},
        {"-PLUS through STLS", STLS | BINDING, ALL,
         HELLO "C: STLS\nS: +OK\nTLS\n" SASL("SCRAM-SHA-256-PLUS") "C: AUTH SCRAM-SHA-256-PLUS " FIRST_PLUS
                                                                   "\n" SERVER_FIRST PROOF_256_PLUS VERIFIER_256_PLUS
                                                                   "C: \nS: +OK\n",
         "DONE SCRAM-SHA-256-PLUS secret"},
        {"e=invalid-proof", 0, ALL,
         HELLO SASL("SCRAM-SHA-1 PLAIN") "C: AUTH SCRAM-SHA-1 " FIRST "\n" SERVER_FIRST PROOF_1
                                         "S: + ZT1pbnZhbGlkLXByb29m\nC: \nS: -ERR\n",
         "FAILED CREDENTIALS (refused) SCRAM-SHA-1 secret quit"},
        {"e=other-error: the next", 0, ALL,
         HELLO SASL("SCRAM-SHA-1 PLAIN") "C: AUTH SCRAM-SHA-1 " FIRST "\n" SERVER_FIRST PROOF_1
                                         "S: + ZT1vdGhlci1lcnJvcg==\nC: \nS: -ERR\nC: AUTH PLAIN " PLAIN "\nS: +OK\n",
         "DONE PLAIN secret"},
    };
    (void)state;
    CHECK(rows);
}

/* Nobody who cannot prove that he knows the password gets anything more, not even QUIT behind a false +OK. */
static void test_R_5034_09_the_server_proves_itself(void **state) {
    static const struct dialogue rows[] = {
        {"+OK at once", 0, ALL, HELLO SASL("SCRAM-SHA-1 PLAIN") "C: AUTH SCRAM-SHA-1 " FIRST "\nS: +OK\n",
         "FAILED SERVER_PROOF (server) SCRAM-SHA-1 other-form"},
        {"+OK behind the proof", 0, ALL,
         HELLO SASL("SCRAM-SHA-1 PLAIN") "C: AUTH SCRAM-SHA-1 " FIRST "\n" SERVER_FIRST PROOF_1 "S: +OK\n",
         "FAILED SERVER_PROOF (server) SCRAM-SHA-1 secret"},
        {"wrong v=", 0, ALL,
         HELLO SASL("SCRAM-SHA-1 PLAIN") "C: AUTH SCRAM-SHA-1 " FIRST "\n" SERVER_FIRST PROOF_1 VERIFIER_256
                                         "C: *\nS: -ERR\n",
         "FAILED SERVER_PROOF (server) SCRAM-SHA-1 secret quit"},
        {"wrong v=, then +OK", 0, ALL,
         HELLO SASL("SCRAM-SHA-1 PLAIN") "C: AUTH SCRAM-SHA-1 " FIRST "\n" SERVER_FIRST PROOF_1 VERIFIER_256
                                         "C: *\nS: +OK\n",
         "FAILED SERVER_PROOF (server) SCRAM-SHA-1 secret"},
        {"wrong v=, then it hangs up", 0, ALL,
         HELLO SASL("SCRAM-SHA-1") "C: AUTH SCRAM-SHA-1 " FIRST "\n" SERVER_FIRST PROOF_1 VERIFIER_256 "C: *\nEOF\n",
         "FAILED SERVER_PROOF (server) SCRAM-SHA-1 secret"},
        {"e=, then +OK", 0, ALL,
         HELLO SASL("SCRAM-SHA-1") "C: AUTH SCRAM-SHA-1 " FIRST "\n" SERVER_FIRST PROOF_1
                                   "S: + ZT1pbnZhbGlkLXByb29m\nC: \nS: +OK\n",
         "FAILED SERVER_PROOF (server) SCRAM-SHA-1 secret"},
        {"another nonce: before any proof", 0, ALL,
         HELLO SASL("SCRAM-SHA-1 PLAIN") "C: AUTH SCRAM-SHA-1 " FIRST
                                         "\nS: + cj1ub25jZSxzPVFTWENSK1E2c2VrOGJmOTIsaT00MDk2\n"
                                         "C: *\nS: -ERR\n",
         "FAILED SERVER_PROOF (server) SCRAM-SHA-1 quit"},
        {"OAuth refused, then +OK", TOKEN, ALL,
         HELLO SASL("XOAUTH2") "C: AUTH XOAUTH2\nS: + \nC: " XOAUTH2 "\nS: + eyJzdGF0dXMiOiI0MDEifQ==\nC: \nS: +OK\n",
         "FAILED SERVER_PROOF (server) XOAUTH2 secret"},
    };
    (void)state;
    CHECK(rows);
}

static void test_W_11_W_12_OAuth(void **state) {
    static const struct dialogue rows[] = {
        {"OAUTHBEARER", TOKEN, ALL,
         HELLO SASL("OAUTHBEARER") "C: AUTH OAUTHBEARER\nS: + \nC: " OAUTHBEARER "\nS: +OK\n",
         "DONE OAUTHBEARER secret"},
        {"OAUTHBEARER refused", TOKEN, ALL,
         HELLO SASL("OAUTHBEARER XOAUTH2") "C: AUTH OAUTHBEARER\nS: + \nC: " OAUTHBEARER
                                           "\nS: + eyJzdGF0dXMiOiI0MDEifQ==\nC: AQ==\nS: -ERR\n",
         "FAILED CREDENTIALS (refused) OAUTHBEARER secret quit"},
        {"XOAUTH2", TOKEN, ALL, HELLO SASL("XOAUTH2") "C: AUTH XOAUTH2\nS: + \nC: " XOAUTH2 "\nS: +OK\n",
         "DONE XOAUTH2 secret"},
        {"XOAUTH2 refused", TOKEN, ALL,
         HELLO SASL("XOAUTH2") "C: AUTH XOAUTH2\nS: + \nC: " XOAUTH2 "\nS: + eyJzdGF0dXMiOiI0MDEifQ==\nC: \nS: -ERR\n",
         "FAILED CREDENTIALS (refused) XOAUTH2 secret quit"},
        {"refused, then dropped", TOKEN, ALL,
         HELLO SASL("XOAUTH2") "C: AUTH XOAUTH2\nS: + \nC: " XOAUTH2 "\nS: + eyJzdGF0dXMiOiI0MDEifQ==\nC: \nEOF\n",
         "FAILED CREDENTIALS (refused) XOAUTH2 secret"},
        {"refused, then challenged on", TOKEN, ALL,
         HELLO SASL("XOAUTH2") "C: AUTH XOAUTH2\nS: + \nC: " XOAUTH2
                               "\nS: + eyJzdGF0dXMiOiI0MDEifQ==\nC: \nS: + e30=\n",
         "FAILED PROTOCOL (refused) XOAUTH2 secret"},
        {"with a token no password goes out", TOKEN, ALL, HELLO CAPA("S: USER\nS: SASL PLAIN LOGIN SCRAM-SHA-256\n"),
         "FAILED NO_MECHANISM - quit"},
        {"no token without TLS", TOKEN | OFF, ALL, HELLO SASL("XOAUTH2 OAUTHBEARER"), "FAILED NO_MECHANISM - quit"},
        {"nor to loopback, nor asked for", TOKEN | OFF | LOOPBACK | CHOSEN, ONLY(&pop3_sasl_xoauth2),
         HELLO SASL("XOAUTH2"), "FAILED NO_MECHANISM - quit"},
    };
    (void)state;
    CHECK(rows);
}

static void test_W_13_EXTERNAL(void **state) {
    static const struct dialogue rows[] = {
        {"R-5034-05 an empty response is =", CERTIFICATE, ALL,
         HELLO SASL("EXTERNAL PLAIN") "C: AUTH EXTERNAL =\nS: +OK\n", "DONE EXTERNAL"},
        {"R-5034-05 but not behind a challenge", CERTIFICATE | TWO_STEP, ALL,
         HELLO SASL("EXTERNAL") "C: AUTH EXTERNAL\nS: + \nC: \nS: +OK\n", "DONE EXTERNAL"},
        {"refused", CERTIFICATE | NO_PASSWORD, ALL,
         HELLO SASL("EXTERNAL PLAIN") "C: AUTH EXTERNAL =\nS: -ERR [AUTH] no\n",
         "FAILED CREDENTIALS [AUTH] EXTERNAL quit"},
        {"the next", CERTIFICATE, ALL,
         HELLO SASL("EXTERNAL PLAIN") "C: AUTH EXTERNAL =\nS: -ERR no\nC: AUTH PLAIN " PLAIN "\n",
         "CONTINUE PLAIN secret"},
        {"R-TLS-13 without a certificate", 0, ALL, HELLO SASL("EXTERNAL PLAIN") "C: AUTH PLAIN " PLAIN "\n",
         "CONTINUE PLAIN secret"},
    };
    (void)state;
    CHECK(rows);
}

/* ---- What a refusal means ---- */

#define REFUSED(text) HELLO SASL("PLAIN LOGIN") "C: AUTH PLAIN " PLAIN "\nS: -ERR" text "\n"

/* None of these lets another mechanism follow, though LOGIN is there. */
static void test_R_3206_02_codes(void **state) {
    static const struct dialogue rows[] = {
        {"[AUTH]", 0, ALL, REFUSED(" [AUTH] no"), "FAILED CREDENTIALS [AUTH] PLAIN secret quit"},
        {"[auth/expired]", 0, ALL, REFUSED(" [auth/expired] no"), "FAILED CREDENTIALS [AUTH] PLAIN secret quit"},
        {"R-3206-01 [SYS/TEMP]", 0, ALL, REFUSED(" [SYS/TEMP] no"), "FAILED TEMPORARY [SYS/TEMP] PLAIN secret quit"},
        {"R-3206-01 [SYS/PERM]", 0, ALL, REFUSED("[SYS/PERM]"), "FAILED PERMANENT [SYS/PERM] PLAIN secret quit"},
        {"R-2449-09 further levels", 0, ALL, REFUSED(" [SYS/TEMP/x]"), "FAILED TEMPORARY [SYS/TEMP] PLAIN secret quit"},
        {"R-2449-10", 0, ALL, REFUSED(" [LOGIN-DELAY] no"), "FAILED LOGIN_DELAY [LOGIN-DELAY] PLAIN secret quit"},
        {"R-2449-11", 0, ALL, REFUSED(" [IN-USE] no"), "FAILED IN_USE [IN-USE] PLAIN secret quit"},
        {"before any proof", 0, ALL, HELLO CAPA("S: USER\nS: SASL LOGIN\n") "C: AUTH LOGIN\nS: -ERR [AUTH] no\n",
         "FAILED CREDENTIALS [AUTH] LOGIN quit"},
        {"to USER", 0, ALL, HELLO NO_CAPABILITIES "C: USER user\nS: -ERR [IN-USE]\n",
         "FAILED IN_USE [IN-USE] USER quit"},
        {"to APOP", OFF, ALL, STAMPED NO_CAPABILITIES APOP "S: -ERR [SYS/TEMP]\n",
         "FAILED TEMPORARY [SYS/TEMP] APOP secret quit"},
        {"Q-24 lock", 0, ALL, REFUSED(" maildrop Locked"), "FAILED TEMPORARY PLAIN secret quit"},
        {"Q-24 wait", 0, ALL, REFUSED(" please WAIT"), "FAILED TEMPORARY PLAIN secret quit"},
        {"Q-24 busy", 0, ALL, REFUSED(" busy"), "FAILED TEMPORARY PLAIN secret quit"},
        {"Q-24 unavailable", 0, ALL, REFUSED(" Service Unavailable"), "FAILED TEMPORARY PLAIN secret quit"},
        {"Q-24 behind a code that says nothing", 0, ALL, REFUSED(" [X-Y] lock"),
         "FAILED TEMPORARY [?] PLAIN secret quit"},
    };
    (void)state;
    CHECK(rows);
}

static void test_R_3206_03_no_code(void **state) {
    static const struct dialogue rows[] = {
        {"with AUTH-RESP-CODE", 0, ALL,
         HELLO CAPA("S: AUTH-RESP-CODE\nS: SASL PLAIN LOGIN\n") "C: AUTH PLAIN " PLAIN "\nS: -ERR no\n",
         "FAILED TEMPORARY PLAIN secret quit"},
        {"with it, and [AUTH]", 0, ALL,
         HELLO CAPA("S: AUTH-RESP-CODE\nS: SASL PLAIN\n") "C: AUTH PLAIN " PLAIN "\nS: -ERR [AUTH]\n",
         "FAILED CREDENTIALS [AUTH] PLAIN secret quit"},
        {"with it, before a proof: the next", 0, ALL,
         HELLO CAPA("S: AUTH-RESP-CODE\nS: SASL LOGIN\nS: USER\n") "C: AUTH LOGIN\nS: -ERR no\nC: USER user\n",
         "CONTINUE USER"},
        {"without", 0, ALL, HELLO SASL("PLAIN") "C: AUTH PLAIN " PLAIN "\nS: -ERR no\n",
         "FAILED UNCLEAR PLAIN secret quit"},
        {"\"blocked\" is no lock", 0, ALL, HELLO SASL("PLAIN") "C: AUTH PLAIN " PLAIN "\nS: -ERR blocked\n",
         "FAILED UNCLEAR PLAIN secret quit"},
        {"nor are these", 0, ALL, HELLO SASL("PLAIN") "C: AUTH PLAIN " PLAIN "\nS: -ERR Alock Zlock alock zlock loc\n",
         "FAILED UNCLEAR PLAIN secret quit"},
        {"R-2449-08 a code stands first", 0, ALL, HELLO SASL("PLAIN") "C: AUTH PLAIN " PLAIN "\nS: -ERR no [AUTH]\n",
         "FAILED UNCLEAR PLAIN secret quit"},
        {"[UTF8] says nothing here", 0, ALL, HELLO SASL("PLAIN") "C: AUTH PLAIN " PLAIN "\nS: -ERR [UTF8]\n",
         "FAILED UNCLEAR [UTF8] PLAIN secret quit"},
    };
    (void)state;
    CHECK(rows);
}

/* Two proofs at most, whatever is announced. Those that end before a proof do not count. */
static void test_R_5034_10_lock_outs(void **state) {
    static const struct dialogue rows[] = {
        {"PLAIN, LOGIN, no USER", 0, ALL,
         HELLO CAPA(
             "S: USER\nS: SASL PLAIN LOGIN\n") "C: AUTH PLAIN " PLAIN "\nS: -ERR\n"
                                               "C: AUTH LOGIN\nS: + \nC: dXNlcg==\nS: + \nC: cGVuY2ls\nS: -ERR\n",
         "FAILED UNCLEAR LOGIN secret quit"},
        {"the second refused before its proof", 0, ALL,
         HELLO CAPA("S: USER\nS: SASL PLAIN LOGIN\n") "C: AUTH PLAIN " PLAIN "\nS: -ERR\nC: AUTH LOGIN\nS: -ERR\n",
         "FAILED UNCLEAR LOGIN secret quit"},
        {"no proof, no limit", CERTIFICATE, ALL,
         HELLO CAPA(
             "S: USER\nS: SASL EXTERNAL SCRAM-SHA-256 SCRAM-SHA-1 LOGIN\n") "C: AUTH EXTERNAL =\nS: -ERR\n"
                                                                            "C: AUTH SCRAM-SHA-256 " FIRST
                                                                            "\nS: -ERR\nC: AUTH SCRAM-SHA-1 " FIRST
                                                                            "\nS: -ERR\nC: AUTH LOGIN\nS: -ERR\n"
                                                                            "C: USER user\nS: -ERR\n",
         "FAILED UNCLEAR USER quit"},
        {"a code to the second", 0, ALL,
         HELLO SASL("PLAIN LOGIN") "C: AUTH PLAIN " PLAIN "\nS: -ERR\nC: AUTH LOGIN\nS: -ERR [IN-USE]\n",
         "FAILED IN_USE [IN-USE] LOGIN secret quit"},
        {"cancelled after the proof: the next is the last", 0, ALL,
         HELLO CAPA("S: USER\nS: SASL PLAIN LOGIN\n") "C: AUTH PLAIN " PLAIN "\nS: + !\nC: " PLAIN
                                                      "\nS: + !\nC: *\nS: -ERR\nC: AUTH LOGIN\nS: -ERR\n",
         "FAILED UNCLEAR LOGIN secret quit"},
    };
    (void)state;
    CHECK(rows);
}

/* ---- Servers that break ---- */

static void test_Q_13_CAPA_breaks_the_server(void **state) {
    static const struct dialogue rows[] = {
        {"closes", 0, ALL, HELLO "C: CAPA\nEOF\n", "FAILED CLOSED - without-capa"},
        {"closes within", OFF, ALL, HELLO "C: CAPA\nS: +OK\ns: SASL PL\nEOF\n", "FAILED CLOSED - without-capa"},
        {"hangs", 0, ALL, HELLO "C: CAPA\nTIMEOUT\n", "FAILED CLOSED - without-capa"},
        {"-ERR, then closes", 0, ALL, HELLO NO_CAPABILITIES "C: USER user\nEOF\n", "FAILED UNCLEAR USER without-capa"},
        {"-ERR, goes on, then closes", 0, ALL, HELLO NO_CAPABILITIES "C: USER user\nS: +OK\nC: PASS pencil\nEOF\n",
         "FAILED UNCLEAR USER secret"},
        {"garbage", 0, ALL, HELLO "C: CAPA\nS: huh\n", "FAILED PROTOCOL -"},
        {"without CAPA", NO_CAPA, ALL, HELLO "C: USER user\nS: +OK\nC: PASS pencil\nS: +OK\n", "DONE USER secret"},
        {"without CAPA, closes", NO_CAPA, ALL, HELLO "C: USER user\nEOF\n", "FAILED UNCLEAR USER"},
        {"without CAPA, without TLS", NO_CAPA | OFF, ALL, STAMPED APOP "S: +OK\n", "DONE APOP secret"},
    };
    (void)state;
    CHECK(rows);
}

static void test_Q_15_the_other_form(void **state) {
    static const struct dialogue rows[] = {
        {"two steps unknown", TOKEN, ALL, HELLO SASL("XOAUTH2") "C: AUTH XOAUTH2\nS: -ERR Protocol error\n",
         "FAILED UNCLEAR XOAUTH2 other-form quit"},
        {"closes", TOKEN, ALL, HELLO SASL("XOAUTH2") "C: AUTH XOAUTH2\nEOF\n", "FAILED UNCLEAR XOAUTH2 other-form"},
        {"one step", TOKEN | ONE_STEP, ALL, HELLO SASL("XOAUTH2") "C: AUTH XOAUTH2 " XOAUTH2 "\nS: +OK\n",
         "DONE XOAUTH2 secret"},
        {"one step refused: both were tried", TOKEN | ONE_STEP, ALL,
         HELLO SASL("XOAUTH2") "C: AUTH XOAUTH2 " XOAUTH2 "\nS: -ERR\n", "FAILED UNCLEAR XOAUTH2 secret quit"},
        {"the token was judged", TOKEN, ALL, HELLO SASL("XOAUTH2") "C: AUTH XOAUTH2\nS: + \nC: " XOAUTH2 "\nS: -ERR\n",
         "FAILED UNCLEAR XOAUTH2 secret quit"},
        {"a code is no doubt", TOKEN, ALL, HELLO SASL("XOAUTH2") "C: AUTH XOAUTH2\nS: -ERR [SYS/TEMP]\n",
         "FAILED TEMPORARY [SYS/TEMP] XOAUTH2 quit"},
        {"SCRAM in one step, no proof yet", 0, ALL,
         HELLO SASL("SCRAM-SHA-1") "C: AUTH SCRAM-SHA-1 " FIRST "\nS: -ERR\n",
         "FAILED UNCLEAR SCRAM-SHA-1 other-form quit"},
        {"a password in one step: no second proof (R-5034-10)", 0, ALL,
         HELLO SASL("PLAIN") "C: AUTH PLAIN " PLAIN "\nEOF\n", "FAILED UNCLEAR PLAIN secret"},
        {"cancelled, then dropped", TOKEN, ALL, HELLO SASL("XOAUTH2") "C: AUTH XOAUTH2\nS: + !\nC: *\nEOF\n",
         "FAILED PROTOCOL (base64) XOAUTH2"},
        {"LOGIN has one form", 0, ALL, HELLO SASL("LOGIN") "C: AUTH LOGIN\nEOF\n", "FAILED UNCLEAR LOGIN"},
        {"not announced: two steps anyway", CHOSEN, ONLY(&pop3_sasl_scram_sha_1),
         HELLO NO_CAPABILITIES "C: AUTH SCRAM-SHA-1\nEOF\n", "FAILED UNCLEAR SCRAM-SHA-1 without-capa"},
    };
    (void)state;
    CHECK(rows);
}

/* +OK where a challenge is due ends the exchange for the engine; the other form needs none. */
static void test_Q_16_OK_for_a_challenge(void **state) {
    static const struct dialogue rows[] = {
        {"PLAIN", TWO_STEP, ALL, HELLO SASL("PLAIN") "C: AUTH PLAIN\nS: +OK\n", "FAILED SERVER_PROOF (server) PLAIN"},
        {"XOAUTH2", TOKEN, ALL, HELLO SASL("XOAUTH2") "C: AUTH XOAUTH2\nS: +OK\n",
         "FAILED SERVER_PROOF (server) XOAUTH2 other-form"},
        {"LOGIN", 0, ALL, HELLO SASL("LOGIN") "C: AUTH LOGIN\nS: +OK\n", "FAILED SERVER_PROOF (server) LOGIN"},
    };
    (void)state;
    CHECK(rows);
}

static void test_Q_17_dropped(void **state) {
    static const struct dialogue rows[] = {
        {"at PASS", 0, ALL, HELLO NO_CAPABILITIES "C: USER user\nS: +OK\nC: PASS pencil\nEOF\n",
         "FAILED UNCLEAR USER secret"},
        {"at USER", NO_CAPA, ALL, HELLO "C: USER user\nEOF\n", "FAILED UNCLEAR USER"},
        {"at APOP", OFF, ALL, STAMPED CAPA("") APOP "EOF\n", "FAILED UNCLEAR APOP secret"},
        {"within -ERR", 0, ALL, HELLO SASL("PLAIN LOGIN") "C: AUTH PLAIN " PLAIN "\ns: -ERR [AU\nEOF\n",
         "FAILED UNCLEAR PLAIN secret"},
        {"silence", 0, ALL, HELLO SASL("PLAIN") "C: AUTH PLAIN " PLAIN "\nTIMEOUT\n", "FAILED UNCLEAR PLAIN secret"},
        {"with AUTH-RESP-CODE too", 0, ALL,
         HELLO CAPA("S: SASL PLAIN\nS: AUTH-RESP-CODE\n") "C: AUTH PLAIN " PLAIN "\nEOF\n",
         "FAILED UNCLEAR PLAIN secret"},
        {"behind -ERR: the second try is the last", 0, ALL,
         HELLO SASL("PLAIN LOGIN") "C: AUTH PLAIN " PLAIN "\nS: -ERR no\nC: AUTH LOGIN\nEOF\n",
         "FAILED UNCLEAR LOGIN secret"},
    };
    (void)state;
    CHECK(rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_W_01_greeting),       cmocka_unit_test(test_W_02_CAPA),
        cmocka_unit_test(test_W_03_STLS),           cmocka_unit_test(test_W_05_USER_PASS),
        cmocka_unit_test(test_W_06_APOP),           cmocka_unit_test(test_W_07_PLAIN),
        cmocka_unit_test(test_W_08_LOGIN),          cmocka_unit_test(test_W_09_CRAM_MD5),
        cmocka_unit_test(test_W_10_SCRAM),          cmocka_unit_test(test_R_5034_09_the_server_proves_itself),
        cmocka_unit_test(test_W_11_W_12_OAuth),     cmocka_unit_test(test_W_13_EXTERNAL),
        cmocka_unit_test(test_R_3206_02_codes),     cmocka_unit_test(test_R_3206_03_no_code),
        cmocka_unit_test(test_R_5034_10_lock_outs), cmocka_unit_test(test_Q_13_CAPA_breaks_the_server),
        cmocka_unit_test(test_Q_15_the_other_form), cmocka_unit_test(test_Q_16_OK_for_a_challenge),
        cmocka_unit_test(test_Q_17_dropped),
    };
    return cmocka_run_group_tests_name("login dialogues", tests, NULL, NULL);
}
