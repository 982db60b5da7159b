/* SPDX-License-Identifier: MIT */
/* The NetX Duo services that NetX applications and add-ons such as the POP3 client use, on the host's own network.
 * Names, values and statuses are those of the NetX Duo documentation. Every structure has the same layout whatever
 * NX_DISABLE_... is defined: such a macro only hides names, so one library serves checked, unchecked and IPv4-only
 * programs. NX_DISABLE_PACKET_CHAIN and NX_DISABLE_RESET_DISCONNECT change what the stack does: there the library
 * must be built with the same macro, as with the real stack. */
#ifndef NX_API_H
#define NX_API_H

#include "nx_port.h"
#include "tx_api.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NETXDUO_MAJOR_VERSION 6
#define NETXDUO_MINOR_VERSION 4
#define __NETXDUO_MAJOR_VERSION__ NETXDUO_MAJOR_VERSION
#define __NETXDUO_MINOR_VERSION__ NETXDUO_MINOR_VERSION
#define __PRODUCT_NETXDUO__

#ifndef NX_DISABLE_IPV6
#define FEATURE_NX_IPV6
#endif

/* The library itself sees every member, whatever it is built for. */
#if defined(NXHOST_SOURCE) || !defined(NX_DISABLE_PACKET_CHAIN)
#define NXHOST_PACKET_CHAIN_NAMES
#endif
#if defined(NXHOST_SOURCE) || !defined(NX_DISABLE_IPV4)
#define NXHOST_IPV4_NAMES
#endif
#if defined(NXHOST_SOURCE) || defined(FEATURE_NX_IPV6)
#define NXHOST_IPV6_NAMES
#endif

#ifndef NX_PARAMETER_NOT_USED
#define NX_PARAMETER_NOT_USED(p) ((void)(p))
#endif

#define NX_NO_WAIT 0
#define NX_WAIT_FOREVER ((ULONG)0xFFFFFFFF)
#define NX_TRUE 1
#define NX_FALSE 0
#define NX_NULL 0
#define NX_FOREVER 1
#define NX_ANY_PORT 0
#define NX_MAX_PORT 0xFFFF

#ifndef NX_MAX_PHYSICAL_INTERFACES
#define NX_MAX_PHYSICAL_INTERFACES 1
#endif
#ifndef NX_MAX_IPV6_ADDRESSES
#define NX_MAX_IPV6_ADDRESSES 3
#endif
#ifndef NX_MAX_LISTEN_REQUESTS
#define NX_MAX_LISTEN_REQUESTS 10
#endif

#define NX_FRAGMENT_OKAY ((ULONG)0x00000000)
#define NX_DONT_FRAGMENT ((ULONG)0x00004000)
#define NX_IP_NORMAL ((ULONG)0x00000000)
#define NX_IP_MIN_DELAY ((ULONG)0x00100000)
#define NX_IP_MAX_DATA ((ULONG)0x00080000)
#define NX_IP_MAX_RELIABLE ((ULONG)0x00040000)
#define NX_IP_MIN_COST ((ULONG)0x00020000)
#define NX_IP_TOS_MASK ((ULONG)0x00FF0000)
#define NX_IP_TIME_TO_LIVE ((ULONG)0x00000080)
#define NX_IP_VERSION_V4 0x4
#define NX_IP_VERSION_V6 0x6

#define IP_ADDRESS(a, b, c, d) ((((ULONG)(a)) << 24) | (((ULONG)(b)) << 16) | (((ULONG)(c)) << 8) | ((ULONG)(d)))

/* Bits of nx_ip_status_check. */
#define NX_IP_INITIALIZE_DONE ((ULONG)0x0001)
#define NX_IP_ADDRESS_RESOLVED ((ULONG)0x0002)
#define NX_IP_LINK_ENABLED ((ULONG)0x0004)
#define NX_IP_ARP_ENABLED ((ULONG)0x0008)
#define NX_IP_UDP_ENABLED ((ULONG)0x0010)
#define NX_IP_TCP_ENABLED ((ULONG)0x0020)
#define NX_IP_IGMP_ENABLED ((ULONG)0x0040)
#define NX_IP_RARP_COMPLETE ((ULONG)0x0080)
#define NX_IP_INTERFACE_LINK_ENABLED ((ULONG)0x0100)

/* TCP states. */
#define NX_TCP_CLOSED 1
#define NX_TCP_LISTEN_STATE 2
#define NX_TCP_SYN_SENT 3
#define NX_TCP_SYN_RECEIVED 4
#define NX_TCP_ESTABLISHED 5
#define NX_TCP_CLOSE_WAIT 6
#define NX_TCP_FIN_WAIT_1 7
#define NX_TCP_FIN_WAIT_2 8
#define NX_TCP_CLOSING 9
#define NX_TCP_TIMED_WAIT 10
#define NX_TCP_LAST_ACK 11

/* Statuses. */
#define NX_SUCCESS 0x00
#define NX_NO_PACKET 0x01
#define NX_UNDERFLOW 0x02
#define NX_OVERFLOW 0x03
#define NX_NO_MAPPING 0x04
#define NX_DELETED 0x05
#define NX_POOL_ERROR 0x06
#define NX_PTR_ERROR 0x07
#define NX_WAIT_ERROR 0x08
#define NX_SIZE_ERROR 0x09
#define NX_OPTION_ERROR 0x0a
#define NX_DELETE_ERROR 0x10
#define NX_CALLER_ERROR 0x11
#define NX_INVALID_PACKET 0x12
#define NX_INVALID_SOCKET 0x13
#define NX_NOT_ENABLED 0x14
#define NX_ALREADY_ENABLED 0x15
#define NX_ENTRY_NOT_FOUND 0x16
#define NX_NO_MORE_ENTRIES 0x17
#define NX_ARP_TIMER_ERROR 0x18
#define NX_WAIT_ABORTED 0x1A
#define NX_IP_INTERNAL_ERROR 0x20
#define NX_IP_ADDRESS_ERROR 0x21
#define NX_ALREADY_BOUND 0x22
#define NX_PORT_UNAVAILABLE 0x23
#define NX_NOT_BOUND 0x24
#define NX_SOCKET_UNBOUND 0x26
#define NX_NOT_CREATED 0x27
#define NX_SOCKETS_BOUND 0x28
#define NX_NO_RESPONSE 0x29
#define NX_POOL_DELETED 0x30
#define NX_ALREADY_RELEASED 0x31
#define NX_MAX_LISTEN 0x33
#define NX_DUPLICATE_LISTEN 0x34
#define NX_NOT_CLOSED 0x35
#define NX_NOT_LISTEN_STATE 0x36
#define NX_IN_PROGRESS 0x37
#define NX_NOT_CONNECTED 0x38
#define NX_WINDOW_OVERFLOW 0x39
#define NX_ALREADY_SUSPENDED 0x40
#define NX_DISCONNECT_FAILED 0x41
#define NX_STILL_BOUND 0x42
#define NX_NOT_SUCCESSFUL 0x43
#define NX_UNHANDLED_COMMAND 0x44
#define NX_NO_FREE_PORTS 0x45
#define NX_INVALID_PORT 0x46
#define NX_INVALID_RELISTEN 0x47
#define NX_CONNECTION_PENDING 0x48
#define NX_TX_QUEUE_DEPTH 0x49
#define NX_NOT_IMPLEMENTED 0x4A
#define NX_NOT_SUPPORTED 0x4B
#define NX_INVALID_INTERFACE 0x4C
#define NX_INVALID_PARAMETERS 0x4D
#define NX_NOT_FOUND 0x4E
#define NX_CANNOT_START 0x4F
#define NX_NO_INTERFACE_ADDRESS 0x50
#define NX_INVALID_MTU_DATA 0x51
#define NX_DUPLICATED_ENTRY 0x52
#define NX_PACKET_OFFSET_ERROR 0x53
#define NX_OPTION_HEADER_ERROR 0x54
#define NX_CONTINUE 0x55

/* Packet types: the header room that an allocated packet leaves before nx_packet_prepend_ptr. */
#define NX_PHYSICAL_HEADER 16
#define NX_PHYSICAL_TRAILER 4
#define NX_IPSEC_MAX_HEADER_SIZE 0
#define NX_RECEIVE_PACKET 0
#define NX_IPv4_PACKET (NX_PHYSICAL_HEADER + 20)
#define NX_IPv4_TCP_PACKET (NX_IPv4_PACKET + 20)
#define NX_IPv4_UDP_PACKET (NX_IPv4_PACKET + 8)
#define NX_IPv4_ICMP_PACKET (NX_IPv4_PACKET)
#define NX_IPv6_PACKET (NX_PHYSICAL_HEADER + 40)
#define NX_IPv6_TCP_PACKET (NX_IPv6_PACKET + 20)
#define NX_IPv6_UDP_PACKET (NX_IPv6_PACKET + 8)
#define NX_IPv6_ICMP_PACKET (NX_IPv6_PACKET)
#ifdef FEATURE_NX_IPV6
#define NX_IP_PACKET NX_IPv6_PACKET
#define NX_TCP_PACKET NX_IPv6_TCP_PACKET
#define NX_UDP_PACKET NX_IPv6_UDP_PACKET
#define NX_ICMP_PACKET NX_IPv6_ICMP_PACKET
#else
#define NX_IP_PACKET NX_IPv4_PACKET
#define NX_TCP_PACKET NX_IPv4_TCP_PACKET
#define NX_UDP_PACKET NX_IPv4_UDP_PACKET
#define NX_ICMP_PACKET NX_IPv4_ICMP_PACKET
#endif

/* Pointers and payloads need 16 on a 64-bit host, more than sizeof(ULONG). */
#define NX_PACKET_ALIGNMENT 16

typedef struct NXD_ADDRESS_STRUCT {
    ULONG nxd_ip_version;
    union {
#ifdef NXHOST_IPV4_NAMES
        ULONG v4;
#endif
#ifdef NXHOST_IPV6_NAMES
        ULONG v6[4];
#endif
        ULONG nxhost_room[4];
    } nxd_ip_address;
} NXD_ADDRESS;

struct NX_PACKET_POOL_STRUCT;
struct NX_IP_STRUCT;
struct nxhost_link;

typedef struct NX_PACKET_STRUCT {
    struct NX_PACKET_POOL_STRUCT *nx_packet_pool_owner;
#ifdef NXHOST_PACKET_CHAIN_NAMES
    struct NX_PACKET_STRUCT *nx_packet_next;
    struct NX_PACKET_STRUCT *nx_packet_last;
#else
    struct NX_PACKET_STRUCT *nxhost_packet_chain[2];
#endif
    UCHAR *nx_packet_prepend_ptr;
    UCHAR *nx_packet_append_ptr;
    UCHAR *nx_packet_data_start;
    UCHAR *nx_packet_data_end;
    struct NX_PACKET_STRUCT *nx_packet_queue_next;
    union {
        struct NX_PACKET_STRUCT *nx_packet_tcp_queue_next;
#ifndef NX_DISABLE_FRAGMENTATION
        struct NX_PACKET_STRUCT *nx_packet_fragment_next;
#endif
    } nx_packet_union_next;
    ULONG nx_packet_length;
    UCHAR nx_packet_ip_version;
    /* The payload starts here, so that these octets are left for alignment and for the zero octet that follows each
     * payload: the usual arithmetic of pool sizes, (sizeof(NX_PACKET) + payload) * n, holds. */
    UCHAR nxhost_packet_tail[16] __attribute__((aligned(16)));
} NX_PACKET;

typedef struct NX_PACKET_POOL_STRUCT {
    ULONG nx_packet_pool_id;
    CHAR *nx_packet_pool_name;
    ULONG nx_packet_pool_available;
    ULONG nx_packet_pool_total;
    ULONG nx_packet_pool_empty_requests;
    ULONG nx_packet_pool_empty_suspensions;
    ULONG nx_packet_pool_invalid_releases;
    struct NX_PACKET_STRUCT *nx_packet_pool_available_list;
    CHAR *nx_packet_pool_start;
    ULONG nx_packet_pool_size;
    ULONG nx_packet_pool_payload_size;
    ULONG nx_packet_pool_suspended_count;
    struct NX_PACKET_POOL_STRUCT *nx_packet_pool_created_next;
} NX_PACKET_POOL;

/* Drivers are accepted and never called, so a driver request has no members. */
typedef struct NX_IP_DRIVER_STRUCT NX_IP_DRIVER;

typedef struct NX_TCP_SOCKET_STRUCT {
    ULONG nx_tcp_socket_id;
    CHAR *nx_tcp_socket_name;
    UINT nx_tcp_socket_client_type;
    UINT nx_tcp_socket_port;
    NXD_ADDRESS nx_tcp_socket_connect_ip;
    UINT nx_tcp_socket_connect_port;
    UINT nx_tcp_socket_state;
    ULONG nx_tcp_socket_rx_window_default;
    struct NX_IP_STRUCT *nx_tcp_socket_ip_ptr;
    ULONG nx_tcp_socket_type_of_service;
    UINT nx_tcp_socket_time_to_live;
    ULONG nx_tcp_socket_fragment_enable;
    UINT nx_tcp_socket_bound;
    struct nxhost_link *nx_tcp_socket_link;
    struct NX_TCP_SOCKET_STRUCT *nx_tcp_socket_created_next;
    VOID (*nx_tcp_urgent_data_callback)(struct NX_TCP_SOCKET_STRUCT *);
    VOID (*nx_tcp_disconnect_callback)(struct NX_TCP_SOCKET_STRUCT *);
    VOID (*nx_tcp_receive_callback)(struct NX_TCP_SOCKET_STRUCT *);
    VOID *nx_tcp_socket_reserved_ptr;
} NX_TCP_SOCKET;

typedef struct NX_IP_STRUCT {
    ULONG nx_ip_id;
    CHAR *nx_ip_name;
    ULONG nx_ip_address;
    ULONG nx_ip_network_mask;
    ULONG nx_ip_status;
    UINT nx_ip_ipv6_enabled;
    UINT nx_ip_ipv6_address_count;
    ULONG nx_ip_ipv6_address[NX_MAX_IPV6_ADDRESSES][4];
    NX_PACKET_POOL *nx_ip_default_packet_pool;
    NX_TCP_SOCKET *nx_ip_tcp_created_sockets_ptr;
    ULONG nx_ip_tcp_created_sockets_count;
    struct NX_IP_STRUCT *nx_ip_created_next;
    UINT nx_ip_icmp_enabled;
} NX_IP;

/* The unchecked services. */
VOID _nx_system_initialize(VOID);
UINT _nx_packet_pool_create(NX_PACKET_POOL *pool, CHAR *name, ULONG payload_size, VOID *memory, ULONG memory_size);
UINT _nx_packet_pool_delete(NX_PACKET_POOL *pool);
UINT _nx_packet_pool_info_get(NX_PACKET_POOL *pool, ULONG *total, ULONG *available, ULONG *empty_requests,
                              ULONG *empty_suspensions, ULONG *invalid_releases);
UINT _nx_packet_allocate(NX_PACKET_POOL *pool, NX_PACKET **packet, ULONG packet_type, ULONG wait);
UINT _nx_packet_release(NX_PACKET *packet);
UINT _nx_packet_data_append(NX_PACKET *packet, VOID *data, ULONG size, NX_PACKET_POOL *pool, ULONG wait);
UINT _nx_packet_data_retrieve(NX_PACKET *packet, VOID *buffer, ULONG *bytes_copied);
UINT _nx_packet_data_extract_offset(NX_PACKET *packet, ULONG offset, VOID *buffer, ULONG size, ULONG *bytes_copied);
UINT _nx_packet_length_get(NX_PACKET *packet, ULONG *length);
UINT _nx_packet_copy(NX_PACKET *packet, NX_PACKET **new_packet, NX_PACKET_POOL *pool, ULONG wait);
UINT _nx_ip_create(NX_IP *ip, CHAR *name, ULONG address, ULONG mask, NX_PACKET_POOL *pool,
                   VOID (*driver)(NX_IP_DRIVER *), VOID *memory, ULONG memory_size, UINT priority);
UINT _nx_ip_delete(NX_IP *ip);
UINT _nx_ip_address_get(NX_IP *ip, ULONG *address, ULONG *mask);
UINT _nx_ip_status_check(NX_IP *ip, ULONG needed, ULONG *actual, ULONG wait);
UINT _nx_arp_enable(NX_IP *ip, VOID *cache, ULONG cache_size);
UINT _nx_icmp_enable(NX_IP *ip);
UINT _nx_tcp_enable(NX_IP *ip);
UINT _nx_udp_enable(NX_IP *ip);
UINT _nxd_ipv6_enable(NX_IP *ip);
UINT _nxd_icmp_enable(NX_IP *ip);
UINT _nxd_ipv6_address_set(NX_IP *ip, UINT interface_index, NXD_ADDRESS *address, ULONG prefix_length, UINT *index);
UINT _nx_tcp_socket_create(NX_IP *ip, NX_TCP_SOCKET *socket, CHAR *name, ULONG type_of_service, ULONG fragment,
                           UINT time_to_live, ULONG window, VOID (*urgent)(NX_TCP_SOCKET *),
                           VOID (*disconnect)(NX_TCP_SOCKET *));
UINT _nx_tcp_socket_delete(NX_TCP_SOCKET *socket);
UINT _nx_tcp_socket_send(NX_TCP_SOCKET *socket, NX_PACKET *packet, ULONG wait);
UINT _nx_tcp_socket_receive(NX_TCP_SOCKET *socket, NX_PACKET **packet, ULONG wait);
UINT _nx_tcp_socket_disconnect(NX_TCP_SOCKET *socket, ULONG wait);
UINT _nx_tcp_socket_receive_notify(NX_TCP_SOCKET *socket, VOID (*notify)(NX_TCP_SOCKET *));
UINT _nx_tcp_socket_bytes_available(NX_TCP_SOCKET *socket, ULONG *bytes_available);
UINT _nx_tcp_client_socket_bind(NX_TCP_SOCKET *socket, UINT port, ULONG wait);
UINT _nx_tcp_client_socket_unbind(NX_TCP_SOCKET *socket);
UINT _nx_tcp_client_socket_port_get(NX_TCP_SOCKET *socket, UINT *port);
UINT _nx_tcp_client_socket_connect(NX_TCP_SOCKET *socket, ULONG server_ip, UINT server_port, ULONG wait);
UINT _nxd_tcp_client_socket_connect(NX_TCP_SOCKET *socket, NXD_ADDRESS *server_ip, UINT server_port, ULONG wait);
UINT _nx_tcp_server_socket_listen(NX_IP *ip, UINT port, NX_TCP_SOCKET *socket, UINT queue,
                                  VOID (*callback)(NX_TCP_SOCKET *, UINT port));
UINT _nx_tcp_server_socket_accept(NX_TCP_SOCKET *socket, ULONG wait);
UINT _nx_tcp_server_socket_unaccept(NX_TCP_SOCKET *socket);
UINT _nx_tcp_server_socket_relisten(NX_IP *ip, UINT port, NX_TCP_SOCKET *socket);
UINT _nx_tcp_server_socket_unlisten(NX_IP *ip, UINT port);

/* The same with their parameters and their caller checked. */
UINT _nxe_packet_pool_create(NX_PACKET_POOL *pool, CHAR *name, ULONG payload_size, VOID *memory, ULONG memory_size,
                             UINT pool_control_block_size);
UINT _nxe_packet_pool_delete(NX_PACKET_POOL *pool);
UINT _nxe_packet_pool_info_get(NX_PACKET_POOL *pool, ULONG *total, ULONG *available, ULONG *empty_requests,
                               ULONG *empty_suspensions, ULONG *invalid_releases);
UINT _nxe_packet_allocate(NX_PACKET_POOL *pool, NX_PACKET **packet, ULONG packet_type, ULONG wait);
UINT _nxe_packet_release(NX_PACKET **packet);
UINT _nxe_packet_data_append(NX_PACKET *packet, VOID *data, ULONG size, NX_PACKET_POOL *pool, ULONG wait);
UINT _nxe_packet_data_retrieve(NX_PACKET *packet, VOID *buffer, ULONG *bytes_copied);
UINT _nxe_packet_data_extract_offset(NX_PACKET *packet, ULONG offset, VOID *buffer, ULONG size, ULONG *bytes_copied);
UINT _nxe_packet_length_get(NX_PACKET *packet, ULONG *length);
UINT _nxe_packet_copy(NX_PACKET *packet, NX_PACKET **new_packet, NX_PACKET_POOL *pool, ULONG wait);
UINT _nxe_ip_create(NX_IP *ip, CHAR *name, ULONG address, ULONG mask, NX_PACKET_POOL *pool,
                    VOID (*driver)(NX_IP_DRIVER *), VOID *memory, ULONG memory_size, UINT priority,
                    UINT ip_control_block_size);
UINT _nxe_ip_delete(NX_IP *ip);
UINT _nxe_ip_address_get(NX_IP *ip, ULONG *address, ULONG *mask);
UINT _nxe_ip_status_check(NX_IP *ip, ULONG needed, ULONG *actual, ULONG wait);
UINT _nxe_arp_enable(NX_IP *ip, VOID *cache, ULONG cache_size);
UINT _nxe_icmp_enable(NX_IP *ip);
UINT _nxe_tcp_enable(NX_IP *ip);
UINT _nxe_udp_enable(NX_IP *ip);
UINT _nxde_ipv6_enable(NX_IP *ip);
UINT _nxde_icmp_enable(NX_IP *ip);
UINT _nxde_ipv6_address_set(NX_IP *ip, UINT interface_index, NXD_ADDRESS *address, ULONG prefix_length, UINT *index);
UINT _nxe_tcp_socket_create(NX_IP *ip, NX_TCP_SOCKET *socket, CHAR *name, ULONG type_of_service, ULONG fragment,
                            UINT time_to_live, ULONG window, VOID (*urgent)(NX_TCP_SOCKET *),
                            VOID (*disconnect)(NX_TCP_SOCKET *), UINT tcp_socket_size);
UINT _nxe_tcp_socket_delete(NX_TCP_SOCKET *socket);
UINT _nxe_tcp_socket_send(NX_TCP_SOCKET *socket, NX_PACKET **packet, ULONG wait);
UINT _nxe_tcp_socket_receive(NX_TCP_SOCKET *socket, NX_PACKET **packet, ULONG wait);
UINT _nxe_tcp_socket_disconnect(NX_TCP_SOCKET *socket, ULONG wait);
UINT _nxe_tcp_socket_receive_notify(NX_TCP_SOCKET *socket, VOID (*notify)(NX_TCP_SOCKET *));
UINT _nxe_tcp_socket_bytes_available(NX_TCP_SOCKET *socket, ULONG *bytes_available);
UINT _nxe_tcp_client_socket_bind(NX_TCP_SOCKET *socket, UINT port, ULONG wait);
UINT _nxe_tcp_client_socket_unbind(NX_TCP_SOCKET *socket);
UINT _nxe_tcp_client_socket_port_get(NX_TCP_SOCKET *socket, UINT *port);
UINT _nxe_tcp_client_socket_connect(NX_TCP_SOCKET *socket, ULONG server_ip, UINT server_port, ULONG wait);
UINT _nxde_tcp_client_socket_connect(NX_TCP_SOCKET *socket, NXD_ADDRESS *server_ip, UINT server_port, ULONG wait);
UINT _nxe_tcp_server_socket_listen(NX_IP *ip, UINT port, NX_TCP_SOCKET *socket, UINT queue,
                                   VOID (*callback)(NX_TCP_SOCKET *, UINT port));
UINT _nxe_tcp_server_socket_accept(NX_TCP_SOCKET *socket, ULONG wait);
UINT _nxe_tcp_server_socket_unaccept(NX_TCP_SOCKET *socket);
UINT _nxe_tcp_server_socket_relisten(NX_IP *ip, UINT port, NX_TCP_SOCKET *socket);
UINT _nxe_tcp_server_socket_unlisten(NX_IP *ip, UINT port);

/* For add-ons: the length of a string of at most max octets, NX_SIZE_ERROR when it is longer. */
UINT _nx_utility_string_length_check(CHAR *string, UINT *length, UINT max);

/* For programs that name a driver: accepted and never called. */
VOID _nx_ram_network_driver(NX_IP_DRIVER *driver_req);

#define nx_system_initialize _nx_system_initialize

#ifdef NX_DISABLE_ERROR_CHECKING

#define nx_packet_pool_create _nx_packet_pool_create
#define nx_packet_pool_delete _nx_packet_pool_delete
#define nx_packet_pool_info_get _nx_packet_pool_info_get
#define nx_packet_allocate _nx_packet_allocate
#define nx_packet_release _nx_packet_release
#define nx_packet_data_append _nx_packet_data_append
#define nx_packet_data_retrieve _nx_packet_data_retrieve
#define nx_packet_data_extract_offset _nx_packet_data_extract_offset
#define nx_packet_length_get _nx_packet_length_get
#define nx_packet_copy _nx_packet_copy
#define nx_ip_create _nx_ip_create
#define nx_ip_delete _nx_ip_delete
#define nx_ip_address_get _nx_ip_address_get
#define nx_ip_status_check _nx_ip_status_check
#define nx_arp_enable _nx_arp_enable
#define nx_icmp_enable _nx_icmp_enable
#define nx_tcp_enable _nx_tcp_enable
#define nx_udp_enable _nx_udp_enable
#define nxd_ipv6_enable _nxd_ipv6_enable
#define nxd_icmp_enable _nxd_icmp_enable
#define nxd_ipv6_address_set _nxd_ipv6_address_set
#define nx_tcp_socket_create _nx_tcp_socket_create
#define nx_tcp_socket_delete _nx_tcp_socket_delete
#define nx_tcp_socket_send _nx_tcp_socket_send
#define nx_tcp_socket_receive _nx_tcp_socket_receive
#define nx_tcp_socket_disconnect _nx_tcp_socket_disconnect
#define nx_tcp_socket_receive_notify _nx_tcp_socket_receive_notify
#define nx_tcp_socket_bytes_available _nx_tcp_socket_bytes_available
#define nx_tcp_client_socket_bind _nx_tcp_client_socket_bind
#define nx_tcp_client_socket_unbind _nx_tcp_client_socket_unbind
#define nx_tcp_client_socket_port_get _nx_tcp_client_socket_port_get
#define nx_tcp_client_socket_connect _nx_tcp_client_socket_connect
#define nxd_tcp_client_socket_connect _nxd_tcp_client_socket_connect
#define nx_tcp_server_socket_listen _nx_tcp_server_socket_listen
#define nx_tcp_server_socket_accept _nx_tcp_server_socket_accept
#define nx_tcp_server_socket_unaccept _nx_tcp_server_socket_unaccept
#define nx_tcp_server_socket_relisten _nx_tcp_server_socket_relisten
#define nx_tcp_server_socket_unlisten _nx_tcp_server_socket_unlisten

#else

#define nx_packet_pool_create(p, n, l, m, s) _nxe_packet_pool_create(p, n, l, m, s, sizeof(NX_PACKET_POOL))
#define nx_packet_pool_delete _nxe_packet_pool_delete
#define nx_packet_pool_info_get _nxe_packet_pool_info_get
#define nx_packet_allocate _nxe_packet_allocate
/* The address of the caller's pointer goes in, and success sets that pointer to NULL. */
#define nx_packet_release(p) _nxe_packet_release(&(p))
#define nx_packet_data_append _nxe_packet_data_append
#define nx_packet_data_retrieve _nxe_packet_data_retrieve
#define nx_packet_data_extract_offset _nxe_packet_data_extract_offset
#define nx_packet_length_get _nxe_packet_length_get
#define nx_packet_copy _nxe_packet_copy
#define nx_ip_create(i, n, a, m, d, l, p, s, y) _nxe_ip_create(i, n, a, m, d, l, p, s, y, sizeof(NX_IP))
#define nx_ip_delete _nxe_ip_delete
#define nx_ip_address_get _nxe_ip_address_get
#define nx_ip_status_check _nxe_ip_status_check
#define nx_arp_enable _nxe_arp_enable
#define nx_icmp_enable _nxe_icmp_enable
#define nx_tcp_enable _nxe_tcp_enable
#define nx_udp_enable _nxe_udp_enable
#define nxd_ipv6_enable _nxde_ipv6_enable
#define nxd_icmp_enable _nxde_icmp_enable
#define nxd_ipv6_address_set _nxde_ipv6_address_set
#define nx_tcp_socket_create(i, s, n, t, f, l, w, u, d) \
    _nxe_tcp_socket_create(i, s, n, t, f, l, w, u, d, sizeof(NX_TCP_SOCKET))
#define nx_tcp_socket_delete _nxe_tcp_socket_delete
#define nx_tcp_socket_send(s, p, t) _nxe_tcp_socket_send(s, &(p), t)
#define nx_tcp_socket_receive _nxe_tcp_socket_receive
#define nx_tcp_socket_disconnect _nxe_tcp_socket_disconnect
#define nx_tcp_socket_receive_notify _nxe_tcp_socket_receive_notify
#define nx_tcp_socket_bytes_available _nxe_tcp_socket_bytes_available
#define nx_tcp_client_socket_bind _nxe_tcp_client_socket_bind
#define nx_tcp_client_socket_unbind _nxe_tcp_client_socket_unbind
#define nx_tcp_client_socket_port_get _nxe_tcp_client_socket_port_get
#define nx_tcp_client_socket_connect _nxe_tcp_client_socket_connect
#define nxd_tcp_client_socket_connect _nxde_tcp_client_socket_connect
#define nx_tcp_server_socket_listen _nxe_tcp_server_socket_listen
#define nx_tcp_server_socket_accept _nxe_tcp_server_socket_accept
#define nx_tcp_server_socket_unaccept _nxe_tcp_server_socket_unaccept
#define nx_tcp_server_socket_relisten _nxe_tcp_server_socket_relisten
#define nx_tcp_server_socket_unlisten _nxe_tcp_server_socket_unlisten

#endif

#ifdef __cplusplus
}
#endif

#endif
