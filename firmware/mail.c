/* SPDX-License-Identifier: MIT */
/* USER, PASS, STAT, then RETR and DELE of each mail, QUIT. Each mail goes to the console octet for octet. */
#include "mail.h"

#include "board.h"
#include "console.h"

static const char *asked(const mail *session) {
    return session->asked == POP3_GREETING ? "login" : pop3_verb_name(session->asked);
}

static void complain(mail *session, const char *what, const char *text, size_t length, int status) {
    console_text("\r\nmail: ");
    console_text(asked(session));
    console_text(": ");
    console_text(what);
    if (length != 0) {
        console_text(": ");
        uart_send(UART_CONSOLE, text, length);
    }
    console_text("\r\n");
    if (session->status == MAIL_FETCHED) {
        session->status = status;
    }
}

static void command(mail *session, pop3_verb verb, uint32_t number) {
    const pop3_arg arg = {.number = number};

    session->asked = verb;
    (void)pop3_engine_command(&session->engine, verb, &arg, 0); /* legal here, and as short as numbers are */
}

/* The next mail; QUIT behind the last one makes the deletions real (R-1939-22). */
static void next_mail(mail *session) {
    if (session->number == session->count) {
        command(session, POP3_QUIT, 0);
        return;
    }
    session->number++;
    session->octets = 0;
    command(session, POP3_RETR, session->number);
}

/* Not every refusal is about name and password (R-2449-08, R-3206-01). */
static int refusal(const pop3_event *event) {
    size_t length;

    switch (pop3_parse_code(event->data, event->length, &length)) {
    case POP3_CODE_IN_USE:
    case POP3_CODE_LOGIN_DELAY:
    case POP3_CODE_SYS_TEMP: return MAIL_TEMPORARY;
    default: return MAIL_REFUSED;
    }
}

static void log_in(mail *session, const pop3_event *event) {
    switch (pop3_clear_login_step(&session->login, &session->engine, event)) {
    case POP3_CLEAR_LOGIN_CONTINUE: break;
    case POP3_CLEAR_LOGIN_DONE: command(session, POP3_STAT, 0); break;
    case POP3_CLEAR_LOGIN_STATE:
        complain(session, "the name or the password cannot be sent", NULL, 0, MAIL_USAGE);
        command(session, POP3_QUIT, 0);
        break;
    default: complain(session, "refused", event->data, event->length, refusal(event)); command(session, POP3_QUIT, 0);
    }
}

static void maildrop(mail *session, const pop3_event *event) {
    uint32_t values[2];

    if (pop3_parse_numbers(event->data, event->length, values) == 0) {
        complain(session, "no count in the reply", event->data, event->length, MAIL_PROTOCOL);
        command(session, POP3_QUIT, 0);
        return;
    }
    session->count = values[0];
    console_number(values[0]);
    console_text(" mails, ");
    console_number(values[1]);
    console_text(" octets\r\n");
    next_mail(session);
}

static void mail_received(mail *session) {
    console_text("--- ");
    console_number(session->octets);
    console_text(" octets\r\n");
    command(session, POP3_DELE, session->number);
}

/* A reply is complete, or its body begins. */
static void reply(mail *session, const pop3_event *event) {
    if (session->asked == POP3_GREETING) {
        log_in(session, event);
    } else if (event->type == POP3_EVENT_ERR) {
        complain(session, "refused", event->data, event->length, MAIL_TEMPORARY);
        command(session, POP3_QUIT, 0);
    } else if (session->asked == POP3_STAT) {
        maildrop(session, event);
    } else if (session->asked == POP3_RETR) {
        console_text("--- mail ");
        console_number(session->number);
        console_text("\r\n");
    } else if (session->asked == POP3_DELE) {
        next_mail(session);
    }
}

/* What a broken session means for the mail (R-1939-23). */
static void failed(mail *session, const pop3_event *event) {
    if (session->gave_up != NULL) {
        complain(session, session->gave_up, NULL, 0, MAIL_TEMPORARY);
    } else {
        complain(session,
                 event->error == POP3_LIMIT ? "a line of the server is too long" : "the server broke the rules",
                 event->data, event->length, MAIL_PROTOCOL);
    }
    if (session->asked == POP3_QUIT && session->number != 0) {
        console_text("mail: the mails shown may be gone from the server, or not\r\n");
    } else {
        console_text(session->asked == POP3_RETR ? "mail: this mail is incomplete; " : "mail: ");
        console_text("all mails stay on the server\r\n");
    }
}

void mail_begin(mail *session, const char *user, const char *password) {
    const pop3_engine_buffers buffers = {session->line, session->line, sizeof session->line, sizeof session->line};

    *session = (mail){.login = {.user = user, .secret = password, .policy = POP3_CLEAR_LOGIN_USER_PASS}};
    pop3_engine_init(&session->engine, &buffers);
}

bool mail_event(mail *session, const pop3_event *event) {
    switch (event->type) {
    case POP3_EVENT_BODY:
        session->octets += (uint32_t)event->length;
        uart_send(UART_CONSOLE, event->data, event->length);
        return true;
    case POP3_EVENT_END: mail_received(session); return true;
    case POP3_EVENT_CLOSED: return false;
    case POP3_EVENT_FAIL: failed(session, event); return false;
    default: reply(session, event); return pop3_engine_phase(&session->engine) != POP3_PHASE_CLOSED;
    }
}

void mail_give_up(mail *session, const char *why) {
    session->gave_up = why;
    pop3_engine_abort(&session->engine, POP3_IO);
}
