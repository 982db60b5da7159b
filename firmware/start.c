/* SPDX-License-Identifier: MIT */
/* From reset to main() in C: paints the stack, gives the variables their first values. Knows no board. */
#include <string.h>

#include "board.h"
#include "cpu.h"

enum { PAINT = 0x5AC3A53C };

/* Where the linker script puts things. */
extern uint32_t stack_bottom[], stack_top[];
extern char data_start[], data_end[], data_in_flash[], bss_start[], bss_end[];

int main(void);
_Noreturn void board_reset(void);

/* In a loop of its own: what memset() uses of the stack lies below the pointer. */
static void paint(const uint32_t *stack_pointer) {
    for (volatile uint32_t *at = stack_bottom; at < stack_pointer; at++) {
        *at = PAINT;
    }
}

_Noreturn void board_reset(void) {
    paint(cpu_stack_pointer());
    memcpy(data_start, data_in_flash, (size_t)(data_end - data_start));
    memset(bss_start, 0, (size_t)(bss_end - bss_start));
    board_start();
    board_stop(main());
}

size_t stack_used(void) {
    const uint32_t *at = stack_bottom;

    while (at < stack_top && *at == PAINT) {
        at++;
    }
    return (size_t)((const char *)stack_top - (const char *)at);
}

size_t stack_size(void) {
    return (size_t)((const char *)stack_top - (const char *)stack_bottom);
}
