/* SPDX-License-Identifier: MIT */
/* Fetches a maildrop: what to send after each reply, what to show. Knows no UART but the console, and no clock. */
#ifndef SATCHEL_FIRMWARE_MAIL_H
#define SATCHEL_FIRMWARE_MAIL_H

#include <satchel/pop3_engine.h>

#include "login/clear_login.h"

/* How it ended; the numbers are those of sysexits.h. */
enum {
    MAIL_FETCHED = 0,
    MAIL_USAGE = 64,     /* name or password cannot be sent */
    MAIL_TEMPORARY = 75, /* nothing came, octets were lost, or a command was refused: try again later */
    MAIL_PROTOCOL = 76,  /* the server broke the rules */
    MAIL_REFUSED = 77    /* the server did not let us in */
};

typedef struct mail {
    pop3_engine engine;
    pop3_clear_login login;
    pop3_verb asked;     /* the command whose reply is awaited; POP3_GREETING until the login is over */
    uint32_t count;      /* mails in the maildrop */
    uint32_t number;     /* the mail at hand */
    uint32_t octets;     /* of it, so far */
    const char *gave_up; /* why, if the caller aborted the engine */
    int status;
    char line[POP3_COMMAND_MAX]; /* lines and commands: never both at once when one command is in flight */
} mail;

void mail_begin(mail *session, const char *user, const char *password);

/* Takes every event but NEED_INPUT. False: the session is over, and `status` tells how. */
bool mail_event(mail *session, const pop3_event *event);

/* The connection is of no use any more: the next event tells so. */
void mail_give_up(mail *session, const char *why);

#endif
