/* SPDX-License-Identifier: MIT */
/*
 * Only for Debian's liblwip, not for a board. Its pool of receive buffers (2.1.3+dfsg1-2) was compiled with the TCP_MSS
 * of <netinet/tcp.h>, 512: 592 octets, while the library fills them with frames of up to 1,514. The dynamic linker
 * prefers this definition, which is what lwIP's headers say. Knows nothing else.
 */
#define _POSIX_C_SOURCE 200809L

#include <limits.h>

#include <lwip/memp.h>
#include <lwip/pbuf.h>

/* NOLINTNEXTLINE(-Wmissing-variable-declarations): no header of lwIP declares it */
__attribute__((visibility("default"))) const struct memp_desc memp_PBUF_POOL = {
    .size = LWIP_MEM_ALIGN_SIZE(sizeof(struct pbuf)) + LWIP_MEM_ALIGN_SIZE(PBUF_POOL_BUFSIZE)};
