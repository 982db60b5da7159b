/* SPDX-License-Identifier: MIT */
/* A program that has nothing of the engine but its two files: a session by APOP. Knows neither CMake nor the rooms. */
#include "pop3_engine.h"

#include <stdio.h>
#include <string.h>

#define TIMESTAMP "<1896.697170952@dbc.mtview.ca.us>"
#define SECRET "tanstaaf"

/* The octets 0 to 15 for the message of RFC 1939 section 7, 0 for any other. */
static void digest(const pop3_span *spans, size_t n, uint8_t *out) {
    bool good = n == 2 && spans[0].length == strlen(TIMESTAMP) &&
                memcmp(spans[0].data, TIMESTAMP, spans[0].length) == 0 && spans[1].length == strlen(SECRET) &&
                memcmp(spans[1].data, SECRET, spans[1].length) == 0;

    for (unsigned i = 0; i < 16; i++) {
        out[i] = (uint8_t)(good ? i : 0);
    }
}

/* The one event in `received`. */
static pop3_event event_of(pop3_engine *engine, const char *received) {
    pop3_event event;
    size_t used = pop3_engine_input(engine, received, strlen(received), &event);

    if (used != strlen(received)) {
        event.type = POP3_EVENT_FAIL;
    }
    return event;
}

/* Is this all that there is to send? */
static bool sends(pop3_engine *engine, const char *wanted) {
    size_t n;
    const char *output = (const char *)pop3_engine_output(engine, &n);
    bool same = n == strlen(wanted) && memcmp(output, wanted, n) == 0;

    pop3_engine_output_done(engine, n);
    return same;
}

static bool session(void) {
    static pop3_engine engine;
    static char line[512], output[POP3_COMMAND_MAX];
    const pop3_engine_buffers buffers = {line, output, sizeof line, sizeof output};
    char hex[POP3_APOP_HEX + 1];
    pop3_arg apop = {"mrose", hex, 0, 0};
    pop3_span message[2] = {{NULL, 0}, {SECRET, strlen(SECRET)}};
    pop3_event event;

    pop3_engine_init(&engine, &buffers);
    event = event_of(&engine, "+OK POP3 server ready " TIMESTAMP "\r\n");
    message[0].data = pop3_parse_timestamp(event.data, event.length, &message[0].length);
    if (event.type != POP3_EVENT_GREETING || message[0].data == NULL) {
        return false;
    }
    pop3_apop_digest(message, digest, hex);
    if (pop3_engine_command(&engine, POP3_APOP, &apop, 0) != POP3_SUCCESS ||
        !sends(&engine, "APOP mrose 000102030405060708090a0b0c0d0e0f\r\n") ||
        event_of(&engine, "+OK maildrop has 1 message (369 octets)\r\n").type != POP3_EVENT_OK) {
        return false;
    }
    return pop3_engine_command(&engine, POP3_QUIT, NULL, 0) == POP3_SUCCESS && sends(&engine, "QUIT\r\n") &&
           event_of(&engine, "+OK\r\n").type == POP3_EVENT_OK && event_of(&engine, "").type == POP3_EVENT_CLOSED;
}

int main(void) {
    bool good = session();

    puts(good ? "a session by APOP" : "the session failed");
    return good ? 0 : 1;
}
