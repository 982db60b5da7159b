/* SPDX-License-Identifier: MIT */
/* Text on the console. */
#ifndef SATCHEL_FIRMWARE_CONSOLE_H
#define SATCHEL_FIRMWARE_CONSOLE_H

#include <stddef.h>
#include <stdint.h>

void console_text(const char *text);
void console_number(uint32_t number);

/* Reads a line into line[], NUL instead of its end; returns its length. What does not fit is dropped; nothing is echoed. */
size_t console_line(char *line, size_t size);

#endif
