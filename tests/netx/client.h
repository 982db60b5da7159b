/* SPDX-License-Identifier: MIT */
/* What client threads of the tests do again and again: each helper checks all that must hold at that point. */
#ifndef SATCHEL_TEST_CLIENT_H
#define SATCHEL_TEST_CLIENT_H

#include "world.h"

#define MAIL_ROOM 1100000

/* A message as the application got it. */
struct message {
    size_t length;
    ULONG last_bytes; /* bytes_retrieved of the packet read last */
    char octets[MAIL_ROOM];
};

/* The message that this thread's client read last. */
#define mail (*client_mail())
struct message *client_mail(void);

/* nxd_pop3_client_create with the world's instance, pool and address, user mrose and the given password. */
UINT create_as(UINT apop, const char *password);
/* User mrose, password mvan99, by USER/PASS; logs in. */
void log_in(void);
/* By APOP, with the secret tanstaaf. */
UINT create_apop(UINT apop);

/* Forgets what a world that failed has left. */
void clients_clear(void);

#ifdef NX_POP3_CLIENT_ENABLE_TLS
/* How tls_setup goes, and how often it was called. All zero: as an application's that trusts the tests' CA. */
struct tls_wishes {
    const char *server_name; /* NULL: TLS_NAME */
    UINT status;             /* not NX_SUCCESS: it fails */
    ULONG (*time_function)(VOID);
    ULONG (*certificate_callback)(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate);
    bool without_trust;
    bool without_packet_buffer;
    unsigned calls;
};
extern struct tls_wishes tls;
NX_SECURE_TLS_SESSION *client_tls_session(void);
UINT client_tls_setup(NX_POP3_CLIENT *client, NX_SECURE_TLS_SESSION *session);

/* nxd_pop3_client_secure_create for user mrose. */
UINT create_secure(UINT mode, const char *password);
#endif

/* mail_items_get: its status. */
UINT items_get(void);
/* It succeeds, with these. */
void stat(UINT count, ULONG octets);
UINT retr(UINT item);

/* Reads packets of the message until the final one or a failure, whose status it returns; all go back to their pool. */
UINT read_mail(void);
/* The next packet alone. */
UINT read_packet(UINT *final_packet);

/* RETR, all packets, exactly these octets; afterwards no message is there. */
void fetch(UINT item, const char *octets, size_t n);
#define FETCH(item, text) fetch(item, text, sizeof(text) - 1)

UINT dele(UINT item);
void quit_and_delete(void);
/* The session is over: every service says so, nothing is sent. Ends with delete. */
void session_is_dead(void);
/* After a create that failed: nothing is left of it. */
void nothing_is_left(void);

#endif
