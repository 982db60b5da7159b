/* SPDX-License-Identifier: MIT */
/*
 * The server that netx_packets gives the client: it sends one block of octets for each command, whatever they are, and
 * traps where the client goes on after a block that was no reply. Pure NetX API.
 */
#ifndef SATCHEL_FUZZ_NETX_SERVER_H
#define SATCHEL_FUZZ_NETX_SERVER_H

#include "nx_api.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Octets of the script that are no data: none of them means anything to POP3. */
enum {
    SCRIPT_CLOSE = 0x1C, /* the server closes the connection */
    SCRIPT_BLOCK = 0x1D, /* the block ends: the client's turn */
    SCRIPT_SEND = 0x1E,  /* what follows goes out in another send */
    SCRIPT_RESET = 0x1F  /* the server resets the connection */
};

/* The last command and the block that answered it; of the greeting the command is empty. */
struct netx_exchange {
    unsigned number; /* of this run */
    char command[300];
    char *reply;
    size_t length;
    bool lf_mode; /* the greeting ended with a bare LF */
    bool closed;  /* the server went behind it */
    bool reset;   /* by a reset, which may overtake it */
};

/* What an exchange means. */
struct netx_reply {
    char status; /* '+', '-', 0: no whole status line, or a wrong one */
    const char *text;
    size_t text_length;
    size_t line; /* octets of the status line before its LF */
    size_t rest; /* where a body or listing begins */
    size_t end;  /* where the reply ends; 0: nowhere */
};

/* In tx_application_define. The thread lives as long as the world. */
void netx_server_create(NX_IP *ip, NX_PACKET_POOL *pool, UINT port);

/* A new run: `room` must hold n octets until the next. */
void netx_server_script(const uint8_t *script, size_t n, char *room);

const struct netx_exchange *netx_server_last(void);
struct netx_reply netx_server_judge(const struct netx_exchange *exchange);

#endif
