/* SPDX-License-Identifier: MIT */
/*
 * The shape of nx_api.h: the documented names, values and field offsets that src/netx is compiled with, so that its
 * size can be measured where no NetX Duo tree is at hand. Objects built with it are for measuring, never for linking:
 * what NetX keeps for itself is padding of the size it has in 6.4 on a 32-bit target.
 */
#ifndef NX_API_H
#define NX_API_H

#ifdef __cplusplus
extern "C" {
#endif

typedef char CHAR;
typedef unsigned char UCHAR;
typedef int INT;
typedef unsigned int UINT;
typedef short SHORT;
typedef unsigned short USHORT;
#if defined(__LP64__)
typedef int LONG;
typedef unsigned int ULONG;
#else
typedef long LONG;
typedef unsigned long ULONG;
#endif
#ifndef VOID
#define VOID void
#endif

#define NX_NULL 0
#define NX_FALSE 0
#define NX_TRUE 1
#define NX_NO_WAIT 0
#define NX_WAIT_FOREVER ((ULONG)0xFFFFFFFF)
#ifndef NX_IP_PERIODIC_RATE
#define NX_IP_PERIODIC_RATE 100
#endif
#define NX_PARAMETER_NOT_USED(p) ((void)(p))
#define IP_ADDRESS(a, b, c, d) ((((ULONG)(a)) << 24) | (((ULONG)(b)) << 16) | (((ULONG)(c)) << 8) | ((ULONG)(d)))

#define NX_SUCCESS 0x00
#define NX_NO_PACKET 0x01
#define NX_OVERFLOW 0x03
#define NX_PTR_ERROR 0x07
#define NX_SIZE_ERROR 0x09
#define NX_OPTION_ERROR 0x0A
#define NX_CALLER_ERROR 0x11
#define NX_INVALID_PACKET 0x12
#define NX_NOT_ENABLED 0x14
#define NX_WAIT_ABORTED 0x1A
#define NX_NOT_BOUND 0x24
#define NX_NOT_CLOSED 0x35
#define NX_IN_PROGRESS 0x37
#define NX_NOT_CONNECTED 0x38
#define NX_DISCONNECT_FAILED 0x41
#define NX_STILL_BOUND 0x42
#define NX_INVALID_PORT 0x46
#define NX_CONNECTION_PENDING 0x48
#define NX_TX_QUEUE_DEPTH 0x49
#define NX_NOT_SUPPORTED 0x4B

#define NX_ANY_PORT 0
#define NX_IP_NORMAL 0
#define NX_FRAGMENT_OKAY 0
#define NX_IP_TIME_TO_LIVE 0x80
#define NX_IP_VERSION_V4 0x4
#define NX_IP_VERSION_V6 0x6

/* Link header, IP header, TCP header: where the payload of a new packet begins. */
#define NX_PHYSICAL_HEADER 16
#define NX_IPv4_TCP_PACKET (NX_PHYSICAL_HEADER + 20 + 20)
#define NX_IPv6_TCP_PACKET (NX_PHYSICAL_HEADER + 40 + 20)
#ifdef NX_DISABLE_IPV6
#define NX_TCP_PACKET NX_IPv4_TCP_PACKET
#else
#define NX_TCP_PACKET NX_IPv6_TCP_PACKET
#endif

typedef struct NXD_ADDRESS_STRUCT {
    ULONG nxd_ip_version;
    union {
#ifndef NX_DISABLE_IPV4
        ULONG v4;
#endif
#ifndef NX_DISABLE_IPV6
        ULONG v6[4];
#endif
    } nxd_ip_address;
} NXD_ADDRESS;

typedef struct NX_PACKET_POOL_STRUCT {
    ULONG nx_packet_pool_id;
    CHAR *nx_packet_pool_name;
    ULONG nx_packet_pool_available;
    ULONG nx_packet_pool_total;
    ULONG shape_counters[6];
    ULONG nx_packet_pool_payload_size;
    ULONG shape_lists[4];
} NX_PACKET_POOL;

typedef struct NX_PACKET_STRUCT {
    NX_PACKET_POOL *nx_packet_pool_owner;
#ifndef NX_DISABLE_PACKET_CHAIN
    struct NX_PACKET_STRUCT *nx_packet_next;
#endif
    UCHAR *nx_packet_prepend_ptr;
    UCHAR *nx_packet_append_ptr;
    UCHAR *nx_packet_data_start;
    UCHAR *nx_packet_data_end;
#ifndef NX_DISABLE_PACKET_CHAIN
    struct NX_PACKET_STRUCT *nx_packet_last;
#endif
    struct NX_PACKET_STRUCT *nx_packet_queue_next;
    ULONG shape_tcp_queue;
    ULONG nx_packet_length;
    ULONG shape_interface[3];
#ifndef NX_DISABLE_IPV6
    ULONG shape_ipv6;
#endif
#ifndef NX_DISABLE_FRAGMENTATION
    ULONG shape_fragment;
#endif
} NX_PACKET;

typedef struct NX_IP_STRUCT {
    ULONG nx_ip_id;
    ULONG shape_rest[950];
} NX_IP;

typedef struct NX_TCP_SOCKET_STRUCT {
    ULONG nx_tcp_socket_id;
    CHAR *nx_tcp_socket_name;
    ULONG shape_address;
    UINT nx_tcp_socket_port;
    ULONG shape_window;
    NXD_ADDRESS nx_tcp_socket_connect_ip;
    UINT nx_tcp_socket_connect_port;
    ULONG shape_numbers[6];
    UINT nx_tcp_socket_state;
    ULONG shape_timers[25];
    NX_IP *nx_tcp_socket_ip_ptr;
    ULONG shape_queues[34];
#ifndef NX_DISABLE_IPV6
    ULONG shape_ipv6;
#endif
} NX_TCP_SOCKET;

/* With error checking the names of NetX map to twins that take the address of a packet pointer or the size of a
   control block as well: what the caller pays for that belongs in the measurement. */
#ifdef NX_DISABLE_ERROR_CHECKING
#define nx_packet_allocate _nx_packet_allocate
#define nx_packet_copy _nx_packet_copy
#define nx_packet_data_append _nx_packet_data_append
#define nx_packet_data_extract_offset _nx_packet_data_extract_offset
#define nx_packet_data_retrieve _nx_packet_data_retrieve
#define nx_packet_length_get _nx_packet_length_get
#define nx_packet_release _nx_packet_release
#define nx_tcp_client_socket_bind _nx_tcp_client_socket_bind
#define nx_tcp_client_socket_connect _nx_tcp_client_socket_connect
#define nx_tcp_client_socket_unbind _nx_tcp_client_socket_unbind
#define nx_tcp_socket_create _nx_tcp_socket_create
#define nx_tcp_socket_delete _nx_tcp_socket_delete
#define nx_tcp_socket_disconnect _nx_tcp_socket_disconnect
#define nx_tcp_socket_receive _nx_tcp_socket_receive
#define nx_tcp_socket_send _nx_tcp_socket_send
#define nxd_tcp_client_socket_connect _nxd_tcp_client_socket_connect
UINT _nx_packet_release(NX_PACKET *packet);
UINT _nx_tcp_socket_create(NX_IP *ip, NX_TCP_SOCKET *socket, CHAR *name, ULONG type_of_service, ULONG fragment,
                           UINT time_to_live, ULONG window, VOID (*urgent)(NX_TCP_SOCKET *),
                           VOID (*disconnect)(NX_TCP_SOCKET *));
UINT _nx_tcp_socket_send(NX_TCP_SOCKET *socket, NX_PACKET *packet, ULONG wait);
#else
#define nx_packet_allocate _nxe_packet_allocate
#define nx_packet_copy _nxe_packet_copy
#define nx_packet_data_append _nxe_packet_data_append
#define nx_packet_data_extract_offset _nxe_packet_data_extract_offset
#define nx_packet_data_retrieve _nxe_packet_data_retrieve
#define nx_packet_length_get _nxe_packet_length_get
#define nx_packet_release(p) _nxe_packet_release(&(p))
#define nx_tcp_client_socket_bind _nxe_tcp_client_socket_bind
#define nx_tcp_client_socket_connect _nxe_tcp_client_socket_connect
#define nx_tcp_client_socket_unbind _nxe_tcp_client_socket_unbind
#define nx_tcp_socket_create(i, s, n, t, f, l, w, u, d) \
    _nxe_tcp_socket_create(i, s, n, t, f, l, w, u, d, sizeof(NX_TCP_SOCKET))
#define nx_tcp_socket_delete _nxe_tcp_socket_delete
#define nx_tcp_socket_disconnect _nxe_tcp_socket_disconnect
#define nx_tcp_socket_receive _nxe_tcp_socket_receive
#define nx_tcp_socket_send(s, p, w) _nxe_tcp_socket_send(s, &(p), w)
#define nxd_tcp_client_socket_connect _nxde_tcp_client_socket_connect
UINT _nxe_packet_release(NX_PACKET **packet);
UINT _nxe_tcp_socket_create(NX_IP *ip, NX_TCP_SOCKET *socket, CHAR *name, ULONG type_of_service, ULONG fragment,
                            UINT time_to_live, ULONG window, VOID (*urgent)(NX_TCP_SOCKET *),
                            VOID (*disconnect)(NX_TCP_SOCKET *), UINT socket_size);
UINT _nxe_tcp_socket_send(NX_TCP_SOCKET *socket, NX_PACKET **packet, ULONG wait);
#endif

UINT nx_packet_allocate(NX_PACKET_POOL *pool, NX_PACKET **packet, ULONG packet_type, ULONG wait);
UINT nx_packet_copy(NX_PACKET *packet, NX_PACKET **copy, NX_PACKET_POOL *pool, ULONG wait);
UINT nx_packet_data_append(NX_PACKET *packet, VOID *data, ULONG size, NX_PACKET_POOL *pool, ULONG wait);
UINT nx_packet_data_extract_offset(NX_PACKET *packet, ULONG offset, VOID *buffer, ULONG size, ULONG *copied);
UINT nx_packet_data_retrieve(NX_PACKET *packet, VOID *buffer, ULONG *copied);
UINT nx_packet_length_get(NX_PACKET *packet, ULONG *length);
UINT nx_tcp_client_socket_bind(NX_TCP_SOCKET *socket, UINT port, ULONG wait);
UINT nx_tcp_client_socket_connect(NX_TCP_SOCKET *socket, ULONG server_ip, UINT port, ULONG wait);
UINT nx_tcp_client_socket_unbind(NX_TCP_SOCKET *socket);
UINT nx_tcp_socket_delete(NX_TCP_SOCKET *socket);
UINT nx_tcp_socket_disconnect(NX_TCP_SOCKET *socket, ULONG wait);
UINT nx_tcp_socket_receive(NX_TCP_SOCKET *socket, NX_PACKET **packet, ULONG wait);
UINT nxd_tcp_client_socket_connect(NX_TCP_SOCKET *socket, NXD_ADDRESS *server_ip, UINT port, ULONG wait);
UINT _nx_utility_string_length_check(CHAR *string, UINT *length, UINT max);

#ifdef __cplusplus
}
#endif
#endif
