/* SPDX-License-Identifier: MIT */
/* Facts of MPS2 with the image AN385 (Arm DAI 0385), and what its files share. */
#ifndef SATCHEL_FIRMWARE_MPS2_H
#define SATCHEL_FIRMWARE_MPS2_H

enum { BOARD_CLOCK_HZ = 25000000, BAUD = 115200 };
enum { UART0_IRQ = 0, UART1_IRQ = 2 }; /* receive; the odd numbers between are those of transmit */

#define UART0_BASE 0x40004000U
#define UART1_BASE 0x40005000U

void uart_start(void);
void uart_drain(void); /* until the last octet has left */
void uart_server_interrupt(void);
void uart_console_interrupt(void);

#endif
