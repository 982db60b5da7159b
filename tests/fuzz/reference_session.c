/* SPDX-License-Identifier: MIT */
/* One function for each kind of reply, from the first octet of the reply to its last. */
#include "reference_session.h"

#include <stdlib.h>
#include <string.h>

#include "core/reference_decoder.h"
#include "require.h"

enum { DEPTH_MAX = 4 };

struct command {
    pop3_verb verb;
    bool bare; /* without argument */
    uint32_t tag;
};

struct reader {
    const struct session_input *input;
    struct reference_session *session;
    size_t at;
    pop3_phase phase;
    bool lf_mode;
    bool over;
    struct command owed[DEPTH_MAX]; /* oldest first */
    size_t owed_count;
    size_t next_command;
    uint32_t tag;
};

struct line {
    const char *octets;
    size_t length; /* without CRLF or LF */
    size_t raw;    /* without LF */
    bool whole;
};

/* ---- Events ---- */

static struct reference_event *add(struct reader *reader, pop3_event_type type) {
    struct reference_session *session = reader->session;
    struct reference_event *event;

    if (session->count == session->room) {
        session->room = session->room * 2 + 16;
        session->events = realloc(session->events, session->room * sizeof *session->events);
    }
    require(session->events != NULL, "no memory");
    event = &session->events[session->count++];
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there is room */
    *event = (struct reference_event){.type = type, .end = reader->at};
    if (reader->owed_count != 0) {
        event->verb = reader->owed[0].verb;
        event->tag = reader->owed[0].tag;
    }
    return event;
}

static void add_line(struct reader *reader, pop3_event_type type, struct line line, size_t text) {
    struct reference_event *event = add(reader, type);

    event->text = line.octets + text;
    event->length = line.length - text;
    event->offset = text;
    event->line = line.raw;
}

static void fail(struct reader *reader, pop3_error error) {
    add(reader, POP3_EVENT_FAIL)->error = error;
    reader->over = true;
}

/* ---- Commands ---- */

static bool is_one_of(pop3_verb verb, const char *names) {
    return strstr(names, pop3_verb_name(verb)) != NULL;
}

static bool may_be_sent(const struct reader *reader, pop3_verb verb) {
    if (verb == POP3_GREETING || (reader->owed_count != 0 && is_one_of(reader->owed[reader->owed_count - 1].verb,
                                                                       "STLS AUTH USER PASS APOP QUIT"))) {
        return false;
    }
    switch (reader->phase) {
    case POP3_PHASE_AUTHORIZATION: return is_one_of(verb, "CAPA STLS UTF8 LANG USER APOP AUTH QUIT");
    case POP3_PHASE_USER_ACCEPTED: return is_one_of(verb, "PASS QUIT");
    case POP3_PHASE_TRANSACTION: return is_one_of(verb, "CAPA LANG STAT LIST UIDL RETR TOP DELE NOOP RSET QUIT");
    default: return false;
    }
}

static void send_commands(struct reader *reader) {
    while (reader->next_command < reader->input->command_count && reader->owed_count < reader->input->depth) {
        uint8_t octet = reader->input->commands[reader->next_command++];
        pop3_verb verb = session_verb(octet);
        pop3_arg arg = session_argument(verb, octet >> 5);
        reader->tag++;
        if (may_be_sent(reader, verb)) {
            reader->owed[reader->owed_count++] =
                (struct command){verb, arg.text == NULL && arg.number == 0, reader->tag};
            reader->phase =
                verb == POP3_QUIT && reader->phase == POP3_PHASE_TRANSACTION ? POP3_PHASE_UPDATE : reader->phase;
        }
    }
}

/* The oldest command is answered; what its reply leads to. */
static void answered(struct reader *reader, bool accepted) {
    struct command command = reader->owed[0];

    reader->owed_count--;
    memmove(reader->owed, reader->owed + 1, reader->owed_count * sizeof reader->owed[0]);
    if (command.verb == POP3_QUIT) {
        reader->phase = POP3_PHASE_CLOSED;
    } else if (command.verb == POP3_USER && accepted) {
        reader->phase = POP3_PHASE_USER_ACCEPTED;
    } else if (command.verb == POP3_PASS) {
        reader->phase = accepted ? POP3_PHASE_TRANSACTION : POP3_PHASE_AUTHORIZATION;
    } else if (accepted && (command.verb == POP3_APOP || (command.verb == POP3_AUTH && !command.bare))) {
        reader->phase = POP3_PHASE_TRANSACTION;
    } else if (accepted && command.verb == POP3_STLS) {
        reader->phase = reader->input->no_tls ? POP3_PHASE_TLS_PENDING : POP3_PHASE_AUTHORIZATION;
        reader->lf_mode = reader->lf_mode && reader->input->no_tls;
    }
    send_commands(reader);
}

/* ---- Lines ---- */

/* The next line, of at most `limit` octets with its end. Not whole: the session is over. */
static struct line read_line(struct reader *reader, size_t limit) {
    const char *start = (const char *)reader->input->stream + reader->at;
    size_t left = reader->input->stream_length - reader->at;
    const char *lf = left != 0 ? memchr(start, '\n', left < limit ? left : limit) : NULL;
    struct line line = {.octets = start, .whole = lf != NULL};

    if (lf == NULL) {
        reader->at = reader->input->stream_length;
        fail(reader, left > limit ? POP3_LIMIT : POP3_IO);
        return line;
    }
    line.raw = line.length = (size_t)(lf - start);
    line.length -= line.length != 0 && lf[-1] == '\r';
    reader->at += line.raw + 1;
    return line;
}

static bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool has_word(const char *line, size_t length, const char *upper, const char *lower) {
    size_t n = strlen(upper);

    for (size_t i = 0; i < n; i++) {
        if (i == length || (line[i] != upper[i] && line[i] != lower[i])) {
            return false;
        }
    }
    return n == length || !is_letter_or_digit(line[n]);
}

char reference_status(const char *line, size_t length, size_t *text) {
    char status = has_word(line, length, "+OK", "+ok") ? '+' : has_word(line, length, "-ERR", "-err") ? '-' : '\0';

    *text = status == '+' ? 3 : 4;
    while (status != '\0' && *text < length && (line[*text] == ' ' || line[*text] == '\t')) {
        ++*text;
    }
    return status;
}

/* ---- Replies ---- */

static void read_listing(struct reader *reader, size_t limit) {
    for (;;) {
        struct line line = read_line(reader, limit);
        if (!line.whole) {
            return;
        }
        if (line.length == 1 && line.octets[0] == '.') {
            add(reader, POP3_EVENT_END);
            return;
        }
        add_line(reader, POP3_EVENT_LINE, line, line.length != 0 && line.octets[0] == '.');
    }
}

static void read_body(struct reader *reader) {
    size_t left = reader->input->stream_length - reader->at;
    char *content = malloc(left + 1);
    size_t length, used;
    struct reference_event *event;

    require(content != NULL, "no memory");
    used = reference_decode((const char *)reader->input->stream + reader->at, left, reader->lf_mode, content, &length);
    reader->at = used != 0 ? reader->at + used : reader->input->stream_length;
    event = add(reader, POP3_EVENT_BODY);
    event->text = content;
    event->length = length;
    if (used != 0) {
        add(reader, POP3_EVENT_END);
    } else {
        fail(reader, POP3_IO);
    }
}

static void read_accepted(struct reader *reader, struct line line, size_t text, size_t limit) {
    struct command command = reader->owed[0];
    bool body = is_one_of(command.verb, "RETR TOP");
    bool listing = command.bare && is_one_of(command.verb, "CAPA LIST UIDL LANG AUTH");

    add_line(reader, command.verb == POP3_STLS ? POP3_EVENT_START_TLS : POP3_EVENT_OK, line, text);
    reader->session->events[reader->session->count - 1].more = body || listing;
    if (body) {
        read_body(reader);
    } else if (listing) {
        read_listing(reader, command.verb == POP3_AUTH ? limit : POP3_LISTING_MAX);
    }
}

static void read_reply(struct reader *reader) {
    struct command command = reader->owed[0];
    size_t limit = command.verb == POP3_AUTH ? POP3_CHALLENGE_MAX : POP3_STATUS_MAX;
    struct line line;
    size_t text;
    char status;

    for (;;) {
        line = read_line(reader, limit);
        if (!line.whole) {
            return;
        }
        if (command.verb != POP3_AUTH || command.bare || line.length == 0 || line.octets[0] != '+' ||
            (line.length > 1 && line.octets[1] != ' ')) {
            break;
        }
        add_line(reader, POP3_EVENT_CHALLENGE, line, 1);
    }
    status = reference_status(line.octets, line.length, &text);
    if (status == '+') {
        read_accepted(reader, line, text, limit);
    } else if (status == '-') {
        add_line(reader, POP3_EVENT_ERR, line, text);
    } else {
        fail(reader, POP3_PROTO);
    }
    if (!reader->over) {
        answered(reader, status == '+');
    }
}

static void read_greeting(struct reader *reader) {
    struct line line = read_line(reader, POP3_STATUS_MAX);
    size_t text;
    char status;

    if (!line.whole) {
        return;
    }
    status = reference_status(line.octets, line.length, &text);
    if (status == '\0') {
        fail(reader, POP3_PROTO);
        return;
    }
    add_line(reader, status == '+' ? POP3_EVENT_GREETING : POP3_EVENT_ERR, line, text);
    reader->lf_mode = line.raw == line.length;
    reader->phase = status == '+' ? POP3_PHASE_AUTHORIZATION : POP3_PHASE_CLOSED;
    send_commands(reader);
}

void reference_session_read(struct reference_session *session, const struct session_input *input) {
    struct reader reader = {.input = input, .session = session, .phase = POP3_PHASE_GREETING};

    *session = (struct reference_session){0};
    require(input->depth <= DEPTH_MAX, "a deeper queue");
    read_greeting(&reader);
    while (!reader.over && reader.phase != POP3_PHASE_CLOSED &&
           (reader.owed_count != 0 || reader.at < input->stream_length)) {
        if (reader.owed_count == 0) {
            fail(&reader, POP3_PROTO); /* nobody asked */
        } else {
            read_reply(&reader);
        }
    }
    if (!reader.over) {
        add(&reader, POP3_EVENT_CLOSED);
    }
}

void reference_session_free(struct reference_session *session) {
    for (size_t i = 0; i < session->count; i++) {
        if (session->events[i].type == POP3_EVENT_BODY) {
            free((void *)(uintptr_t)session->events[i].text);
        }
    }
    free(session->events);
}
