/* SPDX-License-Identifier: MIT */
/* Prints message 1. Descriptor 0 is the connection to the server: first NAME PASSWORD 0<>/dev/tcp/127.0.0.1/2110 */
#include <satchel/pop3_engine.h>
#include <stdio.h>
#include <unistd.h>

static pop3_engine engine;
static int result;

static void command(pop3_verb verb, const char *text, uint32_t number) {
    pop3_arg arg = {.text = text, .number = number};
    pop3_error error = pop3_engine_command(&engine, verb, &arg, 0);
    if (error != POP3_SUCCESS) {
        pop3_engine_abort(&engine, error); /* a name with a blank, say */
    }
}

static void show_refusal(const pop3_event *event) {
    fprintf(stderr, "refused: %.*s\n", (int)event->length, event->data);
    result = 1;
}

/* The command that follows the reply to `verb`. */
static void next(pop3_verb verb, char **argv) {
    switch (result == 0 ? verb : POP3_RETR) {
    case POP3_GREETING: command(POP3_USER, argv[1], 0); break;
    case POP3_USER: command(POP3_PASS, argv[2], 0); break;
    case POP3_PASS: command(POP3_RETR, NULL, 1); break;
    default: command(POP3_QUIT, NULL, 0);
    }
}

int main(int argc, char **argv) {
    static char line[1024], output[POP3_COMMAND_MAX], in[65536];
    const pop3_engine_buffers buffers = {line, output, sizeof line, sizeof output};
    const char *at = in;
    ssize_t left = 0;
    pop3_event event;
    int replied =
        -1; /* the verb whose reply is complete: the next command is due once all octets at hand were offered */

    if (argc != 3) {
        return 64;
    }
    pop3_engine_init(&engine, &buffers);
    for (;;) {
        size_t n;
        const void *out = pop3_engine_output(&engine, &n);
        if (n != 0) {
            ssize_t sent = write(0, out, n);
            pop3_engine_output_done(&engine, sent > 0 ? (size_t)sent : 0);
            if (sent < 0) {
                pop3_engine_abort(&engine, POP3_IO);
            }
            continue;
        }
        size_t used = pop3_engine_input(&engine, at, (size_t)left, &event);
        at += used;
        left -= (ssize_t)used;
        switch (event.type) {
        case POP3_EVENT_NEED_INPUT:
            if (replied >= 0) {
                next((pop3_verb)replied, argv);
                replied = -1;
                break;
            }
            at = in;
            left = read(0, in, sizeof in);
            if (left <= 0) {
                left = 0;
                pop3_engine_eof(&engine);
            }
            break;
        case POP3_EVENT_BODY: (void)fwrite(event.data, 1, event.length, stdout); break;
        case POP3_EVENT_CLOSED: return result;
        case POP3_EVENT_FAIL: fprintf(stderr, "failed: error %d\n", event.error); return 1;
        case POP3_EVENT_ERR: show_refusal(&event); /* fall through */
        default:
            if (!event.more) { /* else BODY and END follow */
                replied = event.verb;
            }
        }
    }
}
