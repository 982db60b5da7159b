/* SPDX-License-Identifier: MIT */
/* Entry, clock and the end of the program on SiFive's FE310 (HiFive1 Rev B, QEMU's sifive_e). Knows no UART. */
#include "board.h"

#include "cpu.h"

#define MTIME ((const volatile uint32_t *)0x0200BFF8U) /* the low word */

enum { MTIME_PER_MS = 10000 }; /* in QEMU; the board's crystal gives 32.768 */

/* Semihosting: SYS_EXIT_EXTENDED with ADP_Stopped_ApplicationExit and a status. */
enum { SYS_EXIT_EXTENDED = 0x20, STOPPED_EXIT = 0x20026, STATUS_FAULT = 70 };

void board_entry(void);
void fault_entry(void);
void board_fault(void);

__attribute__((naked, section(".vectors"))) void board_entry(void) {
    __asm volatile(".option push\n.option norelax\n.option arch, +zicsr\n"
                   "la gp, __global_pointer$\nla sp, stack_top\nla t0, fault_entry\ncsrw mtvec, t0\n"
                   ".option pop\nj board_reset");
}

/* On a fresh stack: that it ran over may be the fault. */
__attribute__((naked, aligned(4), used)) void fault_entry(void) {
    __asm volatile("la sp, stack_top\nj board_fault");
}

__attribute__((used)) void board_fault(void) {
    board_stop(STATUS_FAULT);
}

/* Whole milliseconds are carried over from call to call: right while the low word (429 s) does not pass unseen. */
uint32_t clock_ms(void) {
    static uint32_t ms, seen;
    uint32_t passed = (*MTIME - seen) / MTIME_PER_MS;

    ms += passed;
    seen += passed * MTIME_PER_MS;
    return ms;
}

_Noreturn void board_stop(int status) {
    const uint32_t reason[2] = {STOPPED_EXIT, (uint32_t)status};

    for (;;) {
        cpu_semihosting(SYS_EXIT_EXTENDED, reason);
    }
}
