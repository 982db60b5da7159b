/* SPDX-License-Identifier: MIT */
/* NetX addresses (host octet order) and the host's socket addresses. Knows nothing of connections. */
#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

bool address_equal(const NXD_ADDRESS *a, const NXD_ADDRESS *b) {
    if (a->nxd_ip_version != b->nxd_ip_version) {
        return false;
    }
    if (a->nxd_ip_version == NX_IP_VERSION_V4) {
        return a->nxd_ip_address.v4 == b->nxd_ip_address.v4;
    }
    return memcmp(a->nxd_ip_address.v6, b->nxd_ip_address.v6, sizeof a->nxd_ip_address.v6) == 0;
}

bool address_is_loopback(const NXD_ADDRESS *address) {
    const ULONG *v6 = address->nxd_ip_address.v6;
    return address->nxd_ip_version == NX_IP_VERSION_V4 ? address->nxd_ip_address.v4 >> 24 == 127
                                                       : v6[0] == 0 && v6[1] == 0 && v6[2] == 0 && v6[3] == 1;
}

socklen_t address_to_host(const NXD_ADDRESS *address, UINT port, struct sockaddr_storage *to) {
    memset(to, 0, sizeof *to);
    if (address->nxd_ip_version == NX_IP_VERSION_V4) {
        struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
        v4.sin_addr.s_addr = htonl((uint32_t)address->nxd_ip_address.v4);
        memcpy(to, &v4, sizeof v4);
        return sizeof v4;
    }
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    for (size_t i = 0; i < 4; i++) {
        uint32_t word = htonl((uint32_t)address->nxd_ip_address.v6[i]);
        memcpy(v6.sin6_addr.s6_addr + 4 * i, &word, sizeof word);
    }
    memcpy(to, &v6, sizeof v6);
    return sizeof v6;
}

void address_from_host(const struct sockaddr_storage *from, NXD_ADDRESS *address, UINT *port) {
    memset(address, 0, sizeof *address);
    if (from->ss_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, from, sizeof v4);
        address->nxd_ip_version = NX_IP_VERSION_V4;
        address->nxd_ip_address.v4 = ntohl(v4.sin_addr.s_addr);
        *port = ntohs(v4.sin_port);
        return;
    }
    struct sockaddr_in6 v6;
    memcpy(&v6, from, sizeof v6);
    address->nxd_ip_version = NX_IP_VERSION_V6;
    for (size_t i = 0; i < 4; i++) {
        uint32_t word;
        memcpy(&word, v6.sin6_addr.s6_addr + 4 * i, sizeof word);
        address->nxd_ip_address.v6[i] = ntohl(word);
    }
    *port = ntohs(v6.sin6_port);
}
