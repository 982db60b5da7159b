/* SPDX-License-Identifier: MIT */
/* RFC 1939, 2449, 2595, 5034, 6856; the challenges are those of the vectors in requirements.md 1.9. */
#include "exchanges.h"

#define COUNTED(...) .turns = {__VA_ARGS__}, .turn_count = sizeof((struct turn[]){__VA_ARGS__}) / sizeof(struct turn)
#define GREET(t) \
    { .kind = REPLY_GREETING, .text = (t) }
#define OK(t) \
    { .kind = REPLY_OK, .text = (t) }
#define ERR(t) \
    { .kind = REPLY_ERR, .text = (t) }
#define TLS(t) \
    { .kind = REPLY_TLS, .text = (t) }
#define LINES(t, l) \
    { .kind = REPLY_LISTING, .text = (t), .lines = (l) }
#define BODY(t, l) \
    { .kind = REPLY_BODY, .text = (t), .lines = (l) }
#define ASK(t, a) \
    { .kind = REPLY_CHALLENGE, .text = (t), .answer = (a) }

/* Name, phase before, verb, phase after +OK, phase after -ERR, then what pop3_arg has. */
#define COMMAND(n, before, v, yes, no, ...)                                                    \
    .name = (n), .phase = POP3_PHASE_##before, .verb = POP3_##v, .accepted = POP3_PHASE_##yes, \
    .refused = POP3_PHASE_##no, .arg = {__VA_ARGS__}
#define BEFORE(n, v, ...) COMMAND(n, AUTHORIZATION, v, AUTHORIZATION, AUTHORIZATION, __VA_ARGS__)
#define LOGIN(n, v, ...) COMMAND(n, AUTHORIZATION, v, TRANSACTION, AUTHORIZATION, __VA_ARGS__)
#define AFTER(n, v, ...) COMMAND(n, TRANSACTION, v, TRANSACTION, TRANSACTION, __VA_ARGS__)
#define NOTHING .text = NULL

#define MESSAGE "From: a@example.org\n\nHello\n.\n..\n.x\n\nend \n"
#define TOKEN_REFUSED "eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIn0="
#define SCRAM_FIRST "biwsbj11c2VyLHI9Zllvb0QybGJiRmdPTlJ2OXFreGRhd0w="
#define SCRAM_CHALLENGE "cj1mWW9vRDJsYmJGZ09OUnY5cWt4ZGF3TDNyZmNOSFlKWTFaVnZXVnM3aixzPVFTWENSK1E2c2VrOGJmOTIsaT00MDk2"
#define SCRAM_PROOF \
    "Yz1iaXdzLHI9Zllvb0QybGJiRmdPTlJ2OXFreGRhd0wzcmZjTkhZSlkxWlZ2V1ZzN2oscD12MFg4djNCejJUMENKR2JKUXlGMFgrSEk0VHM9"
#define SCRAM_SERVER "dj1ybUY5cHFWOFM3c3VBb1pXamE0ZEpSa0ZzS1E9"

const struct exchange exchanges[] = {
    {COMMAND("W-01 greeting", GREETING, GREETING, AUTHORIZATION, CLOSED, NOTHING), COUNTED(GREET("POP3 server ready"))},
    {COMMAND("W-01 greeting with timestamp", GREETING, GREETING, AUTHORIZATION, CLOSED, NOTHING),
     COUNTED(GREET("<1896.697170952@dbc.mtview.ca.us>"))},
    {BEFORE("W-02 CAPA", CAPA, NOTHING), COUNTED(LINES("list follows", "TOP\nSASL PLAIN CRAM-MD5\nUIDL\nSTLS\n"))},
    {AFTER("W-02 CAPA after the login", CAPA, NOTHING), COUNTED(LINES("", "EXPIRE 60\nIMPLEMENTATION Shlemazle\n"))},
    {COMMAND("W-03 STLS", AUTHORIZATION, STLS, TLS_PENDING, AUTHORIZATION, NOTHING), COUNTED(TLS("begin TLS"))},
    {BEFORE("W-04 UTF8", UTF8, NOTHING), COUNTED(OK("UTF8 enabled"))},
    {COMMAND("W-05 USER", AUTHORIZATION, USER, USER_ACCEPTED, AUTHORIZATION, .text = "mrose"),
     COUNTED(OK("mrose is a real hoopy frood"))},
    {COMMAND("W-05 PASS", USER_ACCEPTED, PASS, TRANSACTION, AUTHORIZATION, .text = "secret"),
     COUNTED(OK("maildrop locked and ready"))},
    {LOGIN("W-06 APOP", APOP, .text = "mrose", .second = "c4c9334bac560ecc979e58001b3e22fb"),
     COUNTED(OK("maildrop has 1 message (369 octets)"))},
    {LOGIN("W-07 AUTH PLAIN ir", AUTH, .text = "PLAIN", .second = "AHRpbQB0YW5zdGFhZnRhbnN0YWFm"), COUNTED(OK("in"))},
    {LOGIN("W-07 AUTH PLAIN", AUTH, .text = "PLAIN"), COUNTED(ASK("", "AHRpbQB0YW5zdGFhZnRhbnN0YWFm"), OK("in"))},
    {LOGIN("W-08 AUTH LOGIN", AUTH, .text = "LOGIN"),
     COUNTED(ASK("VXNlcm5hbWU6", "dGlt"), ASK("UGFzc3dvcmQ6", "dGFuc3RhYWZ0YW5zdGFhZg=="), OK("in"))},
    {LOGIN("W-09 AUTH CRAM-MD5", AUTH, .text = "CRAM-MD5"),
     COUNTED(ASK("PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+",
                 "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw"),
             OK("in"))},
    {LOGIN("W-10 AUTH SCRAM ir", AUTH, .text = "SCRAM-SHA-1", .second = SCRAM_FIRST),
     COUNTED(ASK(SCRAM_CHALLENGE, SCRAM_PROOF), ASK(SCRAM_SERVER, ""), OK("in"))},
    {LOGIN("W-10 AUTH SCRAM", AUTH, .text = "SCRAM-SHA-1"),
     COUNTED(ASK("", SCRAM_FIRST), ASK(SCRAM_CHALLENGE, SCRAM_PROOF), ASK(SCRAM_SERVER, ""), OK("in"))},
    {LOGIN("W-10 AUTH SCRAM cancelled", AUTH, .text = "SCRAM-SHA-1", .second = SCRAM_FIRST),
     COUNTED(ASK(SCRAM_CHALLENGE, SCRAM_PROOF), ASK("dj1ybUY5", "*"), ERR("cancelled"))},
    {LOGIN("W-11 AUTH OAUTHBEARER", AUTH, .text = "OAUTHBEARER"), COUNTED(ASK("", "bixhPXVzZXI="), OK("in"))},
    {LOGIN("W-11 AUTH OAUTHBEARER refused", AUTH, .text = "OAUTHBEARER"),
     COUNTED(ASK("", "bixhPXVzZXI="), ASK(TOKEN_REFUSED, "AQ=="), ERR("[AUTH] token refused"))},
    {LOGIN("W-12 AUTH XOAUTH2", AUTH, .text = "XOAUTH2"), COUNTED(ASK("", "dXNlcj1zb21l"), OK("in"))},
    {LOGIN("W-12 AUTH XOAUTH2 refused", AUTH, .text = "XOAUTH2"),
     COUNTED(ASK("", "dXNlcj1zb21l"), ASK(TOKEN_REFUSED, ""), ERR("[AUTH] token refused"))},
    {LOGIN("W-13 AUTH EXTERNAL", AUTH, .text = "EXTERNAL", .second = "="), COUNTED(OK("in"))},
    {LOGIN("W-14 AUTH ANONYMOUS", AUTH, .text = "ANONYMOUS", .second = "c2lyaGM="), COUNTED(OK("in"))},
    {LOGIN("W-15 AUTH GSSAPI", AUTH, .text = "GSSAPI", .second = "YIIBkgYJKoZIhvcSAQICAQBuggGB"),
     COUNTED(ASK("YGYGCSqGSIb3EgECAgIA", ""), ASK("AQAAAA==", "AQAAAHRpbQ=="), OK("in"))},
    {AFTER("W-16 STAT", STAT, NOTHING), COUNTED(OK("2 320"))},
    {AFTER("W-17 LIST", LIST, NOTHING), COUNTED(LINES("2 messages (320 octets)", "1 120\n2 200\n"))},
    {AFTER("W-17 LIST, nothing there", LIST, NOTHING), COUNTED(LINES("", ""))},
    {AFTER("W-17 LIST n", LIST, .number = 2), COUNTED(OK("2 200"))},
    {AFTER("W-18 UIDL", UIDL, NOTHING), COUNTED(LINES("", "1 whqtswO00WBw418f9t5JxYwZ\n2 QhdPYR:00WBw1Ph7x7\n"))},
    {AFTER("W-18 UIDL n", UIDL, .number = 2), COUNTED(OK("2 QhdPYR:00WBw1Ph7x7"))},
    {AFTER("W-19 RETR", RETR, .number = 1), COUNTED(BODY("120 octets", MESSAGE))},
    {AFTER("W-19 RETR, an empty message", RETR, .number = 1), COUNTED(BODY("", ""))},
    {AFTER("W-20 TOP", TOP, .number = 1, .lines = 10), COUNTED(BODY("top of message follows", MESSAGE))},
    {AFTER("W-21 DELE", DELE, .number = 1), COUNTED(OK("message 1 deleted"))},
    {AFTER("W-22 NOOP", NOOP, NOTHING), COUNTED(OK(""))},
    {AFTER("W-22 RSET", RSET, NOTHING), COUNTED(OK("maildrop has 2 messages (320 octets)"))},
    {COMMAND("W-23 QUIT", TRANSACTION, QUIT, CLOSED, CLOSED, NOTHING), COUNTED(OK("dewey POP3 server signing off"))},
    {COMMAND("W-23 QUIT before the login", AUTHORIZATION, QUIT, CLOSED, CLOSED, NOTHING), COUNTED(OK("bye"))},
};
const size_t exchange_count = sizeof exchanges / sizeof exchanges[0];
