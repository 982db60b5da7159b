/* SPDX-License-Identifier: MIT */
/* `satchel list`: what is in the maildrop. Prints each message as soon as its header is there. */
#define _POSIX_C_SOURCE 200809L

#include "cli/cli.h"
#include "cli/header.h"
#include "cli/look.h"
#include "cli/report.h"
#include "cli/terminal.h"
#include "text/safe.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct message {
    uint32_t number;
    uint64_t octets;
    char *uid; /* safe text, or NULL: the server has none */
};

/* How the messages are printed. */
enum form { FORM_TABLE, FORM_LINES, FORM_JSON };

struct list {
    struct look *look;
    enum form form;
    size_t columns; /* of the terminal */
    int number_width, size_width, uid_width, date_width;
    bool headers;
    struct message *messages;
    uint32_t *numbers; /* of messages[first...] */
    size_t count, room;
    size_t first; /* of those to be printed */
    bool sorted;
    bool no_memory;
    struct fields fields; /* of the message whose header comes in */
};

/* ---- What there is ---- */

static int take_size(void *context, uint32_t number, uint64_t octets) {
    struct list *self = context;

    if (self->count == self->room) {
        size_t room = self->room != 0 ? 2 * self->room : 256;
        struct message *messages = realloc(self->messages, room * sizeof *messages);

        if (messages == NULL) {
            self->no_memory = true;
            return -1;
        }
        self->messages = messages;
        self->room = room;
    }
    self->messages[self->count++] = (struct message){number, octets, NULL};
    return 0;
}

static int compare(const void *a, const void *b) {
    uint32_t left = ((const struct message *)a)->number;
    uint32_t right = ((const struct message *)b)->number;

    return (left > right) - (left < right);
}

static void sort(struct list *self) {
    if (!self->sorted && self->count != 0) {
        qsort(self->messages, self->count, sizeof *self->messages, compare);
    }
    self->sorted = true;
}

/* LIST came before UIDL; what it does not know is not there. */
static int take_uid(void *context, uint32_t number, const char *uid) {
    struct list *self = context;
    const struct message key = {.number = number};
    struct message *message;
    size_t size = SAFE_PIECE * strlen(uid) + 1;

    sort(self);
    message = self->count != 0 ? bsearch(&key, self->messages, self->count, sizeof key, compare) : NULL;
    if (message == NULL || message->uid != NULL || uid[0] == '\0') {
        return 0;
    }
    message->uid = malloc(size);
    if (message->uid == NULL) {
        self->no_memory = true;
        return -1;
    }
    (void)safe_text(message->uid, size, uid, strlen(uid));
    return 0;
}

/* UIDL is optional: that it is refused is worth a note. */
static int survey(struct list *self) {
    struct look *look = self->look;
    uint32_t count = 0;
    pop3_client_class result = pop3_client_survey(look->client, &count, NULL, take_size, take_uid, self);

    sort(self);
    if (result == POP3_CLIENT_REFUSED && self->count == count) {
        if (!look->options.quiet) {
            report_client("list", pop3_client_last_error(look->client));
        }
        return EX_OK;
    }
    if (self->no_memory) {
        (void)fputs("satchel list: out of memory\n", stderr);
        return EX_OSERR;
    }
    return look_judge(look, result);
}

/* ---- One message ---- */

enum { UID_MOST = 24, WIDE = 110, DAY_WIDTH = 10, TIME_WIDTH = 16, FROM_WIDTH = 20, SUBJECT_LEAST = 12 };

static int wider(int width, int n) {
    return n > width ? n : width;
}

static void set_widths(struct list *self) {
    self->number_width = 1;
    self->size_width = 4;
    self->uid_width = 3;
    self->date_width = self->columns < WIDE ? DAY_WIDTH : TIME_WIDTH;
    for (size_t i = self->first; i < self->count; i++) {
        const struct message *message = &self->messages[i];

        self->number_width = wider(self->number_width, snprintf(NULL, 0, "%lu", (unsigned long)message->number));
        self->size_width = wider(self->size_width, snprintf(NULL, 0, "%" PRIu64, message->octets));
        self->uid_width = wider(self->uid_width, message->uid != NULL ? (int)strlen(message->uid) : 0);
    }
    self->uid_width = self->uid_width < UID_MOST ? self->uid_width : UID_MOST;
}

static void print_heading(const struct list *self) {
    (void)printf("%*s  %*s  ", self->number_width, "N", self->size_width, "SIZE");
    if (self->headers) {
        (void)printf("%-*s  %-*s  %-*s  SUBJECT\n", self->date_width, "DATE", self->uid_width, "UID", FROM_WIDTH,
                     "FROM");
    } else {
        (void)puts("UID");
    }
}

/* A long unique id pushes the rest to the right rather than losing its end: it is there to be copied. */
static void print_table_row(const struct list *self, const struct message *message, const struct header *header) {
    const char *uid = message->uid != NULL ? message->uid : "-";
    int used = printf("%*lu  %*" PRIu64 "  ", self->number_width, (unsigned long)message->number, self->size_width,
                      message->octets);

    if (!self->headers) {
        (void)printf("%s\n", uid);
        return;
    }
    used += printf("%-*.*s  %-*s  ", self->date_width, self->date_width, header->date, self->uid_width, uid);
    used += FROM_WIDTH + 2;
    terminal_print(header->from, FROM_WIDTH, true);
    (void)fputs("  ", stdout);
    terminal_print(header->subject,
                   (size_t)used + SUBJECT_LEAST < self->columns ? self->columns - (size_t)used : SUBJECT_LEAST, false);
    (void)fputc('\n', stdout);
}

static void print_line(const struct list *self, const struct message *message, const struct header *header) {
    (void)printf("%lu\t%" PRIu64 "\t%s", (unsigned long)message->number, message->octets,
                 message->uid != NULL ? message->uid : "");
    if (self->headers) {
        (void)printf("\t%s\t%s\t%s", header->date, header->from, header->subject);
    }
    (void)fputc('\n', stdout);
}

static json_t *text_or_null(const char *text, bool there) {
    return there ? json_string(text) : json_null();
}

static void print_json(const struct list *self, const struct message *message, const struct header *header) {
    json_t *object = json_pack("{sI sI so}", "number", (json_int_t)message->number, "size", (json_int_t)message->octets,
                               "uid", text_or_null(message->uid, message->uid != NULL));

    if (self->headers) {
        (void)json_object_set_new(object, "date", text_or_null(header->date, header->has_date));
        (void)json_object_set_new(object, "from", text_or_null(header->from, header->has_from));
        (void)json_object_set_new(object, "subject", text_or_null(header->subject, header->has_subject));
    }
    (void)json_dumpf(object, stdout, JSON_COMPACT);
    json_decref(object);
    (void)fputc('\n', stdout);
}

static void print_message(struct list *self, const struct message *message) {
    static struct header header;

    if (self->headers) {
        header_read(&header, &self->fields, self->form == FORM_TABLE);
    }
    switch (self->form) {
    case FORM_TABLE: print_table_row(self, message, &header); break;
    case FORM_LINES: print_line(self, message, &header); break;
    case FORM_JSON: print_json(self, message, &header); break;
    }
}

/* ---- All messages ---- */

static int take_header(void *context, size_t index, const void *octets, size_t n) {
    struct list *self = context;

    (void)index;
    fields_take(&self->fields, octets, n);
    return 0;
}

/* A refused TOP leaves a message without header. */
static int header_done(void *context, size_t index, const pop3_client_error *error) {
    struct list *self = context;

    (void)error;
    print_message(self, &self->messages[self->first + index]);
    header_begin(&self->fields);
    return ferror(stdout);
}

static int take_nothing(void *context, const void *octets, size_t n) {
    (void)context;
    (void)octets;
    (void)n;
    return 0;
}

/* TOP is optional. A server that does not say what it can do is tried with one. */
static bool has_top(struct list *self) {
    pop3_client *client = self->look->client;
    bool has = (pop3_client_capabilities(client) & POP3_CAPABILITY_TOP) != 0;

    if (!has && pop3_client_capability_line(client, 0) == NULL) {
        has = pop3_client_top(client, self->messages[self->first].number, 0, take_nothing, NULL) == POP3_CLIENT_OK;
    }
    if (!has && !self->look->options.quiet) {
        (void)fputs("satchel list: the server has no TOP: senders and subjects are unknown\n", stderr);
    }
    return has;
}

static int print_all(struct list *self) {
    size_t count = self->count - self->first;
    pop3_client_class result;

    for (size_t i = self->first; i < self->count; i++) {
        self->numbers[i - self->first] = self->messages[i].number;
    }
    self->headers = self->headers && count != 0 && has_top(self);
    if (self->form == FORM_TABLE && count != 0) {
        set_widths(self);
        print_heading(self);
    }
    if (self->headers) {
        header_begin(&self->fields);
        result = pop3_client_top_many(self->look->client, self->numbers, count, 0, take_header, header_done, self);
        return result == POP3_CLIENT_REFUSED || result == POP3_CLIENT_BUSY ? EX_OK : look_judge(self->look, result);
    }
    for (size_t i = self->first; i < self->count; i++) {
        print_message(self, &self->messages[i]);
    }
    return EX_OK;
}

/* Lines that are wrong do not hide the others, as long as the session goes on. */
static int list_messages(struct list *self) {
    const struct look_options *options = &self->look->options;
    int surveyed = survey(self);
    int code;

    if (surveyed != EX_OK && (surveyed != EX_PROTOCOL || pop3_client_noop(self->look->client) != POP3_CLIENT_OK)) {
        return surveyed;
    }
    if (self->form == FORM_TABLE && self->count == 0) {
        (void)puts("there are no messages");
    }
    self->first = options->newest != 0 && options->newest < self->count ? self->count - options->newest : 0;
    self->numbers = malloc((self->count + 1) * sizeof *self->numbers);
    if (self->numbers == NULL) {
        (void)fputs("satchel list: out of memory\n", stderr);
        return EX_OSERR;
    }
    code = print_all(self);
    return code != EX_OK ? code : surveyed;
}

static int list(struct look *look) {
    static struct list self;
    int code = look_log_in(look);
    int written;

    if (code != EX_OK) {
        return code;
    }
    self.look = look;
    self.headers = !look->options.no_headers;
    self.columns = terminal_columns();
    self.form = look->options.json ? FORM_JSON : self.columns != 0 ? FORM_TABLE : FORM_LINES;
    code = list_messages(&self);
    written = look_flush(look);
    (void)pop3_client_quit(look->client);
    for (size_t i = 0; i < self.count; i++) {
        free(self.messages[i].uid);
    }
    free(self.messages);
    free(self.numbers);
    return written != EX_OK ? written : code;
}

int cli_list(int argc, char **argv) {
    return look_run(LOOK_LIST, argc, argv, list);
}
