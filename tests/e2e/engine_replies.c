/* SPDX-License-Identifier: MIT */
/*
 * Prints the replies that a client in phase TRANSACTION gets in the transcripts of tests/core, with what the transcript
 * says of each and what the engine makes of it when it comes alone; and what the engine makes of replies on standard
 * input. It judges nothing, and knows neither NetX nor sockets.
 *
 *     engine_replies TRANSCRIPT...      a line for each reply: FILE:LINE KIND GREETING REPLY SAID MADE
 *     engine_replies < LINES            a line MADE for each line REPLY, which is one to RETR
 *
 * Octets are hexadecimal behind a colon. SAID and MADE are "whole:CONTENT", "refused:" or "broken:CONTENT".
 */
#define _POSIX_C_SOURCE 200809L
#include "core/driver.h"
#include "core/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_octets(const char *octets, size_t n) {
    putchar(':');
    for (size_t i = 0; i < n; i++) {
        printf("%02x", (unsigned)(unsigned char)octets[i]);
    }
}

/* ---- What became of a reply ---- */

struct outcome {
    const char *name; /* NULL: it is not over */
    char *content;
    size_t length, room;
};

static void add_content(struct outcome *outcome, const char *octets, size_t n) {
    if (outcome->length + n > outcome->room) {
        outcome->room = 2 * (outcome->length + n);
        outcome->content = realloc(outcome->content, outcome->room);
        if (outcome->content == NULL) {
            abort();
        }
    }
    if (n > 0) {
        memcpy(outcome->content + outcome->length, octets, n);
        outcome->length += n;
    }
}

/* What an event, of the engine or in a transcript, says of the reply. */
static void add_event(struct outcome *outcome, unsigned type, bool more, const char *octets, size_t n) {
    if (type == POP3_EVENT_BODY) {
        add_content(outcome, octets, n);
    } else if (type == POP3_EVENT_ERR) {
        outcome->name = "refused";
    } else if (type == POP3_EVENT_END || (type == POP3_EVENT_OK && !more)) {
        outcome->name = "whole";
    } else if (type == POP3_EVENT_FAIL) {
        outcome->name = "broken";
    }
}

static void end_outcome(struct outcome *outcome) {
    free(outcome->content);
    *outcome = (struct outcome){0};
}

static void print_outcome(const struct outcome *outcome) {
    fputs(outcome->name, stdout);
    print_octets(outcome->content, outcome->length);
}

/* ---- The engine ---- */

/* The reply alone, then the end of the connection. */
static struct outcome engine_makes(const char *greeting, bool message, const char *reply, size_t n) {
    static struct driver driver;
    struct outcome outcome = {0};
    pop3_event event;

    driver_enter_greeted(&driver, POP3_PHASE_TRANSACTION, greeting);
    (void)driver_command(&driver, message ? POP3_RETR : POP3_DELE);
    (void)driver_send(&driver);
    while (outcome.name == NULL) {
        size_t used = pop3_engine_input(&driver.engine, reply, n, &event);
        reply += used;
        n -= used;
        if (event.type == POP3_EVENT_NEED_INPUT) {
            pop3_engine_eof(&driver.engine);
        }
        add_event(&outcome, event.type, event.more, event.data, event.length);
    }
    return outcome;
}

/* ---- Transcripts ---- */

struct reader {
    const char *file;
    const struct script *script;
    struct outcome said;
    pop3_verb queue[POP3_ENGINE_DEPTH]; /* commands without a reply */
    bool lists[POP3_ENGINE_DEPTH];      /* of those the ones that are not about one message */
    size_t first, last;
    size_t available; /* octets that the server sent so far */
    size_t begin;     /* of the reply */
    char greeting[256];
};

static bool take_command(struct reader *reader, const struct step *step) {
    pop3_verb verb;
    pop3_arg arg;

    if (!script_command(step, &verb, &arg)) {
        return false;
    }
    reader->queue[reader->last % POP3_ENGINE_DEPTH] = verb;
    reader->lists[reader->last++ % POP3_ENGINE_DEPTH] = arg.number == 0;
    return true;
}

/* Commands whose replies say the same to every client: a message, or a status line. */
static bool is_comparable(const struct reader *reader, bool *message) {
    size_t oldest = reader->first % POP3_ENGINE_DEPTH;
    pop3_verb verb = reader->queue[oldest];

    *message = verb == POP3_RETR || verb == POP3_TOP;
    return *message || verb == POP3_STAT || verb == POP3_DELE || verb == POP3_NOOP || verb == POP3_RSET ||
           ((verb == POP3_LIST || verb == POP3_UIDL) && !reader->lists[oldest]);
}

static void print_reply(const struct reader *reader, const struct step *step, size_t end) {
    const char *reply = reader->script->stream + reader->begin;
    struct outcome made;
    bool message;

    if (!is_comparable(reader, &message)) {
        return;
    }
    made = engine_makes(reader->greeting, message, reply, end - reader->begin);
    printf("%s:%u %s ", reader->file, step->line, message ? "message" : "status");
    print_octets(reader->greeting, strlen(reader->greeting));
    putchar(' ');
    print_octets(reply, end - reader->begin);
    putchar(' ');
    print_outcome(&reader->said);
    putchar(' ');
    print_outcome(&made);
    putchar('\n');
    end_outcome(&made);
}

static void keep_greeting(struct reader *reader, size_t end) {
    if (end < sizeof reader->greeting) {
        memcpy(reader->greeting, reader->script->stream, end);
        reader->greeting[end] = '\0';
    }
}

/* False: what follows cannot be cut into replies. */
static bool take_event(struct reader *reader, const struct step *step) {
    bool failed = step->value == POP3_EVENT_FAIL;
    size_t end = failed ? reader->available : step->offset;

    if (step->value == POP3_EVENT_GREETING) {
        keep_greeting(reader, end);
        reader->begin = end;
        return reader->greeting[0] != '\0';
    }
    add_event(&reader->said, step->value, step->more, step->text, step->length);
    if (reader->said.name == NULL) {
        return true;
    }
    /* How long a line may be is each client's own affair. */
    if (reader->first == reader->last || end == SCRIPT_ANY_OFFSET || step->error == POP3_LIMIT) {
        return false;
    }
    print_reply(reader, step, end);
    end_outcome(&reader->said);
    reader->first++;
    reader->begin = end;
    return !failed;
}

static void read_script(struct reader *reader) {
    bool goes_on = true;

    for (size_t i = 0; i < reader->script->count && goes_on; i++) {
        const struct step *step = &reader->script->steps[i];
        switch (step->kind) {
        case STEP_SERVER: reader->available = step->offset; break;
        case STEP_COMMAND: goes_on = take_command(reader, step); break;
        case STEP_EVENT: goes_on = take_event(reader, step); break;
        case STEP_ABORT:
        case STEP_TLS: goes_on = false; break;
        default: break;
        }
    }
    end_outcome(&reader->said);
}

static void read_transcripts(const char *path) {
    struct script *scripts;
    size_t count = script_read(path, &scripts);
    const char *slash = strrchr(path, '/');

    if (count == 0) {
        exit(66);
    }
    for (size_t i = 0; i < count; i++) {
        struct reader reader = {.file = slash != NULL ? slash + 1 : path, .script = &scripts[i]};
        read_script(&reader);
    }
    script_free(scripts, count);
}

/* ---- Standard input ---- */

static void make_line(char *line, size_t digits) {
    struct outcome made;

    for (size_t i = 0; 2 * i + 1 < digits; i++) {
        char pair[] = {line[2 * i], line[2 * i + 1], '\0'};
        line[i] = (char)strtoul(pair, NULL, 16);
    }
    made = engine_makes("+OK\r\n", true, line, digits / 2);
    print_outcome(&made);
    putchar('\n');
    end_outcome(&made);
}

int main(int argc, char **argv) {
    char *line = NULL;
    size_t room = 0;

    for (int i = 1; i < argc; i++) {
        read_transcripts(argv[i]);
    }
    while (argc == 1 && getline(&line, &room, stdin) > 0) {
        make_line(line, strcspn(line, "\n"));
    }
    free(line);
    return 0;
}
