/* SPDX-License-Identifier: MIT */
/* IP instances: their addresses serve connections inside the program; the driver, the ARP cache and the stack of the
 * helper thread are accepted and not used, because packets travel through the host's network. */
#include "nx_ip.h"

#include "address.h"
#include "packet.h"
#include "sched.h"
#include "tcp.h"

#define CLASS_D_OR_E ((ULONG)0xE0000000)

static NX_IP *instances;

VOID _nx_system_initialize(VOID) {}

VOID _nx_ram_network_driver(NX_IP_DRIVER *driver_req) {
    NX_PARAMETER_NOT_USED(driver_req);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): NetX declares it so */
UINT _nx_utility_string_length_check(CHAR *string, UINT *length, UINT max) {
    UINT n = 0;
    if (string == NULL) {
        return NX_PTR_ERROR;
    }
    while (string[n] != '\0') {
        if (n == max) {
            return NX_SIZE_ERROR;
        }
        n++;
    }
    if (length != NULL) {
        *length = n;
    }
    return NX_SUCCESS;
}

static bool is_created(const NX_IP *ip) {
    return ip != NULL && ip->nx_ip_id == NX_IP_ID;
}

/* --- Instances --------------------------------------------------------------------------------------------------- */

UINT _nx_ip_create(NX_IP *ip, CHAR *name, ULONG address, ULONG mask, NX_PACKET_POOL *pool,
                   VOID (*driver)(NX_IP_DRIVER *), VOID *memory, ULONG memory_size, UINT priority) {
    NX_PARAMETER_NOT_USED(driver);
    NX_PARAMETER_NOT_USED(memory);
    NX_PARAMETER_NOT_USED(memory_size);
    NX_PARAMETER_NOT_USED(priority);
    memset(ip, 0, sizeof *ip);
    ip->nx_ip_id = NX_IP_ID;
    ip->nx_ip_name = name;
    ip->nx_ip_address = address;
    ip->nx_ip_network_mask = mask;
    ip->nx_ip_default_packet_pool = pool;
    ip->nx_ip_status = NX_IP_INITIALIZE_DONE | NX_IP_LINK_ENABLED | NX_IP_INTERFACE_LINK_ENABLED;
    if (address != 0) {
        ip->nx_ip_status |= NX_IP_ADDRESS_RESOLVED;
    }
    ip->nx_ip_created_next = instances;
    instances = ip;
    return NX_SUCCESS;
}

UINT _nxe_ip_create(NX_IP *ip, CHAR *name, ULONG address, ULONG mask, NX_PACKET_POOL *pool,
                    VOID (*driver)(NX_IP_DRIVER *), VOID *memory, ULONG memory_size, UINT priority,
                    UINT ip_control_block_size) {
    if (ip == NULL || !packet_pool_is_created(pool) || driver == NULL || memory == NULL ||
        ip_control_block_size != sizeof(NX_IP)) {
        return NX_PTR_ERROR;
    }
    if (memory_size < TX_MINIMUM_STACK) {
        return NX_SIZE_ERROR;
    }
    if (priority >= TX_MAX_PRIORITIES) {
        return NX_OPTION_ERROR;
    }
    for (const NX_IP *other = instances; other != NULL; other = other->nx_ip_created_next) {
        if (other == ip) {
            return NX_PTR_ERROR;
        }
    }
    if ((address & CLASS_D_OR_E) == CLASS_D_OR_E) {
        return NX_IP_ADDRESS_ERROR;
    }
    return _nx_ip_create(ip, name, address, mask, pool, driver, memory, memory_size, priority);
}

UINT _nx_ip_delete(NX_IP *ip) {
    if (ip->nx_ip_tcp_created_sockets_count > 0) {
        return NX_SOCKETS_BOUND;
    }
    NX_IP **link = &instances;
    while (*link != NULL && *link != ip) {
        link = &(*link)->nx_ip_created_next;
    }
    if (*link != NULL) {
        *link = ip->nx_ip_created_next;
    }
    server_forget(ip);
    ip->nx_ip_id = 0;
    return NX_SUCCESS;
}

UINT _nxe_ip_delete(NX_IP *ip) {
    if (!is_created(ip)) {
        return NX_PTR_ERROR;
    }
    UINT error = tcp_caller_error();
    return error != NX_SUCCESS ? error : _nx_ip_delete(ip);
}

unsigned ip_open_sockets(void) {
    unsigned count = 0;
    for (const NX_IP *ip = instances; ip != NULL; ip = ip->nx_ip_created_next) {
        count += (unsigned)ip->nx_ip_tcp_created_sockets_count;
    }
    return count;
}

void ip_forget_all(void) {
    instances = NULL;
}

/* --- Addresses --------------------------------------------------------------------------------------------------- */

UINT _nx_ip_address_get(NX_IP *ip, ULONG *address, ULONG *mask) {
    *address = ip->nx_ip_address;
    *mask = ip->nx_ip_network_mask;
    return NX_SUCCESS;
}

UINT _nxe_ip_address_get(NX_IP *ip, ULONG *address, ULONG *mask) {
    return is_created(ip) && address != NULL && mask != NULL ? _nx_ip_address_get(ip, address, mask) : NX_PTR_ERROR;
}

NXD_ADDRESS ip_own_address(const NX_IP *ip, ULONG version) {
    NXD_ADDRESS own = {.nxd_ip_version = version};
    if (version == NX_IP_VERSION_V4) {
        own.nxd_ip_address.v4 = ip->nx_ip_address;
    } else if (ip->nx_ip_ipv6_address_count > 0) {
        memcpy(own.nxd_ip_address.v6, ip->nx_ip_ipv6_address[0], sizeof own.nxd_ip_address.v6);
    } else {
        own.nxd_ip_address.v6[3] = 1;
    }
    return own;
}

bool ip_owns(const NX_IP *ip, const NXD_ADDRESS *address) {
    if (address->nxd_ip_version == NX_IP_VERSION_V4) {
        return ip->nx_ip_address != 0 && ip->nx_ip_address == address->nxd_ip_address.v4;
    }
    for (UINT i = 0; i < ip->nx_ip_ipv6_address_count; i++) {
        if (memcmp(ip->nx_ip_ipv6_address[i], address->nxd_ip_address.v6, sizeof ip->nx_ip_ipv6_address[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool ip_any_owns(const NXD_ADDRESS *address) {
    for (const NX_IP *ip = instances; ip != NULL; ip = ip->nx_ip_created_next) {
        if (ip_owns(ip, address)) {
            return true;
        }
    }
    return false;
}

/* A link-local address made from the instance's IPv4 address, as there is no hardware address to make it from. */
static NXD_ADDRESS link_local(const NX_IP *ip) {
    NXD_ADDRESS address = {.nxd_ip_version = NX_IP_VERSION_V6};
    address.nxd_ip_address.v6[0] = 0xFE800000;
    address.nxd_ip_address.v6[3] = ip->nx_ip_address;
    return address;
}

UINT _nxd_ipv6_address_set(NX_IP *ip, UINT interface_index, NXD_ADDRESS *address, ULONG prefix_length, UINT *index) {
    NX_PARAMETER_NOT_USED(interface_index);
    NX_PARAMETER_NOT_USED(prefix_length);
    NXD_ADDRESS added = address != NULL ? *address : link_local(ip);
    if (ip_owns(ip, &added)) {
        return NX_DUPLICATED_ENTRY;
    }
    UINT at = ip->nx_ip_ipv6_address_count;
    if (at == NX_MAX_IPV6_ADDRESSES) {
        return NX_NO_MORE_ENTRIES;
    }
    memcpy(ip->nx_ip_ipv6_address[at], added.nxd_ip_address.v6, sizeof ip->nx_ip_ipv6_address[at]);
    ip->nx_ip_ipv6_address_count++;
    if (index != NULL) {
        *index = at;
    }
    return NX_SUCCESS;
}

UINT _nxde_ipv6_address_set(NX_IP *ip, UINT interface_index, NXD_ADDRESS *address, ULONG prefix_length, UINT *index) {
    if (!is_created(ip)) {
        return NX_PTR_ERROR;
    }
    if (address != NULL && address->nxd_ip_version != NX_IP_VERSION_V6) {
        return NX_IP_ADDRESS_ERROR;
    }
    if (interface_index >= NX_MAX_PHYSICAL_INTERFACES) {
        return NX_INVALID_INTERFACE;
    }
    return _nxd_ipv6_address_set(ip, interface_index, address, prefix_length, index);
}

/* --- Protocols --------------------------------------------------------------------------------------------------- */

static UINT enable(NX_IP *ip, ULONG bit) {
    ip->nx_ip_status |= bit;
    return NX_SUCCESS;
}

static UINT enable_checked(NX_IP *ip, ULONG bit) {
    if (!is_created(ip)) {
        return NX_PTR_ERROR;
    }
    return (ip->nx_ip_status & bit) != 0 ? NX_ALREADY_ENABLED : enable(ip, bit);
}

UINT _nx_tcp_enable(NX_IP *ip) {
    return enable(ip, NX_IP_TCP_ENABLED);
}

UINT _nxe_tcp_enable(NX_IP *ip) {
    return enable_checked(ip, NX_IP_TCP_ENABLED);
}

UINT _nx_udp_enable(NX_IP *ip) {
    return enable(ip, NX_IP_UDP_ENABLED);
}

UINT _nxe_udp_enable(NX_IP *ip) {
    return enable_checked(ip, NX_IP_UDP_ENABLED);
}

UINT _nx_arp_enable(NX_IP *ip, VOID *cache, ULONG cache_size) {
    NX_PARAMETER_NOT_USED(cache);
    NX_PARAMETER_NOT_USED(cache_size);
    return enable(ip, NX_IP_ARP_ENABLED);
}

UINT _nxe_arp_enable(NX_IP *ip, VOID *cache, ULONG cache_size) {
    if (!is_created(ip) || cache == NULL) {
        return NX_PTR_ERROR;
    }
    if (cache_size == 0) {
        return NX_SIZE_ERROR;
    }
    return enable_checked(ip, NX_IP_ARP_ENABLED);
}

UINT _nx_icmp_enable(NX_IP *ip) {
    ip->nx_ip_icmp_enabled = NX_TRUE;
    return NX_SUCCESS;
}

UINT _nxe_icmp_enable(NX_IP *ip) {
    if (!is_created(ip)) {
        return NX_PTR_ERROR;
    }
    return ip->nx_ip_icmp_enabled ? NX_ALREADY_ENABLED : _nx_icmp_enable(ip);
}

UINT _nxd_icmp_enable(NX_IP *ip) {
    return _nx_icmp_enable(ip);
}

UINT _nxde_icmp_enable(NX_IP *ip) {
    return is_created(ip) ? _nxd_icmp_enable(ip) : NX_PTR_ERROR;
}

UINT _nxd_ipv6_enable(NX_IP *ip) {
    if (ip->nx_ip_ipv6_enabled) {
        return NX_ALREADY_ENABLED;
    }
    ip->nx_ip_ipv6_enabled = NX_TRUE;
    return NX_SUCCESS;
}

UINT _nxde_ipv6_enable(NX_IP *ip) {
    return is_created(ip) ? _nxd_ipv6_enable(ip) : NX_PTR_ERROR;
}

/* --- Status ------------------------------------------------------------------------------------------------------ */

#define STATUS_BITS                                                                                                \
    (NX_IP_INITIALIZE_DONE | NX_IP_ADDRESS_RESOLVED | NX_IP_LINK_ENABLED | NX_IP_ARP_ENABLED | NX_IP_UDP_ENABLED | \
     NX_IP_TCP_ENABLED | NX_IP_IGMP_ENABLED | NX_IP_RARP_COMPLETE | NX_IP_INTERFACE_LINK_ENABLED)

/* Nothing here changes while the caller waits, except by another thread of the program: so it looks once a tick. */
UINT _nx_ip_status_check(NX_IP *ip, ULONG needed, ULONG *actual, ULONG wait) {
    uint64_t deadline = sched_deadline(wait);
    *actual = ip->nx_ip_status & needed;
    while (*actual != needed && wait != NX_NO_WAIT && sched_deadline(0) < deadline) {
        if (tx_thread_sleep(1) != TX_SUCCESS) {
            break;
        }
        *actual = ip->nx_ip_status & needed;
    }
    return *actual == needed ? NX_SUCCESS : NX_NOT_SUCCESSFUL;
}

UINT _nxe_ip_status_check(NX_IP *ip, ULONG needed, ULONG *actual, ULONG wait) {
    if (!is_created(ip) || actual == NULL) {
        return NX_PTR_ERROR;
    }
    if ((needed & ~STATUS_BITS) != 0) {
        return NX_OPTION_ERROR;
    }
    UINT error = tcp_caller_error();
    return error != NX_SUCCESS ? error : _nx_ip_status_check(ip, needed, actual, wait);
}
