/* SPDX-License-Identifier: MIT */
/* A mail terminal: asks for the account on one UART, fetches its mail through the other. Knows no board. */
#include "board.h"
#include "console.h"
#include "mail.h"

enum { PATIENCE_S = 60, PATIENCE_MOST_S = 3600 }; /* L-01 */
enum { QUIET_MS = 2 }; /* before a command: what a server sends unasked must not pass for the reply */

/* Moves octets between the server's UART and the engine until the session is over. */
static void run(mail *session, uint32_t patience_ms) {
    uint32_t heard = clock_ms();
    pop3_event event;
    bool going = true;

    while (going) {
        const char *in;
        size_t used, unsent, n = uart_received(UART_SERVER, &in);
        const void *out = pop3_engine_output(&session->engine, &unsent);

        if (n != 0) {
            heard = clock_ms();
        }
        if (unsent != 0 && n != 0) {
            pop3_engine_abort(&session->engine, POP3_PROTO); /* more than was asked for */
        } else if (unsent != 0 && clock_ms() - heard >= QUIET_MS) {
            uart_send(UART_SERVER, out, unsent);
            pop3_engine_output_done(&session->engine, unsent);
            heard = clock_ms();
        }

        used = pop3_engine_input(&session->engine, in, n, &event);
        if (event.type != POP3_EVENT_NEED_INPUT) {
            going = mail_event(session, &event);
        } else if (uart_overrun(UART_SERVER)) {
            mail_give_up(session, "octets were lost on the way: the UART needs flow control");
        } else if (clock_ms() - heard >= patience_ms) {
            mail_give_up(session, "the server fell silent");
        } else if (n == 0) {
            uart_wait(UART_SERVER);
        }
        uart_release(UART_SERVER, used); /* not before: an event points into the ring */
    }
}

static size_t ask(const char *question, char *answer, size_t size) {
    console_text(question);
    return console_line(answer, size);
}

static uint32_t ask_patience_ms(void) {
    char answer[8];
    uint32_t seconds[2];

    pop3_parse_numbers(answer, ask("seconds to wait for a reply (60)? ", answer, sizeof answer), seconds);
    return 1000 * (seconds[0] == 0 || seconds[0] > PATIENCE_MOST_S ? PATIENCE_S : seconds[0]);
}

static void tell_stack(void) {
    console_text("stack: ");
    console_number((uint32_t)stack_used());
    console_text(" of ");
    console_number((uint32_t)stack_size());
    console_text(" octets\r\n");
}

int main(void) {
    static char user[64], password[128];
    static mail session;
    uint32_t patience_ms;

    ask("user? ", user, sizeof user);
    ask("password? ", password, sizeof password);
    patience_ms = ask_patience_ms();
    console_text("\r\n");
    mail_begin(&session, user, password);
    run(&session, patience_ms);
    tell_stack();
    return session.status;
}
