/* SPDX-License-Identifier: MIT */
/* What C cannot say to a Cortex-M. */
#ifndef SATCHEL_FIRMWARE_CPU_H
#define SATCHEL_FIRMWARE_CPU_H

#include <stdint.h>

static inline const void *cpu_stack_pointer(void) {
    const void *pointer;

    __asm volatile("mov %0, sp" : "=r"(pointer));
    return pointer;
}

static inline void cpu_interrupts_off(void) {
    __asm volatile("cpsid i" ::: "memory");
}

static inline void cpu_interrupts_on(void) {
    __asm volatile("cpsie i" ::: "memory");
}

/* Returns as soon as an interrupt is pending, even while interrupts are off. */
static inline void cpu_sleep(void) {
    __asm volatile("wfi" ::: "memory");
}

/* A debugger or an emulator takes the request (Arm IHI 0071). */
static inline void cpu_semihosting(uint32_t request, const void *argument) {
    register uint32_t r0 __asm("r0") = request;
    register const void *r1 __asm("r1") = argument;

    __asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
}

#endif
