/* SPDX-License-Identifier: MIT */
/* `satchel delete`: messages on the server, by unique id, shown before they go (D-28). Numbers mean nothing to it. */
#define _POSIX_C_SOURCE 200809L

#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/header.h"
#include "cli/look.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "text/safe.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UID_TEXT = 1024 };

/* One of the unique ids of the command line. */
struct wish {
    const char *written;
    char text[UID_TEXT]; /* as it is printed */
    char uid[UID_TEXT];  /* as the server has it */
    unsigned matches;    /* messages that have it */
    uint32_t number;
    uint64_t octets;
};

struct deletion {
    struct look *look;
    struct wish *wishes;
    size_t count;
    struct wish *current; /* whose number and size are asked for */
    bool same;
    struct fields fields;
    pop3_client_class alive; /* while the question stands there */
};

/* ---- Which messages ---- */

/* As the server has it, or as `satchel list` prints that. */
static bool is_meant(const struct wish *wish, const char *uid) {
    char text[UID_TEXT];

    (void)safe_text(text, sizeof text, uid, strlen(uid));
    return strcmp(wish->written, uid) == 0 || strcmp(wish->written, text) == 0;
}

static int take_uid(void *context, uint32_t number, const char *uid) {
    struct deletion *self = context;

    for (size_t i = 0; uid[0] != '\0' && i < self->count; i++) {
        struct wish *wish = &self->wishes[i];

        if (is_meant(wish, uid)) {
            wish->matches++;
            wish->number = number;
            (void)snprintf(wish->uid, sizeof wish->uid, "%s", uid);
        }
    }
    return 0;
}

static int take_size(void *context, uint32_t number, uint64_t octets) {
    struct deletion *self = context;

    (void)number;
    self->current->octets = octets;
    return 0;
}

/* EX_OK, or what is wrong with one of them: then none is deleted. */
static int judge(const struct wish *wish) {
    if (wish->matches == 1) {
        return EX_OK;
    }
    (void)fflush(stdout);
    if (wish->matches > 1) {
        (void)fprintf(stderr, "satchel delete: %u messages have the unique id %s: nothing was deleted\n", wish->matches,
                      wish->text);
        return EX_PROTOCOL;
    }
    (void)fprintf(stderr, "satchel delete: no message has the unique id %s: nothing was deleted\n", wish->text);
    return EX_NOINPUT;
}

static int find_messages(struct deletion *self) {
    struct look *look = self->look;
    pop3_client_class result = pop3_client_uidl(look->client, 0, take_uid, self);
    int code = look_judge(look, result);

    if (result == POP3_CLIENT_REFUSED) {
        (void)fputs("  without UIDL no message can be told from another: nothing is deleted\n", stderr);
    }
    for (size_t i = 0; code == EX_OK && i < self->count; i++) {
        self->current = &self->wishes[i];
        code = judge(self->current);
        if (code == EX_OK) {
            code = look_judge(look, pop3_client_list(look->client, self->current->number, take_size, self));
        }
    }
    return code;
}

/* ---- What they are ---- */

static int take_header(void *context, const void *octets, size_t n) {
    struct deletion *self = context;

    fields_take(&self->fields, octets, n);
    return 0;
}

static void print_message(const struct wish *wish, const struct header *header) {
    char size[PROGRESS_SIZE];

    progress_size(size, wish->octets);
    (void)printf("%s  %s  %s\n", wish->text, size, header->has_date ? header->date : "no date");
    (void)printf("  from     %s\n  subject  %s\n", header->has_from ? header->from : "-",
                 header->has_subject ? header->subject : "-");
}

/* A refused TOP leaves a message without header; whoever wants to see it can say no. */
static int show_messages(struct deletion *self) {
    static struct header header;

    for (size_t i = 0; i < self->count; i++) {
        const struct wish *wish = &self->wishes[i];
        pop3_client_class result;

        header_begin(&self->fields);
        result = pop3_client_top(self->look->client, wish->number, 0, take_header, self);
        if (result != POP3_CLIENT_OK && result != POP3_CLIENT_REFUSED && result != POP3_CLIENT_BUSY) {
            return look_judge(self->look, result);
        }
        header_read(&header, &self->fields, true);
        print_message(wish, &header);
    }
    return look_flush(self->look);
}

/* ---- The question ---- */

/* servers end sessions that are silent. */
static void keep_alive(void *context) {
    struct deletion *self = context;

    if (self->alive == POP3_CLIENT_OK) {
        self->alive = pop3_client_noop(self->look->client);
    }
}

static int confirm(struct deletion *self) {
    char question[128];

    if (self->look->options.yes) {
        return EX_OK;
    }
    (void)snprintf(question, sizeof question, "Delete %s on the server, for ever?",
                   self->count == 1 ? "this message" : "these messages");
    if (ask(question, keep_alive, self)) {
        return look_judge(self->look, self->alive);
    }
    (void)fputs("Nothing was deleted.\n", stderr);
    return EX_TEMPFAIL;
}

/* ---- The deletion ---- */

static int compare_uid(void *context, uint32_t number, const char *uid) {
    struct deletion *self = context;

    self->same = self->same && number == self->current->number && strcmp(uid, self->current->uid) == 0;
    return 0;
}

static int compare_size(void *context, uint32_t number, uint64_t octets) {
    struct deletion *self = context;

    self->same = self->same && number == self->current->number && octets == self->current->octets;
    return 0;
}

/* D-28: number, unique id and size are what was shown. */
static int check_and_mark(struct deletion *self, struct wish *wish) {
    struct look *look = self->look;
    int code;

    self->current = wish;
    self->same = true;
    code = look_judge(look, pop3_client_uidl(look->client, wish->number, compare_uid, self));
    code = code != EX_OK ? code : look_judge(look, pop3_client_list(look->client, wish->number, compare_size, self));
    if (code == EX_OK && !self->same) {
        (void)fprintf(stderr, "satchel delete: %s is another message now than the one that was shown\n", wish->text);
        return EX_PROTOCOL;
    }
    return code != EX_OK ? code : look_judge(look, pop3_client_dele(look->client, wish->number));
}

/* Without QUIT the server removes nothing. */
static int give_up(struct deletion *self, int code) {
    pop3_client_close(self->look->client);
    (void)fputs("  nothing was deleted\n", stderr);
    return code;
}

static int mark_and_quit(struct deletion *self) {
    struct look *look = self->look;
    int code = EX_OK;
    pop3_client_class result;

    for (size_t i = 0; code == EX_OK && i < self->count; i++) {
        code = check_and_mark(self, &self->wishes[i]);
    }
    if (code != EX_OK) {
        return give_up(self, code);
    }
    result = pop3_client_quit(look->client);
    if (result == POP3_CLIENT_OK) {
        for (size_t i = 0; i < self->count; i++) {
            (void)printf("%s: deleted\n", self->wishes[i].text);
        }
        return look_flush(look);
    }
    code = look_judge(look, result);
    (void)fprintf(stderr, "  %s: `satchel list` tells\n",
                  result == POP3_CLIENT_REFUSED ? "some or all of them were not deleted"
                                                : "nobody knows whether they were deleted");
    return code;
}

/* ---- All ---- */

static bool is_repeated(char **uids, size_t i) {
    for (size_t before = 0; before < i; before++) {
        if (strcmp(uids[before], uids[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool make_wishes(struct deletion *self) {
    char **uids = self->look->options.uids;
    size_t most = 0;

    while (uids[most] != NULL) {
        most++;
    }
    self->wishes = calloc(most + 1, sizeof *self->wishes);
    for (size_t i = 0; self->wishes != NULL && i < most; i++) {
        if (!is_repeated(uids, i)) {
            struct wish *wish = &self->wishes[self->count++];

            wish->written = uids[i];
            (void)safe_text(wish->text, UID_TEXT, uids[i], strlen(uids[i]));
        }
    }
    return self->wishes != NULL;
}

static int delete_messages(struct deletion *self) {
    int code = find_messages(self);

    code = code == EX_OK ? show_messages(self) : code;
    code = code == EX_OK ? confirm(self) : code;
    if (code == EX_OK) {
        return mark_and_quit(self);
    }
    (void)pop3_client_quit(self->look->client); /* nothing is marked */
    return code;
}

static int delete_(struct look *look) {
    static struct deletion self;
    int code;

    if (!look->options.yes && !ask_possible()) {
        (void)fputs("satchel delete: without a terminal to ask at, --yes is needed\n", stderr);
        return EX_USAGE;
    }
    self.look = look;
    if (!make_wishes(&self)) {
        (void)fputs("satchel delete: out of memory\n", stderr);
        return EX_OSERR;
    }
    code = look_log_in(look);
    code = code == EX_OK ? delete_messages(&self) : code;
    free(self.wishes);
    return code;
}

int cli_delete(int argc, char **argv) {
    return look_run(LOOK_DELETE, argc, argv, delete_);
}
