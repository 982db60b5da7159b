/* SPDX-License-Identifier: MIT */
/* What the files of the TCP services share: the state of a socket against that of its link, and the listeners. */
#ifndef NXHOST_TCP_H
#define NXHOST_TCP_H

#include "link.h"

#define TCP_SOCKET_ID ((ULONG)0x54435020)

/* NX_PTR_ERROR, NX_NOT_ENABLED or NX_CALLER_ERROR: what each checked twin looks at first. */
UINT tcp_socket_error(const NX_TCP_SOCKET *socket);
UINT tcp_caller_error(void);

/* Brings the socket's state up to date with its link, and tells the application of a lost peer. */
void tcp_refresh(NX_TCP_SOCKET *socket);
/* Called by the transport when something happened to the owner's link; data: octets arrived. */
void tcp_link_changed(struct nxhost_link *link, bool data);
void tcp_attach(NX_TCP_SOCKET *socket, struct nxhost_link *link);
/* Ends the connection on this side. The socket stays bound. */
void tcp_drop(NX_TCP_SOCKET *socket, bool reset);
/* Drops what is left of a connection that is over. */
void tcp_discard(NX_TCP_SOCKET *socket);
/* Has the application called when something comes from the host's network. */
void tcp_watch(NX_TCP_SOCKET *socket);

/* nx_ip.c */
bool ip_owns(const NX_IP *ip, const NXD_ADDRESS *address);
bool ip_any_owns(const NXD_ADDRESS *address);
/* The instance's own address of the other address's version. */
NXD_ADDRESS ip_own_address(const NX_IP *ip, ULONG version);
unsigned ip_open_sockets(void);
void ip_forget_all(void);

/* nx_tcp_server.c */
bool server_listens(NX_IP *from, const NXD_ADDRESS *address, UINT port);
/* The client's end of a new connection to that listener; NULL without memory. */
struct nxhost_link *server_connect(NX_TCP_SOCKET *client, const NXD_ADDRESS *address, UINT port);
void server_forget(const NX_IP *ip);
void server_forget_all(void);

#endif
