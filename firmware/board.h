/* SPDX-License-Identifier: MIT */
/* What an application asks of a board: two UARTs, a clock, an end. Knows nothing of mail. A port is these functions. */
#ifndef SATCHEL_FIRMWARE_BOARD_H
#define SATCHEL_FIRMWARE_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum board_uart { UART_SERVER, UART_CONSOLE } board_uart;

/* Called once, before everything else but the stack's paint. */
void board_start(void);

/* Returns when the transmitter has taken the last octet. */
void uart_send(board_uart uart, const void *octets, size_t n);

/* Octets received and not yet released, where they lie; perhaps not all. They stay as they are until uart_release(). */
size_t uart_received(board_uart uart, const char **octets);

/* The first n of them are done with. */
void uart_release(board_uart uart, size_t n);

/* Octets were lost since the start: the sender did not heed flow control. */
bool uart_overrun(board_uart uart);

/* Sleeps until something was received or a millisecond is over, whichever is first. */
void uart_wait(board_uart uart);

/* Milliseconds since the start. It wraps around: compare differences. */
uint32_t clock_ms(void);

/* The end of the program, with a status for a debugger or an emulator. */
_Noreturn void board_stop(int status);

/* Octets of stack that were ever used, and that there are. */
size_t stack_used(void);
size_t stack_size(void);

#endif
