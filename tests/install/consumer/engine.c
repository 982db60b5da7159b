/* SPDX-License-Identifier: MIT */
/* A program outside the repository that uses the installed engine: the greeting is read, STAT is refused before login. */
#include <satchel/pop3_engine.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    static pop3_engine engine;
    static char line[512], output[POP3_COMMAND_MAX];
    static const char greeting[] = "+OK ready\r\n";
    const pop3_engine_buffers buffers = {line, output, sizeof line, sizeof output};
    pop3_event event;

    pop3_engine_init(&engine, &buffers);
    size_t used = pop3_engine_input(&engine, greeting, sizeof greeting - 1, &event);
    if (used != sizeof greeting - 1 || event.type != POP3_EVENT_GREETING || event.length != 5 ||
        memcmp(event.data, "ready", 5) != 0) {
        fputs("no greeting\n", stderr);
        return 1;
    }
    if (pop3_engine_command(&engine, POP3_STAT, NULL, 0) != POP3_STATE) {
        fputs("STAT before login was not refused\n", stderr);
        return 1;
    }
    return 0;
}
