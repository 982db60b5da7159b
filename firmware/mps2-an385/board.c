/* SPDX-License-Identifier: MIT */
/* Vectors, SysTick and the end of the program on MPS2 with the image AN385: a Cortex-M3 at 25 MHz. Knows no UART. */
#include "board.h"

#include "cpu.h"
#include "mps2.h"

enum { TICKS_PER_MS = BOARD_CLOCK_HZ / 1000 };

/* SysTick, ARMv7-M Architecture Reference Manual B3.3. */
typedef struct systick {
    volatile uint32_t control, reload, value, calibration;
} systick;

enum { SYSTICK_ENABLE = 1, SYSTICK_INTERRUPT = 2, SYSTICK_CPU_CLOCK = 4 };

#define SYSTICK ((systick *)0xE000E010U)

/* Semihosting: SYS_EXIT_EXTENDED with ADP_Stopped_ApplicationExit and a status. */
enum { SYS_EXIT_EXTENDED = 0x20, STOPPED_EXIT = 0x20026, STATUS_FAULT = 70 };

extern uint32_t stack_top[];

static volatile uint32_t now_ms;

_Noreturn void board_reset(void);
static void clock_interrupt(void);
static void fault_entry(void);
void board_fault(void);

/* Entry 0 is the stack's top; the others are functions. */
typedef union vector {
    const void *stack;
    void (*function)(void);
} vector;

__attribute__((section(".vectors"), used)) static const vector vectors[16 + 3] = {
    [0] = {.stack = stack_top},
    [1] = {.function = board_reset},
    [2] = {.function = fault_entry},
    [3] = {.function = fault_entry},
    [15] = {.function = clock_interrupt},
    [16 + UART0_IRQ] = {.function = uart_server_interrupt},
    [16 + UART1_IRQ] = {.function = uart_console_interrupt}};

static void clock_interrupt(void) {
    now_ms = now_ms + 1;
}

/* On a fresh stack: that it ran over may be the fault. */
__attribute__((naked)) static void fault_entry(void) {
    __asm volatile("ldr r0, =stack_top\nmov sp, r0\nb board_fault");
}

__attribute__((used)) void board_fault(void) {
    board_stop(STATUS_FAULT);
}

void board_start(void) {
    SYSTICK->reload = TICKS_PER_MS - 1;
    SYSTICK->value = 0;
    SYSTICK->control = SYSTICK_ENABLE | SYSTICK_INTERRUPT | SYSTICK_CPU_CLOCK;
    uart_start();
}

uint32_t clock_ms(void) {
    return now_ms;
}

/* Without a debugger the breakpoint locks the core up, which is the end as well. */
_Noreturn void board_stop(int status) {
    const uint32_t reason[2] = {STOPPED_EXIT, (uint32_t)status};

    uart_drain();
    for (;;) {
        cpu_semihosting(SYS_EXIT_EXTENDED, reason);
    }
}
