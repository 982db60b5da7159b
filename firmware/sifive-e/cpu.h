/* SPDX-License-Identifier: MIT */
/* What C cannot say to a RISC-V core. */
#ifndef SATCHEL_FIRMWARE_CPU_H
#define SATCHEL_FIRMWARE_CPU_H

#include <stdint.h>

static inline const void *cpu_stack_pointer(void) {
    const void *pointer;

    __asm volatile("mv %0, sp" : "=r"(pointer));
    return pointer;
}

/* These three instructions, uncompressed, are the request to a debugger or an emulator (RISC-V Semihosting 0.4). */
static inline void cpu_semihosting(uint32_t request, const void *argument) {
    register uint32_t a0 __asm("a0") = request;
    register const void *a1 __asm("a1") = argument;

    __asm volatile(".option push\n.option norvc\n.balign 16\n" /* within one page */
                   "slli zero, zero, 0x1f\nebreak\nsrai zero, zero, 7\n.option pop"
                   : "+r"(a0)
                   : "r"(a1)
                   : "memory");
}

#endif
