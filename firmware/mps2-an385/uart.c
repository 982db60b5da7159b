/* SPDX-License-Identifier: MIT */
/* The CMSDK APB UART (Arm DDI 0479): received by interrupts into a ring, sent by waiting. Knows nothing of mail. */
#include "board.h"
#include "cpu.h"
#include "mps2.h"
#include "ring.h"

typedef struct cmsdk_uart {
    volatile uint32_t data, state, control, interrupt, baud_divisor;
} cmsdk_uart;

enum { STATE_TX_FULL = 1, STATE_RX_FULL = 2, STATE_RX_OVERRUN = 8 };
enum { CONTROL_TX = 1, CONTROL_RX = 2, CONTROL_RX_INTERRUPT = 8, INTERRUPT_RX = 2 };

#define NVIC_ENABLE ((volatile uint32_t *)0xE000E100U)

static cmsdk_uart *const uarts[] = {(cmsdk_uart *)UART0_BASE, (cmsdk_uart *)UART1_BASE};
static ring rings[2];

void uart_start(void) {
    for (int i = 0; i < 2; i++) {
        uarts[i]->baud_divisor = BOARD_CLOCK_HZ / BAUD;
        uarts[i]->control = CONTROL_TX | CONTROL_RX | CONTROL_RX_INTERRUPT;
    }
    *NVIC_ENABLE = 1U << UART0_IRQ | 1U << UART1_IRQ;
}

/* While the ring is full an octet stays in the UART; the next one would be an overrun, were there no flow control. */
static void fill(board_uart uart) {
    while (!ring_full(&rings[uart]) && (uarts[uart]->state & STATE_RX_FULL) != 0) {
        ring_put(&rings[uart], (char)uarts[uart]->data);
    }
}

/* Acknowledged first: an octet that comes meanwhile raises it again. */
void uart_server_interrupt(void) {
    uarts[UART_SERVER]->interrupt = INTERRUPT_RX;
    fill(UART_SERVER);
}

void uart_console_interrupt(void) {
    uarts[UART_CONSOLE]->interrupt = INTERRUPT_RX;
    fill(UART_CONSOLE);
}

size_t uart_received(board_uart uart, const char **octets) {
    return ring_span(&rings[uart], octets);
}

/* Fills the ring too, because the interrupt of an octet that found it full is over. */
void uart_release(board_uart uart, size_t n) {
    cpu_interrupts_off();
    rings[uart].taken += (uint32_t)n;
    fill(uart);
    cpu_interrupts_on();
}

bool uart_overrun(board_uart uart) {
    return (uarts[uart]->state & STATE_RX_OVERRUN) != 0;
}

/* Interrupts are off between the look and the sleep, so that none slips in between. */
void uart_wait(board_uart uart) {
    cpu_interrupts_off();
    if (rings[uart].put == rings[uart].taken) {
        cpu_sleep();
    }
    cpu_interrupts_on();
}

void uart_send(board_uart uart, const void *octets, size_t n) {
    const uint8_t *at = octets;

    for (; n != 0; n--) {
        while ((uarts[uart]->state & STATE_TX_FULL) != 0) {}
        uarts[uart]->data = *at++;
    }
}

void uart_drain(void) {
    for (int i = 0; i < 2; i++) {
        while ((uarts[i]->state & STATE_TX_FULL) != 0) {}
    }
}
