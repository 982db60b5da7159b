/* SPDX-License-Identifier: MIT */
/* The server's table of verbs and its command parser. Refuses to share either with the client's engine. */
#define _POSIX_C_SOURCE 200809L

#include "serve/command.h"

#include <string.h>
#include <strings.h>

#define ANYWHERE (SERVE_AUTHORIZATION | SERVE_USER_GIVEN | SERVE_TRANSACTION)
#define LOGIN (SERVE_AUTHORIZATION | SERVE_USER_GIVEN)

struct verb_row {
    const char *name;
    uint8_t least; /* arguments */
    uint8_t most;
    bool rest_of_line; /* blanks belong to the only argument (RFC 1939 section 7, PASS) */
    uint8_t shown;     /* arguments that may be shown; the rest are secrets */
    uint8_t phases;
};

static const struct verb_row verbs[SERVE_UNKNOWN] = {
    [SERVE_GREETING] = {"GREETING", 0, 0, false, 0, 0},
    [SERVE_APOP] = {"APOP", 2, 2, false, 1, LOGIN},
    [SERVE_AUTH] = {"AUTH", 1, 2, false, 1, LOGIN},
    [SERVE_CAPA] = {"CAPA", 0, 0, false, 0, ANYWHERE},
    [SERVE_DELE] = {"DELE", 1, 1, false, 1, SERVE_TRANSACTION},
    [SERVE_LIST] = {"LIST", 0, 1, false, 1, SERVE_TRANSACTION},
    [SERVE_NOOP] = {"NOOP", 0, 0, false, 0, SERVE_TRANSACTION},
    [SERVE_PASS] = {"PASS", 1, 1, true, 0, SERVE_USER_GIVEN},
    [SERVE_QUIT] = {"QUIT", 0, 0, false, 0, ANYWHERE},
    [SERVE_RETR] = {"RETR", 1, 1, false, 1, SERVE_TRANSACTION},
    [SERVE_RSET] = {"RSET", 0, 0, false, 0, SERVE_TRANSACTION},
    [SERVE_STAT] = {"STAT", 0, 0, false, 0, SERVE_TRANSACTION},
    [SERVE_STLS] = {"STLS", 0, 0, false, 0, LOGIN},
    [SERVE_TOP] = {"TOP", 2, 2, false, 2, SERVE_TRANSACTION},
    [SERVE_UIDL] = {"UIDL", 0, 1, false, 1, SERVE_TRANSACTION},
    [SERVE_USER] = {"USER", 1, 1, false, 1, LOGIN},
};

enum serve_verb serve_verb_find(const char *name, size_t size) {
    for (int i = 0; i < SERVE_UNKNOWN; i++) {
        if (strlen(verbs[i].name) == size && strncasecmp(verbs[i].name, name, size) == 0) {
            return (enum serve_verb)i;
        }
    }
    return SERVE_UNKNOWN;
}

const char *serve_verb_name(enum serve_verb verb) {
    return verbs[verb].name;
}

static size_t word_length(const char *text, size_t size) {
    const char *blank = size > 0 ? memchr(text, ' ', size) : NULL;

    return blank != NULL ? (size_t)(blank - text) : size;
}

/* What a client may send as a verb: GREETING only looks like one. */
static enum serve_verb verb_of_line(const char *line, size_t size) {
    enum serve_verb verb = serve_verb_find(line, word_length(line, size));

    return verb == SERVE_GREETING ? SERVE_UNKNOWN : verb;
}

static bool has_control(const char *line, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7F) {
            return true;
        }
    }
    return false;
}

/* Arguments are separated by exactly one blank (RFC 1939 section 3). */
static enum serve_syntax split(const char *rest, size_t size, const struct verb_row *row,
                               struct serve_command *command) {
    while (size > 0) {
        rest++; /* the blank */
        size--;
        size_t length = row->rest_of_line ? size : word_length(rest, size);

        if (length == 0 || command->count == row->most) {
            return SERVE_SYNTAX_ARGUMENTS;
        }
        command->argument[command->count++] = (struct serve_span){rest, length};
        rest += length;
        size -= length;
    }
    return command->count < row->least ? SERVE_SYNTAX_ARGUMENTS : SERVE_SYNTAX_OK;
}

enum serve_syntax serve_command_parse(const char *line, size_t size, struct serve_command *command) {
    size_t length = word_length(line, size);

    *command = (struct serve_command){.verb = verb_of_line(line, size)};
    if (has_control(line, size)) {
        return SERVE_SYNTAX_OCTETS;
    }
    if (command->verb == SERVE_UNKNOWN) {
        return SERVE_SYNTAX_UNKNOWN;
    }
    command->phases = verbs[command->verb].phases;
    return split(line + length, size - length, &verbs[command->verb], command);
}

/* An unknown keyword is shown only if it can be one (RFC 1939: three or four letters): it might be a password. */
static bool looks_like_keyword(const char *word, size_t size) {
    for (size_t i = 0; i < size; i++) {
        char letter = (char)(word[i] | 0x20);

        if (letter < 'a' || letter > 'z') {
            return false;
        }
    }
    return size == 3 || size == 4;
}

size_t serve_command_public(const char *line, size_t size) {
    enum serve_verb verb = verb_of_line(line, size);
    size_t shown = word_length(line, size);

    if (verb == SERVE_UNKNOWN) {
        return looks_like_keyword(line, shown) ? shown : 0;
    }
    if (verbs[verb].shown == verbs[verb].most) {
        return size;
    }
    for (unsigned i = 0; i < verbs[verb].shown && shown < size; i++) {
        shown += 1 + word_length(line + shown + 1, size - shown - 1);
    }
    return shown;
}

bool serve_number_parse(struct serve_span text, uint64_t *number) {
    uint64_t value = 0;

    for (size_t i = 0; i < text.size; i++) {
        unsigned digit = (unsigned char)text.data[i] - (unsigned)'0';

        if (digit > 9 || value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *number = value;
    return text.size > 0;
}
