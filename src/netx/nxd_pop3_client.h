/* SPDX-License-Identifier: MIT */
/*
 * The NetX Duo POP3 client services: source compatible with the documented nx_pop3_client_* / nxd_pop3_client_* API.
 * docs/netx.md tells every difference from the documentation and from the reference implementation.
 *
 * All services block and are called from threads; one thread at a time per client block (there is no mutex inside).
 * NAME AND PASSWORD GO UNENCRYPTED OVER THE NETWORK with USER/PASS, and with APOP the mail still does: use them on
 * networks you trust, or nxd_pop3_client_secure_create, with which all goes over TLS.
 *
 * Every service returns NX_SUCCESS or one of the NX_POP3_ codes below, or the status of the NetX call that failed. On
 * failure every output is zero. A receive that fails or times out, a reply that breaks the protocol and octets that no
 * command asked for end the session at once: the services then return NX_POP3_CLIENT_INVALID_STATE (never NX_SUCCESS,
 * so that no truncated message is deleted) until nx_pop3_client_mail_items_get opens a new session.
 */
#ifndef NX_POP3_CLIENT_H
#define NX_POP3_CLIENT_H

#include <satchel/pop3_engine.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "nx_api.h"
#include "nx_md5.h"
#ifdef NX_POP3_CLIENT_ENABLE_TLS
#include "nx_secure_tls_api.h"
#endif

#define NX_POP3_CLIENT_ERROR_CONSTANT 0xB0

/* A port, address, name or password that cannot be used; APOP_authentication above NX_POP3_APOP_REQUIRED. */
#define NX_POP3_PARAM_ERROR (NX_POP3_CLIENT_ERROR_CONSTANT | 0x1)
/* The item number exceeds the count that nx_pop3_client_mail_items_get gave. */
#define NX_POP3_INVALID_MAIL_ITEM (NX_POP3_CLIENT_ERROR_CONSTANT | 0x2)
/* NX_POP3_APOP_REQUIRED, and the server offers no valid timestamp or refused the digest. */
#define NX_POP3_APOP_FAILED_MD5_DIGEST (NX_POP3_CLIENT_ERROR_CONSTANT | 0x3)
/* The server answered -ERR (a wrong password too), or broke the protocol. */
#define NX_POP3_SERVER_ERROR_STATUS (NX_POP3_CLIENT_ERROR_CONSTANT | 0x4)
/* Never returned. */
#define NX_POP3_MAIL_BUFFER_OVERFLOW (NX_POP3_CLIENT_ERROR_CONSTANT | 0x5)
/* The command does not fit in a packet, and packet chains are disabled. */
#define NX_POP3_INSUFFICIENT_PACKET_PAYLOAD (NX_POP3_CLIENT_ERROR_CONSTANT | 0x6)
/* No session, or no message is being downloaded. */
#define NX_POP3_CLIENT_INVALID_STATE (NX_POP3_CLIENT_ERROR_CONSTANT | 0x7)
/* Item number 0. */
#define NX_POP3_CLIENT_INVALID_INDEX (NX_POP3_CLIENT_ERROR_CONSTANT | 0x8)
/* The TLS handshake failed: nx_pop3_client_tls_status tells NetX Secure's reason. */
#define NX_POP3_TLS_FAILED (NX_POP3_CLIENT_ERROR_CONSTANT | 0x9)
/* The server's certificate: none, or issuer, dates or name are wrong, or the application's callback refused it. */
#define NX_POP3_CERTIFICATE_REFUSED (NX_POP3_CLIENT_ERROR_CONSTANT | 0xA)
/* The server answered -ERR to STLS. */
#define NX_POP3_STLS_REFUSED (NX_POP3_CLIENT_ERROR_CONSTANT | 0xB)

/* Values of APOP_authentication besides NX_FALSE (USER/PASS) and NX_TRUE (APOP, then USER/PASS if it fails). */
#define NX_POP3_APOP_REQUIRED 2 /* never USER/PASS */

/* Values of nxd_pop3_client_secure_create's mode. */
#define NX_POP3_TLS_IMPLICIT 1 /* TLS before the greeting; port 995 as a rule */
#define NX_POP3_TLS_STLS 2     /* the command STLS, port 110 as a rule; a server that refuses it gets nothing else */

/* Options. Times are in ticks (N-43). */
#ifndef NX_POP3_CLIENT_PACKET_TIMEOUT
#define NX_POP3_CLIENT_PACKET_TIMEOUT (1 * NX_IP_PERIODIC_RATE)
#endif
#ifndef NX_POP3_TCP_SOCKET_SEND_WAIT
#define NX_POP3_TCP_SOCKET_SEND_WAIT (10 * NX_IP_PERIODIC_RATE)
#endif
#ifndef NX_POP3_CLIENT_CONNECTION_TIMEOUT
#define NX_POP3_CLIENT_CONNECTION_TIMEOUT (30 * NX_IP_PERIODIC_RATE)
#endif
#ifndef NX_POP3_CLIENT_DISCONNECT_TIMEOUT
#define NX_POP3_CLIENT_DISCONNECT_TIMEOUT (10 * NX_IP_PERIODIC_RATE)
#endif
#ifndef NX_POP3_SERVER_REPLY_TIMEOUT
#define NX_POP3_SERVER_REPLY_TIMEOUT (10 * NX_IP_PERIODIC_RATE)
#endif
#ifndef NX_POP3_CLIENT_TCP_WINDOW_SIZE
#define NX_POP3_CLIENT_TCP_WINDOW_SIZE 1460
#endif
#ifndef NX_POP3_MAX_USERNAME
#define NX_POP3_MAX_USERNAME 40
#endif
#ifndef NX_POP3_MAX_PASSWORD
#define NX_POP3_MAX_PASSWORD 20
#endif
/* Octets of an APOP timestamp; a longer one counts as none (N-40). At most 255. */
#ifndef NX_POP3_SERVER_PROCESS_ID_SIZE
#define NX_POP3_SERVER_PROCESS_ID_SIZE 75
#endif
/* Octets of an unread message that a service reads and throws away before its own command (N-53). */
#ifndef NX_POP3_CLIENT_DRAIN_LIMIT
#define NX_POP3_CLIENT_DRAIN_LIMIT 0x100000UL
#endif
/* Octets of status text kept for nx_pop3_client_response_get; 0: none, and the service is NX_NOT_SUPPORTED. */
#ifndef NX_POP3_CLIENT_RESPONSE_SIZE
#define NX_POP3_CLIENT_RESPONSE_SIZE 0
#endif
/*
 * The block's one buffer: it holds a line of the server that spans packets, and the command being sent. The default is
 * what the longest command and a timestamp need. A uid or status text that exceeds it is cut.
 */
#ifndef NX_POP3_CLIENT_BUFFER_SIZE
#define NX_POP3_LARGER(a, b) ((a) > (b) ? (a) : (b))
#define NX_POP3_CLIENT_BUFFER_SIZE                                                      \
    NX_POP3_LARGER(NX_POP3_LARGER(NX_POP3_MAX_USERNAME + 48, NX_POP3_MAX_PASSWORD + 8), \
                   NX_POP3_SERVER_PROCESS_ID_SIZE + 13)
#endif
/* NX_POP3_CLIENT_RAW_MESSAGE: message_get hands out what was received: stuffed, with the terminator (N-42). */
/* NX_POP3_CLIENT_NO_CLEARTEXT_FALLBACK: NX_TRUE means NX_POP3_APOP_REQUIRED (N-40). */
/* NX_POP3_CLIENT_ENABLE_TLS: nxd_pop3_client_secure_create is there. Needs NetX Secure. */

/* Names that applications of the reference implementation may use. */
#define NX_POP3_CLIENT_MAIL_BUFFER_SIZE 2000
#define NX_POP3_MAX_BINARY_MD5 16
#define NX_POP3_MAX_ASCII_MD5 32
#define NX_POP3_MAX_SERVER_REPLY 512
#define NX_POP3_MAX_CLIENT_COMMAND 150
#define NX_POP3_POSITIVE_STATUS "+OK"
#define NX_POP3_NEGATIVE_STATUS "-ERR"
#define NX_POP3_COMMAND_TERMINATION "\r\n"
#define NX_POP3_END_OF_MESSAGE_TAG ".\r\n"
#define NX_POP3_DOT "."
#define NX_POP3_END_OF_MESSAGE "\r\n.\r\n"
#define NX_POP3_CODE_INVALID 0
#define NX_POP3_CODE_OK 1
#define NX_POP3_CODE_ERR 2
#define NX_POP3_COMMAND_GREETING "GREETING"
#define NX_POP3_COMMAND_USER "USER"
#define NX_POP3_COMMAND_APOP "APOP"
#define NX_POP3_COMMAND_PASS "PASS"
#define NX_POP3_COMMAND_STAT "STAT"
#define NX_POP3_COMMAND_RETR "RETR"
#define NX_POP3_COMMAND_DELE "DELE"
#define NX_POP3_COMMAND_QUIT "QUIT"
#define NX_POP3_COMMAND_LIST "LIST"
#define NX_POP3_COMMAND_RSET "RSET"
#define NX_POP3_COMMAND_NOOP "NOOP"

/* The client block: the application's memory, the services' contents. Small members first: short instructions. */
typedef struct NX_POP3_CLIENT_STRUCT {
    /* The session: all of it is cleared when one is opened. */
    pop3_engine nx_pop3_client_engine;
    NX_PACKET *nx_pop3_client_message_ptr;   /* the packet being read */
    UINT nx_pop3_client_ready_to_download;   /* NX_TRUE: the message of a RETR or TOP is not read to its end */
    UINT nx_pop3_client_mail_status;         /* NX_TRUE: STAT was answered in this session */
    UINT nx_pop3_client_maildrop_items;      /* its count */
    ULONG nx_pop3_client_total_message_size; /* its octets */
    UINT nx_pop3_client_maildrop_index;      /* the item that mail_item_size_get last asked for, ... */
    ULONG nx_pop3_client_item_size;          /* ... and its size */
    ULONG nx_pop3_client_top_lines;          /* lines of the body that TOP asks for */
#ifdef NX_POP3_CLIENT_ENABLE_TLS
    UINT nx_pop3_client_tls_started; /* NX_TRUE: all octets go through the TLS session */
    UINT nx_pop3_client_certificate; /* what our callback and the application's said of the server's; 0: not asked */
#endif
    /* The client. */
    ULONG nx_pop3_client_id; /* tells a created block from any other */
    NX_PACKET_POOL *nx_pop3_client_packet_pool_ptr;
    UINT nx_pop3_client_enable_APOP_authentication;
    NXD_ADDRESS nx_pop3_client_server_address;
    USHORT nx_pop3_client_server_port;
    CHAR nx_pop3_client_name[NX_POP3_MAX_USERNAME + 1];
    CHAR nx_pop3_client_password[NX_POP3_MAX_PASSWORD + 1];
    NX_TCP_SOCKET nx_pop3_client_tcp_socket;
    CHAR nx_pop3_client_buffer[NX_POP3_CLIENT_BUFFER_SIZE];
#if NX_POP3_CLIENT_RESPONSE_SIZE > 0
    UINT nx_pop3_client_response_length;
    CHAR nx_pop3_client_response[NX_POP3_CLIENT_RESPONSE_SIZE];
#endif
#ifdef NX_POP3_CLIENT_ENABLE_TLS
    UINT nx_pop3_client_tls_mode; /* 0: without TLS */
    NX_SECURE_TLS_SESSION *nx_pop3_client_tls_session_ptr;
    UINT (*nx_pop3_client_tls_setup)(struct NX_POP3_CLIENT_STRUCT *client_ptr, NX_SECURE_TLS_SESSION *tls_session);
    ULONG (*nx_pop3_client_certificate_callback)(NX_SECURE_TLS_SESSION *tls_session, NX_SECURE_X509_CERT *certificate);
    NX_SECURE_X509_DNS_NAME nx_pop3_client_server_name;
    UINT nx_pop3_client_tls_status; /* NetX Secure's, of the last handshake; a failed create leaves it */
#endif
} NX_POP3_CLIENT;

#ifndef NX_POP3_CLIENT_SOURCE_CODE
#ifdef NX_DISABLE_ERROR_CHECKING
#define nx_pop3_client_create _nx_pop3_client_create
#define nxd_pop3_client_create _nxd_pop3_client_create
#define nx_pop3_client_mail_items_get _nx_pop3_client_mail_items_get
#define nx_pop3_client_mail_item_size_get _nx_pop3_client_mail_item_size_get
#define nx_pop3_client_mail_item_get _nx_pop3_client_mail_item_get
#define nx_pop3_client_mail_item_message_get _nx_pop3_client_mail_item_message_get
#define nx_pop3_client_mail_item_delete _nx_pop3_client_mail_item_delete
#define nx_pop3_client_quit _nx_pop3_client_quit
#define nx_pop3_client_delete _nx_pop3_client_delete
#define nx_pop3_client_noop _nx_pop3_client_noop
#define nx_pop3_client_reset _nx_pop3_client_reset
#define nx_pop3_client_mail_item_uid_get _nx_pop3_client_mail_item_uid_get
#define nx_pop3_client_mail_item_top_get _nx_pop3_client_mail_item_top_get
#define nx_pop3_client_capabilities_get _nx_pop3_client_capabilities_get
#define nx_pop3_client_response_get _nx_pop3_client_response_get
#define nxd_pop3_client_secure_create _nxd_pop3_client_secure_create
#else
#define nx_pop3_client_create _nxe_pop3_client_create
#define nxd_pop3_client_create _nxde_pop3_client_create
#define nx_pop3_client_mail_items_get _nxe_pop3_client_mail_items_get
#define nx_pop3_client_mail_item_size_get _nxe_pop3_client_mail_item_size_get
#define nx_pop3_client_mail_item_get _nxe_pop3_client_mail_item_get
#define nx_pop3_client_mail_item_message_get _nxe_pop3_client_mail_item_message_get
#define nx_pop3_client_mail_item_delete _nxe_pop3_client_mail_item_delete
#define nx_pop3_client_quit _nxe_pop3_client_quit
#define nx_pop3_client_delete _nxe_pop3_client_delete
#define nx_pop3_client_noop _nxe_pop3_client_noop
#define nx_pop3_client_reset _nxe_pop3_client_reset
#define nx_pop3_client_mail_item_uid_get _nxe_pop3_client_mail_item_uid_get
#define nx_pop3_client_mail_item_top_get _nxe_pop3_client_mail_item_top_get
#define nx_pop3_client_capabilities_get _nxe_pop3_client_capabilities_get
#define nx_pop3_client_response_get _nxe_pop3_client_response_get
#define nxd_pop3_client_secure_create _nxde_pop3_client_secure_create
#endif
/* Names that the documentation's text uses for two of the services. */
#define nx_pop3_client_get_mail_item nx_pop3_client_mail_item_get
#define nx_pop3_client_mail_item_get_message_data nx_pop3_client_mail_item_message_get
#endif

/*
 * The pairs below: the service that a build with NX_DISABLE_ERROR_CHECKING calls, and its twin `e` of all other builds.
 * They do the same and return the same: a NULL pointer is NX_PTR_ERROR in both, for so small a check is not worth a
 * crash.
 */

/*
 * Connects to the server, logs in (APOP_authentication: NX_FALSE, NX_TRUE or NX_POP3_APOP_REQUIRED) and keeps copies of
 * address, name and password. The pool is the application's and outlives the client.
 * NX_PTR_ERROR: a NULL pointer. NX_POP3_PARAM_ERROR: an IP instance that is none; port not 1 to 65535; IPv4 address 0;
 * name or password empty, too long for the block, or with a control octet (name: or a blank). NX_NOT_SUPPORTED: an IP
 * version that NetX was built without. NX_NOT_ENABLED: TCP is not enabled; where NetX is built with
 * NX_DISABLE_ERROR_CHECKING it does not notice, and enabling TCP first is the caller's duty as for every TCP socket.
 * NX_POP3_SERVER_ERROR_STATUS: -ERR to greeting or login. NX_POP3_APOP_FAILED_MD5_DIGEST: see there.
 * After a failure the socket is gone, nothing is kept, and nx_pop3_client_delete may but need not be called.
 */
UINT _nx_pop3_client_create(NX_POP3_CLIENT *client_ptr, UINT APOP_authentication, NX_IP *ip_ptr,
                            NX_PACKET_POOL *packet_pool_ptr, ULONG server_ip_address, ULONG server_port,
                            CHAR *client_name, CHAR *client_password);
UINT _nxe_pop3_client_create(NX_POP3_CLIENT *client_ptr, UINT APOP_authentication, NX_IP *ip_ptr,
                             NX_PACKET_POOL *packet_pool_ptr, ULONG server_ip_address, ULONG server_port,
                             CHAR *client_name, CHAR *client_password);
UINT _nxd_pop3_client_create(NX_POP3_CLIENT *client_ptr, UINT APOP_authentication, NX_IP *ip_ptr,
                             NX_PACKET_POOL *packet_pool_ptr, NXD_ADDRESS *server_ip_address, ULONG server_port,
                             CHAR *client_name, CHAR *client_password);
UINT _nxde_pop3_client_create(NX_POP3_CLIENT *client_ptr, UINT APOP_authentication, NX_IP *ip_ptr,
                              NX_PACKET_POOL *packet_pool_ptr, NXD_ADDRESS *server_ip_address, ULONG server_port,
                              CHAR *client_name, CHAR *client_password);

/*
 * The number of items in the maildrop and their octets (at most 0xFFFFFFFF; 0 where the server's number is none).
 * After nx_pop3_client_quit, or where the session has died, it first connects and logs in again (N-48), and may return
 * what create returns.
 */
UINT _nx_pop3_client_mail_items_get(NX_POP3_CLIENT *client_ptr, UINT *number_mail_items, ULONG *maildrop_total_size);
UINT _nxe_pop3_client_mail_items_get(NX_POP3_CLIENT *client_ptr, UINT *number_mail_items, ULONG *maildrop_total_size);

/*
 * The size of item 1 to the count of mail_items_get, which must be called first (at most 0xFFFFFFFF).
 * NX_POP3_CLIENT_INVALID_INDEX: item 0. NX_POP3_INVALID_MAIL_ITEM: beyond the count.
 */
UINT _nx_pop3_client_mail_item_size_get(NX_POP3_CLIENT *client_ptr, UINT mail_item, ULONG *size);
UINT _nxe_pop3_client_mail_item_size_get(NX_POP3_CLIENT *client_ptr, UINT mail_item, ULONG *size);

/*
 * Asks for an item (RETR): mail_item_message_get then hands it out. *item_size is what the reply tells, or what
 * mail_item_size_get last told of the same item, or 0: a hint only (N-46). Returns as mail_item_size_get.
 */
UINT _nx_pop3_client_mail_item_get(NX_POP3_CLIENT *client_ptr, UINT mail_item, ULONG *item_size);
UINT _nxe_pop3_client_mail_item_get(NX_POP3_CLIENT *client_ptr, UINT mail_item, ULONG *item_size);

/*
 * The next packet of the message: *bytes_retrieved octets of content, un-stuffed, without the terminator, in
 * *recv_packet_ptr and the packets chained to it (some of which may be empty). It is the caller's, who releases it, the
 * final one too; that one may have no octets. *final_packet is NX_TRUE with the last packet of the message.
 * NX_POP3_CLIENT_INVALID_STATE: no message is asked for, or it was handed out whole. A NetX status: the connection
 * broke and the message is incomplete; the session is over.
 */
UINT _nx_pop3_client_mail_item_message_get(NX_POP3_CLIENT *client_ptr, NX_PACKET **recv_packet_ptr,
                                           ULONG *bytes_retrieved, UINT *final_packet);
UINT _nxe_pop3_client_mail_item_message_get(NX_POP3_CLIENT *client_ptr, NX_PACKET **recv_packet_ptr,
                                            ULONG *bytes_retrieved, UINT *final_packet);

/*
 * Marks an item for deletion (DELE); the server deletes it at quit. Returns as mail_item_size_get, but that the count
 * is checked only once it is known.
 */
UINT _nx_pop3_client_mail_item_delete(NX_POP3_CLIENT *client_ptr, UINT mail_index);
UINT _nxe_pop3_client_mail_item_delete(NX_POP3_CLIENT *client_ptr, UINT mail_index);

/*
 * Ends the session: the server deletes what was marked. Then disconnects, whatever the reply was.
 * NX_POP3_SERVER_ERROR_STATUS: -ERR, some or all marked items may still be there. NX_POP3_CLIENT_INVALID_STATE: no
 * session; or a message was not read to its end: then QUIT is not sent, for it might delete that message (N-53).
 */
UINT _nx_pop3_client_quit(NX_POP3_CLIENT *client_ptr);
UINT _nxe_pop3_client_quit(NX_POP3_CLIENT *client_ptr);

/*
 * Disconnects where quit did not (nothing is deleted then), deletes the socket and clears the block, password included.
 * A block that is not created is left alone: NX_SUCCESS. Else the status of nx_tcp_socket_delete.
 */
UINT _nx_pop3_client_delete(NX_POP3_CLIENT *client_ptr);
UINT _nxe_pop3_client_delete(NX_POP3_CLIENT *client_ptr);

/* ---- Services beyond the documented ones, each in an object of its own (N-50) ---- */

/* NOOP: keeps a session alive. */
UINT _nx_pop3_client_noop(NX_POP3_CLIENT *client_ptr);
UINT _nxe_pop3_client_noop(NX_POP3_CLIENT *client_ptr);

/* RSET: takes every mark for deletion back. */
UINT _nx_pop3_client_reset(NX_POP3_CLIENT *client_ptr);
UINT _nxe_pop3_client_reset(NX_POP3_CLIENT *client_ptr);

/*
 * UIDL: the item's unique id, NUL-ended, in uid[uid_size]. Returns as mail_item_size_get; NX_SIZE_ERROR: uid or
 * NX_POP3_CLIENT_BUFFER_SIZE is too small for it.
 */
UINT _nx_pop3_client_mail_item_uid_get(NX_POP3_CLIENT *client_ptr, UINT mail_item, CHAR *uid, UINT uid_size);
UINT _nxe_pop3_client_mail_item_uid_get(NX_POP3_CLIENT *client_ptr, UINT mail_item, CHAR *uid, UINT uid_size);

/* TOP: asks for the header and `lines` lines of the body; then mail_item_message_get as after mail_item_get. */
UINT _nx_pop3_client_mail_item_top_get(NX_POP3_CLIENT *client_ptr, UINT mail_item, UINT lines);
UINT _nxe_pop3_client_mail_item_top_get(NX_POP3_CLIENT *client_ptr, UINT mail_item, UINT lines);

/* CAPA: bits NX_POP3_CAPABILITY_*. */
#define NX_POP3_CAPABILITY_TOP POP3_CAPABILITY_TOP
#define NX_POP3_CAPABILITY_USER POP3_CAPABILITY_USER
#define NX_POP3_CAPABILITY_UIDL POP3_CAPABILITY_UIDL
#define NX_POP3_CAPABILITY_SASL POP3_CAPABILITY_SASL
#define NX_POP3_CAPABILITY_STLS POP3_CAPABILITY_STLS
#define NX_POP3_CAPABILITY_PIPELINING POP3_CAPABILITY_PIPELINING
#define NX_POP3_CAPABILITY_RESP_CODES POP3_CAPABILITY_RESP_CODES
#define NX_POP3_CAPABILITY_AUTH_RESP_CODE POP3_CAPABILITY_AUTH_RESP_CODE
#define NX_POP3_CAPABILITY_LOGIN_DELAY POP3_CAPABILITY_LOGIN_DELAY
#define NX_POP3_CAPABILITY_EXPIRE POP3_CAPABILITY_EXPIRE
#define NX_POP3_CAPABILITY_UTF8 POP3_CAPABILITY_UTF8
#define NX_POP3_CAPABILITY_LANG POP3_CAPABILITY_LANG
#define NX_POP3_CAPABILITY_IMPLEMENTATION POP3_CAPABILITY_IMPLEMENTATION
UINT _nx_pop3_client_capabilities_get(NX_POP3_CLIENT *client_ptr, ULONG *capabilities);
UINT _nxe_pop3_client_capabilities_get(NX_POP3_CLIENT *client_ptr, ULONG *capabilities);

/*
 * The text of the last status line, NUL-ended, cut to what fits in text[text_size] and in NX_POP3_CLIENT_RESPONSE_SIZE.
 * It is what the server sent, control octets included. NX_NOT_SUPPORTED where that option is 0; NX_SIZE_ERROR:
 * text_size is 0.
 */
UINT _nx_pop3_client_response_get(NX_POP3_CLIENT *client_ptr, CHAR *text, UINT text_size);
UINT _nxe_pop3_client_response_get(NX_POP3_CLIENT *client_ptr, CHAR *text, UINT text_size);

#ifdef NX_POP3_CLIENT_ENABLE_TLS

/*
 * As nxd_pop3_client_create, over TLS: all services then work on the block as on any other, and nothing but STLS ever
 * goes out in clear text. Logs in by USER/PASS. nx_pop3_client_mail_items_get makes TLS anew when it opens a session.
 *
 * tls_setup has the convention of NetX's web client. It is called once the server is connected, for each session anew,
 * and creates *tls_session: nx_secure_tls_session_create, packet buffer, trusted certificates, and a time function, for
 * WITHOUT A TIME FUNCTION NetX Secure CHECKS NO CERTIFICATE'S DATES. If it fails, it has deleted what it created, and its
 * status is the service's. The services end and delete the session; its memory is the application's and outlives the
 * client. They set the server's name (SNI) and a certificate callback that compares server_name with the certificate's
 * DNS names and common name, case and all; a callback set by tls_setup is called behind it.
 *
 * NX_PTR_ERROR: server_name, tls_session or tls_setup is NULL too. NX_POP3_PARAM_ERROR: `mode` is none; server_name is
 * empty, longer than NX_SECURE_X509_DNS_NAME_MAX, or has a blank or control octet. NX_POP3_TLS_FAILED,
 * NX_POP3_CERTIFICATE_REFUSED, NX_POP3_STLS_REFUSED: see there. NX_POP3_SERVER_ERROR_STATUS: octets behind the answer to
 * STLS, too (R-TLS-05). A handshake that stalls is NX_NO_PACKET after NX_POP3_SERVER_REPLY_TIMEOUT. A service that fails
 * later gives NetX Secure's status: NX_SECURE_TLS_ALERT_RECEIVED, say, where the server ended TLS in mid-reply.
 */
UINT _nxd_pop3_client_secure_create(NX_POP3_CLIENT *client_ptr, NX_IP *ip_ptr, NX_PACKET_POOL *packet_pool_ptr,
                                    NXD_ADDRESS *server_ip_address, ULONG server_port, CHAR *client_name,
                                    CHAR *client_password, CHAR *server_name, UINT mode,
                                    NX_SECURE_TLS_SESSION *tls_session,
                                    UINT (*tls_setup)(NX_POP3_CLIENT *client_ptr, NX_SECURE_TLS_SESSION *tls_session));
UINT _nxde_pop3_client_secure_create(NX_POP3_CLIENT *client_ptr, NX_IP *ip_ptr, NX_PACKET_POOL *packet_pool_ptr,
                                     NXD_ADDRESS *server_ip_address, ULONG server_port, CHAR *client_name,
                                     CHAR *client_password, CHAR *server_name, UINT mode,
                                     NX_SECURE_TLS_SESSION *tls_session,
                                     UINT (*tls_setup)(NX_POP3_CLIENT *client_ptr, NX_SECURE_TLS_SESSION *tls_session));

#endif

#ifdef __cplusplus
}
#endif
#endif
