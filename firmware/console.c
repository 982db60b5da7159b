/* SPDX-License-Identifier: MIT */
/* Text on the console's UART. Knows nothing of what it says. */
#include "console.h"

#include <string.h>

#include "board.h"

void console_text(const char *text) {
    uart_send(UART_CONSOLE, text, strlen(text));
}

void console_number(uint32_t number) {
    char digits[10];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    uart_send(UART_CONSOLE, digits + at, sizeof digits - at);
}

static char next_octet(void) {
    const char *octets;
    char octet;

    while (uart_received(UART_CONSOLE, &octets) == 0) {
        uart_wait(UART_CONSOLE);
    }
    octet = *octets;
    uart_release(UART_CONSOLE, 1);
    return octet;
}

size_t console_line(char *line, size_t size) {
    static char before; /* a terminal may end lines with CR, LF or both */
    size_t n = 0;

    for (;;) {
        char octet = next_octet();
        char last = before;

        before = octet;
        if (octet == '\n' && last == '\r') {
            continue;
        }
        if (octet == '\r' || octet == '\n') {
            break;
        }
        if (octet == '\b' || octet == 0x7F) {
            n -= n != 0;
        } else if (n + 1 < size) {
            line[n++] = octet;
        }
    }
    line[n] = '\0';
    return n;
}
