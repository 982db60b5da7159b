/* SPDX-License-Identifier: MIT */
/* The built-in maildrop: two short mails of the sizes in RFC 1939's examples. Refuses to be anything but a sample. */
#include "serve/maildrop.h"

#include <stdlib.h>
#include <string.h>

static const char first_mail[] = "From: dewey@example.org\r\n"
                                 "To: mrose@example.org\r\n"
                                 "Subject: The satchel\r\n"
                                 "\r\n"
                                 "Two letters are waiting for you at the office.\r\n";

static const char second_mail[] = "From: dewey@example.org\r\n"
                                  "To: mrose@example.org\r\n"
                                  "Subject: Dots\r\n"
                                  "\r\n"
                                  "A line that begins with a dot travels with two.\r\n"
                                  ".this one did,\r\n"
                                  "..\r\n"
                                  ".\r\n"
                                  "Dots inside are content and end nothing.\r\n"
                                  "and it is all here.\r\n";

static const struct {
    const char *uid; /* RFC 1939 section 7's examples */
    const char *text;
    size_t size;
} mails[] = {
    {"whqtswO00WBw418f9t5JxYwZ", first_mail, sizeof first_mail - 1},
    {"QhdPYR:00WBw1Ph7x7", second_mail, sizeof second_mail - 1},
};

_Static_assert(sizeof first_mail - 1 == 120, "RFC 1939's first message has 120 octets");
_Static_assert(sizeof second_mail - 1 == 200, "RFC 1939's second message has 200 octets");

#define MAILS (sizeof mails / sizeof mails[0])

bool serve_maildrop_sample(struct serve_maildrop *maildrop) {
    *maildrop = (struct serve_maildrop){.fd = -1, .octets = true};
    maildrop->known = calloc(MAILS, sizeof *maildrop->known);
    if (maildrop->known == NULL) {
        return false;
    }
    maildrop->known_count = MAILS;
    for (size_t i = 0; i < MAILS; i++) {
        struct serve_message *message = &maildrop->known[i];

        memcpy(message->uid, mails[i].uid, strlen(mails[i].uid) + 1);
        message->text = mails[i].text;
        message->text_size = mails[i].size;
        message->octets = mails[i].size;
    }
    return true;
}
