/* SPDX-License-Identifier: MIT */
/* The UART of SiFive's FE310 (manual, chapter 18), polled: its eight octets of FIFO wait while the engine works. */
#include "board.h"
#include "ring.h"

typedef struct sifive_uart {
    volatile uint32_t tx, rx, tx_control, rx_control, interrupt_enable, interrupt_pending, divisor;
} sifive_uart;

enum { TX_ENABLE = 1, RX_ENABLE = 1, DIVISOR = 16000000 / 115200 - 1 };

#define TX_FULL 0x80000000U
#define RX_EMPTY 0x80000000U

static sifive_uart *const uarts[] = {(sifive_uart *)0x10013000U, (sifive_uart *)0x10023000U};
static ring rings[2];

void board_start(void) {
    for (int i = 0; i < 2; i++) {
        uarts[i]->divisor = DIVISOR;
        uarts[i]->tx_control = TX_ENABLE;
        uarts[i]->rx_control = RX_ENABLE;
    }
}

static void fill(board_uart uart) {
    while (!ring_full(&rings[uart])) {
        uint32_t received = uarts[uart]->rx;

        if ((received & RX_EMPTY) != 0) {
            return;
        }
        ring_put(&rings[uart], (char)received);
    }
}

size_t uart_received(board_uart uart, const char **octets) {
    fill(uart);
    return ring_span(&rings[uart], octets);
}

void uart_release(board_uart uart, size_t n) {
    rings[uart].taken += (uint32_t)n;
}

/* This UART does not tell. */
bool uart_overrun(board_uart uart) {
    (void)uart;
    return false;
}

/* No interrupt is enabled that could end a sleep. */
void uart_wait(board_uart uart) {
    fill(uart);
}

void uart_send(board_uart uart, const void *octets, size_t n) {
    const uint8_t *at = octets;

    for (; n != 0; n--) {
        while ((uarts[uart]->tx & TX_FULL) != 0) {
            fill(UART_SERVER);
        }
        uarts[uart]->tx = *at++;
    }
}
