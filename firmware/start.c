/* SPDX-License-Identifier: MIT */
/* From reset to main() in C: paints the stack, gives the variables their first values. Knows no board. */
#include <string.h>

#include "board.h"
#include "cpu.h"

enum { PAINT = 0x5AC3A53C };

/* Where the linker script puts things. */
extern volatile uint32_t stack_bottom[];
extern char stack_top[], data_start[], data_end[], data_in_flash[], bss_start[], bss_end[];

int main(void);
_Noreturn void board_reset(void);

static size_t octets_between(const volatile void *from, const void *to) {
    return (size_t)((uintptr_t)to - (uintptr_t)from);
}

/* In a loop of its own: what memset() uses of the stack lies below the pointer. */
static void paint(const void *stack_pointer) {
    size_t words = octets_between(stack_bottom, stack_pointer) / sizeof stack_bottom[0];

    for (size_t at = 0; at < words; at++) {
        stack_bottom[at] = PAINT;
    }
}

_Noreturn void board_reset(void) {
    paint(cpu_stack_pointer());
    memcpy(data_start, data_in_flash, octets_between(data_start, data_end));
    memset(bss_start, 0, octets_between(bss_start, bss_end));
    board_start();
    board_stop(main());
}

size_t stack_size(void) {
    return octets_between(stack_bottom, stack_top);
}

size_t stack_used(void) {
    size_t unused = 0;

    while (unused < stack_size() && stack_bottom[unused / sizeof stack_bottom[0]] == PAINT) {
        unused += sizeof stack_bottom[0];
    }
    return stack_size() - unused;
}
