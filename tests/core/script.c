/* SPDX-License-Identifier: MIT */
/* Reads transcript files (transcripts/README.md). Calls nothing of the engine but its names. */
#define _POSIX_C_SOURCE 200809L
#include "script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const event_names[] = {"NEED_INPUT", "CHALLENGE", "LINE", "BODY",   "GREETING", "OK",
                                          "ERR",        "START_TLS", "END",  "CLOSED", "FAIL"};
static const char *const error_names[] = {"SUCCESS", "ARG", "STATE", "LIMIT", "PROTO", "REFUSED", "IO"};
static const char *const phase_names[] = {"GREETING",    "AUTHORIZATION", "USER_ACCEPTED", "TLS_PENDING",
                                          "TRANSACTION", "UPDATE",        "CLOSED",        "FAILED"};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const char *name_of(const char *const *names, size_t count, unsigned value) {
    return value < count ? names[value] : "?";
}

const char *script_event_name(unsigned type) {
    return name_of(event_names, COUNT(event_names), type);
}

const char *script_error_name(unsigned error) {
    return name_of(error_names, COUNT(error_names), error);
}

const char *script_phase_name(unsigned phase) {
    return name_of(phase_names, COUNT(phase_names), phase);
}

const char *script_verb_name(unsigned verb) {
    if (verb >= POP3_VERB_COUNT) {
        return "?";
    }
    return verb == POP3_GREETING ? "GREETING" : pop3_verb_name((pop3_verb)verb);
}

/* ---- words ---- */

struct cursor {
    const char *at;
    const char *path;
    unsigned line;
};

static bool complain(const struct cursor *cursor, const char *what) {
    fprintf(stderr, "%s:%u: %s at \"%s\"\n", cursor->path, cursor->line, what, cursor->at);
    return false;
}

static bool next_word(struct cursor *cursor, char *word, size_t size) {
    cursor->at += strspn(cursor->at, " ");
    size_t n = strcspn(cursor->at, " ");
    if (n == 0 || n >= size) {
        return false;
    }
    memcpy(word, cursor->at, n);
    word[n] = '\0';
    cursor->at += n;
    cursor->at += strspn(cursor->at, " ");
    return true;
}

static bool look_up(const char *const *names, size_t count, const char *word, unsigned *value) {
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(names[i], word) == 0) {
            *value = i;
            return true;
        }
    }
    return false;
}

static bool look_up_verb(const char *word, size_t n, unsigned *verb) {
    for (unsigned i = 0; i < POP3_VERB_COUNT; i++) {
        const char *name = script_verb_name(i);
        if (strlen(name) == n && memcmp(name, word, n) == 0) {
            *verb = i;
            return true;
        }
    }
    return false;
}

/* ---- texts ---- */

struct text {
    char *octets;
    size_t length;
    size_t room;
};

static void text_add(struct text *text, const char *octets, size_t n) {
    if (text->length + n > text->room) {
        text->room = 2 * (text->length + n) + 64;
        text->octets = realloc(text->octets, text->room);
        if (text->octets == NULL) {
            abort();
        }
    }
    if (n > 0) {
        memcpy(text->octets + text->length, octets, n);
    }
    text->length += n;
}

static bool read_hex(struct cursor *cursor, char *octet) {
    char digits[3] = {cursor->at[0], cursor->at[0] != '\0' ? cursor->at[1] : '\0', '\0'};
    char *end = NULL;
    unsigned long value = strtoul(digits, &end, 16);
    if (end != digits + 2) {
        return complain(cursor, "two hexadecimal digits expected");
    }
    *octet = (char)value;
    cursor->at += 2;
    return true;
}

static bool read_escape(struct cursor *cursor, char *octet) {
    static const char letters[] = "rnt0\\\"{";
    static const char octets[] = "\r\n\t\0\\\"{";
    char letter = *cursor->at++;
    if (letter == 'x') {
        return read_hex(cursor, octet);
    }
    const char *found = letter != '\0' ? strchr(letters, letter) : NULL;
    if (found == NULL) {
        cursor->at--;
        return complain(cursor, "unknown escape");
    }
    *octet = octets[found - letters];
    return true;
}

static bool read_octet(struct cursor *cursor, char *octet) {
    *octet = *cursor->at++;
    return *octet != '\\' || read_escape(cursor, octet);
}

/* `{text*count}`, the cursor behind the brace. Does not nest. */
static bool read_repeat(struct cursor *cursor, struct text *text) {
    struct text once = {0};
    bool good = true;
    while (good && *cursor->at != '*') {
        char octet = '\0';
        good = *cursor->at != '\0' && read_octet(cursor, &octet);
        text_add(&once, &octet, 1);
    }
    if (good) {
        char *end = NULL;
        unsigned long count = strtoul(cursor->at + 1, &end, 10);
        for (unsigned long i = 0; i < count; i++) {
            text_add(text, once.octets, once.length);
        }
        good = *end == '}';
        cursor->at = end + good;
    }
    free(once.octets);
    return good || complain(cursor, "`{text*count}` expected");
}

/* Up to the end of the line, or to the closing quote (which is passed). */
static bool read_text(struct cursor *cursor, struct text *text, bool quoted) {
    while (*cursor->at != '\0' && !(quoted && *cursor->at == '"')) {
        if (*cursor->at == '{') {
            cursor->at++;
            if (!read_repeat(cursor, text)) {
                return false;
            }
            continue;
        }
        char octet = '\0';
        if (!read_octet(cursor, &octet)) {
            return false;
        }
        text_add(text, &octet, 1);
    }
    if (quoted && *cursor->at++ != '"') {
        cursor->at--;
        return complain(cursor, "closing quote expected");
    }
    return true;
}

/* ---- lines ---- */

static void step_set_text(struct step *step, struct text *text) {
    text_add(text, "", 1); /* never NULL, and readable as a string */
    step->text = text->octets;
    step->length = text->length - 1;
}

static bool read_step_text(struct cursor *cursor, struct step *step, const char *line_end) {
    struct text text = {0};
    bool good = read_text(cursor, &text, false);
    text_add(&text, line_end, strlen(line_end));
    step_set_text(step, &text);
    return good;
}

static bool read_refused(struct cursor *cursor, struct step *step) {
    char word[32];
    if (!next_word(cursor, word, sizeof word) || !look_up(error_names, COUNT(error_names), word, &step->value)) {
        return complain(cursor, "error class expected");
    }
    return read_step_text(cursor, step, "");
}

static bool read_offset(const char *word, size_t *offset) {
    if (strcmp(word, "-") == 0) {
        *offset = SCRIPT_ANY_OFFSET;
        return true;
    }
    char *end = NULL;
    *offset = strtoul(word, &end, 10);
    return end != word && *end == '\0';
}

static bool read_event_word(const char *word, struct step *step) {
    unsigned ignored;
    if (strcmp(word, "more") == 0) {
        step->more = true;
    } else if (strcmp(word, "cut") == 0) {
        step->cut = true;
    } else if (look_up(error_names, COUNT(error_names), word, &ignored)) {
        step->error = ignored;
    } else {
        return look_up_verb(word, strlen(word), &step->verb);
    }
    return true;
}

static bool read_event(struct cursor *cursor, struct step *step) {
    char word[32];
    if (!next_word(cursor, word, sizeof word) || !read_offset(word, &step->offset) ||
        !next_word(cursor, word, sizeof word) || !look_up(event_names, COUNT(event_names), word, &step->value)) {
        return complain(cursor, "offset and event expected");
    }
    while (*cursor->at != '\0' && *cursor->at != '"') {
        if (!next_word(cursor, word, sizeof word) || !read_event_word(word, step)) {
            return complain(cursor, "verb, error class, `more` or `cut` expected");
        }
    }
    if (*cursor->at++ != '"') {
        return true;
    }
    struct text text = {0};
    bool good = read_text(cursor, &text, true);
    step_set_text(step, &text);
    return good;
}

static bool read_number(struct cursor *cursor, struct step *step) {
    char *end = NULL;
    step->value = (unsigned)strtoul(cursor->at, &end, 10);
    return end != cursor->at || complain(cursor, "number expected");
}

static bool read_name(struct cursor *cursor, struct step *step, const char *const *names, size_t count) {
    char word[32];
    return (next_word(cursor, word, sizeof word) && look_up(names, count, word, &step->value)) ||
           complain(cursor, "name expected");
}

static bool read_step(struct cursor *cursor, const char *keyword, struct step *step) {
    static const char *const keywords[] = {
        "S:", "s:", "C:", "X:", "A:", "Y:", "E:", "eof", "abort", "tls", "phase", "in-flight"};
    static const enum step_kind kinds[] = {
        STEP_SERVER, STEP_SERVER, STEP_COMMAND, STEP_COMMAND_REFUSED, STEP_ANSWER,   STEP_ANSWER_REFUSED, STEP_EVENT,
        STEP_EOF,    STEP_ABORT,  STEP_TLS,     STEP_PHASE,           STEP_IN_FLIGHT};
    unsigned which;
    if (!look_up(keywords, COUNT(keywords), keyword, &which)) {
        return complain(cursor, "unknown keyword before");
    }
    step->kind = kinds[which];
    switch (step->kind) {
    case STEP_SERVER: return read_step_text(cursor, step, keyword[0] == 'S' ? "\r\n" : "");
    case STEP_COMMAND:
    case STEP_ANSWER: return read_step_text(cursor, step, "");
    case STEP_COMMAND_REFUSED:
    case STEP_ANSWER_REFUSED: return read_refused(cursor, step);
    case STEP_EVENT: return read_event(cursor, step);
    case STEP_ABORT: return read_name(cursor, step, error_names, COUNT(error_names));
    case STEP_PHASE: return read_name(cursor, step, phase_names, COUNT(phase_names));
    case STEP_IN_FLIGHT: return read_number(cursor, step);
    case STEP_EOF:
    case STEP_TLS: return true;
    }
    return false;
}

static bool read_line_sizes(struct cursor *cursor, struct script *script) {
    char word[32];
    size_t n = 0;
    while (next_word(cursor, word, sizeof word) && n + 1 < SCRIPT_LINE_SIZES) {
        script->line_sizes[n++] = (uint16_t)strtoul(word, NULL, 10);
    }
    return n > 0 || complain(cursor, "sizes expected");
}

static bool read_line(struct script *script, struct cursor *cursor);

/* The keyword `login`: the shortest way into phase TRANSACTION, 15 octets from the server. */
/* NOLINTNEXTLINE(misc-no-recursion): none of these lines says login */
static bool read_login(struct script *script, const struct cursor *cursor) {
    static const char *const lines[] = {"S: +OK", "E: 5 GREETING \"\"", "C: USER u",
                                        "S: +OK", "E: 10 OK USER \"\"", "C: PASS p",
                                        "S: +OK", "E: 15 OK PASS \"\""};
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct cursor at = {lines[i], cursor->path, cursor->line};
        if (!read_line(script, &at)) {
            return false;
        }
    }
    return true;
}

static bool read_line(struct script *script, struct cursor *cursor) { /* NOLINT(misc-no-recursion): login is one deep */
    if (*cursor->at == '#' || *cursor->at == '\0') {
        return true;
    }
    char keyword[16];
    size_t n = strcspn(cursor->at, " ");
    if (n >= sizeof keyword) {
        return complain(cursor, "unknown keyword");
    }
    memcpy(keyword, cursor->at, n);
    keyword[n] = '\0';
    cursor->at += n + (cursor->at[n] == ' ');
    if (strcmp(keyword, "line") == 0) {
        return read_line_sizes(cursor, script);
    }
    if (strcmp(keyword, "login") == 0) {
        return read_login(script, cursor);
    }
    struct step step = {.line = cursor->line};
    bool good = read_step(cursor, keyword, &step);
    script->steps = realloc(script->steps, (script->count + 1) * sizeof step);
    if (script->steps == NULL) {
        abort();
    }
    script->steps[script->count++] = step;
    return good;
}

/* ---- what follows from the steps ---- */

static void join_stream(struct script *script) {
    struct text stream = {0};
    for (size_t i = 0; i < script->count; i++) {
        struct step *step = &script->steps[i];
        if (step->kind == STEP_SERVER) {
            text_add(&stream, step->text, step->length);
            step->offset = stream.length;
        }
    }
    text_add(&stream, "", 1);
    script->stream = stream.octets;
    script->stream_length = stream.length - 1;
}

/* Sizes of line[] that change nothing: every text fits with its indicator, a stuffed dot and its line end. */
static void choose_line_sizes(struct script *script) {
    static const uint16_t sizes[] = {POP3_LINE_MIN, 64, 104, 512, POP3_STATUS_MAX};
    size_t longest = 0, n = 0;
    for (size_t i = 0; i < script->count; i++) {
        const struct step *step = &script->steps[i];
        if (step->kind == STEP_EVENT && step->value != POP3_EVENT_BODY && step->length > longest) {
            longest = step->length;
        }
    }
    for (size_t i = 0; i < COUNT(sizes); i++) {
        if (sizes[i] >= longest + sizeof "-ERR \r\n" || sizes[i] == POP3_STATUS_MAX) {
            script->line_sizes[n++] = sizes[i];
        }
    }
}

static void judge_commands(struct script *script) {
    unsigned in_flight = 0;
    for (size_t i = 0; i < script->count; i++) {
        const struct step *step = &script->steps[i];
        if (step->kind == STEP_COMMAND && ++in_flight > script->max_in_flight) {
            script->max_in_flight = in_flight;
        }
        script->authenticates |= step->kind == STEP_COMMAND && strncmp(step->text, "AUTH", 4) == 0;
        bool ends = step->kind == STEP_EVENT &&
                    ((step->value == POP3_EVENT_OK && !step->more) || step->value == POP3_EVENT_ERR ||
                     step->value == POP3_EVENT_END || step->value == POP3_EVENT_START_TLS);
        in_flight -= ends && in_flight > 0;
    }
}

static void script_finish(struct script *script) {
    join_stream(script);
    judge_commands(script);
    if (script->line_sizes[0] == 0) {
        choose_line_sizes(script);
    }
}

static struct script *script_add(struct script **scripts, size_t *count) {
    *scripts = realloc(*scripts, (*count + 1) * sizeof **scripts);
    if (*scripts == NULL) {
        abort();
    }
    struct script *script = &(*scripts)[(*count)++];
    memset(script, 0, sizeof *script);
    return script;
}

static bool read_lines(FILE *file, struct cursor *cursor, struct script **scripts, size_t *count) {
    struct script *script = script_add(scripts, count);
    char *line = NULL;
    size_t room = 0;
    bool good = true;
    for (ssize_t n; good && (n = getline(&line, &room, file)) >= 0;) {
        line[n > 0 && line[n - 1] == '\n' ? n - 1 : n] = '\0';
        cursor->at = line;
        cursor->line++;
        if (strncmp(line, "---", 3) == 0) {
            script = script->count > 0 ? script_add(scripts, count) : script;
        } else {
            good = read_line(script, cursor);
        }
    }
    free(line);
    return good && script->count > 0;
}

size_t script_read(const char *path, struct script **scripts) {
    FILE *file = fopen(path, "r");
    size_t count = 0;
    *scripts = NULL;
    if (file == NULL) {
        perror(path);
        return 0;
    }
    struct cursor cursor = {.path = path};
    bool good = read_lines(file, &cursor, scripts, &count);
    (void)fclose(file);
    for (size_t i = 0; i < count; i++) {
        script_finish(&(*scripts)[i]);
    }
    if (!good) {
        fprintf(stderr, "%s: no transcript\n", path);
        script_free(*scripts, count);
    }
    return good ? count : 0;
}

void script_free(struct script *scripts, size_t count) {
    for (size_t k = 0; k < count; k++) {
        for (size_t i = 0; i < scripts[k].count; i++) {
            free(scripts[k].steps[i].text);
        }
        free(scripts[k].steps);
        free(scripts[k].stream);
    }
    free(scripts);
}

/* ---- C: lines ---- */

static uint32_t take_number(const char **at) {
    char *end = NULL;
    uint32_t value = (uint32_t)strtoul(*at, &end, 10);
    *at = end;
    return value;
}

static void take_texts(const char *at, const char *end, bool two, pop3_arg *arg) {
    const char *blank = two ? memchr(at, ' ', (size_t)(end - at)) : NULL;
    static char copies[2][4096]; /* NUL-ended */
    const char *text_end = blank != NULL ? blank : end;
    if (end - at >= (ptrdiff_t)sizeof copies[0]) {
        abort();
    }
    memset(copies, 0, sizeof copies);
    memcpy(copies[0], at, (size_t)(text_end - at));
    arg->text = copies[0];
    if (blank != NULL) {
        memcpy(copies[1], blank + 1, (size_t)(end - blank - 1));
        arg->second = copies[1];
    }
}

bool script_command(const struct step *step, pop3_verb *verb, pop3_arg *arg) {
    const char *at = step->text, *end = step->text + step->length;
    const char *blank = memchr(at, ' ', step->length);
    const char *word_end = blank != NULL ? blank : end;
    unsigned found;
    memset(arg, 0, sizeof *arg);
    if (!look_up_verb(at, (size_t)(word_end - at), &found)) {
        return false;
    }
    *verb = (pop3_verb)found;
    if (blank == NULL) {
        return true;
    }
    at = blank + 1;
    switch (*verb) {
    case POP3_LIST:
    case POP3_UIDL:
    case POP3_RETR:
    case POP3_DELE:
    case POP3_TOP:
        arg->number = take_number(&at);
        arg->lines = *verb == POP3_TOP ? take_number(&at) : 0;
        break;
    default: take_texts(at, end, *verb == POP3_APOP || *verb == POP3_AUTH, arg); break;
    }
    return true;
}
