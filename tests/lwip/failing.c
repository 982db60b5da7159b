/* SPDX-License-Identifier: MIT */
/*
 * Calls of lwIP that fail on request: LWIP_FAIL=call:n makes the n-th use of new, connect, write or close fail as lwIP
 * documents it, broken:n the n-th write with an error that does not pass, room:n leaves n octets of send buffer. A
 * failure that happened is told on standard error. Knows nothing of POP3.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lwip/tcp.h>

struct tcp_pcb *__real_tcp_new_ip_type(u8_t type);
struct tcp_pcb *__wrap_tcp_new_ip_type(u8_t type);
err_t __real_tcp_connect(struct tcp_pcb *pcb, const ip_addr_t *address, u16_t port, tcp_connected_fn connected);
err_t __wrap_tcp_connect(struct tcp_pcb *pcb, const ip_addr_t *address, u16_t port, tcp_connected_fn connected);
err_t __real_tcp_write(struct tcp_pcb *pcb, const void *octets, u16_t length, u8_t flags);
err_t __wrap_tcp_write(struct tcp_pcb *pcb, const void *octets, u16_t length, u8_t flags);
err_t __real_tcp_close(struct tcp_pcb *pcb);
err_t __wrap_tcp_close(struct tcp_pcb *pcb);

/* The number that LWIP_FAIL gives for this call, or 0. */
static unsigned long asked(const char *call) {
    const char *request = getenv("LWIP_FAIL");
    size_t length = strlen(call);

    return request != NULL && strncmp(request, call, length) == 0 && request[length] == ':'
               ? strtoul(request + length + 1, NULL, 10)
               : 0;
}

static bool fails(const char *call, unsigned *uses) {
    if (++*uses != asked(call)) {
        return false;
    }
    fprintf(stderr, "failing: %s %u\n", call, *uses);
    return true;
}

struct tcp_pcb *__wrap_tcp_new_ip_type(u8_t type) {
    static unsigned uses;
    return fails("new", &uses) ? NULL : __real_tcp_new_ip_type(type);
}

err_t __wrap_tcp_connect(struct tcp_pcb *pcb, const ip_addr_t *address, u16_t port, tcp_connected_fn connected) {
    static unsigned uses;

    if (asked("room") != 0) {
        pcb->snd_buf = (tcpwnd_size_t)asked("room");
    }
    return fails("connect", &uses) ? ERR_MEM : __real_tcp_connect(pcb, address, port, connected);
}

err_t __wrap_tcp_write(struct tcp_pcb *pcb, const void *octets, u16_t length, u8_t flags) {
    static unsigned uses, broken;

    if (fails("broken", &broken)) {
        return ERR_CONN;
    }
    return fails("write", &uses) ? ERR_MEM : __real_tcp_write(pcb, octets, length, flags);
}

err_t __wrap_tcp_close(struct tcp_pcb *pcb) {
    static unsigned uses;
    return fails("close", &uses) ? ERR_MEM : __real_tcp_close(pcb);
}
