/* SPDX-License-Identifier: MIT */
/* A DNS server in a thread of this program, on one UDP and TCP port of loopback. It knows SRV records by a table. */
#ifndef SATCHEL_TESTS_NET_NAME_SERVER_H
#define SATCHEL_TESTS_NET_NAME_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAME_SERVFAIL = 2, NAME_NXDOMAIN = 3, NAME_REFUSED = 5 };

struct name_record {
    uint16_t priority, weight, port;
    const char *target; /* "" is the root; a backslash takes the octet behind it into the label, a dot for example */
};

/* What is asked for and not in the table is NXDOMAIN. Answers above 512 octets are truncated over UDP. */
struct name_answer {
    const char *name; /* NULL ends the table */
    const struct name_record *records;
    size_t count; /* in the header, too */
    unsigned rcode;
    bool silent;
    const char *raw; /* in place of the records: octets behind the question */
    size_t raw_size;
    bool hangs_up; /* truncated over UDP, and no answer over TCP */
};

/* Makes a forged packet out of the true answer, to go out ahead of it; returns its size. */
typedef size_t name_forger(void *context, unsigned char *packet, size_t size);

struct name_server;

struct name_server *name_server_start(const struct name_answer *answers);
void name_server_stop(struct name_server *server);
const char *name_server_address(const struct name_server *server); /* "127.0.0.1:53531" */
void name_server_forge(struct name_server *server, name_forger *forger, void *context);
unsigned name_server_asked(const struct name_server *server); /* over UDP */
unsigned name_server_asked_tcp(const struct name_server *server);

#endif
